package mailbox

import (
	"io"
	"net/http"
	"testing"

	"longroad/internal/devstack/stacktest"
)

// TestProof hands the mailbox's pages to other people's tools.
func TestProof(t *testing.T) {
	t.Parallel()
	pictures := exhibit(t)
	t.Run("markup", func(t *testing.T) {
		var pages []stacktest.Document
		for _, p := range pictures {
			answer, err := http.Get(p.URL)
			if err != nil {
				t.Fatal(err)
			}
			page, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: status %d, %v", p.Name, answer.StatusCode, err)
			}
			pages = append(pages, stacktest.Document{Name: p.Name, HTML: string(page)})
		}
		stacktest.Validate(t, "page", pages)
	})
	t.Run("accessible", func(t *testing.T) { stacktest.Accessible(t, pictures, nil) })
}
