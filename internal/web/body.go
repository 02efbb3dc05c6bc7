package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

// maxBody is the most that a request may send, in octets.
const maxBody = 16 << 10

// readForm reads a form in either encoding.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	var err error
	switch mediaType(r) {
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxBody)
	default:
		return nil, refusal(http.StatusUnsupportedMediaType)
	}
	if err != nil {
		return nil, bodyFault(err)
	}
	return r.PostForm, nil
}

// readJSON reads a whole JSON body.
func readJSON(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if mediaType(r) != "application/json" {
		return nil, refusal(http.StatusUnsupportedMediaType)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, bodyFault(err)
	}
	return body, nil
}

func mediaType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// bodyFault tells a body that is too large from one that makes no sense.
func bodyFault(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return refusal(http.StatusRequestEntityTooLarge)
	}
	return refusal(http.StatusBadRequest)
}
