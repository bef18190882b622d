package houserules

import (
	"fmt"
	"go/format"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/internal/scenario/memcheck"
)

// block is a fenced block of a Markdown file.
type block struct {
	name  string // the file
	line  int    // of the fence
	lang  string
	text  string
	given string // hidden text before the block: <!-- go: … -->
}

// document is a Markdown file cut into what is rendered as text and what is
// code.
type document struct {
	name   string
	blocks []block
	prose  string // without fenced blocks, line numbers kept
}

var given = regexp.MustCompile(`(?s)<!-- go:(.*?)-->\s*$`)

func parseMarkdown(name, text string) document {
	d := document{name: name}
	var prose, since, code strings.Builder // since: prose after the last block
	var fence string
	number := 0
	for line := range strings.Lines(text) {
		number++
		mark := strings.TrimSpace(line)
		switch {
		case fence == "" && strings.HasPrefix(mark, "```"):
			fence = "```"
			b := block{name: name, line: number, lang: strings.TrimPrefix(mark, "```")}
			if m := given.FindStringSubmatch(since.String()); m != nil {
				b.given = m[1]
			}
			d.blocks = append(d.blocks, b)
			prose.WriteString("\n")
		case fence != "" && mark == fence:
			fence = ""
			d.blocks[len(d.blocks)-1].text = code.String()
			code.Reset()
			since.Reset()
			prose.WriteString("\n")
		case fence != "":
			code.WriteString(line)
			prose.WriteString("\n")
		default:
			prose.WriteString(line)
			since.WriteString(line)
		}
	}
	d.prose = prose.String()
	return d
}

// markdown returns all Markdown files of the repository.
func markdown(t *testing.T) []document {
	t.Helper()
	var docs []document
	err := walk(func(name string, d fs.DirEntry) error {
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".md") {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		docs = append(docs, parseMarkdown(name, string(data)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// goSource makes a file of a Go block. A block with a package clause is one
// already. Otherwise it is declarations or statements, and what it needs around
// it (imports, variables) stands hidden above it in <!-- go: … -->, where it
// does not disturb the reader. Statements are marked by a hidden text that ends
// in "func _() {".
func (b block) goSource() string {
	if strings.HasPrefix(strings.TrimSpace(b.text), "package ") {
		return b.text
	}
	src := "package readme\n" + b.given + "\n" + b.text
	if strings.HasSuffix(strings.TrimSpace(b.given), "{") {
		src += "\n}\n"
	}
	return src
}

// refused is the language of a Go block that must not compile. The messages of
// the compiler stand in the text block after it, in whatever lines.
const refused = "go refused"

// badGo says why the Go blocks of a document do not compile, are not formatted,
// or do compile and should not.
func badGo(im *memcheck.Importer, fset *token.FileSet, blocks []block) ([]string, error) {
	var problems []string
	for i, b := range blocks {
		if b.lang != "go" && b.lang != refused {
			continue
		}
		src := memcheck.Source{Module: "readme.invalid", Files: map[string][]byte{"readme.go": []byte(b.goSource())}}
		if err := im.Load(src.Imports()...); err != nil {
			return nil, err
		}
		errs := memcheck.Check(fset, im, src)
		if b.lang == refused {
			problems = append(problems, badRefusal(b, blocks[i+1:], errs)...)
			continue
		}
		for _, e := range errs {
			problems = append(problems, fmt.Sprintf("%s:%d: Go code does not compile: %s (near %q)", b.name, b.line, e.Msg, lineAt(b.goSource(), e.Pos.Line)))
		}
		if formatted, err := format.Source([]byte(b.text)); len(errs) == 0 && (err != nil || string(formatted) != b.text) {
			problems = append(problems, fmt.Sprintf("%s:%d: Go code is not gofmt-clean (%v):\n%s", b.name, b.line, err, cmp.Diff(b.text, string(formatted))))
		}
	}
	return problems, nil
}

// badRefusal holds the errors of a block that must not compile against what the
// document shows.
func badRefusal(b block, after []block, errs []memcheck.Error) []string {
	if len(errs) == 0 {
		return []string{fmt.Sprintf("%s:%d: Go code compiles, but is shown as refused", b.name, b.line)}
	}
	if len(after) == 0 || after[0].lang != "text" {
		return []string{fmt.Sprintf("%s:%d: no text block with the compiler's message follows", b.name, b.line)}
	}
	var problems []string
	shown := strings.Join(strings.Fields(after[0].text), " ")
	for _, e := range errs {
		if !strings.Contains(shown, strings.Join(strings.Fields(e.Msg), " ")) {
			problems = append(problems, fmt.Sprintf("%s:%d: the compiler says otherwise: %s", b.name, after[0].line, e.Msg))
		}
	}
	return problems
}

func lineAt(text string, number int) string {
	lines := strings.Split(text, "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[number-1])
}

func TestMarkdownGo(t *testing.T) {
	fset := token.NewFileSet()
	im := memcheck.NewImporter(fset, root)
	var problems []string
	for _, d := range markdown(t) {
		found, err := badGo(im, fset, d.blocks)
		if err != nil {
			t.Fatal(err)
		}
		problems = append(problems, found...)
	}
	report(t, "somebody will copy it (CONTRIBUTING.md, law 7)", problems)
}

func TestMarkdownGoFindsMistakes(t *testing.T) {
	d := parseMarkdown("a.md", "```go refused\nvar A int\n```\n\n```go refused\nvar A B\n```\n\n```text\nundefined:\n  B\n```\n\n```go refused\nvar A B\n```\n\n```text\nundefined: C\n```\n\n"+
		"<!-- go:\nimport \"fmt\"\nfunc _() {\n-->\n```go\nfmt.Println(\"a\")\nfmt.Printline()\n```\n\n```go\ntype T struct{}\n```\n\n```go\npackage a\n\nvar  X int\n```\n")
	fset := token.NewFileSet()
	got, err := badGo(memcheck.NewImporter(fset, root), fset, d.blocks)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, got, "a.md:1: Go code compiles", "a.md:18: the compiler says otherwise: undefined: B",
		`a.md:26: Go code does not compile: undefined: fmt.Printline (near "fmt.Printline()")`, "a.md:35: Go code is not gofmt-clean")
}

// commands returns the command lines of a document: in console blocks those
// behind "$ ", in sh blocks all that are no comments.
func (d document) commands() []string {
	var list []string
	for _, b := range d.blocks {
		for line := range strings.Lines(b.text) {
			line = strings.TrimSpace(line)
			prompted, isPrompted := strings.CutPrefix(line, "$ ")
			switch {
			case b.lang == "console" && isPrompted:
				list = append(list, prompted)
			case b.lang == "sh" && line != "" && !strings.HasPrefix(line, "#"):
				command, _, _ := strings.Cut(line, " #")
				list = append(list, strings.TrimSpace(command))
			}
		}
	}
	return list
}

// badCommand says what is wrong with a command line, or nothing. Subcommands are
// the words that the help of the command names.
func badCommand(line string, list map[string]*goPackage, subcommands func() (string, error)) string {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "no command"
	}
	switch {
	case words[0] == "git" || words[0] == "cd":
		return ""
	case strings.HasPrefix(words[0], "./") || words[0] == ".ci/run":
		if _, err := os.Stat(filepath.Join(root, words[0])); err != nil {
			return "there is no " + words[0]
		}
		return ""
	case words[0] == "sekisho":
		return badSubcommand(words, subcommands)
	case words[0] == "go" && len(words) > 2 && words[1] == "tool" && words[2] == "sekisho":
		return badSubcommand(words[2:], subcommands)
	case words[0] != "go" || len(words) < 2:
		return "the command is not known here"
	}
	if !slices.Contains([]string{"build", "generate", "get", "install", "mod", "run", "test", "tool", "vet", "version"}, words[1]) {
		return "go " + words[1] + " is not known here"
	}
	for _, w := range words[2:] {
		w, _, _ = strings.Cut(w, "@")
		if !strings.HasPrefix(w, "./") && !within(w, module+"/...") {
			continue // a flag, an argument, somebody else's package
		}
		p := strings.TrimSuffix(path.Join(module, strings.TrimPrefix(w, module)), "/...")
		if list[p] == nil {
			return "there is no package " + short(p)
		}
	}
	return ""
}

func badSubcommand(words []string, subcommands func() (string, error)) string {
	if len(words) < 2 {
		return ""
	}
	help, err := subcommands()
	if err != nil {
		return err.Error()
	}
	if !slices.Contains(strings.Fields(help), words[1]) {
		return "sekisho help does not name " + words[1]
	}
	return ""
}

func TestMarkdownCommands(t *testing.T) {
	list := allPackages(t)
	help := ""
	subcommands := func() (string, error) {
		if help == "" {
			cmd := exec.Command("go", "run", "./gen/cmd/sekisho", "help")
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if err != nil {
				return "", fmt.Errorf("sekisho help: %w: %s", err, out)
			}
			help = string(out)
		}
		return help, nil
	}
	var problems []string
	for _, d := range markdown(t) {
		for _, c := range d.commands() {
			if fault := badCommand(c, list, subcommands); fault != "" {
				problems = append(problems, fmt.Sprintf("%s: %q: %s", d.name, c, fault))
			}
		}
	}
	report(t, "the first thing a reader does is to type it (CONTRIBUTING.md, law 7)", problems)
}

func TestMarkdownCommandsFindsMistakes(t *testing.T) {
	list := map[string]*goPackage{module: {}, module + "/examples/kouki": {}, module + "/gen/cmd/sekisho": {}}
	help := func() (string, error) { return "usage: sekisho gen [packages]\n", nil }
	tests := map[string]string{
		"go run ./examples/kouki":                            "",
		"go run ./examples/kouki -n 500000":                  "",
		"go run ./examples/koki":                             "there is no package examples/koki",
		"go test ./...":                                      "",
		"go get -tool " + module + "/gen/cmd/sekisho@latest": "",
		"go get -tool " + module + "/cmd/sekisho@latest":     "there is no package cmd/sekisho",
		"go tool sekisho gen ./...":                          "",
		"go tool sekisho generate ./...":                     "sekisho help does not name generate",
		"sekisho gen":                                        "",
		"make all":                                           "not known here",
		"go fmt ./...":                                       "not known here",
		".ci/walk":                                           "not known here",
	}
	for line, want := range tests {
		if got := badCommand(line, list, help); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("badCommand(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestReadmesSayTheSame(t *testing.T) {
	var commands [][]string
	for _, name := range []string{"README.md", "README.ja.md"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		d := parseMarkdown(name, string(data))
		commands = append(commands, d.commands())
		if d := slices.Compact(d.commands()); !slices.Contains(d, "go run ./examples/kouki") || !slices.Contains(d, "go test ./...") {
			t.Errorf("%s: commands are %q, want go run ./examples/kouki and go test ./... among them", name, d)
		}
	}
	if d := cmp.Diff(commands[0], commands[1]); d != "" {
		t.Errorf("commands of README.md (-) and README.ja.md (+) differ:\n%s\nwhy: both are read by people who will not read the other", d)
	}
}

var (
	mdLink    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	mdCode    = regexp.MustCompile("`[^`\n]*`")
	mdHeading = regexp.MustCompile(`(?m)^#{1,6} +(.+?)\s*$`)
)

// links returns where the relative links of a document lead: the path from the
// root, and the part behind "#".
func (d document) links() [][2]string {
	var list [][2]string
	for _, m := range mdLink.FindAllStringSubmatch(mdCode.ReplaceAllString(d.prose, ""), -1) {
		if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
			continue
		}
		target, anchor, _ := strings.Cut(m[1], "#")
		if target == "" {
			target = path.Base(d.name)
		}
		list = append(list, [2]string{path.Join(path.Dir(d.name), target), anchor})
	}
	return list
}

// anchors returns what "#" can be followed by: the headings, as GitHub spells
// them.
func (d document) anchors() []string {
	var list []string
	for _, m := range mdHeading.FindAllStringSubmatch(d.prose, -1) {
		list = append(list, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return list
}

// badLinks finds relative links that lead nowhere.
func badLinks(docs []document, exists func(name string) bool) []string {
	var problems []string
	for _, d := range docs {
		for _, link := range d.links() {
			i := slices.IndexFunc(docs, func(other document) bool { return other.name == link[0] })
			switch {
			case !exists(link[0]):
				problems = append(problems, fmt.Sprintf("%s: link to %s, which is not there", d.name, link[0]))
			case link[1] != "" && i >= 0 && !slices.Contains(docs[i].anchors(), link[1]):
				problems = append(problems, fmt.Sprintf("%s: link to %s#%s, but there is no such heading", d.name, link[0], link[1]))
			}
		}
	}
	return problems
}

func TestMarkdownLinks(t *testing.T) {
	report(t, "a dead link is a reference to something that moved (CONTRIBUTING.md, law 7)", badLinks(markdown(t), func(name string) bool {
		_, err := os.Stat(filepath.Join(root, name))
		return err == nil
	}))
}

func TestMarkdownLinksFindsMistakes(t *testing.T) {
	docs := []document{parseMarkdown("doc/a.md", "# One, two\n\n[x](b.md) [x](../c.md) [x](#one-two) [x](#one) `[x](d.md)`\n\n```\n[x](e.md)\n```\n\n[x](https://example.com/f.md)\n")}
	expect(t, badLinks(docs, func(name string) bool { return name != "doc/b.md" }), "link to doc/b.md", "link to doc/a.md#one,")
}
