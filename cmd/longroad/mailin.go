package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"longroad/internal/mailin"
	"longroad/internal/store"
)

// checkMailIn looks at the ways by which mail comes in by itself: a listener and
// a mailbox. Neither has to be there.
func (c config) checkMailIn() error {
	var faults []error
	if _, err := mailin.ParseAddresses(c.InboundAddr); err != nil {
		faults = append(faults, fmt.Errorf("LONGROAD_INBOUND_ADDR: %w", err))
	}
	if c.IMAPURL != "" {
		if _, err := mailin.ParseBox(c.IMAPURL); err != nil {
			faults = append(faults, fmt.Errorf("LONGROAD_IMAP_URL: %w", err))
		}
	}
	if c.InboundAddr+c.IMAPURL != "" && c.ReplyDomain == "" {
		faults = append(faults, errors.New("LONGROAD_REPLY_DOMAIN is not set, nor is LONGROAD_MAIL_FROM: mail that comes in must be for one of their domains"))
	}
	return errors.Join(faults...)
}

// mailInWarnings is what works and is not wise.
func (c config) mailInWarnings() []string {
	var all []string
	addresses, _ := mailin.ParseAddresses(c.InboundAddr) // check tells what is wrong with them
	for _, a := range addresses {
		if !a.Local() {
			all = append(all, "LONGROAD_INBOUND_ADDR: everybody who reaches "+a.At+" can hand mail in, unencrypted; let only your mail server reach it")
		}
	}
	return all
}

// mailDoors are the ways by which mail comes in; each may be nil.
type mailDoors struct {
	server  *mailin.Server
	mailbox *mailin.Mailbox
}

// mailIn opens the listener, where one is configured.
func (s *service) mailIn(ctx context.Context) (*mailDoors, error) {
	addresses, err := mailin.ParseAddresses(s.config.InboundAddr)
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_INBOUND_ADDR: %w", err)
	}
	d := &mailDoors{}
	if len(addresses) == 0 {
		return d, nil
	}
	if d.server, err = mailin.Listen(addresses, s.mailInOptions()); err != nil {
		return nil, fmt.Errorf("%w: choose another LONGROAD_INBOUND_ADDR", err)
	}
	for _, address := range d.server.Addresses() {
		way, at, _ := strings.Cut(address, " ")
		s.log.InfoContext(ctx, "taking mail", slog.String("way", way), slog.String("address", at))
	}
	return d, nil
}

// withMailbox adds the mailbox, where one is configured.
func (d *mailDoors) withMailbox(s *service) error {
	if s.config.IMAPURL == "" {
		return nil
	}
	box, err := mailin.ParseBox(s.config.IMAPURL)
	if err != nil {
		return fmt.Errorf("LONGROAD_IMAP_URL: %w", err)
	}
	d.mailbox = mailin.NewMailbox(box, s.mailInOptions(), s.aloneWithMailbox)
	return nil
}

func (s *service) mailInOptions() mailin.Options {
	return mailin.Options{
		Receive: s.road.Receive, Knows: s.road.Knows, Now: s.now, Log: s.log, Count: s.metric.Arrival,
		Domains: []string{s.config.ReplyDomain, s.config.BounceDomain, s.config.domain()},
	}
}

// aloneWithMailbox does something while no other process of the service does it.
// The lock lasts as long as a transaction, so that it holds behind PgBouncer too
// and is gone with the process.
func (s *service) aloneWithMailbox(ctx context.Context, do func(context.Context) error) (bool, error) {
	got := false
	err := s.store.InTx(ctx, s.now(), func(tx *store.Tx) (err error) {
		if got, err = tx.TryLock(ctx, "mailbox"); err != nil || !got {
			return err
		}
		return do(ctx)
	})
	return got, err
}

// run takes mail in until the context ends.
func (d *mailDoors) run(ctx context.Context) error {
	var all sync.WaitGroup
	if d.mailbox != nil {
		all.Go(func() { d.mailbox.Run(ctx) })
	}
	var err error
	if d.server != nil {
		err = d.server.Serve(ctx)
	} else {
		<-ctx.Done()
	}
	if err == nil {
		all.Wait()
	}
	return err
}

// together runs everything until the context ends or one of them does.
func together(ctx context.Context, runs ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(runs))
	for _, run := range runs {
		go func() {
			defer stop()
			ended <- run(ctx)
		}()
	}
	var errs []error
	for range runs {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}
