package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"strings"

	"github.com/kelseyhightower/envconfig"

	"longroad/courses"
)

// config is the service's whole configuration, as the environment gives it. Its
// tags are what `longroad config` knows: what a variable is for (help), and how it
// is hidden when shown (secret: all, or the password of a url).
type config struct {
	DatabaseURL          string   `envconfig:"LONGROAD_DATABASE_URL" secret:"url" help:"PostgreSQL: postgres://user:password@host:5432/longroad"`
	RedisURL             string   `envconfig:"LONGROAD_REDIS_URL" secret:"url" help:"Redis, for nudges only: redis://:password@host:6379/0, rediss for TLS, or redis-sentinel://:password@host:26379,host:26379/0?master=NAME"`
	SMTPURL              string   `envconfig:"LONGROAD_SMTP_URL" secret:"url" help:"the mail server: smtp://user:password@host:587?tls=none|starttls|tls&connections=8"`
	BaseURL              string   `envconfig:"LONGROAD_BASE_URL" help:"where readers reach the pages: https://letters.example.org"`
	HTTPAddr             string   `envconfig:"LONGROAD_HTTP_ADDR" default:"127.0.0.1:8080" help:"where serve listens: host:port"`
	MailFrom             string   `envconfig:"LONGROAD_MAIL_FROM" help:"the sender's bare address: letters@example.org"`
	ReplyDomain          string   `envconfig:"LONGROAD_REPLY_DOMAIN" help:"domain of the reply addresses; that of LONGROAD_MAIL_FROM when unset"`
	BounceDomain         string   `envconfig:"LONGROAD_BOUNCE_DOMAIN" help:"domain of the bounce addresses; that of LONGROAD_MAIL_FROM when unset"`
	PostalAddress        string   `envconfig:"LONGROAD_POSTAL_ADDRESS" help:"postal address at every letter's foot; \\n begins a new line"`
	ListID               string   `envconfig:"LONGROAD_LIST_ID" help:"List-Id of the letters (RFC 2919); the domain of LONGROAD_MAIL_FROM when unset"`
	SecretKey            []string `envconfig:"LONGROAD_SECRET_KEY" secret:"all" help:"keys that sign links and seal replies, by comma, newest first; the oldest stays for ever"`
	CoursesDir           string   `envconfig:"LONGROAD_COURSES_DIR" help:"folder of course folders; the courses built into longroad when unset"`
	OperatorPasswordHash string   `envconfig:"LONGROAD_OPERATOR_PASSWORD_HASH" secret:"all" help:"bcrypt hash of the operator's password; without it /operator/ is shut"`
	OperatorMail         string   `envconfig:"LONGROAD_OPERATOR_MAIL" help:"bare address that is mailed when a reply tells of danger: which alert and how grave, nothing of the reader; nobody when unset"`
	OperatorWebhook      string   `envconfig:"LONGROAD_OPERATOR_WEBHOOK" secret:"all" help:"address that the same is posted to, signed: https://host/path, or http on this machine"`
	OperatorHookSecret   string   `envconfig:"LONGROAD_OPERATOR_WEBHOOK_SECRET" secret:"all" help:"signs what is posted there; openssl rand -hex 32"`
	TrustedProxies       string   `envconfig:"LONGROAD_TRUSTED_PROXIES" help:"proxies whose X-Forwarded-For counts, by comma: 10.0.0.0/8,192.0.2.1"`
	SignUpLimit          string   `envconfig:"LONGROAD_SIGNUP_LIMIT" help:"sign-ups an hour that one source may make, 20 when unset (in dev none); 0 lifts every limit on the pages"`
	DKIMKeyFile          string   `envconfig:"LONGROAD_DKIM_KEY_FILE" help:"private keys that sign mails (DKIM), by comma: PEM files, RSA or Ed25519; unsigned when unset"`
	DKIMSelector         string   `envconfig:"LONGROAD_DKIM_SELECTOR" help:"names of those keys in the DNS, by comma, in the same order"`
	InboundAddr          string   `envconfig:"LONGROAD_INBOUND_ADDR" help:"where serve takes replies and bounces from your mail server, by comma: 127.0.0.1:2525 (SMTP), lmtp://127.0.0.1:2424, lmtp+unix:///run/longroad/lmtp"`
	IMAPURL              string   `envconfig:"LONGROAD_IMAP_URL" secret:"url" help:"a mailbox from which serve takes replies and bounces: imaps://user:password@host:993/INBOX?done=Longroad, or imap:// with STARTTLS"`
	InboundSecret        []string `envconfig:"LONGROAD_INBOUND_SECRET" secret:"all" help:"who may post mail to /inbound/PROVIDER, by comma: raw:SECRET, postmark:USER:PASSWORD, mailgun:KEY, sendgrid:PUBLIC-KEY, ses:TOPIC-ARN, resend:whsec_SECRET:API-KEY"`
	InboundSources       []string `envconfig:"LONGROAD_INBOUND_SOURCES" help:"where a provider's posts may come from, by comma: postmark:192.0.2.0/24; anywhere when unset"`
	AuthServID           string   `envconfig:"LONGROAD_AUTHSERV_ID" help:"name in the Authentication-Results of your own mail server, which takes out those that come from outside: mx.example.org; replies that lost their signed address are then known by an authenticated sender"`
	BounceHard           string   `envconfig:"LONGROAD_BOUNCE_HARD" help:"mails to an address that does not exist until it gets nothing any more, 1 when unset; 0: never"`
	BounceSoft           string   `envconfig:"LONGROAD_BOUNCE_SOFT" help:"mails that did not arrive for another reason until the address gets nothing any more, each worth half as much every 30 days, 3 when unset; 0: never"`
	MetricsAddr          string   `envconfig:"LONGROAD_METRICS_ADDR" help:"where worker answers Prometheus at /metrics, to everybody who reaches it: host:port; nowhere when unset"`
	Log                  string   `envconfig:"LONGROAD_LOG" default:"text" help:"form of the log on stderr: text or json"`
	LogLevel             string   `envconfig:"LONGROAD_LOG_LEVEL" default:"info" help:"least level that is logged: debug, info, warn or error"`

	set map[string]bool // the variables that the environment really gives
}

// testPrefix is of variables that belong to the test suite.
const testPrefix = "LONGROAD_TEST_"

// variable is one field of the configuration, as its tags tell it.
type variable struct {
	name, help, secret, byDefault string
	field                         int
}

func variables() []variable {
	t := reflect.TypeFor[config]()
	var all []variable
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if name := tag.Get("envconfig"); name != "" {
			all = append(all, variable{name, tag.Get("help"), tag.Get("secret"), tag.Get("default"), i})
		}
	}
	return all
}

// loadConfig reads the process's environment. An empty value counts as unset. It
// refuses variables that longroad does not know; whether the values are any good
// is check's to say.
func loadConfig() (config, error) {
	c := config{set: map[string]bool{}}
	var unknown []error
	for _, line := range os.Environ() {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, "LONGROAD_") || strings.HasPrefix(name, testPrefix) {
			continue
		}
		if !known(name) {
			unknown = append(unknown, fmt.Errorf("%s is not known; did you mean %s? longroad config --help lists them all", name, nearest(name)))
		}
		c.set[name] = strings.TrimSpace(value) != ""
	}
	// An error of envconfig holds the value, which may be a secret.
	var parse *envconfig.ParseError
	if err := envconfig.Process("", &c); errors.As(err, &parse) {
		return c, fmt.Errorf("%s cannot be read as a %s", parse.KeyName, parse.TypeName)
	} else if err != nil {
		return c, errors.New("the configuration cannot be read")
	}
	c.tidy()
	return c, errors.Join(unknown...)
}

// tidy trims values, gives empty ones their defaults and fills in what follows
// from other variables.
func (c *config) tidy() {
	v := reflect.ValueOf(c).Elem()
	for _, one := range variables() {
		field := v.Field(one.field)
		if field.Kind() != reflect.String {
			continue
		}
		value := strings.TrimSpace(field.String())
		if value == "" {
			value = one.byDefault
		}
		field.SetString(value)
	}
	var keys []string
	for _, key := range c.SecretKey {
		if key = strings.TrimSpace(key); key != "" {
			keys = append(keys, key)
		}
	}
	c.SecretKey = keys
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	c.PostalAddress = strings.ReplaceAll(c.PostalAddress, `\n`, "\n")
	for _, domain := range []*string{&c.ReplyDomain, &c.BounceDomain, &c.ListID} {
		if *domain == "" {
			*domain = c.domain()
		}
	}
}

// domain is that of the sender's address; it stands in Message-IDs too.
func (c config) domain() string {
	_, domain, _ := strings.Cut(c.MailFrom, "@")
	return strings.ToLower(domain)
}

// databaseURL is DatabaseURL with what lib/pq must be told: whether to use TLS
// (required, save on this machine), and parameters that survive a pooler.
func (c config) databaseURL() string {
	u, err := url.Parse(c.DatabaseURL)
	if err != nil {
		return c.DatabaseURL // check has refused it
	}
	q := u.Query()
	if !q.Has("sslmode") {
		q.Set("sslmode", "require")
		if socket := q.Get("host"); loopback(u.Hostname()) && (socket == "" || strings.HasPrefix(socket, "/")) {
			q.Set("sslmode", "disable")
		}
	}
	if !q.Has("binary_parameters") {
		q.Set("binary_parameters", "yes")
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// loopback tells whether a host is this machine; none at all is a local socket.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// trustedProxies reads TrustedProxies: networks, or single addresses.
func (c config) trustedProxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range strings.Split(c.TrustedProxies, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			addr, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("%q is no network such as 10.0.0.0/8 and no address", s)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// courses is the folder of courses: CoursesDir, or what is built in.
func (c config) courses() fs.FS {
	if c.CoursesDir != "" {
		return os.DirFS(c.CoursesDir)
	}
	return courses.FS
}

func known(name string) bool {
	for _, v := range variables() {
		if v.name == name {
			return true
		}
	}
	return false
}

// nearest is the known variable that a mistyped one is closest to.
func nearest(name string) string {
	best, least := "", 0
	for _, v := range variables() {
		if d := distance(name, v.name); best == "" || d < least {
			best, least = v.name, d
		}
	}
	return best
}

// distance counts the letters to insert, drop or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
