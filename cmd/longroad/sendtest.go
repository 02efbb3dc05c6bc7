package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"longroad/internal/mailer"
	people "longroad/internal/person"
)

type sendTestCommand struct {
	Dir    string `arg:"" help:"The course's folder."`
	Lesson string `xor:"which" help:"The letter's id; the track's first letter when left out."`
	All    bool   `xor:"which" help:"Every letter of the track, and the mails between and after them."`
	To     string `xor:"where" required:"" placeholder:"ADDRESS" help:"Your own address."`
	Out    string `xor:"where" required:"" placeholder:"DIR" help:"Send nothing: write .eml files into this folder."`
	Check  bool   `help:"Look at what was built before it goes: headers, parts, sizes, links, signatures."`
	JSON   bool   `name:"json" help:"Print JSON."`
	sampleReader
}

// Help says what is real about the mails, and what is not.
func (sendTestCommand) Help() string {
	return "The mails are composed and signed as the worker does, and go through LONGROAD_SMTP_URL. Nobody is signed up by it: their links and reply addresses lead to your service and open nothing there, " +
		"and an answer to one waits on the operator's page as something that could not be matched. With --out, what the configuration lacks is made up. " +
		"With --check, a mail with a fault does not go. The exit code is 1 when one had a fault or was not taken."
}

// sentTest is what became of one mail.
type sentTest struct {
	Kind    string   `json:"kind"`
	ID      string   `json:"id,omitempty"`
	Subject string   `json:"subject"`
	Faults  []string `json:"faults"`
	File    string   `json:"file,omitempty"`
	Result  string   `json:"result"` // written, faulty, or how the attempt ended
	Server  string   `json:"server,omitempty"`
}

// Run composes mails and sends them.
func (cmd sendTestCommand) Run(ctx context.Context, env *environment) error {
	files, err := openDir(cmd.Dir)
	if err != nil {
		return err
	}
	c, err := env.Config()
	if err != nil {
		return err
	}
	if cmd.To != "" {
		var ok bool
		if cmd.To, ok = people.ReadAddress(cmd.To); !ok {
			return misuse{errors.New("--to: write a bare address, such as you@example.org")}
		}
		if err := c.check(needSMTP, needBaseURL, needMail); err != nil {
			return err
		}
	}
	sample, err := newSampler(files, c, cmd.sampleReader, env.Now())
	if err != nil {
		return tellRefused(env, cmd.Dir, err)
	}
	if cmd.To != "" {
		sample.to = cmd.To
	}
	letters, err := cmd.letters(sample)
	if err != nil {
		return err
	}
	post, err := newPost(cmd, sample.config)
	if err != nil {
		return err
	}
	defer post.close()
	all, failed := []sentTest{}, false
	for _, l := range letters {
		one, err := post.mail(ctx, sample.composer, l)
		if err != nil {
			return err
		}
		all, failed = append(all, one), failed || one.failed()
		if !cmd.JSON {
			one.write(env.Stdout)
		}
	}
	if cmd.JSON {
		err = writeJSON(env.Stdout, all)
	} else {
		post.notes(env.Stdout)
	}
	if err == nil && failed {
		err = errSilent
	}
	return err
}

func (cmd sendTestCommand) letters(s *sampler) ([]mailer.Letter, error) {
	switch {
	case cmd.All:
		return s.all(), nil
	case cmd.Lesson == "":
		return s.letters()[:1], nil // a track has a letter, or it is a fault
	}
	l, err := s.one(cmd.Lesson)
	return []mailer.Letter{l}, err
}

// post signs, checks and hands over.
type post struct {
	cmd     sendTestCommand
	config  config
	signer  *mailer.Signer // nil: nothing is signed
	records []mailer.Record
	sender  *mailer.SMTP // nil: nothing is sent
	n       int
}

func newPost(cmd sendTestCommand, c config) (*post, error) {
	p := &post{cmd: cmd, config: c}
	var err error
	if p.signer, err = c.signer(); err != nil {
		return nil, err
	}
	if p.signer != nil {
		if p.records, err = p.signer.Records(); err != nil {
			return nil, err
		}
	}
	if cmd.To != "" {
		p.sender, err = mailer.NewSMTP(c.SMTPURL, mailer.WithHello(c.domain()))
	} else {
		err = os.MkdirAll(cmd.Out, 0o755)
	}
	return p, err
}

func (p *post) close() {
	if p.sender != nil {
		p.sender.Close()
	}
}

// mail does all that there is to do with one letter.
func (p *post) mail(ctx context.Context, composer *mailer.Composer, l mailer.Letter) (sentTest, error) {
	one := sentTest{Kind: l.Kind, ID: l.Lesson, Faults: []string{}}
	raw, err := composer.Compose(l)
	if err == nil {
		one.Subject, err = composer.Subject(l)
	}
	if err == nil && p.signer != nil {
		raw, err = p.signer.Sign(raw)
	}
	if err != nil {
		return one, err
	}
	if p.cmd.Check {
		one.Faults = append(one.Faults, mailer.Inspect(raw, l, p.records)...)
	}
	p.n++
	switch {
	case p.sender == nil:
		name := fmt.Sprintf("%02d-%s", p.n, l.Kind)
		if l.Lesson != "" {
			name += "-" + l.Lesson
		}
		one.File, one.Result = filepath.Join(p.cmd.Out, name+".eml"), "written"
		return one, os.WriteFile(one.File, raw, 0o600)
	case len(one.Faults) > 0:
		one.Result = "faulty"
	default:
		o := p.sender.Send(ctx, mailer.Envelope{From: l.EnvelopeFrom, To: l.To, MessageID: l.MessageID, Raw: raw, Before: func() error { return nil }})
		one.Result, one.Server = string(o.Result), o.Detail
	}
	return one, ctx.Err()
}

func (s sentTest) failed() bool {
	return len(s.Faults) > 0 || s.Result != "written" && s.Result != string(mailer.ResultSent)
}

func (s sentTest) write(w io.Writer) {
	what := s.Kind
	if s.ID != "" {
		what += " " + s.ID
	}
	fmt.Fprintf(w, "%-8s %-40s %s\n", s.Result, what, s.Subject)
	for _, more := range append(s.Faults, s.Server, s.File) {
		if more != "" {
			fmt.Fprintf(w, "%-8s %s\n", "", printable(more))
		}
	}
}

// notes say what an author has to know about what they will see.
func (p *post) notes(w io.Writer) {
	fmt.Fprintf(w, "\nThe links lead to %s and open nothing there: nobody is signed up by a test.\n", p.config.BaseURL)
	if p.signer == nil {
		fmt.Fprintln(w, "Nothing is signed: LONGROAD_DKIM_KEY_FILE is not set.")
	}
	if !p.cmd.Check {
		fmt.Fprintln(w, "Nothing was looked at: --check does.")
	}
}
