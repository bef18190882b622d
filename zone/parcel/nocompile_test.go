package parcel_test

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
	"regexp"
	"strings"
	"testing"
)

// TestMustNotCompile type-checks a program in which lines that must not compile
// carry /* ERROR "rx" */, with what the compiler says of them. All other lines
// must.
func TestMustNotCompile(t *testing.T) {
	const name = "testdata/nocompile/parcels.go"
	want := make(map[int]string)
	comment := regexp.MustCompile(`/\* ERROR "([^"]*)" \*/`)
	for i, line := range strings.Split(string(must[[]byte](t)(os.ReadFile(name))), "\n") {
		if m := comment.FindStringSubmatch(line); m != nil {
			want[i+1] = m[1]
		}
	}
	fset := token.NewFileSet()
	file := must[*ast.File](t)(parser.ParseFile(fset, name, nil, 0))
	said := make(map[int]string)
	conf := types.Config{Importer: exports(t, "..", ".", "../../internal/specimen", "../../internal/specimen/zones"), Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) {
			line := fset.Position(e.Pos).Line
			said[line] += e.Msg + "\n"
		}
	}}
	conf.Check("nocompile", fset, []*ast.File{file}, nil) // the errors are in said
	for line, msg := range said {
		if rx, ok := want[line]; !ok || !regexp.MustCompile(rx).MatchString(msg) {
			t.Errorf("line %d: got %q, want %q", line, msg, rx)
		}
	}
	for line, rx := range want {
		if said[line] == "" {
			t.Errorf("line %d compiles, want an error that matches %q", line, rx)
		}
	}
	if len(want) < 13 {
		t.Errorf("%d lines that must not compile: some laws are not tested any more", len(want))
	}
}

// exports returns an importer of the export data of packages and all they
// import.
func exports(t *testing.T, patterns ...string) types.Importer {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, patterns...)...)
	cmd.Stderr = os.Stderr
	files := make(map[string]string)
	for dec := json.NewDecoder(bytes.NewReader(must[[]byte](t)(cmd.Output()))); ; {
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
