package stacktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"longroad/internal/devstack"
)

// Document is a page, or the HTML of a mail, under a name by which findings are told.
type Document struct{ Name, HTML string }

// Mail is a whole mail as it goes over the wire, under a name.
type Mail struct {
	Name string
	Raw  []byte
}

// proofDir finds the folder of other people's checkers, from any package's.
func proofDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".ci", "proof"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod stands above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// npmFile gives the path of a file of an npm package that .ci/deps installs.
func npmFile(path string) (string, error) {
	dir, err := proofDir()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "node_modules", filepath.FromSlash(path))
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%s of npm is %w: sh .ci/deps test installs it", strings.Split(path, "/")[0], devstack.ErrMissing)
	}
	return file, nil
}

// script runs one of the programs in .ci/proof. It gives it in as JSON and reads
// what it writes into out.
func script(t testing.TB, in, out any, command ...string) {
	t.Helper()
	dir, err := proofDir()
	if err != nil {
		t.Fatal(err)
	}
	given, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	var complaints bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(given), &complaints
	said, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(said, out)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, complaints.String())
	}
}

// node settles that node runs, and that an npm package is there.
func node(t testing.TB, part string) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		err = fmt.Errorf("node is %w: install it (Debian, Ubuntu: apt install nodejs npm; macOS: brew install node)", devstack.ErrMissing)
	} else {
		_, err = npmFile(part + "/package.json")
	}
	settle(t, part, err)
	return path
}
