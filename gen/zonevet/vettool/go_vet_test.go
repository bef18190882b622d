package vettool_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// tool builds the command.
func tool(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "sekisho")
	if out, err := exec.Command("go", "build", "-o", exe, "github.com/sekisho-go/sekisho/gen/cmd/sekisho").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// vet runs go vet with the tool over a copy of the fixtures of leak and returns
// the lines that it prints, sorted.
func vet(t *testing.T, exe, gopath string, patterns ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"vet", "-vettool=" + exe, "-zones", "-leak"}, patterns...)...)
	cmd.Dir = gopath
	cmd.Env = append(os.Environ(), "GOPATH="+gopath, "GO111MODULE=off", "GOWORK=off", "GOFLAGS=")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	if stdout.Len() > 0 {
		t.Errorf("go vet printed to stdout: %s", &stdout)
	}
	var lines []string
	for line := range strings.Lines(stderr.String()) {
		if strings.HasPrefix(line, "#") || strings.Contains(line, ": \t") {
			continue
		}
		lines = append(lines, filepath.ToSlash(strings.TrimSpace(line)))
	}
	slices.Sort(lines) // the go command prints packages as they are done
	return lines
}

func containing(lines []string, parts ...string) int {
	n := 0
	for _, line := range lines {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(line, p)
		}
		if all {
			n++
		}
	}
	return n
}

// TestGoVet runs the tool as users do: the go command calls it for one package
// at a time and hands facts on. It finds the same as with everything in memory,
// across packages too, and it finds anew when only the policy has changed.
func TestGoVet(t *testing.T) {
	exe, gopath := tool(t), t.TempDir()
	if err := os.CopyFS(gopath, os.DirFS("../leak/testdata")); err != nil {
		t.Fatal(err)
	}
	lines := vet(t, exe, gopath, "app.example/...", "other.example/...")
	for _, want := range [][]string{
		{"functions.go:", "by way of helpers.Deep, helpers.deeper, helpers.Log, log.Println at helpers/helpers.go:11"},
		{"functions.go:", "people.Person.Name (name, class 3), read at people/people.go:"},
		{"foreign.go:", "pb.Citizen.FullName", "by way of blind.Note"},
		{"sinks.go:", "reaches a file that is of no zone, whose ceiling is class 2"},
		{"sighted.go:2:", "package other.example/blindly"},
		{"marks.go:", "no reason"},
	} {
		if containing(lines, want...) == 0 {
			t.Errorf("no line has %q in:\n%s", want, strings.Join(lines, "\n"))
		}
	}
	if n := len(vet(t, exe, gopath, "app.example/helpers", "app.example/blind", "app.example/zones")); n > 0 {
		t.Errorf("%d findings in packages without any", n)
	}
	if again := vet(t, exe, gopath, "app.example/...", "other.example/..."); strings.Join(again, "\n") != strings.Join(lines, "\n") {
		t.Errorf("a second run says something else:\n%s", strings.Join(again, "\n"))
	}

	zones := filepath.Join(gopath, "src/app.example/zones/zone_gen.go")
	src, err := os.ReadFile(zones)
	if err != nil {
		t.Fatal(err)
	}
	src = bytes.Replace(src, []byte(`"sinks":[`), []byte(`"sinks":[{"name":"log","ceiling":"3"},`), 1)
	if err := os.WriteFile(zones, src, 0o600); err != nil {
		t.Fatal(err)
	}
	looser := vet(t, exe, gopath, "app.example/...")
	if n := containing(looser, "reaches a log"); n > 0 {
		t.Errorf("the policy lets logs have everything, and there are %d findings of logs", n)
	}
	if containing(looser, "reaches an error") == 0 {
		t.Error("nothing is found of errors any more")
	}
}

// TestPolicyByFlag: a driver that knows the policy can give it to packages that
// have none in sight, and only together with its digest.
func TestPolicyByFlag(t *testing.T) {
	exe, gopath := tool(t), t.TempDir()
	if err := os.CopyFS(gopath, os.DirFS("../leak/testdata")); err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(filepath.Join(gopath, "src/app.example/zones/zone_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	json := strings.Split(string(src), "`")[1]
	file := filepath.Join(gopath, "policy.json")
	if err := os.WriteFile(file, []byte(json), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Decode([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	if lines := vet(t, exe, gopath, "other.example/blindly"); len(lines) > 0 {
		t.Errorf("without the policy something is found: %q", lines)
	}
	lines := vet(t, exe, gopath, "-zones.policy="+file, "-zones.sum="+p.Digest(), "other.example/blindly")
	if len(lines) != 1 || containing(lines, "blindly.go:12:", "pb.Citizen.FullName (name, class 3) reaches a log") != 1 {
		t.Errorf("with the policy this is found: %q", lines)
	}
	lines = vet(t, exe, gopath, "-zones.policy="+file, "-zones.sum=sha256:0", "other.example/blindly")
	if containing(lines, "give the digest of the file as it is") == 0 {
		t.Errorf("with a wrong digest this is said: %q", lines)
	}
}
