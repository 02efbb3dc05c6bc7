package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/simulate"
)

type simulateCommand struct {
	Dir      string `arg:"" optional:"" help:"The course's folder; the built-in course long-road when left out."`
	Track    string `required:"" help:"The track to walk."`
	Start    string `required:"" placeholder:"DATE" help:"When the reader confirms: a date (at noon there) or an RFC 3339 time."`
	Until    string `placeholder:"DATE" help:"The first date that no longer counts; a year after the start when left out."`
	Zone     string `name:"tz" default:"UTC" placeholder:"ZONE" help:"The reader's time zone, such as Europe/London."`
	Replies  string `default:"ready" placeholder:"HOW" help:"How the reader answers: ready, silent, not-yet:3, or a script such as replies.yaml."`
	SendHour string `placeholder:"HH:MM" help:"The hour that the reader chose."`
	Name     string `help:"The name that the reader gave."`
	Safe     string `enum:",yes,no,unsure" default:"" placeholder:"ANSWER" help:"The reader's last answer to the safety question: yes, no or unsure; mails may differ by it."`
	JSON     bool   `name:"json" help:"Print a line of JSON a mail."`
}

// Help says what is real about a simulation, and how a script of replies reads.
func (simulateCommand) Help() string {
	return `It runs the real pacing and composes every mail with the real templates; it needs no configuration and sends nothing. ready answers each check-in an hour after its letter; not-yet:3 says not yet three times to each, then ready.

A script of replies is a YAML list:

    - {after: no-but, say: ready}            # an hour after that letter first comes
    - {after: no-but, in: 2d, say: not-yet}  # or later: days of 24 hours, h, m, s
    - {at: "2027-03-02 18:00", say: pause, for: 14d}        # on the reader's clock
    - {at: "2027-05-01 08:00", say: pause, until: "2027-06-01"}

say is one of ` + simulate.Sayable() + `.`
}

// Run foretells a reader's way. A course with errors is refused, with all of
// them; warnings are not looked at.
func (cmd simulateCommand) Run(env *environment) error {
	files, err := cmd.files()
	if err != nil {
		return err
	}
	c, report := course.Load(files)
	if report.Failed() {
		writeReport(env.Stderr, cmd.Dir, report)
		return errSilent
	}
	o, err := cmd.options(c)
	if err != nil {
		return misuse{err}
	}
	if o.Subject, err = cmd.compose(c, o.Start); err != nil {
		return err
	}
	lines, err := simulate.Run(c, o)
	if err != nil {
		return err
	}
	if cmd.JSON {
		e := json.NewEncoder(env.Stdout)
		for _, l := range lines {
			if err := e.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	writeWay(env.Stdout, lines)
	return nil
}

func (cmd simulateCommand) files() (fs.FS, error) {
	if cmd.Dir == "" {
		return fs.Sub(courses.FS, "long-road")
	}
	return openDir(cmd.Dir)
}

// options reads the flags; all faults in them at once.
func (cmd simulateCommand) options(c *course.Course) (simulate.Options, error) {
	o := simulate.Options{Track: cmd.Track, NoPractice: cmd.solo()}
	var faults []error
	fault := func(err error) { faults = append(faults, err) }
	if err := hasTrack(c, cmd.Track); err != nil {
		fault(err)
	}
	zone, err := time.LoadLocation(cmd.Zone)
	if err != nil || cmd.Zone == "" || cmd.Zone == "Local" {
		fault(fmt.Errorf("--tz: there is no zone %q; write it like Europe/London", cmd.Zone))
		zone = time.UTC
	}
	o.Reader.Zone = zone
	if o.Start, err = readMoment(cmd.Start, 12, zone); err != nil {
		fault(fmt.Errorf("--start: %w", err))
	}
	o.Until = o.Start.AddDate(1, 0, 0)
	if cmd.Until != "" {
		if o.Until, err = readMoment(cmd.Until, 0, zone); err != nil {
			fault(fmt.Errorf("--until: %w", err))
		}
	}
	if len(faults) == 0 && !o.Until.After(o.Start) {
		fault(errors.New("--until: it is not after --start"))
	}
	if cmd.SendHour != "" {
		hour, err := course.ParseHour(cmd.SendHour)
		if err == nil && hour == course.EndOfDay {
			err = errors.New("24:00 is no hour to send at; write 00:00")
		}
		if err != nil {
			fault(fmt.Errorf("--send-hour: %w", err))
		}
		o.Reader.SendHour = &hour
	}
	// A script may lie anywhere, which a file system of names below it cannot say.
	o.Replies, err = simulate.ParseReplies(filepath.Base(cmd.Replies), os.DirFS(filepath.Dir(cmd.Replies)))
	if err != nil {
		fault(fmt.Errorf("--replies: %w", err))
	}
	return o, errors.Join(faults...)
}

// readMoment reads a date, which means that hour of it, or an RFC 3339 time.
func readMoment(s string, hour int, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no date such as 2027-03-02 and no time such as 2027-03-02T18:00:00Z", s)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, zone), nil
}

// solo reports whether the reader has not said to be safe, though asked.
func (cmd simulateCommand) solo() bool {
	return cmd.Safe == string(course.AnswerNo) || cmd.Safe == string(course.AnswerUnsure)
}

// compose gives the subjects of real mails to a reader who does not exist, so
// that a template that fails shows.
func (cmd simulateCommand) compose(c *course.Course, date time.Time) (func(pacing.Mail) (string, error), error) {
	reader := sampleReader{Track: cmd.Track, Name: cmd.Name, Solo: cmd.solo()}
	sample, err := sampleOf(c, config{}, reader, date)
	if err != nil {
		return nil, err
	}
	return func(m pacing.Mail) (string, error) {
		letter := sample.letter(string(m.Kind), m.Lesson)
		if _, err := sample.composer.Compose(letter); err != nil {
			return "", err
		}
		return sample.composer.Subject(letter)
	}, nil
}

func writeWay(w io.Writer, lines []simulate.Line) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", l.At.Format("Mon 2006-01-02 15:04:05 -07:00"), l.Kind, l.ID, l.Subject)
	}
	t.Flush()
	fmt.Fprintln(w, count(len(lines), "mail"))
}
