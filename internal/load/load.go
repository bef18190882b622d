package load

import (
	"cmp"
	"context"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Config says what to read and by which policy.
type Config struct {
	Dir       string            // where patterns are relative to; the working directory by default
	Patterns  []string          // as the go command takes them; "." by default
	Policy    *policy.Policy    // checked
	ZonesPath string            // import path of the zones package
	Overlay   map[string][]byte // files by path that are read instead of, or in addition to, those on disk
	Tags      []string          // further build tags
	Tests     bool              // test files, too
	Env       []string          // environment of the go command; the process's own by default
}

// Result is what was found. It is deterministic: two loads of the same files
// by the same policy give the same result.
type Result struct {
	Fset        *token.FileSet
	Packages    []*model.Package // asked for, or with labelled types; by import path
	Foreign     []*model.Type    // types that the policy labels and that were found, by import path and name
	Diagnostics []model.Diagnostic
	Unresolved  []Unresolved
}

// Unresolved is a labelled type that cannot be known in full because a type
// that it mentions does not exist. A generated view that a hand-written struct
// holds is such a type until it has been generated: generate, overlay the
// output and load again. What is unresolved then is an error; Diagnostic says
// which.
type Unresolved struct {
	Type       *model.Type  // with a nil Named when not even its kind is known
	Field      *model.Field // nil when the type as a whole is unresolved
	Diagnostic model.Diagnostic
}

// Load reads the packages and finds what is labelled. Problems in the source
// and in what the policy says of it are in the Result; the error is about
// reading as a whole: a go command that fails, patterns that match nothing, a
// context that is done.
func Load(ctx context.Context, cfg Config) (*Result, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	list, err := listPackages(ctx, cfg)
	if err != nil {
		return nil, err
	}
	tree := newTree(cfg, list)
	if err := tree.check(ctx); err != nil {
		return nil, err
	}
	l := newLoader(cfg, tree)
	l.find()
	l.fill()
	return l.result(), nil
}

// complete fills in defaults and makes paths absolute. Links are followed: the
// go command compares paths of an overlay as they are written.
func (cfg Config) complete() (Config, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return cfg, err
	}
	cfg.Dir = realPath(dir)
	if len(cfg.Patterns) == 0 {
		cfg.Patterns = []string{"."}
	}
	overlay := make(map[string][]byte, len(cfg.Overlay))
	for name, content := range cfg.Overlay {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		overlay[realPath(filepath.Clean(name))] = includeAlways(content)
	}
	cfg.Overlay = overlay
	return cfg, nil
}

// realPath follows the links in a path, as far as it exists.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(realPath(parent), filepath.Base(path))
	}
	return path
}

// result puts everything in its order.
func (l *loader) result() *Result {
	r := &Result{Fset: l.tree.fset}
	for _, p := range l.packages {
		if p.Root || len(p.Types) > 0 || len(p.Scalars) > 0 {
			r.Packages = append(r.Packages, p)
		}
	}
	slices.SortStableFunc(r.Packages, func(a, b *model.Package) int { return cmp.Compare(a.Path, b.Path) })
	r.Foreign = l.sortedForeign()
	l.keepRelevant(r)
	return r
}

// keepRelevant sorts what was reported and leaves out what is about types that
// nothing asked for holds: they may belong to another policy of the module, or
// are somebody else's to mend.
func (l *loader) keepRelevant(r *Result) {
	relevant := l.relevant()
	for _, d := range l.diagnostics {
		if d.owner == "" || relevant[d.owner] {
			r.Diagnostics = append(r.Diagnostics, d.Diagnostic)
		}
	}
	slices.SortFunc(r.Diagnostics, compareDiagnostics)
	r.Diagnostics = slices.Compact(r.Diagnostics)
	for _, u := range l.unresolved {
		if relevant[typeKey(u.Type)] {
			r.Unresolved = append(r.Unresolved, u)
		}
	}
	slices.SortFunc(r.Unresolved, func(a, b Unresolved) int { return compareDiagnostics(a.Diagnostic, b.Diagnostic) })
}

// relevant is everything that is declared in the packages asked for or held by
// a labelled type in them, by import path and name.
func (l *loader) relevant() map[string]bool {
	keys := map[string]bool{}
	var add func(t *model.Type)
	follow := func(s *model.Shape) bool {
		if n, ok := types.Unalias(s.Type).(*types.Named); ok {
			keys[objectKey(n.Obj())] = true
		}
		if s.Labelled != nil {
			add(s.Labelled)
		}
		return true
	}
	seen := map[*model.Type]bool{}
	add = func(t *model.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		keys[typeKey(t)] = true
		for _, f := range t.Fields {
			f.Shape.Walk(follow)
		}
	}
	for _, p := range l.packages {
		if !p.Root {
			continue
		}
		for _, name := range p.Scope.Names() {
			keys[p.Path+"."+name] = true
		}
		for _, t := range p.Types {
			add(t)
		}
	}
	for _, t := range l.foreign {
		add(t)
	}
	return keys
}

func (l *loader) sortedForeign() []*model.Type {
	return slices.SortedFunc(maps.Values(l.foreign), func(a, b *model.Type) int { return cmp.Compare(typeKey(a), typeKey(b)) })
}

func typeKey(t *model.Type) string { return t.PkgPath + "." + t.Name }

func compareDiagnostics(a, b model.Diagnostic) int {
	return cmp.Or(
		strings.Compare(a.Pos.Filename, b.Pos.Filename),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Pos.Column, b.Pos.Column),
		strings.Compare(a.Path, b.Path),
		strings.Compare(a.Msg, b.Msg),
		strings.Compare(a.Remedy, b.Remedy),
	)
}
