package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/webhook"
)

// Desk proves and unpacks what mail providers post.
type Desk interface {
	Takes(provider string, source netip.Addr) error
	Open(ctx context.Context, provider string, r webhook.Request) (webhook.Post, error)
	Kept(ctx context.Context, p webhook.Post)
}

// Arrivals keep what comes in, for good, before they return; the same once more
// changes nothing.
type Arrivals interface {
	Receive(ctx context.Context, a inbound.Arrival) error
}

// Nothing of a post is proved before all of it is read, so anybody may begin one.
// Most are small; a large one takes one of a few places, and who is slow loses it.
const (
	inboundSmall    = 256 << 10 // bytes of a post that is not large
	inboundSmalls   = 64        // small posts that are held in memory at a time
	inboundLarges   = 4         // large ones, each of up to 200 MB while it is kept
	inboundOverall  = 1000      // posts a second
	inboundTakes    = time.Minute
	inboundPatience = 10 * time.Second // until a post must have begun to come
	inboundPace     = 64 << 10         // bytes a second that it must come at
)

// inboundPost takes what a provider posts. It is acknowledged once it is kept:
// any other answer makes the provider post it again.
func (s *site) inboundPost(w http.ResponseWriter, r *http.Request) error {
	if s.Desk == nil {
		return refusal(http.StatusNotFound)
	}
	if s.Limits != nil {
		if wait := s.Limits.Allow(r.Context(), "inbound", inboundOverall, time.Second); wait > 0 {
			return tooMany{wait}
		}
	}
	source, _ := netip.ParseAddr(s.origin.address(r))
	provider := r.PathValue("provider")
	if err := s.Desk.Takes(provider, source); err != nil {
		return s.inboundRefused(r, err)
	}
	leave, err := s.inboundPlace(r)
	if err != nil {
		return refusal(http.StatusServiceUnavailable)
	}
	defer leave()
	// A mail takes longer than a form; where time limits cannot be moved they stay.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(inboundTakes + inboundPatience))
	body, err := readBriskly(w, r)
	if err != nil {
		return err
	}
	post, err := s.Desk.Open(r.Context(), provider, webhook.Request{Header: r.Header, Body: body, Source: source})
	if err != nil {
		return s.inboundRefused(r, err)
	}
	for _, a := range post.Arrivals {
		if err := s.Arrivals.Receive(r.Context(), a); err != nil {
			return err
		}
	}
	s.Desk.Kept(r.Context(), post)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "kept\n")
	return nil
}

// inboundPlace waits for a place to hold a post in.
func (s *site) inboundPlace(r *http.Request) (leave func(), err error) {
	from := s.origin.source(r)
	if ourselves(from) { // or a proxy that nobody named, behind which all are one
		from = ""
	}
	if r.ContentLength >= 0 && r.ContentLength <= inboundSmall {
		return s.smallPosts.enter(r.Context(), from)
	}
	return s.largePosts.enter(r.Context(), from)
}

// readBriskly reads a post that must come at a pace.
func readBriskly(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	now, control := time.Now(), http.NewResponseController(w)
	body, err := io.ReadAll(&brisk{from: http.MaxBytesReader(w, r.Body, webhook.MaxBody), limit: control.SetReadDeadline,
		until: now.Add(inboundPatience), last: now.Add(inboundTakes)})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, refusal(http.StatusServiceUnavailable) // it may come again
	}
	if err != nil {
		return nil, bodyFault(err)
	}
	// What is left of the time is ours: a limit that passes would end the request.
	_ = control.SetReadDeadline(now.Add(inboundTakes + inboundPatience))
	return body, nil
}

// brisk moves the moment on until which it may take to read, with all that comes.
type brisk struct {
	from        io.Reader
	limit       func(time.Time) error // of the connection; where it cannot be moved it stays
	until, last time.Time
}

func (b *brisk) Read(p []byte) (int, error) {
	_ = b.limit(b.until)
	n, err := b.from.Read(p)
	b.until = b.until.Add(time.Duration(n) * time.Second / inboundPace)
	if b.until.After(b.last) {
		b.until = b.last
	}
	return n, err
}

// inboundRefused is the answer to a post that was not taken.
func (s *site) inboundRefused(r *http.Request, err error) error {
	status := http.StatusServiceUnavailable // trouble of ours or theirs: it shall come again
	switch {
	case errors.Is(err, webhook.ErrClosed):
		return refusal(http.StatusNotFound)
	case errors.Is(err, webhook.ErrForged), errors.Is(err, webhook.ErrStale):
		status = http.StatusForbidden
	case errors.Is(err, webhook.ErrReplayed):
		status = http.StatusConflict
	case errors.Is(err, webhook.ErrMalformed):
		status = http.StatusBadRequest
	}
	s.Log.WarnContext(r.Context(), "post of a provider not taken", slog.Int("status", status), slog.Any("error", err))
	return refusal(status)
}
