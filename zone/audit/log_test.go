package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/audit"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

func TestLog(t *testing.T) {
	dir, opt, ctx := t.TempDir(), options(t), context.Background()
	l := open(t, dir, opt)
	cross(t, l, "A", 3)
	if err := l.Refuse(ctx, refusal("R")); err != nil {
		t.Fatal(err)
	}
	if err := l.Begin(ctx, begin("B")); err != nil {
		t.Fatal(err)
	}
	kept := l.Checkpoint()
	closeLog(t, l)

	l = open(t, dir, opt) // goes on in the same log
	cross(t, l, "C", 1)
	r := sound(t, dir, opt, kept)
	if len(r.Logs) != 1 || r.Logs[0].Size != 6 || r.Logs[0].Kept != 1 || r.Logs[0].Tail != 0 || r.Logs[0].Name != l.Name() || r.Logs[0].Origin != l.Origin() {
		t.Errorf("verified %+v", r.Logs)
	}
	if len(r.Incomplete) != 1 || r.Incomplete[0].Begin.ID != "B" {
		t.Errorf("incomplete = %v, want B alone", r.Incomplete)
	}
	got := records(t, dir, opt)
	for i := range got {
		if got[i].Number != int64(i) || got[i].Log != l.Name() || i > 0 && got[i].Time.Before(got[i-1].Time) {
			t.Errorf("record %d: number %d of %s at %v", i, got[i].Number, got[i].Log, got[i].Time)
		}
		got[i].Time = time.Time{}
	}
	ended := func(id string, records, began int64) *audit.End {
		return &audit.End{EndEntry: end(id, records), Began: began, Principal: "s-1204", Organisation: "city"}
	}
	began, refused := func(id string) *zone.BeginEntry { b := begin(id); return &b }, refusal("R")
	want := []audit.Entry{{Begin: began("A")}, {End: ended("A", 3, 0)}, {Refusal: &refused}, {Begin: began("B")},
		{Begin: began("C")}, {End: ended("C", 1, 4)}}
	for i, w := range want {
		if diff := cmp.Diff(w, got[i].Entry); diff != "" {
			t.Errorf("entry %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestEndNeedsABegin(t *testing.T) {
	l := open(t, t.TempDir(), options(t))
	cross(t, l, "A", 1)
	for _, id := range []string{"A", "B"} {
		var e *audit.EntryError
		if err := l.End(context.Background(), end(id, 1)); !errors.As(err, &e) || e.Field != "id" {
			t.Errorf("end of %s: %v, want an error of its id", id, err)
		}
	}
}

func TestOptions(t *testing.T) {
	opt, other := options(t), options(t)
	for want, change := range map[string]func(*audit.Options){
		"origin":      func(o *audit.Options) { o.Origin = "a b" },
		"signer":      func(o *audit.Options) { o.Signer = nil },
		"verifiers":   func(o *audit.Options) { o.Verifiers = nil },
		"do not know": func(o *audit.Options) { o.Verifiers = other.Verifiers },
		"power of":    func(o *audit.Options) { o.SegmentEntries = 6 },
		"batch":       func(o *audit.Options) { o.Batch = -1 },
	} {
		o := opt
		change(&o)
		if _, err := audit.Open(t.TempDir(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want one about %q", err, want)
		}
	}
	if _, err := audit.Open(filepath.Join(os.DevNull, "x"), opt); err == nil {
		t.Error("a log opened where there is no folder")
	}
}

func TestAnotherOrigin(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	closeLog(t, open(t, dir, opt))
	opt.Origin = "town.example"
	var damage *audit.DamageError
	if _, err := audit.Open(dir, opt); !errors.As(err, &damage) {
		t.Errorf("err = %v, want that the log is another's", err)
	}
}

func TestManyWriters(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	opt.SegmentEntries = 64
	l := open(t, dir, opt)
	const writers, each = 16, 12
	var kept [][]byte
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				id := fmt.Sprintf("W%d-%d", w, i)
				if err := l.Begin(context.Background(), begin(id)); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				kept = append(kept, l.Checkpoint())
				mu.Unlock()
				if err := l.End(context.Background(), end(id, 1)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	r := sound(t, dir, opt, kept...)
	if r.Logs[0].Size != 2*writers*each || r.Logs[0].Kept != len(kept) || len(r.Incomplete) != 0 {
		t.Errorf("size %d, kept %d, incomplete %d", r.Logs[0].Size, r.Logs[0].Kept, len(r.Incomplete))
	}
}

// Two logs open in one folder at once are two logs, as those of two processes
// are; the reader merges them, and each is taken up again.
func TestTwoLogsAtOnce(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	a, b := open(t, dir, opt), open(t, dir, opt)
	if a.Name() == b.Name() {
		t.Fatal("two open logs are one")
	}
	for i := range 5 {
		cross(t, a, fmt.Sprint("A", i), 1)
		cross(t, b, fmt.Sprint("B", i), 1)
	}
	var ids []string
	for _, r := range records(t, dir, opt) {
		if r.Begin != nil {
			ids = append(ids, r.Begin.ID)
		}
	}
	if diff := cmp.Diff(strings.Fields("A0 B0 A1 B1 A2 B2 A3 B3 A4 B4"), ids); diff != "" {
		t.Errorf("begins (-want +got):\n%s", diff)
	}
	names := map[string]bool{a.Name(): true, b.Name(): true}
	closeLog(t, a)
	closeLog(t, b)
	c, d := open(t, dir, opt), open(t, dir, opt)
	if !names[c.Name()] || !names[d.Name()] || c.Name() == d.Name() {
		t.Errorf("opened %s and %s again, want %v", c.Name(), d.Name(), names)
	}
	sound(t, dir, opt)
}

func TestClosed(t *testing.T) {
	l := open(t, t.TempDir(), options(t))
	closeLog(t, l)
	closeLog(t, l)
	if err := l.Begin(context.Background(), begin("A")); err == nil {
		t.Error("a closed log took an entry")
	}
}

func TestContextIsDone(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	l := open(t, dir, opt)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Begin(ctx, begin("A")); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that the context is done", err)
	}
	if got := kinds(t, dir, opt); len(got) != 0 {
		t.Errorf("entries %v", got)
	}
}

func TestClockJumps(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	clock := zonetest.NewClock(noon)
	opt.Clock = clock.Now
	opt = opt.WithPassing(func() time.Time { return noon }) // however long the test takes
	opt.SegmentEntries = 16
	l := open(t, dir, opt)
	cross(t, l, "A", 1)
	clock.Advance(time.Hour)
	cross(t, l, "B", 1)
	clock.Advance(-3 * time.Hour)
	cross(t, l, "C", 1)
	closeLog(t, l)
	clock.Advance(-time.Hour) // while it is closed
	l = open(t, dir, opt)
	cross(t, l, "D", 1)
	clock.Advance(-time.Second) // is adjusting, not setting
	cross(t, l, "E", 1)
	want := strings.Fields("begin end clock begin end clock begin end clock begin end begin end")
	if diff := cmp.Diff(want, kinds(t, dir, opt)); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	r := sound(t, dir, opt)
	var jumps []time.Duration
	for _, m := range r.Logs[0].Marks {
		jumps = append(jumps, m.Clock.Found.Sub(m.Clock.Expected).Round(time.Minute))
	}
	if diff := cmp.Diff([]time.Duration{time.Hour, -3 * time.Hour, -time.Hour}, jumps); diff != "" {
		t.Errorf("jumps (-want +got):\n%s", diff)
	}
}

func TestHistory(t *testing.T) {
	dir, opt, ctx := t.TempDir(), options(t), context.Background()
	l, other := open(t, dir, opt), open(t, dir, opt)
	for i := range 20 {
		id := fmt.Sprint("X", i)
		b, e := begin(id), end(id, 10)
		b.Principal.ID = fmt.Sprint("s-", i%2)
		e.At = noon.Add(time.Duration(i) * time.Hour)
		for _, err := range []error{l.Begin(ctx, b), l.End(ctx, e)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	cross(t, other, "Y", 5) // a minute past noon
	closeLog(t, l)
	closeLog(t, other)
	l = open(t, dir, opt)
	sum := func(u audit.Usage, since time.Time) (n int64) {
		past, err := l.Used(ctx, u, since)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range past {
			n += p.Records
		}
		return n
	}
	for _, c := range []struct {
		use   audit.Usage
		since time.Duration
		want  int64
	}{
		{audit.Usage{}, -time.Hour, 205},
		{audit.Usage{}, 0, 195}, // after, not at
		{audit.Usage{}, 15*time.Hour + 1, 40},
		{audit.Usage{}, 100 * time.Hour, 0},
		{audit.Usage{Route: "ward→billing"}, -1, 205},
		{audit.Usage{Route: "ward→lab"}, -1, 0},
		{audit.Usage{Principal: "s-1"}, -1, 100},
		{audit.Usage{Principal: "s-1204", Organisation: "city"}, -1, 5},
		{audit.Usage{Principal: "s-1", Organisation: "town"}, -1, 0},
		{audit.Usage{Type: "example.com/ward.Patient"}, -1, 205},
		{audit.Usage{Type: "example.com/ward.Nurse"}, -1, 0},
	} {
		if got := sum(c.use, noon.Add(c.since)); got != c.want {
			t.Errorf("%+v since noon%+v: %d records, want %d", c.use, c.since, got, c.want)
		}
	}
	past, err := l.Past(ctx, "ward→billing", noon.Add(18*time.Hour))
	if diff := cmp.Diff([]zone.Past{{At: noon.Add(19 * time.Hour), Records: 10}}, past); err != nil || diff != "" {
		t.Errorf("past: %v (-want +got):\n%s", err, diff)
	}
}
