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

// The bounds of a practice letter, counted in the same way.
const fewestPractice, mostPractice = 150, 250

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

// eachText calls f with every lesson, every practice letter and every other mail
// of every course, in every language; the lesson is nil for all but lessons.
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
			for _, text := range practice(track) {
				t.Run(text.File, func(t *testing.T) { f(t, l.Course, nil, text) })
			}
		}
		for _, texts := range l.Course.Mails {
			for _, text := range texts {
				t.Run(text.File, func(t *testing.T) { f(t, l.Course, nil, text) })
			}
		}
	}
}

// practice lists the texts of a track's practice letters, each once.
func practice(track *course.Track) []course.Text {
	var texts []course.Text
	seen := map[string]bool{}
	for _, s := range track.Stages {
		for _, letter := range s.Practice {
			for _, text := range letter.Texts {
				if !seen[text.File] {
					seen[text.File] = true
					texts = append(texts, text)
				}
			}
		}
	}
	return texts
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
		for _, solo := range []bool{false, true} {
			if n := words(t, c, text, solo); n < fewestWords || n > mostWords {
				t.Errorf("the letter has %d words (solo %v), not %d to %d", n, solo, fewestWords, mostWords)
			}
		}
	})
}

func TestPracticeLettersAreShorter(t *testing.T) {
	t.Parallel()
	for _, l := range load(t) {
		for _, track := range l.Course.Tracks {
			for _, text := range practice(track) {
				if n := words(t, l.Course, text, false); n < fewestPractice || n > mostPractice {
					t.Errorf("%s has %d words, not %d to %d", text.File, n, fewestPractice, mostPractice)
				}
			}
		}
	}
}

var word = regexp.MustCompile(`[\pL\d][\pL\d'’-]*`)

// words counts the words of a letter without its safety footer.
func words(t *testing.T, c *course.Course, text course.Text, solo bool) int {
	t.Helper()
	markdown, err := c.Render(course.Text{File: text.File, Line: text.Line, Body: strings.ReplaceAll(text.Body, footer, "")}, course.Rendering{Solo: solo})
	if err != nil {
		t.Fatal(err)
	}
	return len(word.FindAllString(markdown, -1))
}

func TestFooterIsTheSame(t *testing.T) {
	t.Parallel()
	eachText(t, func(t *testing.T, c *course.Course, lesson *course.Lesson, text course.Text) {
		if lesson == nil && (strings.HasSuffix(text.File, "_mails/confirm.md") || strings.HasSuffix(text.File, "_mails/choice.md")) {
			return // they go to somebody who may not have signed up: they tell nothing
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

// Whoever sees the mail with a choice in a list of mails takes it for one that
// asks to confirm.
func TestChoiceLooksLikeConfirm(t *testing.T) {
	t.Parallel()
	for _, l := range load(t) {
		confirm, choice := l.Course.Mails["confirm"], l.Course.Mails["choice"]
		for language, text := range confirm {
			other, ok := choice[language]
			if !ok {
				t.Fatalf("%s: %s has no choice.md of its own", l.Dir, language)
			}
			if other.Subject != text.Subject || !strings.HasPrefix(other.Body, text.Body[:100]) {
				t.Errorf("%s: %s differs from %s where a lock screen shows it", l.Dir, other.File, text.File)
			}
		}
	}
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
