package web

import (
	"compress/gzip"
	"net/http"
	"regexp"
	"strings"
)

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssBlank   = regexp.MustCompile(`\s*([{};,>])\s*|(:)\s+`)
)

// squeezeCSS takes out what only those read who write a style: comments, and the
// blanks beside what divides it. A style with a string that holds such marks
// would suffer; ours has none.
func squeezeCSS(css string) string {
	css = cssBlank.ReplaceAllString(cssComment.ReplaceAllString(css, ""), "$1$2")
	return strings.ReplaceAll(strings.TrimSpace(css), ";}", "}")
}

// send writes a body, squeezed where the browser says that it can read that: on a
// slow phone the form comes in a quarter of the time. What is squeezed together
// could tell a listener of a secret beside a stranger's words (BREACH); but the
// only secrets of our pages stand in their addresses, and no cookie brings a
// stranger there.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if !takesGzip(r.Header.Get("Accept-Encoding")) {
		w.WriteHeader(status)
		_, _ = w.Write(body) // a reader who has gone needs no answer
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := gzip.NewWriter(w)
	_, _ = z.Write(body)
	_ = z.Close()
}

// takesGzip reads Accept-Encoding (RFC 9110, section 12.5.3) as browsers write it:
// whatever has a weight is somebody else, who gets the body as it is.
func takesGzip(accepts string) bool {
	for coding := range strings.SplitSeq(accepts, ",") {
		if strings.TrimSpace(coding) == "gzip" {
			return true
		}
	}
	return false
}
