package journey_test

import (
	"fmt"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/token"
)

var both = journey.Channels{Mail: true, Post: true}

// takes lists what the operator is to be told of now.
func (p *post) takes(by journey.Channels) []journey.Telling {
	p.t.Helper()
	all, err := p.road.TakeAlerts(p.t.Context(), 10, by)
	must(p.t, err)
	return all
}

// An alert is told at least once: who dies on the way leaves it to the next, what
// fails is tried again, and what went by one way is not told by it again.
func TestAlertsAreTold(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	p.writes(p.last(sub), "", said["fear"]["alarm"])
	if got := p.takes(journey.Channels{}); got != nil {
		t.Errorf("told by no way: %v", got)
	}
	took := p.takes(both) // and dies
	if len(took) != 1 || took[0].Channels != both || took[0].Subscription == nil || *took[0].Subscription != sub.Ref {
		t.Fatalf("taken: %+v", took)
	}
	if got := p.takes(both); len(got) != 0 {
		t.Errorf("taken twice at once: %+v", got)
	}
	for i, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
		p.now = p.now.Add(wait - time.Second)
		if got := p.takes(both); len(got) != 0 {
			t.Fatalf("try %d came early", i)
		}
		p.now = p.now.Add(time.Second)
		if took = p.takes(both); len(took) != 1 {
			t.Fatalf("try %d: %+v", i, took)
		}
		must(t, p.road.AlertTold(t.Context(), took[0], journey.Channels{}, both)) // neither way worked
	}
	must(t, p.road.AlertTold(t.Context(), took[0], journey.Channels{Mail: true}, both))
	p.now = p.now.Add(15 * time.Minute)
	if took = p.takes(both); len(took) != 1 || took[0].Channels != (journey.Channels{Post: true}) {
		t.Fatalf("after the mail has gone: %+v", took)
	}
	must(t, p.road.AlertTold(t.Context(), took[0], journey.Channels{Post: true}, both))
	p.now = p.now.Add(time.Hour)
	if got := p.takes(both); len(got) != 0 {
		t.Errorf("told again: %+v", got)
	}
}

// An alarm that nobody has seen is mailed again once a day, until somebody says
// so; a gentle verdict never.
func TestAlarmIsToldDaily(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub, gentle := p.reader("ann@example.org"), p.reader("bo@example.org")
	p.writes(p.last(sub), "", said["fear"]["alarm"])
	p.writes(p.last(gentle), "", said["fear"]["gentle"])
	var ref token.Ref
	told := ""
	for hour := range 24 * 5 {
		if hour == 4*24-1 {
			must(t, p.road.SeeAlert(t.Context(), ref))
			must(t, p.road.SeeAlert(t.Context(), ref))
		}
		for _, a := range p.takes(both) {
			if a.Level == "alarm" {
				ref = a.Ref
			}
			told += fmt.Sprintf("%d %s %v; ", hour, a.Level, a.Channels)
			must(t, p.road.AlertTold(t.Context(), a, a.Channels, both))
		}
		p.now = p.now.Add(time.Hour)
	}
	if want := "0 alarm {true true}; 0 gentle {true true}; 24 alarm {true false}; 48 alarm {true false}; 72 alarm {true false}; "; told != want {
		t.Errorf("told %s, want %s", told, want)
	}
	all, err := p.road.Alerts(t.Context(), 10)
	must(t, err)
	if len(all) != 2 || all[0].Level != "gentle" || !all[0].SeenAt.IsZero() || all[1].SeenAt.IsZero() || !all[1].Halted {
		t.Errorf("%+v", all)
	}
}
