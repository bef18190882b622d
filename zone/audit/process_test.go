package audit_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho-go/sekisho/zone/audit"
	"golang.org/x/mod/sumdb/note"
)

// childFolder names the folder that a copy of this test binary writes crossings
// to. It prints the ID of each once that is acknowledged.
const childFolder = "AUDIT_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := child(dir, os.Getenv("AUDIT_TEST_KEY"), os.Getenv("AUDIT_TEST_CROSSINGS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(dir, keyFile, crossings string) error {
	n, err := strconv.Atoi(crossings)
	if err != nil {
		return err
	}
	opt, err := fromFile(keyFile)
	if err != nil {
		return err
	}
	l, err := audit.Open(dir, opt)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := range n {
				id := fmt.Sprintf("P%d-%d-%d", os.Getpid(), w, i)
				if l.Begin(context.Background(), begin(id)) != nil || l.End(context.Background(), end(id, 1)) != nil {
					os.Exit(1)
				}
				mu.Lock()
				os.Stdout.WriteString(id + "\n")
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return l.Close()
}

// fromFile returns the options of a log whose key is in a file, with the
// verifier key beside it.
func fromFile(keyFile string) (audit.Options, error) {
	signer, err := audit.ReadKey(keyFile)
	if err != nil {
		return audit.Options{}, err
	}
	public, err := os.ReadFile(keyFile + ".pub")
	if err != nil {
		return audit.Options{}, err
	}
	verifier, err := note.NewVerifier(string(public))
	if err != nil {
		return audit.Options{}, err
	}
	return audit.Options{Origin: origin, Signer: signer, Verifiers: note.VerifierList(verifier), SegmentEntries: 16}, nil
}

// start runs a copy of this binary and returns what it acknowledges.
func start(t *testing.T, dir, key string, crossings int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childFolder+"="+dir, "AUDIT_TEST_KEY="+key, "AUDIT_TEST_CROSSINGS="+strconv.Itoa(crossings))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

// newKeyFile makes a key and keeps its public part beside it.
func newKeyFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	public, err := audit.CreateKey(file, origin)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".pub", []byte(public), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTwoProcesses(t *testing.T) {
	dir, key := t.TempDir(), newKeyFile(t)
	opt, err := fromFile(key)
	if err != nil {
		t.Fatal(err)
	}
	a, outA := start(t, dir, key, 15)
	b, outB := start(t, dir, key, 15)
	for _, out := range []*bufio.Scanner{outA, outB} {
		for out.Scan() {
		}
	}
	if errA, errB := a.Wait(), b.Wait(); errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	r := sound(t, dir, opt)
	total := int64(0)
	for _, l := range r.Logs {
		total += l.Size
	}
	if len(r.Incomplete) != 0 || total != 2*4*15*2 || len(r.Logs) > 2 {
		t.Errorf("%d logs, %d entries, %d incomplete", len(r.Logs), total, len(r.Incomplete))
	}
}

// Two processes are killed in the middle of writing, again and again: what they
// acknowledged is there, and everything verifies.
func TestKilledProcesses(t *testing.T) {
	dir, key := t.TempDir(), newKeyFile(t)
	opt, err := fromFile(key)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := make(map[string]bool)
	var kept [][]byte
	for round := range 6 {
		a, outA := start(t, dir, key, 1<<30)
		b, outB := start(t, dir, key, 1<<30)
		for i, out := range []*bufio.Scanner{outA, outB} {
			for range 3 + 5*round + i {
				if !out.Scan() {
					t.Fatal("a process ended by itself")
				}
				acknowledged[out.Text()] = true
			}
		}
		for _, cmd := range []*exec.Cmd{a, b} {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		for _, out := range []*bufio.Scanner{outA, outB} {
			for out.Scan() {
				acknowledged[out.Text()] = true
			}
		}
		a.Wait()
		b.Wait()
		sound(t, dir, opt, kept...)
		l, m := open(t, dir, opt), open(t, dir, opt)
		kept = append(kept, l.Checkpoint(), m.Checkpoint())
		closeLog(t, l)
		closeLog(t, m)
	}
	r := sound(t, dir, opt, kept...)
	if len(r.Logs) > 2 {
		t.Errorf("%d logs, want those of the processes that ended taken up again", len(r.Logs))
	}
	for _, e := range records(t, dir, opt) {
		if e.End != nil {
			delete(acknowledged, e.End.ID)
		}
	}
	for id := range acknowledged {
		if strings.Count(id, "-") == 2 { // else the line was cut by the kill
			t.Errorf("%s was acknowledged and is not in the log", id)
		}
	}
}
