package journey_test

import (
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/store"
	"longroad/internal/token"
)

// A stranger who writes of danger over and over drowns nobody: of what belongs to
// no reader one alert an hour and level is told, and what does comes first.
func TestAlertFlood(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("reader@example.org")
	alert := func(level string, about *int64) {
		must(t, h.road.Store.InTx(t.Context(), h.now, func(tx *store.Tx) error {
			return tx.AddAlert(t.Context(), store.Alert{Ref: token.NewRef(), Category: "fear", Level: level, SubscriptionID: about})
		}))
	}
	told := func() (matched, others int) {
		for {
			all, err := h.road.TakeAlerts(t.Context(), 1, journey.Channels{Mail: true})
			must(t, err)
			if len(all) == 0 {
				return matched, others
			}
			must(t, h.road.AlertTold(t.Context(), all[0], journey.Channels{Mail: true}, journey.Channels{Mail: true}))
			if all[0].Subscription == nil {
				others++
			} else if matched++; others > 0 {
				t.Error("a stranger's was told before a reader's")
			}
		}
	}
	for range 50 {
		alert("alarm", nil)
		alert("gentle", nil)
		h.now = h.now.Add(time.Second)
	}
	alert("alarm", &sub.ID)
	alert("alarm", &sub.ID)
	if matched, others := told(); matched != 2 || others != 2 {
		t.Errorf("told are %d of readers and %d others", matched, others)
	}
	for range 5 { // a flood that lasts
		h.now = h.now.Add(20 * time.Minute)
		alert("alarm", nil)
	}
	if matched, others := told(); matched != 0 || others != 1 {
		t.Errorf("after another hour %d and %d", matched, others)
	}
	if all, err := h.road.Alerts(t.Context(), 200); err != nil || len(all) != 107 {
		t.Errorf("the page lists %d, %v", len(all), err)
	}
}
