package mailer

import (
	"bytes"
	"strings"
	"testing"

	"longroad/internal/pacing"
)

// TestInspect: what Compose and Sign make has no fault, of whatever kind it is; what
// somebody spoiled has the one that it should.
func TestInspect(t *testing.T) {
	t.Parallel()
	signer := testSigner(t)
	records, err := signer.Records()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds() {
		lesson := "name-the-break"
		if account(kind) {
			lesson = ""
		}
		l := testLetter(kind, lesson, "Ann")
		if got := Inspect(sign(t, signer, compose(t, l)), l, records); len(got) > 0 {
			t.Errorf("%s: %q", kind, got)
		}
		if got := Inspect(compose(t, l), l, nil); len(got) > 0 {
			t.Errorf("%s, unsigned: %q", kind, got)
		}
	}
	l := testLetter(string(pacing.KindLesson), "name-the-break", "Ann")
	good := compose(t, l)
	for fault, spoil := range map[string][2]string{
		"Subject stands there 2 times":       {"Subject: ", "Subject: Other\r\nSubject: "},
		"List-Id stands there 0 times":       {"List-Id: ", "List-Ex: "},
		"Auto-Submitted stands there 0":      {"Auto-Submitted: ", "Auto-Sent: "},
		"not of the sender's domain":         {"m5@letters.example.org>", "m5@other.example.org>"},
		"no single address":                  {"<letters@letters.example.org>", "<letters@letters.example.org>, <b@example.org>"},
		"does not begin with a page":         {"<https://letters.example.org/u/", "<ftp://letters.example.org/u/"},
		"has to be https":                    {"<https://letters.example.org/u/", "<http://letters.example.org/u/"},
		"no address to write to":             {"<mailto:", "<mail:"},
		"does not say One-Click":             {"=One-Click", "=Two-Clicks"},
		"not in two parts":                   {"multipart/alternative", "multipart/mixed"},
		"want text, then HTML":               {"Content-Type: text/plain", "Content-Type: text/html"},
		"does not end with CRLF":             {"MIME-Version: 1.0\r\n", "MIME-Version: 1.0\n"},
		"octets, of 998 allowed":             {"X-Auto-Response-Suppress: ", "X-Other: " + strings.Repeat("x", 1000) + "\r\nX-Auto-Response-Suppress: "},
		"of the body has":                    {"</html>", "</html>" + strings.Repeat("x", 90)},
		"loads something from elsewhere":     {"</body>", "<img alt=3Dx>\r\n</body>"},
		"a link leads to \"javascript:x()\"": {"</body>", "<a href=3D\"javascript:x()\">x</a>\r\n</body>"},
		"its headers cannot be read":         {"From: ", "From "},
		"Date is no date":                    {"\r\nDate: ", "\r\nDate: x"},
	} {
		raw := bytes.Replace(good, []byte(spoil[0]), []byte(spoil[1]), 1)
		got := Inspect(raw, l, nil)
		if bytes.Equal(raw, good) || len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), fault) {
			t.Errorf("%s: %q", fault, got)
		}
	}
	signed := sign(t, signer, good)
	for fault, raw := range map[string][]byte{
		"does not hold":              bytes.Replace(signed, []byte("</html>"), []byte("</html>!"), 1),
		"0 DKIM signatures, want 2":  good,
		"not of the sender's domain": sign(t, signerOf(t, "example.com"), good),
	} {
		if got := strings.Join(Inspect(raw, l, records), "\n"); !strings.Contains(got, fault) {
			t.Errorf("%s: %q", fault, got)
		}
	}
}

func signerOf(t *testing.T, domain string) *Signer {
	t.Helper()
	s, err := NewSigner(domain, []Key{{"rsa1", rsaKey(t, 2048)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
