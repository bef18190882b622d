package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeGenerate is a generator in four lines: it copies every file NAME.in to
// NAME, adds a .go file to folders that ask for one, and fails on a file "bad".
func fakeGenerate(_ context.Context, dir string) (map[string][]byte, string, error) {
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if out, ok := strings.CutSuffix(filepath.ToSlash(rel), ".in"); ok {
			files[out] = data
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "bad")); err == nil {
		return nil, filepath.Join(dir, "bad") + ":1: bad\n", errors.New("1 problem")
	}
	return files, "", nil
}

// fakeCommand prints its arguments, its input, its language and, for the
// argument "fail", fails.
func fakeCommand(args []string, stdin io.Reader, stdout, stderr io.Writer, dir string, env []string) int {
	in, _ := io.ReadAll(stdin)
	for _, pair := range env {
		if strings.HasPrefix(pair, "LANG=") {
			fmt.Fprintln(stdout, pair)
		}
	}
	fmt.Fprintf(stdout, "%q %q\n", args, in)
	if slices.Contains(args, "fail") {
		fmt.Fprintf(stderr, "%s: failed\n", filepath.Join(dir, "x.go"))
		return 2
	}
	return 0
}

// judge runs scenarios given as text and returns the problems and differences of
// each.
func judge(t *testing.T, texts ...string) []*scenario {
	t.Helper()
	var list []*scenario
	for i, text := range texts {
		sc, err := parse(fmt.Sprintf("scenario%d", i), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sc)
	}
	s := Suite{Generate: fakeGenerate, Command: fakeCommand}
	if err := s.check(t.TempDir(), list); err != nil {
		t.Fatal(err)
	}
	return list
}

// program is a scenario whose generated package greet is used by its main.go.
const greeting = `golden: A greeting.
-- greet/greet.go.in --
package greet

import "fmt"

// Hello prints a greeting.
func Hello() { fmt.Println("hello") }
-- main.go --
package main

import (
	"fmt"
	"os"

	"example.com/app/greet"
)

type T[V any] struct{ V V }

type local struct{}

func main() {
	greet.Hello()
	fmt.Printf("%T %v\n", T[local]{}, len(os.Args))
}
-- want/greet/greet.go --
package greet

import "fmt"

// Hello prints a greeting.
func Hello() { fmt.Println("hello") }
-- want/stdout --
hello
main.T[main.local] 1
`

const refused = `must-not-compile: A string is no number.
-- a/a.go.in --
package a

// F takes a number.
func F(int) {}
-- b/b.go --
package b

import "example.com/app/a"

func _() {
	a.F("1" /* ERROR "cannot use .* as int value" */)
	a.G /* ERROR "undefined: a.G" */ (2)
}
`

const session = `command: Arguments, input, language and exit code are seen.
-- input --
in
-- want/session --
$ sekisho a 'b c'
LANG=en
["a" "b c"] ""
$ LANG=ja sekisho fail < input
LANG=ja
["fail"] "in\n"
2> x.go: failed
[exit 2]
$ edit input in out
$ cp input copy
$ rm input
$ ls .
copy
go.mod
go.sum
$ cat copy
out
-- want/copy --
out
`

const diagnostic = `diagnostic: A bad file.
-- bad --
-- want/stderr --
bad:1: bad
`

func TestRightScenariosPass(t *testing.T) {
	for i, sc := range judge(t, greeting, refused, session, diagnostic) {
		if len(sc.problems)+len(sc.differences) > 0 {
			t.Errorf("scenario %d: problems %q, differences %q; want none", i, sc.problems, sc.differences)
		}
	}
}

// TestWrongScenariosFail changes one thing in a right scenario at a time. A
// harness that lets one of them pass proves nothing.
func TestWrongScenariosFail(t *testing.T) {
	tests := []struct {
		name     string
		right    string
		old, new string // the change
		want     string // in the problems or differences
	}{
		{"wrong output", greeting, "-- want/stdout --\nhello", "-- want/stdout --\nhallo", "want/stdout differs"},
		{"output not foreseen", greeting, "-- want/stdout --\nhello\nmain.T[main.local] 1\n", "", "there is no want/stdout"},
		{"wrong generated file", greeting, "-- want/greet/greet.go --\npackage greet", "-- want/greet/greet.go --\npackage great", "want/greet/greet.go differs"},
		{"generated file missing", greeting, "-- want/greet/greet.go --", "-- want/greet/other.go --", "no such file came out; there are: greet/greet.go"},
		{"generated file not formatted", greeting, "package greet\n\nimport", "package  greet\n\nimport", "not gofmt-clean"},
		{"does not compile", greeting, "greet.Hello()", "greet.Hullo()", "undefined: greet.Hullo"},
		{"the compiler alone refuses", greeting, "type local struct{}", "type local struct{}\n\nfunc body()", "missing function body"},
		{"panic", greeting, "greet.Hello()", "greet.Hello()\n\tpanic(\"oops\")", "panic: oops"},
		{"exit code", greeting, "greet.Hello()", "greet.Hello()\n\tos.Exit(3)", "exit status 3"},
		{"generation fails", greeting, "-- main.go --", "-- bad --\n-- main.go --", "generation: 1 problem"},

		{"error not foretold", refused, ` /* ERROR "undefined: a.G" */`, "", "no comment foretells this error: b/b.go:7:4: undefined: a.G"},
		{"foretold error missing", refused, "a.F(\"1\"", "a.F(1", `this compiles, or fails in another way; want an error at "1"`},
		{"another error", refused, "cannot use .* as int", "cannot use .* as bool", "no comment foretells"},
		{"another place", refused, `a.F("1" /* ERROR "cannot use .* as int value" */)`, `a.F /* ERROR "cannot use .* as int value" */ ("1")`, `(it is reported at "\"1\"")`},
		{"one comment, two errors", refused, "a.G /* ERROR", "a.G(); a.G /* ERROR", "no comment foretells"},
		{"two comments, one error", refused, `/* ERROR "undefined: a.G" */`, `/* ERROR "undefined: a.G" */ /* ERROR "undefined: a.G" */`, "this compiles"},
		{"error elsewhere", refused, "-- b/b.go --", "-- c/c.go --\npackage c\n\nvar X int = true\n-- b/b.go --", "c/c.go:3:13"},
		{"comment without a string", refused, `"undefined: a.G"`, `undefined`, "want one quoted string"},
		{"comment that matches all", refused, `"undefined: a.G"`, `""`, "would match any error"},
		{"syntax error", refused, "a.G /* ERROR", "a..G /* ERROR", "no comment foretells this error: b/b.go:7:4: expected"},
		{"refused, but generation fails", refused, "-- b/b.go --", "-- bad --\n-- b/b.go --", "generation: 1 problem"},

		{"wrong words", diagnostic, "bad:1: bad", "bad:2: bad", "want/stderr differs"},
		{"generation succeeds", diagnostic, "-- bad --", "-- good --", "generation succeeded, want it to fail"},

		{"wrong exit code", session, "[exit 2]\n", "", "want/session differs"},
		{"wrong standard output", session, `["a" "b c"]`, `["a" "b"]`, "want/session differs"},
		{"wrong standard error", session, "2> x.go: failed", "x.go: failed", "want/session differs"},
		{"wrong file afterwards", session, "-- want/copy --\nout", "-- want/copy --\nin", "want/copy differs"},
		{"file missing afterwards", session, "-- want/copy --", "-- want/input --", "after the session there is no such file"},
		{"unknown tool", session, "$ cat copy", "$ dog copy", `no command "dog"`},
		{"ambiguous edit", session, "-- input --\nin\n", "-- input --\nin in\n", "2 times, want once"},
	}
	var texts []string
	for _, test := range tests {
		text := strings.Replace(test.right, test.old, test.new, 1)
		if text == test.right {
			t.Fatalf("%s: the change changes nothing", test.name)
		}
		texts = append(texts, text)
	}
	texts = append(texts, greeting) // one right one among the wrong ones still passes
	list := judge(t, texts...)
	for i, test := range tests {
		got := strings.Join(append(list[i].problems, list[i].differences...), "\n")
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want it to contain %q", test.name, got, test.want)
		}
	}
	if last := list[len(list)-1]; len(last.problems)+len(last.differences) > 0 {
		t.Errorf("right scenario among wrong ones: %q %q", last.problems, last.differences)
	}
}

func TestFilesThatAreNoScenarios(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "first line"},
		{"unknown kind", "silver: x\n-- main.go --\n", "first line"},
		{"no sentence", "golden:\n-- main.go --\n", "first line"},
		{"nothing wanted", "golden: x\n-- a.go --\n", "nothing is wanted"},
		{"stdout of nothing", "golden: x\n-- want/stdout --\n", "does not look at it"},
		{"no comment", "must-not-compile: x\n-- a.go --\n", "nothing would be refused"},
		{"comment in the wrong kind", "golden: x\n-- main.go --\npackage main /* ERROR \"x\" */\n", "would not be looked at"},
		{"diagnostic with a file", "diagnostic: x\n-- want/a.go --\n", "does not look at it"},
		{"no session", "command: x\n", "must begin with"},
		{"session without a command", "command: x\n-- want/session --\nsekisho\n", "must begin with"},
		{"absolute path", "golden: x\n-- /a --\n", "clean relative path"},
		{"climbing path", "golden: x\n-- ../a --\n", "clean relative path"},
		{"twice", "golden: x\n-- a --\n-- a --\n", "stands twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := parse("x", []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("err = %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "greeting.txtar")
	broken := strings.NewReplacer("-- want/stdout --\nhello\nmain.T[main.local] 1\n", "",
		"-- want/greet/greet.go --\npackage greet\n", "-- want/greet/greet.go --\n").Replace(greeting)
	if err := os.WriteFile(file, []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	s := Suite{Generate: fakeGenerate, Update: true}
	t.Run("rewrite", func(t *testing.T) { s.Run(t, file) })
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != greeting {
		t.Errorf("after the update (- wanted, + got):\n%s", diff(greeting, string(got)))
	}
}

func TestSuiteWithoutParts(t *testing.T) {
	var list []*scenario
	for _, text := range []string{greeting, session} {
		sc, err := parse("x", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sc)
	}
	if err := (Suite{}).check(t.TempDir(), list); err != nil {
		t.Fatal(err)
	}
	for _, sc := range list {
		if len(sc.problems) != 1 || !strings.Contains(sc.problems[0], "the suite has no") {
			t.Errorf("problems = %q, want that a part is missing", sc.problems)
		}
	}
}

func TestSplit(t *testing.T) {
	tests := []struct {
		line string
		want []string
	}{
		{"", nil},
		{"a  b", []string{"a", "b"}},
		{`a 'b  "c' d`, []string{"a", `b  "c`, "d"}},
		{`a="b c"`, []string{"a=b c"}},
		{`a ''`, []string{"a", ""}},
	}
	for _, test := range tests {
		got, err := split(test.line)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("split(%q) = %q, %v; want %q", test.line, got, err, test.want)
		}
	}
	if _, err := split("a 'b"); err == nil {
		t.Error("split of an open quote: err = nil, want error")
	}
}

func TestDiff(t *testing.T) {
	got := diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n")
	want := "@@ line 2 @@\n  2\n  3\n  4\n- 5\n+ five\n  6\n  7\n  8\n"
	if got != want {
		t.Errorf("diff =\n%swant\n%s", got, want)
	}
}
