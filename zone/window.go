package zone

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// window bounds how many records cross a route in any period of a given
// length: a sliding window, so there is no midnight at which twice the limit
// may cross.
//
// A record is charged when it is admitted, by one atomic addition. When its
// crossing ends, the charge is given a date, and one period after that date it
// is taken back. A record of a crossing that is still open is never taken back.
type window struct {
	records int64
	per     time.Duration
	used    atomic.Int64

	mu     sync.Mutex
	loaded bool
	spans  []span // oldest first
}

// span is a number of records that crossed between two times. Spans of a
// fraction of the period are merged, so that a busy route keeps few of them; a
// span leaves the window when its last record does.
type span struct {
	from, to time.Time
	records  int64
}

// spansPerPeriod is how finely a period is divided.
const spansPerPeriod = 128

// take charges one record, and reports whether there was room for it.
func (w *window) take() bool {
	if w.used.Add(1) > w.records {
		w.used.Add(-1)
		return false
	}
	return true
}

// giveBack undoes a take whose record did not cross.
func (w *window) giveBack() { w.used.Add(-1) }

// room reports whether a record could be charged now, and when not, when the
// oldest span will leave the window; the zero time means that this depends on
// crossings that are still open.
func (w *window) room(now time.Time) (bool, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expire(now)
	if w.used.Load() < w.records {
		return true, time.Time{}
	}
	if len(w.spans) == 0 || w.records <= 0 {
		return false, time.Time{}
	}
	return false, w.spans[0].to.Add(w.per)
}

// settle dates the charge of a crossing that ended.
func (w *window) settle(now time.Time, records int64) {
	if records == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.date(now, records)
	w.expire(now)
}

// date adds records that are charged already to the spans.
func (w *window) date(at time.Time, records int64) {
	if n := len(w.spans); n > 0 {
		last := &w.spans[n-1]
		if at.Before(last.to) { // a clock that was set back must not shorten the wait
			at = last.to
		}
		if at.Sub(last.from) < w.per/spansPerPeriod {
			last.to, last.records = at, last.records+records
			return
		}
	}
	w.spans = append(w.spans, span{from: at, to: at, records: records})
}

// expire takes back what crossed a period ago.
func (w *window) expire(now time.Time) {
	gone := 0
	for gone < len(w.spans) && !w.spans[gone].to.Add(w.per).After(now) {
		w.used.Add(-w.spans[gone].records)
		gone++
	}
	w.spans = append(w.spans[:0], w.spans[gone:]...)
}

// load charges what crossed before this process began, once.
func (w *window) load(ctx context.Context, h History, route string, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.loaded {
		return nil
	}
	past, err := h.Past(ctx, route, now.Add(-w.per))
	if err != nil {
		return err
	}
	past = slices.SortedFunc(slices.Values(past), func(a, b Past) int { return a.At.Compare(b.At) })
	recent := w.spans
	w.spans = nil
	for _, p := range past {
		if p.Records > 0 {
			w.used.Add(p.Records)
			w.date(p.At, p.Records)
		}
	}
	for _, s := range recent {
		w.date(s.to, s.records)
	}
	w.loaded = true
	return nil
}
