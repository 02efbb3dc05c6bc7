package mailer

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testAlert() Alert {
	return Alert{To: "operator@example.org", Ref: "50b78ce7b81f07f17ba7", Alarm: true, Matched: true,
		At: time.Date(2027, 3, 27, 8, 58, 0, 0, time.UTC), Page: "https://letters.example.org/operator/",
		Date: time.Date(2027, 3, 27, 9, 0, 0, 0, time.UTC), MessageID: "a1b2c3@letters.example.org"}
}

// What the operator is mailed, whole: for an alarm, a gentle verdict, and a mail
// that belongs to nobody.
func TestAlert(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Alert){
		"alert-alarm":     func(*Alert) {},
		"alert-gentle":    func(a *Alert) { a.Alarm = false },
		"alert-unmatched": func(a *Alert) { a.Matched = false },
	} {
		a := testAlert()
		change(&a)
		e, err := testComposer(t).Alert(a)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name+".eml")
		if *update {
			if err := os.WriteFile(file, e.Raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || !bytes.Equal(e.Raw, want) {
			t.Errorf("%s differs (%v); run the test with -update and read the difference", file, err)
		}
		msg, err := mail.ReadMessage(bytes.NewReader(e.Raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := msg.Header.Get("Auto-Submitted"); got != "auto-generated" || e.To != a.To {
			t.Errorf("%s: Auto-Submitted is %q, to %s", name, got, e.To)
		}
		if !strings.Contains(string(e.Raw), a.Ref) || !strings.Contains(string(e.Raw), a.Page) {
			t.Errorf("%s names neither the alert nor the page:\n%s", name, e.Raw)
		}
	}
}

func TestAlertRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Alert){
		"an address with a name": func(a *Alert) { a.To = "Op <operator@example.org>" },
		"no address":             func(a *Alert) { a.To = "" },
		"no Message-ID":          func(a *Alert) { a.MessageID = "" },
		"no link":                func(a *Alert) { a.Page = "/operator/" },
	} {
		a := testAlert()
		change(&a)
		if _, err := testComposer(t).Alert(a); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
