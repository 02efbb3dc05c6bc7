package webhook

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
)

// rebuilt puts a mail together again that a provider has taken apart; nothing
// where there is neither text nor HTML. Attachments are not read and not kept.
func rebuilt(fields [][2]string, text, html string) []byte {
	if text == "" && html == "" {
		return nil
	}
	var b, body bytes.Buffer
	for _, field := range fields {
		name, value := clean(field[0]), clean(field[1])
		switch lower := strings.ToLower(name); {
		case name == "", strings.ContainsAny(name, ": \t"), lower == "mime-version", strings.HasPrefix(lower, "content-"):
			continue
		}
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	w := multipart.NewWriter(&body)
	for _, part := range []struct{ kind, text string }{{"text/plain", text}, {"text/html", html}} {
		if part.text == "" {
			continue
		}
		out, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {part.kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return nil
		}
		q := quotedprintable.NewWriter(out)
		_, _ = q.Write([]byte(part.text)) // into memory
		_ = q.Close()
	}
	_ = w.Close()
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=%q\r\n\r\n", w.Boundary())
	b.Write(body.Bytes())
	return b.Bytes()
}

// clean keeps a field on its line.
func clean(value string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", " ", "\n", " ", "\x00", "").Replace(value))
}
