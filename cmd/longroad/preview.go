package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"

	"longroad/internal/mailer"
)

type previewCommand struct {
	Dir    string `arg:"" help:"The course's folder."`
	Lesson string `xor:"which" required:"" help:"The letter's id: a lesson or a practice letter."`
	Mail   string `xor:"which" required:"" placeholder:"NAME" help:"A mail between or after the letters, by the name of its file in _mails: reminder, end, receipt-ready."`
	Text   bool   `xor:"part" help:"Show the plain text (the default)."`
	HTML   bool   `name:"html" xor:"part" help:"Show the HTML; write it to a file and open that in a browser."`
	sampleReader
}

// Help says what is real about a preview.
func (previewCommand) Help() string {
	return "It composes the letter as the worker does, for a reader who does not exist; its links open nothing. It needs no configuration."
}

// Run shows one part of a letter.
func (cmd previewCommand) Run(env *environment) error {
	files, err := openDir(cmd.Dir)
	if err != nil {
		return err
	}
	sample, err := newSampler(files, config{}, cmd.sampleReader, env.Now())
	if err != nil {
		return tellRefused(env, cmd.Dir, err)
	}
	letter, err := cmd.letter(sample)
	if err != nil {
		return err
	}
	raw, err := sample.composer.Compose(letter)
	if err != nil {
		return err
	}
	kind := "text/plain"
	if cmd.HTML {
		kind = "text/html"
	}
	part, err := partOf(raw, kind)
	if err != nil {
		return err
	}
	if !cmd.HTML {
		subject, err := sample.composer.Subject(letter)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stdout, "Subject: %s\n\n", subject)
	}
	_, err = io.WriteString(env.Stdout, part)
	return err
}

func (cmd previewCommand) letter(s *sampler) (mailer.Letter, error) {
	if cmd.Mail != "" {
		return s.mail(cmd.Mail)
	}
	return s.one(cmd.Lesson)
}

// tellRefused writes the faults of a course that has errors, as lint does.
func tellRefused(env *environment, dir string, err error) error {
	var refused refusedCourse
	if errors.As(err, &refused) {
		writeReport(env.Stderr, dir, refused.Report)
		return errSilent
	}
	return err
}

// partOf gives one part of a mail of ours, decoded, its lines ending as texts do here.
func partOf(raw []byte, kind string) (string, error) {
	mail, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", err
	}
	_, params, err := mime.ParseMediaType(mail.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	parts := multipart.NewReader(mail.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return "", fmt.Errorf("the mail has no part of %s: %w", kind, err)
		}
		if found, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); found == kind {
			text, err := io.ReadAll(part)
			return strings.ReplaceAll(string(text), "\r\n", "\n"), err
		}
	}
}
