// Package inbound reads what comes in: what a raw mail is, what was said in it,
// what is meant. Its one rule: in doubt nothing is meant, and a person reads it.
package inbound

import (
	"errors"

	"longroad/internal/inbound/meant"
)

// Intent is what a reply asks for.
type Intent string

// The intents.
const (
	Ready  Intent = meant.Ready
	NotYet Intent = meant.NotYet
	Slower Intent = meant.Slower
	Faster Intent = meant.Faster
	Pause  Intent = meant.Hold
	Resume Intent = meant.Resume
	Repeat Intent = meant.Repeat
	Back   Intent = meant.Back
	Stop   Intent = meant.Stop
	Help   Intent = meant.Help

	// Answers to a safety question only.
	Yes    Intent = meant.Yes
	No     Intent = meant.No
	Unsure Intent = meant.Unsure
)

// ErrUnreadable means that the bytes are no mail that we can take apart.
var ErrUnreadable = errors.New("not readable as a mail")
