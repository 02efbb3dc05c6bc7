package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

// progress shows how far a long command has come: a bar on a terminal, a line
// now and then elsewhere. It runs on real time.
type progress struct {
	w     io.Writer
	bar   bool
	total int64 // octets; 0 when nobody knows
	every time.Duration

	began, shown time.Time
}

func newProgress(w io.Writer, total int64) *progress {
	p := &progress{w: w, bar: onTerminal(w), total: total, every: 10 * time.Second, began: time.Now()}
	if p.bar {
		p.every = 200 * time.Millisecond
	}
	p.shown = p.began
	return p
}

// onTerminal tells whether a stream is one that a person sits at.
func onTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// at says how many octets are read and how many rows are done.
func (p *progress) at(read int64, rows int) {
	now := time.Now()
	if now.Sub(p.shown) < p.every {
		return
	}
	p.shown = now
	text := p.words(read, rows, now.Sub(p.began))
	if p.bar {
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		return
	}
	fmt.Fprintln(p.w, text)
}

// end wipes the bar.
func (p *progress) end() {
	if p.bar {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) words(read int64, rows int, took time.Duration) string {
	text := fmt.Sprintf("%s, %.0f a second", count(rows, "row"), float64(rows)/took.Seconds())
	if p.total <= 0 || read <= 0 {
		return text
	}
	part := min(float64(read)/float64(p.total), 1)
	left := time.Duration(float64(took) * (1 - part) / part).Round(time.Second)
	text = fmt.Sprintf("%3.0f %%, %s, %s left", 100*part, text, left)
	if p.bar {
		const width = 30
		done := int(part * width)
		text = "[" + strings.Repeat("#", done) + strings.Repeat(".", width-done) + "] " + text
	}
	return text
}
