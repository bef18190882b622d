package reseal_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/reseal"
)

func checkpoint(t testing.TB) reseal.Checkpoint {
	return reseal.File(filepath.Join(t.TempDir(), "insured.reseal"))
}

func TestRun(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 1234, o.ring())
	o.rotate("seal")
	o.rotate("index")
	r, at := o.ring(), checkpoint(t)
	var seen []int64
	report, err := reseal.Run(t.Context(), m, work(r), at, reseal.Options{Batch: 100, Progress: func(r reseal.Report) { seen = append(seen, r.Rows) }})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(reseal.Report{Rows: 1234, Changed: 1234 - 123, Done: true}, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if want := []int64{100, 200, 1200, 1234, 1234}; len(seen) != 14 || !cmp.Equal(want, []int64{seen[0], seen[1], seen[11], seen[12], seen[13]}) {
		t.Errorf("progress %v", seen)
	}
	wantDone(t, o, m, r)
	report, err = reseal.Run(t.Context(), m, work(r), at, reseal.Options{})
	if diff := cmp.Diff(reseal.Report{Rows: 1234, Done: true}, report); err != nil || diff != "" {
		t.Errorf("again: %v (-want +got):\n%s", err, diff)
	}
}

// The rotation of an index from beginning to end: at every moment a search finds
// what it should, and in the end the old key is not needed.
func TestIndexRotation(t *testing.T) {
	o := newOffice(t)
	const rows = 200
	m := newMemory(t, rows, o.ring())
	oldSeal, oldIndex := o.primary("seal"), o.primary("index")
	o.rotate("seal")
	o.rotate("index")
	r := o.ring()
	k := keysOf(t, r)
	found := func(moment string) {
		t.Helper()
		for i := 1; i <= rows; i += 7 {
			if i%10 == 0 {
				continue
			}
			var want []string
			for _, n := range []int{i / 2 * 2, i/2*2 + 1} {
				if n > 0 && n%10 != 0 && n <= rows {
					want = append(want, strconv.Itoa(n))
				}
			}
			if got := m.find(t, k, strconv.Itoa(i)); !slices.Equal(got, want) {
				t.Errorf("%s: a search finds rows %v, want %v", moment, got, want)
			}
		}
	}
	moments := 0
	m.hook = func(call string) error {
		moments++
		found(fmt.Sprint("moment ", moments, ", ", call))
		return nil
	}
	for id, use := range map[uint32]string{oldSeal: sealedColumn, oldIndex: indexColumn} {
		census, err := reseal.Count(t.Context(), m, counted, reseal.Options{})
		if want := map[uint32]int64{id: rows - rows/10}; err != nil || !cmp.Equal(want, census.Columns[use].Keys) {
			t.Errorf("before: %s has %v, %v, want %v", use, census.Columns[use].Keys, err, want)
		}
	}
	if _, err := reseal.Run(t.Context(), m, work(r), checkpoint(t), reseal.Options{Batch: 11}); err != nil {
		t.Fatal(err)
	}
	if moments < 60 {
		t.Errorf("searched at %d moments", moments)
	}
	m.hook = nil
	wantDone(t, o, m, r)
	census, err := reseal.Count(t.Context(), m, counted, reseal.Options{})
	if err != nil || census.Columns[sealedColumn].Keys[oldSeal] != 0 || census.Columns[indexColumn].Keys[oldIndex] != 0 {
		t.Fatalf("after: %v, %v, want no row under keys %d and %d", census, err, oldSeal, oldIndex)
	}
	o.disable("seal", oldSeal)
	o.disable("index", oldIndex)
	r = o.ring()
	k = keysOf(t, r)
	if indexes, err := column.Lookup(k, []byte("name 1")); err != nil || len(indexes) != 1 {
		t.Errorf("Lookup gives %d indexes, %v, want one", len(indexes), err)
	}
	found("without the old key")
	wantDone(t, o, m, r)
}

var errCrash = errors.New("crash")

// crashing is a checkpoint that can fail before and after it saves.
type crashing struct {
	reseal.Checkpoint
	call func(string) error
}

func (c crashing) Save(ctx context.Context, s reseal.State) error {
	if err := c.call("before save"); err != nil {
		return err
	}
	if err := c.Checkpoint.Save(ctx, s); err != nil {
		return err
	}
	return c.call("after save")
}

// A run that ends before or after any call, once or again and again, is finished by
// the next ones: no row is lost and none is written twice but those of a batch
// that was in flight.
func TestCrashes(t *testing.T) {
	const rows, batch = 47, 5
	o := newOffice(t)
	before := newMemory(t, rows, o.ring())
	o.rotate("seal")
	o.rotate("index")
	r := o.ring()
	crash := func(first, every int) (crashes int, changed int64) {
		m := &memory{rows: maps.Clone(before.rows)}
		at := checkpoint(t)
		calls, next := 0, first
		m.hook = func(string) error {
			if calls++; calls == next {
				next += every
				return errCrash
			}
			return nil
		}
		for runs := 0; ; runs++ {
			report, err := reseal.Run(t.Context(), m, work(r), crashing{at, m.hook}, reseal.Options{Batch: batch})
			if err == nil {
				if !report.Done || report.Rows != rows {
					t.Errorf("crash at %d, then every %d: report %+v", first, every, report)
				}
				m.hook = nil
				wantDone(t, o, m, r)
				return runs, report.Changed
			}
			if !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
		}
	}
	whole := 0
	var changes []int64
	for first := 1; ; first++ {
		crashes, changed := crash(first, 1<<30)
		if crashes == 0 {
			whole = first - 1
			break
		}
		changes = append(changes, changed)
	}
	for i, changed := range changes {
		// What was written of a batch that crashed is not counted. After the last
		// call everything is done, and the next run begins anew with nothing to do.
		if last := i == whole-1; last != (changed == 0) || !last && (changed > rows-rows/10 || changed < rows-rows/10-batch) {
			t.Errorf("crash at call %d of %d: %d rows changed", i+1, whole, changed)
		}
	}
	if want := 2*(2*rows/batch+2) + 2*(rows/batch+2); whole < want/2 || whole > want+10 {
		t.Errorf("a whole run makes %d calls", whole)
	}
	for _, every := range []int{7, 8, 11, 13} { // fewer than a batch needs would never get anywhere
		if crashes, _ := crash(3, every); crashes < 3 {
			t.Errorf("every %d calls: %d crashes", every, crashes)
		}
	}
}

// Somebody else is faster: what they wrote stays, and is done too.
func TestConcurrentUpdates(t *testing.T) {
	o := newOffice(t)
	old := o.ring()
	m := newMemory(t, 20, old)
	o.rotate("seal")
	o.rotate("index")
	r := o.ring()
	swaps := 0
	m.hook = func(call string) error {
		if call != "before swap" {
			return nil
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		switch swaps++; swaps {
		case 1: // in the batch
			m.rows["3"] = newRow(t, keysOf(t, r), "3", "new name", false)     // by a process that knows the new keys
			m.rows["4"] = newRow(t, keysOf(t, old), "4", "other name", false) // by one that does not
			m.rows["6"] = newRow(t, keysOf(t, old), "6", "", true)            // taken away
			m.rows["7"][indexColumn] = m.rows["8"][indexColumn]               // a column alone
			m.rows["10"] = newRow(t, keysOf(t, old), "10", "late", false)     // was NULL: not in the batch
			delete(m.rows, "5")                                               // deleted
		case 2: // row 4, when it is done again
			m.rows["4"] = newRow(t, keysOf(t, old), "4", "other name still", false)
		}
		return nil
	}
	report, err := reseal.Run(t.Context(), m, work(r), nil, reseal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.hook = nil
	want := reseal.Report{Rows: 20, Changed: 15, Again: 6, Gone: 1, Done: true}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	for id, want := range map[string]string{"2": plaintext("2"), "3": "new name", "4": "other name still", "7": plaintext("7"), "10": "late"} {
		var s crypto.Sealed[myNumber, name]
		if err := s.Scan(m.rows[id][sealedColumn]); err != nil {
			t.Fatal(err)
		}
		got, err := column.Open(keysOf(t, r), id, s)
		if err != nil || string(got) != want {
			t.Errorf("row %s holds %q, %v, want %q", id, got, err, want)
		}
	}
	if m.rows["6"][sealedColumn] != nil || m.rows["5"] != nil {
		t.Error("a row that was emptied or deleted came back")
	}
	// What slipped past is what the census is for.
	census, err := reseal.Count(t.Context(), m, counted, reseal.Options{})
	if left := census.Columns[sealedColumn].Left(o.primary("seal")); err != nil || left != 1 {
		t.Errorf("%d rows are left, %v, want row 10", left, err)
	}
	if _, err := reseal.Run(t.Context(), m, work(r), nil, reseal.Options{}); err != nil {
		t.Fatal(err)
	}
	census, err = reseal.Count(t.Context(), m, counted, reseal.Options{})
	if left := census.Columns[sealedColumn].Left(o.primary("seal")); err != nil || left != 0 {
		t.Errorf("%d rows are left after another run, %v", left, err)
	}
}

// A row that changes all the time stops the run, which says so.
func TestBusyRow(t *testing.T) {
	o := newOffice(t)
	old := keysOf(t, o.ring())
	m := newMemory(t, 3, o.ring())
	o.rotate("seal")
	m.hook = func(call string) error {
		if call == "before swap" {
			m.mu.Lock()
			m.rows["2"] = newRow(t, old, "2", "x", false)
			m.mu.Unlock()
		}
		return nil
	}
	_, err := reseal.Run(t.Context(), m, work(o.ring()), nil, reseal.Options{})
	if e := wantError[*reseal.StoppedError](t, "a busy row", err); e != nil && e.Position != 2 {
		t.Errorf("err = %v, want row 2", e)
	}
}

// Bad rows stop the run, or are set aside; what is wrong with the keys always stops
// it.
func TestBadRows(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 30, o.ring())
	m.rows["4"][sealedColumn] = m.rows["5"][sealedColumn]     // belongs to another row
	m.rows["12"][sealedColumn] = []byte("not a sealed value") // damaged
	m.rows["17"][indexColumn] = 17                            // not from a driver
	o.rotate("seal")
	r, at := o.ring(), checkpoint(t)
	report, err := reseal.Run(t.Context(), m, work(r), at, reseal.Options{Batch: 3})
	e := wantError[*reseal.StoppedError](t, "the first bad row", err)
	wantError[*crypto.OpenError](t, "the first bad row", err)
	if e != nil && e.Position != 4 || report.Rows != 3 {
		t.Errorf("err = %v, report %+v, want that it stopped at row 4", err, report)
	}
	aside := make(map[string]string)
	opts := reseal.Options{Batch: 3, Aside: func(_ context.Context, key reseal.Key, err error) error {
		aside[key[0]] = fmt.Sprintf("%T", err)
		return nil
	}}
	report, err = reseal.Run(t.Context(), m, work(r), at, opts)
	if diff := cmp.Diff(reseal.Report{Rows: 30, Changed: 24, Aside: 3, Done: true, Resumed: true}, report); err != nil || diff != "" {
		t.Errorf("report: %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(map[string]string{"4": "*crypto.OpenError", "12": "*crypto.MalformedError", "17": "*errors.joinError"}, aside); diff != "" {
		t.Errorf("aside (-want +got):\n%s", diff)
	}
	opts.Aside = func(context.Context, reseal.Key, error) error { return errCrash }
	if _, err := reseal.Run(t.Context(), m, work(r), nil, opts); !errors.Is(err, errCrash) {
		t.Errorf("err = %v, want that of Aside", err)
	}
	census, err := reseal.Count(t.Context(), m, counted, reseal.Options{})
	if c := census.Columns[sealedColumn]; err != nil || c.Malformed != 1 || c.Left(o.primary("seal")) != 3 {
		t.Errorf("census %+v, %v, want one malformed among three left", c, err)
	}
}

// An error that is not about a row is not set aside.
func TestErrorsOfKeysStop(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 5, o.ring())
	aside := reseal.Options{Aside: func(context.Context, reseal.Key, error) error {
		t.Error("a row was set aside")
		return nil
	}}
	fails := func(err error) []reseal.Work {
		return []reseal.Work{{Name: "fail", Begin: func(context.Context) (string, reseal.Change, error) {
			return "", func(reseal.Row) error { return err }, nil
		}}}
	}
	for _, err := range []error{
		&crypto.StaleError{}, &crypto.UsedUpError{}, &crypto.LedgerError{Err: errCrash}, &crypto.NoKeysError{},
		&crypto.PeriodError{}, errCrash,
	} {
		_, got := reseal.Run(t.Context(), m, fails(err), nil, aside)
		if e := wantError[*reseal.StoppedError](t, "Run", got); e != nil && (e.Err != err || e.Position != 1) {
			t.Errorf("err = %v, want %v at row 1", got, err)
		}
	}
	count := 0
	aside.Aside = func(context.Context, reseal.Key, error) error { count++; return nil }
	for _, err := range []error{&crypto.PeriodError{Consume: true}, &reseal.RowError{Err: errCrash}} {
		if report, err := reseal.Run(t.Context(), m, fails(err), nil, aside); err != nil || report.Aside != 5 {
			t.Errorf("report %+v, %v, want 5 rows aside", report, err)
		}
	}
	if count != 10 {
		t.Errorf("Aside was called %d times, want 10", count)
	}
	_, err := reseal.Run(t.Context(), m, work(new(crypto.Keyring)), nil, aside)
	wantError[*crypto.NoKeysError](t, "a keyring without keys", err)
}

// A key that is rotated once more makes what was done undone: the run stops, and
// the next one begins anew.
func TestTargetChanges(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 20, o.ring())
	o.rotate("seal")
	clock := time.Now()
	r, err := crypto.OpenKeyring(os.DirFS(o.dir), zeroKEK{}, crypto.WithRefresh(time.Minute, time.Hour), crypto.WithClock(func() time.Time { return clock }))
	if err != nil {
		t.Fatal(err)
	}
	batches := 0
	opts := reseal.Options{Batch: 5, Progress: func(reseal.Report) {
		if batches++; batches == 2 {
			o.rotate("seal")
			clock = clock.Add(2 * time.Minute)
		}
	}}
	at := checkpoint(t)
	report, err := reseal.Run(t.Context(), m, work(r), at, opts)
	wantError[*reseal.TargetError](t, "after the rotation", err)
	if report.Rows != 10 || report.Done {
		t.Errorf("report %+v, want that of two batches", report)
	}
	report, err = reseal.Run(t.Context(), m, work(r), at, opts)
	if err != nil || report.Rows != 20 || report.Resumed || !report.Done {
		t.Errorf("report %+v, %v, want a run that began anew", report, err)
	}
	wantDone(t, o, m, o.ring())
}

func TestContext(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 20, o.ring())
	o.rotate("seal")
	o.rotate("index")
	r, at := o.ring(), checkpoint(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	report, err := reseal.Run(ctx, m, work(r), at, reseal.Options{Batch: 5, Progress: func(reseal.Report) { cancel(errCrash) }})
	if !errors.Is(err, errCrash) || report.Rows != 5 {
		t.Errorf("report %+v, %v, want one batch and the cause", report, err)
	}
	// Also while it rests.
	ctx, cancel = context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(errCrash) })
	report, err = reseal.Run(ctx, m, work(r), at, reseal.Options{Batch: 5, RowsPerSecond: 1})
	if !errors.Is(err, errCrash) || report.Rows != 10 || !report.Resumed {
		t.Errorf("report %+v, %v, want a second batch and the cause", report, err)
	}
	report, err = reseal.Run(t.Context(), m, work(r), at, reseal.Options{Batch: 5})
	if diff := cmp.Diff(reseal.Report{Rows: 20, Changed: 18, Done: true, Resumed: true}, report); err != nil || diff != "" {
		t.Errorf("report: %v (-want +got):\n%s", err, diff)
	}
	wantDone(t, o, m, r)
}

func TestRate(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 30, o.ring())
	began := time.Now()
	if _, err := reseal.Run(t.Context(), m, work(o.ring()), nil, reseal.Options{Batch: 10, RowsPerSecond: 300}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 90*time.Millisecond {
		t.Errorf("30 rows at 300 a second took %v, want at least 100 ms", took)
	}
}

// The form of what is in a column stays: text is text, also where the driver gives
// text as bytes, and bytes are bytes.
func TestFormsStay(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 6, o.ring())
	textOf := func(id, column string) string {
		var s crypto.Sealed[myNumber, name]
		var i crypto.Index[myNumber, name]
		var b []byte
		if column == sealedColumn {
			s.Scan(m.rows[id][column])
			b, _ = s.MarshalText()
		} else {
			i.Scan(m.rows[id][column])
			b, _ = i.MarshalText()
		}
		return string(b)
	}
	binary := func(id string) []byte {
		var i crypto.Index[myNumber, name]
		i.Scan(m.rows[id][indexColumn])
		b, _ := i.MarshalBinary()
		return b
	}
	m.rows["2"] = map[string]any{sealedColumn: textOf("2", sealedColumn), indexColumn: textOf("2", indexColumn)}
	m.rows["3"] = map[string]any{sealedColumn: []byte(textOf("3", sealedColumn)), indexColumn: []byte(textOf("3", indexColumn))}
	m.rows["4"][indexColumn] = binary("4")
	m.rows["5"][indexColumn] = nil // never had one
	o.rotate("seal")
	o.rotate("index")
	r := o.ring()
	if _, err := reseal.Run(t.Context(), m, work(r), nil, reseal.Options{}); err != nil {
		t.Fatal(err)
	}
	wantDone(t, o, m, r)
	isText := func(v any) bool {
		b, ok := v.([]byte)
		s, is := v.(string)
		return is && len(s) >= 27 || ok && strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", b[0]) >= 0 && len(b) != 20
	}
	for id, want := range map[string][2]string{
		"1": {"[]uint8 false", "string true"}, "2": {"string true", "string true"}, "3": {"[]uint8 true", "[]uint8 true"},
		"4": {"[]uint8 false", "[]uint8 false"}, "5": {"[]uint8 false", "string true"},
	} {
		got := [2]string{}
		for i, c := range []string{sealedColumn, indexColumn} {
			got[i] = fmt.Sprintf("%T %v", m.rows[id][c], isText(m.rows[id][c]))
		}
		if got != want {
			t.Errorf("row %s has %v, want %v", id, got, want)
		}
	}
}

// A key of several parts needs to be told what its values are bound to, and a work
// needs the columns it is about.
func TestMistakes(t *testing.T) {
	o := newOffice(t)
	r := o.ring()
	m := newMemory(t, 2, r)
	o.rotate("seal")
	r = o.ring()
	_, err := reseal.Run(t.Context(), wide{m}, work(r), nil, reseal.Options{})
	wantError[*reseal.StoppedError](t, "a key of two parts", err)
	second := func(k reseal.Key) string { return k[1] }
	if _, err := reseal.Run(t.Context(), wide{m}, []reseal.Work{reseal.Sealed(r, column, sealedColumn, second)}, nil, reseal.Options{}); err != nil {
		t.Errorf("a key of two parts: %v", err)
	}
	_, err = reseal.Run(t.Context(), m, []reseal.Work{reseal.Sealed(r, column, "none", nil)}, nil, reseal.Options{})
	wantError[*reseal.StoppedError](t, "a column that is not there", err)
	_, err = reseal.Count(t.Context(), m, []reseal.Column{{Name: "none", Form: reseal.FormSealed}}, reseal.Options{})
	wantError[*reseal.StoppedError](t, "a column that is not there", err)
	if _, err := reseal.Count(t.Context(), m, []reseal.Column{{Name: sealedColumn}}, reseal.Options{}); err == nil {
		t.Error("a column without a form is counted")
	}
	if _, err := reseal.Run(t.Context(), stuck{m}, work(r), nil, reseal.Options{}); err == nil {
		t.Error("a store that gives the same rows again is not found out")
	}
}

// wide has keys of two parts.
type wide struct{ *memory }

func (w wide) Next(ctx context.Context, after reseal.Key, n int) ([]reseal.Row, error) {
	if after != nil {
		after = after[1:]
	}
	rows, err := w.memory.Next(ctx, after, n)
	for i := range rows {
		rows[i].Key = reseal.Key{"131016", rows[i].Key[0]}
	}
	return rows, err
}

func (w wide) Swap(ctx context.Context, updates []reseal.Update) ([]bool, error) {
	for i := range updates {
		updates[i].Key = updates[i].Key[1:]
	}
	return w.memory.Swap(ctx, updates)
}

// stuck does not get on.
type stuck struct{ *memory }

func (s stuck) Next(ctx context.Context, _ reseal.Key, n int) ([]reseal.Row, error) {
	return s.memory.Next(ctx, nil, n)
}

// A census of everything that can be in a column.
func TestCount(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 10, o.ring())
	m.rows["1"][indexColumn] = nil
	m.rows["2"][indexColumn] = []byte{}
	old := o.primary("index")
	second := o.rotate("index")
	m.rows["3"] = newRow(t, keysOf(t, o.ring()), "3", "x", false)
	census, err := reseal.Count(t.Context(), m, counted, reseal.Options{Batch: 3})
	want := reseal.Census{Rows: 10, Columns: map[string]reseal.Counts{
		sealedColumn: {Keys: map[uint32]int64{o.primary("seal"): 9}, Null: 1},
		indexColumn:  {Keys: map[uint32]int64{old: 6, second: 1}, Null: 2, Missing: 1, Malformed: 1},
	}}
	if diff := cmp.Diff(want, census); err != nil || diff != "" {
		t.Errorf("census: %v (-want +got):\n%s", err, diff)
	}
	if left := census.Columns[indexColumn].Left(second); left != 8 {
		t.Errorf("%d left, want 8", left)
	}
}
