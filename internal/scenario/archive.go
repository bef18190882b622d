package scenario

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Kind is the outcome that a scenario is about.
type Kind uint8

// The kinds; the package documentation says what each demands.
const (
	KindUnknown    Kind = iota // no scenario
	Golden                     // generation succeeds, the result compiles, its program prints what is wanted
	Diagnostic                 // generation fails with the wanted words
	MustNotCompile             // generation succeeds and the type checker refuses what a comment says it refuses
	Session                    // a session at the command line
)

var kindNames = map[Kind]string{
	Golden:         "golden",
	Diagnostic:     "diagnostic",
	MustNotCompile: "must-not-compile",
	Session:        "command",
}

// String returns the word that a scenario file begins with.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return "unknown"
}

// Names of the files under want/ that are no files of the module.
const (
	wantStdout  = "stdout"
	wantStderr  = "stderr"
	wantSession = "session"
)

// scenario is one file, and what was found out about it.
type scenario struct {
	path    string // of the txtar file
	name    string // its base name without the extension
	kind    Kind
	archive *txtar.Archive
	module  string            // module path
	files   map[string][]byte // the user's module
	want    map[string][]byte // by path below want/

	dir         string            // where the module was written
	compiled    map[string][]byte // the module's files with the generated ones
	got         map[string][]byte // what stands, or should stand, under want/
	problems    []string          // what no update mends
	differences []string          // what an update mends
}

// failf notes a way in which the scenario is not as wanted.
func (sc *scenario) failf(format string, args ...any) {
	sc.problems = append(sc.problems, fmt.Sprintf(format, args...))
}

// parseFile reads one scenario file.
func parseFile(path string) (*scenario, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	sc, err := parse(name, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	sc.path = path
	return sc, nil
}

// parse reads a scenario and checks that it is one.
func parse(name string, data []byte) (*scenario, error) {
	sc := &scenario{
		name:    name,
		module:  "example.com/app",
		archive: txtar.Parse(data),
		files:   make(map[string][]byte),
		want:    make(map[string][]byte),
		got:     make(map[string][]byte),
	}
	first, _, _ := strings.Cut(string(sc.archive.Comment), "\n")
	word, title, _ := strings.Cut(first, ":")
	for kind, name := range kindNames {
		if name == word {
			sc.kind = kind
		}
	}
	if sc.kind == KindUnknown || strings.TrimSpace(title) == "" {
		return nil, fmt.Errorf("first line is %q, want a kind (golden, diagnostic, must-not-compile, command), a colon and a sentence", first)
	}
	seen := make(map[string]bool)
	for _, f := range sc.archive.Files {
		if !fs.ValidPath(f.Name) || seen[f.Name] {
			return nil, fmt.Errorf("file %q: the name is not a clean relative path, or stands twice", f.Name)
		}
		seen[f.Name] = true
		if rest, ok := strings.CutPrefix(f.Name, "want/"); ok {
			sc.want[rest] = f.Data
		} else {
			sc.files[f.Name] = f.Data
		}
	}
	return sc, sc.checkKind()
}

// checkKind finds files that the kind has no use for: they would look like a
// test and test nothing.
func (sc *scenario) checkKind() error {
	marks := 0
	for name, data := range sc.files {
		if strings.HasSuffix(name, ".go") {
			marks += bytes.Count(data, []byte("/* ERROR "))
		}
	}
	allowed := func(name string) bool { return false }
	_, hasMain := sc.files["main.go"]
	switch sc.kind {
	case Golden:
		allowed = func(name string) bool {
			return name != wantStderr && name != wantSession && (name != wantStdout || hasMain)
		}
		if len(sc.want) == 0 && !hasMain {
			return fmt.Errorf("nothing is wanted: add a file want/PATH, or a main.go with want/stdout")
		}
	case Diagnostic:
		allowed = func(name string) bool { return name == wantStderr }
	case MustNotCompile:
		if marks == 0 {
			return fmt.Errorf(`no /* ERROR "…" */ comment: nothing would be refused`)
		}
	case Session:
		allowed = func(name string) bool { return name != wantStdout && name != wantStderr }
		if !strings.HasPrefix("\n"+string(sc.want[wantSession]), "\n$ ") {
			return fmt.Errorf(`want/session must begin with a line "$ …"`)
		}
	}
	if marks > 0 && sc.kind != MustNotCompile {
		return fmt.Errorf("ERROR comment in a scenario of kind %s: it would not be looked at", sc.kind)
	}
	for name := range sc.want {
		if !allowed(name) {
			return fmt.Errorf("file want/%s: a scenario of kind %s does not look at it", name, sc.kind)
		}
	}
	return nil
}

// update writes what was got into the scenario file.
func (sc *scenario) update() error {
	for _, name := range sortedKeys(sc.got) {
		i := slices.IndexFunc(sc.archive.Files, func(f txtar.File) bool { return f.Name == "want/"+name })
		if i < 0 {
			sc.archive.Files = append(sc.archive.Files, txtar.File{Name: "want/" + name})
			i = len(sc.archive.Files) - 1
		}
		sc.archive.Files[i].Data = sc.got[name]
	}
	old, err := os.ReadFile(sc.path)
	if err != nil {
		return err
	}
	if data := txtar.Format(sc.archive); !bytes.Equal(data, old) {
		return os.WriteFile(sc.path, data, 0o644)
	}
	return nil
}

// compare holds what was got for want/name against the file, and keeps it for an
// update.
func (sc *scenario) compare(name string, got []byte) {
	if len(got) > 0 && got[len(got)-1] != '\n' {
		got = append(slices.Clip(got), '\n') // the archive format ends every file with one
	}
	sc.got[name] = got
	want, ok := sc.want[name]
	if !ok {
		sc.differences = append(sc.differences, fmt.Sprintf("there is no want/%s; got:\n%s", name, got))
	} else if !bytes.Equal(got, want) {
		sc.differences = append(sc.differences, fmt.Sprintf("want/%s differs (- wanted, + got):\n%s", name, diff(string(want), string(got))))
	}
}
