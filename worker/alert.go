package worker

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/token"
)

// Operator is how the operator is told that a reply tells of danger, beside the
// operator's page. Neither way names a category, a word or a reader.
type Operator struct {
	Mail    string // a bare address; "" for no mail
	Webhook string // https, or http on this machine; "" for none
	Secret  string // signs what is posted there
}

// The header fields of what is posted to the operator. The signature is the
// HMAC-SHA256, in hexadecimal, of the timestamp, a newline and the body.
const (
	HookTimestamp = "Longroad-Timestamp" // seconds since 1970
	HookSignature = "Longroad-Signature"
)

const (
	tellFor  = 45 * time.Second // how long telling by one way may take
	postFor  = 10 * time.Second
	mostTold = 20 // alerts a tick
)

func (o Operator) channels() journey.Channels {
	return journey.Channels{Mail: o.Mail != "", Post: o.Webhook != ""}
}

// hookClient follows no redirect: what is signed goes to where it is meant to go.
func hookClient() *http.Client {
	return &http.Client{Timeout: postFor, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// alerts tells the operator of alerts until ctx ends, whether or not letters can
// go: the mail server may refuse only them.
func (w *Worker) alerts(ctx context.Context) {
	if w.Operator.channels() == (journey.Channels{}) {
		return
	}
	t := time.NewTicker(w.Tick)
	defer t.Stop()
	for {
		if err := w.tellAlerts(ctx); err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "telling the operator failed, the next tick tries again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// tellAlerts tells of those whose time has come, one after the other, so that none
// waits for its turn longer than until it may be taken anew.
func (w *Worker) tellAlerts(ctx context.Context) error {
	for range mostTold {
		taken, err := w.Road.TakeAlerts(ctx, 1, w.Operator.channels())
		if err != nil || len(taken) == 0 {
			return err
		}
		if err := w.tellAlert(ctx, taken[0]); err != nil {
			return err
		}
	}
	return nil
}

// tellAlert tells of one alert by all ways at once: neither waits for the other.
func (w *Worker) tellAlert(ctx context.Context, t journey.Telling) error {
	telling, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	var told journey.Channels
	var ways sync.WaitGroup
	if t.Mail {
		ways.Go(func() { told.Mail = w.told(telling, t, "mail", w.mailAlert) })
	}
	if t.Post {
		ways.Go(func() { told.Post = w.told(telling, t, "webhook", w.postAlert) })
	}
	ways.Wait()
	// What was told is written down even if the worker ends meanwhile.
	noting, stop := context.WithTimeout(context.WithoutCancel(ctx), tellFor)
	defer stop()
	return w.Road.AlertTold(noting, t, told, w.Operator.channels())
}

// told tells by one way and reports whether that worked.
func (w *Worker) told(ctx context.Context, t journey.Telling, way string, tell func(context.Context, journey.Telling) error) bool {
	err := tell(ctx, t)
	log := w.Log.With(slog.String("alert", t.Ref.String()), slog.String("level", t.Level), slog.String("way", way), slog.Int("try", t.Tries))
	if err != nil {
		log.ErrorContext(ctx, "the operator was not told of an alert, it is tried again", slog.Any("error", err))
		return false
	}
	log.InfoContext(ctx, "the operator was told of an alert")
	return true
}

// mailAlert mails the operator. Every try of one telling has the same Message-ID.
func (w *Worker) mailAlert(ctx context.Context, t journey.Telling) error {
	sum := sha256.Sum256(fmt.Appendf(nil, "longroad alert\x00%s\x00%d", t.Ref, t.MailedAt.Unix()))
	e, err := w.Composer.Alert(mailer.Alert{
		To: w.Operator.Mail, Ref: t.Ref.String(), Alarm: t.Alarm(), Matched: t.Subscription != nil, At: t.At,
		Page: w.Addresses.BaseURL + "/operator/", Date: w.Now(), MessageID: hex.EncodeToString(sum[:12]) + "@" + w.Road.Domain,
	})
	if err != nil {
		return err
	}
	if e.Raw, err = w.Sign(e.Raw); err != nil {
		return errors.New("the mail cannot be signed")
	}
	if o := w.AccountSender.Send(ctx, e); o.Result != mailer.ResultSent {
		return fmt.Errorf("the mail server did not take it: %s %d %s", o.Result, o.Code, o.Enhanced) // its words may hold an address
	}
	return nil
}

// hookBody is what is posted to the operator.
type hookBody struct {
	Alert        string    `json:"alert"`
	Level        string    `json:"level"`
	Subscription *string   `json:"subscription"` // null: it could not be matched
	At           time.Time `json:"at"`
}

// postAlert posts to the operator's webhook; any 2xx takes it over.
func (w *Worker) postAlert(ctx context.Context, t journey.Telling) error {
	body, err := json.Marshal(hookBody{t.Ref.String(), t.Level, refText(t.Subscription), t.At})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Operator.Webhook, bytes.NewReader(body))
	if err != nil {
		return errors.New("the webhook's address is malformed")
	}
	at := strconv.FormatInt(time.Now().Unix(), 10) // real time: the receiver compares it with its own
	mac := hmac.New(sha256.New, []byte(w.Operator.Secret))
	mac.Write([]byte(at + "\n"))
	mac.Write(body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "longroad")
	r.Header.Set(HookTimestamp, at)
	r.Header.Set(HookSignature, hex.EncodeToString(mac.Sum(nil)))
	answer, err := w.hook.Do(r)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // the address may hold a secret
		}
		return fmt.Errorf("the webhook does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the webhook answers with status %d", answer.StatusCode)
	}
	return nil
}

func refText(r *token.Ref) *string {
	if r == nil {
		return nil
	}
	text := r.String()
	return &text
}
