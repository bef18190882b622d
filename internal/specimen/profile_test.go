package specimen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// lookUps are the functions that a crossing must never reach: what they find
// out is known when the code is generated.
var lookUps = regexp.MustCompile(`\b(reflect\.|runtime\.map(access|assign|iter)|internal/runtime/maps\.)`)

// TestHotPath profiles crossings and looks for reflection and maps in every
// stack that goes through one.
func TestHotPath(t *testing.T) {
	if testing.Short() {
		t.Skip("profiles for a second")
	}
	x, p := border(t), person()
	if _, err := p.ToLGWAN(x); err != nil { // the first record is compared with the policy
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cpu.pprof")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		t.Skip("somebody else is profiling: ", err)
	}
	for begin := time.Now(); time.Since(begin) < time.Second; {
		for range 1000 {
			if _, err := p.ToLGWAN(x); err != nil {
				t.Fatal(err)
			}
		}
	}
	pprof.StopCPUProfile()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "tool", "pprof", "-traces", path).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool pprof: %v\n%s", err, out)
	}
	crossings := 0
	for stack := range strings.SplitSeq(string(out), "-----------+-") {
		if !strings.Contains(stack, ".ToLGWAN") {
			continue
		}
		crossings++
		if found := lookUps.FindString(stack); found != "" {
			t.Errorf("a crossing reaches %s:\n%s", found, stack)
		}
	}
	if crossings == 0 {
		t.Errorf("no sample of the profile is in a crossing:\n%s", out)
	}
}
