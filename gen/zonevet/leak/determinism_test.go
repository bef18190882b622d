package leak_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/flow"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/leak"
)

// outcome is all that a run says, findings and facts, as text.
func outcome(t *testing.T, pkgs []*packages.Package) string {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{leak.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for act := range graph.All() {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		var said strings.Builder
		for _, d := range act.Diagnostics { // in the order in which they were reported
			fmt.Fprintf(&said, "%s: %s %v\n", act.Package.Fset.Position(d.Pos), d.Message, d.Related)
		}
		lines = append(lines, act.Package.PkgPath+" "+act.Analyzer.Name+"\n"+said.String())
		for _, f := range act.AllObjectFacts() {
			if fact, ok := f.Fact.(*flow.Fact); ok && f.Object.Pkg() == act.Package.Types {
				lines = append(lines, fmt.Sprintf("%s %x\n", f.Object, fact.B))
			}
		}
		for _, f := range act.AllPackageFacts() {
			if fact, ok := f.Fact.(*labels.Sight); ok && f.Package == act.Package.Types {
				lines = append(lines, fmt.Sprintf("%s %x\n", f.Package, fact.B))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// TestDeterminism: whatever the order of the files and however many processors
// there are, findings and facts are the same to the byte. The go command compares
// facts as bytes.
func TestDeterminism(t *testing.T) {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Dir: dir,
		Env: append(os.Environ(), "GOPATH="+dir, "GO111MODULE=off", "GOWORK=off"),
	}, "app.example/...")
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := outcome(t, pkgs)
	if n := strings.Count(want, "reaches"); n < 100 {
		t.Fatalf("the fixtures give %d findings only", n)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for run := range 20 {
		runtime.GOMAXPROCS(1 + run%2)
		packages.Visit(pkgs, nil, func(p *packages.Package) {
			random.Shuffle(len(p.Syntax), func(i, j int) { p.Syntax[i], p.Syntax[j] = p.Syntax[j], p.Syntax[i] })
		})
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(outcome(t, pkgs), "\n")); diff != "" {
			t.Fatalf("run %d differs:\n%s", run, diff)
		}
	}
}
