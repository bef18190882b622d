package plan

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Func is a function that masks or generalises.
type Func struct {
	Name    string // as the policy spells it
	Path    string // import path
	Package string // package name
	Go      string // Go name
	Param   string // type of the parameter, in the spelling of TypeString
	Basic   types.BasicKind
	Result  *Shape
	Err     bool // also returns an error
	AsOf    bool // also takes the time of the crossing
	check   bool // it parses what a category holds
}

// Accepts reports whether the function takes values of shape s: of its
// parameter's type, or of a type with the same basic type beneath.
func (f *Func) Accepts(s *Shape) bool {
	if TypeString(s.Type) == f.Param {
		return true
	}
	if s.Go == nil || f.Basic == types.Invalid || s.Kind != model.Basic {
		return false
	}
	b, ok := s.Go.Underlying().(*types.Basic)
	return ok && b.Kind() == f.Basic
}

// Funcs are the functions that a policy and its tags name.
type Funcs struct {
	byName map[string]*Func
	errs   map[string]error
}

// Lookup returns the function with that name in the policy.
func (fs *Funcs) Lookup(name string) (*Func, error) {
	if f := fs.byName[name]; f != nil {
		return f, nil
	}
	if err := fs.errs[name]; err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("there is no function %q to mask or generalise with", name)
}

// FuncNames returns the functions that a policy and the types of a module
// name, sorted.
func FuncNames(p *policy.Policy, pkgs []*model.Package) []string {
	var names []string
	add := func(ns ...string) {
		for _, n := range ns {
			if n != "" {
				names = append(names, n)
			}
		}
	}
	for _, q := range append([]*policy.Policy{p}, p.Overlays...) {
		for _, c := range q.Categories {
			add(c.Mask, c.Generalise)
		}
		for _, r := range q.Routes {
			for _, rule := range r.Rules {
				add(rule.With)
			}
		}
	}
	for _, pkg := range pkgs {
		for _, t := range pkg.Types {
			for _, f := range t.Fields {
				add(f.Tag.Mask, f.Tag.Generalise)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// CheckNames returns the checks that the categories of a policy name, sorted.
func CheckNames(p *policy.Policy) []string {
	var names []string
	for _, q := range append([]*policy.Policy{p}, p.Overlays...) {
		for _, c := range q.Categories {
			if c.Check != "" {
				names = append(names, c.Check)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// LoadConfig says how the go command finds the packages of functions.
type LoadConfig struct {
	Dir     string
	Env     []string
	Flags   []string // build flags
	Overlay map[string][]byte
}

// LoadFuncs finds and type-checks functions by the names that policies use for
// them: masks and generalisations, and checks. Functions that cannot be used
// are remembered with the reason and cost nothing until something needs them.
// The error is about the loading as a whole.
func LoadFuncs(ctx context.Context, cfg LoadConfig, names, checks []string) (*Funcs, error) {
	fs := &Funcs{byName: map[string]*Func{}, errs: map[string]error{}}
	want := map[string][]*Func{} // by import path
	ask := func(names []string, resolve func(string) (string, string, error), check bool) {
		for _, name := range names {
			path, ident, err := resolve(name)
			if err != nil {
				fs.errs[name] = err
				continue
			}
			want[path] = append(want[path], &Func{Name: name, Path: path, Go: ident, check: check})
		}
	}
	ask(names, classify.FuncName, false)
	ask(checks, classify.CheckName, true)
	if len(want) == 0 {
		return fs, nil
	}
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx, Dir: cfg.Dir, Env: cfg.Env, BuildFlags: cfg.Flags, Overlay: cfg.Overlay,
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedExportFile,
	}, slices.Sorted(maps.Keys(want))...)
	if err != nil {
		return nil, fmt.Errorf("loading the functions that the policy names: %w", err)
	}
	for _, pkg := range pkgs {
		for _, f := range want[pkg.PkgPath] {
			err := f.fill(pkg)
			switch {
			case err != nil:
				fs.errs[f.Name] = err
			case !f.check:
				fs.byName[f.Name] = f
			}
		}
	}
	return fs, nil
}

// CheckErrors returns what is wrong with the checks that a policy names, each
// at its category.
func (fs *Funcs) CheckErrors(p *policy.Policy) []model.Diagnostic {
	var out []model.Diagnostic
	for _, q := range append([]*policy.Policy{p}, p.Overlays...) {
		for _, c := range q.Categories {
			if err := fs.errs[c.Check]; c.Check != "" && err != nil {
				out = append(out, model.Diagnostic{
					Pos:    token.Position{Filename: c.Pos.File, Line: c.Pos.Line, Column: c.Pos.Col},
					Path:   "category " + c.Name,
					Msg:    err.Error(),
					Remedy: "name a check of classify, as jp.individual-number, or one of yours as import/path.Func",
				})
			}
		}
	}
	return out
}

// fill checks the signature of the function.
func (f *Func) fill(pkg *packages.Package) error {
	if pkg.Types == nil {
		return fmt.Errorf("the package of the function %s cannot be loaded", f.Name)
	}
	f.Package = pkg.Types.Name()
	found := pkg.Types.Scope().Lookup(f.Go)
	obj, ok := found.(*types.Func)
	switch {
	case ok:
	case found != nil:
		return fmt.Errorf("%s.%s is no function (named %q)", f.Path, f.Go, f.Name)
	case pkg.Types.Scope().Len() == 0 && len(pkg.Errors) > 0:
		return fmt.Errorf("the package of the function %s cannot be loaded: it does not exist, or does not compile", f.Name)
	default:
		return fmt.Errorf("there is no function %s in package %s (named %q)", f.Go, f.Path, f.Name)
	}
	sig := obj.Signature()
	if err := f.signature(sig); err != nil {
		return fmt.Errorf("%s.%s has the signature %s: %w", f.Path, f.Go, types.TypeString(sig, nil), err)
	}
	return nil
}

var errSignature = errors.New("wanted func(T) R, func(T) (R, error) or func(T, time.Time) R")

func (f *Func) signature(sig *types.Signature) error {
	if f.check {
		return checkSignature(sig)
	}
	params, results := sig.Params(), sig.Results()
	if sig.TypeParams().Len() > 0 || sig.Variadic() || params.Len() < 1 || params.Len() > 2 || results.Len() < 1 || results.Len() > 2 {
		return errSignature
	}
	if params.Len() == 2 {
		if types.TypeString(params.At(1).Type(), nil) != "time.Time" {
			return errSignature
		}
		f.AsOf = true
	}
	if results.Len() == 2 {
		if !types.Identical(results.At(1).Type(), types.Universe.Lookup("error").Type()) {
			return errSignature
		}
		f.Err = true
	}
	param := types.Unalias(params.At(0).Type())
	f.Param = types.TypeString(param, nil)
	if b, ok := param.(*types.Basic); ok {
		f.Basic = b.Kind()
	}
	f.Result = resultShape(results.At(0).Type())
	return nil
}

// checkSignature wants a function that parses text: func(string) (T, error).
func checkSignature(sig *types.Signature) error {
	params, results := sig.Params(), sig.Results()
	if params.Len() == 1 && !sig.Variadic() && IsString(params.At(0).Type()) &&
		results.Len() == 2 && types.Identical(results.At(1).Type(), types.Universe.Lookup("error").Type()) {
		return nil
	}
	return errors.New("wanted func(string) (T, error)")
}

// resultShape is the shape of what a mask or a generalisation returns.
func resultShape(t types.Type) *Shape {
	s := &Shape{Type: GoType{t}, Go: t}
	named := types.TypeString(types.Unalias(t), nil)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		s.Kind = model.Basic
	case *types.Slice:
		if b, ok := u.Elem().(*types.Basic); ok && b.Kind() == types.Byte {
			s.Kind = model.Bytes
		}
	}
	switch {
	case named == "time.Time":
		s.Kind = model.Time
	case hasMethods(t, "MarshalText", "UnmarshalText"):
		s.Kind = model.Text
	case s.Kind == model.Invalid:
		s.Kind, s.Why = model.Refused, named+" has no MarshalText and UnmarshalText"
	}
	return s
}

// hasMethods reports whether *T has the methods.
func hasMethods(t types.Type, names ...string) bool {
	set := types.NewMethodSet(types.NewPointer(t))
	for _, n := range names {
		if set.Lookup(nil, n) == nil {
			return false
		}
	}
	return true
}

// IsString reports whether t is a string type, named or not.
func IsString(t types.Type) bool  { return basicInfo(t)&types.IsString != 0 }
func isInteger(t types.Type) bool { return basicInfo(t)&types.IsInteger != 0 }

func basicInfo(t types.Type) types.BasicInfo {
	if t == nil {
		return 0
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return 0
	}
	return b.Info()
}
