package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
)

type configCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help lists every variable, from the struct that reads them.
func (configCommand) Help() string {
	var b strings.Builder
	b.WriteString("Secrets are masked. The exit code is 1 when serve or worker could not start with it.\n\n")
	for _, v := range variables() {
		text := v.help
		if v.byDefault != "" {
			text += " (" + v.byDefault + " when unset)"
		}
		fmt.Fprintf(&b, "  %-32s %s\n", v.name, text)
	}
	return b.String()
}

// Run shows the configuration and everything that is wrong with it.
func (cmd configCommand) Run(env *environment) error {
	c, err := env.Config()
	if c.set == nil {
		return err
	}
	needs := needsOfServe()
	for _, n := range needsOfWorker() {
		if !slices.Contains(needs, n) {
			needs = append(needs, n)
		}
	}
	err = errors.Join(err, c.check(needs...))
	if cmd.JSON {
		if e := writeConfigJSON(env.Stdout, c, err); e != nil {
			return e
		}
		if err != nil {
			return errSilent
		}
		return nil
	}
	writeConfig(env.Stdout, c)
	writeDNS(env.Stdout, c.dnsRecords())
	for _, w := range c.warnings() {
		fmt.Fprintf(env.Stderr, "longroad: warning: %s\n", w)
	}
	return err
}

// shown is one variable as it may be seen.
type shown struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // set, default or unset
}

func (c config) shown() []shown {
	all := []shown{}
	values := reflect.ValueOf(c)
	for _, v := range variables() {
		s := shown{Name: v.name, Source: "set"}
		switch value := values.Field(v.field).Interface().(type) {
		case string:
			s.Value = value
		case []string:
			s.Value = strings.Join(value, ",")
		}
		switch {
		case s.Value == "":
			s.Source = "unset"
		case !c.set[v.name]:
			s.Source = "default"
		}
		if s.Value != "" {
			s.Value = mask(v.secret, s.Value)
		}
		all = append(all, s)
	}
	return all
}

// hidden stands for a secret.
const hidden = "********"

// mask hides what a value has of a secret: all of it, or the passwords of a URL.
func mask(secret, value string) string {
	switch secret {
	case "":
		return value
	case "url":
		return maskURL(value)
	}
	if n := strings.Count(value, ",") + 1; n > 1 {
		return fmt.Sprintf("%s (%d of them)", hidden, n)
	}
	return hidden
}

func maskURL(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Opaque != "" || u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "/") ||
		strings.Contains(u.Path+u.Fragment, "@") {
		return hidden // whatever it is, it may hold a password anywhere
	}
	if _, ok := u.User.Password(); ok {
		u.User = url.UserPassword(u.User.Username(), hidden)
	}
	q := u.Query()
	for key := range q {
		if strings.Contains(strings.ToLower(key), "pass") {
			q.Set(key, hidden)
			u.RawQuery = q.Encode()
		}
	}
	text := u.String()
	return strings.ReplaceAll(text, url.QueryEscape(hidden), hidden)
}

func writeConfig(w io.Writer, c config) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range c.shown() {
		value := strings.ReplaceAll(s.Value, "\n", `\n`)
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t(%s)\n", s.Name, value, s.Source)
	}
	t.Flush()
}

func writeConfigJSON(w io.Writer, c config, fault error) error {
	faults := []string{}
	if fault != nil {
		faults = strings.Split(fault.Error(), "\n")
	}
	warnings := c.warnings()
	if warnings == nil {
		warnings = []string{}
	}
	return writeJSON(w, struct {
		Valid     bool        `json:"valid"`
		Variables []shown     `json:"variables"`
		Faults    []string    `json:"faults"`
		Warnings  []string    `json:"warnings"`
		DNS       []dnsRecord `json:"dns"` // what the DNS must hold
	}{fault == nil, c.shown(), faults, warnings, c.dnsRecords()})
}

// writeJSON writes one value, indented, for commands that report.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
