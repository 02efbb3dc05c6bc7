package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	people "longroad/internal/person"
	"longroad/internal/token"
	"longroad/templates"
)

// sampleReader is somebody who does not exist, for whom mails are composed.
type sampleReader struct {
	Track    string `required:"" help:"The track."`
	Name     string `help:"The name that the reader gave."`
	Country  string `placeholder:"CC" help:"The reader's country, for help lines, such as GB."`
	Language string `placeholder:"TAG" help:"The reader's language, such as de; the course's own when left out."`
	Solo     bool   `help:"Compose for a reader whose last answer to a safety question was no or unsure."`
}

// check reads what the sign-up form reads, by the same rules.
func (r *sampleReader) check() error {
	var faults []error
	var ok bool
	if r.Name, ok = people.ReadName(r.Name); !ok {
		faults = append(faults, errors.New("--name: nobody can give this name on the form"))
	}
	if r.Country, ok = people.ReadCountry(r.Country); !ok {
		faults = append(faults, errors.New("--country: write the two letters of a country, such as GB"))
	}
	if r.Language, ok = people.ReadLanguage(r.Language); !ok {
		faults = append(faults, errors.New("--language: write a tag such as de or pt-BR"))
	}
	return errors.Join(faults...)
}

// sampler composes mails of a course that belong to nobody, with the real composer.
// Their links and addresses have a token that opens nothing.
type sampler struct {
	composer *mailer.Composer
	config   config
	course   *course.Course
	reader   sampleReader
	to       string
	date     time.Time
}

// sampleToken has the form of a token, and is signed by nobody.
var sampleToken = strings.Repeat("test", token.Length/4)

// sampleHouse fills in what a configuration lacks to compose a mail.
func sampleHouse(c config) config {
	if c.MailFrom == "" {
		c.MailFrom = "letters@letters.example.org"
	}
	if c.BaseURL == "" {
		c.BaseURL = "https://letters.example.org"
	}
	if c.PostalAddress == "" {
		c.PostalAddress = "1 Long Road"
	}
	c.tidy()
	return c
}

// newSampler reads a course, which must be free of errors, for a reader of a track.
func newSampler(files fs.FS, c config, reader sampleReader, date time.Time) (*sampler, error) {
	loaded, report := course.Load(files)
	if report.Failed() {
		return nil, refusedCourse{report}
	}
	if err := errors.Join(hasTrack(loaded, reader.Track), reader.check()); err != nil {
		return nil, misuse{err}
	}
	return sampleOf(loaded, c, reader, date)
}

// sampleOf composes mails of a course that is loaded already.
func sampleOf(loaded *course.Course, c config, reader sampleReader, date time.Time) (*sampler, error) {
	c = sampleHouse(c)
	composer, err := c.composer()
	if err != nil {
		return nil, err
	}
	return &sampler{composer: composer, config: c, course: loaded, reader: reader, to: "reader@example.org", date: date}, nil
}

// refusedCourse is a course with errors.
type refusedCourse struct{ course.Report }

func (r refusedCourse) Error() string { return r.Err().Error() }

// composer makes mails as the configuration says whom they are from.
func (c config) composer() (*mailer.Composer, error) {
	return mailer.NewComposer(templates.FS, mailer.House{From: c.MailFrom, PostalAddress: c.PostalAddress, ListID: c.ListID})
}

// hasTrack says which tracks there are, where there is none such.
func hasTrack(c *course.Course, track string) error {
	if c.Track(track) != nil {
		return nil
	}
	var ids []string
	for _, t := range c.Tracks {
		ids = append(ids, t.ID)
	}
	return fmt.Errorf("--track: the course %s has no track %q; it has %s", c.ID, track, strings.Join(ids, ", "))
}

// letter is a mail of a kind about a lesson; "" for account mails.
func (s *sampler) letter(kind, lesson string) mailer.Letter {
	base := s.config.BaseURL
	l := mailer.Letter{
		Kind: kind, Course: s.course, Track: s.reader.Track, Lesson: lesson,
		Language: s.reader.Language, Country: s.reader.Country, Solo: s.reader.Solo, Name: s.reader.Name, To: s.to,
		Date: s.date, MessageID: "test-" + token.NewRef().String() + "@" + s.config.domain(),
		ReplyTo:      journey.ReplyPrefix + sampleToken + "@" + s.config.ReplyDomain,
		EnvelopeFrom: journey.BouncePrefix + sampleToken + "@" + s.config.BounceDomain,
		Links: mailer.Links{
			CheckIn: base + "/checkin/" + sampleToken, Unsubscribe: base + "/u/" + sampleToken, Preferences: base + "/me/" + sampleToken,
			Lines: base + "/courses/" + s.course.ID + "/lines?country=" + url.QueryEscape(s.reader.Country),
		},
	}
	switch kind {
	case mailer.KindConfirm:
		l.Links = mailer.Links{Confirm: base + "/confirm/" + sampleToken}
	case mailer.KindChoice:
		l.Links = mailer.Links{Choose: base + "/choose/" + sampleToken}
	}
	return l
}

// one is the letter of a lesson or of a practice letter.
func (s *sampler) one(id string) (mailer.Letter, error) {
	all := s.letters()
	if i := slices.IndexFunc(all, func(l mailer.Letter) bool { return l.Lesson == id }); i >= 0 {
		return all[i], nil
	}
	var ids []string
	for _, l := range all {
		ids = append(ids, l.Lesson)
	}
	return mailer.Letter{}, misuse{fmt.Errorf("--lesson: the track %s has no letter %q; it has %s", s.reader.Track, id, strings.Join(ids, ", "))}
}

// mail is one that is no letter, by the name under which a course may word it.
func (s *sampler) mail(name string) (mailer.Letter, error) {
	if told, ok := strings.CutPrefix(name, mailer.KindReceipt+"-"); ok {
		l := s.letter(mailer.KindReceipt, s.course.Track(s.reader.Track).Places()[0].Lesson.ID)
		l.Receipt = &mailer.Receipt{Told: mailer.Told(told)}
		if _, err := s.composer.Subject(l); err != nil {
			return l, misuse{fmt.Errorf("--mail: %w", err)}
		}
		return l, nil
	}
	var names []string
	for _, l := range s.all() {
		switch l.Kind {
		case string(pacing.KindLesson), string(pacing.KindPractice):
		case name:
			return l, nil
		default:
			names = append(names, l.Kind)
		}
	}
	return mailer.Letter{}, misuse{fmt.Errorf("--mail: there is no mail %q; there are %s, and receipts such as receipt-ready", name, strings.Join(names, ", "))}
}

// letters are those of the track, in order, each practice letter after its stage.
func (s *sampler) letters() []mailer.Letter {
	var all []mailer.Letter
	seen := map[string]bool{}
	for _, stage := range s.course.Track(s.reader.Track).Stages {
		for i, lesson := range slices.Concat(stage.Lessons, stage.Practice) {
			kind := pacing.KindLesson
			if i >= len(stage.Lessons) {
				kind = pacing.KindPractice
			}
			if !seen[lesson.ID] {
				seen[lesson.ID] = true
				all = append(all, s.letter(string(kind), lesson.ID))
			}
		}
	}
	return all
}

// all are the letters of the track, and the mails that come between and after them.
func (s *sampler) all() []mailer.Letter {
	letters := s.letters()
	mails := append([]mailer.Letter{s.letter(mailer.KindConfirm, ""), s.letter(mailer.KindChoice, "")}, letters...)
	places := s.course.Track(s.reader.Track).Places()
	if i := slices.IndexFunc(places, func(p course.Place) bool { return p.Lesson.Asks() }); i >= 0 {
		for _, kind := range []pacing.Kind{pacing.KindReminder, pacing.KindAskAgain, pacing.KindOpenDoor, pacing.KindWelcomeBack} {
			mails = append(mails, s.letter(string(kind), places[i].Lesson.ID))
		}
	}
	return append(mails, s.letter(string(pacing.KindEnd), places[len(places)-1].Lesson.ID))
}
