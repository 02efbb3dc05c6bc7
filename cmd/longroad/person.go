package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"longroad/internal/store"
	"longroad/internal/token"
)

// personArg names somebody on the command line.
type personArg struct {
	Person string `arg:"" help:"An address, the id of a subscriber, a subscription or a mail, or - to read it from standard input, out of the shell's history."`
}

// personName is what a command line calls somebody by: an address or an id.
type personName struct {
	address string
	ref     token.Ref // where address is ""
}

// errNobody repeats no address: errors end in logs.
var errNobody = errors.New("nobody is known by that address or id")

// name reads the argument, or the first line of standard input.
func (a personArg) name(stdin io.Reader) (personName, error) {
	text := a.Person
	if text == "-" {
		line, err := bufio.NewReader(io.LimitReader(stdin, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return personName{}, fmt.Errorf("standard input: %w", err)
		}
		text = line
	}
	text = strings.TrimSpace(text)
	if ref, err := token.ParseRef(text); err == nil {
		return personName{ref: ref}, nil
	}
	if local, domain, ok := strings.Cut(text, "@"); !ok || local == "" || domain == "" {
		return personName{}, misuse{errors.New("that is no address and no id: write an address, an id of 20 hexadecimal digits, or - and give it on standard input")}
	}
	return personName{address: text}, nil
}

// person is who a command is about.
type person struct {
	store.Subscriber
	// only is the subscription whose id was given; 0 stands for all of them.
	only int64
	// mail is the mail whose id was given; zero for none.
	mail token.Ref
}

// find looks somebody up; errNobody when there is no such person.
func (n personName) find(ctx context.Context, s *store.Store) (person, error) {
	if n.address != "" {
		found, err := s.SubscriberByAddress(ctx, n.address)
		return person{Subscriber: found}, nobody(err)
	}
	found, err := s.SubscriberByRef(ctx, n.ref)
	if !errors.Is(err, store.ErrNotFound) {
		return person{Subscriber: found}, err
	}
	sub, mail, err := subscriptionOf(ctx, s, n.ref)
	if err != nil {
		return person{}, nobody(err)
	}
	found, err = s.SubscriberByAddress(ctx, sub.Email)
	return person{Subscriber: found, only: sub.ID, mail: mail}, nobody(err)
}

// subscriptionOf finds a subscription by its own id or by that of one of its mails.
func subscriptionOf(ctx context.Context, s *store.Store, ref token.Ref) (sub store.Subscription, mail token.Ref, err error) {
	sub, err = s.SubscriptionByRef(ctx, ref)
	if !errors.Is(err, store.ErrNotFound) {
		return sub, mail, err
	}
	d, err := s.DeliveryByRef(ctx, ref)
	if err != nil {
		return sub, mail, err
	}
	sub, err = s.Subscription(ctx, d.SubscriptionID)
	return sub, d.Ref, err
}

func nobody(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return errNobody
	}
	return err
}

// withPerson runs fn of a one-shot command for the person that is named.
func withPerson(ctx context.Context, env *environment, a personArg, needs []need, fn func(c config, s *store.Store, p person) error) error {
	name, err := a.name(env.Stdin)
	if err != nil {
		return err
	}
	return withStore(ctx, env, needs, func(c config, s *store.Store) error {
		p, err := name.find(ctx, s)
		if err != nil {
			return err
		}
		return fn(c, s, p)
	})
}
