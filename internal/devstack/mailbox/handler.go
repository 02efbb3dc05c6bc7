package mailbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

//go:embed pages
var pageFiles embed.FS

func parsePages() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"show": func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04 UTC") },
		"iso":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}).ParseFS(pageFiles, "pages/*.html")
}

const (
	// Everything comes from us, nothing runs, nobody frames us.
	pagePolicy = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// A mail's own HTML: its style and nothing else, in an origin of its own. Its
	// links open a new window.
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

	mostOnPage = 200
	mostText   = 64 << 10 // bytes of a reply
)

// Handler serves /mailbox/. GET changes nothing, and a POST from another site is
// refused.
func (m *Mailbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mailbox/{$}", m.serveList)
	mux.HandleFunc("GET /mailbox/messages.json", m.serveMessages)
	mux.HandleFunc("GET /mailbox/style.css", serveStyle)
	mux.HandleFunc("GET /mailbox/{id}", m.serveLetter) // and {id}.eml
	mux.HandleFunc("GET /mailbox/{id}/html", m.serveHTML)
	mux.HandleFunc("POST /mailbox/{id}/reply", m.serveReply)
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would blank the Origin of our own forms
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}))
}

func (m *Mailbox) serveList(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	to, before := q.Get("to"), q.Get("before")
	letters := m.Letters(to)
	if before != "" {
		for len(letters) > 0 && letters[0].ID >= before {
			letters = letters[1:]
		}
	}
	older := ""
	if len(letters) > mostOnPage {
		letters = letters[:mostOnPage]
		older = "?" + url.Values{"to": {to}, "before": {letters[mostOnPage-1].ID}}.Encode()
	}
	m.render(w, r, "list.html", map[string]any{
		"Letters": letters, "To": to, "Older": older, "Now": m.options.Now(),
		"FormURL": m.options.FormURL, "OperatorURL": m.options.OperatorURL,
		"NothingDue": q.Get("note") == "nothing-due",
	})
}

func (m *Mailbox) serveMessages(w http.ResponseWriter, r *http.Request) {
	type message struct {
		ID      string   `json:"id"`
		To      string   `json:"to"`
		Subject string   `json:"subject"`
		At      string   `json:"at"`
		Text    string   `json:"text"`
		Links   []string `json:"links"`
	}
	list := []message{}
	for _, l := range m.Letters(r.URL.Query().Get("to")) {
		list = append(list, message{l.ID, l.To, l.Subject, l.At.Format(time.RFC3339Nano), l.Text, append([]string{}, l.Links...)})
	}
	m.answer(w, r, list)
}

func (m *Mailbox) serveLetter(w http.ResponseWriter, r *http.Request) {
	id, source := strings.CutSuffix(r.PathValue("id"), ".eml")
	l, raw, ok := m.find(w, r, id)
	if !ok {
		return
	}
	if source {
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("Content-Disposition", `attachment; filename="`+l.ID+`.eml"`)
		w.Write(raw)
		return
	}
	view := r.URL.Query().Get("view")
	switch view {
	case "text", "headers", "source":
	default:
		view = "html"
		if l.HTML == "" {
			view = "text"
		}
	}
	m.render(w, r, "letter.html", map[string]any{
		"Letter": l, "View": view, "Headers": headerBlock(raw), "Source": strings.ToValidUTF8(string(raw), "\uFFFD"),
		"Replied": r.URL.Query().Get("note") == "replied", "CanReply": m.options.Deliver != nil,
	})
}

var afterHead = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)

// serveHTML shows a mail's HTML for the sandboxed frame of its page.
func (m *Mailbox) serveHTML(w http.ResponseWriter, r *http.Request) {
	l, _, ok := m.find(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	const base = `<base target="_blank">`
	document := l.HTML
	if at := afterHead.FindStringIndex(document); at != nil {
		document = document[:at[1]] + base + document[at[1]:]
	} else {
		document = base + document
	}
	w.Write([]byte(document))
}

func (m *Mailbox) serveReply(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4*mostText) // form encoding triples a byte at worst
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The reply is too long, or no form.", http.StatusBadRequest)
		return
	}
	text := r.PostForm.Get("text")
	if strings.TrimSpace(text) == "" || len(text) > mostText {
		http.Error(w, "A reply has a text, of 64 kB at most.", http.StatusBadRequest)
		return
	}
	l, raw, ok := m.find(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	if m.options.Deliver == nil {
		http.Error(w, "Nobody takes replies here.", http.StatusNotImplemented)
		return
	}
	answer, err := buildReply(l, raw, text, m.options.Now().UTC())
	if err != nil {
		http.Error(w, "This mail cannot be answered: "+err.Error()+".", http.StatusUnprocessableEntity)
		return
	}
	if err := m.options.Deliver(r.Context(), answer.from, answer.to, answer.raw); err != nil {
		m.log.ErrorContext(r.Context(), "the service did not take a reply", "letter", l.ID, "error", err)
		http.Error(w, "The service did not take the reply: "+err.Error(), http.StatusBadGateway)
		return
	}
	if wantsJSON(r) {
		m.answer(w, r, map[string]string{"from": answer.from, "to": answer.to, "message_id": answer.messageID})
		return
	}
	http.Redirect(w, r, "/mailbox/"+l.ID+"?note=replied", http.StatusSeeOther)
}

func (m *Mailbox) find(w http.ResponseWriter, r *http.Request, id string) (Letter, []byte, bool) {
	l, raw, err := m.letter(id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.Error(w, "There is no such mail.", http.StatusNotFound)
	case err != nil:
		m.log.ErrorContext(r.Context(), "a mail could not be read", "letter", id, "error", err)
		http.Error(w, "The mail could not be read from its folder.", http.StatusInternalServerError)
	}
	return l, raw, err == nil
}

func (m *Mailbox) render(w http.ResponseWriter, r *http.Request, page string, data any) {
	var b bytes.Buffer
	if err := m.pages.ExecuteTemplate(&b, page, data); err != nil {
		m.log.ErrorContext(r.Context(), "a page could not be made", "page", page, "error", err)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

func (m *Mailbox) answer(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		m.log.DebugContext(r.Context(), "an answer was cut short", "error", err)
	}
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}
