package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

func TestHealthURL(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		":8080":              "http://127.0.0.1:8080/healthz",
		"0.0.0.0:80":         "http://127.0.0.1:80/healthz",
		"[::]:80":            "http://127.0.0.1:80/healthz",
		"127.0.0.1:8080":     "http://127.0.0.1:8080/healthz",
		"[::1]:8080":         "http://[::1]:8080/healthz",
		"10.0.0.7:9":         "http://10.0.0.7:9/healthz",
		"road.internal:http": "http://road.internal:http/healthz",
		"8080":               "",
		"localhost:":         "",
	} {
		if got, err := healthURL(addr); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", addr, got, err, want)
		}
	}
}

func TestHealthOfPages(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(status)
	}))
	env := testEnvironment()
	env.Config = func() (config, error) { return config{HTTPAddr: server.Listener.Addr().String()}, nil }
	if got := try(t, env, "health"); got.code != exitFine || got.out != "well\n" {
		t.Errorf("a page that is well: %+v", got)
	}
	if got := try(t, testEnvironment(), "health", "--url", server.URL+"/healthz"); got.code != exitFine {
		t.Errorf("by its address: %+v", got)
	}
	status = http.StatusInternalServerError
	if got := try(t, env, "health"); got.code != exitFault || !strings.Contains(got.errors, "500") {
		t.Errorf("a page that fails: %+v", got)
	}
	server.Close()
	if got := try(t, env, "health"); got.code != exitFault || !strings.Contains(got.errors, "refused") {
		t.Errorf("no page: %+v", got)
	}
	if got := try(t, env, "health", "--worker", "--url", server.URL); got.code != exitMisuse {
		t.Errorf("two at once: %+v", got)
	}
}

func TestHealthOfWorkers(t *testing.T) {
	t.Parallel()
	url := stacktest.Postgres(t, migrated)
	env, _ := withDatabase(url)
	db, err := store.Connect(t.Context(), url)
	must(t, err)
	defer db.Close()
	beat := func(id string) {
		must(t, db.InTx(t.Context(), time.Now(), func(tx *store.Tx) error { return tx.Heartbeat(t.Context(), id) }))
	}
	beat(workerID(machine()+"-2", 7, "ABC"))
	beat(workerID("elsewhere", 7, "ABC"))
	if got := try(t, env, "health", "--worker"); got.code != exitFault || !strings.Contains(got.errors, "no worker of "+machine()) {
		t.Errorf("only others live: %+v", got)
	}
	beat(workerID(machine(), 1, "ABC"))
	if got := try(t, env, "health", "--worker"); got.code != exitFine || got.out != "well\n" {
		t.Errorf("it lives: %+v", got)
	}
	nowhere, _ := withDatabase("postgres://longroad@127.0.0.1:1/longroad")
	if got := try(t, nowhere, "health", "--worker"); got.code != exitFine || !strings.Contains(got.out, "nothing is known") {
		t.Errorf("no database: %+v", got)
	}
}
