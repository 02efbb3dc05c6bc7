package person

import "testing"

func TestGoodFields(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" anna@example.org ": "anna@example.org", "Anna.B+x@Example.ORG": "Anna.B+x@example.org", "{{a}}@example.org": "{{a}}@example.org",
		"anna@bücher.example": "anna@xn--bcher-kva.example", "o'neil@example.co.uk": "o'neil@example.co.uk",
	} {
		if got, ok := ReadAddress(in); !ok || got != want {
			t.Errorf("ReadAddress(%q) = %q, %v", in, got, ok)
		}
	}
	for _, name := range []string{"", "Anna", "José María", "O'Neil-Smith", "نا\u200cم", "李", "A. & B.", "100%"} {
		if got, ok := ReadName(" " + name + " "); !ok || got != name {
			t.Errorf("ReadName(%q) = %q, %v", name, got, ok)
		}
	}
	for in, want := range map[string]int{"9": 540, "09": 540, "09:00": 540, "9:30": 570, "0": 0, "23:59": 1439} {
		if got, ok := ReadHour(in); !ok || got == nil || *got != want {
			t.Errorf("ReadHour(%q) = %v, %v", in, got, ok)
		}
	}
	for in, want := range map[string]string{"": "", "elsewhere": "", "gb": "GB", "DE": "DE"} {
		if got, ok := ReadCountry(in); !ok || got != want {
			t.Errorf("ReadCountry(%q) = %q, %v", in, got, ok)
		}
	}
}

func TestLanguagesAndAnswers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", " EN ": "en", "de-at": "de-AT", "pt_BR": "pt-BR"} {
		if got, ok := ReadLanguage(in); !ok || got != want {
			t.Errorf("ReadLanguage(%q) = %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{"english please", "und", "{{en}}", "e"} {
		if got, ok := ReadLanguage(in); ok {
			t.Errorf("ReadLanguage(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{"": "", "yes": "yes", "true": "yes", "0": "no", "unsure": "unsure"} {
		if got, ok := ReadSafe(in); !ok || got != want {
			t.Errorf("ReadSafe(%q) = %q, %v", in, got, ok)
		}
	}
	if got, ok := ReadMailbox("yes"); ok {
		t.Errorf("ReadMailbox(yes) = %q", got)
	}
}

func TestEveryOfferedPlaceIsAccepted(t *testing.T) {
	t.Parallel()
	for _, g := range ZoneGroups() {
		for _, z := range g.Zones {
			if _, ok := ReadZone(z.Value); !ok {
				t.Errorf("zone %q", z.Value)
			}
		}
	}
	for _, c := range Countries() {
		if _, ok := ReadCountry(c.Value); !ok || len(c.Value) != 2 || c.Label == "" {
			t.Errorf("country %+v", c)
		}
	}
	if n := len(Countries()); n < 240 {
		t.Errorf("%d countries", n)
	}
}
