package flow

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// maxImplementations bounds how many types a call of an interface is taken to
// mean.
const maxImplementations = 24

// invoke carries out a call of a method of an interface.
func (s *state) invoke(at *site, common *ssa.CallCommon) {
	defer s.told(at, common.Method)
	m := common.Method
	at.recv, at.args = common.Value, s.flatten(common.Args, m.Signature().Variadic())
	at.callee = funcName(m)
	switch {
	case m.Name() == "Error" && len(at.args) == 0, m.Name() == "String" && len(at.args) == 0:
		if len(at.res) == 1 {
			at.res[0] = s.read(common.Value, printMode, at.pos)
		}
		return
	}
	args := []actual{{v: common.Value}}
	for _, v := range common.Args {
		args = append(args, actual{v: v})
	}
	if mi, ok := common.Value.(*ssa.MakeInterface); ok {
		if obj, _, _ := types.LookupFieldOrMethod(mi.X.Type(), false, m.Pkg(), m.Name()); obj != nil {
			if f, ok := obj.(*types.Func); ok && !types.IsInterface(f.Signature().Recv().Type()) {
				args[0].v = mi.X
				s.method(at, f.Origin(), args)
				return
			}
		}
	}
	if effects, ok := s.known(m); ok {
		s.effects(at, effects)
		return
	}
	own, foreign := s.ownMethods(common), s.foreignMethods(common)
	for _, f := range own {
		s.apply(at, s.summaries[f], args, f)
	}
	for _, f := range foreign {
		s.apply(at, s.imports(f), args, nil)
	}
	if len(own)+len(foreign) == 0 && m.Pkg() != nil && !isRuntime(m.Pkg()) {
		s.unanalyzed(at)
	}
}

// method carries out a call of a known method.
func (s *state) method(at *site, m *types.Func, args []actual) {
	if effects, ok := s.known(m); ok {
		at.recv = args[0].v
		s.effects(at, effects)
		return
	}
	if isRuntime(m.Pkg()) {
		return
	}
	args = opened(args, m.Signature())
	if f := s.pkg.Prog.FuncValue(m); f != nil && s.local(f) != nil {
		s.apply(at, s.summaries[s.local(f)], args, s.local(f))
		return
	}
	s.apply(at, s.imports(m), args, nil)
}

// ownMethods are the methods of the types of this package that a call of an
// interface may mean. Interfaces of the standard library are left to the tables:
// too much implements them.
func (p *Program) ownMethods(common *ssa.CallCommon) []*ssa.Function {
	iface, ok := common.Value.Type().Underlying().(*types.Interface)
	if !ok || p.stdInterface(common) {
		return nil
	}
	var list []*ssa.Function
	scope := p.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		n, ok := obj.Type().(*types.Named)
		if !ok || n.TypeParams().Len() > 0 || types.IsInterface(n) {
			continue
		}
		ptr := types.NewPointer(n)
		if !types.Implements(ptr, iface) {
			continue
		}
		m, _, _ := types.LookupFieldOrMethod(ptr, false, common.Method.Pkg(), common.Method.Name())
		if fn, ok := m.(*types.Func); ok {
			if f := p.pkg.Prog.FuncValue(fn.Origin()); f != nil {
				if f = p.local(f); f != nil {
					list = append(list, f)
				}
			}
		}
	}
	return list[:min(len(list), maxImplementations)]
}

// stdInterface reports whether a method belongs to an interface of the standard
// library.
func (p *Program) stdInterface(common *ssa.CallCommon) bool {
	n, ok := types.Unalias(common.Value.Type()).(*types.Named)
	if !ok {
		return false
	}
	return n.Obj().Pkg() == nil || p.std(n.Obj().Pkg())
}

// std reports whether a package belongs to the standard library.
func (p *Program) std(pkg *types.Package) bool {
	first, _, _ := strings.Cut(pkg.Path(), "/")
	if strings.Contains(first, ".") || pkg == p.pass.Pkg {
		return false
	}
	m := p.pass.Module
	return m == nil || m.Path == "" || first != strings.Split(m.Path, "/")[0]
}

// foreignMethods are methods of imported types, with a summary, that a call of
// an interface may mean.
func (p *Program) foreignMethods(common *ssa.CallCommon) []*types.Func {
	iface, ok := common.Value.Type().Underlying().(*types.Interface)
	if !ok || p.stdInterface(common) {
		return nil
	}
	if p.methods == nil {
		p.methods = map[string][]*types.Func{}
		for _, f := range p.pass.AllObjectFacts() {
			p.addMethod(f)
		}
		for name := range p.methods {
			slices.SortFunc(p.methods[name], func(a, b *types.Func) int { return cmp.Compare(a.FullName(), b.FullName()) })
		}
	}
	var list []*types.Func
	for _, m := range p.methods[common.Method.Name()] {
		recv := m.Signature().Recv().Type()
		if types.Implements(recv, iface) {
			list = append(list, m)
		}
	}
	return list[:min(len(list), maxImplementations)]
}

func (p *Program) addMethod(f analysis.ObjectFact) {
	m, ok := f.Object.(*types.Func)
	if !ok || m.Signature().Recv() == nil || m.Pkg() == p.pass.Pkg {
		return
	}
	if _, ours := f.Fact.(*Fact); ours && !types.IsInterface(m.Signature().Recv().Type()) {
		p.methods[m.Name()] = append(p.methods[m.Name()], m)
	}
}
