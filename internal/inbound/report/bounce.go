package report

import (
	"strings"

	"longroad/internal/inbound/mime"
)

// returnedSubjects begin or hold the subjects of delivery reports, in lower
// case, of many servers in many languages.
var returnedSubjects = []string{
	"undelivered mail returned", "returned mail", "mail returned", "returned to sender", "returning message to sender", "failure notice", "failure notification", "failure delivery", "delivery failure", "delivery failed", "delivery failed", "mail failure",
	"delivery status notif", "delivery notification", "delivery report", "delivery problem", "delivery error", "delivery has failed", "mail delivery", "message delivery fail", "message undeliverable", "undeliverable", "undelivered", "undeliver", "non delivery", "non-delivery", "nondeliverable", "not delivered",
	"could not be delivered", "couldn't be delivered", "cannot be delivered", "unable to deliver", "mail system error", "mail error", "email delivery", "nichtzustell", "unzustellbar", "nicht zustellbar", "nicht zugestellt", "zustellung fehlgeschlagen", "zustellungsfehler", "fehler bei der zustellung", "fehlgeschlagene zustellung", "mailzustellung", "unzustellbarkeit",
	"non remis", "non distribu", "échec de la remise", "échec de remise", "echec de la remise", "échec de livraison", "non remise", "notification d'état de remise", "notification d'état de la distribution", "avis de non",
	"no se puede entregar", "no se pudo entregar", "no entregado", "no se ha podido entregar", "error de entrega", "fallo de entrega", "fallo en la entrega", "correo devuelto", "devuelto al remitente", "notificación de estado de entrega", "notificación del estado",
	"não entregue", "não foi possível entregar", "falha na entrega", "falha de entrega", "não é possível entregar", "notificação de status", "notificação de entrega", "mensagem não", "impossibile recapitare", "non recapitabile", "mancata consegna", "mancato recapito", "non consegnat", "notifica dello stato", "errore di consegna", "recapito non riuscito",
	"onbestelbaar", "niet bezorgd", "kan niet worden bezorgd", "remise différée", "remise retardée", "verzögerte zustellung", "zustellung verzögert", "entrega retrasada", "entrega demorada", "entrega atrasada", "consegna ritardata", "recapito ritardato", "bezorging vertraagd", "opóźnione dostarcz", "leverans fördröjd", "доставка задерж", "配信の遅延", "配信が遅", "niet te bezorgen", "bezorging mislukt", "zustellfehler", "failed, returning to", "non recapitato", "nije moguće isporučiti", "nedoručen", "nu a fost livrat", "kunde inte levereras", "kunne ikke bli levert", "lieferung fehlgeschlagen", "übermittlungsstatus", "uebermittlungsstatus", "送信できません", "送信でき", "メールが送信", "전송 실패", "발송 실패", "전송실패", "αποτυχία παράδοσης", "не може бути доставлен", "niet-bestelbaar", "недоставлен", "не доставлено", "не доставлен", "не удалось доставить", "ошибка доставки", "сообщение не", "уведомление о недоставке", "nie dostarczon", "niedostarczon", "nie można dostarczyć", "nedoručiteln", "kézbesíthetetlen", "teslim edilemedi", "kunne ikke leveres", "kan inte levereras", "gick inte att leverera", "ei voitu toimittaa", "ikke leveret",
	"配信不能", "配送エラー", "配送できません", "配送不能", "配達できません", "配信できません", "配信エラー", "配信に失敗", "不達", "送信エラー", "エラーメール", "メールを配信", "退信", "无法投递", "无法送达", "未送达", "傳送失敗", "无法传递", "無法傳遞", "投递失败", "系统退信", "반송", "배달",
	"warning: message", "delayed mail", "mail delayed", "delivery delayed", "message delayed", "delivery delay", "still being retried", "could not send message for", "warning: could not send", "user unknown", "message not delivered", "message status", "mail rejected", "message rejected", "undeliverable mail",
}

// returnedOpenings stand in the text of delivery reports and in few other mails.
var returnedOpenings = []string{
	"qmail-send program", "this is the postfix program", "this is the mail system at host", "created automatically by mail delivery software", "could not be delivered to one or more", "unable to deliver your message", "wasn't able to deliver your message", "was not able to deliver", "unable to deliver", "couldn't be delivered", "could not be delivered", "cannot be delivered", "can't be delivered", "not be delivered",
	"automatically generated delivery status", "delivery to the following recipient", "delivery has failed to", "did not reach the following", "did not reach some or all", "delivery failed", "failed permanently", "permanent fatal errors", "transcript of session", "had permanent", "had transient", "had delivery problems", "undeliverable", "undelivered", "delivery failure", "delivery report", "error delivering your mail", "your message wasn't delivered", "wasn't delivered", "was not delivered", "has not been delivered", "has not yet been delivered", "message delivery has been delayed", "returned to sender", "returned mail", "smtp error", "delivery error", "address not found", "message blocked", "message not delivered", "rejected your message", "rejected by", "recipient address rejected", "user unknown", "unknown user", "mailbox full", "mailbox is full", "no such user", "original message was received at",
	"konnte nicht zugestellt werden", "nicht zugestellt", "nicht zustellbar", "unzustellbar", "konnte ihre nachricht nicht", "n'a pas pu être", "n'a pu être", "n'a pas été remis", "non remis", "échec de la remise", "no se pudo entregar", "no se ha podido entregar", "no pudo ser entregad", "no ha podido ser entregad", "no se entregó", "não pôde ser entregue", "não foi entregue", "nao pode ser", "não foi possível entregar", "non è stato possibile recapitare", "non è stato recapitato", "impossibile recapitare", "non ha potuto essere", "bezorging aan de volgende", "kon niet worden bezorgd", "zustellung an folgende", "fehler bei der nachrichtenzustellung", "wurde nicht zugestellt", "recapito non riuscito", "consegna non riuscita", "kunne ikke leveres", "kunde inte levereras", "nepodařilo doručit", "nelze doručit", "nem kézbesíthető", "teslim edilemedi", "ei voitu toimittaa", "nu a putut fi livrat", "no valid recipients", "automatically rejected", "delivery of the email was stopped", "delivery of the message was stopped", "will not have been delivered", "a été retardée", "a été différée", "noch nicht zugestellt", "se ha retrasado", "è stata ritardata", "è in ritardo", "is vertraagd", "está atrasada", "foi adiada", "has been delayed", "kan niet worden bezorgd", "niet worden afgeleverd", "не может быть доставлено", "не было доставлено", "не удалось доставить", "nie może zostać dostarczon", "nie został", "nie można dostarczyć", "配送できません", "配達できません", "送信できません", "配信できません", "配信できなかった", "届けできません", "送信に失敗", "送信エラー", "配信に失敗", "无法投递", "无法送达", "退信", "未能送达", "無法傳遞",
}

// readBounce tells and reads a delivery report.
func readBounce(l *letter) (Report, bool) {
	why := l.bounced()
	if why == "" {
		return Report{}, false
	}
	r := Report{Kind: Bounce, Why: why, Type: Soft, Reason: Undefined}
	records := l.records()
	if len(records) == 0 { // nobody is named: the text as a whole says the reason
		text, _ := splitReturned(l.text)
		one := Record{Diagnostic: text, Action: l.action(text)}
		one.decide(l.subject, false)
		r.Type, r.Reason, r.Status = soften(one.Type), one.Reason, one.Status
		return r, true
	}
	chief := records[0]
	for _, rec := range records {
		if rank(rec) > rank(chief) {
			chief = rec
		}
	}
	for _, rec := range records {
		if rank(rec) > 1 || rank(chief) <= 1 {
			r.Recipients = append(r.Recipients, rec.Recipient)
		}
	}
	r.Recipients = unique(r.Recipients)
	r.Type, r.Reason, r.Status, r.Diagnostic = chief.Type, chief.Reason, chief.Status, chief.Diagnostic[:min(len(chief.Diagnostic), 500)]
	return r, true
}

// soften keeps a report that names nobody from giving anyone up.
func soften(t Type) Type {
	if t == Hard {
		return Soft
	}
	return t
}

// rank puts what failed before what waits before what arrived.
func rank(r Record) int {
	switch r.Type {
	case Hard, Soft:
		return 3
	case Delayed:
		return 2
	}
	return 1
}

// bounced gives the rule by which the mail is a delivery report, or "".
func (l *letter) bounced() string {
	report := strings.ToLower(l.mail.Root.Params["report-type"])
	isReport := l.mail.Root.Type == "multipart/report" && report != "disposition-notification" && report != "feedback-report"
	machine := l.null || daemon(l.from) || l.daemonName() || isReport || l.automatic()
	subject, opening := holds(l.subject, returnedSubjects), holds(l.opening, returnedOpenings)
	switch {
	case l.status != nil && machine:
		return "a delivery status for machines (RFC 3464)"
	case isReport && report == "delivery-status":
		return "multipart/report of a delivery status (RFC 6522)"
	case l.replied && !l.null && !daemon(l.from):
		return "" // a person answers or passes on a report
	case l.header.Has("X-Failed-Recipients"):
		return "X-Failed-Recipients"
	case l.header.Has("X-MS-Exchange-Message-Is-Ndr"):
		return "X-MS-Exchange-Message-Is-Ndr"
	case (daemon(l.from) || l.daemonName()) && (subject || opening):
		return "a mail system reports a delivery"
	case l.null && (subject || opening) && !holds(l.subject, awaySubjects) && !begins(l.subject, absentSubjects):
		return "sent from <> and reports a delivery"
	case isReport && (subject || opening):
		return "multipart/report of a delivery"
	case daemon(l.from) && (l.inner != nil || l.cites()):
		return "a mail system returns a mail, or cites why it did not take one"
	case l.null && !begins(l.subject, awaySubjects) && !begins(l.subject, absentSubjects) && l.cites():
		return "sent from <> and cites a server's answer"
	case subject && opening && l.returnsMail():
		return "subject and text report a delivery, and a mail is returned"
	case l.wrapped():
		return "a delivery report is all that the mail holds"
	}
	return ""
}

// daemonName tells the names that mail systems give themselves.
func (l *letter) daemonName() bool {
	return holds(l.name, []string{"mail delivery", "mailer-daemon", "mail-daemon", "system administrator", "systemadministrator", "mail administrator", "delivery subsystem", "postmaster", "administrateur syst", "administrador del sistema", "administrador do sistema", "amministratore di sistema", "mail system", "systeembeheerder", "системный администратор"})
}

// returnsMail tells a mail in which another one is given back, or an SMTP
// server's answer cited.
func (l *letter) returnsMail() bool {
	text, inner := splitReturned(l.text)
	return (l.inner != nil || inner != nil) && (replyCode(text) != "" || enhanced(text) != "" || len(addresses(text)) > 0)
}

// cites tells a text that says of an address why it got no mail: by a server's
// answer with both its codes, or in words below the address.
func (l *letter) cites() bool {
	text, _ := splitReturned(l.text[:min(len(l.text), mostWords)])
	own := l.own(nil)
	named := false
	for _, a := range addresses(text) {
		named = named || !own[a] && !helper(a)
	}
	if !named {
		return false
	}
	if at := answer(text); at >= 0 && strings.HasPrefix(strings.TrimLeft(text[at+3:], " -"), enhanced(text[at+3:])) && enhanced(text[at+3:]) != "" {
		return true
	}
	if !daemon(l.from) {
		return false
	}
	for _, b := range l.blocks(text, own) {
		if said(b.words) != Undefined {
			return true
		}
	}
	return false
}

// wrapped tells a mail that is nothing but another's delivery report, passed on
// by a machine.
func (l *letter) wrapped() bool {
	if l.inner == nil || strings.TrimSpace(l.text) != "" || l.replied {
		return false
	}
	inner := look(l.inner)
	return inner.status != nil && inner.bounced() != ""
}

// records reads what the report says of each recipient.
func (l *letter) records() []Record {
	if l.status == nil && l.inner != nil && l.wrapped() {
		return look(l.inner).records()
	}
	text, inner := splitReturned(l.text)
	if l.inner != nil {
		inner = l.inner
	}
	var records []Record
	if l.status != nil {
		for _, r := range machine(l.status.Body) {
			if r.Recipient != "" {
				records = append(records, r)
			}
		}
	}
	own := l.own(inner)
	blocks := l.blocks(text, own)
	if len(records) == 0 {
		records = l.fromText(text, blocks, inner, own)
	}
	for i := range records {
		r := &records[i]
		words := text
		for _, b := range blocks {
			if b.address == r.Recipient {
				words = b.words
			}
		}
		coded := l.status != nil && coded(r.Status) != Undefined // then it needs no words
		if r.Diagnostic == "" && !coded {
			r.Diagnostic = words
		}
		if r.Action == "" || r.Action == "failed" && l.status == nil {
			r.Action = l.action(text)
		}
		r.decide(words+" "+l.subject, answersData(r.Diagnostic) || answersData(words))
		if r.Diagnostic == "" {
			r.Diagnostic = words
		}
		if r.Reason == Undefined && len(records) == 1 && words != text {
			before := r.Diagnostic
			r.Diagnostic = text
			r.decide(l.subject, answersData(text))
			r.Diagnostic = before
		}
	}
	return records
}

// fromText finds the recipients of a report that has none for machines.
func (l *letter) fromText(text string, blocks []block, inner *mime.Mail, own map[string]bool) []Record {
	found := unique(addresses(strings.Join(l.header.Values("X-Failed-Recipients"), " ")))
	if len(found) == 0 {
		for _, b := range blocks {
			found = append(found, b.address)
		}
	}
	to := originalTo(inner)
	if len(found) == 0 {
		if found = mentioned(text, own); len(found) > 1 {
			found = prefer(found, to)
		}
	}
	if len(found) == 0 {
		found = to
	}
	records := make([]Record, 0, len(found))
	for _, address := range found[:min(len(found), mostRecords)] {
		records = append(records, Record{Recipient: address})
	}
	return records
}

// prefer gives those of found that are in wanted, or, if none is, all.
func prefer(found, wanted []string) []string {
	var both []string
	for _, a := range found {
		for _, b := range wanted {
			if a == b {
				both = append(both, a)
			}
		}
	}
	if len(both) == 0 {
		return found
	}
	return both
}

// own gives the addresses that a report names without being about them: its
// own sender and recipient, and the returned mail's sender.
func (l *letter) own(inner *mime.Mail) map[string]bool {
	own := map[string]bool{l.from: true}
	add := func(h mime.Header, names ...string) {
		for _, name := range names {
			for _, a := range addresses(strings.Join(h.Values(name), " ")) {
				own[a] = true
			}
		}
	}
	add(l.header, "To", "Delivered-To", "Cc", "Reply-To", "Message-Id")
	if inner != nil {
		add(inner.Header, "From", "Return-Path", "Sender", "Reply-To", "Errors-To", "Message-Id", "In-Reply-To")
		for _, a := range originalTo(inner) { // somebody who writes to himself
			delete(own, a)
		}
	}
	return own
}

// originalTo gives whom the returned mail was for.
func originalTo(inner *mime.Mail) []string {
	if inner == nil {
		return nil
	}
	if to := addresses(strings.Join(append(inner.Header.Values("X-Original-To"), inner.Header.Values("To")...), " ")); len(to) > 0 {
		return to
	}
	for _, line := range inner.Header.Values("Received") {
		if _, after, ok := strings.Cut(line, " for "); ok {
			if to := addresses(after); len(to) > 0 {
				return to[:1]
			}
		}
	}
	return nil
}

// answersData tells a refusal that came after the recipient was accepted.
func answersData(words string) bool {
	words = words[:min(len(words), 4000)]
	ofRecipient := strings.Contains(words, "\n550 5.1.1 <") // the reporting server's own conclusion, below the other's answer
	words = fold(words)
	if ofRecipient || strings.Contains(words, "<<< 5") && holds(words, []string{"need rcpt", "no valid recipients"}) { // commands sent in one go: the refusal before it was of the recipient
		return false
	}
	if before, _, ok := strings.Cut(words, "<<< 5"); ok { // a transcript: the command before the first refusal
		at := strings.LastIndex(before, ">>> ")
		return at >= 0 && (strings.HasPrefix(before[at:], ">>> data") || strings.HasPrefix(before[at:], ">>> ."))
	}
	return holds(words, []string{"end of data command", "reply to data", "after end of data", "after data", "smtp command data", "text command", "[body]", "[data]"})
}

// action tells from a report's words whether the mail is still on its way, or
// arrived.
func (l *letter) action(text string) string {
	text = strings.ReplaceAll(fold(text), "non-fatal", "")
	final := holds(text, []string{"giving up", "given up", "gave up", "permanent", "will not be retried", "no further", "fatal", "has expired", "could not be delivered within"})
	switch {
	case !final && (holds(text, waiting) || holds(l.subject, waitingSubjects)):
		return "delayed"
	case holds(l.subject, []string{"successful mail delivery", "delivery has been successful", "delivered:", "relayed:", "delivery status notification (success)", "delivery status notification (relay)", "erfolgreich zugestellt"}):
		return "delivered"
	}
	return "failed"
}

var waitingSubjects = []string{"delayed", "delay)", "delivery delay", "warning: message", "warning: could not send", "still being retried", "verzögert", "retardé", "différé", "demorad", "ritardat", "fördröj", "forsink", "odložen", "retrasad", "in ritardo", "vertraagd", "atrasad", "opóźni", "задерж", "遅延", "延迟", "延遲"}

var waiting = []string{"will be retried", "will continue to try", "will keep trying", "continue trying", "has not yet been delivered", "not yet been delivered", "no action is required on your part", "delivery attempts will continue", "warning message only", "do not need to resend", "still trying", "will retry", "delivery is delayed", "delivery has been delayed", "delivery to these recipients or groups is delayed", "delivery to the following recipients has been delayed", "wird weiterhin versuch", "a été retardée", "a été différée", "continuera d'essayer", "continuera à essayer", "noch nicht zugestellt", "se ha retrasado", "è stata ritardata", "è vertraagd", "is vertraagd", "foi adiada", "zustellung verzögert", "tentatives se poursuiv", "se seguirá intentando", "continuará tentando", "continuerà a", "will try again", "we'll keep trying", "keep trying to deliver"}

func holds(text string, any []string) bool {
	for _, one := range any {
		if strings.Contains(text, one) {
			return true
		}
	}
	return false
}
