// Package pacing decides when a reader gets the next mail of a course. Its one
// rule: everything follows from (course, state, event, now); it reads no clock,
// keeps nothing, and the same input always gives the same answer.
//
// Step takes one event, Look is the last question before a mail goes out, and a
// Calendar is a send window as one reader lives it.
//
//	            confirm                         sent, the end
//	pending ─────────────▶ active ─────────────────────────────────▶ completed
//	                       ▲ │ ▲ ▲                                       │
//	                 ready │ │ │ └──────────── repeat, back ─────────────┘
//	                       │ │ │ sent, and its gate waits for ready
//	  third door sent      │ ▼ │
//	resting ◀──────────── awaiting ◀── ask-again sent ── holding
//	   │                     │                              ▲
//	   │                     └────────── not-yet ───────────┤ (from anywhere)
//	   ▲ └ ready, resume, repeat, back ▶ active, awaiting   │
//	   └── unsafe (from anywhere)                           │
//	                                                        │
//	paused ◀── pause, from all of these; its end, resume or ready lead back
//	halted ◀── halt, from all that have not ended; only release leads back
//	stopped, suppressed ◀── stop, suppress, from everywhere, at once, silently;
//	                        return takes a stop back, never a suppression
//
// A status is never chosen by an event. An event changes the facts (what was
// sent when, what was answered, what is held or paused) and settle reads from
// them where the reader stands, what is owed next and when. So a release after
// a halt, a mail that was cancelled, or an outcome that comes late all find
// back to the right place by the same few lines.
//
// # What is due when
//
// A lesson is paced by its own stage: gap, gate and window. The mails about a
// lesson (reminder, ask-again, open door, welcome-back) keep the window of that
// lesson's stage. The end comes once, after the last lesson as one more lesson of
// its stage would, but for no gate: only a not-yet keeps it waiting. Once it has
// gone or was let go, the way is complete wherever the last lesson has come.
//
// The unit of the span decides the mode. Days: due is the first allowed "at" not
// before the earliest moment. Hours, minutes, seconds: due is the first instant of
// an allowed day's [at, until) not before it. A reminder's mode is the unit of
// remind_after; all other mails about a lesson go by days.
//
// The earliest moment of a lesson, and of the end, is the latest of these: the gap
// after the last sending, the last time that a gate, hold, pause or pace was
// settled, and now. A gap of days ends at 00:00 of its local date, whatever the
// hour of the last sending was. Pace and silence stretch a gap, by at most 3 each;
// days are rounded up. Silence stretches only gaps without a gate: 1.5 for each
// check-in in a row without an answer, the current one included, so that the gap
// is stretched from the start and an answer shortens it again, never to before
// now. A repeat or a back waits for its stage's gap too, but for no gate.
//
// Where the day is full (per_day lessons on it; for other mail than a lesson or
// the end, any lesson at all) the next day is the earliest. A reader who moves
// west lives some hours twice: sendings then go on counting on the later date.
//
// A track's first letter under "first: at-once" goes right after confirming, in
// any window and on dark dates. After a pause or a halt that came before it
// there is no such moment any more, and it is given an hour of the window.
//
// # What readers say
//
//   - Ready and not-yet count for the current letter and occasion, until the next
//     lesson, or the end, is claimed; the last of them wins. A second ready moves
//     nothing, nor does a second not-yet on the same local day.
//   - Not-yet holds a letter with or without a check-in, and asks again after 7,
//     10, 14, 21, then every 30 local days. Asking makes it wait for a ready, under
//     gate none too.
//   - Between a repeat (or back) and its letter no letter stands to be answered.
//   - A pause ends at 00:00 of its local date. A question still open then is asked
//     by a welcome-back; a hold that reaches beyond the pause goes on. A resume of
//     the reader's own ends a pause, a hold or a rest at once; it is not a ready.
//   - Unsafe puts the way to rest from anywhere, whichever letter it answers; ready,
//     not-yet, resume, repeat or back wake it. A pause does not, nor does its end.
//   - A change of zone, hour, days or dark dates is a computation of its own: what
//     is not claimed yet gets its time anew, by the same rules, at once. Floors, holds
//     and pauses keep their local dates. What is claimed meets the new window in Look.
//   - Who signs up again after a stop may go on where the earlier way ended; a
//     question that stood open there is asked by a welcome-back.
//   - What the reader does while a mail about a lesson is claimed withdraws that
//     mail; Look then cancels it. A repeat or back withdraws a claimed lesson too.
//   - A word in answer to the last practice letter is meant for the lesson that it
//     came after.
//   - An undo leads back to where a word of the reader's was said, unless a mail has
//     gone since. It wakes nobody who is halted or has said not to be safe.
//   - A mail that was given up keeps its place until an operator resends it or lets
//     it go. Let go, it is behind the reader as if it had come, but counts for no
//     gap, and no gate waits for the answer to a letter that nobody got.
//
// # Practice letters
//
// While the next lesson waits, the practice letters of the current lesson's stage
// may come, in the window of that stage: at most one in 14 local days, more than
// three days after a lesson and before the next as it stands planned, on no other
// mail's day, each in turn and then round again. They lie over the way and change
// nothing of it: no lesson, reminder or ask-again comes sooner or later for them
// (so a ready may call a lesson within three days of one), nothing waits for
// their outcome, and what of the way is due goes first. None comes in a pause, a
// rest or a halt, before a repeat or a back has come, or to a reader who is
// silent: from the reminder on, or, where no gate waits, from its time on, until
// the next sign; nor after the last lesson. The reader switches them off and on;
// an unsafe answer switches them off.
//
// Barriers between linked subscriptions do not act here yet.
package pacing
