package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

type alertsCommand struct {
	Seen []string `placeholder:"REF" help:"Note that these were seen: nobody is told of them again."`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Help says what an alert is and is not.
func (alertsCommand) Help() string {
	return "A reply that tells of danger leaves an alert: an alarm, which halts its reader's letters until longroad subscriber release, or a gentle " +
		"one, which halts nothing. What was written is not kept, and which kind of danger it seemed to be stands on the operator's page alone. " +
		"Those that nobody has seen come first."
}

// shownAlert is an alert as the command shows it.
type shownAlert struct {
	Ref          string    `json:"ref"`
	At           time.Time `json:"at"`
	Level        string    `json:"level"`
	Subscription string    `json:"subscription,omitempty"` // "" where it could not be matched
	Halted       bool      `json:"halted"`
	Help         string    `json:"help,omitempty"` // what became of the mail with help lines; "" for none
	SeenAt       time.Time `json:"seen_at,omitzero"`
}

// Run lists the alerts, after noting which were seen.
func (cmd alertsCommand) Run(ctx context.Context, env *environment) error {
	var refs []token.Ref
	for _, text := range cmd.Seen {
		ref, err := token.ParseRef(text)
		if err != nil {
			return misuse{errors.New("--seen takes an alert's id of 20 hexadecimal digits")}
		}
		refs = append(refs, ref)
	}
	return withStore(ctx, env, nil, func(c config, s *store.Store) error {
		road := newRoad(env, c, s)
		for _, ref := range refs {
			if err := road.SeeAlert(ctx, ref); errors.Is(err, journey.ErrNotFound) {
				return fmt.Errorf("there is no alert %s", ref)
			} else if err != nil {
				return err
			}
		}
		alerts, err := road.Alerts(ctx, mostListed)
		if err != nil {
			return err
		}
		all := make([]shownAlert, len(alerts))
		for i, a := range alerts {
			all[i] = shownAlert{Ref: a.Ref.String(), At: a.At, Level: a.Level, Halted: a.Halted, Help: a.Help, SeenAt: a.SeenAt}
			if a.Subscription != nil {
				all[i].Subscription = a.Subscription.String()
			}
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, all)
		}
		if len(all) == 0 {
			fmt.Fprintln(env.Stdout, "no reply has told of danger")
			return nil
		}
		t := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "ALERT\tCAME (UTC)\tLEVEL\tSUBSCRIPTION\tHALTED\tHELP LINES\tSEEN (UTC)")
		for _, a := range all {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Ref, minute(a.At), a.Level, orDash(a.Subscription), yesNo(a.Halted), orDash(a.Help), orDash(minute(a.SeenAt)))
		}
		return t.Flush()
	})
}

func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

type releaseCommand struct {
	personArg
	JSON bool `name:"json" help:"Print JSON."`
}

// Help says what a release does.
func (releaseCommand) Help() string {
	return "A reply that tells of danger halts its reader's letters. This lets them go on from where they were, in their own time; not all at once. " +
		"Look at longroad alerts first."
}

// released is one subscription that the command looked at.
type released struct {
	Subscription string `json:"subscription"`
	Course       string `json:"course"`
	Released     bool   `json:"released"` // false: it was not halted
	Status       string `json:"status"`
}

// Run ends the halts of a person's subscriptions. Doing it again changes nothing.
func (cmd releaseCommand) Run(ctx context.Context, env *environment) error {
	return withPerson(ctx, env, cmd.personArg, nil, func(c config, s *store.Store, p person) error {
		subs, err := s.SubscriptionsOf(ctx, p.ID)
		if err != nil {
			return err
		}
		road := newRoad(env, c, s)
		done, any := []released{}, false
		for _, sub := range subs {
			if p.only != 0 && p.only != sub.ID {
				continue
			}
			one := released{sub.Ref.String(), sub.Course, false, string(sub.State.Status)}
			if sub.State.Status == pacing.Halted {
				if one.Released, err = road.Release(ctx, sub.Ref, journey.ByOperator); err != nil {
					return err
				}
				now, err := s.Subscription(ctx, sub.ID)
				if err != nil {
					return err
				}
				one.Status = string(now.State.Status)
			}
			any = any || one.Released
			done = append(done, one)
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, done)
		}
		for _, one := range done {
			if one.Released {
				fmt.Fprintf(env.Stdout, "%s (%s): released, is %s\n", one.Subscription, one.Course, one.Status)
			}
		}
		if !any {
			fmt.Fprintln(env.Stdout, "nothing was halted")
		}
		return nil
	})
}
