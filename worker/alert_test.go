package worker

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// danger is a plain sentence that raises an alarm.
const danger = "I want to kill myself."

// hook is the operator's webhook.
type hook struct {
	mu     sync.Mutex
	status int
	bodies []string
	heads  []http.Header
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies, h.heads = append(h.bodies, string(body)), append(h.heads, r.Header)
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(h.status)
}

func (h *hook) answers(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.bodies)
}

const operatorMail = "operator@example.net"

// toOperator counts the mails that the operator got.
func (s *stack) toOperator() (all []posted) {
	for _, m := range s.post.all() {
		if m.to == operatorMail {
			all = append(all, m)
		}
	}
	return all
}

// untold counts the alerts of which the operator is still to be told now.
func (s *stack) untold() (n int) {
	s.t.Helper()
	must(s.t, s.store.InTx(s.t.Context(), s.clock.Now(), func(tx *store.Tx) error {
		all, err := tx.LockUntold(s.t.Context(), 100)
		n = len(all)
		return err
	}))
	return n
}

// The mail server and the webhook are away for hours: the operator is told when
// they are back, by each way once, without a category, a word or a reader.
func TestOperatorIsToldAfterAnOutage(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon)
	hook := &hook{status: 503}
	server := httptest.NewServer(hook)
	t.Cleanup(server.Close)
	s.worker.Operator = Operator{Mail: operatorMail, Webhook: server.URL + "/hook", Secret: secret}
	var away sync.Mutex
	down := true
	s.post.answer = func(m posted) mailer.Outcome {
		away.Lock()
		defer away.Unlock()
		if down && m.to == operatorMail {
			return mailer.Outcome{Result: mailer.ResultRetry, Code: 451, Detail: "operator@example.net: come again"}
		}
		return mailer.Outcome{Result: mailer.ResultSent, Code: 250}
	}
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.write(s.letter(sub, "lesson/a"), "one@their.example", danger)
	alerts, err := s.road.Alerts(t.Context(), 10)
	must(t, err)
	if len(alerts) != 1 {
		t.Fatalf("%d alerts", len(alerts))
	}
	for i := range 16 { // four hours
		poll(t, "it is tried", func() bool { return hook.count() > i })
		hook.answers([]int{503, 302, 404, 500}[i%4]) // a redirect is no yes
		s.clock.set(s.clock.Now().Add(15 * time.Minute))
	}
	poll(t, "it is tried", func() bool { return hook.count() > 16 })
	if len(s.toOperator()) != 0 || hook.count() != 17 {
		t.Fatalf("%d mails, %d posts", len(s.toOperator()), hook.count())
	}
	hook.answers(204)
	away.Lock()
	down = false
	away.Unlock()
	before := hook.count()
	s.clock.set(s.clock.Now().Add(15 * time.Minute))
	poll(t, "the operator is told", func() bool { return len(s.toOperator()) == 1 && hook.count() == before+1 && s.untold() == 0 })
	s.clock.set(s.clock.Now().Add(3 * time.Hour))

	var posted map[string]any
	must(t, json.Unmarshal([]byte(hook.bodies[before]), &posted))
	if len(posted) != 4 || posted["alert"] != alerts[0].Ref.String() || posted["level"] != "alarm" || posted["subscription"] != sub.Ref.String() ||
		posted["at"] != noon.Format(time.RFC3339) {
		t.Errorf("posted: %s", hook.bodies[before])
	}
	head := hook.heads[before]
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s\n%s", head.Get("Longroad-Timestamp"), hook.bodies[before])
	if got := head.Get("Longroad-Signature"); got != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("the signature is %q", got)
	}
	mail := s.toOperator()[0]
	for _, never := range []string{"self-harm", "kill", "reader@example.org", sub.Ref.String()} {
		if strings.Contains(string(mail.raw), never) {
			t.Errorf("the operator's mail holds %q:\n%s", never, mail.raw)
		}
	}
	if !strings.Contains(mail.subject, "alarm "+alerts[0].Ref.String()) || !strings.Contains(mail.body, "https://letters.example.org/operator/") {
		t.Errorf("the operator's mail:\n%s", mail.raw)
	}

	// An operator's absence note that quotes it raises no alert of its own.
	must(t, s.road.Receive(t.Context(), inbound.Arrival{Way: "smtp", From: operatorMail, To: "letters@letters.example.org",
		Raw: []byte("From: " + operatorMail + "\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n\r\n" + mail.body)}))
	s.settle()
	if again, err := s.road.Alerts(t.Context(), 10); err != nil || len(again) != 1 {
		t.Errorf("our own mail to the operator raised %d alerts, %v", len(again)-1, err)
	}

	// Nobody presses Seen for a day, then somebody does.
	s.clock.set(s.clock.Now().Add(21 * time.Hour))
	poll(t, "it is mailed again", func() bool { return len(s.toOperator()) == 2 })
	if a, b := s.toOperator()[0].id, s.toOperator()[1].id; a == b {
		t.Error("the second mail has the first one's Message-ID")
	}
	poll(t, "it is written down", func() bool { return s.untold() == 0 })
	must(t, s.road.SeeAlert(t.Context(), alerts[0].Ref))
	s.clock.set(s.clock.Now().Add(72 * time.Hour))
	s.settle()
	s.write(s.letter(sub, "lesson/a"), "two@their.example", danger) // a new one is told
	poll(t, "the next alert is told", func() bool { return len(s.toOperator()) == 3 && hook.count() == before+2 })
}

// The mail with help lines as it arrives, in each form, and how the reader's page
// and story look; then a year of nothing, and the next letter after the release.
func TestHelpArrives(t *testing.T) {
	t.Parallel()
	for wanted, c := range map[string]struct{ says, lacks []string }{
		store.CrisisFull: {[]string{"0808 2000 247", "116 123", "call the emergency number first"}, []string{"/lines?"}},
		store.CrisisLink: {[]string{"https://letters.example.org/courses/long-road/lines?country=GB"}, []string{"0808", "116 123"}},
		store.CrisisNone: {[]string{"https://letters.example.org/courses/long-road/lines?country=GB"}, []string{"0808", "116 123"}},
	} {
		t.Run(wanted, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trialOf("trial", "ready"), noon)
			s.publishLongRoad()
			s.run()
			sub := s.signUpForLongRoad("reader@example.org", wanted)
			s.settle()
			letter := s.letter(sub, "lesson/before-setting-off")
			s.write(letter, "one@their.example", danger)
			m := s.newest()
			for name, want := range map[string]string{
				"Subject": "Re: " + s.post.all()[1].subject, "Auto-Submitted": "auto-replied", "In-Reply-To": "<one@their.example>",
				"References": "<" + letter.MessageID + "> <one@their.example>",
			} {
				if got := m.header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			whole := fmt.Sprint(m.header, m.text)
			for _, word := range c.says {
				if !strings.Contains(whole, word) {
					t.Errorf("it lacks %q:\n%s", word, m.text)
				}
			}
			for _, word := range append(c.lacks, "kill", "self-harm", "resources", "alarm", "secret") {
				if strings.Contains(whole, word) {
					t.Errorf("it holds %q:\n%s", word, whole)
				}
			}
			before := len(s.post.all())
			for s.next(noon.AddDate(1, 0, 0)) {
			}
			s.clock.set(noon.AddDate(1, 0, 0))
			s.settle()
			if got := len(s.post.all()); got != before || s.subscription("reader@example.org").State.Status != pacing.Halted {
				t.Fatalf("%d mails came during the halt", got-before)
			}
			_, err := s.road.Release(t.Context(), sub.Ref, journey.ByOperator)
			must(t, err)
			for s.next(noon.AddDate(1, 0, 13)) {
			}
			if got := len(s.post.all()); got > before+1 {
				t.Errorf("%d mails came at once after the release", got-before)
			}
		})
	}
}

// What we wrote ourselves raises no alert: a mail program that quotes the whole
// letter, help lines and all, without a mark.
func TestOurOwnWordsAreNoDanger(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon)
	s.publishLongRoad()
	s.run()
	sub := s.signUpForLongRoad("reader@example.org", store.CrisisFull)
	s.settle()
	letter := s.letter(sub, "lesson/before-setting-off")
	sent := readMail(t, s.post.all()[1])
	text, _, _ := strings.Cut(strings.SplitN(sent.text, "\r\n\r\n", 2)[1], "--"+boundaryOf(sent.header.Get("Content-Type")))
	if !strings.Contains(text, "thinking of ending your life") {
		t.Fatalf("the letter has no safety footer:\n%s", text)
	}
	s.write(letter, "one@their.example", "ready\r\n\r\n"+text)
	s.write(letter, "two@their.example", text+"\r\n\r\nThat was good to read.")
	alerts, err := s.road.Alerts(t.Context(), 10)
	must(t, err)
	if len(alerts) != 0 || s.subscription("reader@example.org").State.Status == pacing.Halted {
		t.Errorf("our own words raised %d alerts", len(alerts))
	}
	s.write(letter, "three@their.example", danger+"\r\n\r\n"+text)
	if alerts, err = s.road.Alerts(t.Context(), 10); err != nil || len(alerts) != 1 {
		t.Fatalf("beside our own words danger raised %d alerts, %v", len(alerts), err)
	}

	// The mail with help lines is ours too.
	all, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	help := all[len(all)-1]
	if help.Kind() != store.ResourcesStep {
		t.Fatalf("the newest mail is %s", help)
	}
	m := s.newest()
	text, _, _ = strings.Cut(strings.SplitN(m.text, "\r\n\r\n", 2)[1], "--"+boundaryOf(m.header.Get("Content-Type")))
	s.write(help, "four@their.example", "Thank you.\r\n\r\n"+text)
	if alerts, err = s.road.Alerts(t.Context(), 10); err != nil || len(alerts) != 1 {
		t.Errorf("our help lines raised %d alerts, %v", len(alerts), err)
	}
}

func boundaryOf(contentType string) string {
	_, b, _ := strings.Cut(contentType, "boundary=")
	return strings.Trim(strings.SplitN(b, ";", 2)[0], `" `)
}

// publishLongRoad publishes the course that comes with longroad, as it is.
func (s *stack) publishLongRoad() {
	s.t.Helper()
	loaded, err := course.LoadAll(courses.FS)
	must(s.t, err)
	for _, l := range loaded {
		dir, err := fs.Sub(courses.FS, l.Dir)
		must(s.t, err)
		files, err := course.Files(dir)
		must(s.t, err)
		_, err = s.road.Publish(s.t.Context(), l.Course, files, "test")
		must(s.t, err)
	}
}

// signUpForLongRoad signs somebody in Great Britain up, with what may come by mail
// in a crisis, and confirms.
func (s *stack) signUpForLongRoad(email, crisisMail string) store.Subscription {
	s.t.Helper()
	must(s.t, s.road.SignUp(s.t.Context(), journey.SignUp{Course: "long-road", Track: "offender", Email: email, TimeZone: "Europe/London",
		Country: "GB", CrisisMail: crisisMail, ConsentVersion: "1", AdultVersion: "1", How: "form"}))
	s.settle()
	_, _, err := s.road.Confirm(s.t.Context(), s.subscription(email).Ref)
	must(s.t, err)
	return s.subscription(email)
}

// A reading that is cut off leaves nothing behind, and is done whole the next time.
func TestDangerCutOff(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	letter := s.letter(sub, "lesson/a")
	s.stop()
	s.exec(t, `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'lost'; END $$;
		CREATE TRIGGER lose BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION lose()`)
	must(t, s.road.Receive(t.Context(), inbound.Arrival{Way: "smtp", From: "reader@example.org",
		To:  journey.ReplyPrefix + s.tokens.Sign(token.Reply, letter.Ref) + "@reply.example.org",
		Raw: []byte("From: reader@example.org\r\nMessage-ID: <one@their.example>\r\n\r\n" + danger + "\r\n")}))
	read := func(want bool) {
		t.Helper()
		if err := s.road.Read(t.Context(), 1); (err == nil) != want {
			t.Fatalf("reading: %v", err)
		}
	}
	stands := func() string {
		t.Helper()
		alerts, err := s.road.Alerts(t.Context(), 10)
		must(t, err)
		return fmt.Sprintf("%d alerts, %s; %s", len(alerts), s.subscription("reader@example.org").State.Status, s.states(sub))
	}
	before := stands()
	read(false)
	read(false)
	if got := stands(); got != before {
		t.Errorf("cut off: %s, before: %s", got, before)
	}
	s.exec(t, `DROP TRIGGER lose ON receipts`)
	read(true)
	read(true)
	if got := stands(); !strings.HasPrefix(got, "1 alerts, halted; ") || strings.Count(got, "resources/") != 1 {
		t.Errorf("read: %s", got)
	}
}

// A subscription that cannot be followed, for a fault of ours, is halted all the
// same; its help lines go once the fault is mended.
func TestDangerInSpiteOfFaults(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.exec(t, `UPDATE subscriptions SET time_zone = 'Mars/Base'`)
	s.write(s.letter(sub, "lesson/a"), "one@their.example", danger)
	alerts, err := s.road.Alerts(t.Context(), 10)
	must(t, err)
	if len(alerts) != 1 || !alerts[0].Halted || len(s.post.all()) != 2 {
		t.Fatalf("%+v; %d mails", alerts, len(s.post.all()))
	}
	s.exec(t, `UPDATE subscriptions SET time_zone = 'Europe/London'`)
	s.clock.set(s.clock.Now().Add(time.Hour))
	s.settle()
	if got := s.newest(); !strings.Contains(got.text, "to carry it alone") {
		t.Errorf("the newest mail is:\n%s", got.text)
	}
}
