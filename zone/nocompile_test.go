package zone_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMustNotCompile holds the laws that types keep. Each program in
// testdata/nocompile breaks one; a comment /* ERROR "rx" */ stands in the line
// that must not compile, and matches the compiler's message. prelude.go is
// compiled with each of them and must be without errors by itself.
func TestMustNotCompile(t *testing.T) {
	programs, err := filepath.Glob("testdata/nocompile/*.go")
	if err != nil {
		t.Fatal(err)
	}
	const prelude = "testdata/nocompile/prelude.go"
	imports := exports(t, ".", "../crypto", "./wire")
	if errs := typeCheck(t, imports, prelude); len(errs) > 0 {
		t.Fatalf("the prelude does not compile: %v", errs)
	}
	broken := 0
	for _, program := range programs {
		if program == prelude {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(program), ".go"), func(t *testing.T) {
			broken += matchErrors(t, program, typeCheck(t, imports, prelude, program))
		})
	}
	if len(programs) < 13 || broken < 20 {
		t.Errorf("%d programs with %d errors: some of the laws are not tested any more", len(programs)-1, broken)
	}
}

// matchErrors compares the errors of a program with its comments, line by line,
// and returns how many there were.
func matchErrors(t *testing.T, program string, errs []types.Error) int {
	t.Helper()
	want := wantedErrors(t, program)
	if len(want) == 0 {
		t.Fatalf("%s has no ERROR comment", program)
	}
	for _, err := range errs {
		at := err.Fset.Position(err.Pos)
		rx, ok := want[at.Line]
		if at.Filename != program || !ok {
			t.Errorf("%s: unexpected error: %s", at, err.Msg)
			continue
		}
		if !rx.MatchString(err.Msg) {
			t.Errorf("%s: got %q, want a match of %q", at, err.Msg, rx)
		}
		want[at.Line] = regexp.MustCompile("") // more errors in the line are consequences
	}
	for line, rx := range want {
		if rx.String() != "" {
			t.Errorf("%s:%d: compiles, want an error that matches %q", program, line, rx)
		}
	}
	return len(want)
}

var errorComment = regexp.MustCompile(`/\* ERROR "([^"]*)" \*/`)

// wantedErrors returns the ERROR comments of a program by line.
func wantedErrors(t *testing.T, program string) map[int]*regexp.Regexp {
	t.Helper()
	src, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[int]*regexp.Regexp)
	for i, line := range strings.Split(string(src), "\n") {
		if m := errorComment.FindStringSubmatch(line); m != nil {
			want[i+1] = regexp.MustCompile(m[1])
		}
	}
	return want
}

// typeCheck returns the errors of one package of files.
func typeCheck(t *testing.T, imports types.Importer, names ...string) (errs []types.Error) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: imports, Error: func(err error) {
		if e, ok := errors.AsType[types.Error](err); ok {
			errs = append(errs, e)
		}
	}}
	conf.Check("nocompile", fset, files, nil) // the errors are in errs
	return errs
}

// exports returns an importer of the export data that the go command has of
// packages and all they import.
func exports(t *testing.T, patterns ...string) types.Importer {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	files := make(map[string]string)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		files[p.ImportPath] = p.Export
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("no export data of %q", path)
		}
		return os.Open(files[path])
	})
}
