package main

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const secretKey = "0123456789abcdef0123456789abcdef"

// good is a configuration with which everything starts.
func good() map[string]string {
	return map[string]string{
		"LONGROAD_DATABASE_URL":   "postgres://road:db-password@db.example.org/longroad",
		"LONGROAD_REDIS_URL":      "redis://:redis-password@redis.example.org:6379/0",
		"LONGROAD_SMTP_URL":       "smtp://road:smtp-password@mail.example.org:587",
		"LONGROAD_BASE_URL":       "https://letters.example.org/",
		"LONGROAD_MAIL_FROM":      "road@letters.example.org",
		"LONGROAD_POSTAL_ADDRESS": `1 Long Road\nTown`,
		"LONGROAD_SECRET_KEY":     secretKey + ", " + strings.ToUpper(secretKey),
	}
}

// setenv makes the process's LONGROAD_ variables exactly those.
func setenv(t *testing.T, all map[string]string) {
	t.Helper()
	for _, line := range os.Environ() {
		if name, value, _ := strings.Cut(line, "="); strings.HasPrefix(name, "LONGROAD_") && !strings.HasPrefix(name, testPrefix) {
			t.Setenv(name, value) // puts it back afterwards
			os.Unsetenv(name)
		}
	}
	for name, value := range all {
		t.Setenv(name, value)
	}
}

// loadWith loads good with changes.
func loadWith(t *testing.T, changes map[string]string) (config, error) {
	t.Helper()
	all := good()
	for name, value := range changes {
		all[name] = value
	}
	setenv(t, all)
	return loadConfig()
}

func allNeeds() []need { return append(needsOfServe(), needsOfWorker()...) }

func TestConfigFillsIn(t *testing.T) {
	c, err := loadWith(t, map[string]string{"LONGROAD_HTTP_ADDR": " ", "LONGROAD_TEST_REQUIRE": ""})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(allNeeds()...); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]string{
		"HTTPAddr":      {c.HTTPAddr, "127.0.0.1:8080"},
		"BaseURL":       {c.BaseURL, "https://letters.example.org"},
		"ReplyDomain":   {c.ReplyDomain, "letters.example.org"},
		"BounceDomain":  {c.BounceDomain, "letters.example.org"},
		"ListID":        {c.ListID, "letters.example.org"},
		"PostalAddress": {c.PostalAddress, "1 Long Road\nTown"},
		"databaseURL":   {c.databaseURL(), "postgres://road:db-password@db.example.org/longroad?binary_parameters=yes&sslmode=require"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
	if want := []string{secretKey, strings.ToUpper(secretKey)}; !slices.Equal(c.SecretKey, want) {
		t.Errorf("secret keys %q", c.SecretKey)
	}
	if c.set["LONGROAD_HTTP_ADDR"] {
		t.Error("an empty variable counts as set")
	}
}

func TestDatabaseURLSaysWhetherToUseTLS(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"postgres://db.example.org/x":                     "sslmode=require",
		"postgres://10.0.0.7:5432/x":                      "sslmode=require",
		"postgres://127.0.0.1/x":                          "sslmode=disable",
		"postgres://[::1]:5432/x":                         "sslmode=disable",
		"postgres://localhost/x":                          "sslmode=disable",
		"postgres:///x?host=/run/postgresql":              "sslmode=disable",
		"postgres:///x?host=db.example.org":               "sslmode=require",
		"postgres://127.0.0.1/x?sslmode=verify-full":      "sslmode=verify-full",
		"postgres://db.example.org/x?sslmode=disable":     "sslmode=disable",
		"postgres://127.0.0.1/x?binary_parameters=no":     "binary_parameters=no",
		"postgres://127.0.0.1/x?connect_timeout=3":        "connect_timeout=3",
		"postgres://127.0.0.1/x?options=-c%20search_path": "binary_parameters=yes",
	} {
		if got := (config{DatabaseURL: given}).databaseURL(); !strings.Contains(got, want) {
			t.Errorf("%s becomes %s, want %s in it", given, got, want)
		}
	}
}

func TestConfigNamesFaults(t *testing.T) {
	for _, c := range []struct{ name, value, fault string }{
		{"LONGROAD_DATABASE_URL", "", "LONGROAD_DATABASE_URL is not set"},
		{"LONGROAD_DATABASE_URL", "host=x password=hush", "is no PostgreSQL address"},
		{"LONGROAD_DATABASE_URL", "postgres://road:hush@db:port/x", "is no PostgreSQL address"},
		{"LONGROAD_REDIS_URL", "http://:hush@redis", "is no Redis address"},
		{"LONGROAD_REDIS_URL", "", "LONGROAD_REDIS_URL is not set"},
		{"LONGROAD_SMTP_URL", "smtp://road:hush@mail?tls=perhaps", "LONGROAD_SMTP_URL: "},
		{"LONGROAD_SMTP_URL", "", "LONGROAD_SMTP_URL is not set"},
		{"LONGROAD_BASE_URL", "letters.example.org", "write it like https://"},
		{"LONGROAD_BASE_URL", "https://letters.example.org/longroad", "without a path"},
		{"LONGROAD_BASE_URL", "ftp://letters.example.org", "http or https"},
		{"LONGROAD_HTTP_ADDR", "8080", "is no host:port"},
		{"LONGROAD_MAIL_FROM", "Long Road <road@example.org>", "is no bare address"},
		{"LONGROAD_MAIL_FROM", "", "LONGROAD_MAIL_FROM is not set"},
		{"LONGROAD_REPLY_DOMAIN", "reply@example.org", "LONGROAD_REPLY_DOMAIN is no domain"},
		{"LONGROAD_POSTAL_ADDRESS", "  ", "LONGROAD_POSTAL_ADDRESS is not set"},
		{"LONGROAD_SECRET_KEY", "", "openssl rand -hex 32"},
		{"LONGROAD_SECRET_KEY", secretKey + ",hush", "key 2 of 2 is shorter than 32 characters"},
		{"LONGROAD_OPERATOR_PASSWORD_HASH", "hush", "is no bcrypt hash"},
		{"LONGROAD_TRUSTED_PROXIES", "10.0.0.0/8,proxy", `"proxy" is no network`},
		{"LONGROAD_SIGNUP_LIMIT", "many", "how many sign-ups"},
		{"LONGROAD_METRICS_ADDR", "9464", "is no host:port"},
		{"LONGROAD_COURSES_DIR", "/nowhere/at/all", "is no folder"},
		{"LONGROAD_LOG", "xml", "write text or json"},
		{"LONGROAD_LOG_LEVEL", "loud", "write debug, info, warn or error"},
	} {
		loaded, err := loadWith(t, map[string]string{c.name: c.value})
		if err != nil {
			t.Fatal(err)
		}
		err = loaded.check(allNeeds()...)
		if err == nil || !strings.Contains(err.Error(), c.fault) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s=%s: %v, want %q", c.name, c.value, err, c.fault)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the fault tells the secret: %v", c.name, err)
		}
	}
}

func TestConfigNamesAllFaultsAtOnce(t *testing.T) {
	setenv(t, nil)
	c, err := loadConfig()
	if err != nil {
		t.Fatal(err)
	}
	err = c.check(needsOfWorker()...)
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "SMTP_URL", "BASE_URL", "SECRET_KEY", "MAIL_FROM", "POSTAL_ADDRESS"} {
		if err == nil || !strings.Contains(err.Error(), "LONGROAD_"+name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
	if err := c.check(needCourses); err != nil {
		t.Errorf("what is not needed is asked for: %v", err)
	}
}

func TestConfigRefusesUnknown(t *testing.T) {
	_, err := loadWith(t, map[string]string{"LONGROAD_DATABSE_URL": "x", "LONGROAD_TEST_ANYTHING": "x"})
	if err == nil || !strings.Contains(err.Error(), "LONGROAD_DATABSE_URL is not known; did you mean LONGROAD_DATABASE_URL?") ||
		strings.Contains(err.Error(), "ANYTHING") {
		t.Errorf("%v", err)
	}
}

// Only variables with the prefix count: envconfig would fall back to others.
func TestConfigReadsItsOwnVariablesOnly(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://elsewhere/x")
	setenv(t, nil)
	if c, err := loadConfig(); err != nil || c.DatabaseURL != "" {
		t.Errorf("%q, %v", c.DatabaseURL, err)
	}
}

func TestConfigWarns(t *testing.T) {
	c, err := loadWith(t, map[string]string{"LONGROAD_BASE_URL": "http://letters.example.org", "LONGROAD_INBOUND_ADDR": "0.0.0.0:2525"})
	if err != nil || c.check(allNeeds()...) != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.warnings(), "\n"); !strings.Contains(got, "use https") || !strings.Contains(got, "everybody who reaches 0.0.0.0:2525") {
		t.Errorf("warnings %q", got)
	}
	c.BaseURL = "http://127.0.0.1:8080"
	if got := strings.Join(c.warnings(), "\n"); strings.Contains(got, "https") {
		t.Errorf("a loopback address is warned of: %q", got)
	}
}

func TestConfigCommandMasks(t *testing.T) {
	env := testEnvironment()
	env.Config = func() (config, error) {
		return loadWith(t, map[string]string{"LONGROAD_INBOUND_SECRET": "hush-inbound", "LONGROAD_OPERATOR_PASSWORD_HASH": "$2a$10$hush-hash",
			"LONGROAD_DATABASE_URL": "postgres://road:db-password@db/x?sslpassword=hush-ssl"})
	}
	got := try(t, env, "config")
	if got.code != exitFault { // the hash is none
		t.Errorf("exit code %d", got.code)
	}
	for _, secret := range []string{"password@", "hush", secretKey, strings.ToUpper(secretKey)} {
		if strings.Contains(got.out+got.errors, secret) {
			t.Errorf("%q is shown: %s%s", secret, got.out, got.errors)
		}
	}
	for _, part := range []string{"postgres://road:********@db/x?sslpassword=********", "******** (2 of them)", `1 Long Road\nTown`, "(default)"} {
		if !strings.Contains(got.out, part) {
			t.Errorf("%q is not in %s", part, got.out)
		}
	}
}

func TestConfigCommandJSON(t *testing.T) {
	env := testEnvironment()
	env.Config = func() (config, error) { return loadWith(t, nil) }
	got := try(t, env, "config", "--json")
	var report struct {
		Valid     bool
		Variables []shown
		Faults    []string
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil {
		t.Fatal(err)
	}
	if got.code != exitFine || !report.Valid || len(report.Faults) != 0 || len(report.Variables) != len(variables()) {
		t.Errorf("%+v", got)
	}
	if strings.Contains(got.out, "password") || strings.Contains(got.out, secretKey) {
		t.Errorf("a secret is shown: %s", got.out)
	}
}

func TestMaskHidesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"host=x password=hush", "postgres:hush@x", "postgres://u:hush@h:port/x", "hush", "//u:hush@h", "redis://u:hush@h/0?password=hush",
		"postgres:/u:hush@h/x", "postgres:///u:hush@h/x", "postgres://h/x#u:hush@h"} {
		if got := mask("url", value); strings.Contains(got, "hush") {
			t.Errorf("%s is shown as %s", value, got)
		}
	}
}

// Every variable has one line of help, and a field that envconfig can read.
func TestVariablesAreTold(t *testing.T) {
	t.Parallel()
	help := configCommand{}.Help()
	for _, v := range variables() {
		if v.help == "" || !strings.Contains(help, v.name) {
			t.Errorf("%s has no help", v.name)
		}
		if kind := reflect.TypeFor[config]().Field(v.field).Type.Kind(); kind != reflect.String && kind != reflect.Slice {
			t.Errorf("%s is a %s: an error of envconfig would be told one at a time", v.name, kind)
		}
	}
}
