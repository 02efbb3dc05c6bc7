package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxRecord is the most that one row of a file may hold, in octets.
const maxRecord = 64 << 10

// record is one row of a file.
type record struct {
	line   int    // where it begins, from 1
	text   string // as it stands in the file, without the line's end
	fields []string
	fault  string // why it cannot be read; "" when fields are good
}

// recordReader reads a CSV (RFC 4180; with commas, semicolons or tabs) a row at a
// time, in bounded memory. A row that is no CSV costs only itself: encoding/csv
// would take a quote that is never closed to the end of the file.
type recordReader struct {
	in    *bufio.Reader
	comma byte
	width int // how many fields a row has; 0 while it is not known
	line  int
	read  int64 // octets so far
}

// newRecordReader finds out what separates the fields from the first row, which
// must be there.
func newRecordReader(in io.Reader) (*recordReader, error) {
	r := &recordReader{in: bufio.NewReaderSize(in, 16*maxRecord), line: 1}
	head, err := r.in.Peek(maxRecord)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, errors.New("the file is UTF-16: save it as CSV in UTF-8")
	}
	if bom := []byte("\xef\xbb\xbf"); bytes.HasPrefix(head, bom) {
		r.skip(len(bom))
		head = head[len(bom):]
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, errors.New("the file is empty: its first row must name the columns")
	}
	first, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	if bytes.ContainsRune(bytes.TrimSuffix(first, []byte("\r")), '\r') {
		return nil, errors.New("the lines end with CR alone: save the file with LF or CRLF")
	}
	for _, comma := range []byte{',', ';', '\t'} {
		if r.comma == 0 || bytes.Count(first, []byte{comma}) > bytes.Count(first, []byte{r.comma}) {
			r.comma = comma
		}
	}
	return r, nil
}

// next gives the next row that is not empty; io.EOF at the end.
func (r *recordReader) next() (record, error) {
	for {
		rec, err := r.take()
		if err != nil || strings.TrimSpace(rec.text) != "" {
			return rec, err
		}
	}
}

func (r *recordReader) take() (record, error) {
	// What is buffered mostly holds a row. Only the last one of it needs more.
	ahead, _ := r.in.Peek(min(r.in.Buffered(), maxRecord))
	fields, n, err := split(ahead, r.comma, false)
	if errors.Is(err, errMore) && len(ahead) < maxRecord {
		var failed error
		if ahead, failed = r.in.Peek(maxRecord); failed != nil && !errors.Is(failed, io.EOF) {
			return record{}, failed
		}
		if len(ahead) == 0 {
			return record{}, io.EOF
		}
		fields, n, err = split(ahead, r.comma, failed != nil)
	}
	if wrong := r.width > 0 && len(fields) != r.width; err == nil && wrong {
		err = fmt.Errorf("has %s, the header has %d", count(len(fields), "field"), r.width)
		if bytes.IndexByte(ahead[:n-1], '\n') >= 0 {
			err = errOpenQuote // and a later row's quote was taken for its end
		}
	}
	if err != nil {
		return r.broken(ahead, err)
	}
	rec := record{line: r.line, text: strings.TrimRight(string(ahead[:n]), "\r\n"), fields: fields}
	switch {
	case !utf8.Valid(ahead[:n]):
		rec.fault = "not in UTF-8 (saved as Latin-1?)"
	case bytes.IndexByte(ahead[:n], 0) >= 0:
		rec.fault = "holds a NUL"
	}
	r.skip(n)
	return rec, nil
}

// broken takes a row that is no CSV up to the end of its first line, so that the
// next one has its chance.
func (r *recordReader) broken(ahead []byte, cause error) (record, error) {
	rec := record{line: r.line, fault: cause.Error()}
	end := bytes.IndexByte(ahead, '\n')
	if end >= 0 || len(ahead) < maxRecord {
		if end < 0 {
			end = len(ahead) - 1
		}
		rec.text = strings.TrimRight(string(ahead[:end+1]), "\r\n")
		if errors.Is(cause, errMore) {
			rec.fault = errOpenQuote.Error()
		}
		r.skip(end + 1)
		return rec, nil
	}
	rec.text, rec.fault = string(ahead[:1<<10])+"…", fmt.Sprintf("longer than %d KiB", maxRecord>>10)
	for {
		part, err := r.in.ReadSlice('\n')
		r.read += int64(len(part))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return rec, err
		}
		r.line++
		return rec, nil
	}
}

// skip leaves octets behind that were seen.
func (r *recordReader) skip(n int) {
	seen, _ := r.in.Peek(n)
	r.line += bytes.Count(seen, []byte("\n"))
	r.read += int64(n)
	r.in.Discard(n)
}

var (
	errMore       = errors.New("the row goes on")
	errOpenQuote  = errors.New("a quote is opened and not closed")
	errAfterQuote = errors.New("text stands after a closing quote")
)

// split takes one row off b and says how many octets it was, its line's end
// included. When b ends before the row does, it asks for more, unless b is all
// that there is. A quote inside a field that is not quoted is taken as it stands.
func split(b []byte, comma byte, all bool) (fields []string, n int, err error) {
	for at := 0; ; at++ {
		var field string
		if at < len(b) && b[at] == '"' {
			field, at, err = quoted(b, at+1, all)
		} else {
			field, at, err = bare(b, at, comma, all)
		}
		if err != nil {
			return nil, 0, err
		}
		if at+1 < len(b) && b[at] == '\r' && b[at+1] == '\n' {
			at++
		}
		fields = append(fields, field)
		switch {
		case at >= len(b):
			return fields, len(b), nil
		case b[at] == '\n':
			return fields, at + 1, nil
		case b[at] != comma:
			return nil, 0, errAfterQuote
		}
	}
}

func bare(b []byte, at int, comma byte, all bool) (string, int, error) {
	from := at
	for at < len(b) && b[at] != comma && b[at] != '\n' {
		at++
	}
	if at == len(b) && !all {
		return "", 0, errMore
	}
	field := b[from:at]
	if at == len(b) || b[at] == '\n' {
		field = bytes.TrimSuffix(field, []byte("\r"))
	}
	return string(field), at, nil
}

// quoted reads a field from behind its opening quote.
func quoted(b []byte, at int, all bool) (string, int, error) {
	var field []byte
	for {
		end := bytes.IndexByte(b[at:], '"')
		switch {
		case end < 0 && all:
			return "", 0, errOpenQuote
		case end < 0:
			return "", 0, errMore
		}
		field = append(field, b[at:at+end]...)
		at += end + 1
		if at+1 >= len(b) && !all { // what follows the quote, CR LF at most
			return "", 0, errMore
		}
		if at >= len(b) || b[at] != '"' {
			if at+1 == len(b) && b[at] == '\r' {
				at++
			}
			return string(field), at, nil
		}
		field = append(field, '"')
		at++
	}
}
