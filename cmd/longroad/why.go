package main

import (
	"context"
	"fmt"

	"longroad/internal/store"
)

type whyCommand struct {
	personArg
	JSON    bool `name:"json" help:"Print JSON."`
	Verbose bool `help:"Show Message-IDs, workers and the servers' own words, which may hold an address."`
}

// Help says what the story holds.
func (whyCommand) Help() string {
	return "For every letter: when it was due and sent, how it was tried, what was answered; and what waits now. The id of a subscription tells that one alone."
}

// Run tells the story of a person's letters.
func (cmd whyCommand) Run(ctx context.Context, env *environment) error {
	return withPerson(ctx, env, cmd.personArg, nil, func(_ config, s *store.Store, p person) error {
		stories, err := readStories(ctx, env, s, p, cmd.Verbose)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, stories)
		}
		if len(stories) == 0 {
			fmt.Fprintln(env.Stdout, "There is no subscription, and no letter.")
		}
		for i, one := range stories {
			if i > 0 {
				fmt.Fprintln(env.Stdout)
			}
			one.tell(env.Stdout)
		}
		return nil
	})
}

func readStories(ctx context.Context, env *environment, s *store.Store, p person, verbose bool) ([]story, error) {
	subs, err := s.SubscriptionsOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	stories := []story{}
	for _, sub := range subs {
		if p.only != 0 && sub.ID != p.only {
			continue
		}
		deliveries, err := s.DeliveriesOf(ctx, sub.ID)
		if err != nil {
			return nil, err
		}
		attempts, err := s.AttemptsOf(ctx, sub.ID)
		if err != nil {
			return nil, err
		}
		events, err := s.EventsOf(ctx, sub.ID)
		if err != nil {
			return nil, err
		}
		receipts, err := s.Receipts(ctx, idsOf(deliveries))
		if err != nil {
			return nil, err
		}
		one := storyOf(sub, deliveries, attempts, events)
		one.receipts(deliveries, receipts)
		one.Waits = waits(sub, deliveries, env.Now())
		one.verbose = verbose
		if !verbose {
			one.hush()
		}
		stories = append(stories, one)
	}
	return stories, nil
}

func idsOf(deliveries []store.Delivery) []int64 {
	ids := make([]int64, len(deliveries))
	for i, d := range deliveries {
		ids[i] = d.ID
	}
	return ids
}
