package forge

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/source"
)

// function finds calls that make views: decoders, reflection and type
// parameters; and those that teach an encoder to show what is closed.
func (f *finder) function(call *ast.CallExpr) {
	callee := typeutil.StaticCallee(f.pass.TypesInfo, call)
	if callee == nil {
		if m, ok := typeutil.Callee(f.pass.TypesInfo, call).(*types.Func); ok {
			callee = m
		}
	}
	if callee == nil || callee.Pkg() == nil {
		return
	}
	path := callee.Pkg().Path()
	switch {
	case path == "reflect":
		f.reflection(call, callee)
		return
	case path == labels.ModulePath || strings.HasPrefix(path, labels.ModulePath+"/"):
		return // a parcel makes views, and so do the generated methods
	}
	f.decoder(call, callee)
	f.typeArguments(call, callee)
}

// decodes reports whether a function is called like one that fills what it is
// given.
func decodes(name string) bool {
	for _, prefix := range []string{"Unmarshal", "Decode", "Scan", "Bind", "ReadJSON", "Fill", "Populate", "Sscan", "Fscan"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// decoder finds views, and fields of views, that are given to a decoder.
func (f *finder) decoder(call *ast.CallExpr, callee *types.Func) {
	if !decodes(callee.Name()) {
		return
	}
	for _, arg := range call.Args {
		t := f.pass.TypesInfo.TypeOf(arg)
		if v := f.viewBelow(t, 0); v != nil && t != nil && isPointer(t) {
			f.say(arg, "the view "+v.Name()+" is filled by "+callee.Name()+remedy)
			continue
		}
		if ref, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && ref.Op == token.AND {
			if sel, ok := ast.Unparen(ref.X).(*ast.SelectorExpr); ok {
				if v := source.View(f.pass.Fset, f.info, elem(f.pass.TypesInfo.TypeOf(sel.X))); v != nil {
					f.say(arg, "the field "+sel.Sel.Name+" of the view "+v.Name()+" is filled by "+callee.Name()+remedy)
				}
			}
		}
	}
}

func isPointer(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}

// viewBelow finds a view in what a decoder would fill.
func (f *finder) viewBelow(t types.Type, depth int) *labels.Struct {
	if t == nil || depth > 4 {
		return nil
	}
	if v := source.View(f.pass.Fset, f.info, t); v != nil {
		return v
	}
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		return f.viewBelow(u.Elem(), depth+1)
	case *types.Slice:
		return f.viewBelow(u.Elem(), depth+1)
	case *types.Array:
		return f.viewBelow(u.Elem(), depth+1)
	case *types.Map:
		return f.viewBelow(u.Elem(), depth+1)
	}
	return nil
}

// reflection finds reflect.New and its like of a view, and reflect.ValueOf a
// pointer to one.
func (f *finder) reflection(call *ast.CallExpr, callee *types.Func) {
	switch callee.Name() {
	case "New", "NewAt", "Zero", "MakeSlice", "MakeMap":
		for _, arg := range call.Args {
			ast.Inspect(arg, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					if v := f.viewBelow(f.pass.TypesInfo.TypeOf(e), 0); v != nil {
						f.say(call, "the view "+v.Name()+" is made by reflect."+callee.Name()+remedy)
						return false
					}
				}
				return true
			})
		}
	case "ValueOf":
		if len(call.Args) == 1 && isPointer(f.pass.TypesInfo.TypeOf(call.Args[0])) {
			if v := f.viewBelow(f.pass.TypesInfo.TypeOf(call.Args[0]), 0); v != nil {
				f.say(call, "reflect.ValueOf a pointer lets anybody write into the view "+v.Name()+": pass the view itself")
			}
		}
	}
}

// teaches are functions that give an encoder another form of a type.
var teaches = map[string]bool{
	"MarshalFunc": true, "MarshalToFunc": true, "UnmarshalFunc": true, "UnmarshalFromFunc": true, // for json.WithMarshalers
	"CustomMarshaler": true, "CustomUnmarshaler": true, "RegisterCustomMarshaler": true, "RegisterCustomUnmarshaler": true, // goccy/go-yaml
	"RegisterTypeEncoder": true, "RegisterTypeDecoder": true, "RegisterTypeEncoderFunc": true, "RegisterTypeDecoderFunc": true, // json-iterator, bson
}

// typeArguments finds generic functions that make a view out of nothing, and
// those that teach an encoder to show a labelled or closed type.
func (f *finder) typeArguments(call *ast.CallExpr, callee *types.Func) {
	if teaches[callee.Name()] {
		f.taught(call, callee)
		return
	}
	inst := f.instance(call)
	if inst == nil {
		return
	}
	sig := callee.Origin().Signature()
	for i := range inst.Len() {
		v := source.View(f.pass.Fset, f.info, elem(inst.At(i)))
		if v == nil || i >= sig.TypeParams().Len() {
			continue
		}
		param := sig.TypeParams().At(i)
		if mentions(sig.Results(), param) && !mentions(sig.Params(), param) {
			f.say(call, callee.Name()+" makes the view "+v.Name()+" out of nothing"+remedy)
		}
	}
}

// taught checks the type that an encoder is taught: the type argument, or where
// there is none the types of the arguments.
func (f *finder) taught(call *ast.CallExpr, callee *types.Func) {
	var all []types.Type
	if inst := f.instance(call); inst != nil {
		for t := range inst.Types() {
			all = append(all, t)
		}
	}
	for _, arg := range call.Args {
		ast.Inspect(arg, func(n ast.Node) bool { // reflect.TypeOf(v), reflect.TypeFor[T]()
			if e, ok := n.(ast.Expr); ok {
				if t := f.pass.TypesInfo.TypeOf(e); t != nil {
					all = append(all, t)
				}
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
	}
	for _, t := range all {
		if s := f.info.Struct(t); s != nil {
			f.say(call, callee.Name()+" teaches an encoder to show "+s.Name()+", which is closed: send it through an endpoint of its zone")
			return
		}
		if labels.Closed(elem(t)) {
			f.say(call, callee.Name()+" teaches an encoder to show a closed value: ask by zone for what is in it")
			return
		}
	}
}

// instance is the type arguments of a call of a generic function, or nil.
func (f *finder) instance(call *ast.CallExpr) *types.TypeList {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return f.pass.TypesInfo.Instances[x].TypeArgs
	case *ast.SelectorExpr:
		return f.pass.TypesInfo.Instances[x.Sel].TypeArgs
	}
	return nil
}

// mentions reports whether parameters or results can hold a value of a type
// parameter.
func mentions(tuple *types.Tuple, param *types.TypeParam) bool {
	var in func(t types.Type, depth int) bool
	in = func(t types.Type, depth int) bool {
		if depth > 8 {
			return false
		}
		switch t := types.Unalias(t).(type) {
		case *types.TypeParam:
			return t == param
		case *types.Named:
			for a := range t.TypeArgs().Types() {
				if in(a, depth+1) {
					return true
				}
			}
		case *types.Map:
			return in(t.Key(), depth+1) || in(t.Elem(), depth+1)
		case *types.Signature:
			return mentions(t.Params(), param) || mentions(t.Results(), param)
		case interface{ Elem() types.Type }:
			return in(t.Elem(), depth+1)
		}
		return false
	}
	for v := range tuple.Variables() {
		if in(v.Type(), 0) {
			return true
		}
	}
	return false
}

// variables finds variables of a view that begin empty and are filled field by
// field. The zero value alone is quiet: it is overwritten by a crossing, or
// compared with.
func (f *finder) variables(body *ast.BlockStmt) {
	empty := map[types.Object]*ast.Ident{}
	ast.Inspect(body, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 0 {
			f.noteEmpty(spec, empty)
		}
		return true
	})
	f.filled(body, empty)
}

func (f *finder) packageVariables(file *ast.File, d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	empty := map[types.Object]*ast.Ident{}
	for _, spec := range d.Specs {
		if spec := spec.(*ast.ValueSpec); len(spec.Values) == 0 {
			for _, name := range spec.Names {
				if obj := f.pass.TypesInfo.Defs[name]; obj != nil && obj.Parent() == f.pass.Pkg.Scope() {
					f.noteEmpty(spec, empty)
				}
			}
		}
	}
	f.filled(file, empty)
}

func (f *finder) noteEmpty(spec *ast.ValueSpec, empty map[types.Object]*ast.Ident) {
	for _, name := range spec.Names {
		switch obj := f.pass.TypesInfo.Defs[name]; {
		case obj == nil:
		case isHome(obj.Type()):
			f.say(name, "a zone.Home stands alone: embed it in the struct that lives there")
		case f.forgeable(obj.Type()) != "":
			empty[obj] = name
		}
	}
}

// filled reports the empty variables whose fields are assigned.
func (f *finder) filled(in ast.Node, empty map[types.Object]*ast.Ident) {
	if len(empty) == 0 {
		return
	}
	ast.Inspect(in, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, lhs := range assign.Lhs {
			sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
			if !ok {
				continue
			}
			id, ok := ast.Unparen(sel.X).(*ast.Ident)
			if !ok {
				continue
			}
			if name := empty[f.pass.TypesInfo.Uses[id]]; name != nil {
				f.say(name, f.forgeable(f.pass.TypesInfo.TypeOf(name))+" is filled by hand"+remedy)
			}
		}
		return true
	})
}
