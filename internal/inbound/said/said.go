// Package said finds what a person wrote in a mail that quotes others: the
// visible reply, without quotes, their headers, signatures, legal notices and
// footers. Its one rule: a quoted word never passes for the person's own.
//
// Mail programs agree on nothing, so the rules look at structure: a line with
// a date, a verb and a colon; a run of "Word: value" lines; what follows
// them. The words of some forty languages stand in words.txt. Every function
// takes time in proportion to its input and never fails.
package said

// Reply gives what the sender of a mail wrote: its plain text as received,
// less all that was quoted, forwarded or added by programs. The lines that
// stay keep their order; at most the end of a line is cut, where a quote's
// header stands on it. "" means that the sender wrote nothing.
//
// Where quotes carry no marks (Outlook) all below their header is a quote.
// Where they do, what stands between and below them is kept.
func Reply(text string) string {
	return visible(split(text))
}

// FromHTML is Reply for a mail that has HTML only. Quotes are known by the
// markup of mail programs as well as by the rules for text. Where all of a mail
// is indented by markup that need not be a quote, it is the sender's.
func FromHTML(html string) string {
	if text := visible(flatten(html, false)); text != "" {
		return text
	}
	return visible(flatten(html, true))
}

// Quoted gives what a mail quotes, less the headers and marks of quotes, for
// one in which Reply finds nothing: a mail that was only passed on, or whose
// answer stands below a quote without marks. It is no person's plain word.
func Quoted(text string) string {
	return passedOn(split(text))
}

// QuotedHTML is Quoted for a mail that has HTML only.
func QuotedHTML(html string) string {
	return passedOn(flatten(html, false))
}
