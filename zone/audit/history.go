package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sekisho-go/sekisho/zone"
)

// Usage asks what crossed: over a route, of a type, by a principal. What is
// empty is not asked about.
type Usage struct {
	Route        string // the route's key in the policy
	Type         string // qualified name of the labelled type
	Principal    string // ID
	Organisation string // of the principal
}

// Past implements [zone.History], from the logs of all processes that used the
// folder.
func (l *Log) Past(ctx context.Context, route string, since time.Time) ([]zone.Past, error) {
	return l.Used(ctx, Usage{Route: route}, since)
}

// Used returns what crossed after since, from the end entries of all logs in the
// folder, those of other processes too. It reads only as much of them as may
// hold something that late.
//
// Ends that lie close together come as one, dated by the last of them, so that
// the answer has some hundred elements however much crossed; a limit counted
// from it is not looser for that. An end that cannot be read is an error.
func (l *Log) Used(ctx context.Context, u Usage, since time.Time) ([]zone.Past, error) {
	names, err := sublogs(l.folder)
	if err != nil {
		return nil, fmt.Errorf("audit: the folder of the log: %w", err)
	}
	t := tally{since: since, width: max(l.opt.Clock().Sub(since)/spans, 1), at: make(map[int64]zone.Past)}
	for _, name := range names {
		if err := l.used(ctx, name, u, &t); err != nil {
			return nil, err
		}
	}
	past := make([]zone.Past, 0, len(t.at))
	for _, p := range t.at {
		past = append(past, p)
	}
	return past, nil
}

// spans is how finely the time asked about is divided.
const spans = 512

// tally adds up records by time.
type tally struct {
	since time.Time
	width time.Duration
	at    map[int64]zone.Past
}

func (t *tally) add(at time.Time, records int64) {
	i := min(int64(at.Sub(t.since)/t.width), spans) // a border's clock may be ahead
	p := t.at[i]
	t.at[i] = zone.Past{At: later(p.At, at), Records: p.Records + records}
}

// used adds up what one log has, from its last segment back to the first that
// matters.
func (l *Log) used(ctx context.Context, name string, u Usage, t *tally) error {
	sub, err := openSublog(l.folder, l.opt.Origin, name)
	if err != nil {
		return fmt.Errorf("audit: log %s: %w", name, err)
	}
	defer sub.root.Close()
	acked, err := sub.acked() // before the segments, so that they have as much
	if err != nil {
		return err
	}
	numbers, err := sub.segments()
	if err != nil {
		return fmt.Errorf("audit: log %s: %w", name, err)
	}
	if len(numbers) == 0 {
		return sub.damage(segmentName(0), 0, 0, errors.New("there is no segment"))
	}
	for n := numbers[len(numbers)-1]; n >= 0; n-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := sub.usedIn(n, acked, u, t)
		if err != nil || !more {
			return err
		}
		acked = full
	}
	return nil
}

// usedIn adds up one segment, and reports whether the one before matters.
func (s *sublog) usedIn(number, acked int64, u Usage, t *tally) (more bool, err error) {
	sc, f, err := s.scan(number, true)
	if errors.Is(err, os.ErrNotExist) {
		return false, s.damage(segmentName(number), 0, 0, errors.New("the segment is not there"))
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = s.each(sc, number, acked, func(p placed, e Entry) error {
		if e.End != nil && e.End.At.After(t.since) {
			if n := u.records(e.End); n > 0 {
				t.add(e.End.At, n)
			}
		}
		return nil
	})
	return sc.header.latest.After(t.since), err
}

// records returns how many records of a crossing are asked about.
func (u Usage) records(e *End) int64 {
	if u.Route != "" && u.Route != e.Route || u.Principal != "" && u.Principal != e.Principal ||
		u.Organisation != "" && u.Organisation != e.Organisation {
		return 0
	}
	if u.Type == "" {
		return e.Records
	}
	var n int64
	for _, c := range e.Counts {
		if c.Type == u.Type {
			n += c.Records
		}
	}
	return n
}

// full stands for the number of entries of a full segment: one with another
// behind it is.
const full = -1

// each calls f for the entries of a segment that have a checkpoint behind them.
// What follows the last one is what a process is writing or a crash left; it is
// an error if the log ends before the least number of entries that it has.
func (s *sublog) each(sc *scan, number, least int64, f func(placed, Entry) error) error {
	if least == full {
		least = sc.header.tree.size + sc.header.per
	}
	for {
		entries, why := sc.batch()
		if why != nil {
			if sc.tree.size < least {
				return s.damage(segmentName(number), sc.frames.offset, sc.doubt(), reason(why))
			}
			return nil
		}
		for _, p := range entries {
			e, err := DecodeEntry(p.data)
			if err != nil {
				return s.damage(segmentName(number), p.offset, p.number, err)
			}
			if err := f(p, e); err != nil {
				return err
			}
		}
	}
}

// reason says why a scan ended.
func reason(why error) error {
	if why == io.EOF {
		return errors.New("acknowledged entries are missing at the end")
	}
	return why
}
