package main

import (
	"context"
	"errors"
	"fmt"

	"longroad/internal/journey"
	"longroad/internal/store"
)

// subscriberCommand groups what an operator does for people.
type subscriberCommand struct {
	Import   importCommand   `cmd:"" help:"Bring in people who confirmed elsewhere, from a CSV file."`
	Export   exportCommand   `cmd:"" help:"Write out people and their subscriptions, as CSV or JSON."`
	Show     showCommand     `cmd:"" help:"Show what is known of a person."`
	Stop     stopCommand     `cmd:"" help:"End all of a person's subscriptions, at once and silently."`
	Suppress suppressCommand `cmd:"" help:"Never send to an address again, and end its subscriptions; or --lift that."`
	Release  releaseCommand  `cmd:"" help:"End a halt: let the letters go on after a reply that told of danger."`
	Resend   resendCommand   `cmd:"" help:"Send again what was given up, or let it go."`
	Erase    eraseCommand    `cmd:"" help:"Remove everything that is kept of a person."`
}

type stopCommand struct {
	personArg
	JSON bool `name:"json" help:"Print JSON."`
}

// ended is one subscription that a command ended, or found ended.
type ended struct {
	Subscription string `json:"subscription"`
	Course       string `json:"course"`
	Status       string `json:"status"`
	Before       string `json:"before"` // the status before the command
}

func (e ended) String() string {
	if e.Status == e.Before {
		return fmt.Sprintf("%s (%s): had ended already, %s", e.Subscription, e.Course, e.Status)
	}
	return fmt.Sprintf("%s (%s): was %s, is %s", e.Subscription, e.Course, e.Before, e.Status)
}

// Run ends a person's subscriptions. Doing it again changes nothing.
func (cmd stopCommand) Run(ctx context.Context, env *environment) error {
	return withPerson(ctx, env, cmd.personArg, nil, func(c config, s *store.Store, p person) error {
		subs, err := s.SubscriptionsOf(ctx, p.ID)
		if err != nil {
			return err
		}
		road := newRoad(env, c, s)
		done := []ended{}
		for _, sub := range subs {
			e := ended{sub.Ref.String(), sub.Course, string(sub.State.Status), string(sub.State.Status)}
			if !sub.State.Status.Ended() {
				view, err := road.Stop(ctx, sub.Ref, journey.ByOperator)
				if err != nil {
					return err
				}
				e.Status = string(view.State.Status)
			}
			done = append(done, e)
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, done)
		}
		for _, e := range done {
			fmt.Fprintln(env.Stdout, e)
		}
		if len(done) == 0 {
			fmt.Fprintln(env.Stdout, "there was no subscription to stop")
		}
		return nil
	})
}

type suppressCommand struct {
	personArg
	Lift bool `help:"Let the address get letters again, after a new sign-up."`
	JSON bool `name:"json" help:"Print JSON."`
}

// suppressed is what the command did.
type suppressed struct {
	New    bool    `json:"new"` // false: the address was suppressed before
	Reason string  `json:"reason"`
	Ended  []ended `json:"ended"`
}

// Run suppresses an address, known or not. Doing it again changes nothing.
func (cmd suppressCommand) Run(ctx context.Context, env *environment) error {
	name, err := cmd.name(env.Stdin)
	if err != nil {
		return err
	}
	return withStore(ctx, env, []need{needKeys}, func(c config, s *store.Store) error {
		p, err := name.find(ctx, s)
		if errors.Is(err, errNobody) && name.address != "" {
			p, err = person{Subscriber: store.Subscriber{Email: name.address}}, nil
		}
		if err != nil {
			return err
		}
		if cmd.Lift {
			return cmd.lift(ctx, env, c, s, p)
		}
		done, err := suppress(ctx, env, c, s, p)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, done)
		}
		if done.New {
			fmt.Fprintln(env.Stdout, "the address is suppressed")
		} else {
			fmt.Fprintf(env.Stdout, "the address was suppressed already (%s)\n", done.Reason)
		}
		for _, e := range done.Ended {
			fmt.Fprintln(env.Stdout, e)
		}
		return nil
	})
}

// Help says what a suppressed address is.
func (suppressCommand) Help() string {
	return "A suppressed address gets nothing, and signing it up again does nothing. Addresses are suppressed by an operator, by mails that come back " +
		"(hard bounce, soft bounces) and by readers who call a letter unwanted (complaint); longroad subscriber show tells why, and longroad why the " +
		"story. --lift takes an address off the list and forgets the mails that came back; its subscriptions stay ended, so that its reader signs up anew."
}

// lifted is what --lift did.
type lifted struct {
	Lifted bool   `json:"lifted"` // false: the address was not suppressed
	Reason string `json:"reason,omitempty"`
}

func (cmd suppressCommand) lift(ctx context.Context, env *environment, c config, s *store.Store, p person) error {
	road := newRoad(env, c, s)
	var err error
	if road.Hasher, err = addressHasher(c); err != nil {
		return err
	}
	var done lifted
	before, err := s.Suppression(ctx, road.Hasher.Address(store.AddressKey(p.Email)))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	done.Reason = before.Reason
	if done.Lifted, err = road.Lift(ctx, p.Email, journey.ByOperator); err != nil {
		return err
	}
	switch {
	case cmd.JSON:
		return writeJSON(env.Stdout, done)
	case done.Lifted:
		_, err = fmt.Fprintf(env.Stdout, "the address is no longer suppressed (it was: %s); its reader can sign up again\n", done.Reason)
	default:
		_, err = fmt.Fprintln(env.Stdout, "the address was not suppressed")
	}
	return err
}

func suppress(ctx context.Context, env *environment, c config, s *store.Store, p person) (suppressed, error) {
	const reason = "operator"
	done := suppressed{New: true, Reason: reason, Ended: []ended{}}
	hasher, err := addressHasher(c)
	if err != nil {
		return done, err
	}
	before, err := s.Suppression(ctx, hasher.Address(store.AddressKey(p.Email)))
	switch {
	case err == nil:
		done.New, done.Reason = false, before.Reason
	case !errors.Is(err, store.ErrNotFound):
		return done, err
	}
	olds, err := s.SubscriptionsOf(ctx, p.ID)
	if err != nil {
		return done, err
	}
	road := newRoad(env, c, s)
	road.Hasher = hasher
	if err := road.Suppress(ctx, p.Email, reason, journey.ByOperator); err != nil {
		return done, err
	}
	news, err := s.SubscriptionsOf(ctx, p.ID)
	if err != nil {
		return done, err
	}
	for i, sub := range news[:min(len(news), len(olds))] {
		done.Ended = append(done.Ended, ended{sub.Ref.String(), sub.Course, string(sub.State.Status), string(olds[i].State.Status)})
	}
	return done, nil
}
