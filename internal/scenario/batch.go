package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// batchModule is the path of the module that all golden scenarios are put into,
// a folder each.
const batchModule = "scenario.invalid"

// runTime is what the program of one scenario may take.
const runTime = time.Minute

// program is a golden scenario on its way into the one program that is linked.
type program struct {
	*scenario
	key     string // folder in the batch, and first argument of the program
	hasMain bool
}

// runAll compiles every golden scenario and runs those that have a main.go. A
// scenario with problems is left out; it would break the build for the others.
func runAll(repo *repository, dir string, scenarios []*scenario) error {
	var programs []*program
	for i, sc := range scenarios {
		if sc.kind == Golden && sc.compiled != nil && len(sc.problems) == 0 {
			_, hasMain := sc.compiled["main.go"]
			programs = append(programs, &program{scenario: sc, key: fmt.Sprintf("s%d", i), hasMain: hasMain})
		}
	}
	if len(programs) == 0 {
		return nil
	}
	binary, err := build(repo, dir, programs)
	if err != nil {
		return err
	}
	var runnable []*scenario
	byScenario := make(map[*scenario]*program)
	for _, p := range programs {
		if p.hasMain && len(p.problems) == 0 {
			runnable = append(runnable, p.scenario)
			byScenario[p.scenario] = p
		}
	}
	each(runnable, func(sc *scenario) { byScenario[sc].run(binary) })
	return nil
}

// build writes the batch and links it. When the compiler refuses scenarios that
// the type checker let pass, they get the blame and the rest is built again.
func build(repo *repository, dir string, programs []*program) (binary string, err error) {
	mod, err := repo.goMod(batchModule, nil)
	if err != nil {
		return "", err
	}
	files := map[string][]byte{"go.mod": mod, "go.sum": repo.sum}
	for _, p := range programs {
		if err := p.addTo(files); err != nil {
			return "", fmt.Errorf("%s: %w", p.path, err)
		}
	}
	if err := write(dir, files); err != nil {
		return "", err
	}
	for {
		if err := write(dir, map[string][]byte{"driver/main.go": driver(programs)}); err != nil {
			return "", err
		}
		args := []string{"build", "-trimpath", "-ldflags=-s -w", "-o", "bin/", "./driver"}
		for _, p := range programs {
			if len(p.problems) == 0 {
				args = append(args, "./"+p.key+"/...")
			}
		}
		// Trimmed paths let the build cache recognise packages that were built
		// in another temporary folder.
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return filepath.Join(dir, "bin", "driver"), nil
		}
		if !blame(programs, out) {
			return "", fmt.Errorf("building the programs of the scenarios: %w\n%s", err, out)
		}
	}
}

// blame gives the lines of a failed build to the scenarios they are about, and
// says whether there was one.
func blame(programs []*program, output []byte) bool {
	found := false
	for line := range bytes.Lines(output) {
		for _, p := range programs {
			if rest, ok := bytes.CutPrefix(line, []byte(p.key+"/")); ok {
				p.failf("does not compile: %s", bytes.TrimSpace(rest))
				found = true
			}
		}
	}
	return found
}

// addTo puts the scenario's files into the batch, with their import paths
// moved below the scenario's folder.
func (p *program) addTo(files map[string][]byte) error {
	others := make(map[string]bool) // folders of commands that are not at the root: nobody runs them
	for name, data := range p.compiled {
		if strings.HasSuffix(name, ".go") && path.Dir(name) != "." && packageName(data) == "main" {
			others[path.Dir(name)] = true
		}
	}
	for name, data := range p.compiled {
		switch {
		case name == "go.mod" || name == "go.sum" || strings.HasSuffix(name, "_test.go"):
			continue
		case strings.HasSuffix(name, ".go") && others[path.Dir(name)]:
			continue
		case strings.HasSuffix(name, ".go"):
			moved, err := p.move(name, data)
			if err != nil {
				return err
			}
			data = moved
		}
		files[p.key+"/"+name] = data
	}
	return nil
}

// move rewrites the import paths of a file, and makes the root's package main
// one that can be imported: its name becomes main_KEY and its function Main. The
// line numbers stay.
func (p *program) move(name string, src []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	type edit struct {
		node ast.Node
		text string
	}
	var edits []edit
	if file.Name.Name == "main" {
		edits = append(edits, edit{file.Name, "main_" + p.key})
	}
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err == nil && (target == p.module || strings.HasPrefix(target, p.module+"/")) {
			edits = append(edits, edit{spec.Path, strconv.Quote(p.root() + strings.TrimPrefix(target, p.module))})
		}
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && file.Name.Name == "main" && f.Recv == nil && f.Name.Name == "main" {
			edits = append(edits, edit{f.Name, "Main"})
		}
	}
	slices.Reverse(edits) // from the end, so that offsets hold
	out := slices.Clone(src)
	for _, e := range edits {
		from, to := fset.Position(e.node.Pos()).Offset, fset.Position(e.node.End()).Offset
		out = slices.Replace(out, from, to, []byte(e.text)...)
	}
	return out, nil
}

// root is the import path that stands for the scenario's module in the batch.
func (p *program) root() string { return batchModule + "/" + p.key }

// packageName returns the name in a file's package clause.
func packageName(src []byte) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return file.Name.Name
}

// driver is the one program: it runs the scenario that its argument names.
func driver(programs []*program) []byte {
	var imports, cases strings.Builder
	for _, p := range programs {
		if p.hasMain && len(p.problems) == 0 {
			fmt.Fprintf(&imports, "\t%s %q\n", p.key, p.root())
			fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s.Main()\n", p.key, p.key)
		}
	}
	return fmt.Appendf(nil, `package main

import (
	"os"

%s)

func main() {
	key := os.Args[1]
	os.Args = []string{"app"}
	switch key {
%s	default:
		os.Exit(125)
	}
}
`, imports.String(), cases.String())
}

// run runs the scenario's program in the scenario's folder and compares what it
// prints.
func (p *program) run(binary string) {
	ctx, cancel := context.WithTimeout(context.Background(), runTime)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, p.key)
	cmd.Dir, cmd.Env = p.dir, environ()
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errors.Join(fmt.Errorf("took longer than %v", runTime), err)
	}
	// As it would be in a program of its own, where package main has no path.
	names := strings.NewReplacer(p.root()+".", "main.", p.root(), p.module, "main_"+p.key, "main")
	if err != nil {
		p.failf("the program failed: %v\n%s%s", err, names.Replace(stdout.String()), names.Replace(stderr.String()))
		return
	}
	p.compare(wantStdout, []byte(names.Replace(stdout.String())))
}
