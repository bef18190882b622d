// Package gen writes the views, crossings and refusals of labelled types.
//
// [Generate] is a function from a source tree and a policy to files; it
// writes nothing. [Result.Write] puts the files in place and [Result.Stale]
// tells which of them differ from what is there, which is what a check in CI
// wants. Both are what "sekisho gen" and "sekisho gen -check" do.
//
// Generating never depends on what was generated before: the present output
// may be missing, stale or broken, and the result is the same.
package gen

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/internal/emit"
	"github.com/sekisho-go/sekisho/internal/load"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Config says what to generate.
type Config struct {
	// Dir is the folder in which patterns are resolved; the current one by
	// default.
	Dir string
	// Patterns are package patterns of the go command; "./..." by default.
	Patterns []string
	// Tags are build tags to load the packages with.
	Tags []string
	// Env is the environment of the go command; the process's own by default.
	Env []string
	// Policy is the path of the policy file. By default each package is under
	// the sekisho.yaml in its own folder or the nearest one above it.
	Policy string
}

// File is a generated file.
type File struct {
	Path    string // absolute
	Content []byte // nil: a file that was generated once and is no longer wanted
}

// Diagnostic is a problem that keeps code from being generated.
type Diagnostic struct {
	Pos    token.Position
	Path   string // from the labelled type to the offending field: Insured.Address.Line1
	Msg    string
	Clause string // of the written policy, or ""
	Remedy string
}

// String returns the diagnostic in one line: where, what and the remedy.
func (d Diagnostic) String() string {
	var b strings.Builder
	if d.Pos.IsValid() {
		fmt.Fprintf(&b, "%s: ", d.Pos)
	}
	if d.Path != "" {
		fmt.Fprintf(&b, "%s: ", d.Path)
	}
	b.WriteString(d.Msg)
	if d.Clause != "" {
		fmt.Fprintf(&b, " (clause %s)", d.Clause)
	}
	if d.Remedy != "" {
		fmt.Fprintf(&b, ": %s", d.Remedy)
	}
	return b.String()
}

// Render draws diagnostics for people: place, path and problem on one line,
// clause and remedy below. Files below dir are named relative to it.
func Render(dir string, ds []Diagnostic) string {
	var b strings.Builder
	for _, d := range ds {
		if rel, err := filepath.Rel(dir, d.Pos.Filename); d.Pos.IsValid() && err == nil && !strings.HasPrefix(rel, "..") {
			d.Pos.Filename = filepath.ToSlash(rel)
		}
		clause, remedy := d.Clause, d.Remedy
		d.Clause, d.Remedy = "", ""
		fmt.Fprintln(&b, d)
		if clause != "" {
			fmt.Fprintf(&b, "\tclause: %s\n", clause)
		}
		if remedy != "" {
			fmt.Fprintf(&b, "\tremedy: %s\n", remedy)
		}
	}
	return b.String()
}

// Result is what Generate made.
type Result struct {
	Files       []File       // by path
	Diagnostics []Diagnostic // by position; when there are any there are no files
}

// Generate reads the packages and their policies and returns the files that
// belong to them. Problems in labels and types are in the result's
// Diagnostics, all of them; the error is about what kept the tree or the
// policy from being read at all. A policy that does not load is a
// *policyfile.Error that can show the offending lines.
func Generate(ctx context.Context, cfg Config) (*Result, error) {
	trees, err := findTrees(ctx, cfg)
	if err != nil {
		return nil, err
	}
	res := &Result{}
	for _, t := range trees {
		if err := t.generate(ctx, res); err != nil {
			return nil, err
		}
	}
	if len(res.Diagnostics) > 0 {
		res.Files = nil
	}
	slices.SortFunc(res.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return res, nil
}

// Plans reads the packages and returns the plan of each policy tree, for
// tools that explain instead of writing.
func Plans(ctx context.Context, cfg Config) ([]*plan.Plan, error) {
	trees, err := findTrees(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var plans []*plan.Plan
	for _, t := range trees {
		p, err := t.plan(ctx)
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// PolicyFiles returns the policy files that the packages are under, in the
// order of the packages.
func PolicyFiles(ctx context.Context, cfg Config) ([]string, error) {
	trees, err := findTrees(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, t := range trees {
		files = append(files, t.file)
	}
	return files, nil
}

// tree is the packages under one policy.
type tree struct {
	cfg       Config
	file      string // policy file
	policy    *policy.Policy
	zonesDir  string
	zonesPath string
	zonesName string   // of the package
	packages  []string // import paths
	overlay   map[string][]byte
	written   []File // what the last pass made
}

// maxPasses bounds how often a tree is read again. One more pass is needed
// for each layer of hand-written types over generated ones.
const maxPasses = 4

// plan reads and plans the tree, again while hand-written types mention views
// that are only now known.
func (t *tree) plan(ctx context.Context) (*plan.Plan, error) {
	zones, err := emit.Zones(t.policy, t.zonesPath, t.zonesName)
	if err != nil {
		return nil, err
	}
	zonesFile := filepath.Join(t.zonesDir, model.GeneratedFile)
	t.written = []File{{zonesFile, zones}}
	t.overlay = map[string][]byte{zonesFile: emit.Unguarded(zones)}
	if len(t.packages) == 0 {
		return plan.Make(plan.Input{Policy: t.policy, ZonesPath: t.zonesPath, ZonesName: t.zonesName}), nil
	}
	for pass := 1; ; pass++ {
		res, err := t.load(ctx)
		if err != nil {
			return nil, err
		}
		p, err := t.lay(ctx, res)
		if err != nil {
			return nil, err
		}
		if len(res.Unresolved) == 0 || pass == maxPasses || len(p.Diagnostics) > 0 && pass > 1 {
			p.Diagnostics = append(p.Diagnostics, res.Diagnostics...)
			if len(res.Unresolved) > 0 {
				p.Diagnostics = append(p.Diagnostics, unresolved(res)...)
			}
			return p, nil
		}
		if err := t.overlayPlan(p); err != nil {
			return nil, err
		}
	}
}

func (t *tree) load(ctx context.Context) (*load.Result, error) {
	return load.Load(ctx, load.Config{
		Dir: t.cfg.Dir, Patterns: t.packages, Policy: t.policy, ZonesPath: t.zonesPath,
		Overlay: t.overlay, Tags: t.cfg.Tags, Env: t.cfg.Env,
	})
}

// lay lays the policy over what was loaded.
func (t *tree) lay(ctx context.Context, res *load.Result) (*plan.Plan, error) {
	tags := append([]string{model.BuildTag}, t.cfg.Tags...)
	funcs, err := plan.LoadFuncs(ctx, plan.LoadConfig{
		Dir: t.cfg.Dir, Env: t.cfg.Env, Flags: []string{"-tags=" + strings.Join(tags, ",")}, Overlay: t.overlay,
	}, plan.FuncNames(t.policy, res.Packages), plan.CheckNames(t.policy))
	if err != nil {
		return nil, err
	}
	p := plan.Make(plan.Input{Policy: t.policy, ZonesPath: t.zonesPath, ZonesName: t.zonesName, Packages: res.Packages, Fset: res.Fset, Funcs: funcs})
	p.Diagnostics = append(p.Diagnostics, funcs.CheckErrors(t.policy)...)
	return p, nil
}

// overlayPlan lays the code of a plan over the tree for the next pass.
func (t *tree) overlayPlan(p *plan.Plan) error {
	for _, pkg := range p.Packages {
		src, err := emit.Package(p, pkg)
		if err != nil {
			return err
		}
		if src != nil {
			t.overlay[pkg.File] = emit.Unguarded(src)
		}
	}
	return nil
}

// unresolved says which types mention something that nobody declares.
func unresolved(res *load.Result) []model.Diagnostic {
	var out []model.Diagnostic
	for _, u := range res.Unresolved {
		out = append(out, u.Diagnostic)
	}
	return out
}

// generate adds the files of the tree to res.
func (t *tree) generate(ctx context.Context, res *Result) error {
	p, err := t.plan(ctx)
	if err != nil {
		return err
	}
	if len(p.Diagnostics) > 0 {
		res.Diagnostics = append(res.Diagnostics, diagnostics(p.Diagnostics)...)
		return nil
	}
	res.Files = append(res.Files, t.written...)
	for _, pkg := range p.Packages {
		if !pkg.Root {
			continue
		}
		src, err := emit.Package(p, pkg)
		if err != nil {
			return err
		}
		if src != nil || isGenerated(pkg.File) && !holdsPolicy(pkg.File) {
			res.Files = append(res.Files, File{pkg.File, src})
		}
	}
	return nil
}

// Diagnostics returns the problems of a plan.
func Diagnostics(p *plan.Plan) []Diagnostic { return diagnostics(p.Diagnostics) }

// diagnostics translates and sorts.
func diagnostics(ds []model.Diagnostic) []Diagnostic {
	var out []Diagnostic
	for _, d := range ds {
		out = append(out, Diagnostic(d))
	}
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		if c := strings.Compare(a.Pos.Filename, b.Pos.Filename); c != 0 {
			return c
		}
		// Places in the policy have no offset.
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column),
			strings.Compare(a.Path, b.Path), strings.Compare(a.Msg, b.Msg))
	})
	return slices.Compact(out)
}

// Zones returns the zones package of a policy file. It needs no packages, so
// it is how a module starts.
func Zones(file string) (*Result, error) {
	t, err := newTree(Config{}, file)
	if err != nil {
		return nil, err
	}
	src, err := emit.Zones(t.policy, t.zonesPath, t.zonesName)
	if err != nil {
		return nil, err
	}
	return &Result{Files: []File{{filepath.Join(t.zonesDir, model.GeneratedFile), src}}}, nil
}
