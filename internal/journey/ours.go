package journey

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"longroad/internal/course"
	"longroad/internal/inbound/meant"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// ours is what a mail of ours said, as plain text, so that what its reader quotes
// of it is not taken for their own words: the mail itself, and the letter that it
// is about. What a letter leaves out for those who do not feel safe may have
// changed since it went, so that it is given both ways.
func (r *Road) ours(ctx context.Context, from store.Reader, sub store.Subscription, d store.Delivery) []string {
	if r.Ours == nil {
		return nil
	}
	c, err := r.shelf.version(ctx, from, d.Version)
	if err != nil {
		r.Log.WarnContext(ctx, "what was quoted of a mail cannot be told from its answer", slog.String("delivery", d.Ref.String()), slog.Any("error", err))
		return nil
	}
	mails := []store.Delivery{d}
	if d.Mail.Lesson != "" && d.Mail.Kind != pacing.KindLesson {
		letter := d
		letter.Mail = pacing.Mail{Kind: pacing.KindLesson, Lesson: d.Mail.Lesson, Occasion: d.Mail.Occasion}
		letter.Step = letter.Mail.Step()
		mails = append(mails, letter)
	}
	var texts []string
	for _, mail := range mails {
		for _, safe := range []course.Answer{course.AnswerYes, course.AnswerNo} {
			reader := sub
			reader.Safe = string(safe)
			job := Job{Delivery: mail, Subscription: reader, Course: c}
			if mail.Kind() == store.ReceiptStep || mail.Kind() == store.ResourcesStep {
				kept, err := from.Receipt(ctx, mail.ID)
				if err != nil {
					break // a receipt of which nothing is kept any more
				}
				job.Receipt, job.Undo = receiptOf(kept, mail, reader, c, r.Now())
				if job.Receipt.Notes, err = r.tellsNotes(ctx, from, mail); err != nil {
					break // what it adds is left among what was said
				}
			}
			text, err := r.Ours(job)
			if err != nil {
				r.Log.WarnContext(ctx, "what was quoted of a mail cannot be told from its answer", slog.String("delivery", d.Ref.String()))
				break
			}
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// meaning is how replies to a course's letters are understood: by our own words,
// and those that the course adds in that version.
func (r *Road) meaning(ctx context.Context, from store.Reader, version string) *meant.Reader {
	if r.Meaning == nil {
		return nil
	}
	reader, err := r.shelf.words(ctx, from, version)
	if err != nil {
		// Better understood by our own words than not at all.
		r.Log.ErrorContext(ctx, "a course's own words cannot be used", slog.String("version", version), slog.Any("error", err))
	}
	if reader == nil {
		return r.Meaning
	}
	return reader
}

// words gives the reader of a version's own words; nil when it has none. Versions
// with the same words share one.
func (f *shelf) words(ctx context.Context, from store.Reader, hash string) (*meant.Reader, error) {
	if _, err := f.version(ctx, from, hash); err != nil {
		return nil, err
	}
	f.mu.Lock()
	v := f.versions[hash]
	f.mu.Unlock()
	sum := sha256.New()
	lists := 0
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		if strings.HasPrefix(name, course.WordFolder+"/") {
			lists++
			sum.Write([]byte(name))
			sum.Write([]byte{0})
			sum.Write(v.files[name])
			sum.Write([]byte{0})
		}
	}
	if lists == 0 {
		return nil, nil
	}
	key := [sha256.Size]byte(sum.Sum(nil))
	f.mu.Lock()
	reader := f.readers[key]
	f.mu.Unlock()
	if reader != nil {
		return reader, nil
	}
	folder, err := fs.Sub(course.FromFiles(v.files), course.WordFolder)
	if err != nil {
		return nil, err
	}
	if reader, err = meant.New(folder); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.readers[key] = reader
	f.mu.Unlock()
	return reader, nil
}
