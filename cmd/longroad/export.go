package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// exportPage is how many subscriptions are read at once.
const exportPage = 1000

type exportCommand struct {
	Person     string `arg:"" optional:"" help:"An address, the id of a subscriber or a subscription, or - to read it from standard input; everybody without it."`
	Course     string `help:"Only the subscriptions to this course."`
	Output     string `short:"o" help:"A new file to write to, which only you can read; standard output without it."`
	WithSafety bool   `help:"Also the answers to the safety question, and which subscriptions are halted for safety. Whoever has the file knows."`
	JSON       bool   `name:"json" help:"Print a line of JSON a subscription, not CSV."`
}

// Help says what stays inside.
func (exportCommand) Help() string {
	return `A row a subscription, by age, with the columns that import takes and more. What readers wrote is never in it, nor what they answered on safety; a
subscription that is halted for safety shows as paused. In CSV an apostrophe stands before what a spreadsheet would take for a formula (= + - @), also behind a semicolon; import takes it off.`
}

// exported is one subscription as it is handed out.
type exported struct {
	Email         string    `json:"email"`
	Name          string    `json:"name"`
	TimeZone      string    `json:"time_zone"`
	ConsentedAt   time.Time `json:"consented_at,omitzero"`
	ConsentSource string    `json:"consent_source"` // the text that was agreed to, or where
	SendHour      string    `json:"send_hour"`
	Country       string    `json:"country"`
	Language      string    `json:"language"`
	Track         string    `json:"track"`
	Mailbox       string    `json:"mailbox"`
	CrisisMail    string    `json:"crisis_mail"`
	Course        string    `json:"course"`
	Status        string    `json:"status"`
	Letters       int       `json:"letters"` // sent
	Lesson        string    `json:"lesson"`  // the last one
	DueAt         time.Time `json:"due_at,omitzero"`
	SignedUpAt    time.Time `json:"signed_up_at"`
	ConfirmedAt   time.Time `json:"confirmed_at,omitzero"`
	EndedAt       time.Time `json:"ended_at,omitzero"`
	ConsentHow    string    `json:"consent_how"`
	Version       string    `json:"version"`
	Subscriber    string    `json:"subscriber"`
	Subscription  string    `json:"subscription"`
	Safe          *string   `json:"safe,omitempty"` // only when it was asked for
}

// exportColumns are the columns of the CSV, in their order.
var exportColumns = []string{"email", "name", "time_zone", "consented_at", "consent_source", "send_hour", "country", "language", "track", "mailbox", "crisis_mail",
	"course", "status", "letters", "lesson", "due_at", "signed_up_at", "confirmed_at", "ended_at", "consent_how", "version", "subscriber", "subscription"}

func (e exported) cells() []string {
	cells := []string{e.Email, e.Name, e.TimeZone, moment3339(e.ConsentedAt), e.ConsentSource, e.SendHour, e.Country, e.Language, e.Track, e.Mailbox, e.CrisisMail,
		e.Course, e.Status, strconv.Itoa(e.Letters), e.Lesson, moment3339(e.DueAt), moment3339(e.SignedUpAt), moment3339(e.ConfirmedAt),
		moment3339(e.EndedAt), e.ConsentHow, e.Version, e.Subscriber, e.Subscription}
	if e.Safe != nil {
		cells = append(cells, *e.Safe)
	}
	for i, cell := range cells {
		cells[i] = harmless(cell)
	}
	return cells
}

func (cmd exportCommand) exported(k store.Kept) exported {
	e := exported{
		Email: k.Email, Name: k.Name, TimeZone: k.TimeZone, ConsentedAt: k.Consent.At, ConsentSource: k.Consent.TextVersion,
		Country: k.Country, Language: k.Language, Track: k.Track, Mailbox: k.Mailbox, CrisisMail: k.CrisisMail, Course: k.Course,
		Status: string(k.State.Status), Letters: k.Letters, Lesson: k.State.Lesson, DueAt: k.State.DueAt, SignedUpAt: k.CreatedAt,
		ConfirmedAt: k.ConfirmedAt, EndedAt: k.EndedAt, ConsentHow: k.Consent.How, Version: k.Version,
		Subscriber: k.Subscriber.String(), Subscription: k.Ref.String(),
	}
	if k.SendHour != nil {
		e.SendHour = course.Hour(*k.SendHour).String()
	}
	if cmd.WithSafety {
		e.Safe = &k.Safe
	} else if k.State.Status == pacing.Halted {
		e.Status = string(pacing.Paused)
	}
	return e
}

// Run writes out one person, or everybody.
func (cmd exportCommand) Run(ctx context.Context, env *environment) error {
	var name personName
	if cmd.Person != "" {
		var err error
		if name, err = (personArg{cmd.Person}).name(env.Stdin); err != nil {
			return err
		}
	}
	return withStore(ctx, env, nil, func(_ config, s *store.Store) error {
		var who person
		if cmd.Person != "" {
			var err error
			if who, err = name.find(ctx, s); err != nil {
				return err
			}
		}
		if cmd.Output == "" {
			return cmd.write(ctx, s, who, env.Stdout)
		}
		f, err := os.OpenFile(cmd.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return misuse{fmt.Errorf("%s is there already: name a new file", cmd.Output)}
		}
		if err != nil {
			return misuse{fmt.Errorf("output: %w", err)}
		}
		if err := errors.Join(cmd.write(ctx, s, who, f), f.Close()); err != nil {
			os.Remove(cmd.Output) // half of it would pass for all
			return err
		}
		return nil
	})
}

// write writes page by page, so that any number of people need the same memory.
func (cmd exportCommand) write(ctx context.Context, s *store.Store, who person, to io.Writer) error {
	out := bufio.NewWriter(to)
	rows, lines := csv.NewWriter(out), json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if !cmd.JSON {
		header := exportColumns
		if cmd.WithSafety {
			header = append(header[:len(header):len(header)], "safe")
		}
		_ = rows.Write(header) // Error tells
	}
	for after := int64(0); ; {
		page, err := s.Export(ctx, after, who.ID, cmd.Course, exportPage)
		if err != nil {
			return err
		}
		for _, k := range page {
			after = k.ID
			if who.only != 0 && who.only != k.ID {
				continue
			}
			if cmd.JSON {
				err = lines.Encode(cmd.exported(k))
			} else {
				err = rows.Write(cmd.exported(k).cells())
			}
			if err != nil {
				return fmt.Errorf("output: %w", err)
			}
		}
		rows.Flush()
		if err := errors.Join(rows.Error(), out.Flush()); err != nil {
			return fmt.Errorf("output: %w", err)
		}
		if len(page) < exportPage {
			return nil
		}
	}
}

// harmless puts an apostrophe before what a spreadsheet would run as a formula,
// also behind a semicolon: where that separates the cells of a CSV, it would
// begin one.
func harmless(s string) string {
	parts := strings.Split(s, ";")
	for i, part := range parts {
		if formula(part) {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, ";")
}

func formula(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) // the last ones as East Asian keyboards write them
}

func moment3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
