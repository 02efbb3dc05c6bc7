package report

import (
	"bytes"
	"strings"

	"longroad/internal/inbound/mime"
)

// machine reads a message/delivery-status (RFC 3464): a block of fields on the
// message, then one for each recipient. Empty lines are where they should be in
// most reports only: a second Final-Recipient begins a record as well.
func machine(body []byte) []Record {
	var records []Record
	var r Record
	open := false
	flush := func() {
		if open && (r.Recipient != "" || r.Action != "" || r.Status != "") {
			records = append(records, r)
		}
		r, open = Record{}, false
	}
	for len(bytes.TrimSpace(body)) > 0 && len(records) < mostRecords {
		fields, rest := mime.ParseFields(body)
		if len(rest) >= len(body) { // not a field: pass over the line
			_, rest, _ = bytes.Cut(bytes.TrimLeft(body, "\n"), []byte("\n"))
		}
		body = rest
		flush()
		final := false
		for name, value := range fields.All() {
			switch strings.ToLower(name) {
			case "final-recipient":
				if final {
					flush()
				}
				open, final = true, true
				if a := typedAddress(value); r.Recipient == "" {
					r.Recipient = a
				}
			case "original-recipient": // what the sender knows, not what it became
				if a := typedAddress(value); a != "" {
					r.Recipient, open = a, true
				}
			case "x-actual-recipient":
				if a := typedAddress(value); r.Recipient == "" {
					r.Recipient = a
				}
			case "action":
				r.Action, open = strings.ToLower(firstWord(value)), true
			case "status":
				r.Status, open = enhanced(value), true
			case "diagnostic-code", "x-supplementary-info", "x-display-name-diagnostic":
				if r.Diagnostic == "" || name == "Diagnostic-Code" {
					r.Diagnostic = mime.DecodeWords(value)
				}
			}
		}
	}
	flush()
	return records
}

// mostRecords bounds the recipients of a report.
const mostRecords = 500

// typedAddress takes the type off an address (RFC 3464, section 2.3.2).
func typedAddress(value string) string {
	kind, address, ok := strings.Cut(value, ";")
	if !ok {
		address = kind
	}
	if found := addresses(mime.DecodeWords(address)); len(found) > 0 {
		return found[0]
	}
	if address = strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>")); strings.IndexByte(address, '@') > 0 && !strings.ContainsAny(address, " \t") {
		return address
	}
	return ""
}

func firstWord(value string) string {
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ';' || r == '(' || r == ',' || r == '\t' })
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// enhanced finds the first enhanced status code in text (RFC 3463): a class of
// 2, 4 or 5, and two numbers of at most three digits.
func enhanced(text string) string {
	for i := 0; i+4 < len(text); i++ {
		c := text[i]
		if c != '2' && c != '4' && c != '5' || i > 0 && (digit(text[i-1]) || text[i-1] == '.' || letterByte(text[i-1])) || text[i+1] != '.' {
			continue
		}
		subject, after := number(text, i+2)
		if after == i+2 || after-i-2 > 3 || after >= len(text) || text[after] != '.' {
			continue
		}
		detail, end := number(text, after+1)
		if end == after+1 || end-after-1 > 3 || end < len(text) && (letterByte(text[end]) && text[end] != 'Z' || text[end] == '.' && end+1 < len(text) && digit(text[end+1])) {
			continue
		}
		return string(c) + "." + subject + "." + detail
	}
	return ""
}

// codeIn finds the enhanced code in an SMTP server's words that says the most:
// x.0.0 says nothing, and 5.1.0 less than what another server says after it.
func codeIn(text string) string {
	first := ""
	for rest := text; ; {
		code := enhanced(rest)
		if code == "" {
			return first
		}
		if !vague(code) && coded(code) != Undefined {
			return code
		}
		if first == "" || vague(first) && !vague(code) {
			first = code
		}
		rest = rest[strings.Index(rest, code)+len(code):]
	}
}

func vague(code string) bool { return code == "" || strings.HasSuffix(code, ".0.0") }

// replyCode finds the SMTP reply code that text is about, such as 550; "" none.
func replyCode(text string) string {
	if at := answer(text); at >= 0 {
		return text[at : at+3]
	}
	return ""
}

// answer finds where a server's answer begins in text: its code; -1 nowhere.
func answer(text string) int {
	for i := 0; i+3 <= len(text); i++ {
		if (text[i] == '4' || text[i] == '5') && text[i+1] >= '0' && text[i+1] <= '7' && digit(text[i+2]) &&
			(i == 0 || strings.IndexByte(" \t\n:;<([\"'#", text[i-1]) >= 0) && (i+3 == len(text) || strings.IndexByte(" \t\n-:,#", text[i+3]) >= 0) {
			return i
		}
	}
	return -1
}

func number(text string, at int) (string, int) {
	end := at
	for end < len(text) && digit(text[end]) {
		end++
	}
	return text[at:end], end
}

func digit(c byte) bool      { return c >= '0' && c <= '9' }
func letterByte(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
