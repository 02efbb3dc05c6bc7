package stacktest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"longroad/internal/devstack"
)

// Spam is what SpamAssassin thinks of a mail, by its rules alone.
type Spam struct {
	Score float64
	Tests string // the rules that it met
}

// spamStatus is the header that SpamAssassin adds, unfolded.
var spamStatus = regexp.MustCompile(`(?m)^X-Spam-Status: \S+ score=(-?[\d.]+) .*?tests=(\S*)`)

// spamProcesses share the mails; each takes a second to start.
const spamProcesses = 2

// SpamAssassin scores mails, in their order, without asking anybody outside.
func SpamAssassin(t testing.TB, mails []Mail) []Spam {
	t.Helper()
	path, err := exec.LookPath("spamassassin")
	if err != nil {
		err = fmt.Errorf("spamassassin is %w: install it (Debian, Ubuntu: apt install spamassassin)", devstack.ErrMissing)
	}
	settle(t, "spamassassin", err)
	dir := t.TempDir()
	scores := make([]Spam, len(mails))
	share := (len(mails) + spamProcesses - 1) / spamProcesses
	var running sync.WaitGroup
	for i := range slices.Chunk(index(len(mails)), share) {
		running.Go(func() {
			if err := assassinate(t, path, dir, mails, i, scores); err != nil {
				t.Errorf("spamassassin: %v", err)
			}
		})
	}
	running.Wait()
	return scores
}

func index(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// assassinate scores some of the mails in one process.
func assassinate(t testing.TB, path, dir string, mails []Mail, some []int, scores []Spam) error {
	// Rules alone, no report beside them, nothing of this user's or kept for later.
	args := []string{"--local", "--nocreate-prefs", "--cf=report_safe 0", "--cf=use_bayes 0", "--cf=fold_headers 0"}
	for _, i := range some {
		file := filepath.Join(dir, strconv.Itoa(i)+".eml")
		if err := os.WriteFile(file, mails[i].Raw, 0o600); err != nil {
			return err
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	var complaints bytes.Buffer
	cmd.Stderr, cmd.Env = &complaints, append(os.Environ(), "HOME="+dir, "LC_ALL=C")
	said, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w: %s", err, complaints.String())
	}
	found := spamStatus.FindAllSubmatch(said, -1)
	if len(found) != len(some) {
		return fmt.Errorf("%d verdicts on %d mails: %s", len(found), len(some), complaints.String())
	}
	for n, i := range some {
		score, err := strconv.ParseFloat(string(found[n][1]), 64)
		if err != nil {
			return err
		}
		scores[i] = Spam{score, string(found[n][2])}
	}
	return nil
}

// Signature is what a verifier says of one DKIM signature.
type Signature struct {
	Selector string
	Signed   []string // the headers under it, in small letters
	Error    string   // "" where it holds
}

// Verify has dkimpy verify every signature of mails, in their order. The DNS is
// what records say, by name.
func Verify(t testing.TB, records map[string]string, mails []Mail) [][]Signature {
	t.Helper()
	python, err := findDKIMPy(t)
	settle(t, "dkimpy", err)
	var told []struct {
		Name       string
		Signatures []Signature
	}
	given := struct {
		Records map[string]string
		Mails   []Mail
	}{records, mails}
	script(t, given, &told, python, "dkim_check.py")
	if len(told) != len(mails) {
		t.Fatalf("dkimpy told of %d mails of %d", len(told), len(mails))
	}
	all := make([][]Signature, len(told))
	for i, one := range told {
		if all[i] = one.Signatures; one.Name != mails[i].Name {
			t.Fatalf("dkimpy told of %s in place of %s", one.Name, mails[i].Name)
		}
	}
	return all
}

// findDKIMPy finds a Python that has it: the system's before one of the user's own.
func findDKIMPy(t testing.TB) (string, error) {
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import dkim").Run() == nil {
			return python, nil
		}
	}
	return "", fmt.Errorf("dkimpy is %w: install it (Debian, Ubuntu: apt install python3-dkim)", devstack.ErrMissing)
}

// Signs reports whether a header is under the signature.
func (s Signature) Signs(header string) bool {
	return slices.Contains(s.Signed, strings.ToLower(header))
}
