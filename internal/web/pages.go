package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"longroad/internal/course"
)

// pages are the compiled templates, one set a page, and the assets beside them.
type pages struct {
	sets   map[string]*template.Template
	assets map[string]asset
}

// asset is a file that pages load, under a name that changes with its content.
type asset struct {
	kind    string
	content []byte
	version string
}

// frame is what layout.html shows around a page.
type frame struct {
	Style, Script string
	Page          any
}

// shared are the templates that every page may use.
var shared = []string{"page/layout.html", "page/part-*.html"}

func loadPages(files fs.FS) (*pages, error) {
	p := &pages{sets: map[string]*template.Template{}, assets: map[string]asset{}}
	common, err := template.New("layout.html").Funcs(functions()).ParseFS(files, shared...)
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	names, err := fs.Glob(files, "page/*.html")
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	for _, name := range names {
		base := path.Base(name)
		if base == "layout.html" || strings.HasPrefix(base, "part-") {
			continue
		}
		set, err := common.Clone()
		if err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
		if set, err = set.ParseFS(files, name); err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
		p.sets[strings.TrimSuffix(base, ".html")] = set
	}
	for name, kind := range map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"} {
		content, err := fs.ReadFile(files, "page/"+name)
		if err != nil {
			return nil, fmt.Errorf("page assets: %w", err)
		}
		if name == "page.css" {
			content = []byte(squeezeCSS(string(content)))
		}
		sum := sha256.Sum256(content)
		p.assets[name] = asset{kind: kind, content: content, version: hex.EncodeToString(sum[:6])}
	}
	return p, nil
}

// functions are what templates may call.
func functions() template.FuncMap {
	return template.FuncMap{
		"date":    func(t time.Time) string { return t.Format("Monday, 2 January 2006") },
		"hour":    func(t time.Time) string { return t.Format("15:04") },
		"contact": readContact,
		"dict":    dict,
	}
}

// dict makes a map of pairs, so that a template can hand several values on.
func dict(pairs ...any) (map[string]any, error) {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// show writes a page. It is built whole before the first byte goes out, so that
// a fault in a template never leaves half a page.
func (s *site) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var out bytes.Buffer
	err := s.pages.sets[name].ExecuteTemplate(&out, "layout.html", frame{
		Style:  "/assets/page.css?v=" + s.pages.assets["page.css"].version,
		Script: "/assets/page.js?v=" + s.pages.assets["page.js"].version,
		Page:   data,
	})
	if err != nil {
		s.Log.ErrorContext(r.Context(), "a page template failed", "page", name, "error", err)
		http.Error(w, "Something went wrong here. Please try again in a few minutes.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	send(w, r, status, out.Bytes())
}

func (s *site) asset(w http.ResponseWriter, r *http.Request) error {
	a, ok := s.pages.assets[r.PathValue("file")]
	if !ok {
		return refusal(http.StatusNotFound)
	}
	w.Header().Set("Content-Type", a.kind)
	if r.URL.Query().Get("v") == a.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	send(w, r, http.StatusOK, a.content)
	return nil
}

// noIcon spares browsers a page of ours where they look for an icon.
func (s *site) noIcon(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// help gives a country's help lines, or those for everywhere else.
func help(c *course.Course, country string) []course.HelpLine {
	if c == nil {
		return nil
	}
	if lines, ok := c.Help[country]; ok {
		return lines
	}
	return c.Help[""]
}
