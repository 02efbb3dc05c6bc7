package web

import (
	"net/url"
	"slices"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// What a pause may be.
const (
	longestPause = 366 // days
	dateLayout   = "2006-01-02"
)

// Messages of the check-in's fields.
const (
	chooseOne  = "Please choose one."
	chooseDate = "Please choose a day after today, within a year."
)

// readAnswer reads what was pressed on the check-in's page. The second value
// names the fault, in words for the reader, and is "" when there is none.
func readAnswer(form url.Values, v journey.View, now time.Time) (journey.Answer, string) {
	intent := form.Get("intent")
	if !slices.Contains(offers(v), intent) {
		return journey.Answer{}, chooseOne
	}
	a := journey.Answer{Event: pacing.Event{Kind: pacing.EventKind(intent)}, By: journey.ByPage}
	switch answer := course.Answer(intent); answer {
	case course.AnswerYes, course.AnswerAlone:
		a.Safety, a.Kind = answer, pacing.Ready
	case course.AnswerNo, course.AnswerUnsure:
		a.Safety, a.Kind = answer, pacing.Unsafe
	}
	switch a.Kind {
	case pacing.Ready, pacing.NotYet, pacing.Unsafe:
		a.Lesson, a.Occasion = v.Lesson.ID, v.Occasion
	case pacing.Pause:
		var ok bool
		if a.For, a.Until, ok = readPause(form, now.In(zoneOf(v.State))); !ok {
			return journey.Answer{}, chooseDate
		}
	}
	return a, ""
}

// readPause reads how long a pause shall be; a date goes before a length.
func readPause(form url.Values, local time.Time) (length course.Span, until string, ok bool) {
	if until = form.Get("until"); until != "" {
		_, err := time.Parse(dateLayout, until)
		// Dates in this form sort as text.
		ok = err == nil && until >= firstPauseDay(local) && until <= lastPauseDay(local)
		return course.Span{}, until, ok
	}
	if form.Get("for") == "" {
		return pacing.DefaultPause, "", true
	}
	length, err := course.ParseSpan(form.Get("for"))
	ok = err == nil && !length.IsZero() && length.Days <= longestPause && length.Exact <= longestPause*24*time.Hour
	return length, "", ok
}

func firstPauseDay(local time.Time) string { return local.AddDate(0, 0, 1).Format(dateLayout) }
func lastPauseDay(local time.Time) string  { return local.AddDate(1, 0, 0).Format(dateLayout) }

// offers lists the intents that the reader's page has a button for, at any
// time: an answer to the question, and what changes how the letters come.
func offers(v journey.View) []string {
	var intents []string
	if v.Lesson != nil && v.Lesson.Asks() {
		for _, a := range v.Lesson.CheckIn.Answers {
			intents = append(intents, string(a))
		}
		if v.Lesson.CheckIn.Kind == course.CheckInSafety {
			intents = append(intents, string(course.AnswerAlone), string(pacing.NotYet))
		}
	}
	for _, k := range []pacing.EventKind{pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back, pacing.Stop} {
		intents = append(intents, string(k))
	}
	return intents
}

// outcome names what answered.html tells after an answer: the intent itself
// where it was applied, or why it changed nothing.
func outcome(intent string, v journey.View, effect pacing.Effect) string {
	switch {
	case intent == string(course.AnswerNo), intent == string(course.AnswerUnsure):
		return intent // these people are shown help, whatever else is true
	case intent == string(pacing.Stop):
		return intent
	case effect != pacing.Applied && v.State.Status == pacing.Completed:
		return "completed"
	case effect == pacing.Stale && v.Current() && v.Track.Last(v.State.Lesson):
		return "last" // nothing is newer but the end
	case effect == pacing.Ended:
		return "ended"
	case effect == pacing.Stale:
		return "stale"
	case effect == pacing.Applied:
		return intent
	case intent == string(pacing.Slower):
		return "slowest"
	case intent == string(pacing.Faster):
		return "quickest"
	}
	return "unchanged"
}
