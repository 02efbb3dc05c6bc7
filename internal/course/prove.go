package course

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// prove compiles a text and renders it for every kind of reader, so that no mail
// fails on its way. It reports whether the footer is part of the text for all of
// them, and whether that could be told.
func (l *loader) prove(text *Text, language string) (footer, ok bool) {
	if blank(text.Body) {
		return false, false // reported already
	}
	start := place{text.File, text.Line, 1}
	t := compile(text.Body, start, l.report)
	if t == nil {
		return false, false
	}
	text.compiled = t
	if !l.known(t) {
		return false, false
	}
	return l.proveCompiled(t, start, language, text.Body, false)
}

// proveCompiled renders for those who gave nothing and those who gave everything,
// both with each answer to the safety question. A piece of a text may be there
// for one answer alone; a whole text may not.
func (l *loader) proveCompiled(t *compiled, start place, language, body string, piece bool) (footer, ok bool) {
	footer = true
	var empty []bool // by answer, for a reader without a name
	for _, in := range []Rendering{{}, {Solo: true}, {Name: "Ada", Country: "GB"}, {Name: "Ada", Country: "GB", Solo: true}} {
		in.Language = language
		s := &session{course: l.course, in: in}
		markdown, err := s.render(t)
		if err != nil {
			at, cause := templateFault(body, err)
			for _, bound := range []error{errTooDeep, errTooBig} {
				if errors.Is(err, bound) {
					cause = bound.Error()
				}
			}
			l.report.fail(at.from(start), "template-fails", "the text cannot be rendered: "+cause, "take out what makes it grow or go in circles")
			return false, false
		}
		if in.Name == "" {
			empty = append(empty, blank(markdown))
		}
		footer = footer && s.footer
	}
	switch plain, solo := empty[0], empty[1]; {
	case plain && solo:
		l.report.fail(start, "empty-body", "nothing of the text is left for a reader who gave no name", "write words outside of {{if .Name}}")
	case plain && !piece:
		l.report.fail(start, "empty-body", "nothing of the text is left for a reader whose answer to the safety question was not no or unsure", "write words outside of {{if .Solo}}")
	case solo && !piece:
		l.report.fail(start, "empty-body", "nothing of the text is left for a reader whose answer to the safety question was no or unsure", "write words outside of the {{else}} of {{if .Solo}}")
	default:
		return footer, true
	}
	return false, false
}

// known reports whether a text rests on nothing that is missing or at fault.
// What this text itself asks for in vain is reported.
func (l *loader) known(t *compiled) bool {
	fine := true
	for _, w := range t.snippets {
		if _, there := l.course.Snippets[w.text]; !there {
			names := slices.Sorted(maps.Keys(l.course.Snippets))
			l.report.fail(w.at, "unknown-snippet", fmt.Sprintf("there is no snippet %s", quoted(w.text)), oneOf(w.text, names)+", or add its file to _snippets/")
			fine = false
		}
		fine = fine && !l.broken[w.text]
	}
	if len(l.course.Help) == 0 && !l.helpAtFault {
		for _, at := range t.help {
			l.report.fail(at, "missing-help", "there are no help lines to show", "write "+HelpFile)
			fine = false
		}
	}
	return fine
}

// proveSnippets renders each snippet by itself, so that a fault in one is told
// where it stands and not again in every text that names it.
func (l *loader) proveSnippets() {
	l.broken = make(map[string]bool)
	texts := make(map[string][]*compiled)
	for _, s := range l.snippets {
		t := l.course.snippets[s.name][l.languageOf(s)]
		if t == nil || !l.known(t) {
			l.broken[s.name] = true
			continue
		}
		texts[s.name] = append(texts[s.name], t)
	}
	l.spread(texts)
	for _, s := range l.snippets {
		if l.broken[s.name] {
			continue
		}
		if _, ok := l.proveCompiled(l.course.snippets[s.name][l.languageOf(s)], place{s.path, 1, 1}, s.language, string(s.text), true); !ok {
			l.broken[s.name] = true
		}
	}
	l.spread(texts)
}

// spread marks as broken what names something broken.
func (l *loader) spread(texts map[string][]*compiled) {
	for again := true; again; {
		again = false
		for name, all := range texts {
			for _, t := range all {
				if !l.broken[name] && slices.ContainsFunc(t.snippets, func(w word) bool { return l.broken[w.text] }) {
					l.broken[name], again = true, true
				}
			}
		}
	}
}
