package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/store"
)

// importBatch is how many people come in by one transaction.
const importBatch = 1000

type importCommand struct {
	File   string   `arg:"" help:"A CSV file with a header, or - for standard input."`
	Course string   `required:"" help:"The course that they come to."`
	Track  string   `help:"The track of rows that name none."`
	AtOnce bool     `help:"Let first letters go by the course's own \"first\", at any hour. Otherwise they keep the window: a file of many people would be as many mails at once."`
	Ignore []string `help:"Columns to leave out, by comma."`
	Report string   `help:"Where refused rows go; FILE.refused.csv when not named."`
	JSON   bool     `name:"json" help:"Print JSON."`
}

// Help tells the columns and what happens twice.
func (importCommand) Help() string {
	return `People who confirmed elsewhere, with proof of consent. Columns, in any order: email, time_zone (IANA), consented_at (RFC 3339 or a date),
consent_source (which text, where it was agreed to); and, if you like, name, send_hour, country, language, track, safe, mailbox, crisis_mail (what may come by mail in a crisis: full, link or none), start_at (when the first letter may go;
now without it). UTF-8; commas, semicolons or tabs.

It may be stopped anywhere and run again: nobody is doubled. Who is on the way already is left as they are. Refused are bad rows, suppressed addresses, and who
stopped or completed the course after the consent in the file. Each such row is in the report with its reason. The exit code is 1 when one was refused.`
}

// imported is what became of a file.
type imported struct {
	Course   string         `json:"course"`
	Rows     int            `json:"rows"`
	Imported int            `json:"imported"`
	OnTheWay int            `json:"on_the_way"`
	Refused  int            `json:"refused"`
	Reasons  map[string]int `json:"reasons"` // a row may have several
	Report   string         `json:"report"`  // "" when every row came in
	Whole    bool           `json:"whole"`   // false: stopped before the end of the file
}

// Run imports a file.
func (cmd importCommand) Run(ctx context.Context, env *environment) error {
	in, size, err := cmd.open(env.Stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	rows, place, err := cmd.begin(in)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	if _, named := place["track"]; cmd.Track == "" && !named {
		return misuse{errors.New("name a --track: the file has no column track")}
	}
	return withStore(ctx, env, []need{needKeys}, func(c config, s *store.Store) error {
		road := newRoad(env, c, s)
		if road.Hasher, err = addressHasher(c); err != nil {
			return err
		}
		found, err := cmd.findCourse(ctx, road)
		if err != nil {
			return err
		}
		report, err := newRefusals(cmd.reportName())
		if err != nil {
			return err
		}
		run := importRun{road: road, rows: rows, report: report, progress: newProgress(env.Stderr, size), done: imported{Course: found.ID, Reasons: map[string]int{}},
			read: rowReader{course: found, track: cmd.Track, atOnce: cmd.AtOnce, now: env.Now(), place: place, zones: map[string]*time.Location{}}}
		err = run.all(ctx)
		run.progress.end()
		if run.done.Report, run.done.Whole = report.close(), err == nil; cmd.JSON {
			err = errors.Join(err, writeJSON(env.Stdout, run.done))
		} else {
			run.done.write(env.Stdout)
		}
		if err == nil && run.done.Refused > 0 {
			return errSilent
		}
		return err
	})
}

// open opens the file and says how long it is, if anybody knows.
func (cmd importCommand) open(stdin io.Reader) (io.ReadCloser, int64, error) {
	if cmd.File == "-" {
		return io.NopCloser(stdin), 0, nil
	}
	f, err := os.Open(cmd.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, misuse{fmt.Errorf("%s: there is no such file", cmd.File)}
	}
	if err != nil {
		return nil, 0, misuse{fmt.Errorf("%s: the file cannot be read: %w", cmd.File, err)}
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return f, 0, nil
	case info.IsDir():
		f.Close()
		return nil, 0, misuse{fmt.Errorf("%s is a folder: name a CSV file", cmd.File)}
	case !info.Mode().IsRegular():
		return f, 0, nil
	}
	return f, info.Size(), nil
}

// begin reads the header.
func (cmd importCommand) begin(in io.Reader) (*recordReader, map[string]int, error) {
	rows, err := newRecordReader(in)
	if err != nil {
		return nil, nil, err
	}
	header, err := rows.next()
	if err == nil && header.fault != "" {
		err = fmt.Errorf("row 1: %s", header.fault)
	}
	if err != nil {
		return nil, nil, err
	}
	rows.width = len(header.fields)
	place, err := readHeader(header.fields, cmd.Ignore)
	return rows, place, err
}

// findCourse gives the current version of the course that is named.
func (cmd importCommand) findCourse(ctx context.Context, road *journey.Road) (*course.Course, error) {
	c, err := road.CurrentCourse(ctx, cmd.Course)
	if errors.Is(err, journey.ErrNotFound) {
		return nil, misuse{fmt.Errorf("the course %q was never published; longroad course versions lists those that were", cmd.Course)}
	}
	if err != nil {
		return nil, err
	}
	if cmd.Track != "" && c.Track(cmd.Track) == nil {
		var tracks []string
		for _, t := range c.Tracks {
			tracks = append(tracks, t.ID)
		}
		return nil, misuse{fmt.Errorf("the course %s has no track %q; it has %s", c.ID, cmd.Track, strings.Join(tracks, ", "))}
	}
	return c, nil
}

func (cmd importCommand) reportName() string {
	switch {
	case cmd.Report != "":
		return cmd.Report
	case cmd.File == "-":
		return "import.refused.csv"
	}
	return cmd.File + ".refused.csv"
}

// importRun is one import under way.
type importRun struct {
	road     *journey.Road
	rows     *recordReader
	read     rowReader
	report   *refusals
	progress *progress
	done     imported

	records []record // of the batch
	batch   []journey.Newcomer
}

// all brings in the whole file, a batch at a time.
func (r *importRun) all(ctx context.Context) error {
	for {
		rec, err := r.rows.next()
		if errors.Is(err, io.EOF) {
			return r.flush(ctx)
		}
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		r.done.Rows++
		r.take(rec)
		if len(r.batch) == importBatch || r.done.Rows%importBatch == 0 {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// take puts a row into the batch, or refuses it.
func (r *importRun) take(rec record) {
	if rec.fault != "" {
		r.refuse(rec, rec.fault)
		return
	}
	n, faults := r.read.newcomer(rec.fields)
	if len(faults) > 0 {
		r.refuse(rec, faults...)
		return
	}
	r.records, r.batch = append(r.records, rec), append(r.batch, n)
}

func (r *importRun) refuse(rec record, reasons ...string) {
	r.done.Refused++
	r.note(rec, reasons...)
}

func (r *importRun) note(rec record, reasons ...string) {
	for _, reason := range reasons {
		r.done.Reasons[reason]++
	}
	r.report.add(rec, reasons)
}

// flush brings the batch in.
func (r *importRun) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.progress.at(r.rows.read, r.done.Rows)
	if len(r.batch) == 0 {
		return r.report.flush()
	}
	verdicts, err := r.road.Import(ctx, r.read.now, r.read.course, r.batch)
	if err != nil && ctx.Err() != nil { // the database says it in its own words
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%w; what came before is in, run it again to go on", err)
	}
	for i, v := range verdicts {
		switch v {
		case journey.Admitted:
			r.done.Imported++
		case journey.OnTheWay, journey.Unconfirmed:
			r.done.OnTheWay++
			r.note(r.records[i], string(v))
		default:
			r.refuse(r.records[i], string(v))
		}
	}
	r.records, r.batch = r.records[:0], r.batch[:0]
	return r.report.flush()
}

func (d imported) write(w io.Writer) {
	if !d.Whole {
		fmt.Fprintln(w, "stopped before the end of the file: run it again to go on, nobody is doubled")
	}
	fmt.Fprintf(w, "%s: %d imported, %d already on the way, %d refused\n", count(d.Rows, "row"), d.Imported, d.OnTheWay, d.Refused)
	for _, reason := range slices.Sorted(maps.Keys(d.Reasons)) {
		fmt.Fprintf(w, "  %d: %s\n", d.Reasons[reason], reason)
	}
	if d.Report != "" {
		fmt.Fprintf(w, "the rows that did not come in, and why: %s\n", d.Report)
	}
}
