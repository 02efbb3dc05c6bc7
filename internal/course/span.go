package course

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span is a stretch of time as authors write it: whole days and weeks, which
// count local calendar days (3d, 2w), or an exact time (36h, 90m, 2s). Only one
// of the two fields is set.
type Span struct {
	Days  int
	Exact time.Duration
}

// The longest span, about ten years.
const (
	longestDays = 3660
	longest     = longestDays * 24 * time.Hour
)

var errSpan = errors.New(`write a whole number and a unit: 3d, 2w, 36h, 90m or 2s`)

// ParseSpan reads a span. Weeks become days; a mixture of calendar and exact
// units is an error, as is anything negative.
func ParseSpan(s string) (Span, error) {
	if s == "" {
		return Span{}, errSpan
	}
	number, unit := s[:len(s)-1], s[len(s)-1]
	if unit == 'd' || unit == 'w' {
		n, err := strconv.Atoi(number)
		if unit == 'w' && n <= longestDays {
			n *= 7
		}
		if err != nil || n < 0 || n > longestDays || number[0] == '+' || number[0] == '-' {
			return Span{}, errSpan
		}
		return Span{Days: n}, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > longest || s[0] == '+' || s[0] == '-' || strings.ContainsAny(s, "nuµμ") || strings.Contains(s, "ms") || s == "0" {
		return Span{}, errSpan
	}
	return Span{Exact: d}, nil
}

// IsZero reports whether the span is no time at all.
func (s Span) IsZero() bool { return s.Days == 0 && s.Exact == 0 }

// String writes the span as authors do.
func (s Span) String() string {
	if s.Exact != 0 {
		return s.Exact.String()
	}
	return fmt.Sprintf("%dd", s.Days)
}
