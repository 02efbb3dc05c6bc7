package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"longroad/internal/store"
)

type eraseCommand struct {
	personArg
	Yes  bool `help:"Do not ask."`
	JSON bool `name:"json" help:"Print JSON."`
}

// Help says what remains.
func (eraseCommand) Help() string {
	return `It removes the person, all subscriptions, their letters with every attempt, the story, the consents and the replies, for good. What remains: a suppressed
address stays known by its keyed hash, so that it gets nothing again (to keep an address out, suppress it first); mail that came in and could not be matched to a
letter; a mail that is in the air at that moment; and your backups.`
}

// erased is what was removed.
type erased struct {
	Subscriptions int  `json:"subscriptions"`
	Letters       int  `json:"letters"` // all mails, sent or not
	Attempts      int  `json:"attempts"`
	Events        int  `json:"events"`
	Consents      int  `json:"consents"`
	Replies       int  `json:"replies"`
	SignUps       int  `json:"sign_ups"`   // not decided yet
	InTheAir      int  `json:"in_the_air"` // of the letters: they may still arrive
	Suppressed    bool `json:"suppressed"` // the address's keyed hash stays
}

// Run erases a person.
func (cmd eraseCommand) Run(ctx context.Context, env *environment) error {
	if !cmd.Yes && (cmd.Person == "-" || !onTerminal(env.Stdin)) {
		return misuse{errors.New("erasing cannot be taken back: say --yes where nobody can be asked")}
	}
	return withPerson(ctx, env, cmd.personArg, []need{needKeys}, func(c config, s *store.Store, p person) error {
		subs, err := s.SubscriptionsOf(ctx, p.ID)
		if err != nil {
			return err
		}
		if !cmd.Yes && !sure(env.Stdin, env.Stderr, p, len(subs)) {
			return errors.New("nothing was erased")
		}
		hasher, err := addressHasher(c)
		if err != nil {
			return err
		}
		_, err = s.Suppression(ctx, hasher.Address(store.AddressKey(p.Email)))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		suppressed := err == nil
		rows, err := s.Erase(ctx, env.Now(), p.ID)
		if err != nil {
			return nobody(err)
		}
		done := erased{rows.Subscriptions, rows.Deliveries, rows.Attempts, rows.Events, rows.Consents, rows.Replies, rows.Intakes, rows.InTheAir, suppressed}
		if cmd.JSON {
			return writeJSON(env.Stdout, done)
		}
		done.write(env.Stdout)
		return nil
	})
}

// sure asks whether to go on; only a whole yes is one.
func sure(in io.Reader, out io.Writer, p person, subscriptions int) bool {
	fmt.Fprintf(out, "Erase %s with %s, for good? Type yes: ", printable(p.Email), count(subscriptions, "subscription"))
	line, _ := bufio.NewReader(io.LimitReader(in, 64)).ReadString('\n') // what cannot be read is no yes
	return strings.TrimSpace(line) == "yes"
}

func (e erased) write(w io.Writer) {
	fmt.Fprintf(w, "erased: the person, %s, %s, %s, %s, %s, %s\n", count(e.Subscriptions, "subscription"), count(e.Letters, "letter"),
		count(e.Attempts, "attempt"), count(e.Events, "event"), count(e.Consents, "consent"), strings.Replace(count(e.Replies, "reply"), "replys", "replies", 1))
	if e.SignUps > 0 {
		fmt.Fprintf(w, "and %s that nobody had decided\n", count(e.SignUps, "sign-up"))
	}
	if e.InTheAir > 0 {
		fmt.Fprintf(w, "%s in the air: it may still arrive\n", count(e.InTheAir, "mail"))
	}
	if e.Suppressed {
		fmt.Fprintln(w, "the address stays suppressed, by its keyed hash alone")
	}
}
