package journey_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/store"
)

// silent nudges nobody.
type silent struct{}

func (silent) NudgeIntake(context.Context, int64) error             { return nil }
func (silent) NudgeReply(context.Context, int64) error              { return nil }
func (silent) NudgeDeliveries(context.Context, []store.Nudge) error { return nil }

// BenchmarkArrivals keeps 2,000 replies of 100 readers, by eight connections, and
// reads them, by the four tasks that a worker has for it; run it with
// -benchtime 1x.
func BenchmarkArrivals(b *testing.B) {
	const readers, mails = 100, 2000
	for b.Loop() {
		b.StopTimer()
		p := newPost(b)
		var letters []store.Delivery
		for i := range readers {
			letters = append(letters, p.last(p.reader(fmt.Sprintf("reader-%d@example.org", i))))
		}
		p.road.Nudger, p.road.Heard = silent{}, nil
		said := []string{"not yet, sorry, it's been a hard week", "thank you for this letter", "slower please", "I think about it each day and it helps"}
		b.StartTimer()
		began := time.Now()
		inParallel(8, mails, func(i int) {
			must(b, p.road.Receive(b.Context(), inbound.Arrival{Way: "lmtp", From: "ann@example.org", To: p.replyTo(letters[i%readers]),
				Raw: []byte(reply(fmt.Sprintf("Message-ID: <%d@example.org>\n", i), said[i%len(said)]+"\n\nOn Sat, 2 Jan 2027 at 09:00, Letters <letters@letters.example.org> wrote:\n"+strings.Repeat("> a line of the letter that is quoted here\n", 80)))}))
		})
		b.ReportMetric(mails/time.Since(began).Seconds(), "kept/s")
		ids := p.all()
		began = time.Now()
		inParallel(4, len(ids), func(i int) { must(b, p.road.Read(b.Context(), ids[i])) })
		b.ReportMetric(float64(len(ids))/time.Since(began).Seconds(), "read/s")
		if len(ids) != mails || len(p.unread()) != 0 {
			b.Fatalf("%d kept, %d unread", len(ids), len(p.unread()))
		}
	}
}

// all is every arrival that nobody has read.
func (p *post) all() (ids []int64) {
	p.t.Helper()
	must(p.t, p.road.Store.InTx(p.t.Context(), p.now.AddDate(1, 0, 0), func(tx *store.Tx) (err error) {
		ids, err = tx.NudgeReplies(p.t.Context(), 1_000_000)
		return err
	}))
	return ids
}

func inParallel(workers, n int, do func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}

// BenchmarkLargeArrival keeps and reads a mail of 16 MB, and tells how much memory
// one takes at most, beside what the garbage collector lets lie.
func BenchmarkLargeArrival(b *testing.B) {
	p := newPost(b)
	d := p.last(p.reader("ann@example.org"))
	p.road.Nudger, p.road.Heard = silent{}, nil
	raw := []byte("From: Ann <ann@example.org>\nMessage-ID: <large@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nnot yet\n--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" +
		strings.Repeat(strings.Repeat("QUJD", 18)+"\n", (16<<20-1000)/73) + "--b--\n")
	n := 0
	for b.Loop() {
		n++
		a := inbound.Arrival{Way: "lmtp", To: p.replyTo(d), Raw: bytes.Replace(raw, []byte("large@"), fmt.Appendf(nil, "large-%d@", n), 1)}
		began := time.Now()
		b.ReportMetric(peak(func() { must(b, p.road.Receive(b.Context(), a)) }), "MB-to-keep")
		b.ReportMetric(time.Since(began).Seconds(), "s-to-keep")
		for _, id := range p.all() {
			began = time.Now()
			b.ReportMetric(peak(func() { must(b, p.road.Read(b.Context(), id)) }), "MB-to-read")
			b.ReportMetric(time.Since(began).Seconds(), "s-to-read")
		}
	}
}

// peak is how many megabytes the heap has grown by at most.
func peak(do func()) float64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most, done := uint64(0), make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	})
	do()
	close(done)
	watch.Wait()
	return float64(most-min(most, before.HeapAlloc)) / (1 << 20)
}

var _ journey.Nudger = silent{}
