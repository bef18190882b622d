package parcel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var ctx = context.Background()

func receipt(i int) Receipt {
	return Receipt{From: "ward", ID: fmt.Sprintf("%032x", i), Expires: monday.Add(time.Hour)}
}

func openRegister(t testing.TB, dir string) *FileRegister {
	t.Helper()
	r := must[*FileRegister](t)(OpenRegister(dir))
	r.clock = func() time.Time { return monday }
	t.Cleanup(func() { r.Close() })
	return r
}

func states(t testing.TB, r *FileRegister) map[string]State {
	t.Helper()
	all := make(map[string]State)
	if err := r.locked(func(*os.File) error {
		for k, e := range r.known {
			all[k.from+" "+k.id[24:]] = e.state
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRegisterSteps(t *testing.T) {
	r := openRegister(t, t.TempDir())
	a, b := receipt(1), receipt(1)
	b.From = "lab" // another zone may use the number, too
	resumed := a
	resumed.Resume = true
	for i, step := range []struct {
		do  func(context.Context, Receipt) error
		r   Receipt
		err State // of a ReplayError; StateUnknown: none
	}{
		{r.Begin, a, 0},
		{r.Begin, a, StateBegun},
		{r.Begin, b, 0},
		{r.Begin, resumed, 0},
		{r.Finish, a, 0},
		{r.Finish, a, 0},
		{r.Begin, a, StateFinished},
		{r.Begin, resumed, StateFinished},
		{r.Finish, b, 0},
	} {
		err := step.do(ctx, step.r)
		if step.err == 0 {
			if err != nil {
				t.Errorf("step %d: %v", i, err)
			}
			continue
		}
		if e := wantError[*ReplayError](t, fmt.Sprint("step ", i), err); e.State != step.err || e.ID != step.r.ID {
			t.Errorf("step %d: %v", i, e)
		}
	}
	wantError[*StateError](t, "finishing what was not begun", r.Finish(ctx, receipt(2)))
	for _, bad := range []Receipt{{}, {From: "a b", ID: receipt(1).ID}, {From: "a\n", ID: receipt(1).ID}, {From: "ward", ID: "1"}} {
		wantError[*StateError](t, "a receipt that is none", r.Begin(ctx, bad))
	}
}

// TestRegisterIsShared: what one process notes the other knows, also when the
// file was written anew in between.
func TestRegisterIsShared(t *testing.T) {
	dir := t.TempDir()
	a, b := openRegister(t, dir), openRegister(t, dir)
	for i := range 5 {
		if err := a.Begin(ctx, receipt(i)); err != nil {
			t.Fatal(err)
		}
		wantError[*ReplayError](t, "the other", b.Begin(ctx, receipt(i)))
		if err := b.Finish(ctx, receipt(i)); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // numbers of files come again: twice is not enough to notice
		if err := a.locked(func(*os.File) error {
			return a.replace([]byte(newFirstLine() + formatReceipt(StateFinished, receipt(100))))
		}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]State{"ward 00000064": StateFinished}, states(t, b)); d != "" {
			t.Errorf("after the file was written anew (-want +got):\n%s", d)
		}
	}
}

// TestRegisterCrash cuts the file at every byte, as a crash would, with zeros
// after the cut and without: what was synced before the last line is known, the
// last line is known or not, and the register goes on.
func TestRegisterCrash(t *testing.T) {
	dir := t.TempDir()
	r := openRegister(t, dir)
	for i := range 2 {
		if err := errors.Join(r.Begin(ctx, receipt(i)), r.Finish(ctx, receipt(i))); err != nil {
			t.Fatal(err)
		}
	}
	data := must[[]byte](t)(os.ReadFile(filepath.Join(dir, registerFile)))
	for n := range len(data) + 1 {
		for _, zeros := range []int{0, 1 + 50*(n%2)} {
			dir := t.TempDir()
			cut := append(data[:n:n], make([]byte, zeros)...)
			if err := os.WriteFile(filepath.Join(dir, registerFile), cut, 0o600); err != nil {
				t.Fatal(err)
			}
			r := must[*FileRegister](t)(OpenRegister(dir))
			lines := strings.Count(string(data[:n]), "\n") // with the first
			want := make(map[string]State)
			for i := 1; i < lines; i++ {
				want[fmt.Sprintf("ward %08x", (i-1)/2)] = StateBegun + State((i-1)%2)
			}
			if d := cmp.Diff(want, states(t, r)); d != "" {
				t.Fatalf("cut after %d of %d bytes, %d zeros (-want +got):\n%s", n, len(data), zeros, d)
			}
			if err := r.Begin(ctx, receipt(77)); err != nil {
				t.Fatalf("cut after %d bytes: %v", n, err)
			}
			r.Close()
			again := must[*FileRegister](t)(OpenRegister(dir))
			if got := states(t, again); len(got) != len(want)+1 || got["ward 0000004d"] != StateBegun {
				t.Fatalf("cut after %d bytes: %v after it went on", n, got)
			}
			again.Close()
		}
	}
}

// TestRegisterChanged flips every byte of lines that others follow: a register
// that may have forgotten refuses everything.
func TestRegisterChanged(t *testing.T) {
	dir := t.TempDir()
	r := openRegister(t, dir)
	for i := range 3 {
		if err := r.Begin(ctx, receipt(i)); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, registerFile)
	data := must[[]byte](t)(os.ReadFile(file))
	last := strings.LastIndex(strings.TrimSuffix(string(data), "\n"), "\n")
	random := len(firstPrefix)
	for i := range last {
		if i >= random && i < random+32 {
			continue // any random number is one
		}
		bad := []byte(string(data))
		bad[i] ^= 1
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if again, err := OpenRegister(dir); err == nil {
			t.Errorf("byte %d is changed and the register opens: %v", i, states(t, again))
			again.Close()
		}
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	again := openRegister(t, dir)
	wantError[*ReplayError](t, "restored", again.Begin(ctx, receipt(0)))
}

func TestRegisterOfSomethingElse(t *testing.T) {
	for _, text := range []string{"notes\n", strings.Repeat("a long text that is none\n", 10)} {
		dir := t.TempDir()
		file := filepath.Join(dir, registerFile)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRegister(dir); err == nil {
			t.Errorf("%q is a register", text)
		}
		if got := must[[]byte](t)(os.ReadFile(file)); string(got) != text {
			t.Errorf("%q was written over: %q", text, got)
		}
	}
	if _, err := OpenRegister(filepath.Join(t.TempDir(), "no", "parent")); err == nil {
		t.Error("a folder without a parent is made")
	}
}

// TestRegisterForgets: what expired is left out in time, and nothing else.
func TestRegisterForgets(t *testing.T) {
	dir := t.TempDir()
	r := openRegister(t, dir)
	now := monday
	r.clock = func() time.Time { return now }
	old, kept := receipt(1), receipt(2)
	kept.Expires = monday.Add(1000 * time.Hour)
	if err := errors.Join(r.Begin(ctx, old), r.Finish(ctx, old), r.Begin(ctx, kept)); err != nil {
		t.Fatal(err)
	}
	size := func() int64 { return must[os.FileInfo](t)(os.Stat(filepath.Join(dir, registerFile))).Size() }
	for i := 10; r.lines < rewriteAt+10; i++ {
		e := receipt(i)
		if err := errors.Join(r.Begin(ctx, e), r.Finish(ctx, e)); err != nil {
			t.Fatal(err)
		}
		if before := r.lines; before == rewriteAt-2 {
			now = old.Expires.Add(forgetAfter - time.Second) // all are still to be known
		}
		if i > 3*rewriteAt {
			break
		}
		if r.lines == 2 {
			t.Fatal("it was written anew too early")
		}
	}
	if got := states(t, r); got["ward 00000001"] != StateFinished {
		t.Error("forgotten before its time")
	}
	now = old.Expires.Add(forgetAfter + time.Second)
	before := size()
	for i := 5000; size() >= before && i < 8000; i++ {
		e := receipt(i)
		e.Expires = now.Add(time.Hour)
		if err := r.Begin(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	got := states(t, r)
	if got["ward 00000001"] != StateUnknown || got["ward 00000002"] != StateBegun {
		t.Errorf("old %v, kept %v; want the old one forgotten and the other kept", got["ward 00000001"], got["ward 00000002"])
	}
	if _, err := os.Stat(filepath.Join(dir, registerFile+".new")); err == nil {
		t.Error("a temporary file is left behind")
	}
}

// TestRegisterProcesses has several processes and goroutines begin the same
// parcels: each is begun once.
func TestRegisterProcesses(t *testing.T) {
	if dir := os.Getenv("PARCEL_TEST_REGISTER"); dir != "" {
		fmt.Println("begun", beginAll(t, dir))
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	openRegister(t, dir)
	var outs [3]strings.Builder
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestRegisterProcesses$")
			cmd.Env = append(os.Environ(), "PARCEL_TEST_REGISTER="+dir)
			cmd.Stdout, cmd.Stderr = &outs[i], &outs[i]
			if err := cmd.Run(); err != nil {
				t.Errorf("%v: %s", err, outs[i].String())
			}
		})
	}
	wg.Wait()
	sum := 0
	for i := range outs {
		var n int
		if _, err := fmt.Sscanf(outs[i].String(), "begun %d", &n); err != nil {
			t.Errorf("%q", outs[i].String())
		}
		sum += n
	}
	if sum != parcelsAtOnce {
		t.Errorf("%d parcels were begun, want each of %d once", sum, parcelsAtOnce)
	}
}

const parcelsAtOnce = 60

// beginAll begins all parcels from several goroutines and returns how many it
// could.
func beginAll(t *testing.T, dir string) (begun int) {
	r := openRegister(t, dir)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for i := range parcelsAtOnce {
				var replay *ReplayError
				err := r.Begin(ctx, receipt(i))
				if err != nil && !errors.As(err, &replay) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					begun++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return begun
}
