package web

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"longroad/internal/course"
	"longroad/internal/journey"
)

const formPath = "/courses/long-road/subscriptions"

func encode(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// filled is a good form, with changes.
func filled(changes ...string) []string {
	return append([]string{
		"track", "offender", "email", "anna@example.org", "name", "Anna", "time_zone", "Europe/London", "send_hour", "",
		"country", "GB", "adult", "yes", "consent", "yes", "safe", "yes", "mailbox", "private",
	}, changes...)
}

func TestSignUpByForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	expect(t, h.post(formPath, filled("send_hour", "19:00")...), 200, "Look at your mailbox", "Please confirm your letters", "0808 2000 247", "!anna@example.org", "!Thank you for saying so")
	at := 19 * 60
	want := []journey.SignUp{{
		Course: "long-road", Track: "offender", Email: "anna@example.org", Name: "Anna", TimeZone: "Europe/London", SendHour: &at,
		Country: "GB", Safe: "yes", Mailbox: "private", CrisisMail: "full", ConsentVersion: ConsentVersion, AdultVersion: AdultVersion, How: "form",
	}}
	if !reflect.DeepEqual(h.signUps, want) {
		t.Errorf("stored %+v, want %+v", h.signUps, want)
	}
}

func TestSignUpIsTheSameForEveryAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.post(formPath, filled()...)
	calls := h.calls
	h.calls = nil
	second := h.post(formPath, filled("email", "bo@example.net")...)
	if first.Code != second.Code || first.Body.String() != second.Body.String() {
		t.Error("two addresses got different answers")
	}
	if !reflect.DeepEqual(calls, h.calls) {
		t.Errorf("two addresses made different calls: %v and %v", calls, h.calls)
	}
}

func TestSignUpWhenNotSafe(t *testing.T) {
	t.Parallel()
	for _, safe := range []string{"no", "unsure"} {
		h := newHouse(t)
		expect(t, h.post(formPath, filled("safe", safe)...), 200, "Thank you for saying so", "0808 2000 247", "We will send the one mail with the button", "Change my answer")
		if len(h.signUps) != 1 || h.signUps[0].Safe != safe {
			t.Errorf("%s: stored %+v", safe, h.signUps)
		}
	}
}

func TestSignUpFaults(t *testing.T) {
	t.Parallel()
	const address, name, zone, hour, place, one = "does not look like a mail address", "on one line, without signs", "We do not know this time zone", "choose an hour", "choose a country", "Please choose one."
	for _, c := range []struct{ title, field, value, says string }{
		{"no track", "track", "", one},
		{"unknown track", "track", "nobody", one},
		{"no address", "email", "", address},
		{"no at", "email", "anna", address},
		{"two addresses", "email", "a@example.org, b@example.org", address},
		{"display name", "email", "Anna <anna@example.org>", address},
		{"comment", "email", "anna@example.org (Anna)", address},
		{"line break and header", "email", "anna@example.org\r\nBcc: bo@example.org", address},
		{"line break inside", "email", "anna\n@example.org", address},
		{"nul", "email", "anna\x00@example.org", address},
		{"quoted", "email", `"anna bo"@example.org`, address},
		{"no dot", "email", "anna@localhost", address},
		{"localhost", "email", "anna@web.localhost", address},
		{"literal", "email", "anna@[127.0.0.1]", address},
		{"number", "email", "anna@127.0.0.1", address},
		{"two dots", "email", "anna@example..org", address},
		{"wide local part", "email", "änna@example.org", address},
		{"long local part", "email", strings.Repeat("a", 65) + "@example.org", address},
		{"long", "email", "a@" + strings.Repeat("a.", 130) + "org", address},
		{"name with line break", "name", "Anna\nBcc: x", name},
		{"name with return", "name", "Anna\rx", name},
		{"name with line separator", "name", "Anna\u2028x", name},
		{"name with a turned direction", "name", "Anna\u202ex", name},
		{"name with nul", "name", "An\x00na", name},
		{"name in broken UTF-8", "name", "An\xffna", name},
		{"name with braces", "name", "{{.Email}}", name},
		{"name with HTML", "name", "<script>alert(1)</script>", name},
		{"name with a link", "name", "win at https://example.net", name},
		{"long name", "name", strings.Repeat("ä", 81), name},
		{"no zone", "time_zone", "", zone},
		{"unknown zone", "time_zone", "Europe/Atlantis", zone},
		{"local zone", "time_zone", "Local", zone},
		{"path as zone", "time_zone", "../../etc/passwd", zone},
		{"hour 24", "send_hour", "24", hour},
		{"hour 24:00", "send_hour", "24:00", hour},
		{"hour -1", "send_hour", "-1", hour},
		{"no hour", "send_hour", "soon", hour},
		{"unknown country", "country", "XX", place},
		{"not adult", "adult", "", "18 or older"},
		{"no consent", "consent", "", "Without it we may not write to you"},
		{"consent refused", "consent", "no", "Without it we may not write to you"},
		{"safety left out", "safe", "", one},
		{"unknown answer", "safe", "maybe", one},
		{"unknown mailbox", "mailbox", "mine", one},
		{"unknown help by mail", "crisis_mail", "some", one},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			w := h.post(formPath, filled(c.field, c.value)...)
			expect(t, w, 422, "Something needs another look", c.says, `href="#`+c.field+`"`, `id="`+c.field+`"`, `id="`+c.field+`-error"`, "!<script>alert")
			if len(h.signUps) != 0 {
				t.Errorf("stored %+v", h.signUps)
			}
			if c.field != "email" && !strings.Contains(w.Body.String(), `value="anna@example.org"`) {
				t.Error("what was typed is gone")
			}
		})
	}
}

func TestWhatWasTypedIsNeverExecuted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.post(formPath, filled("name", `"><script>{{.Fields.Email}}</script>`, "email", `x" autofocus onfocus="alert(1)`)...)
	expect(t, w, 422, "&#34;&gt;&lt;script&gt;{{.Fields.Email}}", "!<script>{{", `!x" autofocus`)
}

func TestFormKeepsEveryChoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// A zone by an old name, as browsers guess it, is not among those offered.
	w := h.post(formPath, filled("email", "", "time_zone", "Asia/Calcutta", "send_hour", "7", "safe", "unsure", "mailbox", "work")...)
	expect(t, w, 422, `<option value="Asia/Calcutta" selected>`, `<option selected>07:00</option>`, `<option value="GB" selected>`,
		`value="unsure" required checked`, `value="work" required checked`, `value="offender" required checked`, `value="Anna"`)
}

func TestBodies(t *testing.T) {
	t.Parallel()
	form, kind := encode(filled()...), "application/x-www-form-urlencoded"
	object := `{"track":"offender","email":"anna@example.org","time_zone":"UTC","adult":true,"consent":true}`
	const api = "/api/v1/subscriptions"
	for _, c := range []struct {
		title, path, kind, body string
		status, stored          int
	}{
		{"form", formPath, kind, form, 200, 1},
		{"form with a charset", formPath, kind + "; charset=utf-8", form, 200, 1},
		{"form as JSON", formPath, "application/json", object, 415, 0},
		{"form as text", formPath, "text/plain", form, 415, 0},
		{"no type", formPath, "", form, 415, 0},
		{"bad escape", formPath, kind, "track=%zz", 400, 0},
		{"too large", formPath, kind, form + "&x=" + strings.Repeat("x", maxBody), 413, 0},
		{"multipart without a boundary", formPath, "multipart/form-data", form, 400, 0},
		{"empty form", formPath, kind, "", 422, 0},
		{"unknown course", "/courses/other/subscriptions", kind, form, 404, 0},
		{"api", api, "application/json", object, 202, 1},
		{"api with a form", api, kind, form, 415, 0},
		{"api cut off", api, "application/json", object[:20], 400, 0},
		{"api with two values", api, "application/json", object + object, 400, 0},
		{"api with a list", api, "application/json", "[" + object + "]", 400, 0},
		{"api with null", api, "application/json", "null", 400, 0},
		{"api without such a path", "/api/v1/people", "application/json", object, 404, 0},
		{"api too large", api, "application/json", `{"name":"` + strings.Repeat("x", maxBody) + `"}`, 413, 0},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			w := h.do(r)
			expect(t, w, c.status, "!anna@example.org")
			if kind := w.Header().Get("Content-Type"); strings.HasPrefix(c.path, apiRoot) != strings.HasPrefix(kind, "application/json") {
				t.Errorf("answered %s", kind)
			}
			if len(h.signUps) != c.stored {
				t.Errorf("stored %d, want %d", len(h.signUps), c.stored)
			}
		})
	}
}

func TestSignUpByMultipart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	pairs := filled()
	for i := 0; i < len(pairs); i += 2 {
		_ = m.WriteField(pairs[i], pairs[i+1])
	}
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, formPath, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	expect(t, h.do(r), 200)
	if len(h.signUps) != 1 {
		t.Errorf("stored %d", len(h.signUps))
	}
}

func TestSignUpByAPI(t *testing.T) {
	t.Parallel()
	good := func(change string) string {
		o := map[string]json.RawMessage{}
		for _, s := range []string{`{"track":"hurt-partner","email":"bo@example.org","time_zone":"America/New_York","adult":true,"consent":true}`, change} {
			if err := json.Unmarshal([]byte(s), &o); err != nil {
				t.Fatal(err)
			}
		}
		out, _ := json.Marshal(o)
		return string(out)
	}
	nine := 540
	for _, c := range []struct {
		title, change string
		status        int
		says          string
		hour          *int
	}{
		{"least", `{}`, 202, `{"status":"accepted"}`, nil},
		{"hour as number", `{"send_hour":9}`, 202, "accepted", &nine},
		{"hour as digits", `{"send_hour":"9"}`, 202, "accepted", &nine},
		{"hour as time", `{"send_hour":"09:00"}`, 202, "accepted", &nine},
		{"hour as null", `{"send_hour":null}`, 202, "accepted", nil},
		{"ticks as text", `{"adult":"true","consent":"yes"}`, 202, "accepted", nil},
		{"all", `{"course":"long-road","name":"Bo","country":"us","safe":"no","mailbox":"shared","crisis_mail":"none"}`, 202, "accepted", nil},
		{"course that is not", `{"course":"short-road"}`, 422, `"field":"course"`, nil},
		{"hour with a fraction", `{"send_hour":9.5}`, 422, `"field":"send_hour"`, nil},
		{"name as number", `{"name":5}`, 422, `"field":"name"`, nil},
		{"consent refused", `{"consent":false}`, 422, `"field":"consent"`, nil},
		{"consent left open", `{"consent":null}`, 422, `"field":"consent"`, nil},
		{"unknown field", `{"admin":true}`, 422, `"field":"admin"`, nil},
		{"name in braces", `{"name":"{{.X}}"}`, 422, `"field":"name"`, nil},
		{"address in a list", `{"email":["bo@example.org"]}`, 422, `"field":"email"`, nil},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			r := httptest.NewRequest(http.MethodPost, "/api/v1/subscriptions", strings.NewReader(good(c.change)))
			r.Header.Set("Content-Type", "application/json")
			w := h.do(r)
			expect(t, w, c.status, c.says)
			if strings.Count(w.Body.String(), `"field"`) > 1 {
				t.Errorf("one fault is named twice: %s", w.Body)
			}
			if c.status != 202 {
				if len(h.signUps) != 0 {
					t.Errorf("stored %+v", h.signUps)
				}
				return
			}
			if len(h.signUps) != 1 || h.signUps[0].How != "api" || !reflect.DeepEqual(h.signUps[0].SendHour, c.hour) {
				t.Errorf("stored %+v", h.signUps)
			}
		})
	}
}

func TestCheckNamesEveryFaultOnce(t *testing.T) {
	t.Parallel()
	c := &course.Course{ID: "x"}
	_, faults := Check(c, Fields{Name: "<", Country: "?", SendHour: "?", Safe: "?", Mailbox: "?", CrisisMail: "?"})
	var fields []string
	for _, f := range faults {
		fields = append(fields, f.Field)
	}
	want := []string{"track", "email", "mailbox", "crisis_mail", "name", "country", "time_zone", "send_hour", "safe", "adult", "consent"}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("faults %v, want %v", fields, want)
	}
}

func TestFormFromAnotherSite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title  string
		header map[string]string
		status int
	}{
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another origin", map[string]string{"Origin": "https://evil.example"}, 403},
		{"hidden origin from another site", map[string]string{"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403},
		{"our page", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200},
		{"our page over plain HTTP", map[string]string{"Origin": "null"}, 200},
		{"our origin behind a proxy", map[string]string{"Origin": "https://letters.example.org"}, 200},
		{"no browser", nil, 200},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			r := httptest.NewRequest(http.MethodPost, formPath, strings.NewReader(encode(filled()...)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			expect(t, h.do(r), c.status)
		})
	}
}
