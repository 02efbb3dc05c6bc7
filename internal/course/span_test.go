package course

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Span{
		"3d": {Days: 3}, "2w": {Days: 14}, "0d": {}, "36h": {Exact: 36 * time.Hour}, "90m": {Exact: 90 * time.Minute}, "2s": {Exact: 2 * time.Second}, "1h30m": {Exact: 90 * time.Minute}, "3660d": {Days: 3660},
	} {
		if got, err := ParseSpan(in); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "d", "3", "0", "3 d", "-3d", "+3d", "3D", "1.5d", "3661d", "600w", "1d12h", "500ms", "3us", "3µs", "3ns", "-2s", "+2s", "100000h", "99999999999999999999d", "h", "s"} {
		if got, err := ParseSpan(in); err == nil {
			t.Errorf("%q is %v, want an error", in, got)
		}
	}
}

func TestSpanComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := Span{Days: rapid.IntRange(0, longestDays).Draw(t, "days")}
		if rapid.Bool().Draw(t, "exact") {
			want = Span{Exact: time.Duration(rapid.Int64Range(1, int64(longest/time.Second)).Draw(t, "seconds")) * time.Second}
		}
		if got, err := ParseSpan(want.String()); err != nil || got != want {
			t.Fatalf("%v comes back as %v, %v", want, got, err)
		}
	})
}

func TestParseHour(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Hour{"00:00": 0, "09:05": 545, "23:59": 1439, "24:00": EndOfDay} {
		if got, err := ParseHour(in); err != nil || got != want || got.String() != in {
			t.Errorf("%q is %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "9:00", "24:01", "25:00", "09:60", "09.00", "-1:00", "09:00 ", "ab:cd"} {
		if got, err := ParseHour(in); err == nil {
			t.Errorf("%q is %v, want an error", in, got)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{"gaps": "gap", "frist": "first", "remind_afer": "remind_after", "reminder": "", "x": "", "Tracks": "tracks", "remind-after": "remind_after", "": ""} {
		if near := nearest(got, []string{"gap", "first", "remind_after", "tracks"}); near != want {
			t.Errorf("%q is near %q, want %q", got, near, want)
		}
	}
}
