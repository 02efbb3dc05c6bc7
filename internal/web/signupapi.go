package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// apiRoot is what every path for programs begins with: they get JSON, in
// failure too.
const apiRoot = "/api/"

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, apiRoot) }

// signUpByAPI is POST /api/v1/subscriptions: 202 for every sign-up that is well
// formed, whoever it is for.
func (s *site) signUpByAPI(w http.ResponseWriter, r *http.Request) error {
	status, answer, err := s.apiSignUp(w, r)
	if err != nil {
		return err
	}
	s.showJSON(w, status, answer)
	return nil
}

func (s *site) showJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a client who has gone needs no answer
}

// apiSentence says what a program's author can do about a status.
func apiSentence(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "The body is not one JSON object."
	case http.StatusUnsupportedMediaType:
		return "Send a JSON object, with Content-Type: application/json."
	case http.StatusRequestEntityTooLarge:
		return fmt.Sprintf("The body is larger than %d octets.", maxBody)
	}
	return http.StatusText(status)
}

// apiFaults is the body of a 422.
type apiFaults struct {
	Errors []Fault `json:"errors"`
}

func (s *site) apiSignUp(w http.ResponseWriter, r *http.Request) (int, any, error) {
	if err := s.allowPost(r); err != nil {
		return 0, nil, err
	}
	body, err := readJSON(w, r)
	if err != nil {
		return 0, nil, err
	}
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return 0, nil, refusal(http.StatusBadRequest)
	}
	courseID, fields, faults := jsonFields(sent)
	c, err := s.courseOf(r, courseID)
	if err != nil {
		return 0, nil, err
	}
	if c == nil {
		faults = append(faults, Fault{"course", "Please name a course that there is."})
		return http.StatusUnprocessableEntity, apiFaults{faults}, nil
	}
	signUp, wrong := Check(c, fields)
	for _, fault := range wrong {
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Field == fault.Field }) {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		return http.StatusUnprocessableEntity, apiFaults{faults}, nil
	}
	signUp.How = "api"
	if err := s.allowSignUp(r); err != nil {
		return 0, nil, err
	}
	if err := s.Road.SignUp(r.Context(), signUp); err != nil {
		return 0, nil, err
	}
	return http.StatusAccepted, map[string]string{"status": "accepted"}, nil
}

// jsonFields reads the members of the object that was sent. Text is text; an
// hour may be a number and a tick a boolean; null is nothing.
func jsonFields(sent map[string]json.RawMessage) (courseID string, f Fields, faults []Fault) {
	places := map[string]*string{
		"course": &courseID, "track": &f.Track, "email": &f.Email, "name": &f.Name, "time_zone": &f.TimeZone, "send_hour": &f.SendHour,
		"country": &f.Country, "adult": &f.Adult, "consent": &f.Consent, "safe": &f.Safe, "mailbox": &f.Mailbox, "crisis_mail": &f.CrisisMail,
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		place, known := places[name]
		if !known {
			faults = append(faults, Fault{name, "There is no such field."})
			continue
		}
		text, err := jsonText(name, sent[name])
		if err != nil {
			faults = append(faults, Fault{name, "This has the wrong type."})
			continue
		}
		*place = text
	}
	return courseID, f, faults
}

var errType = errors.New("wrong type")

func jsonText(name string, raw json.RawMessage) (string, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", err
	}
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		if name == "adult" || name == "consent" {
			return map[bool]string{true: "true", false: ""}[v], nil
		}
	case float64:
		if name == "send_hour" {
			return string(raw), nil // as it was written: 9, and not 9.0
		}
	}
	return "", errType
}
