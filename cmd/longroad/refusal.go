package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

const reportHeader = "row,reason,text"

// refusals is the report of rows that did not come in: row, reason, the row.
type refusals struct {
	file *os.File
	csv  *csv.Writer
	rows int
}

// newRefusals begins the report, in the place of an older one. It holds
// addresses: nobody else may read it.
func newRefusals(name string) (*refusals, error) {
	if err := removeReport(name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, misuse{fmt.Errorf("the report cannot be written, name another with --report: %w", err)}
	}
	r := &refusals{file: f, csv: csv.NewWriter(f)}
	_ = r.csv.Write(strings.Split(reportHeader, ",")) // flush tells
	return r, nil
}

// removeReport takes an older report away, and no other file.
func removeReport(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		head := make([]byte, len(reportHeader))
		_, err = io.ReadFull(f, head)
		f.Close()
		if err == nil && string(head) == reportHeader {
			return os.Remove(name)
		}
	}
	return misuse{fmt.Errorf("%s is there and is no report of an import: name another with --report", name)}
}

// add notes a row; flush tells whether it could be written.
func (r *refusals) add(rec record, reasons []string) {
	r.rows++
	_ = r.csv.Write([]string{strconv.Itoa(rec.line), strings.Join(reasons, "; "), harmless(strings.ToValidUTF8(rec.text, "\uFFFD"))})
}

func (r *refusals) flush() error {
	r.csv.Flush()
	if err := r.csv.Error(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// close ends the report and gives its name; one without a row is taken away.
func (r *refusals) close() string {
	r.csv.Flush()
	r.file.Close()
	if r.rows == 0 {
		os.Remove(r.file.Name())
		return ""
	}
	return r.file.Name()
}
