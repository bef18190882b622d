package scenario

import (
	"bytes"
	"context"
	"go/format"
	"go/token"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho-go/sekisho/internal/scenario/memcheck"
)

// Generate is a generator as a scenario sees it: it reads the module in dir and
// returns the files it would write, by slash-separated path from dir. A nil file
// is one that it would remove. The diagnostics are what a person would be shown;
// the error is not nil when generation failed. It must not write into dir, and
// several may run at once.
type Generate func(ctx context.Context, dir string) (files map[string][]byte, diagnostics string, err error)

// Command is a command that runs in this process, with everything it may look at
// as a parameter. The arguments are those after the name of the command; the
// result is the exit code.
type Command func(args []string, stdin io.Reader, stdout, stderr io.Writer, dir string, env []string) int

// Suite runs scenario files against one generator and one command.
type Suite struct {
	Root     string   // folder of the repository; the module of the working folder by default
	Generate Generate // nil: a scenario that needs it fails
	Command  Command  // nil: a scenario that needs it fails
	Update   bool     // rewrite what is wanted
}

// Run makes every file that matches the pattern a subtest. All selected
// scenarios are worked on together, so that packages are loaded once and one
// program is linked, when the first of the subtests begins.
func (s Suite) Run(t *testing.T, pattern string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenario matches %s (%v)", pattern, err)
	}
	work := t.TempDir()
	var (
		selected []*scenario
		once     sync.Once
		failure  error
	)
	for _, path := range paths {
		sc, err := parseFile(path)
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		t.Run(name, func(t *testing.T) {
			if err != nil {
				t.Fatal(err)
			}
			selected = append(selected, sc) // before Parallel: subtests are still one after another
			t.Parallel()
			once.Do(func() { failure = s.check(work, selected) })
			if failure != nil {
				t.Fatal(failure)
			}
			s.report(t, sc)
		})
	}
}

// report turns what was found out about a scenario into a test result.
func (s Suite) report(t *testing.T, sc *scenario) {
	t.Helper()
	for _, problem := range sc.problems {
		t.Errorf("%s: %s", sc.path, problem)
	}
	if s.Update && len(sc.problems) == 0 {
		if err := sc.update(); err != nil {
			t.Error(err)
		}
		return
	}
	for _, difference := range sc.differences {
		t.Errorf("%s: %s\n(if this is what should be wanted, run the test with -update)", sc.path, difference)
	}
}

// check finds out everything about all scenarios, below the folder work. The
// error is about the harness; what is wrong with a scenario is in its problems.
func (s Suite) check(work string, scenarios []*scenario) error {
	repo, err := openRepository(s.Root)
	if err != nil {
		return err
	}
	if work, err = filepath.EvalSymlinks(work); err != nil {
		return err
	}
	each(scenarios, func(sc *scenario) {
		if err := repo.materialise(sc, filepath.Join(work, "modules")); err != nil {
			sc.failf("%v", err)
			return
		}
		if sc.kind == Session {
			s.session(sc)
		} else {
			s.generate(sc)
		}
	})
	if err := compileAll(repo, scenarios); err != nil {
		return err
	}
	return runAll(repo, filepath.Join(work, "batch"), scenarios)
}

// each works on all scenarios, as many at once as there are processors.
func each(scenarios []*scenario, work func(*scenario)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, sc := range scenarios {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			work(sc)
		})
	}
	wg.Wait()
}

// generate runs the generator and judges what can be judged without a compiler.
func (s Suite) generate(sc *scenario) {
	if s.Generate == nil {
		sc.failf("the suite has no generator")
		return
	}
	files, diagnostics, err := s.Generate(context.Background(), sc.dir)
	diagnostics = strings.ReplaceAll(diagnostics, sc.dir+string(filepath.Separator), "")
	if sc.kind == Diagnostic {
		if err == nil {
			sc.failf("generation succeeded, want it to fail")
			return
		}
		if diagnostics == "" {
			diagnostics = strings.ReplaceAll(err.Error(), sc.dir+string(filepath.Separator), "")
		}
		sc.compare(wantStderr, []byte(diagnostics))
		return
	}
	if err != nil || diagnostics != "" {
		sc.failf("generation: %v\n%s", err, diagnostics)
		return
	}
	sc.compiled = make(map[string][]byte, len(sc.files)+len(files))
	for name, data := range sc.files {
		sc.compiled[name] = data
	}
	for name, data := range files {
		if data == nil {
			delete(sc.compiled, name)
			continue
		}
		sc.compiled[name] = data
		if strings.HasSuffix(name, ".go") {
			sc.checkFormat(name, data)
		}
	}
	if sc.kind == Golden {
		sc.compareFiles(files)
	}
}

// checkFormat says whether a generated file is as gofmt would write it.
func (sc *scenario) checkFormat(name string, data []byte) {
	formatted, err := format.Source(data)
	if err != nil {
		sc.failf("generated file %s: %v", name, err)
	} else if !bytes.Equal(formatted, data) {
		sc.failf("generated file %s is not gofmt-clean (- generated, + formatted):\n%s", name, diff(string(data), string(formatted)))
	}
}

// compareFiles holds the files that came out against those that are wanted.
func (sc *scenario) compareFiles(files map[string][]byte) {
	for _, name := range sortedKeys(sc.want) {
		if name == wantStdout || name == wantSession {
			continue
		}
		if data, ok := files[name]; ok && data != nil {
			sc.compare(name, data)
		} else {
			sc.failf("want/%s: no such file came out; there are: %s", name, strings.Join(sortedKeys(files), " "))
		}
	}
}

// compileAll type-checks what came out. The packages that all scenarios import
// are compiled by one run of the go command.
func compileAll(repo *repository, scenarios []*scenario) error {
	fset := token.NewFileSet()
	im := memcheck.NewImporter(fset, repo.root)
	var paths []string
	for _, sc := range scenarios {
		if sc.compiled != nil {
			paths = append(paths, sc.source().Imports()...)
		}
	}
	if err := im.Load(paths...); err != nil {
		return err
	}
	for _, sc := range scenarios {
		if sc.compiled == nil {
			continue
		}
		errs := memcheck.Check(fset, im, sc.source())
		if sc.kind == MustNotCompile {
			sc.matchErrors(errs)
			continue
		}
		for _, e := range errs {
			sc.failf("does not compile: %v", e)
		}
	}
	return nil
}

// source is the module as the type checker takes it.
func (sc *scenario) source() memcheck.Source {
	return memcheck.Source{Module: sc.module, Files: sc.compiled}
}
