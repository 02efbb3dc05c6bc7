package courses_test

import (
	"regexp"
	"strings"
	"testing"

	"longroad/courses"
	"longroad/internal/course"
)

// The bounds of a letter, in words, its safety footer not counted.
const fewestWords, mostWords = 300, 600

// opening is how many characters of a mail a lock screen may show.
const opening = 240

// telling are words that would tell somebody who glances at a phone what the
// letters are about.
var telling = regexp.MustCompile(`(?i)\b(betray|affair|trust|partner|hurt|cheat|course|lesson|abus|violen|infidel|forgiv|apolog|divorc)`)

// footer is the call that every letter ends with.
const footer = `{{snippet "footer"}}`

func load(t *testing.T) []course.Loaded {
	t.Helper()
	loaded, err := course.LoadAll(courses.FS)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestCoursesHaveNoFault(t *testing.T) {
	t.Parallel()
	for _, l := range load(t) {
		for _, fault := range l.Report {
			t.Error(fault)
		}
	}
}

// eachText calls f with every lesson and every other mail of every course, in
// every language.
func eachText(t *testing.T, f func(t *testing.T, c *course.Course, lesson *course.Lesson, text course.Text)) {
	t.Helper()
	for _, l := range load(t) {
		if l.Course == nil {
			t.Fatalf("%s does not load", l.Dir)
		}
		for _, track := range l.Course.Tracks {
			for _, p := range track.Places() {
				for _, text := range p.Lesson.Texts {
					t.Run(text.File, func(t *testing.T) { f(t, l.Course, p.Lesson, text) })
				}
			}
		}
		for _, texts := range l.Course.Mails {
			for _, text := range texts {
				t.Run(text.File, func(t *testing.T) { f(t, l.Course, nil, text) })
			}
		}
	}
}

func TestLettersAsk(t *testing.T) {
	t.Parallel()
	eachText(t, func(t *testing.T, _ *course.Course, lesson *course.Lesson, text course.Text) {
		if lesson == nil {
			return
		}
		if !lesson.Asks() || !lesson.CanBeReady() {
			t.Error("the letter has no check-in that lets a reader go on")
		}
		if len(lesson.Covers) == 0 {
			t.Error("the letter names no point that it covers")
		}
		if !strings.HasSuffix(text.Question, "?") {
			t.Errorf("the check-in %q is no question", text.Question)
		}
	})
}

func TestLettersAreShort(t *testing.T) {
	t.Parallel()
	eachText(t, func(t *testing.T, c *course.Course, lesson *course.Lesson, text course.Text) {
		if lesson == nil {
			return
		}
		text.Body = strings.ReplaceAll(text.Body, footer, "")
		if n := len(regexp.MustCompile(`[\pL\d][\pL\d'’-]*`).FindAllString(body(t, c, text, ""), -1)); n < fewestWords || n > mostWords {
			t.Errorf("the letter has %d words, not %d to %d", n, fewestWords, mostWords)
		}
	})
}

func TestFooterIsTheSame(t *testing.T) {
	t.Parallel()
	eachText(t, func(t *testing.T, c *course.Course, lesson *course.Lesson, text course.Text) {
		if lesson == nil && strings.HasSuffix(text.File, "confirm.md") {
			return // it goes to somebody who may not have signed up: it tells nothing
		}
		want := body(t, c, course.Text{File: "footer", Body: footer}, "GB")
		if !strings.Contains(want, "116 123") {
			t.Fatalf("the footer lacks the country's help lines: %s", want)
		}
		if got := strings.TrimSpace(body(t, c, text, "GB")); !strings.HasSuffix(got, strings.TrimSpace(want)) {
			t.Error("the mail does not end with the safety footer")
		}
	})
}

func TestLockScreenTellsNothing(t *testing.T) {
	t.Parallel()
	eachText(t, func(t *testing.T, c *course.Course, _ *course.Lesson, text course.Text) {
		if word := telling.FindString(text.Subject); word != "" {
			t.Errorf("the subject %q tells: %s", text.Subject, word)
		}
		seen := []rune(body(t, c, text, ""))
		if word := telling.FindString(string(seen[:min(opening, len(seen))])); word != "" {
			t.Errorf("the first lines tell: %s", word)
		}
		if text.Question != "" && strings.Contains(text.Subject, text.Question) {
			t.Error("the subject quotes the question")
		}
	})
}

func TestGreetingUsesTheName(t *testing.T) {
	t.Parallel()
	eachText(t, func(t *testing.T, c *course.Course, lesson *course.Lesson, text course.Text) {
		if lesson == nil {
			return
		}
		if got := body(t, c, text, ""); !strings.HasPrefix(strings.TrimSpace(got), "Dear reader,") {
			t.Errorf("a reader without a name is greeted with %.30q", got)
		}
	})
}

// body renders a text for a reader who gave no name.
func body(t *testing.T, c *course.Course, text course.Text, country string) string {
	t.Helper()
	source := course.Text{File: text.File, Line: text.Line, Body: text.Body} // not as compiled at loading
	markdown, err := c.Render(source, course.Rendering{Country: country})
	if err != nil {
		t.Fatal(err)
	}
	return markdown
}
