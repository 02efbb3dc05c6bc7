package web

import (
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"longroad/internal/devstack/stacktest"
)

var pictures = flag.String("pictures", "", "take pictures of every page into this folder")

// TestPictures takes every page in every shape that a reader may meet, as the
// handlers write it, for a person to look at.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("make pictures takes them")
	}
	pages := shown(t)
	maps.Copy(pages, written(t))
	stacktest.Album(t, *pictures, "pages", exhibit(t, pages))
}

// exhibit shows pages to a browser, with their style and under their policy.
func exhibit(t *testing.T, pages map[string]string) []stacktest.Picture {
	t.Helper()
	assets := newHouse(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[strings.TrimPrefix(r.URL.Path, "/shown/")]
		if !ok {
			assets.handler.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(site.Close)
	var all []stacktest.Picture
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		file := strings.NewReplacer(" ", "-", ",", "").Replace(name)
		all = append(all, stacktest.Picture{Name: file, URL: site.URL + "/shown/" + url.PathEscape(name)})
	}
	return all
}
