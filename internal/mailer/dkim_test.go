package mailer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"
)

// testSigner signs for letters.example.org with an RSA key and an Ed25519 key.
func testSigner(t testing.TB) *Signer {
	t.Helper()
	s, err := NewSigner("letters.example.org", []Key{{"rsa1", rsaKey(t, 2048)}, {"ed1", ed25519Key(t)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *Signer, raw []byte) []byte {
	t.Helper()
	signed, err := s.Sign(raw)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// verify lets go-msgauth and then ourselves look at every signature, with our
// own records as the DNS. The two must agree.
func verify(s *Signer, signed []byte) ([]*dkim.Verification, error) {
	records, err := s.Records()
	if err != nil {
		return nil, err
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(signed), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			for _, r := range records {
				if r.Name == name {
					return []string{r.Value}, nil
				}
			}
			return nil, fmt.Errorf("no record %s", name)
		},
	})
	if err != nil {
		return nil, err
	}
	plain := verifyPlainly(records, signed)
	if len(found) != len(records) || len(plain) != len(records) {
		return nil, fmt.Errorf("%d or %d signatures of %d", len(found), len(plain), len(records))
	}
	for i, v := range found {
		if (v.Err == nil) != (plain[i] == nil) {
			return nil, fmt.Errorf("signature %d: the library says %v, we say %v", i, v.Err, plain[i])
		}
	}
	return found, nil
}

func mustVerify(t testing.TB, s *Signer, signed []byte) []*dkim.Verification {
	t.Helper()
	found, err := verify(s, signed)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range found {
		if age := time.Since(v.Time); v.Err != nil || v.Domain != "letters.example.org" || age < 0 || age > time.Hour {
			t.Fatalf("signature %d: %+v\n%s", i, v, signed[:min(len(signed), 3000)])
		}
	}
	return found
}

// TestSignLetters signs every mail that we make.
func TestSignLetters(t *testing.T) {
	t.Parallel()
	s := testSigner(t)
	everyLetter(t, func(t *testing.T, l Letter, raw []byte) {
		signed := sign(t, s, raw)
		if !bytes.HasSuffix(signed, raw) {
			t.Fatal("the mail was changed")
		}
		checkSignatures(t, signed[:len(signed)-len(raw)])
		for _, v := range mustVerify(t, s, signed) {
			want := []string{"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "reply-to",
				"list-id", "auto-submitted", "feedback-id"}
			if !account(l.Kind) {
				want = append(want, "list-unsubscribe", "list-unsubscribe-post")
			}
			if l.Thread != "" {
				want = append(want, "in-reply-to", "references")
			}
			var covered []string
			for _, name := range v.HeaderKeys {
				covered = append(covered, strings.ToLower(name))
			}
			for _, name := range want {
				if !slices.Contains(covered, name) {
					t.Errorf("%s is not signed: %v", name, covered)
				}
			}
		}
	})
}

// checkSignatures wants lines as short as they must be: h= stands on one.
func checkSignatures(t *testing.T, fields []byte) {
	t.Helper()
	for line := range bytes.Lines(fields) {
		line, ended := bytes.CutSuffix(line, []byte("\r\n"))
		most := 85
		if bytes.HasPrefix(line, []byte(" h=")) {
			most = 998 / 2 // far from the limit
		}
		if !ended || len(line) > most || len(bytes.TrimSpace(line)) == 0 {
			t.Errorf("the line %q is longer than %d, empty or not ended", line, most)
		}
		if i := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
			t.Errorf("the line %q is not plain", line)
		}
	}
}

// TestSignatureHolds survives what relays may do, and nothing else.
func TestSignatureHolds(t *testing.T) {
	t.Parallel()
	s := testSigner(t)
	signed := string(sign(t, s, compose(t, testLetter("lesson", "name-the-break", "Ann"))))
	add := func(line string) string { return line + "\r\n" + signed }
	swap := func(old, new string) string {
		if !strings.Contains(signed, old) {
			t.Fatalf("there is no %q in the mail", old)
		}
		return strings.Replace(signed, old, new, 1)
	}
	cases := map[string]struct {
		mail string
		good bool
	}{
		"untouched":              {signed, true},
		"a Received on top":      {add("Received: from a by b; Sat, 27 Mar 2027 09:00:01 +0100"), true},
		"refolded":               {swap("\r\nSubject: A pen", "\r\nSubject:\r\n\t A  pen"), true},
		"empty lines at the end": {signed + "\r\n\r\n", true},
		"blanks at a line's end": {swap("Dear Ann,\r\n", "Dear Ann,  \r\n"), true},
		"another subject":        {swap("A pen and", "A knife and"), false},
		"another word":           {swap("Dear Ann,", "Dear Eve,"), false},
		"another way out":        {swap("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""), false},
		"a second From":          {add("From: eve@example.net"), false},
		"a second Subject":       {add("Subject: You have won"), false},
		"a second Date":          {add("Date: Sat, 27 Mar 2027 10:00:00 +0100"), false},
		"a second Reply-To":      {add("Reply-To: eve@example.net"), false},
		"a second Content-Type":  {add("Content-Type: text/plain"), false},
		"more at the end":        {signed + "Buy this.\r\n", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := verify(s, []byte(c.mail))
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range found {
				if (v.Err == nil) != c.good {
					t.Errorf("the verdict is %v", v.Err)
				}
			}
		})
	}
}

// TestSignAnything holds for whatever stands in a mail.
func TestSignAnything(t *testing.T) {
	t.Parallel()
	s := testSigner(t)
	text := rapid.StringMatching(`[ \ta-cäß.:;=-]{0,30}`)
	rapid.Check(t, func(t *rapid.T) {
		var mail strings.Builder
		for _, name := range rapid.Permutation([]string{"From", "To", "SUBJECT", "list-id", "Date ", "X-Other"}).Draw(t, "order") {
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				mail.WriteString(name + ":" + text.Draw(t, name))
				for range rapid.IntRange(0, 2).Draw(t, "folds") {
					mail.WriteString("\r\n" + rapid.SampledFrom([]string{" ", "\t", "  "}).Draw(t, "fold") + "x" + text.Draw(t, "rest"))
				}
				mail.WriteString("\r\n")
			}
		}
		mail.WriteString("\r\n")
		mail.WriteString(strings.Join(rapid.SliceOf(text).Draw(t, "lines"), "\r\n"))
		if rapid.Bool().Draw(t, "ended") {
			mail.WriteString("\r\n")
		}
		signed, err := s.Sign([]byte(mail.String()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(mail.String(), "\r\n") {
			signed = append(signed, "\r\n"...) // as it is sent
		}
		found, err := verify(s, signed)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range found {
			if v.Err != nil {
				t.Fatalf("%v:\n%q", v.Err, signed)
			}
		}
	})
}

// TestSentAsSigned looks at what a server takes: dots, line ends and all.
func TestSentAsSigned(t *testing.T) {
	t.Parallel()
	srv, s := startServer(t, nil), testSigner(t)
	e := testEnvelope()
	e.Raw = sign(t, s, []byte("From: letters@letters.example.org\r\nSubject: x\r\n\r\n.\r\n..two\r\nthree \r\n.\r\n\r\n"))
	if o := dialTo(t, srv.address, "tls=none").Send(t.Context(), e); o.Result != ResultSent {
		t.Fatalf("the outcome is %+v", o)
	}
	mustVerify(t, s, []byte(srv.got()[0].raw))
}

// TestPickSigned names what stands there, and once more what may not be added.
func TestPickSigned(t *testing.T) {
	t.Parallel()
	s := testSigner(t)
	for head, want := range map[string]string{
		"From: a@b.example\r\n":                                               "From:From:To:Subject:Date:MIME-Version:Content-Type:Reply-To",
		"FROM: a@b.example\r\nmessage-id: <x>\r\nX-Other: y\r\n":              "From:From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To",
		"From: a@b.example\r\nTo: c\r\nTo: d\r\nList-ID: x\r\nList-Id: y\r\n": "From:From:To:To:To:Subject:Date:MIME-Version:Content-Type:Reply-To:List-Id:List-Id",
	} {
		signed := sign(t, s, []byte(head+"\r\nHi.\r\n"))
		for _, v := range mustVerify(t, s, signed) {
			if got := strings.Join(v.HeaderKeys, ":"); got != want {
				t.Errorf("%q: h= is %s", head, got)
			}
		}
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	s := testSigner(t)
	for _, raw := range []string{"", "From: a@b.example\r\n", "Subject: x\r\n\r\nx", "X-From: a@b.example\r\n\r\nx"} {
		if signed, err := s.Sign([]byte(raw)); err == nil {
			t.Errorf("%q became %q", raw, signed)
		}
	}
}

// TestSignersAreShared signs from many goroutines; the race detector looks on.
func TestSignersAreShared(t *testing.T) {
	t.Parallel()
	s := testSigner(t)
	raw := compose(t, testLetter("lesson", "only-read", "Ann"))
	signed := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range signed {
		all.Go(func() { signed[i], _ = s.Sign(raw) })
	}
	all.Wait()
	for _, one := range signed {
		mustVerify(t, s, one)
	}
}

func BenchmarkSign(b *testing.B) {
	keys := map[string][]Key{
		"rsa1024": {{"a", rsaKey(b, 1024)}}, "rsa2048": {{"a", rsaKey(b, 2048)}}, "ed25519": {{"a", ed25519Key(b)}},
		"both": {{"a", rsaKey(b, 2048)}, {"b", ed25519Key(b)}},
	}
	raw := compose(b, testLetter("lesson", "name-the-break", "Ann"))
	for _, name := range []string{"ed25519", "rsa1024", "rsa2048", "both"} {
		s, err := NewSigner("letters.example.org", keys[name])
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Sign(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
