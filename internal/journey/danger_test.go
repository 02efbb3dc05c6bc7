package journey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// said is a sentence of each category, plain and denied.
var said = map[string]map[string]string{
	"self-harm":         {"alarm": "I want to kill myself.", "gentle": "I don't want to kill myself."},
	"violence-by-other": {"alarm": "He hit me last night.", "gentle": "He has never hit me."},
	"violence-by-self":  {"alarm": "I hit her last night.", "gentle": "I have never hit her."},
	"child-at-risk":     {"alarm": "He hits the children.", "gentle": "He does not hit the children."},
	"fear":              {"alarm": "I am afraid of him.", "gentle": "I am not afraid of him any more."},
}

// writes lets the reader of a mail answer it.
func (p *post) writes(d store.Delivery, headers, text string) string {
	p.t.Helper()
	return p.comes(p.replyTo(d), reply(headers, text))
}

// alerts lists those that there are, the newest last: level, category, matched or
// not, what became of the help lines.
func (p *post) alerts() []string {
	p.t.Helper()
	all, err := p.road.Alerts(p.t.Context(), 1000)
	must(p.t, err)
	var lines []string
	for _, a := range all {
		line := a.Level + " " + a.Category
		if a.Subscription == nil {
			line += " not matched"
		}
		if a.Halted {
			line += " halted"
		}
		if a.Help != "" {
			line += " help " + a.Help
		}
		lines = append(lines, line)
	}
	return lines
}

// help is the mails with help lines of a subscription and their states.
func (p *post) help(sub store.Subscription) string {
	p.t.Helper()
	all, err := p.road.Store.DeliveriesOf(p.t.Context(), sub.ID)
	must(p.t, err)
	var states []string
	for _, d := range all {
		if d.Kind() == store.ResourcesStep {
			states = append(states, string(d.State))
		}
	}
	return strings.Join(states, ", ")
}

// wants changes what may come by mail.
func (p *post) wants(sub store.Subscription, crisisMail string) {
	p.t.Helper()
	_, _, err := p.road.Prefer(p.t.Context(), sub.Ref, func(k *journey.Preferences) { k.CrisisMail = crisisMail })
	must(p.t, err)
}

// stands puts a subscription into a status.
func (p *post) stands(sub store.Subscription, status pacing.Status) {
	p.t.Helper()
	if status == pacing.Suppressed {
		must(p.t, p.road.Suppress(p.t.Context(), sub.Email, "operator", journey.ByOperator))
		return
	}
	must(p.t, p.road.Store.InTx(p.t.Context(), p.now, func(tx *store.Tx) error {
		locked, err := tx.LockSubscription(p.t.Context(), sub.ID)
		if err != nil {
			return err
		}
		locked.State.Status, locked.State.DueAt, locked.State.Next = status, time.Time{}, nil
		if status.Ended() {
			locked.EndedAt = p.now.Add(-time.Hour)
		}
		return tx.SaveSubscriptions(p.t.Context(), []store.Subscription{locked})
	}))
}

// tells takes what is owed to a subscription and gives what the mail with help
// lines tells; "" where there is none that may go.
func (p *post) tells(sub store.Subscription) string {
	p.t.Helper()
	all, err := p.road.Store.DeliveriesOf(p.t.Context(), sub.ID)
	must(p.t, err)
	var ids []int64
	for _, d := range all {
		if d.Kind() == store.ResourcesStep {
			ids = append(ids, d.ID)
		}
	}
	jobs, err := p.road.Take(p.t.Context(), "w", ids)
	must(p.t, err)
	var told []string
	for _, j := range jobs {
		told = append(told, string(j.Receipt.Told))
		if j.Delivery.Thread == "" || j.Receipt.Answered != "said@example.org" {
			p.t.Errorf("it is threaded under %q, %q", j.Delivery.Thread, j.Receipt.Answered)
		}
	}
	return strings.Join(told, ", ")
}

// Every category, level, preference and status: what is halted, what is mailed.
func TestDanger(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	n := 0
	for category, levels := range said {
		for level, sentence := range levels {
			for _, wanted := range []string{store.CrisisFull, store.CrisisLink, store.CrisisNone} {
				for _, status := range []pacing.Status{pacing.Awaiting, pacing.Resting, pacing.Halted, pacing.Completed, pacing.Stopped, pacing.Suppressed} {
					name := fmt.Sprintf("%s, %s, wants %s, %s", category, level, wanted, status)
					n++
					sub := p.reader(fmt.Sprintf("reader%d@example.org", n))
					letter := p.last(sub)
					p.wants(sub, wanted)
					if status != sub.State.Status {
						p.stands(sub, status)
					}
					p.now = p.now.Add(time.Second)
					p.writes(letter, "Message-ID: <said@example.org>\n", sentence)

					after := status
					if level == "alarm" && !status.Ended() {
						after = pacing.Halted
					}
					if got := p.subscription(sub.Email).State.Status; got != after {
						t.Errorf("%s: it is %s", name, got)
					}
					mail := "resources"
					switch {
					case status == pacing.Suppressed, wanted == store.CrisisNone && category != "self-harm", level == "gentle" && status == pacing.Stopped:
						mail = ""
					case wanted != store.CrisisFull:
						mail = "resources-link"
					}
					if got := p.tells(sub); got != mail {
						t.Errorf("%s: it is mailed %q, want %q", name, got, mail)
					}
					newest, err := p.road.Store.Alerts(t.Context(), time.Time{}, 1000)
					must(t, err)
					found := 0
					for _, a := range newest {
						if a.Subscription != nil && *a.Subscription == sub.Ref {
							found++
							if a.Level != level || a.Category != category {
								t.Errorf("%s: the alert says %s, %s", name, a.Level, a.Category)
							}
						}
					}
					if found != 1 {
						t.Errorf("%s: %d alerts", name, found)
					}
				}
			}
		}
	}
}

// Who has not confirmed gets help too: the mail that asks was answered.
func TestDangerBeforeConfirming(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.signUp("ann@example.org", "offender")
	p.send()
	sub := p.subscription("ann@example.org")
	p.writes(p.last(sub), "", said["fear"]["alarm"])
	if got := p.help(sub); got != "owed" || p.status("ann@example.org") != pacing.Halted {
		t.Errorf("help is %q, it is %s", got, p.status("ann@example.org"))
	}
	released, err := p.road.Release(t.Context(), sub.Ref, journey.ByOperator)
	must(t, err)
	if !released || p.status("ann@example.org") != pacing.Pending {
		t.Errorf("released %v, it is %s", released, p.status("ann@example.org"))
	}
}

// What else a mail asks for: a stop works in the middle of an alarm, nothing else
// does; after a gentle verdict all does.
func TestDangerAndIntent(t *testing.T) {
	t.Parallel()
	alarm, gentle := "\n\n"+said["self-harm"]["alarm"], "\n\n"+said["self-harm"]["gentle"]
	for _, c := range []struct {
		name, text string
		status     pacing.Status
		story      string // what the reader's mail did
		help       string
		receipts   int
	}{
		{"an alarm and stop", "Stop." + alarm, pacing.Stopped, "stop applied", "owed", 0},
		{"an alarm and ready", "Ready." + alarm, pacing.Halted, "ready unchanged", "owed", 0},
		{"an alarm and not yet", "Not yet." + alarm, pacing.Halted, "not-yet unchanged", "owed", 0},
		{"an alarm and a pause", "Pause for two weeks." + alarm, pacing.Halted, "pause unchanged", "owed", 0},
		{"an alarm and help", "Help." + alarm, pacing.Halted, "help unchanged", "owed", 0},
		{"gentle and stop", "Stop." + gentle, pacing.Stopped, "stop applied", "", 0},
		{"gentle and ready", "Ready." + gentle, pacing.Active, "ready applied", "owed", 1},
		{"gentle and not yet", "Not yet." + gentle, pacing.Holding, "not-yet applied", "owed", 1},
		{"gentle and help", "Help." + gentle, pacing.Awaiting, "help unchanged", "owed", 0},
		{"gentle alone", said["fear"]["gentle"], pacing.Awaiting, "", "owed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			sub := p.reader("ann@example.org")
			p.now = p.now.Add(time.Hour)
			p.writes(p.last(sub), "", c.text)
			if got := p.status("ann@example.org"); got != c.status {
				t.Errorf("it is %s, want %s", got, c.status)
			}
			if got := p.answered(sub); got != c.story {
				t.Errorf("the story says %q, want %q", got, c.story)
			}
			if got := p.help(sub); got != c.help {
				t.Errorf("help is %q, want %q", got, c.help)
			}
			all, err := p.road.Store.DeliveriesOf(t.Context(), sub.ID)
			must(t, err)
			receipts := 0
			for _, d := range all {
				if d.Kind() == store.ReceiptStep {
					receipts++
				}
			}
			if receipts != c.receipts {
				t.Errorf("%d receipts, want %d", receipts, c.receipts)
			}
		})
	}
}

// A stop in an alarm: the help lines go once, then silence, whatever else is
// written; and taking the stop back leads to the halt.
func TestStopInAnAlarm(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	letter := p.last(sub)
	p.now = p.now.Add(time.Hour)
	p.writes(letter, "Message-ID: <said@example.org>\n", "Stop.\n\n"+said["fear"]["alarm"])
	if got := p.tells(sub); got != "resources" {
		t.Fatalf("it is mailed %q", got)
	}
	p.record(sub)
	for day := range 3 {
		p.now = p.now.AddDate(0, 0, 2)
		p.writes(letter, fmt.Sprintf("Message-ID: <%d@example.org>\n", day), said["self-harm"]["alarm"])
	}
	if got := p.help(sub); got != "sent" {
		t.Errorf("help is %q", got)
	}
	if n := len(p.alerts()); n != 4 {
		t.Errorf("%d alerts: %v", n, p.alerts())
	}
	_, _, err := p.road.Return(t.Context(), sub.Ref)
	must(t, err)
	if got := p.status("ann@example.org"); got != pacing.Halted {
		t.Errorf("taken back, it is %s", got)
	}
}

// record writes down that what was taken of a subscription was sent.
func (p *post) record(sub store.Subscription) {
	p.t.Helper()
	all, err := p.road.Store.DeliveriesOf(p.t.Context(), sub.ID)
	must(p.t, err)
	var done []journey.Done
	for _, d := range all {
		if d.State == store.Attempting {
			done = append(done, journey.Done{DeliveryID: d.ID, SubscriptionID: d.SubscriptionID, Attempt: d.Attempt, Worker: "w",
				Outcome: mailer.Outcome{Result: mailer.ResultSent, Code: 250}, At: p.now})
		}
	}
	must(p.t, p.road.Record(p.t.Context(), done))
}

// An alarm that comes after the stop: taking that back leads to the halt.
func TestAlarmAfterAStop(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	letter := p.last(sub)
	_, err := p.road.Stop(t.Context(), sub.Ref, journey.ByPage)
	must(t, err)
	p.now = p.now.AddDate(0, 1, 0)
	p.writes(letter, "", said["fear"]["alarm"])
	if got := p.help(sub); got != "owed" || p.status("ann@example.org") != pacing.Stopped {
		t.Errorf("help is %q, it is %s", got, p.status("ann@example.org"))
	}
	_, _, err = p.road.Return(t.Context(), sub.Ref)
	must(t, err)
	if got := p.status("ann@example.org"); got != pacing.Halted {
		t.Errorf("taken back, it is %s", got)
	}
}

// A machine in somebody's name alerts and halts, and is never answered; nor is
// what belongs to nobody, which waits for a person.
func TestDangerFromAMachineAndFromNobody(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	p.writes(p.last(sub), "Auto-Submitted: auto-replied\nSubject: Out of office\n", "I am away. "+said["violence-by-other"]["alarm"])
	if got := p.help(sub); got != "" || p.status("ann@example.org") != pacing.Halted {
		t.Errorf("a machine: help is %q, it is %s", got, p.status("ann@example.org"))
	}
	before := p.mails()
	got := p.comes("letters@letters.example.org", reply("", said["self-harm"]["alarm"]))
	if want := "lmtp reply danger, not matched"; got != want {
		t.Errorf("from nobody: %q, want %q", got, want)
	}
	p.comes("letters@letters.example.org", reply("Auto-Submitted: auto-replied\n", said["fear"]["alarm"]))
	if got := p.quarantine(); strings.Count(got, "danger, not matched") != 2 {
		t.Errorf("kept: %s", got)
	}
	if p.mails() != before {
		t.Error("somebody was mailed")
	}
	want := "alarm fear not matched, alarm self-harm not matched, alarm violence-by-other halted"
	if got := strings.Join(p.alerts(), ", "); got != want {
		t.Errorf("alerts are %s, want %s", got, want)
	}
}

// mails counts all deliveries.
func (p *post) mails() (n int) {
	p.t.Helper()
	counts, err := p.road.Store.DeliveryCounts(p.t.Context())
	must(p.t, err)
	for _, c := range counts {
		n += c
	}
	return n
}

// A second copy, by whatever way, and reading once more raise nothing new.
func TestDangerTwice(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	letter := p.last(sub)
	for range 3 {
		p.writes(letter, "Message-ID: <one@example.org>\n", said["fear"]["alarm"])
	}
	p.comes(p.bounceTo(letter), reply("Message-ID: <one@example.org>\n", said["fear"]["alarm"]))
	if got := p.alerts(); len(got) != 1 || p.help(sub) != "owed" {
		t.Errorf("alerts are %v, help is %q", got, p.help(sub))
	}
}
