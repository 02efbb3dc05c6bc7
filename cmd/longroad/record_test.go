package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// records reads a whole file; a row that cannot be read is its fault.
func records(t *testing.T, in io.Reader) (all [][]string) {
	t.Helper()
	r, err := newRecordReader(in)
	must(t, err)
	for {
		rec, err := r.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		if r.width == 0 {
			r.width = len(rec.fields)
		}
		if rec.fault != "" {
			rec.fields = []string{fmt.Sprintf("line %d: %s", rec.line, rec.fault)}
		}
		all = append(all, rec.fields)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxRecord)
	for _, c := range []struct {
		name, file string
		want       [][]string
	}{
		{"plain", "a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"no end", "a,b\n1,", [][]string{{"a", "b"}, {"1", ""}}},
		{"CRLF", "a,b\r\n1,2\r\n\r\n3,\"4\"\r\n", [][]string{{"a", "b"}, {"1", "2"}, {"3", "4"}}},
		{"CRLF at the end of a quote at the end", "a\r\n\"1\"\r", [][]string{{"a"}, {"1"}}},
		{"byte order mark", "\xef\xbb\xbf\"a\",b\n1,2", [][]string{{"a", "b"}, {"1", "2"}}},
		{"semicolons", "a;b\n1;\"2;3\"\n", [][]string{{"a", "b"}, {"1", "2;3"}}},
		{"tabs", "a\tb\n1\t2,3\n", [][]string{{"a", "b"}, {"1", "2,3"}}},
		{"quotes", "a,b\n\"x\"\"y\",\"\"\n", [][]string{{"a", "b"}, {`x"y`, ""}}},
		{"bare quote", "a,b\nRobert \"Bob\" S,2\n", [][]string{{"a", "b"}, {`Robert "Bob" S`, "2"}}},
		{"line break in quotes", "a,b\n\"1\n2\",3\n4,5\n", [][]string{{"a", "b"}, {"1\n2", "3"}, {"4", "5"}}},
		{"empty lines", "\n\na\n\n1\n\n", [][]string{{"a"}, {"1"}}},
		{"too few and too many", "a,b\n1\n1,2,3\n4,5\n", [][]string{{"a", "b"}, {"line 2: has 1 field, the header has 2"}, {"line 3: has 3 fields, the header has 2"}, {"4", "5"}}},
		{"open quote costs its own line", "a,b\n\"1,2\n3,4\n5,6\n", [][]string{{"a", "b"}, {"line 2: a quote is opened and not closed"}, {"3", "4"}, {"5", "6"}}},
		{"open quote before a good one", "a,b\n\"1,2\n3,4\n\"5\",6\n", [][]string{{"a", "b"}, {"line 2: text stands after a closing quote"}, {"3", "4"}, {"5", "6"}}},
		{"open quote that a later row closes", "a,b,c\n\"1,2,3\n4,5,6\n7,8,\",9\"\n", [][]string{{"a", "b", "c"}, {"line 2: a quote is opened and not closed"}, {"4", "5", "6"}, {"7", "8", ",9"}}},
		{"text after a quote", "a,b\n\"1\"x,2\n3,4\n", [][]string{{"a", "b"}, {"line 2: text stands after a closing quote"}, {"3", "4"}}},
		{"NUL", "a,b\n1,\x00\n3,4\n", [][]string{{"a", "b"}, {"line 2: holds a NUL"}, {"3", "4"}}},
		{"Latin-1", "a,b\n1,J\xfcrgen\n3,4\n", [][]string{{"a", "b"}, {"line 2: not in UTF-8 (saved as Latin-1?)"}, {"3", "4"}}},
		{"overlong line", "a,b\n1," + long + long + "\n3,4\n", [][]string{{"a", "b"}, {"line 2: longer than 64 KiB"}, {"3", "4"}}},
		{"endless line", "a,b\n" + strings.Repeat(long, 40), [][]string{{"a", "b"}, {"line 2: longer than 64 KiB"}}},
		{"overlong in quotes", "a,b\n\"" + strings.Repeat("x\n", maxRecord/2) + "\",2", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := records(t, strings.NewReader(c.file))
			if c.want == nil { // every line of it is refused by itself
				if len(got) != 1+maxRecord/2+1 {
					t.Errorf("%d rows", len(got))
				}
				return
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if len(c.file) < 1<<10 {
				if got := records(t, iotest.OneByteReader(strings.NewReader(c.file))); !reflect.DeepEqual(got, c.want) {
					t.Errorf("octet by octet: %q, want %q", got, c.want)
				}
			}
		})
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "the file is empty"},
		{"blank", "\xef\xbb\xbf \r\n\n", "the file is empty"},
		{"UTF-16", "\xff\xfee\x00m\x00", "UTF-16"},
		{"CR alone", "email,name\rada@example.org,Ada\r", "CR alone"},
	} {
		if _, err := newRecordReader(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := newRecordReader(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a failing disk: %v", err)
	}
}

// Whatever the file holds, every octet is read once, nothing panics, and rows
// never hold more than they may.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("a,b\n\"1\"\"2\",3\r\n\"x"))
	f.Add([]byte("\xef\xbb\xbfa;b\n\"1;2\n3;\"4\"\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := newRecordReader(bytes.NewReader(file))
		if err != nil {
			return
		}
		lines := 0
		for {
			rec, err := r.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.width == 0 {
				r.width = len(rec.fields)
			}
			if rec.line <= lines || len(rec.text) > maxRecord || rec.fault == "" && len(rec.fields) != r.width {
				t.Fatalf("after line %d: %+v", lines, rec)
			}
			lines = rec.line
		}
		if int(r.read) != len(file) {
			t.Fatalf("%d of %d octets read", r.read, len(file))
		}
	})
}
