package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

type resendCommand struct {
	personArg
	Delivery string `placeholder:"ID" help:"This mail alone, by the id that the operator's page and longroad why --json show."`
	LetGo    bool   `name:"let-go" help:"Do not send it: the way goes on with what comes after."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// Help says what a mail that was given up is.
func (resendCommand) Help() string {
	return "A mail is given up when the mail server refused it for good, or too often. Its reader's way stands still until " +
		"somebody acts: look at the reason with longroad why, mend it, and have the mail sent again (the same mail, under the same " +
		"Message-ID, within the reader's window); or let it go. The person can be named by the mail's id too."
}

// resent is one mail that the command decided about.
type resent struct {
	Delivery     string `json:"delivery"`
	Subscription string `json:"subscription"`
	Mail         string `json:"mail"`
	Done         string `json:"done"` // resent, let-go, or "" with a fault
	Fault        string `json:"fault,omitempty"`
}

func (r resent) String() string {
	switch {
	case r.Fault != "":
		return fmt.Sprintf("%s (%s): nothing was changed: %s", r.Delivery, r.Mail, r.Fault)
	case r.Done == "let-go":
		return fmt.Sprintf("%s (%s): let go", r.Delivery, r.Mail)
	}
	return fmt.Sprintf("%s (%s): goes again", r.Delivery, r.Mail)
}

// Run decides about what was given up of a person's mails.
func (cmd resendCommand) Run(ctx context.Context, env *environment) error {
	var only token.Ref
	if cmd.Delivery != "" {
		var err error
		if only, err = token.ParseRef(cmd.Delivery); err != nil {
			return misuse{errors.New("--delivery takes an id of 20 hexadecimal digits")}
		}
	}
	return withPerson(ctx, env, cmd.personArg, []need{needKeys}, func(c config, s *store.Store, p person) error {
		if only == (token.Ref{}) {
			only = p.mail
		}
		deliveries, err := givenUpOf(ctx, s, p, only)
		if err != nil {
			return err
		}
		road := newRoad(env, c, s)
		if road.Hasher, err = addressHasher(c); err != nil {
			return err
		}
		done, failed := []resent{}, false
		for _, d := range deliveries {
			one, err := cmd.settle(ctx, road, d)
			if err != nil {
				return err
			}
			failed = failed || one.Fault != ""
			done = append(done, one)
		}
		if err := cmd.tell(env.Stdout, done); err != nil || !failed {
			return err
		}
		return errSilent
	})
}

// givenUp is a mail that was given up, and whose way it belongs to.
type givenUp struct {
	store.Delivery
	subscription token.Ref
}

// givenUpOf lists what was given up of a person's mails; only names one of them.
func givenUpOf(ctx context.Context, s *store.Store, p person, only token.Ref) ([]givenUp, error) {
	subs, err := s.SubscriptionsOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	var all []givenUp
	for _, sub := range subs {
		deliveries, err := s.DeliveriesOf(ctx, sub.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range deliveries {
			switch {
			case only != (token.Ref{}) && d.Ref != only, p.only != 0 && d.SubscriptionID != p.only:
			case d.State == store.GivenUp:
				all = append(all, givenUp{d, sub.Ref})
			case d.Ref == only:
				return nil, fmt.Errorf("%s is %s: only what was given up waits for an operator", only, d.State)
			}
		}
	}
	if len(all) == 0 && only != (token.Ref{}) {
		return nil, fmt.Errorf("%s is no mail of that person", only)
	}
	return all, nil
}

// settle decides about one mail. What stands against it is the mail's fault, and
// the others go on.
func (cmd resendCommand) settle(ctx context.Context, road *journey.Road, d givenUp) (resent, error) {
	one := resent{Delivery: d.Ref.String(), Subscription: d.subscription.String(), Mail: mailName(pacing.Kind(d.Kind()), d.Mail.Lesson, d.Mail.N)}
	act, name := road.Resend, "resent"
	if cmd.LetGo {
		act, name = road.LetGo, "let-go"
	}
	err := act(ctx, d.Ref, journey.ByOperator)
	var no journey.MayNotGo
	switch {
	case errors.As(err, &no):
		one.Fault = no.Error()
	case errors.Is(err, journey.ErrNotGivenUp):
		one.Fault = "somebody has decided already"
	case err != nil:
		return one, err
	default:
		one.Done = name
	}
	return one, nil
}

func (cmd resendCommand) tell(w io.Writer, done []resent) error {
	if cmd.JSON {
		return writeJSON(w, done)
	}
	for _, one := range done {
		fmt.Fprintln(w, one)
	}
	if len(done) == 0 {
		fmt.Fprintln(w, "nothing was given up")
	}
	return nil
}
