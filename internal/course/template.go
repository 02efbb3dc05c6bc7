package course

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

// The functions of a template; there are no others, not even the built-in ones.
var templateFunctions = []string{"or", "snippet", "helplines"}

// templateName stands in the messages of text/template, where we look for
// the line after it.
const templateName = "body"

const (
	actionRemedy = `write {{.Name}}, {{.Name | or "reader"}}, {{if .Name}}…{{else}}…{{end}}, {{if .Solo}}…{{else}}…{{end}}, {{snippet "footer"}} or {{helplines}}`
	soloRemedy   = "write {{if .Solo}}…{{else}}…{{end}}"
)

// compiled is a text that is ready to render.
type compiled struct {
	template *template.Template
	snippets []word // that it names, each time it does
	help     []place
}

// compile reads a text's actions. The place is where the text begins; what is
// wrong goes into the report, and then there is no result.
func compile(body string, start place, report *Report) *compiled {
	tree := parse.New(templateName)
	tree.Mode = parse.SkipFuncCheck
	set := make(map[string]*parse.Tree)
	if _, err := tree.Parse(body, "", "", set); err != nil {
		at, cause := templateFault(body, err)
		report.fail(at.from(start), "bad-template", cause, actionRemedy)
		return nil
	}
	c := &checker{compiled: &compiled{}, body: body, start: start, report: report}
	before := report.errors()
	for name := range set {
		if name != templateName {
			report.fail(start, "bad-template", fmt.Sprintf("the text defines a template %s", quoted(name)), "write shared pieces as files in _snippets/")
		}
	}
	c.list(tree.Root, false)
	if report.errors() > before {
		return nil
	}
	t, err := template.New(templateName).Funcs(new(session).functions()).AddParseTree(templateName, tree)
	if err != nil {
		report.fail(start, "bad-template", err.Error(), actionRemedy)
		return nil
	}
	c.template = t
	return c.compiled
}

// spot is a place within a body: line from 1, column from 1.
type spot struct{ line, column int }

// from gives the spot's place in the file where the body begins at start.
func (s spot) from(start place) place {
	return place{start.file, start.line + s.line - 1, s.column}
}

func spotOf(body string, offset int) spot {
	before := body[:min(max(offset, 0), len(body))]
	line := strings.LastIndexByte(before, '\n') + 1
	return spot{1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[line:])}
}

var templateError = regexp.MustCompile(`^template: ` + templateName + `:(\d+)(?::(\d+))?: (?s)(.*)$`)

// templateFault takes place and cause out of an error of text/template.
func templateFault(body string, err error) (spot, string) {
	m := templateError.FindStringSubmatch(err.Error())
	if m == nil {
		return spot{1, 1}, err.Error()
	}
	n, _ := strconv.Atoi(m[1])
	at := spot{max(n, 1), 1}
	if lines := strings.Split(body, "\n"); at.line <= len(lines) {
		line := lines[at.line-1]
		offset := strings.Index(line, "{{")
		if column, err := strconv.Atoi(m[2]); err == nil {
			offset = column
		}
		at.column += utf8.RuneCountInString(line[:min(max(offset, 0), len(line))])
	}
	return at, strings.ReplaceAll(m[3], "\n", " ")
}

// mostNodes is how many actions and pieces between them a text may have.
const mostNodes = 1000

// checker walks a text's actions and lets only those pass that are documented.
type checker struct {
	*compiled
	body   string
	start  place
	report *Report
	nodes  int
}

func (c *checker) at(n parse.Node) place {
	return spotOf(c.body, int(n.Position())).from(c.start)
}

func (c *checker) refuse(n parse.Node, code, cause, remedy string) {
	c.report.fail(c.at(n), code, cause, remedy)
}

// list walks nodes; named is set where an if has made sure of a name.
func (c *checker) list(l *parse.ListNode, named bool) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		if c.tooMany(n) {
			return
		}
		switch n := n.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			c.pipe(n.Pipe, named)
		case *parse.IfNode:
			if isSolo(n.Pipe) {
				c.list(n.List, named)
			} else {
				c.pipe(n.Pipe, true)
				c.list(n.List, true)
			}
			c.list(n.ElseList, named)
		default:
			c.refuse(n, "bad-template", fmt.Sprintf("the action %s is not one of a course's", quoted(firstLine(n.String()))), actionRemedy)
		}
	}
}

// tooMany counts a node, and reports the first one too many.
func (c *checker) tooMany(n parse.Node) bool {
	c.nodes++
	if c.nodes == mostNodes+1 {
		c.refuse(n, "too-large", "the text has too many actions", "write fewer of {{…}}")
	}
	return c.nodes > mostNodes
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (c *checker) pipe(p *parse.PipeNode, named bool) {
	if len(p.Decl) > 0 {
		c.refuse(p, "bad-template", "a course's texts have no variables", actionRemedy)
		return
	}
	var name parse.Node
	covered := named
	for i, command := range p.Cmds {
		if c.tooMany(command) {
			return
		}
		args := command.Args
		switch first := args[0].(type) {
		case *parse.IdentifierNode:
			c.call(first, args[1:], i > 0)
			covered = covered || first.Ident == "or"
		default:
			if len(args) > 1 || i > 0 {
				c.refuse(first, "bad-template", fmt.Sprintf("%s takes nothing", quoted(first.String())), actionRemedy)
			}
			c.operand(first)
		}
		for _, a := range args {
			if f, ok := a.(*parse.FieldNode); ok && isName(f) {
				name = f
			}
		}
	}
	if name != nil && !covered {
		c.report.warn(c.at(name), "no-fallback", "a reader may have given no name", `write {{.Name | or "reader"}}`)
	}
}

func isName(f *parse.FieldNode) bool { return isField(f, "Name") }

func isField(f *parse.FieldNode, name string) bool { return len(f.Ident) == 1 && f.Ident[0] == name }

// isSolo reports whether a condition is .Solo and nothing else.
func isSolo(p *parse.PipeNode) bool {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	f, ok := p.Cmds[0].Args[0].(*parse.FieldNode)
	return ok && isField(f, "Solo")
}

// operand checks what stands for a value.
func (c *checker) operand(n parse.Node) {
	switch n := n.(type) {
	case *parse.StringNode:
	case *parse.FieldNode:
		switch {
		case isName(n):
		case isField(n, "Solo"):
			c.refuse(n, "bad-template", ".Solo is nothing that could be written out", soloRemedy)
		default:
			c.refuse(n, "unknown-field", fmt.Sprintf("a reader has no %s", quoted(n.String())), `write {{.Name | or "reader"}}; nothing else of a reader may stand in a text`)
		}
	case *parse.PipeNode:
		c.pipe(n, true)
	case *parse.IdentifierNode:
		c.call(n, nil, false)
	default:
		c.refuse(n, "bad-template", fmt.Sprintf("%s is no value of a course's texts", quoted(n.String())), actionRemedy)
	}
}

// call checks a function and what it is given, from the left or by a pipe.
func (c *checker) call(f *parse.IdentifierNode, args []parse.Node, piped bool) {
	switch f.Ident {
	case "or":
		if len(args) == 0 {
			c.refuse(f, "bad-template", "or has no word to fall back to", `write {{.Name | or "reader"}}`)
		}
		for _, a := range args {
			c.operand(a)
		}
	case "snippet":
		if len(args) == 1 && !piped {
			if s, ok := args[0].(*parse.StringNode); ok {
				c.snippets = append(c.snippets, word{s.Text, c.at(f)})
				return
			}
		}
		c.refuse(f, "bad-template", "snippet takes one name in quotes", `write {{snippet "footer"}}`)
	case "helplines":
		if len(args) > 0 || piped {
			c.refuse(f, "bad-template", "helplines takes nothing", "write {{helplines}}")
		}
		c.help = append(c.help, c.at(f))
	default:
		remedy := actionRemedy
		if near := nearest(f.Ident, templateFunctions); near != "" {
			remedy = "write " + near
		}
		c.refuse(f, "unknown-function", fmt.Sprintf("unknown function %s", quoted(f.Ident)), remedy)
	}
}
