package command_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/internal/command"
)

var update = flag.Bool("update", false, "rewrite what the sessions show")

// TestKeys holds sessions of "sekisho keys", files in testdata that read as what
// somebody types and sees. Ids of keys and backups are drawn at random, so they
// stand there as K1, K2, B1 and so on in the order in which they are first seen,
// also where they are typed; fingerprints and hashes are F1 and H1. Columns are
// two blanks apart. Standard error stands behind "2> ", exit codes other than 0
// in brackets. "$ date DAY" sets the clock; "$ write FILE TEXT" and "$ rm FILE"
// are the only other tools.
func TestKeys(t *testing.T) {
	files, err := filepath.Glob("testdata/keys-*.session")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".session"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newSession(t)
			var got strings.Builder
			for line := range strings.Lines(string(want)) {
				switch {
				case strings.HasPrefix(line, "# "), line == "\n" && got.Len() == 0:
					got.WriteString(line)
				case strings.HasPrefix(line, "$ "):
					got.WriteString(line)
					got.WriteString(s.run(strings.Fields(line[2:])))
				}
			}
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" && !*update {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// A file with passphrases that others may read gives none.
func TestExposedPassphrases(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "phrase")
	if err := os.WriteFile(path, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func() (int, string) {
		var stderr bytes.Buffer
		code := command.Main(t.Context(), command.Process{
			Args: []string{"keys", "kek", "-passphrases", "phrase", "passphrase:kek.json"}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &stderr, Dir: dir})
		return code, stderr.String()
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if code, text := run(); code != 2 || !strings.Contains(text, "chmod 600") {
		t.Errorf("exit code %d, %q", code, text)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, text := run(); code != 0 {
		t.Errorf("exit code %d, %q", code, text)
	}
}

// The status shows how often a key was used, when the ledger is named.
func TestKeysLedger(t *testing.T) {
	s := newSession(t)
	for _, line := range []string{
		"write sekisho.yaml {sekisho: 1, name: kouki, extends: [jp/alpha], go: {zones: ./zones}}",
		"sekisho keys kek file:kek",
		"sekisho keys create -kek file:kek -by k.sato -zone lgwan -use seal",
	} {
		s.run(strings.Fields(line))
	}
	id, err := strconv.ParseUint(s.seen["K1"], 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	l, err := crypto.OpenLedger(filepath.Join(s.dir, "uses"), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Reserve("kouki", "lgwan", uint32(id), crypto.UseWarning); err != nil {
		t.Fatal(err)
	}
	if got := s.run(strings.Fields("sekisho keys status -ledger uses")); !strings.Contains(got, "1073741824 (25%)  0  NOW: rotate: used about") || !strings.Contains(got, "[exit 1]") {
		t.Errorf("status:\n%s", got)
	}
	if got := s.run(strings.Fields("sekisho keys status -ledger none")); !strings.Contains(got, "[exit 2]") {
		t.Errorf("status with a ledger that is not there:\n%s", got)
	}
}

// session is one folder, one clock, and the names of what was seen.
type session struct {
	t     *testing.T
	dir   string
	now   time.Time
	names map[string]string // what was seen to its name
	seen  map[string]string // its name to what was seen
	count map[string]int
}

func newSession(t *testing.T) *session {
	s := &session{t: t, dir: t.TempDir(), names: make(map[string]string), seen: make(map[string]string), count: make(map[string]int)}
	s.now = time.Date(2026, 4, 1, 9, 30, 0, 0, time.FixedZone("JST", 9*3600))
	return s
}

// run does one line and returns what is seen.
func (s *session) run(words []string) string {
	s.t.Helper()
	var env []string
	for strings.Contains(words[0], "=") {
		env, words = append(env, words[0]), words[1:]
	}
	stdin := ""
	for i, w := range words {
		words[i] = named.ReplaceAllStringFunc(w, func(name string) string {
			if v, ok := s.seen[name]; ok {
				return v
			}
			return name
		})
		if w == "<<" {
			stdin, words = strings.Join(words[i+1:], "\n")+"\n", words[:i]
			break
		}
	}
	switch words[0] {
	case "date":
		day, err := time.ParseInLocation(time.DateOnly, words[1], s.now.Location())
		if err != nil {
			s.t.Fatal(err)
		}
		s.now = day.Add(9 * time.Hour)
		return ""
	case "write":
		if err := os.WriteFile(filepath.Join(s.dir, words[1]), []byte(strings.Join(words[2:], " ")+"\n"), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return ""
	case "rm":
		if err := os.Remove(filepath.Join(s.dir, words[1])); err != nil {
			s.t.Fatal(err)
		}
		return ""
	case "sekisho":
	default:
		s.t.Fatalf("there is no %q in a session", words[0])
	}
	var stdout, stderr bytes.Buffer
	code := command.Main(context.Background(), command.Process{
		Args: words[1:], Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Dir: s.dir, Env: env, Now: func() time.Time { return s.now }})
	out := s.name(stdout.String())
	for line := range strings.Lines(s.name(stderr.String())) {
		out += "2> " + line
	}
	if code != 0 {
		out += fmt.Sprintf("[exit %d]\n", code)
	}
	return out
}

var (
	named = regexp.MustCompile(`[KBF]\d+`)
	// varies is what is different each time: a hash, a fingerprint, the id of a
	// backup, the id of a key, and numbers that may be one.
	varies = regexp.MustCompile(`\b[0-9a-f]{64}\b|\b(?:[0-9a-f]{4} ){15}[0-9a-f]{4}\b|\b[A-Z2-7]{26}\b|(?:key |"id": )\d+\b|\b\d+\b`)
	blanks = regexp.MustCompile(`  +`)
)

// name puts names in the place of what varies.
func (s *session) name(text string) string {
	text = varies.ReplaceAllStringFunc(strings.ReplaceAll(text, s.dir, "DIR"), func(v string) string {
		at := strings.IndexAny(v, "0123456789")
		switch {
		case len(v) == 64:
			return s.nameOf("H", v)
		case strings.Count(v, " ") == 15:
			return s.nameOf("F", strings.ReplaceAll(v, " ", "-"))
		case len(v) == 26:
			return s.nameOf("B", v)
		case at > 0:
			return v[:at] + s.nameOf("K", v[at:])
		case s.names[v] != "":
			return s.names[v]
		}
		return v
	})
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.TrimLeft(line, " ")
		lines[i] = line[:len(line)-len(words)] + blanks.ReplaceAllString(words, "  ")
	}
	return strings.Join(lines, "\n")
}

func (s *session) nameOf(kind, v string) string {
	if n, ok := s.names[v]; ok {
		return n
	}
	s.count[kind]++
	n := kind + strconv.Itoa(s.count[kind])
	s.names[v], s.seen[n] = n, v
	return n
}
