package main

import (
	"testing"

	"longroad/internal/devstack/stacktest"
)

func TestRunPassesTheExitCodeOn(t *testing.T) {
	// Servers that are there already are not started again.
	t.Setenv(stacktest.EnvDatabaseURL, "postgres://there.example/")
	t.Setenv(stacktest.EnvRedisURL, "redis://there.example/")
	for _, c := range []struct {
		name, script string
		code         int
	}{
		{"well", `test "$LONGROAD_TEST_DATABASE_URL" = postgres://there.example/`, 0},
		{"a failure", "exit 3", 3},
		{"a signal", "kill -9 $$", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code, err := run([]string{"sh", "-c", c.script}); code != c.code || err != nil {
				t.Fatalf("code %d, %v", code, err)
			}
		})
	}
	if code, err := run([]string{"/no/such/program"}); code != 1 || err == nil {
		t.Fatalf("a command that is not there: code %d, %v", code, err)
	}
}
