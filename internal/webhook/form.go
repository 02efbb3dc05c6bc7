package webhook

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
)

// form is a posted form, whose values may be in any charset: they stay bytes.
type form map[string][]byte

func (f form) get(name string) string { return string(f[name]) }
func (f form) raw(name string) []byte { return f[name] }

// most fields of a form.
const mostFields = 200

// readForm reads a form in either encoding over the raw bytes that were signed.
func readForm(r Request) (form, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, malformed("the content type")
	}
	f := form{}
	switch kind {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(r.Body))
		if err != nil {
			return nil, malformed("the form")
		}
		for name, value := range values {
			f[name] = []byte(value[0])
		}
	case "multipart/form-data":
		reader := multipart.NewReader(bytes.NewReader(r.Body), parameters["boundary"])
		for range mostFields {
			part, err := reader.NextRawPart()
			if err == io.EOF {
				return f, nil
			}
			if err != nil {
				return nil, malformed("the form")
			}
			value, err := io.ReadAll(part)
			if err != nil { // cut off
				return nil, malformed("the form")
			}
			if _, twice := f[part.FormName()]; !twice {
				f[part.FormName()] = value
			}
		}
		return nil, malformed("the form has too many fields")
	default:
		return nil, malformed("the content type")
	}
	return f, nil
}
