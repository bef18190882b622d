package crypto

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func openLedger(t testing.TB, dir string, machines int) *FileLedger {
	t.Helper()
	l, err := OpenLedger(dir, machines)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func wantUses(t testing.TB, l *FileLedger, key uint32, want uint64) {
	t.Helper()
	if got, err := l.Uses("kouki", "a", key); got != want || err != nil {
		t.Errorf("Uses = %d, %v, want %d", got, err, want)
	}
}

// TestFileLedger counts over several ledgers of one folder, one after the other and
// on two machines.
func TestFileLedger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "uses")
	l := openLedger(t, dir, 1)
	wantUses(t, l, 7, 0)
	for i, n := range []uint64{5, 0, 10} {
		sum, err := l.Reserve("kouki", "a", 7, n)
		if want := []uint64{5, 5, 15}[i]; sum != want || err != nil {
			t.Errorf("Reserve = %d, %v, want %d", sum, err, want)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	two := openLedger(t, dir, 2)
	if sum, err := two.Reserve("kouki", "a", 7, 10); sum != 35 || err != nil {
		t.Errorf("Reserve for two machines = %d, %v, want 35", sum, err)
	}
	wantUses(t, two, 7, 35)
	wantUses(t, two, 8, 0)
	info, err := os.Stat(filepath.Join(dir, "a.7.uses"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the file has mode %v, %v, want 0600", info.Mode(), err)
	}
	if _, err := l.Reserve("kouki", "a", 7, 1); err == nil {
		t.Error("Reserve in a ledger that is closed")
	}
	if _, err := l.Uses("kouki", "a", 7); err == nil {
		t.Error("Uses of a ledger that is closed")
	}
}

// Two ledgers of one folder, as two processes have them, lose nothing.
func TestFileLedgerIsShared(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	seen := make([]map[uint64]bool, 4)
	for i := range seen {
		seen[i] = make(map[uint64]bool)
		l := openLedger(t, dir, 1)
		group.Go(func() {
			for range 25 {
				sum, err := l.Reserve("kouki", "a", 7, 3)
				if err != nil {
					t.Error(err)
				}
				seen[i][sum] = true
			}
		})
	}
	group.Wait()
	wantUses(t, openLedger(t, dir, 1), 7, 300)
	all := make(map[uint64]bool)
	for _, sums := range seen {
		for sum := range sums {
			if all[sum] {
				t.Errorf("the sum %d was given twice", sum)
			}
			all[sum] = true
		}
	}
}

func TestOpenLedgerRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, machines := range []int{-1, 0, 1025} {
		if _, err := OpenLedger(dir, machines); err == nil || !strings.Contains(err.Error(), "want 1 to 1024") {
			t.Errorf("%d machines: err = %v", machines, err)
		}
	}
	if _, err := OpenLedger(filepath.Join(dir, "a", "b"), 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder without a parent: err = %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLedger(file, 1); err == nil {
		t.Error("a file was opened as a folder")
	}
}

func TestReserveRefuses(t *testing.T) {
	l := openLedger(t, t.TempDir(), 2)
	for what, f := range map[string]func() (uint64, error){
		"a zone that is a path": func() (uint64, error) { return l.Reserve("kouki", "../a", 7, 1) },
		"no policy":             func() (uint64, error) { return l.Reserve("", "a", 7, 1) },
		"too many":              func() (uint64, error) { return l.Reserve("kouki", "a", 7, math.MaxUint64) },
		"too many in the end": func() (uint64, error) {
			if _, err := l.Reserve("kouki", "a", 8, math.MaxUint64/2); err != nil {
				t.Error(err)
			}
			return l.Reserve("kouki", "a", 8, 1)
		},
	} {
		if sum, err := f(); sum != 0 || err == nil {
			t.Errorf("%s: Reserve = %d, %v", what, sum, err)
		}
	}
	wantUses(t, l, 7, 0)
	wantUses(t, l, 8, math.MaxUint64-1)
}

// TestLedgerFileMutations changes the file: nothing is counted on from a file that
// was not written so.
func TestLedgerFileMutations(t *testing.T) {
	dir := t.TempDir()
	l := openLedger(t, dir, 1)
	if _, err := l.Reserve("kouki", "a", 7, 1234567); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "a.7.uses")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, changed string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := l.Uses("kouki", "a", 7); err == nil || n != 0 || !strings.Contains(err.Error(), "a.7.uses") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: Uses = %d, %v, want an error of one line that names the file", what, n, err)
		}
		if n, err := l.Reserve("kouki", "a", 7, 1); err == nil || n != 0 {
			t.Errorf("%s: Reserve = %d, %v, want an error", what, n, err)
		}
		if again, _ := os.ReadFile(name); string(again) != changed {
			t.Errorf("%s: the file was changed by the refusal", what)
		}
	}
	for i := range data {
		refused("cut", string(data[:i]))
	}
	swap := func(old, new string) string { return strings.Replace(string(data), old, new, 1) }
	refused("a blank more", swap(`,`, `, `))
	refused("a field more", swap(`}`, `,"x":1}`))
	refused("another format", swap(`"sekisho-uses":1`, `"sekisho-uses":2`))
	refused("another policy", swap("kouki", "zeimu"))
	refused("another zone", swap(`"zone":"a"`, `"zone":"b"`))
	refused("another key", swap(`"key":7`, `"key":8`))
	refused("a count below zero", swap("1234567", "-1"))
	refused("a count too large", swap("1234567", "18446744073709551616"))
	refused("a fraction", swap("1234567", "1.5"))
	refused("too long", string(data)+strings.Repeat(" ", entryLimit))
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	wantUses(t, l, 7, 1234567)
	// What a crash between writing and renaming leaves is not read.
	if err := os.WriteFile(filepath.Join(dir, ".a.7.uses.X.tmp"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, err := l.Reserve("kouki", "a", 7, 1); sum != 1234568 || err != nil {
		t.Errorf("beside what a crash left: Reserve = %d, %v", sum, err)
	}
	if err := errors.Join(os.Remove(name), os.Mkdir(name, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Reserve("kouki", "a", 7, 1); err == nil {
		t.Error("Reserve in a folder called like the file")
	}
}

// FuzzLedgerFile reads arbitrary bytes as a file of the ledger: it is refused, or it
// is as it would be written.
func FuzzLedgerFile(f *testing.F) {
	e := entry{Format: 1, Policy: "kouki", Zone: "a", Key: 7, Uses: 1 << 20}
	data, err := e.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"sekisho-uses":1,"policy":"kouki","zone":"a","key":7,"uses":0}`))
	f.Add([]byte(`{"Sekisho-Uses":1,"policy":"kouki","zone":"a","key":7,"uses":0}` + "\n"))
	dir := f.TempDir()
	l := openLedger(f, dir, 1)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, "a.7.uses"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		n, err := l.Uses("kouki", "a", 7)
		if want := fmt.Sprintf(`{"sekisho-uses":1,"policy":"kouki","zone":"a","key":7,"uses":%d}`+"\n", n); err == nil && string(data) != want {
			t.Errorf("%q is read as %d uses", data, n)
		}
	})
}

// scriptedLedger gives the sums it was told, then fails.
type scriptedLedger struct {
	mu    sync.Mutex
	sums  []uint64
	calls int
	names []string
}

var errLedger = errors.New("disk full")

func (l *scriptedLedger) Reserve(policy, zone string, key uint32, n uint64) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	l.names = append(l.names, fmt.Sprintf("%s %s %d %d", policy, zone, key, n))
	if l.calls > len(l.sums) {
		return 0, errLedger
	}
	return l.sums[l.calls-1], nil
}

// spend uses up what is left of the reservation, as sealing so often would.
func spend(k *Keys[zoneA]) { k.z.count.left.Store(0) }

// TestUseLimit seals up to the limit: a warning at a quarter, once, and an end.
func TestUseLimit(t *testing.T) {
	l := &scriptedLedger{sums: []uint64{UseWarning, UseWarning + reserve, UseWarning + 2*reserve, UseLimit, UseLimit + reserve}}
	var said warnings
	made := makeKeys(t, UseSeal, active)
	id := made.Keys[0].ID
	r := ringOf(t, testAEAD(t), []Option{WithLedger(l), WithWarnings(said.add)}, made)
	k := keysA(t, r)
	for i := range 4 {
		if _, err := Seal[int](k, nil, nil); err != nil {
			t.Fatalf("reservation %d: %v", i, err)
		}
		if got := k.z.count.left.Load(); got != reserve-1 {
			t.Errorf("reservation %d: %d uses are left, want %d", i, got, reserve-1)
		}
		spend(k)
	}
	want := []Warning{{Kind: WarnUses, Zone: "a", Use: UseSeal, KeyID: id, Uses: UseWarning + reserve}}
	if diff := cmp.Diff(want, said.all); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	for range 3 {
		_, err := Seal[int](k, nil, nil)
		if e := wantErr[*UsedUpError](t, "above the limit", err); e != nil && (e.KeyID != id || e.Zone != "a" || !strings.Contains(e.Error(), "4294967296")) {
			t.Errorf("the error is %v", e)
		}
	}
	if l.calls != 5 || l.names[0] != fmt.Sprintf("kouki a %d %d", id, reserve) {
		t.Errorf("the ledger was asked %d times, first for %q: want 5, a key that is used up is not counted on", l.calls, l.names[0])
	}
}

// A ledger that does not work stops the sealing, and does not for ever.
func TestLedgerFails(t *testing.T) {
	l := new(scriptedLedger)
	k := keysA(t, ringOf(t, testAEAD(t), []Option{WithLedger(l)}, makeKeys(t, UseSeal, active, next), makeKeys(t, UseToken, active)))
	for range 3 {
		_, err := Seal[int](k, nil, nil)
		if e := wantErr[*LedgerError](t, "Seal", err); e != nil && (!errors.Is(err, errLedger) || !strings.Contains(err.Error(), "disk full")) {
			t.Errorf("the error is %v", e)
		}
	}
	if _, err := MakeToken[routeA](k, Scope{}, nil); err != nil {
		t.Errorf("tokens are not counted: %v", err)
	}
	l.mu.Lock()
	l.sums = []uint64{0, 0, 0, reserve}
	l.mu.Unlock()
	if _, err := Seal[int](k, nil, nil); err != nil {
		t.Errorf("with the ledger mended: %v", err)
	}
	// A sum that is less than what was asked for is no sum.
	spend(k)
	l.mu.Lock()
	l.sums = []uint64{0, 0, 0, 0, reserve - 1}
	l.mu.Unlock()
	_, err := Seal[int](k, nil, nil)
	wantErr[*UsedUpError](t, "a sum that overflowed", err)
}

func TestLedgerUnwritable(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("nothing is unwritable here")
	}
	dir := t.TempDir()
	l := openLedger(t, dir, 1)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	k := keysA(t, ringOf(t, testAEAD(t), []Option{WithLedger(l)}, makeKeys(t, UseSeal, active)))
	_, err := Seal[int](k, nil, nil)
	wantErr[*LedgerError](t, "Seal", err)
}

// A ledger whose folder has gone is not written to, whoever runs the test.
func TestLedgerFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "uses")
	l := openLedger(t, dir, 1)
	k := keysA(t, ringOf(t, testAEAD(t), []Option{WithLedger(l)}, makeKeys(t, UseSeal, active)))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, err := Seal[int](k, nil, nil)
	wantErr[*LedgerError](t, "Seal", err)
}

// TestTakeIsConcurrent counts under contention over many small reservations: never
// more uses than were reserved.
func TestTakeIsConcurrent(t *testing.T) {
	l := new(memoryLedger)
	cs := &counts{policy: "kouki", ledger: l, warn: func(Warning) {}}
	c := cs.counter("a", 7)
	if cs.counter("a", 7) != c || cs.counter("a", 8) == c || cs.counter("b", 7) == c {
		t.Fatal("a key has two counters, or two keys have one")
	}
	const goroutines, each = 8, 2000
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for range each {
				if err := c.take(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	sum, err := l.Reserve("kouki", "a", 7, 0)
	if used := int64(sum) - c.left.Load(); used < goroutines*each || err != nil {
		t.Errorf("%d uses of %d reserved, %v, want at least %d", used, sum, err, goroutines*each)
	}
	// At the edge of a reservation each goroutine waits and counts anew.
	for range 50 {
		c.left.Store(3)
		before, _ := l.Reserve("kouki", "a", 7, 0)
		var ok sync.WaitGroup
		for range goroutines {
			ok.Go(func() {
				if err := c.take(); err != nil {
					t.Error(err)
				}
			})
		}
		ok.Wait()
		after, _ := l.Reserve("kouki", "a", 7, 0)
		if left := c.left.Load(); after-before != reserve || left > reserve-(goroutines-3) || left < reserve-2*goroutines {
			t.Errorf("%d were reserved and %d are left", after-before, left)
		}
	}
}

// TestLedgerOfAKeyring counts in a folder over refreshes, starts and keyrings.
func TestLedgerOfAKeyring(t *testing.T) {
	kek, dir, now := testAEAD(t), t.TempDir(), newClock(begun)
	k := makeKeys(t, UseSeal, active, next)
	id := k.Keys[0].ID
	m := fstest.MapFS{k.Name(): k.file(t, kek)}
	start := func() *Keyring {
		return opened(t, m, kek, WithLedger(openLedger(t, dir, 1)), WithRefresh(time.Minute, time.Hour), WithClock(now.now))
	}
	l := openLedger(t, dir, 1)
	r := start()
	wantUses(t, l, id, 0) // opening uses nothing
	for range 3 {
		now.add(time.Minute)
		if _, err := Seal[int](keysA(t, r), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	wantUses(t, l, id, reserve) // the counter outlives the refreshes
	if left := keysA(t, r).z.count.left.Load(); left != reserve-3 {
		t.Errorf("%d uses are left, want %d", left, reserve-3)
	}
	if _, err := Seal[int](keysA(t, start()), nil, nil); err != nil {
		t.Fatal(err)
	}
	wantUses(t, l, id, 2*reserve) // a start takes a reservation of its own
	wantUses(t, l, k.Keys[1].ID, 0)
}
