package zone

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// TestWindowAgainstModel runs random crossings against a model that keeps every
// record's time. The window may hold a record for a little longer than its
// period, because spans are merged, and never for less.
func TestWindowAgainstModel(t *testing.T) {
	const limit, per = 50, time.Hour
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := &window{records: limit, per: per}
		now := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
		var crossed []time.Time // when the crossings of admitted records ended
		for range 300 {
			now = now.Add(time.Duration(r.Int64N(int64(per / 20))))
			open := int64(0)
			free, again := w.room(now)
			for range r.IntN(20) {
				if w.take() {
					open++
				}
			}
			if free != (open > 0) && open > 0 {
				t.Fatalf("seed %d: room says that there is none and %d records crossed", seed, open)
			}
			if !free && !again.After(now) {
				t.Fatalf("seed %d: full, and room again at %v, which is over at %v", seed, again, now)
			}
			for range r.IntN(3) {
				if open > 0 {
					w.giveBack()
					open--
				}
			}
			w.settle(now, open)
			for range open {
				crossed = append(crossed, now)
			}
			exact, slack := 0, 0
			for _, at := range crossed {
				if age := now.Sub(at); age < per {
					exact++
				} else if age <= per+per/spansPerPeriod {
					slack++
				}
			}
			used := int(w.used.Load())
			if exact > limit || used < exact || used > exact+slack {
				t.Fatalf("seed %d: %d records in the last hour, %d charged, limit %d, %d may linger", seed, exact, used, limit, slack)
			}
		}
		if n := len(w.spans); n > spansPerPeriod+2 {
			t.Errorf("seed %d: %d spans are kept", seed, n)
		}
	}
}

// TestWindowKeepsFewSpans settles every second for a day.
func TestWindowKeepsFewSpans(t *testing.T) {
	w := &window{records: 1 << 40, per: 24 * time.Hour}
	now := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	for range 3 * 24 * 60 * 60 {
		now = now.Add(time.Second)
		w.take()
		w.settle(now, 1)
	}
	if n := len(w.spans); n > spansPerPeriod+2 {
		t.Errorf("%d spans are kept, want at most %d", n, spansPerPeriod+2)
	}
	if used, day := w.used.Load(), int64(24*60*60); used < day || used > day+day/spansPerPeriod+1 {
		t.Errorf("%d records are charged, want those of a day, which are %d", used, day)
	}
}

func TestWindowOfNothing(t *testing.T) {
	w := &window{records: 0, per: time.Hour}
	if free, _ := w.room(time.Now()); free || w.take() {
		t.Error("a limit of no records lets one cross")
	}
}

// past is a History that is asked once.
type past struct {
	t     *testing.T
	past  []Past
	asked int
	since time.Time
}

func (p *past) Past(_ context.Context, _ string, since time.Time) ([]Past, error) {
	p.asked++
	p.since = since
	return p.past, nil
}

func TestWindowLoadsOnce(t *testing.T) {
	now := time.Date(2025, 12, 1, 12, 0, 0, 0, time.UTC)
	w := &window{records: 10, per: time.Hour}
	for range 2 { // crossed in this process before the history was first asked
		w.take()
	}
	w.settle(now, 2)
	h := &past{t: t, past: []Past{
		{At: now.Add(-59 * time.Minute), Records: 3},
		{At: now.Add(-10 * time.Minute), Records: 4},
		{At: now.Add(-5 * time.Minute), Records: -7}, // a log that is wrong does not make room
	}}
	for range 2 {
		if err := w.load(t.Context(), h, "r", now); err != nil {
			t.Fatal(err)
		}
	}
	if h.asked != 1 || !h.since.Equal(now.Add(-time.Hour)) {
		t.Errorf("asked %d times, since %v", h.asked, h.since)
	}
	if used := w.used.Load(); used != 9 {
		t.Errorf("%d records are charged, want 9", used)
	}
	w.room(now.Add(time.Minute))
	if used := w.used.Load(); used != 6 {
		t.Errorf("a minute later %d records are charged, want 6", used)
	}
	w.room(now.Add(time.Hour))
	if used := w.used.Load(); used != 0 {
		t.Errorf("an hour later %d records are charged, want none", used)
	}
}

func TestWindowWithTheClockSetBack(t *testing.T) {
	ten := time.Date(2025, 12, 1, 10, 0, 0, 0, time.UTC)
	w := &window{records: 10, per: time.Hour}
	w.used.Store(6)
	w.settle(ten, 5)
	w.settle(ten.Add(-30*time.Minute), 1)
	w.room(ten.Add(45 * time.Minute))
	if used := w.used.Load(); used != 6 {
		t.Errorf("45 minutes after the last record %d are charged, want all 6", used)
	}
}
