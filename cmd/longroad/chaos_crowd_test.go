package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// The course of the suite: lessons two seconds apart, the first of them open,
// the others gated, at any hour.
const chaosCourse = "trial"

var (
	openLessons  = []string{"o1", "o2", "o3", "o4"} // o3 and o4 ask
	gatedLessons = []string{"g1", "g2", "g3", "g4"} // all ask but the last
	hoursLessons = manyLessons(160)                 // more than its window has room for
)

// theEnd is the subject of the mail after the last letter.
const theEnd = "the end"

var trialCourse = func() map[string]string {
	files := map[string]string{"course.yaml": fmt.Sprintf(`course: %s
title: A trial
language: en
sender: Trial Letters
window: {days: [mon, tue, wed, thu, fri, sat, sun], at: "00:00", until: "24:00"}
per_day: 1000
tracks:
  walker:
    title: Walker
    stages:
      - {id: open, title: Open, gap: 2s, gate: none, lessons: [%s]}
      - {id: gated, title: Gated, gap: 2s, gate: ready, lessons: [%s]}
`, chaosCourse, strings.Join(openLessons, ", "), strings.Join(gatedLessons, ", "))}
	for _, id := range append(append([]string(nil), openLessons...), gatedLessons...) {
		files["walker/"+id+".md"] = lessonFile(id, id != "o1" && id != "o2" && id != "g4")
	}
	files["_mails/end.md"] = "---\nsubject: " + theEnd + "\n---\nDear reader, that was all.\n"
	return files
}()

func lessonFile(id string, asks bool) string {
	front := "id: " + id + "\nsubject: " + id + "\n"
	if asks {
		front += "check_in: {question: Ready?}\n"
	}
	return "---\n" + front + "---\nDear {{.Name | or \"reader\"}}, letter " + id + ".\n"
}

func manyLessons(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("h%03d", i)
	}
	return ids
}

// crowd is the readers of a run. Each signs up, confirms, and answers what asks
// for an answer; each keeps trying while the pages are away.
type crowd struct {
	t     *testing.T
	fleet *fleet
	http  http.Client
	busy  chan struct{} // how many presses are under way at once
	under sync.WaitGroup

	mu      sync.Mutex
	pressed map[string]bool // pages that need no second press
}

// group is the readers of one phase.
type group struct {
	crowd  *crowd
	course string
	name   string
	zone   string

	mu      sync.Mutex
	readers []string
}

func newCrowd(t *testing.T, f *fleet) *crowd {
	c := &crowd{t: t, fleet: f, http: http.Client{Timeout: 20 * time.Second}, busy: make(chan struct{}, 16), pressed: map[string]bool{}}
	t.Cleanup(c.under.Wait)
	return c
}

func (c *crowd) group(course, name string) *group {
	return &group{crowd: c, course: course, name: strings.ToLower(strings.ReplaceAll(name, " ", "-")), zone: "Europe/London"}
}

// join lets n readers sign up.
func (c *crowd) join(course, name string, n int) *group {
	g := c.group(course, name)
	g.add(n)
	return g
}

// comes lets n more readers sign up every so often, until ctx ends.
func (c *crowd) comes(ctx context.Context, g *group, n int, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		g.add(n)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (g *group) add(n int) {
	for range n {
		g.mu.Lock()
		address := fmt.Sprintf("%s-%d@example.org", g.name, len(g.readers))
		g.readers = append(g.readers, address)
		g.mu.Unlock()
		body, _ := json.Marshal(map[string]any{"course": g.course, "track": "walker", "email": address, "time_zone": g.zone, "adult": true, "consent": true})
		g.crowd.send("/api/v1/subscriptions", "application/json", string(body), http.StatusAccepted)
	}
}

// has tells whose address is of this group.
func (g *group) has(address string) bool {
	rest, ok := strings.CutPrefix(address, g.name+"-")
	return ok && rest != "" && rest[0] >= '0' && rest[0] <= '9'
}

func (g *group) all() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.readers...)
}

var pressLink = regexp.MustCompile(regexp.QuoteMeta(atHome) + `(/(?:confirm|checkin)/[a-z2-7]+)`)

// reads lets a reader do what a mail asks for, at every copy that comes.
func (c *crowd) reads(m kept) {
	link := pressLink.FindStringSubmatch(m.text)
	if link == nil {
		return
	}
	form := url.Values{}
	if strings.HasPrefix(link[1], "/checkin/") {
		intent := c.says(m)
		if intent == "" {
			return
		}
		form.Set("intent", intent)
		form.Set("seen", "0.1") // a second press of repeat is not heard
	}
	c.send(link[1], "application/x-www-form-urlencoded", form.Encode(), http.StatusOK)
}

// says is what a reader answers: half of them leave o3 unanswered, which makes
// the road to o4 longer, and some want g2 once more.
func (c *crowd) says(m kept) string {
	h := fnv.New32a()
	io.WriteString(h, m.to)
	kind := h.Sum32() >> 8
	switch m.subject {
	case "o3":
		if kind%2 == 0 {
			return ""
		}
	case "g2":
		c.mu.Lock()
		defer c.mu.Unlock()
		if first := !c.pressed[m.to]; kind%7 == 0 && (first || c.pressed[m.id]) {
			c.pressed[m.to], c.pressed[m.id] = true, true
			return "repeat"
		}
	case "o4", "g1", "g3":
	default:
		return ""
	}
	return "ready"
}

// send posts to the pages until one of them answers as it should.
func (c *crowd) send(path, contentType, body string, want int) {
	ctx := c.t.Context()
	c.under.Go(func() {
		select {
		case c.busy <- struct{}{}:
			defer func() { <-c.busy }()
		case <-ctx.Done():
			return
		}
		again := time.NewTicker(300 * time.Millisecond)
		defer again.Stop()
		for turn := 0; ctx.Err() == nil; turn++ {
			for i := range c.fleet.pages() {
				pages := c.fleet.pages()
				if len(pages) == 0 {
					break
				}
				status, answer := c.post(ctx, pages[(turn+i)%len(pages)]+path, contentType, body)
				if status == want {
					return
				}
				if status >= 400 && status < 500 {
					c.t.Errorf("%s answers %d: %s", path[:9], status, answer)
					return
				}
			}
			select {
			case <-again.C:
			case <-ctx.Done():
			}
		}
	})
}

// post gives the status; 0 where nobody answers.
func (c *crowd) post(ctx context.Context, url, contentType, body string) (int, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, ""
	}
	req.Header.Set("Content-Type", contentType)
	answer, err := c.http.Do(req)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 2000))
	return answer.StatusCode, string(text)
}
