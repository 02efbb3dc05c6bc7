package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"longroad/internal/devstack/clock"
)

// devFile tells one-shot commands, run beside dev in the same folder, which
// database, keys and clock dev uses.
const devFile = "environment"

// remember writes devFile.
func (d *dev) remember(context.Context) error {
	c := d.config
	var b strings.Builder
	for _, v := range [][2]string{
		{"LONGROAD_DATABASE_URL", c.DatabaseURL}, {"LONGROAD_SECRET_KEY", strings.Join(c.SecretKey, ",")},
		{"LONGROAD_MAIL_FROM", c.MailFrom}, {"LONGROAD_BASE_URL", c.BaseURL},
	} {
		fmt.Fprintf(&b, "%s=%s\n", v[0], v[1])
	}
	path := filepath.Join(d.dir, devFile)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("tell other commands where the service is: %w", err)
	}
	d.closers = append(d.closers, func() { os.Remove(path) })
	return nil
}

// besideDev completes the configuration of a one-shot command that has no
// database of its own with that of a dev that runs in this folder, its clock
// included. Without one it changes nothing.
func besideDev(env *environment, c config) config {
	if c.DatabaseURL != "" {
		return c
	}
	b, err := os.ReadFile(filepath.Join(devDir, devFile))
	if err != nil {
		return c
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch {
		case name == "LONGROAD_DATABASE_URL":
			c.DatabaseURL = value
		case name == "LONGROAD_SECRET_KEY" && len(c.SecretKey) == 0:
			c.SecretKey = strings.Split(value, ",")
		case name == "LONGROAD_MAIL_FROM" && c.MailFrom == "":
			c.MailFrom = value
		case name == "LONGROAD_BASE_URL" && c.BaseURL == "":
			c.BaseURL = value
		}
	}
	c.tidy()
	if moved, err := clock.Open(filepath.Join(devDir, "clock")); err == nil {
		env.Now = moved.Now
	}
	return c
}
