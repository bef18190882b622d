package memcheck_test

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/internal/scenario/memcheck"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"nothing", nil, nil},
		{"packages that import one another", map[string]string{
			"a/a.go":      "package a\n\nimport \"fmt\"\n\nfunc A() string { return fmt.Sprint(1) }\n",
			"b/b.go":      "package b\n\nimport \"example.com/app/a\"\n\nvar B = a.A()\n",
			"b/b_test.go": "package b\n\nvar B = 1\n",
			"b/data.txt":  "package",
		}, nil},
		{"an error in an imported package is told once", map[string]string{
			"a/a.go": "package a\n\nvar A int = \"1\"\n",
			"b/b.go": "package b\n\nimport \"example.com/app/a\"\n\nvar B = a.A\n",
		}, []string{`a/a.go:3:13: cannot use "1" (untyped string constant) as int value in variable declaration`}},
		{"syntax", map[string]string{"a.go": "package a\n\nvar = 1\n"}, []string{"a.go:3:5: expected 'IDENT', found '='"}},
		{"a clarification is no error of its own", map[string]string{"a.go": "package a\n\nvar A int\n\nvar A int\n"},
			[]string{"a.go:5:5: A redeclared in this block"}},
		{"another machine's file", map[string]string{
			"a.go": "package a\n",
			"b.go": "//go:build plan9 || never\n\npackage a\n\nvar A int = true\n",
			"c.go": "//go:build gc && go1.26\n\npackage a\n\nvar C int\n",
		}, nil},
		{"cycle", map[string]string{
			"a/a.go": "package a\n\nimport _ \"example.com/app/b\"\n",
			"b/b.go": "package b\n\nimport _ \"example.com/app/a\"\n",
		}, []string{`b/b.go:3:10: could not import example.com/app/a (import cycle through example.com/app/a)`}},
		{"no such package", map[string]string{"a.go": "package a\n\nimport _ \"example.com/app/b\"\n"},
			[]string{`a.go:3:10: could not import example.com/app/b (no Go files in folder b of module example.com/app)`}},
		{"no such package outside", map[string]string{"a.go": "package a\n\nimport _ \"nowhere\"\n"},
			[]string{`a.go:3:10: could not import nowhere (package nowhere does not build: package nowhere is not in std`}},
	}
	fset := token.NewFileSet()
	im := memcheck.NewImporter(fset, ".")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := memcheck.Source{Module: "example.com/app", Files: make(map[string][]byte)}
			for name, text := range test.files {
				src.Files[name] = []byte(text)
			}
			if err := im.Load(src.Imports()...); err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, e := range memcheck.Check(fset, im, src) {
				text := fmt.Sprint(e)
				if i < len(test.want) && strings.HasPrefix(text, test.want[i]) {
					text = test.want[i] // what follows belongs to the go command
				}
				got = append(got, text)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("errors (- want, + got):\n%s", d)
			}
		})
	}
}

// ExampleCheck shows the whole use, and why the messages are worth comparing:
// they are the compiler's.
func ExampleCheck() {
	fset := token.NewFileSet()
	im := memcheck.NewImporter(fset, ".")
	src := memcheck.Source{Module: "example.com/app", Files: map[string][]byte{
		"app.go": []byte("package app\n\nimport \"strconv\"\n\nvar N = strconv.Itoa(\"1\")\n"),
	}}
	if err := im.Load(src.Imports()...); err != nil {
		fmt.Println(err)
	}
	for _, e := range memcheck.Check(fset, im, src) {
		fmt.Println(e)
	}
	// Output:
	// app.go:5:22: cannot use "1" (untyped string constant) as int value in argument to strconv.Itoa
}
