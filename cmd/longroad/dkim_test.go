package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeKey writes a private key to a file of its own.
func writeKey(t *testing.T, key any, mode os.FileMode) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func rsaFile(t *testing.T, mode os.FileMode) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return writeKey(t, key, mode)
}

func ed25519File(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return writeKey(t, key, 0o640)
}

func TestDKIMKeys(t *testing.T) {
	private, open, edwards := rsaFile(t, 0o600), rsaFile(t, 0o644), ed25519File(t)
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		files, selectors string
		keys             int
		says, warns      string
	}{
		"none":            {"", "", 0, "", ""},
		"one":             {private, "lr1", 1, "", ""},
		"two":             {private + ", " + edwards, "lr1,lr2", 2, "", ""},
		"others may read": {open, "lr1", 1, "", "chmod 600"},
		"Ed25519 alone":   {edwards, "lr2", 1, "", "RSA key sign beside it"},
		"no selector":     {private, "", 0, "names 1 and LONGROAD_DKIM_SELECTOR 0", ""},
		"no file":         {"", "lr1", 0, "names 0 and LONGROAD_DKIM_SELECTOR 1", ""},
		"one too few":     {private + "," + edwards, "lr1", 0, "names 2 and LONGROAD_DKIM_SELECTOR 1", ""},
		"not there":       {private + ".old", "lr1", 0, "no such file", ""},
		"a folder":        {t.TempDir(), "lr1", 0, "is a directory", ""},
		"no key":          {broken, "lr1", 0, "no PEM", ""},
		"no name":         {private, "lr 1", 0, "selector", ""},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			c, err := loadWith(t, map[string]string{"LONGROAD_DKIM_KEY_FILE": one.files, "LONGROAD_DKIM_SELECTOR": one.selectors,
				"LONGROAD_OPERATOR_MAIL": "operator@example.org", "LONGROAD_OPERATOR_PASSWORD_HASH": "$2a$04$ULwuOSZa6x.YB7GBkFdAF.96m5sZynXLp.qIvDYn959Lveutl34A6"})
			if err != nil {
				t.Fatal(err)
			}
			err = c.check(allNeeds()...)
			if (err == nil) != (one.says == "") || err != nil && (!strings.Contains(err.Error(), one.says) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("the error is %v", err)
			}
			if got := c.dnsRecords(); len(got) != one.keys {
				t.Errorf("the DNS must hold %v", got)
			}
			if s, err := c.signer(); (s != nil) != (one.keys > 0) || (err == nil) != (one.says == "") {
				t.Errorf("the signer is %v, %v", s, err)
			}
			if got := strings.Join(c.warnings(), "\n"); (got == "") != (one.warns == "") || !strings.Contains(got, one.warns) {
				t.Errorf("the warnings are %q", got)
			}
		})
	}
}

// TestConfigTellsTheDNS prints what an operator has to publish, and no key.
func TestConfigTellsTheDNS(t *testing.T) {
	env := testEnvironment()
	changes := map[string]string{"LONGROAD_DKIM_KEY_FILE": rsaFile(t, 0o600) + "," + ed25519File(t), "LONGROAD_DKIM_SELECTOR": "lr1,lr2"}
	env.Config = func() (config, error) { return loadWith(t, changes) }
	got := try(t, env, "config")
	for _, part := range []string{
		"lr1._domainkey.letters.example.org TXT v=DKIM1; k=rsa; p=MII", "lr2._domainkey.letters.example.org TXT v=DKIM1; k=ed25519; p=",
	} {
		if got.code != exitFine || !strings.Contains(got.out, part) {
			t.Errorf("%q is not in %+v", part, got)
		}
	}
	got = try(t, env, "config", "--json")
	var report struct{ DNS []dnsRecord }
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || len(report.DNS) != 2 || report.DNS[1].Name != "lr2._domainkey.letters.example.org" {
		t.Errorf("%v: %+v", err, report)
	}
	if strings.Contains(got.out, "PRIVATE") {
		t.Error("a key is shown")
	}
}
