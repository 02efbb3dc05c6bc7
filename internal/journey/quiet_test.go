package journey_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
)

// TestLogsTellNobody: whatever comes in, the log names no address, no subject, no
// word, no signed address, no Message-ID, no kind of danger and no answer on safety.
func TestLogsTellNobody(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	var log bytes.Buffer
	p.road.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sub := p.reader("wendolyn@reader.example")
	d := p.last(sub)
	p.road.Ours = nil
	for i, text := range []string{"ready", "no", "yes", "unsure", "I want to kill myself tonight", "he hits me and I am afraid of him", "xylophone", "stop"} {
		for _, to := range []string{p.replyTo(d), "letters@letters.example.org", "r-aaaa@reply.example.org"} {
			p.comes(to, strings.Replace(reply("Message-ID: <wendolyn-"+string(rune('a'+i))+"@reader.example>\nIn-Reply-To: <\x00wendolyn@reader.example>\n", text), "A first letter", "wendolyn's subject", 1))
		}
	}
	p.comes(p.bounceTo(d), bounceOf("5.2.2", "failed", "wendolyn@reader.example", strange))
	p.comes(p.bounceTo(d), complaintOf("wendolyn", strange))
	p.comes(p.bounceTo(d), "no mail at all, wendolyn")
	p.arrives(inbound.Arrival{Way: "ses", Note: &inbound.Note{ID: "wendolyn", Kind: report.Complaint, Type: report.None, Reason: "wendolyn", Recipient: "wendolyn@reader.example", Diagnostic: "wendolyn"}})
	p.arrives(inbound.Arrival{Way: "ses", Note: &inbound.Note{ID: "wendolyn 2", Kind: report.Bounce, Type: report.Hard, Reason: report.UserUnknown, Recipient: "wendolyn@reader.example", Status: "wendolyn"}})
	said := log.String()
	if strings.Count(said, "arrival read") < 20 {
		t.Fatalf("the log hears too little: %s", said)
	}
	for _, word := range []string{"wendolyn", "reader.example", "xylophone", "subject", "kill", "tonight", "afraid", "self-harm", "violence", "fear",
		"intent=no ", "intent=yes", "intent=unsure", p.replyTo(d)[:42], p.bounceTo(d)[:42], d.MessageID} {
		if at := strings.Index(said, word); at >= 0 {
			t.Errorf("the log says %q: …%s…", word, said[max(0, at-200):min(len(said), at+60)])
		}
	}
}
