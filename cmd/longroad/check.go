package main

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"longroad/internal/mailer"
)

// need is a part of the configuration that a command rests on.
type need string

// The parts.
const (
	needDatabase need = "database"
	needRedis    need = "redis"
	needSMTP     need = "smtp"
	needBaseURL  need = "base url" // links in mails, and where the pages are
	needHTTP     need = "http"
	needKeys     need = "keys"
	needMail     need = "mail" // who the letters are from
	needCourses  need = "courses"
	needMailIn   need = "mail in" // where it is configured
	needInbound  need = "inbound" // who may post mail
	needBounces  need = "bounces" // when an address has failed often enough
)

// What the long-running commands need.
func needsOfServe() []need {
	return []need{needDatabase, needRedis, needBaseURL, needHTTP, needKeys, needCourses, needInbound, needMailIn, needBounces}
}

func needsOfWorker() []need {
	return []need{needDatabase, needRedis, needSMTP, needBaseURL, needKeys, needMail, needCourses, needBounces}
}

// leastKey is how many characters a secret key has.
const leastKey = 32

// check looks at the parts that are needed and names everything that is wrong
// with them at once, a line each.
func (c config) check(needs ...need) error {
	var faults []error
	for _, n := range needs {
		faults = append(faults, c.checkPart(n))
	}
	return errors.Join(append(faults, c.checkLog())...)
}

func (c config) checkPart(n need) error {
	switch n {
	case needDatabase:
		return c.checkDatabase()
	case needRedis:
		return c.checkRedis()
	case needSMTP:
		return c.checkSMTP()
	case needBaseURL:
		return c.checkBaseURL()
	case needHTTP:
		return c.checkHTTP()
	case needKeys:
		return c.checkKeys()
	case needMail:
		return c.checkMail()
	case needCourses:
		return c.checkCourses()
	case needMailIn:
		return c.checkMailIn()
	case needInbound:
		return c.checkDesk()
	case needBounces:
		_, err := c.bouncePolicy()
		return err
	}
	return fmt.Errorf("nothing is known of the need %q", n)
}

// warnings are what works and is not wise.
func (c config) warnings() []string {
	var all []string
	if u, err := url.Parse(c.BaseURL); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		all = append(all, "LONGROAD_BASE_URL is http: what readers answer can be read on the way; use https")
	}
	all = append(all, c.dkimWarnings()...)
	all = append(all, c.mailInWarnings()...)
	all = append(all, c.operatorWarnings()...)
	return all
}

func missing(name, remedy string) error { return fmt.Errorf("%s is not set: %s", name, remedy) }

func (c config) checkDatabase() error {
	if c.DatabaseURL == "" {
		return missing("LONGROAD_DATABASE_URL", "write postgres://user:password@host:5432/longroad")
	}
	u, err := url.Parse(c.DatabaseURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" {
		return errors.New("LONGROAD_DATABASE_URL is no PostgreSQL address: write postgres://user:password@host:5432/longroad")
	}
	return nil
}

func (c config) checkRedis() error {
	if c.RedisURL == "" {
		return missing("LONGROAD_REDIS_URL", "write redis://host:6379/0")
	}
	client, err := redisClient(c.RedisURL) // opens nothing
	if err != nil {
		return fmt.Errorf("LONGROAD_REDIS_URL %w", err)
	}
	return client.Close()
}

func (c config) checkSMTP() error {
	if c.SMTPURL == "" {
		return missing("LONGROAD_SMTP_URL", "write smtp://user:password@host:587")
	}
	if _, err := mailer.NewSMTP(c.SMTPURL); err != nil { // opens nothing
		return fmt.Errorf("LONGROAD_SMTP_URL: %w", err)
	}
	return nil
}

func (c config) checkBaseURL() error {
	if c.BaseURL == "" {
		return missing("LONGROAD_BASE_URL", "write where readers reach the pages, such as https://letters.example.org")
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("LONGROAD_BASE_URL must be http or https and a host, without a path: write it like https://letters.example.org")
	}
	return nil
}

func (c config) checkHTTP() error {
	var faults []error
	if _, port, err := net.SplitHostPort(c.HTTPAddr); err != nil || port == "" {
		faults = append(faults, errors.New("LONGROAD_HTTP_ADDR is no host:port: write 127.0.0.1:8080, or :8080 for every address"))
	}
	if hash := c.OperatorPasswordHash; hash != "" {
		if _, err := bcrypt.Cost([]byte(hash)); err != nil {
			faults = append(faults, errors.New("LONGROAD_OPERATOR_PASSWORD_HASH is no bcrypt hash: make one with htpasswd -nBC 12 operator and leave out what stands before the $; quote it in a shell"))
		}
	}
	if _, err := c.trustedProxies(); err != nil {
		faults = append(faults, fmt.Errorf("LONGROAD_TRUSTED_PROXIES: %w", err))
	}
	if _, err := c.signUpLimit(); err != nil {
		faults = append(faults, fmt.Errorf("LONGROAD_SIGNUP_LIMIT: %w", err))
	}
	return errors.Join(faults...)
}

func (c config) checkKeys() error {
	if len(c.SecretKey) == 0 {
		return missing("LONGROAD_SECRET_KEY", "make one with openssl rand -hex 32")
	}
	var faults []error
	for i, key := range c.SecretKey {
		if len(key) < leastKey {
			faults = append(faults, fmt.Errorf("LONGROAD_SECRET_KEY: key %d of %d is shorter than %d characters: make one with openssl rand -hex 32", i+1, len(c.SecretKey), leastKey))
		}
	}
	return errors.Join(faults...)
}

func (c config) checkMail() error {
	var faults []error
	fault := func(err error) { faults = append(faults, err) }
	if c.MailFrom == "" {
		fault(missing("LONGROAD_MAIL_FROM", "write the sender's address, such as letters@example.org"))
	} else if a, err := netmail.ParseAddress(c.MailFrom); err != nil || a.Name != "" || a.Address != c.MailFrom {
		fault(errors.New("LONGROAD_MAIL_FROM is no bare address: write letters@example.org, without a name"))
	}
	for _, d := range []struct{ name, value string }{
		{"LONGROAD_REPLY_DOMAIN", c.ReplyDomain}, {"LONGROAD_BOUNCE_DOMAIN", c.BounceDomain}, {"LONGROAD_LIST_ID", c.ListID},
	} {
		if c.set[d.name] && strings.ContainsAny(d.value, "@/:<> ") {
			fault(fmt.Errorf("%s is no domain: write it like letters.example.org", d.name))
		}
	}
	if strings.TrimSpace(c.PostalAddress) == "" {
		fault(missing("LONGROAD_POSTAL_ADDRESS", `every letter's foot must show one; write it in one line, \n begins a new one`))
	}
	if _, port, err := net.SplitHostPort(c.MetricsAddr); c.MetricsAddr != "" && (err != nil || port == "") {
		fault(errors.New("LONGROAD_METRICS_ADDR is no host:port: write 127.0.0.1:9464"))
	}
	if _, err := c.signer(); err != nil {
		fault(err)
	}
	if err := c.checkOperator(); err != nil {
		fault(err)
	}
	return errors.Join(faults...)
}

func (c config) checkCourses() error {
	if c.CoursesDir == "" {
		return nil
	}
	if info, err := os.Stat(c.CoursesDir); err != nil || !info.IsDir() {
		return fmt.Errorf("LONGROAD_COURSES_DIR: %s is no folder; unset it to use the built-in courses", c.CoursesDir)
	}
	return nil
}

func (c config) checkLog() error {
	var faults []error
	if c.Log != "text" && c.Log != "json" {
		faults = append(faults, errors.New("LONGROAD_LOG: write text or json"))
	}
	if _, err := parseLevel(c.LogLevel); err != nil {
		faults = append(faults, fmt.Errorf("LONGROAD_LOG_LEVEL: %w", err))
	}
	return errors.Join(faults...)
}
