package mailin

import (
	"bytes"
	"strings"
)

// recipientFields are where a mailbox tells whom a mail came for, the most
// trustworthy first.
func recipientFields() []string {
	return []string{"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc"}
}

// recipient is the address of ours that a mail was sent to, as far as its header
// tells; "" for none. Whoever writes a header cannot make up an address of ours:
// it is signed.
func (o Options) recipient(raw []byte) string {
	fields := map[string][]string{}
	name := ""
	for len(raw) > 0 {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			break // the body begins
		}
		value := string(line)
		if line[0] != ' ' && line[0] != '\t' {
			before, after, found := strings.Cut(value, ":")
			if !found {
				continue
			}
			name, value = strings.ToLower(strings.TrimSpace(before)), after
		}
		fields[name] = append(fields[name], value)
	}
	for _, field := range recipientFields() {
		for _, value := range fields[field] {
			if address := o.known(value); address != "" {
				return address
			}
		}
	}
	return ""
}

// known is the first address in a text that was made for one mail of ours: what
// every server has, postmaster for one, tells nothing.
func (o Options) known(text string) string {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t<>,;:\"'()[]", r) }) {
		if strings.Contains(word, "@") && !office(word) && o.ours(word) && o.Knows(word) {
			return word
		}
	}
	return ""
}

// office tells an address that every mail server has (RFC 2142), and anybody may
// write to.
func office(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return strings.EqualFold(local, "postmaster") || strings.EqualFold(local, "abuse")
}
