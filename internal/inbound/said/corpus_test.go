package said

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// corpusFloor is how many of a hundred real replies have to come out exactly.
const corpusFloor = 93

// TestCorpus scores real replies, where they lie beside the checkout.
func TestCorpus(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../../../shared/corpora/replies.jsonl")
	if err != nil {
		t.Skip("no corpus of replies beside the checkout: ", err)
	}
	defer file.Close()
	var all, exact, loose int
	var failing []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c struct{ ID, Input, Expected string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		all++
		got, want := unsigned(Reply(c.Input)), unsigned(c.Expected)
		if squeeze(got) == squeeze(want) {
			loose++
		}
		if got == want {
			exact++
			continue
		}
		failing = append(failing, c.ID)
		if testing.Verbose() {
			t.Logf("%s\n got %q\nwant %q", c.ID, got, want)
		}
	}
	if all == 0 {
		t.Fatal("an empty corpus")
	}
	t.Logf("replies: %d of %d exact (%.1f %%), %d but for white space (%.1f %%); failing: %v",
		exact, all, 100*float64(exact)/float64(all), loose, 100*float64(loose)/float64(all), failing)
	if exact*100 < corpusFloor*all {
		t.Errorf("%d of %d replies are exact, less than %d %%", exact, all, corpusFloor)
	}
}

// unsigned drops what both sides of a comparison may disagree about: trailing
// space and signatures.
func unsigned(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "--" {
			break
		}
		if strings.HasPrefix(line, "Sent from ") && !strings.Contains(line, ",") || len(line) < 30 && len(line) > 2 && line[0] == '-' && line[1] >= 'A' && line[1] <= 'Z' {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }
