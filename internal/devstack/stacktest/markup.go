package stacktest

import (
	"strings"
	"testing"
)

// Validate has html-validate look at documents, by the rules for a "page" or a
// "mail" in .ci/proof/html-rules.mjs. What it finds fails the test.
func Validate(t testing.TB, rules string, documents []Document) {
	t.Helper()
	var findings []struct {
		Name, Rule, Text string
		Line             int
	}
	script(t, documents, &findings, node(t, "html-validate"), "html.mjs", rules)
	for _, f := range findings {
		t.Errorf("html-validate: %s, line %d: %s (%s)", f.Name, f.Line, f.Text, f.Rule)
	}
	t.Logf("html-validate: %d of %ss, %d findings", len(documents), rules, len(findings))
}

// Supported has caniemail look at the HTML of mails. What a mail program does not
// know, or knows half, fails the test where .ci/proof/css-reasons.mjs has no reason
// for it; a reason that nothing needs any more fails it too, so give it every mail.
func Supported(t testing.TB, mails []Document) {
	t.Helper()
	type feature struct {
		Name, Part, Kind, Title, Text, Why string
		Clients                            []string
	}
	var told struct{ Findings, Accepted []feature }
	script(t, mails, &told, node(t, "caniemail"), "css.mjs")
	for _, f := range told.Findings {
		t.Errorf("caniemail: %s: %s of the %s mail: %s (%s) %s", f.Name, f.Kind, f.Part, f.Title, strings.Join(f.Clients, ", "), f.Text)
	}
	for _, f := range told.Accepted {
		t.Logf("caniemail: %s of the %s mail, with a reason: %s (%s): %s", f.Kind, f.Part, f.Title, strings.Join(f.Clients, ", "), f.Why)
	}
	t.Logf("caniemail: %d mails, %d findings, %d with a reason", len(mails), len(told.Findings), len(told.Accepted))
}
