package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
)

// environment is what all commands share of the world around them.
type environment struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Log            *slog.Logger
	Now            func() time.Time // the clock of pacing
	// Config reads the configuration. It is a function, since commands that need
	// none must work beside a broken one.
	Config func() (config, error)
}

func newEnvironment(stdin io.Reader, stdout, stderr io.Writer) *environment {
	return &environment{
		Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Log:    newLogger(stderr, os.Getenv("LONGROAD_LOG"), os.Getenv("LONGROAD_LOG_LEVEL")),
		Now:    time.Now,
		Config: loadConfig,
	}
}

// newLogger logs as text or JSON from a level on. What it does not understand is
// text and info; config.check says what is wrong with it.
func newLogger(w io.Writer, format, level string) *slog.Logger {
	least, _ := parseLevel(level)
	o := &slog.HandlerOptions{Level: least}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func parseLevel(s string) (slog.Level, error) {
	switch strings.ToLower(s) {
	case "debug":
		return slog.LevelDebug, nil
	case "info", "":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return slog.LevelInfo, fmt.Errorf("write debug, info, warn or error")
}
