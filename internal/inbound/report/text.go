package report

import (
	"strings"

	"longroad/internal/inbound/mime"
)

// returned are the lines after which a report in plain text gives the mail
// back, in lower case.
var returned = []string{
	"original message", "original mail", "this is a copy of the message", "a copy of the message", "copy of your message", "copy of the original",
	"below this line is", "enclosed is a copy", "header of the original", "headers of the original", "message headers follow", "message header follows", "headers follow",
	"unsent message", "returned message", "message follows", "message text follows", "original headers", "ursprüngliche nachricht", "originalnachricht", "kopie der nachricht",
	"message d'origine", "message original", "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht", "undelivered message", "start of returned",
	"transcript of original", "rejected message", "元のメッセージ", "原始邮件", "your original", "text of your message", "copia del mensaje", "copie du message",
}

// splitReturned splits a report's text from the mail that it gives back.
func splitReturned(text string) (report string, inner *mime.Mail) {
	at := 0
	for line := range strings.Lines(text) {
		start := at
		at += len(line)
		if start == 0 || !returns(line) {
			continue
		}
		rest := text[at:]
		for head, body, ok := strings.Cut(rest, "\n"); ok && (strings.TrimSpace(head) == "" || strings.Trim(head, " -=*_>") == ""); head, body, ok = strings.Cut(rest, "\n") {
			rest = body
		}
		if strings.HasPrefix(line, "Received:") || strings.HasPrefix(line, "Return-Path:") || strings.HasPrefix(line, "Return-path:") {
			rest = text[start:]
		}
		fields, _ := mime.ParseFields([]byte(dedent(rest)))
		known := fields.Has("Received") || fields.Has("From") || fields.Has("Message-Id") || fields.Has("Subject") || fields.Has("Date")
		if known {
			m, err := mime.Parse([]byte(dedent(rest)))
			if err == nil {
				return text[:start], m
			}
		}
	}
	return text, nil
}

// returns tells a line that announces the returned mail, or begins it.
func returns(line string) bool {
	if strings.HasPrefix(line, "Received: ") || strings.HasPrefix(line, "Return-Path: ") || strings.HasPrefix(line, "Return-path: ") {
		return true
	}
	if len(line) > 120 {
		return false
	}
	line = strings.ToLower(line)
	for _, mark := range returned {
		if strings.Contains(line, mark) {
			return true
		}
	}
	return false
}

// dedent takes off the indentation or the quote marks of all lines, as the first
// line has them.
func dedent(text string) string {
	text = text[:min(len(text), 32<<10)]
	indent := text[:len(text)-len(strings.TrimLeft(text, " >\t|"))]
	if indent == "" {
		return text
	}
	return strings.ReplaceAll(strings.TrimPrefix(text, indent), "\n"+indent, "\n")
}

// block is an address in a report's text and what is said below it.
type block struct {
	address string
	words   string
}

// blocks finds the addresses that head a paragraph of a report, each with its
// words. Most servers write so, whatever else they write.
func (l *letter) blocks(text string, own map[string]bool) []block {
	var found []block
	index := map[string]int{}
	current, alone := -1, false
	for line := range strings.Lines(text) {
		if address := heads(line); address != "" && !own[address] && !helper(address) {
			i, known := index[address]
			if !known {
				i = len(found)
				index[address] = i
				found = append(found, block{address: address})
			}
			current = i
			alone = answer(line[:min(len(line), 4)]) == 0
		}
		if current >= 0 && len(found[current].words) < 4000 {
			found[current].words += strings.TrimSpace(line) + "\n"
			if alone { // all that is said of this one
				current = -1
			}
		}
	}
	return found
}

// labels stand before the address that a report is about.
var labels = []string{
	"final-recipient:", "original-recipient:", "recipient:", "recipients:", "recipient address:", "failed recipient:", "rcpt to:", "address:", "e-mail address:", "email address:", "user:", "mailbox:",
	"empfänger:", "destinataire:", "destinatario:", "destinatário:", "ontvanger:", "addressee:", "delivery to:", "failed to deliver to", "unable to deliver to", "could not deliver to", "delivering your mail to", "undeliverable to:", "undeliverable to", "could not be delivered to", "mail to:", "message to", "invalid recipient", "sent to", "宛先:", "收件人:", "адрес:", "получатель:",
}

// heads gives the address that a line is about: it begins the line, marks aside,
// and at most little follows before a colon or the end; or a label names it.
func heads(line string) string {
	if !strings.Contains(line, "@") || len(line) > 2000 {
		return ""
	}
	text := strings.TrimLeft(line, " \t*-•·>|+[(<'\"„“#=.")
	if len(text) > 4 && answer(text[:4]) == 0 { // 550 <address>...
		text = strings.TrimLeft(text[4:], " 0123456789.")
		if !strings.HasPrefix(text, "<") {
			return ""
		}
		text = text[1:]
	}
	found := addresses(text)
	if len(found) == 0 {
		return ""
	}
	lower := strings.ToLower(text)
	at := strings.Index(lower, found[0])
	if at == 0 || at > 0 && (strings.HasPrefix(lower, "smtp:") || strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(lower, "rfc822")) && at < 12 {
		rest := strings.TrimLeft(text[min(len(text), at+len(found[0])):], "'\">)] \t\r")
		switch {
		case strings.TrimSpace(rest) == "", strings.IndexByte(":.;,(<[-=", rest[0]) >= 0, strings.HasPrefix(rest, "on "), digit(rest[0]), strings.HasPrefix(rest, "..."):
			return found[0]
		case said(rest) != Undefined:
			return found[0]
		}
		return ""
	}
	for _, label := range labels {
		if i := strings.Index(lower, label); i >= 0 && i < at && at-i-len(label) < 30 {
			return found[0]
		}
	}
	if before := strings.TrimSpace(text[:max(0, at)]); len(before) < 60 && (strings.HasSuffix(before, "(") || strings.HasSuffix(before, "<")) { // Name (address), Name <address>
		if rest := strings.TrimLeft(text[min(len(text), at+len(found[0])):], ")>'\" \t\r\n"); rest == "" || rest[0] == ':' || strings.HasPrefix(rest, "<mailto:") {
			return found[0]
		}
	}
	return ""
}

// near codes: mentioned gives the addresses on lines with an SMTP code, or else
// all of the text.
func mentioned(text string, own map[string]bool) []string {
	var near, all []string
	for line := range strings.Lines(text) {
		if len(line) > 4000 {
			line = line[:4000]
		}
		for _, a := range addresses(line) {
			if own[a] || helper(a) {
				continue
			}
			if replyCode(line) != "" || enhanced(line) != "" {
				near = append(near, a)
			}
			all = append(all, a)
		}
	}
	if len(near) > 0 {
		return unique(near)
	}
	return unique(all)
}

func unique(all []string) []string {
	seen := map[string]bool{}
	var kept []string
	for _, one := range all {
		if one != "" && !seen[one] {
			seen[one] = true
			kept = append(kept, one)
		}
	}
	return kept
}
