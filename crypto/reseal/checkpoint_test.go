package reseal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto/reseal"
)

var someState = reseal.State{
	Job: strings.Repeat("0123456789abcdef", 4), After: reseal.Key{"131016", "<4711>"},
	Report: reseal.Report{Rows: 10, Changed: 7, Again: 1, Gone: 1, Aside: 1},
}

func TestCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.reseal")
	at := reseal.File(path)
	if _, ok, err := at.Load(t.Context()); ok || err != nil {
		t.Errorf("no file: %v, %v", ok, err)
	}
	for _, s := range []reseal.State{someState, {Job: someState.Job, Report: reseal.Report{Rows: 3, Done: true}}} {
		if err := at.Save(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		got, ok, err := at.Load(t.Context())
		if diff := cmp.Diff(s, got); !ok || err != nil || diff != "" {
			t.Errorf("Load: %v, %v (-want +got):\n%s", ok, err, diff)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, %v, want the checkpoint alone", files, err)
	}
}

// Every change of a byte and every truncation is refused: it could skip rows.
func TestCheckpointMutations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.reseal")
	at := reseal.File(path)
	if err := at.Save(t.Context(), someState); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// What has a meaning of its own cannot be told from what was written: the
	// checkpoint is no secret and has no key.
	numbers := []byte("0123456789abcdef")
	key := bytes.Index(good, []byte(`["131016"`))
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x80
		refusedCheckpoint(t, path, at, bad)
		refusedCheckpoint(t, path, at, good[:i])
		if bytes.IndexByte(numbers, good[i]) < 0 && (i < key || i > key+25) {
			bad[i] = good[i] ^ 1
			refusedCheckpoint(t, path, at, bad)
		}
	}
	for _, bad := range []string{
		"", "{}", "null", `{"sekisho-reseal":2}`, string(good) + "\n", " " + string(good),
		strings.Replace(string(good), `"rows":10`, `"rows":-10`, 1), strings.Replace(string(good), `"done":false`, `"done":true`, 1),
		strings.Replace(string(good), someState.Job, someState.Job[2:], 1), strings.Replace(string(good), `"rows"`, `"x":1,"rows"`, 1),
		strings.Repeat(" ", 1<<17),
	} {
		refusedCheckpoint(t, path, at, []byte(bad))
	}
}

func refusedCheckpoint(t *testing.T, path string, at reseal.Checkpoint, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, ok, err := at.Load(t.Context())
	if e := wantError[*reseal.CheckpointError](t, string(data), err); ok || e != nil && strings.Contains(e.Error(), "4711") {
		t.Errorf("%s: %v, %v, want that it is refused without repeating it", data, ok, err)
	}
}

func TestCheckpointCannotBeWritten(t *testing.T) {
	at := reseal.File(filepath.Join(t.TempDir(), "none", "x.reseal"))
	wantError[*reseal.CheckpointError](t, "no folder", at.Save(t.Context(), someState))
	dir := t.TempDir()
	_, _, err := reseal.File(dir).Load(t.Context())
	wantError[*reseal.CheckpointError](t, "a folder", err)
	for _, part := range []string{"\xff", strings.Repeat("x", 1<<16)} {
		s := someState
		s.After = reseal.Key{part}
		wantError[*reseal.CheckpointError](t, "a key that cannot be", reseal.File(filepath.Join(dir, "x")).Save(t.Context(), s))
	}
}

// A checkpoint of something else is not gone on with.
func TestCheckpointOfAnotherJob(t *testing.T) {
	o := newOffice(t)
	m := newMemory(t, 20, o.ring())
	r, at := o.ring(), checkpoint(t)
	s := someState
	s.After = reseal.Key{"15"}
	if err := at.Save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	report, err := reseal.Run(t.Context(), m, work(r), at, reseal.Options{})
	if diff := cmp.Diff(reseal.Report{Rows: 20, Done: true}, report); err != nil || diff != "" {
		t.Errorf("report: %v (-want +got):\n%s", err, diff)
	}
	if err := os.WriteFile(filepath.Join(t.TempDir(), "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzCheckpoint reads arbitrary bytes as a checkpoint: what is taken is written
// again as the same bytes.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "x.reseal")
	at := reseal.File(path)
	for _, s := range []reseal.State{someState, {Job: someState.Job, Report: reseal.Report{Rows: 3, Done: true}}} {
		if err := at.Save(f.Context(), s); err != nil {
			f.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"sekisho-reseal":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, ok, err := at.Load(t.Context())
		if err != nil {
			wantError[*reseal.CheckpointError](t, "Load", err)
			return
		}
		if err := at.Save(t.Context(), s); !ok || err != nil {
			t.Fatal(ok, err)
		}
		again, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%q was taken for %q, %v", data, again, err)
		}
	})
}
