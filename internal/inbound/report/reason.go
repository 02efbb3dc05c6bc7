package report

import "strings"

// Reason is why a mail did not arrive.
type Reason string

// The reasons. Only the first four say that the address is no use (Hard).
const (
	UserUnknown Reason = "user-unknown"
	HostUnknown Reason = "host-unknown"
	Moved       Reason = "moved"
	NoMail      Reason = "no-mail" // the host takes no mail at all (RFC 7505)

	MailboxFull Reason = "mailbox-full"
	TooBig      Reason = "too-big"
	Suspended   Reason = "suspended" // disabled, locked, inactive
	Filtered    Reason = "filtered"  // refused for this recipient, who may well exist
	Rejected    Reason = "rejected"  // the sender's address is refused
	Blocked     Reason = "blocked"   // the sending host is refused
	Spam        Reason = "spam"
	Virus       Reason = "virus"
	Policy      Reason = "policy"
	Content     Reason = "content"
	Auth        Reason = "auth"       // SPF, DKIM, DMARC
	RateLimit   Reason = "rate-limit" // too much, too fast
	Relay       Reason = "relay"      // the host does not pass mail on
	Network     Reason = "network"
	System      Reason = "system" // the receiving host has trouble of its own
	Expired     Reason = "expired"
	Undefined   Reason = "undefined"

	Arrived Reason = "delivered"
)

// Hard tells whether no mail will ever arrive there.
func (r Reason) Hard() bool {
	switch r {
	case UserUnknown, HostUnknown, Moved, NoMail:
		return true
	}
	return false
}

// AboutUs tells reasons that speak of the mail, or of who sends it, and not of
// its recipient: another mail, or another sender's, might well arrive.
func (r Reason) AboutUs() bool {
	switch r {
	case Spam, Virus, Blocked, Auth, RateLimit, Content, TooBig, Rejected:
		return true
	}
	return false
}

// ReasonOf gives the reason that an enhanced status code says (RFC 3463) where a
// server answered with it to the recipient's address; Undefined where it says
// none.
func ReasonOf(status string) Reason { return coded(status) }

// code gives the enhanced status that says the reason, for reports without one.
func (r Reason) code() string {
	return map[Reason]string{
		UserUnknown: "5.1.1", HostUnknown: "5.1.2", Moved: "5.1.6", NoMail: "5.1.10", MailboxFull: "5.2.2", TooBig: "5.3.4", Suspended: "5.2.1",
		Filtered: "5.2.0", Rejected: "5.1.8", Blocked: "5.7.1", Spam: "5.7.1", Virus: "5.7.1", Policy: "5.7.1", Content: "5.6.0", Auth: "5.7.26",
		RateLimit: "4.7.0", Relay: "5.7.1", Network: "4.4.1", System: "5.3.0", Expired: "4.4.7", Arrived: "2.0.0",
	}[r]
}

// saying is a way of saying a reason: one of the words, or one of both pairs
// close to each other.
type saying struct {
	reason Reason
	words  []string
	one    []string // and, within near bytes, …
	other  []string
}

// near is how far apart the words of a pair may stand, in bytes.
const near = 34

// sayings are tried in this order: what is temporary or about us before what is
// about the address, for "user" and "unknown" are said in passing, too.
var sayings = []saying{
	{reason: MailboxFull, words: []string{"mailbox full", "over quota", "overquota", "quota exceed", "exceeded quota", "quota is exceeded", "out of storage", "disk quota", "inbox is full", "mailfolder is full", "quota full", "not enough storage", "storage allocation", "quotaexceeded", "insufficient quota", "too many messages in", "quota violation", "quota usage", "postfach voll", "über quota", "mailbox size limit", "maximum allowed capacity", "full mailbox", "クォータ", "メールボックスが一杯", "メールボックスがいっぱい", "容量を超え", "邮箱已满", "信箱已滿", "переполнен", "превышена квота", "квота превышена", "превышен размер", "容量が一杯", "容量がいっぱい", "メールボックスの容量", "용량이 초과", "용량 초과", "메일함이 가득", "空间不足", "容量不足", "空間不足", "posta kutusu dolu", "kotası dolu", "schránka je plná", "schránka příjemce je plná", "postaláda megtelt", "căsuța poștală este plină", "inbox full", "è piena", "est pleine", "est plein", "está cheia", "está llen", "está lotada", "est saturée", "ist voll", "is vol."},
		one:   []string{"mailbox", "mail box", "inbox", "quota", "postfach", "boîte", "boite", "buzón", "buzon", "casilla", "caixa", "casella", "folder", "account", "user", "recipient", "postvak", "mailfolder", "skrzynka", "bandeja", "postlåda", "postkasse", "postboks", "postilaatikko", "schránka", "postafiók", "inkorg", "innboks", "γραμματοκιβώτιο"},
		other: []string{" is full", "exceeded", "exceeds", "over the limit", "over limit", "out of space", "pleine", "lleno", "lotada", "cheia", "piena", "überschritten", "agotado", "dépassé", "depasse", " vol ", "pełna", "exceeding", "superado", "excedid", "size limit", "llena", "no space", "too full", " voll", "är full", "er full", "er fuld", "är fullt", "täynnä", "plná", "megtelt", "saturée", "satura", "πλήρες"}},
	{reason: Suspended, words: []string{"account is disabled", "account is blocked", "mailbox is blocked", "user is blocked", "account blocked", "mailbox blocked", "account disabled", "is disabled", "disabled recipient", "mailbox disabled", "user disabled", "not active", "is inactive", "inactive user", "account inactive", "account suspended", "suspended", "deactivated", "account expired", "frozen", "temporary locked", "temporarily locked", "account is locked", "account has been", "compte du destinataire est bloque", "recipient account is blocked", "this account is not allowed", "mailbox is inactive", "account is temporarily unavailable", "administrative prohibition", "falta de uso", "gesperrt", "desactivad", "désactivé", "disattivat", "gedeactiveerd", "заблокирован", "停用", "no longer accepts mail"},
		one: []string{"account", "mailbox", "user", "recipient", "email address"}, other: []string{"disabled", "inactive", "inactivity", "suspended", " locked", "dormant", "terminated", "has expired"}},
	{reason: Content, words: []string{"rfc 5322", "rfc5322", "rfc 2822", "rfc2822", "not rfc", "duplicate header", "multiple addresses in from", "multiple from", "headers too large", "header too large"}},
	{reason: Network, words: []string{"malformed or unexpected name server"}},
	{reason: RateLimit, words: []string{"greylist", "graylist", "grey-list", "gray-list", "grey listed", "gray listed"}},
	{reason: Auth, words: []string{"dmarc", "unauthenticated email", "unauthenticated mail", "spf check", "spf fail", "fails spf", "failed spf", "dkim fail", "authentication checks failed", "authentication information", "sender is unauthenticated", "sender policy framework", "spf record", "spf validation", "spf=fail", "not authorized to send on behalf", "dkim signature", "dkim validation", "message fails authentication", "domain authentication"}, one: []string{"spf", "dkim"}, other: []string{"fail", "reject", "invalid", "missing", "softfail", "not pass", "not match"}},
	{reason: RateLimit, words: []string{"too many connection", "too many concurrent", "too many message", "too many mail", "too many recipients", "too many sessions", "rate limit", "ratelimit", "rate exceeded", "connection limit", "frequency limited", "throttl", "too fast", "try again later: rate", "sending rate", "connections from your host", "hourly limit", "daily limit", "sending limit", "connection rate", "slow down", "unusual rate", "message rate", "receiving mail at a rate"}},
	{reason: Blocked, words: []string{"blacklist", "black list", "blocklist", "block list", "dnsbl", " rbl", "spamhaus", "spamcop", "sorbs", "barracudacentral", "client host rejected", "client host blocked", "reverse dns", "ptr record", "reverse lookup", "rdns", "ip name lookup", "cannot find your hostname", "bad reputation", "poor reputation", "low reputation", "reputation", "banned sending ip", "blocked by ", "blocked using", "ip address blocked", "blocked ip", "your ip", "ip address has been", "ip is listed", "is listed in", "is listed at", "is listed on", "are listed", "currently listed", "access from your ip", "open relay", "no access from mail server", "not accepting connections", "connection refused by policy", "refused by server", "generic reverse", "dynamic ip", "dial-up", "invalid ip for sending", "no ptr", "helo command rejected", "invalid helo", "fully-qualified hostname", "bad dns", "ptr resource", "service refused", "user complaints", "unexpected volume", "s3140", "s3150", "access denied. ip", "mail server has been", "ip block", "connection rejected", "server is blocked", "blocked for spam", "bad host", "adresse ip", "dirección ip", "ip-adresse", "ipcheck", "blocked - see", "blocklisted", "block-list"},
		one: []string{" ip ", " ip=", "host", "server", "connection"}, other: []string{"blocked", "denied", "banned", "rejected", "blackhole", "not allowed", "refused to talk", "not permitted"}},
	{reason: Virus, words: []string{"virus detected", "virus found", "contains a virus", "contained a virus", "malware", "is infected", "trojan", "virus infected", "virus-infected"}, one: []string{"virus"}, other: []string{"detect", "found", "infect", "contain", "reject", "block", "refus"}},
	{reason: Spam, words: []string{"spam", "content filter", "content-filter", "as junk", "bulk sender", "unsolicited", "junk mail", "bulk mail", "content rejected", "message content", "looks like uce", "mail rejected", "mail rejete", "phish", "blacklisted url", "surbl", "uribl", "message scored", "high score", "advertising"}},
	{reason: TooBig, words: []string{"too big", "too large", "size limit", "maximum size", "maximum message size", "message size", "message length exceeds", "larger than", "exceeds the maximum", "exceeds maximum", "size exceed", "exceeds size", "zu groß", "zu gross", "trop volumineux", "demasiado grande", "troppo grande", "te groot", "muito grande", "maximum length"}},
	{reason: Content, words: []string{"media error", "conversion", "8-bit data", "8bitmime", "headers too large", "header size", "bad header", "malformed", "improper use of", "attachment", "mime error", "invalid header", "executable", "not rfc", "rfc 5322", "rfc5322", "rfc 2822", "rfc2822", "rfc 822", "multiple addresses in from", "multiple from", "duplicate header", "bare lf", "bare newline", "missing header", "illegal character", "syntax error in header", "line too long", "lines too long", "line length", "suspicious content", "message is not compliant", "reject, id="}},
	{reason: Relay, words: []string{"relay access", "relaying", "not relay", "relay denied", "relay not", "no relay", "mail relay", "to relay", "relay for", "relay rejected", "relay operation", "not verified. the following identities", "email address is not verified", "not permitted to send through", "rcpthosts"}},
	{reason: Rejected, words: []string{"sender address rejected", "sender rejected", "domain of sender", "sender domain", "invalid sender", "sending domain", "sender's domain", "senders domain", "your domain", "originating domain", "sender verify", "sender verification", "callout", "verify the sender", "verify sender", "bad sender", "bad return path", "mail from address", "from address", "from: header", "return address", "unauthenticated sender", "does not designate", "badmailfrom", "empty envelope", "sender denied", "sender not allowed", "sender is not", "only accepts mail from", "not allowed to send", "not permitted to send", "not accepted from", "not authorized to send", "not a member", "are not member"}, one: []string{"sender", "mail from"}, other: []string{"reject", "denied", "unknown", "invalid", "not exist", "refused", "blocked", "blacklisted", "prohibited"}},
	{reason: Filtered, words: []string{"allowlist", "allow-list", "allow list", "whitelist", "white list", "white-list", "known senders", "safe senders", "approved senders", "limited to members", "members only", "member list", "restricted to", "unknown to this user", "unknown to the recipient", "unknown to the user"},
		one: []string{"user", "recipient", "mailbox", "account"}, other: []string{"not accept mail", "n't accept mail", "not accept email", "n't accept email"}},
	{reason: System, words: []string{"mail server temporarily", "local configuration", "loops back to", "mail loop", "too many hops", "hop count", "routing loop", "loop detected", "insufficient system", "disk space", "disk full", "not enough space", "out of memory", "system error", "internal error", "internal server", "mailer error", "local error", "queue file", "temporary system", "server error", "can't create output", "couldn't create", "input/output error", "delivery agent", "procmail", "maildrop", "configuration error", "service currently unavailable", "service unavailable", "local problem", "system problem", "command died", "exit status", "unable to deliver message after multiple"}},
	{reason: NoMail, words: []string{"null mx", "nullmx", "does not accept mail", "doesn't accept mail", "doesnt accept mail", "does not accept email", "accepts no mail", "indicated no smtp service", "not accepting network messages", "does not receive mail", "domain does not accept", "name server indicates no mail", "no mail accepted", "recipient domain has a null", "host does not accept", "host/domain does not accept"}},
	{reason: Network, words: []string{"host not found, try again", "temporary lookup", "temporarily unable to resolve", "temporary failure in name resolution", "server failure", "servfail", "dns timeout", "name server timeout", "host name lookup failure", "temporary dns"}},
	{reason: Moved, words: []string{"has moved", "no forwarding", "recipient no longer", "user no longer", "no longer on server", "no longer works here", "not our customer", "not our user", "no longer with", "has left the company", "no longer employed", "address has changed", "changed address", "address changed", "has been replaced"}},
	{reason: UserUnknown, words: []string{"user unknown", "unknown user", "no such user", "no such recipient", "no such mailbox", "no such address", "no such account", "unknown recipient", "recipient unknown", "unknown or illegal alias", "no mailbox here", "recipient not found", "user not found", "recipnotfound", "recipientnotfound", "recipient name is not recognized", "not listed in", "not in directory", "unknown local part", "unknown local-part", "invalid recipient", "invalid mailbox", "undeliverable address", "mailbox unavailable", "mailbox not found", "not a known user", "no user", "not our recipient", "mailbox nicht", "unbekannter empfänger", "empfänger unbekannt", "empfänger existiert nicht", "destinataire inconnu", "utilisateur inconnu", "adresse inconnue", "destinatario desconocido", "usuario desconocido", "destinatario sconosciuto", "utente sconosciuto", "onbekende gebruiker", "destinatário desconhecido", "usuário desconhecido", "usuario no existe", "nieznany", "宛先不明", "該当するメールアドレス", "ユーザーが見つかりません", "存在しない", "не существует", "не найден", "нет такого", "такого пользователя нет", "пользователя нет", "用户不存在", "收件人不存在", "recipient address rejected: access denied", "recipient addresses rejected : access denied", "bad destination mailbox", "not a valid mailbox", "adresse destinataire invalide", "destinataire invalide", "refused to accept mail for", "isn't a valid", "address couldn't be found", "address wasn't found", "account that you tried to reach does not exist", "dd requested", "this user doesn't have", "unknown address", "email address lookup", "user account does not", "entered an incorrect", "não foi encontrad", "no se encontró", "konnte nicht gefunden werden", "introuvable", "non è stato trovato", "niet gevonden", "domino directory", "domino-directory", "domino-verzeichnis", "annuaire domino", "directorio domino", "directorio de domino", "directory domino", "dominoディレクトリ"}},
	{reason: HostUnknown, words: []string{"host unknown", "unknown host", "domain unknown", "unknown domain", "domain not found", "no such domain", "nxdomain", "invalid domain", "name or service not known", "name service error", "host or domain name not found", "unrouteable address", "unroutable", "unrouteable mail domain", "no route found to domain", "no mx record", "no mx found", "bad destination system", "lookup failure: host", "domain does not exist", "domain doesn't exist", "domain is not found", "non-existent host", "nonexistent host", "all relevant mx", "recipient domain not", "domain name not found", "could not be found in dns", "illegal host/domain", "bad destination host", "host/domain name", "couldn't find any host", "could not find a host", "domain part", "unable to route", "no matches to nameserver", "does not resolve", "domain couldn't be found", "domain could not be found", "dns lookup failure", "domain isn't registered", "lookup of mx", "nobody handles mail", "dns error", "nonexistent domain"},
		one: []string{"domain", "host", "hostname"}, other: []string{"not found", "unknown", "not exist", "n't exist", "no such", "couldn't be found", "could not be found", "can't find", "cannot find", "unresolvable", "not registered"}},
	{reason: UserUnknown,
		one:   []string{"user", "recipient", "mailbox", "account", "address", "alias", "local part", "mail box", "inbox", "username", "empfänger", "adresse", "destinat", "usuario", "usuário", "utente", "compte", "cuenta", "conta ", "mottagar", "modtager", "mottaker", "vastaanottaj", "käyttäj", "użytkownik", "adresat", "odbiorc", "adres", "příjemc", "uživatel", "kullanıcı", "alıcı", "címzett", "felhasználó", "utilizator", "παραλήπτ", "διεύθυνση", "користувач", "одержувач", "사용자", "수신자", "받는 사람", "주소", "收件人", "用户", "用戶", "地址", "帐号", "宛先", "ユーザ", "アドレス", "受信者"},
		other: []string{"unknown", "no such", "not found", "not exist", "n't exist", "nonexist", "non-exist", "not a valid", "not valid", "invalid", "not recogni", "unrecogni", "not known", "no longer valid", "no longer exists", "no longer available", "not available at", "isn't", "cannot be found", "couldn't be found", "could not be found", "inexist", "existiert nicht", "n'existe", "no existe", "não existe", "non esiste", "bestaat niet", "inconnu", "unbekannt", "desconocid", "desconhecid", "sconosciut", "ungültig", "invalide", "incorrect", "ei löydy", "ei löytynyt", "hittades inte", "finns inte", "finnes ikke", "findes ikke", "ble ikke funnet", "blev ikke fundet", "kunde inte hittas", "nie istnieje", "nie znaleziono", "nie można odnaleźć", "neexistuje", "nebyla nalezena", "nenalezen", "bulunamadı", "mevcut değil", "nem található", "nem létezik", "nu există", "nu a fost găsit", "δεν υπάρχει", "δεν βρέθηκε", "не існує", "не знайдено", "존재하지 않", "찾을 수 없", "不存在", "存在しません", "存在いたしません", "見当たりません", "見つかりません", "見つからない"}},
	{reason: Expired, words: []string{"expired", "timed out", "time out", "timeout", "too long in queue", "queue too long", "giving up", "given up", "gave up", "retry time", "retry timeout", "delivery attempts", "could not deliver for the last", "was aborted after", "undelivered after", "delivery time", "not delivered within", "for too long", "maximum lifetime"}},
	{reason: Network, words: []string{"connection refused", "connection reset", "connection lost", "connection dropped", "connection was dropped", "lost connection", "no route to host", "network is unreachable", "network unreachable", "could not connect", "couldn't connect", "cannot connect", "unable to connect", "wasn't able to establish", "could not initiate", "temporarily deferred", "deferred", " tls", " ssl", "handshake", "network error", "can't connect", "connection failed", "failed to connect", "server failed", "no connection", "did not respond", "not responding", "no response", "host is down"}},
	{reason: Policy, words: []string{"policy", "prohibited", "not allowed", "denied", "unacceptable", "violat", "not permitted", "restricted", "security", "potential", "not authorized", "requires authentication", "authentication required", "must issue a starttls", "encryption", "protocol error", "out of sequence"}},
	{reason: Filtered, words: []string{"recipient preferences", "refused due to recipient", "not accept", "refused by recipient", "blocked by recipient", "rejected by recipient", "due to extended inactivity", "mailbox restrict", "refused by the recipient"}},
}

// said gives the reason that a server's words say; Undefined where they say
// none. What stands before its answer's code, hosts and commands, counts only
// if the answer says nothing.
func said(words string) Reason {
	paragraphs := strings.Split(strings.ReplaceAll(words[:min(len(words), mostWords)], "\r", ""), "\n\n")
	for _, answered := range []bool{true, false} { // what a server answered before what is said around it
		for _, p := range paragraphs {
			if (answer(p) >= 0) == answered {
				if r := saidIn(p); r != Undefined {
					return r
				}
			}
		}
	}
	return Undefined
}

// mostWords bounds the words that are looked at, in bytes.
const mostWords = 8000

func saidIn(words string) Reason {
	if at := answer(words); at > 0 {
		if r := match(essence(words[at:])); r != Undefined || !vague(codeIn(words[at:])) {
			return r
		}
	}
	return match(essence(words))
}

func match(text string) Reason {
	for _, s := range sayings {
		if s.in(text) {
			return s.reason
		}
	}
	return Undefined
}

func (s saying) in(text string) bool {
	for _, w := range s.words {
		if strings.Contains(text, w) {
			return true
		}
	}
	for _, one := range s.one {
		for from := 0; ; {
			i := strings.Index(text[from:], one)
			if i < 0 {
				break
			}
			i += from
			around := text[max(0, i-near):min(len(text), i+len(one)+near)]
			for _, other := range s.other {
				if strings.Contains(around, other) {
					return true
				}
			}
			from = i + len(one)
		}
	}
	return false
}

// essence takes out of a server's words what could say a reason by accident:
// addresses, and links but for the lists of spammers. What one server cites of
// another, in quotes behind its code, are the words that count.
func essence(words string) string {
	words = strings.ToLower(words[:min(len(words), 4000)])
	if _, after, ok := strings.Cut(words, "0-'"); ok {
		if cited, _, ok := strings.Cut(after, "'"); ok && len(cited) > 10 {
			words = cited
		}
	}
	if _, after, ok := strings.Cut(words, "undeliverable address: "); ok { // asked in advance: the answer of whom it asked
		words = after
		if _, cited, ok := strings.Cut(after, " said: "); ok {
			words = cited
		}
	}
	words = strings.NewReplacer("’", "'", "‘", "'", "&#39;", "'").Replace(words)
	fields := strings.Fields(words)
	kept := fields[:0]
	for _, f := range fields {
		switch {
		case strings.HasPrefix(f, "resolver.") || strings.HasPrefix(f, "storedrv."): // Exchange's names for it, no host's
		case strings.Contains(f, "://") || host(f):
			for _, list := range []string{"spamhaus", "rbl", "spamcop", "sorbs", "barracuda", "ipcheck"} {
				if strings.Contains(f, list) {
					kept = append(kept, list)
				}
			}
			continue
		case strings.Contains(f, "@"):
			f = "@"
		case enhanced(f) != "" && len(f) < 20, len(f) == 3 && replyCode(f) != "": // between the lines of one answer, too
			continue
		}
		kept = append(kept, f)
	}
	return " " + strings.Join(kept, " ") + " "
}

// host tells a word that is a host's name or number, links aside.
func host(word string) bool {
	dot := strings.IndexByte(word, '.')
	return dot > 0 && dot+1 < len(word) && (letterByte(word[dot-1]) || digit(word[dot-1])) && (letterByte(word[dot+1]) || digit(word[dot+1]))
}

// coded gives the reason that an enhanced code says (RFC 3463, RFC 7372, RFC
// 7505 and what large providers add); Undefined where it says none.
func coded(code string) Reason {
	class, detail, _ := strings.Cut(code, ".")
	if class == "2" {
		return Arrived
	}
	exact := map[string]Reason{
		"1.1": UserUnknown, "1.2": HostUnknown, "1.3": UserUnknown, "1.6": Moved, "1.7": Rejected, "1.8": Rejected, "1.9": Content, "1.10": UserUnknown,
		"2.0": Filtered, "2.1": Suspended, "2.2": MailboxFull, "2.3": TooBig, "2.4": System, "3.1": System, "3.2": NoMail, "3.4": TooBig, "4.4": HostUnknown, "4.7": Expired, "4.310": HostUnknown,
		"7.13": Suspended, "7.20": Auth, "7.21": Auth, "7.22": Auth, "7.23": Auth, "7.24": Auth, "7.25": Blocked, "7.26": Auth, "7.509": Auth, "7.28": RateLimit,
	}
	if class == "4" { // what is temporary says nothing against an address
		for _, d := range []string{"1.1", "1.2", "1.3", "1.6", "1.10", "3.2", "4.4"} {
			exact[d] = Network
		}
	}
	if r, ok := exact[detail]; ok {
		return r
	}
	switch subject, _, _ := strings.Cut(detail, "."); subject {
	case "3", "5":
		if detail != "5.0" && detail != "3.0" {
			return System
		}
	case "4":
		return Network
	case "6":
		return Content
	case "7":
		return Policy
	}
	return Undefined
}

// decide settles a record's reason, type and status. Words say more than codes;
// where the two belie each other the address is not given up.
func (r *Record) decide(around string, data bool) {
	code := codeIn(r.Diagnostic)
	if vague(code) && !vague(r.Status) {
		code = r.Status
	}
	program := strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Diagnostic)), "x-unix")
	words := r.Diagnostic
	if r.Reason = said(words); r.Reason == Undefined && !program {
		if r.Reason = coded(code); r.Reason == Undefined || vague(code) {
			if r.Reason = said(around); r.Reason == Undefined {
				r.Reason = coded(code)
			}
		}
	}
	smtp := replyCode(r.Diagnostic)
	switch {
	case program && r.Reason != MailboxFull: // a program beyond the mail server
		r.Reason = System
	case r.Reason == UserUnknown && data && code != "5.1.1", r.Reason == UserUnknown && contradicts(code) && !(code == "5.7.1" && ofRCPT(r.Diagnostic+around) && unmistakable(r.Diagnostic)):
		r.Reason = Filtered
	case r.Reason == UserUnknown && smtp != "" && !ofRecipient(code) && !ofRCPT(r.Diagnostic+around):
		r.Reason = Filtered // nothing says that it was the recipient whom the server refused
	case r.Reason.Hard() && passing(r.Diagnostic): // for now only
		r.Reason = System
	case r.Reason.Hard() && strings.HasPrefix(code, "4.") && !(r.Reason == UserUnknown && finally(r.Diagnostic)), r.Reason.Hard() && smtp != "" && smtp[0] == '4' && vague(code):
		r.Reason = Network
	case r.Reason == Undefined && smtp == "552" && !data:
		r.Reason = MailboxFull
	case r.Reason == Undefined && smtp == "551":
		r.Reason = Moved
	}
	if r.Status = code; vague(code) && r.Reason != Undefined {
		r.Status = r.Reason.code()
	}
	switch r.Action {
	case "delayed":
		r.Type = Delayed
	case "delivered", "relayed", "expanded":
		r.Type, r.Reason = None, Arrived
	default:
		if r.Type = Soft; r.Reason.Hard() {
			r.Type = Hard
		}
	}
}

// ofRCPT tells words that say, or show, that the recipient was refused and not
// the mail: the command is named, the text is the one of RFC 5321, section
// 4.2.2, for it, or Gmail's number for it.
func ofRCPT(words string) bool {
	return holds(strings.ToLower(words), []string{"rcpt", "no valid recipients", "requested action not taken", "(state 14)", "does not like recipient", "recipients rejected", "recipient rejected", "rejected recipient", "invalid recipient", "adresse destinataire invalide", "dd this user doesn't", "dd requested mail", "rejected by the host"})
}

// ofRecipient tells the codes that are about the recipient's address. Microsoft
// gives 5.4.1 where its directory has no such address.
func ofRecipient(code string) bool {
	return strings.HasPrefix(code, "5.1.") || code == "5.2.1" || code == "5.4.1" || code == "4.1.1"
}

// passing tells a server's answer that speaks of trouble that passes.
func passing(words string) bool {
	at := answer(words)
	return at >= 0 && holds(strings.ToLower(words[at:min(len(words), at+300)]), []string{"temporar", "temporär", " lookup deferred", "migrated", "maintenance"})
}

// finally tells words of a temporary refusal that are no less than final: nobody
// of that name, and nothing that says to come again.
func finally(words string) bool {
	return unmistakable(words) && !holds(strings.ToLower(words), []string{"unverified", "verif", "temporar", "again", "later", "moment"})
}

// unmistakable tells words that nobody uses of a recipient who is there.
func unmistakable(words string) bool {
	return holds(strings.ToLower(words), []string{"no such user", "user unknown", "unknown user", "no such mailbox", "user not found", "mailbox not found"})
}

// contradicts tells a code that speaks of a recipient who is there.
func contradicts(code string) bool {
	return strings.HasPrefix(code, "5.7.") || strings.HasPrefix(code, "5.6.") || code == "5.2.0" || code == "5.2.2" || code == "5.2.3" || code == "5.4.7" || code == "5.5.1" || code == "5.5.2"
}
