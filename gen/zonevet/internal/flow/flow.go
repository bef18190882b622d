// Package flow follows labelled data through the functions of a package, from
// the fields it stands in to the sinks where it would leave the program.
//
// # How
//
// Labels come from types: reading a labelled field gives its label, wherever the
// struct came from. From there values are followed on go/ssa, field by field,
// by joining sets until nothing is added. What a function does
// with its inputs is put into a [Summary]: what its results hold, what it stores
// into its inputs, and which inputs reach a sink. Summaries are made from the
// bottom up, functions that call each other together, and travel to importing
// packages as facts. The standard library is never read; tables say what it
// does. Calls that nobody knows anything about pass nothing on.
//
// # What is not followed
//
// Arithmetic on two values that are not constant, comparisons, lengths and
// hashes hold nothing. A pointer and what it points to are one. Elements of a
// container are not told apart. What one function literal stores for another is
// seen only by way of the variable that both capture, or a package variable.
package flow

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Finding is labelled data that reaches a sink above its ceiling.
type Finding struct {
	Pos     token.Pos       // where it goes in
	Class   string          // of the sink; "field" for a labelled field of a lower class
	Ceiling string          // the highest class that is let through
	Labels  []*labels.Label // what reaches it, the highest class first
	Source  token.Pos       // where the first of them was read, if that is known
	Via     string          // what gave it, if it was not read here
	Where   string          // what leads on to the sink; "" when it is the call itself
	Into    *labels.Label   // of the class "field": the lower field
}

// Notice is something about the analysis itself that a reader has to know.
type Notice struct {
	Pos token.Pos
	Msg string
}

// Bounds beyond which the analysis says that it stops.
const (
	maxInstrs = 20000 // instructions of one function
	maxRounds = 24    // of one function, until its values are complete

	leastWork    = 1 << 20 // entries moved in a package, until functions that call each other are complete
	workPerInstr = 64      // and for each instruction
)

// Program is the analysis of one package.
type Program struct {
	pass  *analysis.Pass
	info  *labels.Info
	table *tables.Table

	*interner
	pkg       *ssa.Package
	funcs     []*ssa.Function // with a body, in source order
	states    map[*ssa.Function]*state
	summaries map[*ssa.Function]*Summary
	codes     map[*ssa.Function]string // the same, encoded
	epoch     int                      // grows whenever a summary or a variable changes
	budget    int                      // of work, for functions that call each other
	struck    bool                     // it was spent
	strict    bool                     // data given to code that nobody knows is a finding
	budgets   policy.VetBudgets        // of the policies in sight
	steps     int                      // instructions that were carried out
	imported  map[*types.Func]*Summary // by origin; nil: none
	globals   map[*ssa.Global]set
	stored    map[*ssa.Global][]ssa.Value // function values in package variables
	changed   bool                        // a global was
	masks     map[maskKey]set
	methods   map[string][]*types.Func      // by name, of imported packages: those with a summary
	own       map[methodKey][]*ssa.Function // methods of this package that a method of an interface may mean
	foreign   map[methodKey][]*types.Func   // the same of imported packages
	pointers  []*types.Pointer              // to the types of this package
	calls     map[*ssa.Function][]*ssa.Function
	findings  map[findingKey]*Finding
	notices   []Notice
	broken    map[*ssa.Function]bool
}

type findingKey struct {
	pos   token.Pos
	class string
	where string
}

// Analyze follows the data of a package, exports what importers need as facts,
// and returns what was found, in the order of the source.
func Analyze(pass *analysis.Pass, info *labels.Info, table *tables.Table) ([]Finding, []Notice) {
	budgets, strict := info.Vet()
	p := &Program{
		pass: pass, info: info, table: table, interner: newInterner(),
		states: map[*ssa.Function]*state{}, summaries: map[*ssa.Function]*Summary{}, codes: map[*ssa.Function]string{}, imported: map[*types.Func]*Summary{},
		globals: map[*ssa.Global]set{}, stored: map[*ssa.Global][]ssa.Value{}, masks: map[maskKey]set{},
		findings: map[findingKey]*Finding{}, broken: map[*ssa.Function]bool{}, budget: leastWork,
		strict: strict, budgets: budgets, own: map[methodKey][]*ssa.Function{}, foreign: map[methodKey][]*types.Func{}, calls: map[*ssa.Function][]*ssa.Function{},
	}
	if !p.build() {
		return nil, p.notices
	}
	p.run()
	p.export()
	return p.found(), p.notices
}

// build makes the SSA form. It is made here and not by package buildssa, which
// makes it for the standard library too.
func (p *Program) build() (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			ok = false
			p.notice(packagePos(p.pass), fmt.Sprintf("internal error: the package could not be read, leaks in it are not seen: %v", r))
		}
	}()
	prog := ssa.NewProgram(p.pass.Fset, 0)
	for _, imported := range p.pass.Pkg.Imports() {
		prog.CreatePackage(imported, nil, nil, true)
	}
	p.pkg = prog.CreatePackage(p.pass.Pkg, p.pass.Files, p.pass.TypesInfo, false)
	p.pkg.Build()
	for _, f := range p.pass.Files {
		if p.info.Generated[p.file(f.Package)] {
			continue
		}
		for _, decl := range f.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok {
				if obj, ok := p.pass.TypesInfo.Defs[d.Name].(*types.Func); ok {
					p.add(prog.FuncValue(obj))
				}
			}
		}
	}
	p.add(p.pkg.Func("init"))
	return true
}

func packagePos(pass *analysis.Pass) token.Pos {
	if len(pass.Files) == 0 {
		return token.NoPos
	}
	return pass.Files[0].Name.Pos()
}

func (p *Program) file(pos token.Pos) string { return p.pass.Fset.Position(pos).Filename }

// add takes a function and the literals in it, the inner ones first.
func (p *Program) add(f *ssa.Function) {
	if f == nil || f.Blocks == nil {
		return
	}
	for _, inner := range f.AnonFuncs {
		p.add(inner)
	}
	n := 0
	for _, b := range f.Blocks {
		n += len(b.Instrs)
	}
	if n > maxInstrs {
		p.notice(f.Pos(), fmt.Sprintf("the function %s is too large to be analyzed (%d instructions, at most %d): leaks in it are not seen; split it", f.Name(), n, maxInstrs))
		return
	}
	p.funcs = append(p.funcs, f)
	p.budget += n * workPerInstr
}

// notice keeps something to tell about the analysis, where there are labels that
// it could be about.
func (p *Program) notice(pos token.Pos, msg string) {
	if len(p.info.Policies) == 0 {
		return
	}
	p.notices = append(p.notices, Notice{pos, msg})
}

// run summarises all functions from the bottom up, again while package
// variables grow, and then looks for findings once.
func (p *Program) run() {
	groups := p.groups()
	for range 3 {
		p.changed = false
		for _, g := range groups {
			p.solve(g)
		}
		if !p.changed {
			break
		}
	}
	if len(p.info.Policies) > 0 { // without, there is no data that could be found
		for _, f := range p.funcs {
			p.guard(f, func() { p.state(f).collect(true) })
		}
	}
	if p.struck {
		p.notice(packagePos(p.pass), "the functions of this package call each other in too many ways to follow all of them: leaks through several of them may not be seen")
	}
	if p.over {
		p.notice(packagePos(p.pass), fmt.Sprintf("some values of this package hold more than %d things that are followed: leaks of what is beyond are not seen", 4*maxSet))
	}
}

// solve summarises functions that call each other, until nothing is added. Only
// those are looked at again that call one whose summary has changed.
func (p *Program) solve(group []*ssa.Function) {
	member := map[*ssa.Function]bool{}
	for _, f := range group {
		member[f] = true
	}
	callers := map[*ssa.Function][]*ssa.Function{}
	for _, f := range group {
		for _, g := range p.callees(f) {
			if member[g] {
				callers[g] = append(callers[g], f)
			}
		}
	}
	dirty := member
	for range maxRounds {
		if p.work > p.budget || p.budgets.Package > 0 && p.steps > p.budgets.Package {
			p.struck = true
			return
		}
		next := map[*ssa.Function]bool{}
		for _, f := range group {
			if dirty[f] && p.summarise(f) {
				for _, c := range callers[f] {
					next[c] = true
				}
			}
		}
		if len(next) == 0 {
			return
		}
		dirty = next
	}
}

// summarise makes the summary of a function and reports whether it is another
// than before.
func (p *Program) summarise(f *ssa.Function) (changed bool) {
	p.guard(f, func() {
		s := p.state(f)
		s.solve()
		sum := s.collect(false)
		code := string(sum.encode())
		if old, ok := p.codes[f]; ok && old == code {
			return
		}
		changed = true
		p.epoch++
		p.codes[f], p.summaries[f] = code, sum
	})
	return changed
}

// guard runs the analysis of one function; should it panic, that is said once
// and the function passes nothing on.
func (p *Program) guard(f *ssa.Function, do func()) {
	if p.broken[f] {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			p.broken[f] = true
			p.summaries[f] = &Summary{}
			p.notice(f.Pos(), fmt.Sprintf("internal error: the function %s could not be analyzed, leaks in it are not seen: %v", f.Name(), r))
		}
	}()
	do()
}

func (p *Program) state(f *ssa.Function) *state {
	s := p.states[f]
	if s == nil {
		s = newState(p, f)
		p.states[f] = s
	}
	return s
}

// groups orders the functions so that callees come first; functions that call
// each other are one group. It is Tarjan's algorithm.
func (p *Program) groups() [][]*ssa.Function {
	t := tarjan{p: p, index: map[*ssa.Function]int{}, low: map[*ssa.Function]int{}, on: map[*ssa.Function]bool{}}
	for _, f := range p.funcs {
		if t.index[f] == 0 {
			t.visit(f)
		}
	}
	return t.groups
}

type tarjan struct {
	p          *Program
	n          int
	index, low map[*ssa.Function]int
	stack      []*ssa.Function
	on         map[*ssa.Function]bool
	groups     [][]*ssa.Function
}

func (t *tarjan) visit(f *ssa.Function) {
	t.n++
	t.index[f], t.low[f] = t.n, t.n
	t.stack = append(t.stack, f)
	t.on[f] = true
	for _, g := range t.p.callees(f) {
		if t.index[g] == 0 {
			t.visit(g)
			t.low[f] = min(t.low[f], t.low[g])
		} else if t.on[g] {
			t.low[f] = min(t.low[f], t.index[g])
		}
	}
	if t.low[f] != t.index[f] {
		return
	}
	at := slices.Index(t.stack, f)
	group := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, g := range group {
		t.on[g] = false
	}
	t.groups = append(t.groups, group)
}

// callees are the functions of the package that a function mentions.
func (p *Program) callees(f *ssa.Function) []*ssa.Function {
	list, ok := p.calls[f]
	if !ok {
		list = p.findCallees(f)
		p.calls[f] = list
	}
	return list
}

func (p *Program) findCallees(f *ssa.Function) []*ssa.Function {
	var list []*ssa.Function
	var operands [16]*ssa.Value
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			for _, v := range instr.Operands(operands[:0]) {
				if v == nil || *v == nil {
					continue
				}
				if g, ok := (*v).(*ssa.Function); ok {
					if g = p.local(g); g != nil {
						list = append(list, g)
					}
				}
			}
			if call, ok := instr.(ssa.CallInstruction); ok && call.Common().IsInvoke() {
				list = append(list, p.ownMethods(call.Common())...)
			}
		}
	}
	return list
}

// local returns the function of this package whose body says what f does, or
// nil: instances of generic functions and wrappers of methods have that of
// their origin.
func (p *Program) local(f *ssa.Function) *ssa.Function {
	if o := f.Origin(); o != nil {
		f = o
	}
	if f.Synthetic != "" && f.Parent() == nil {
		obj, ok := f.Object().(*types.Func)
		if !ok {
			return nil
		}
		g := p.pkg.Prog.FuncValue(obj.Origin())
		if g == nil || g == f {
			return nil
		}
		f = g
	}
	if f.Pkg != p.pkg || f.Blocks == nil {
		return nil
	}
	return f
}

// export gives the summaries of functions that others can call.
func (p *Program) export() {
	for _, f := range p.funcs {
		obj, ok := f.Object().(*types.Func)
		if !ok || !obj.Exported() || f.Parent() != nil {
			continue
		}
		if s := p.summaries[f]; s != nil && !s.neutral() {
			p.pass.ExportObjectFact(obj, &Fact{B: s.encode()})
		}
	}
}

// imports returns the summary of a function of another package, or nil.
func (p *Program) imports(obj *types.Func) *Summary {
	if s, ok := p.imported[obj]; ok {
		return s
	}
	var fact Fact
	var s *Summary
	if obj.Pkg() != nil && obj.Pkg() != p.pass.Pkg && p.pass.ImportObjectFact(obj, &fact) {
		if decoded, err := decode(fact.B, p.intern); err == nil {
			s = decoded
		}
	}
	p.imported[obj] = s
	return s
}

// intern completes a label that another package has found.
func (p *Program) intern(l labels.Label, policy string) *labels.Label {
	id := l.Of + "\x00" + l.Class + "\x00" + policy
	if known, ok := p.labels[id]; ok {
		return known
	}
	var made *labels.Label
	for _, q := range p.info.Policies {
		if q.Path == policy {
			level, ok := q.Scale().Level(l.Class)
			if ok {
				l.Policy, l.Level = q, level
				made = &l
			}
		}
	}
	p.labels[id] = made
	return made
}

// found returns the findings in order.
func (p *Program) found() []Finding {
	list := make([]Finding, 0, len(p.findings))
	for _, f := range p.findings {
		slices.SortFunc(f.Labels, labels.Higher)
		f.Labels = slices.CompactFunc(f.Labels, func(a, b *labels.Label) bool { return a.Of == b.Of })
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b Finding) int {
		x, y := p.pass.Fset.Position(a.Pos), p.pass.Fset.Position(b.Pos)
		return cmp.Or(strings.Compare(x.Filename, y.Filename), cmp.Compare(x.Offset, y.Offset),
			strings.Compare(a.Class, b.Class), strings.Compare(a.Where, b.Where))
	})
	return list
}

// place names a place in a file for people: store.go:12.
func (p *Program) place(pos token.Pos) string {
	at := p.pass.Fset.Position(pos)
	if !at.IsValid() {
		return p.pass.Pkg.Name()
	}
	return fmt.Sprintf("%s/%s:%d", p.pass.Pkg.Name(), filepath.Base(at.Filename), at.Line)
}
