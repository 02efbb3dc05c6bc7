package mailer

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// TestContrast holds for both colour schemes: WCAG 2.2, 1.4.3.
func TestContrast(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]scheme{"light": light(), "dark": dark()} {
		for ground, on := range map[string]string{"page": string(s.Page), "card": string(s.Card), "box": string(s.Box)} {
			for word, colour := range map[string]string{"text": string(s.Text), "quiet": string(s.Quiet), "link": string(s.Link)} {
				if c := contrast(t, colour, on); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.1f", name, word, ground, c)
				}
			}
		}
		if c := contrast(t, string(s.ButtonText), string(s.Button)); c < 4.5 {
			t.Errorf("%s: a button has a contrast of %.1f", name, c)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(shift int) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
