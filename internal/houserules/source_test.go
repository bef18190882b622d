package houserules

import (
	"bytes"
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// longFunctions are functions over 60 lines, with the reason. The reason is what
// a reader gains, not that it grew.
var longFunctions = map[string]string{}

// longFiles are files over 800 lines, with the reason.
var longFiles = map[string]string{}

const (
	functionLines = 60
	fileLines     = 800
)

// functions returns the functions of a file that are longer than the limit: name
// to length in lines. Lines inside composite literals do not count; tables may
// be as long as what they are about.
func functions(f *sourceFile) map[string]int {
	long := make(map[string]int)
	if f.test || f.generated {
		return long
	}
	for _, decl := range f.ast.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := f.lines(fn) - f.tableLines(fn.Body); n > functionLines {
			name := fn.Name.Name
			if fn.Recv != nil && len(fn.Recv.List) > 0 {
				name = receiverName(fn.Recv.List[0].Type) + "." + name
			}
			long[path.Dir(f.name)+"."+name] = n
		}
	}
	return long
}

func (f *sourceFile) lines(n ast.Node) int {
	return f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
}

// tableLines counts the lines of composite literals that no other holds.
func (f *sourceFile) tableLines(body *ast.BlockStmt) int {
	lines := 0
	if body == nil {
		return 0
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			lines += f.lines(lit) - 1
			return false
		}
		return true
	})
	return lines
}

func TestFunctionsAreShort(t *testing.T) {
	var problems []string
	seen := make(map[string]bool)
	for _, f := range allSources(t) {
		for name, n := range functions(f) {
			seen[name] = true
			if longFunctions[name] == "" {
				problems = append(problems, fmt.Sprintf("%s: %s has %d lines, want at most %d", f.name, name, n, functionLines))
			}
		}
	}
	for name := range longFunctions {
		if !seen[name] {
			problems = append(problems, fmt.Sprintf("%s is on the list of long functions, but there is none of that name: take it off", name))
		}
	}
	report(t, "a function is read at one look; longFunctions in this file lists the exceptions with their reasons (CONTRIBUTING.md, law 9)", problems)
}

func TestFilesAreShort(t *testing.T) {
	var problems []string
	seen := make(map[string]bool)
	for _, f := range allSources(t) {
		if n := bytes.Count(f.data, []byte("\n")); n > fileLines && !f.generated {
			seen[f.name] = true
			if longFiles[f.name] == "" {
				problems = append(problems, fmt.Sprintf("%s has %d lines, want at most %d", f.name, n, fileLines))
			}
		}
	}
	for name := range longFiles {
		if !seen[name] {
			problems = append(problems, fmt.Sprintf("%s is on the list of long files, but is not long: take it off", name))
		}
	}
	report(t, "a file has one subject; longFiles in this file lists the exceptions with their reasons (CONTRIBUTING.md, law 9)", problems)
}

func TestFunctionsFindsMistakes(t *testing.T) {
	line := "\n\tprintln()"
	src := "package a\n\nfunc (*T[X]) Long() {" + strings.Repeat(line, functionLines) + "\n}\n" +
		"func table() {\n\t_ = []int{" + strings.Repeat("\n\t1,", functionLines) + "\n}\n}\n" +
		"func short() {" + strings.Repeat(line, functionLines-2) + "\n}\n"
	if got := functions(mustParse(t, "x/a.go", src)); len(got) != 1 || got["x.T.Long"] != functionLines+2 {
		t.Errorf("long functions = %v, want x.T.Long with %d lines", got, functionLines+2)
	}
}

// initFunctions finds work that is done because a package is imported.
func initFunctions(f *sourceFile) []string {
	var problems []string
	for _, decl := range f.ast.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" && !f.test && !f.generated {
			problems = append(problems, fmt.Sprintf("%s: func init", f.position(fn)))
		}
	}
	return problems
}

func TestNoInit(t *testing.T) {
	var problems []string
	for _, f := range allSources(t) {
		problems = append(problems, initFunctions(f)...)
	}
	report(t, "importing a package does nothing: no registries, no globals that configure. Pass values (CONTRIBUTING.md, law 10)", problems)
}

func TestNoInitFindsMistakes(t *testing.T) {
	expect(t, initFunctions(mustParse(t, "a.go", "package a\n\nfunc init() {}\n\nfunc (t T) init() {}\n")), "a.go:3: func init")
	expect(t, initFunctions(mustParse(t, "a_test.go", "package a\n\nfunc init() {}\n")))
}

// word is something that the text of the repository does not say.
type word struct {
	rx  *regexp.Regexp
	why string
}

// The patterns are written so that this file does not match them.
var words = []word{
	{regexp.MustCompile(`\b(TO[D]O|FIX[M]E|XX[X])\b`), "finish it, or write down as a limit what it does not do"},
	{regexp.MustCompile(`(?i)\bnot [i]mplemented\b`), "what is not there is not promised: refuse with a reason and a remedy"},
	{regexp.MustCompile(`(^|[\s"'(=:])/(home|root|Users|work|var/folders)/\w`), "a path of one machine means nothing on another"},
}

// forbiddenWords finds them in a text file.
func forbiddenWords(name string, data []byte) []string {
	if !utf8.Valid(data) {
		return nil
	}
	var problems []string
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		for _, w := range words {
			if m := w.rx.FindString(line); m != "" {
				problems = append(problems, fmt.Sprintf("%s:%d: %q: %s", name, number, strings.TrimSpace(m), w.why))
			}
		}
	}
	return problems
}

func TestForbiddenWords(t *testing.T) {
	skip := []string{"LICENSE", "go.sum", "benchmarks/go.sum"}
	var problems []string
	err := walk(func(name string, d fs.DirEntry) error {
		if d.IsDir() || slices.Contains(skip, name) {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		problems = append(problems, forbiddenWords(name, data)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	report(t, "the tree holds what is done; what is planned stands in the tracker (CONTRIBUTING.md, law 11)", problems)
}

func TestForbiddenWordsFindsMistakes(t *testing.T) {
	text := "a TO" + "DO\nnot" + " implemented\n open(\"/ho" + "me/me/x\")\nautodoc /homepage\n"
	expect(t, forbiddenWords("a.txt", []byte(text)), "a.txt:1:", "a.txt:2:", "a.txt:3:")
}
