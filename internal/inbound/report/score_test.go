package report

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"longroad/internal/inbound/mime"
)

// corpora is a folder of real mails beside the checkout, not part of it.
const corpora = "../../../../shared/corpora"

// labelled is a line of the corpora's mails.jsonl.
type labelled struct {
	File, Corpus, Kind, Type, Reason, Status string
	StatusClass                              string `json:"status_class"`
	Records                                  int
}

func readLabels(t *testing.T) []labelled {
	t.Helper()
	file, err := os.Open(filepath.Join(corpora, "mails.jsonl"))
	if err != nil {
		t.Skipf("no corpora beside the checkout: %v", err)
	}
	defer file.Close()
	var all []labelled
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var one labelled
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// share counts what was right of how many.
type share struct{ right, all int }

func (s *share) add(right bool) {
	if s.all++; right {
		s.right++
	}
}

func (s share) part() float64 { return float64(s.right) / float64(max(1, s.all)) }

// TestScore measures the rules on real mails. The floors are a little below
// what is reached.
func TestScore(t *testing.T) {
	var bounce, complaint, records, named, hard, soft, falselyHard, reason share
	var slowest time.Duration
	started, mails := time.Now(), 0
	for _, want := range readLabels(t) {
		raw, err := os.ReadFile(filepath.Join(corpora, want.File))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(want.File, "mails/")
		began := time.Now()
		m, err := mime.Parse(raw)
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		got := Read(m)
		mails++
		slowest = max(slowest, time.Since(began))
		switch want.Kind {
		case "complaint":
			complaint.add(got.Kind == Complaint)
			if got.Kind != Complaint || len(got.Recipients) == 0 {
				t.Logf("%s: complaint read as %s for %d", name, got.Kind, len(got.Recipients))
			}
			continue
		case "":
			if got.Kind != Human {
				t.Logf("%s: unlabelled, read as %s: %s", name, got.Kind, got.Why)
			}
			continue
		case "delivered":
			bounce.add(got.Kind == Bounce && got.Type == None)
			continue
		}
		bounce.add(got.Kind == Bounce)
		named.add(len(got.Recipients) > 0)
		if got.Kind != Bounce || len(got.Recipients) == 0 {
			t.Logf("%s: read as %s (%s) for %d", name, got.Kind, got.Why, len(got.Recipients))
		}
		if want.Records > 0 {
			records.add(len(got.Recipients) == want.Records)
			if len(got.Recipients) != want.Records {
				t.Logf("%s: %d recipients, want %d: %q", name, len(got.Recipients), want.Records, got.Recipients)
			}
		}
		if want.Reason != "" {
			same := sameReason(want.Reason, got.Reason)
			reason.add(same)
			isHard := got.Type == Hard
			if want.Type == "hard" {
				hard.add(isHard)
			} else {
				soft.add(!isHard)
				falselyHard.add(isHard)
			}
			if isHard != (want.Type == "hard") || !same {
				t.Logf("%s: %s/%s %s, want %s/%s %s: %.160q", name, got.Type, got.Reason, got.Status, want.Type, want.Reason, want.Status, got.Diagnostic)
			}
		}
	}
	balanced := (hard.part() + soft.part()) / 2
	t.Logf("bounces told %.3f of %d, complaints %.3f of %d; named %.3f, as many recipients %.3f of %d", bounce.part(), bounce.all, complaint.part(), complaint.all, named.part(), records.part(), records.all)
	t.Logf("hard and soft, balanced %.3f; falsely hard %.3f of %d; reason %.3f", balanced, falselyHard.part(), falselyHard.all, reason.part())
	t.Logf("%d mails in %v, the slowest %v", mails, time.Since(started), slowest)
	for what, reached := range map[string][2]float64{
		"bounces told": {bounce.part(), 0.98}, "complaints told": {complaint.part(), 0.8}, "recipients": {records.part(), 0.96}, "balanced": {balanced, 0.94}, "not falsely hard": {1 - falselyHard.part(), 0.98},
	} {
		if reached[0] < reached[1] {
			t.Errorf("%s: %.3f, less than %.3f", what, reached[0], reached[1])
		}
	}
}

// TestScoreWords takes the part for machines away and compares what the words
// alone say with it.
func TestScoreWords(t *testing.T) {
	var named, types share
	for _, want := range readLabels(t) {
		raw, err := os.ReadFile(filepath.Join(corpora, want.File))
		if err != nil {
			t.Fatal(err)
		}
		m, err := mime.Parse(raw)
		if err != nil {
			continue
		}
		whole := Read(m)
		if l := look(m); l.status == nil || whole.Kind != Bounce || whole.Type == None || len(whole.Recipients) == 0 {
			continue
		}
		for p := range m.Walk() {
			if isStatus(p) {
				p.Type, p.Body, p.Disposition = "application/x-none", nil, "attachment"
			}
		}
		got := Read(m)
		same := slices.Equal(slices.Sorted(slices.Values(got.Recipients)), slices.Sorted(slices.Values(whole.Recipients)))
		named.add(same)
		types.add((got.Type == Hard) == (whole.Type == Hard))
		if !same || (got.Type == Hard) != (whole.Type == Hard) {
			t.Logf("%s: %s %s %q, by the machine's part %s %s %q", want.File, got.Type, got.Reason, got.Recipients, whole.Type, whole.Reason, whole.Recipients)
		}
	}
	if named.part() < 0.9 || types.part() < 0.93 {
		t.Error("less than 0.9 or 0.93")
	}
	t.Logf("words alone: recipients %.3f of %d, hard or not %.3f", named.part(), named.all, types.part())
}

// sameReason maps the corpora's words for reasons to ours.
func sameReason(theirs string, ours Reason) bool {
	same := map[string][]Reason{
		"userunknown": {UserUnknown}, "hostunknown": {HostUnknown}, "hasmoved": {Moved}, "notaccept": {NoMail}, "mailboxfull": {MailboxFull}, "exceedlimit": {TooBig}, "mesgtoobig": {TooBig},
		"suspend": {Suspended}, "filtered": {Filtered}, "rejected": {Rejected}, "blocked": {Blocked}, "requireptr": {Blocked}, "badreputation": {Blocked}, "spamdetected": {Spam}, "virusdetected": {Virus},
		"policyviolation": {Policy}, "securityerror": {Policy}, "contenterror": {Content}, "notcompliantrfc": {Content}, "syntaxerror": {System}, "authfailure": {Auth}, "toomanyconn": {RateLimit}, "speeding": {RateLimit},
		"norelaying": {Relay}, "networkerror": {Network}, "systemerror": {System}, "systemfull": {System}, "mailererror": {System}, "expired": {Expired}, "undefined": {Undefined}, "onhold": {Undefined},
	}
	for _, one := range same[theirs] {
		if one == ours {
			return true
		}
	}
	return false
}
