package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/webhook"
)

// Desk proves and unpacks what mail providers post.
type Desk interface {
	Open(ctx context.Context, provider string, r webhook.Request) (webhook.Post, error)
	Kept(ctx context.Context, p webhook.Post)
}

// Arrivals keep what comes in, for good, before they return; the same once more
// changes nothing.
type Arrivals interface {
	Receive(ctx context.Context, a inbound.Arrival) error
}

const (
	inboundAtOnce  = 8    // posts that are held in memory at a time
	inboundOverall = 1000 // posts a second
	inboundTakes   = time.Minute
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
	select {
	case s.inbound <- struct{}{}:
		defer func() { <-s.inbound }()
	case <-r.Context().Done():
		return refusal(http.StatusServiceUnavailable)
	}
	// A mail takes longer than a form; where time limits cannot be moved they stay.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(inboundTakes))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.MaxBody))
	if err != nil {
		return bodyFault(err)
	}
	source, _ := netip.ParseAddr(s.origin.address(r))
	provider := r.PathValue("provider")
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
