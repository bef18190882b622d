package labels

import (
	"bytes"
	"compress/flate"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/factbytes"
	"github.com/sekisho-go/sekisho/internal/directive"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Checks are the names that //zone:allow knows.
var Checks = []string{"labels", "leak", "forge", "placement", "stale", "crossing", "literal", "keys"}

// Analyzer finds the labels and policies in sight of a package. Its result is
// an [*Info]. It reports what no single check could: directives that cannot be
// read, and packages that the policy does not get to.
var Analyzer = newAnalyzer()

// given are the flags of the analyzer, set by the driver.
type given struct {
	policy string // file with a compiled policy
	sum    string // its digest
}

func newAnalyzer() *analysis.Analyzer {
	g := new(given)
	a := &analysis.Analyzer{
		Name: "zones",
		Doc: "collect labels and policies for the other checks\n\n" +
			"Reports directives that cannot be read, allowances of checks that do not exist, and packages that use a type\n" +
			"which only the policy labels, without having the policy in sight.",
		URL:        "https://pkg.go.dev/github.com/sekisho-go/sekisho/gen/zonevet",
		Run:        g.run,
		ResultType: reflect.TypeFor[*Info](),
		FactTypes:  []analysis.Fact{new(Sight)},
	}
	a.Flags.StringVar(&g.policy, "policy", "", "`file` with a compiled policy that is in force in every package, also in those that do not import its zones")
	a.Flags.StringVar(&g.sum, "sum", "", "`digest` of that policy, without which it is refused: the go command caches by flags, not by what is in files")
	return a
}

// Sight is what a package passes on to those that import it: policies, labelled
// scalars, and packages of the module that have no policy in sight.
type Sight struct{ B []byte }

// AFact marks a fact.
func (*Sight) AFact() {}

// String describes the fact for people who debug.
func (s *Sight) String() string { return fmt.Sprintf("sight of %d bytes", len(s.B)) }

// sight is a Sight, decoded.
type sight struct {
	policies map[string]string // zones package to JSON
	scalars  map[string]string // qualified name to tag
	blind    map[string]bool   // "imported package\x00blind package"
}

func newSight() *sight {
	return &sight{map[string]string{}, map[string]string{}, map[string]bool{}}
}

const sightVersion = 1

// maxBlind bounds what is passed on of blind packages in a module that has no
// policy anywhere.
const maxBlind = 2000

// encode gives the same bytes for the same sight. They are compressed, because
// every importer has them again.
func (s *sight) encode() []byte {
	var w factbytes.Writer
	for _, m := range []map[string]string{s.policies, s.scalars} {
		keys := sortedKeys(m)
		w.Uint(uint64(len(keys)))
		for _, k := range keys {
			w.String(k)
			w.String(m[k])
		}
	}
	w.Strings(sortedKeys(s.blind))
	var b bytes.Buffer
	b.WriteByte(sightVersion)
	z, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil // there is such a level
	}
	z.Write(w.Bytes()) // a bytes.Buffer does not fail
	z.Close()
	return b.Bytes()
}

// maxSight bounds what is unpacked.
const maxSight = 64 << 20

// add joins an encoded sight to s.
func (s *sight) add(b []byte) error {
	if len(b) == 0 || b[0] != sightVersion {
		return factbytes.ErrBroken
	}
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b[1:])), maxSight))
	if err != nil {
		return err
	}
	r := factbytes.NewReader(data)
	for _, m := range []map[string]string{s.policies, s.scalars} {
		for range r.Len() {
			k := r.String()
			m[k] = r.String()
		}
	}
	for _, pair := range r.Strings() {
		s.blind[pair] = true
	}
	return r.Err()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (g *given) run(pass *analysis.Pass) (any, error) {
	info := &Info{Std: IsStd(pass), Generated: map[string]bool{}, structs: map[*types.Named]*Struct{}, labels: map[*types.Named]*Label{}}
	if info.Std {
		return info, nil
	}
	s, err := gather(pass)
	if err != nil {
		return nil, err
	}
	for _, path := range sortedKeys(s.policies) {
		p, err := newPolicy(path, s.policies[path])
		if err != nil {
			return nil, err
		}
		info.Policies = append(info.Policies, p)
	}
	if err := g.addPolicy(info); err != nil {
		pass.Report(analysis.Diagnostic{Pos: packageClause(pass), Message: err.Error()}) // an error would hide behind those of the checks
	}
	info.scalars = s.scalars
	readFiles(pass, info)
	blind(pass, info, s)
	if len(s.policies)+len(s.scalars)+len(s.blind) > 0 {
		pass.ExportPackageFact(&Sight{B: s.encode()})
	}
	return info, nil
}

// IsStd reports whether a package belongs to the standard library: it is of no
// module, and its path does not begin with a domain.
func IsStd(pass *analysis.Pass) bool {
	first, _, _ := strings.Cut(pass.Pkg.Path(), "/")
	return (pass.Module == nil || pass.Module.Path == "") && !strings.Contains(first, ".") && first != "command-line-arguments"
}

// gather joins what the imported packages pass on and what the package has
// itself.
func gather(pass *analysis.Pass) (*sight, error) {
	s := newSight()
	for _, imported := range pass.Pkg.Imports() {
		var fact Sight
		if pass.ImportPackageFact(imported, &fact) {
			if err := s.add(fact.B); err != nil {
				return nil, fmt.Errorf("%s: %w", imported.Path(), err)
			}
		}
	}
	if json := ownPolicy(pass.Pkg); json != "" {
		s.policies[pass.Pkg.Path()] = json
	}
	for _, f := range pass.Files {
		ownScalars(pass, f, s)
	}
	return s, nil
}

// ownPolicy returns the compiled policy if the package is a zones package.
func ownPolicy(pkg *types.Package) string {
	if pkg.Scope().Lookup("PolicyDigest") == nil {
		return ""
	}
	for _, name := range [...]string{"PolicyJSON", "policyJSON"} {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if ok && c.Val().Kind() == constant.String {
			return constant.StringVal(c.Val())
		}
	}
	return ""
}

// ownScalars finds the labelled scalar types of a file. Directives that cannot
// be read are the business of readFiles.
func ownScalars(pass *analysis.Pass, f *ast.File, s *sight) {
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		for _, spec := range d.Specs {
			spec := spec.(*ast.TypeSpec)
			doc := spec.Doc
			if doc == nil && !d.Lparen.IsValid() {
				doc = d.Doc
			}
			if doc == nil {
				continue
			}
			for _, c := range doc.List {
				if label, ok, err := directive.Parse(c.Text); err == nil && ok && label.Kind == directive.Label {
					s.scalars[pass.Pkg.Path()+"."+spec.Name.Name] = label.Tag.String()
				}
			}
		}
	}
}

// addPolicy adds the policy that the flags name.
func (g *given) addPolicy(info *Info) error {
	if g.policy == "" {
		return nil
	}
	data, err := os.ReadFile(g.policy)
	if err != nil {
		return fmt.Errorf("-zones.policy: %w", err)
	}
	decoded, err := policy.Decode(data)
	if err != nil {
		return fmt.Errorf("-zones.policy: %w", err)
	}
	if got := decoded.Digest(); got != g.sum {
		return fmt.Errorf("-zones.policy: the policy has the digest %s, -zones.sum says %q: give the digest of the file as it is", got, g.sum)
	}
	for _, p := range info.Policies {
		if p.Digest() == decoded.Digest() {
			return nil
		}
	}
	p, err := newPolicy("", string(data))
	if err != nil {
		return err
	}
	info.Policies = append(info.Policies, p)
	return nil
}

// readFiles reads the directives and banners of the package's files.
func readFiles(pass *analysis.Pass, info *Info) {
	list, troubles := check.Allowances(pass.Fset, pass.Files)
	info.Allowances = list
	for _, t := range troubles {
		pass.Report(analysis.Diagnostic{Pos: t.Pos, Message: t.Msg})
	}
	for _, a := range list {
		if !slices.Contains(Checks, a.Check) {
			pass.Report(analysis.Diagnostic{Pos: a.Pos, Message: fmt.Sprintf("there is no check %s to allow: want one of %s", a.Check, strings.Join(Checks, ", "))})
		}
	}
	for _, f := range pass.Files {
		for _, g := range f.Comments {
			if g.Pos() < f.Package && strings.HasPrefix(g.List[0].Text, Banner) {
				info.Generated[pass.Fset.Position(f.Package).Filename] = true
			}
		}
	}
}

// Banner begins the files that the generator writes.
const Banner = "// Code generated by sekisho; DO NOT EDIT."

// blind reports the packages of the module that use a type which a policy in
// sight labels, and have no sight of it; and notes the package if it has none.
func blind(pass *analysis.Pass, info *Info, s *sight) {
	if len(info.Policies) > 0 {
		reportBlind(pass, info, s)
		clear(s.blind) // those above have the report of this package
		return
	}
	module := moduleOf(pass)
	for pair := range s.blind {
		if _, by, _ := strings.Cut(pair, "\x00"); module == "" || !inModule(by, module) {
			delete(s.blind, pair)
		}
	}
	if module == "" || len(s.blind) > maxBlind {
		return
	}
	for _, imported := range pass.Pkg.Imports() {
		if first, _, _ := strings.Cut(imported.Path(), "/"); strings.Contains(first, ".") && !inModule(imported.Path(), module) {
			s.blind[imported.Path()+"\x00"+pass.Pkg.Path()] = true
		}
	}
}

func reportBlind(pass *analysis.Pass, info *Info, s *sight) {
	for _, p := range info.Policies {
		for _, name := range sortedKeys(p.types) {
			path := name[:max(0, strings.LastIndexByte(name, '.'))]
			for _, pair := range sortedKeys(s.blind) {
				if of, by, _ := strings.Cut(pair, "\x00"); of == path {
					pass.Report(analysis.Diagnostic{Pos: packageClause(pass), Message: fmt.Sprintf(
						"the policy %s labels %s, but package %s, which imports %s, does not have it in sight: import _ %q there",
						p.Name, name, by, path, p.Path)})
				}
			}
		}
	}
}

// packageClause is where something about a whole package is reported.
func packageClause(pass *analysis.Pass) token.Pos {
	if len(pass.Files) == 0 {
		return token.NoPos
	}
	return pass.Files[0].Name.Pos()
}

// moduleOf is the module of the package, or what takes its place where there is
// none: the first element of the path, a domain.
func moduleOf(pass *analysis.Pass) string {
	if pass.Module != nil && pass.Module.Path != "" {
		return pass.Module.Path
	}
	first, _, _ := strings.Cut(pass.Pkg.Path(), "/")
	return first
}

func inModule(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}

// TagOf reads the tag of a field: the one way of all checks.
func TagOf(s *types.Struct, field int) (classify.Tag, bool, error) {
	return classify.LookupTag(s.Tag(field))
}
