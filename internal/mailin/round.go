package mailin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"longroad/internal/inbound"
)

// errStays is of a mail that stays where it is, for the next round.
var errStays = errors.New("the mail stays in the mailbox")

// round reads what is in the folder, while no other process does. More tells that
// there may be more to read at once. An error is the connection's.
func (m *Mailbox) round(ctx context.Context, c *imapclient.Client) (more bool, err error) {
	alone, lockErr := m.alone(ctx, func(ctx context.Context) error {
		more, err = m.batch(ctx, c)
		return nil
	})
	if lockErr != nil && ctx.Err() == nil {
		m.Log.WarnContext(ctx, "the database does not answer, the mailbox waits", slog.Any("error", lockErr))
	}
	return alone && more, err
}

// batch reads the oldest mails. Numbers of mails (UIDs) are asked for anew each
// time and kept nowhere, so that a server may number its mails afresh
// (UIDVALIDITY, RFC 9051, section 2.3.1.1).
func (m *Mailbox) batch(ctx context.Context, c *imapclient.Client) (more bool, err error) {
	var found *imap.SearchData
	err = m.within(c, func() (err error) {
		found, err = c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}, nil).Wait()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for mails: %w", answered(err))
	}
	uids := m.inTurn(found.AllUIDs())
	m.after = 0
	read, failed := 0, 0
	for i, uid := range uids {
		if failed == m.times.fails {
			m.after = uids[i-1] // the others' turn comes next
			break
		}
		if read == m.times.batch || ctx.Err() != nil {
			break
		}
		err := m.one(ctx, c, uid)
		switch {
		case errors.Is(err, errStays):
			failed++
		case err != nil:
			return false, err
		default:
			read, failed = read+1, 0
		}
	}
	return read > 0, nil // something may have come meanwhile
}

// inTurn gives the numbers in order, those behind the mails that ended the last
// round first: a few that can never be read must not keep all others from it.
func (m *Mailbox) inTurn(uids []imap.UID) []imap.UID {
	slices.Sort(uids)
	next, found := slices.BinarySearch(uids, m.after)
	if found {
		next++
	}
	return slices.Concat(uids[next:], uids[:next])
}

// one reads one mail, keeps it and moves it away.
func (m *Mailbox) one(ctx context.Context, c *imapclient.Client, uid imap.UID) error {
	var raw []byte
	var large bool
	err := m.within(c, func() (err error) {
		raw, large, err = fetch(c, uid, m.largest)
		return err
	})
	if err != nil {
		return m.stays(ctx, uid, "fetch", err)
	}
	if large {
		m.count(IMAP, refused)
		m.Log.WarnContext(ctx, "a mail is too large to be read", slog.Any("uid", uid))
		return m.move(ctx, c, uid, m.box.tooBig())
	}
	if raw == nil {
		return nil // somebody took it meanwhile
	}
	keep, cancel := context.WithTimeout(ctx, m.times.keep)
	defer cancel()
	if err := m.Receive(keep, inbound.Arrival{Way: IMAP, To: m.recipient(raw), Raw: raw}); err != nil {
		m.Log.ErrorContext(ctx, "a mail could not be kept, it stays in the mailbox", slog.Any("uid", uid), slog.Any("error", err))
		return errStays
	}
	return m.move(ctx, c, uid, m.box.Done)
}

// stays tells what the server refuses for one mail from a lost connection.
func (m *Mailbox) stays(ctx context.Context, uid imap.UID, what string, err error) error {
	var said *imap.Error
	if !errors.As(err, &said) || said.Type == imap.StatusResponseTypeBye {
		return fmt.Errorf("%s a mail: %w", what, answered(err))
	}
	m.Log.WarnContext(ctx, "a mail stays in the mailbox", slog.Any("uid", uid), slog.String("refused", what), slog.Any("error", answered(err)))
	return errStays
}

// fetch reads one mail and leaves its flags alone (BODY.PEEK). Of a large one
// nothing is read, whatever the server says of its size.
func fetch(c *imapclient.Client, uid imap.UID, largest int64) (raw []byte, large bool, err error) {
	set := imap.UIDSetNum(uid)
	sizes, err := c.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil || len(sizes) == 0 {
		return nil, false, err
	}
	if sizes[0].RFC822Size > largest {
		return nil, true, nil
	}
	part := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: largest + 1}}
	cmd := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{part}})
	for message := cmd.Next(); message != nil; message = cmd.Next() {
		for item := message.Next(); item != nil; item = message.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil {
				continue
			}
			if raw, err = io.ReadAll(io.LimitReader(body.Literal, largest+1)); err != nil {
				cmd.Close()
				return nil, false, err
			}
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, false, err
	}
	return raw, int64(len(raw)) > largest, nil
}

// move moves a mail to a folder, which is made when it is missing.
func (m *Mailbox) move(ctx context.Context, c *imapclient.Client, uid imap.UID, folder string) error {
	err := m.within(c, func() error {
		name := folder
		if known := m.names[folder]; known != "" {
			name = known
		}
		err := moveTo(c, uid, name)
		var said *imap.Error
		if !errors.As(err, &said) || said.Type != imap.StatusResponseTypeNo {
			return err
		}
		if name, err = create(c, folder); err != nil {
			return err
		}
		m.names[folder] = name
		return moveTo(c, uid, name)
	})
	if err != nil {
		return m.stays(ctx, uid, "move", err)
	}
	return nil
}

// moveTo moves a mail. Where the server cannot, it is copied first and marked only
// then; without UIDPLUS it stays so, marked, since a plain EXPUNGE would take
// along what somebody else has marked.
func moveTo(c *imapclient.Client, uid imap.UID, folder string) error {
	set := imap.UIDSetNum(uid)
	if c.Caps().Has(imap.CapMove) {
		_, err := c.Move(set, folder).Wait()
		return err
	}
	if _, err := c.Copy(set, folder).Wait(); err != nil {
		return err
	}
	marks := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.Store(set, marks, nil).Close(); err != nil {
		return err
	}
	if !c.Caps().Has(imap.CapUIDPlus) {
		return nil
	}
	return c.UIDExpunge(set).Close()
}

// create makes a folder, below the prefix that the server wants (RFC 2342) where
// it does not take the plain name. It gives the folder's name there.
func create(c *imapclient.Client, folder string) (string, error) {
	err := c.Create(folder, nil).Wait()
	var said *imap.Error
	if err == nil || errors.As(err, &said) && said.Code == imap.ResponseCodeAlreadyExists {
		return folder, nil
	}
	if said == nil || !c.Caps().Has(imap.CapNamespace) {
		return folder, err
	}
	spaces, e := c.Namespace().Wait()
	if e != nil || len(spaces.Personal) == 0 || spaces.Personal[0].Prefix == "" {
		return folder, err
	}
	below := spaces.Personal[0].Prefix + folder
	if err = c.Create(below, nil).Wait(); err == nil || errors.As(err, &said) && said.Code == imap.ResponseCodeAlreadyExists {
		return below, nil
	}
	return below, err
}
