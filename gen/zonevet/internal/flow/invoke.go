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
	k := methodKey{iface, common.Method}
	list, ok := p.own[k]
	if !ok {
		list = p.implementations(iface, common.Method)
		p.own[k] = list
	}
	return list
}

// methodKey is a method of an interface, as one that embeds it has it.
type methodKey struct {
	iface  *types.Interface
	method *types.Func
}

// implementations are the methods of the types of this package that implement a
// method of an interface.
func (p *Program) implementations(iface *types.Interface, method *types.Func) (list []*ssa.Function) {
	for _, ptr := range p.concrete() {
		m, _, _ := types.LookupFieldOrMethod(ptr, false, method.Pkg(), method.Name())
		fn, ok := m.(*types.Func)
		if !ok || !types.Implements(ptr, iface) {
			continue
		}
		if f := p.pkg.Prog.FuncValue(fn.Origin()); f != nil {
			if f = p.local(f); f != nil {
				list = append(list, f)
			}
		}
	}
	return list[:min(len(list), maxImplementations)]
}

// concrete are pointers to the types of this package that can implement
// interfaces, by name.
func (p *Program) concrete() []*types.Pointer {
	if p.pointers == nil {
		p.pointers = []*types.Pointer{}
		scope := p.pass.Pkg.Scope()
		for _, name := range scope.Names() {
			obj, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || obj.IsAlias() {
				continue
			}
			if n, ok := obj.Type().(*types.Named); ok && n.TypeParams().Len() == 0 && !types.IsInterface(n) {
				p.pointers = append(p.pointers, types.NewPointer(n))
			}
		}
	}
	return p.pointers
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
	k := methodKey{iface, common.Method}
	list, ok := p.foreign[k]
	if !ok {
		for _, m := range p.methods[common.Method.Name()] {
			if types.Implements(m.Signature().Recv().Type(), iface) {
				list = append(list, m)
			}
		}
		list = list[:min(len(list), maxImplementations)]
		p.foreign[k] = list
	}
	return list
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
