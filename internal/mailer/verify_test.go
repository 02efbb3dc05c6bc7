package mailer

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// verifyPlainly verifies every signature in the way the RFC tells it and with
// nothing of the library that signs. It gives an error or nil for each, top to
// bottom. It knows only relaxed/relaxed and what else we sign with.
func verifyPlainly(records []Record, signed []byte) []error {
	head, body, _ := strings.Cut(string(signed), "\r\n\r\n")
	fields := fieldsOf(head)
	var verdicts []error
	for _, field := range fields["dkim-signature"] {
		verdicts = append(verdicts, verifyField(records, fields, field, body))
	}
	return verdicts
}

// signatureTag is the tag b=, whose value is left out of what is signed.
var signatureTag = regexp.MustCompile(`(;[ \t\r\n]*b=)[^;]*`)

func verifyField(records []Record, fields map[string][]string, field, body string) error {
	_, value, _ := strings.Cut(field, ":")
	tags := tagsOf(value)
	if tags["v"] != "1" || tags["c"] != "relaxed/relaxed" {
		return fmt.Errorf("it has the tags %v", tags)
	}
	if sum := sha256.Sum256([]byte(relaxedBody(body))); tags["bh"] != base64.StdEncoding.EncodeToString(sum[:]) {
		return errors.New("the body is another")
	}
	var covered strings.Builder
	picked := map[string]int{} // the lowest comes first (RFC 6376, section 5.4.2)
	for name := range strings.SplitSeq(strings.ToLower(tags["h"]), ":") {
		picked[name]++
		if at := len(fields[name]) - picked[name]; at >= 0 {
			covered.WriteString(relaxedField(fields[name][at]) + "\r\n")
		}
	}
	// The field itself comes last, without its CRLF (RFC 6376, section 3.7).
	covered.WriteString(relaxedField(signatureTag.ReplaceAllString(field, "$1")))
	sum := sha256.Sum256([]byte(covered.String()))
	signature, err := base64.StdEncoding.DecodeString(tags["b"])
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Name == tags["s"]+"._domainkey."+tags["d"] {
			return verifySum(r, tags["a"], sum[:], signature)
		}
	}
	return errors.New("there is no record")
}

func verifySum(r Record, algorithm string, sum, signature []byte) error {
	tags := tagsOf(r.Value)
	public, err := base64.StdEncoding.DecodeString(tags["p"])
	if err != nil {
		return err
	}
	switch tags["k"] + " " + algorithm {
	case "ed25519 ed25519-sha256": // over the hash (RFC 8463, section 3)
		if len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, sum, signature) {
			return errors.New("the headers are others")
		}
		return nil
	case "rsa rsa-sha256":
		key, err := x509.ParsePKIXPublicKey(public)
		if err != nil {
			return err
		}
		return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, sum, signature)
	}
	return fmt.Errorf("the key is for %q, the signature by %q", tags["k"], algorithm)
}

// tagsOf reads a list of tags (RFC 6376, section 3.2). No value of ours means
// anything by its blanks.
func tagsOf(list string) map[string]string {
	tags := map[string]string{}
	for tag := range strings.SplitSeq(list, ";") {
		name, value, _ := strings.Cut(tag, "=")
		tags[strings.TrimSpace(name)] = strings.NewReplacer(" ", "", "\t", "", "\r\n", "").Replace(value)
	}
	return tags
}

// fieldsOf gives the headers by their names in lower case, top to bottom, folds
// included.
func fieldsOf(head string) map[string][]string {
	var all []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			all[len(all)-1] += "\r\n" + line
			continue
		}
		all = append(all, line)
	}
	fields := map[string][]string{}
	for _, field := range all {
		name, _, _ := strings.Cut(field, ":")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		fields[name] = append(fields[name], field)
	}
	return fields
}

var blanks = regexp.MustCompile(`[ \t]+`)

// relaxedField is a header in the canonical form relaxed, without its CRLF
// (RFC 6376, section 3.4.2).
func relaxedField(field string) string {
	name, value, _ := strings.Cut(strings.ReplaceAll(field, "\r\n", ""), ":")
	return strings.ToLower(strings.TrimRight(name, " \t")) + ":" + strings.Trim(blanks.ReplaceAllString(value, " "), " ")
}

// relaxedBody is a body in the canonical form relaxed (RFC 6376, section 3.4.4).
func relaxedBody(body string) string {
	lines := strings.Split(body, "\r\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(blanks.ReplaceAllString(line, " "), " ")
	}
	text := strings.TrimRight(strings.Join(lines, "\r\n"), "\r\n")
	if text == "" {
		return ""
	}
	return text + "\r\n"
}

// TestVerifyPlainly knows the mail that the standard signs (RFC 8463, appendix A).
func TestVerifyPlainly(t *testing.T) {
	t.Parallel()
	mail := strings.ReplaceAll(`DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`, "\n", "\r\n")
	records := []Record{
		{"brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
		{"test._domainkey.football.example.com", "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qh" +
			"dR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"},
	}
	for name, c := range map[string]struct {
		old, new string
		good     bool
	}{
		"untouched":       {"", "", true},
		"blanks":          {"Is dinner", "  Is \t dinner", true},
		"another subject": {"dinner", "lunch", false},
		"another word":    {"hungry", "angry", false},
		"a second From":   {"From: Joe", "From: eve@example.net\r\nFrom: Joe", false},
		"another time":    {"t=1528637909", "t=1528637910", false},
		"another name":    {"football.example.com; i=", "example.com; i=", false},
	} {
		verdicts := verifyPlainly(records, []byte(strings.ReplaceAll(mail, c.old, c.new)))
		if len(verdicts) != 2 {
			t.Fatalf("%s: %d signatures", name, len(verdicts))
		}
		for _, err := range verdicts {
			if (err == nil) != c.good {
				t.Errorf("%s: the verdict is %v", name, err)
			}
		}
	}
}

// TestRelaxed knows what the standard shows (RFC 6376, sections 3.4.2 to 3.4.5).
func TestRelaxed(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		" C \r\nD \t E\r\n\r\n\r\n": " C\r\nD E\r\n", "\r\n \r\n\t\r\n": "", "": "", "a": "a\r\n", "\r\n\r\na\r\n": "\r\n\r\na\r\n",
	} {
		if got := relaxedBody(body); got != want {
			t.Errorf("%q is %q", body, got)
		}
	}
	for field, want := range map[string]string{
		"A: X": "a:X", "B : Y\t\r\n\tZ  ": "b:Y Z", "C:": "c:", "D: \r\n": "d:",
	} {
		if got := relaxedField(field); got != want {
			t.Errorf("%q is %q", field, got)
		}
	}
}
