package stale

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/internal/directive"
	"github.com/sekisho-go/sekisho/internal/model"
)

// Analyzer is the check.
var Analyzer = &analysis.Analyzer{
	Name: About.Name, Doc: About.Doc(), URL: About.URL(),
	Requires: []*analysis.Analyzer{labels.Analyzer},
	Run:      run,
}

// regenerate is the remedy, as a command.
const regenerate = "; run: sekisho gen ./..."

func run(pass *analysis.Pass) (any, error) {
	info := pass.ResultOf[labels.Analyzer].(*labels.Info)
	if info.Std {
		return nil, nil
	}
	c := &comparer{pass: pass, info: info, report: check.NewReporter(pass, About, info.Allowances)}
	if len(info.Policies) > 0 {
		for _, f := range pass.Files {
			if err := c.edited(f); err != nil {
				return nil, err
			}
			c.transits = append(c.transits, c.readTransits(f)...)
		}
		for _, t := range c.records() {
			c.compare(t)
		}
	}
	c.report.Finish()
	return nil, nil
}

// comparer compares one package with its policy.
type comparer struct {
	pass     *analysis.Pass
	info     *labels.Info
	report   *check.Reporter
	transits []*transit
}

func (c *comparer) say(pos token.Pos, format string, args ...any) {
	c.report.Report(analysis.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...) + regenerate})
}

// header is the second line of a generated file.
var header = regexp.MustCompile(`^// Labels and decisions: sha256:([0-9a-f]+)$`)

// edited reports generated files whose text is not the one that the digest in
// their header is of, and files that only have the name of one.
func (c *comparer) edited(f *ast.File) error {
	name := c.pass.Fset.Position(f.Package).Filename
	switch filepath.Base(name) {
	case model.GeneratedFile, model.GeneratedTestFile, model.GeneratedExternalTestFile:
	default:
		return nil
	}
	if !c.info.Generated[name] {
		c.say(f.Name.Pos(), "%s has the name of a generated file and was not generated: what it declares passes for views", filepath.Base(name))
		return nil
	}
	src, err := c.pass.ReadFile(name)
	if err != nil {
		return err
	}
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	_, rest, _ := bytes.Cut(src, []byte("\n"))
	line, rest, _ := bytes.Cut(rest, []byte("\n"))
	want := header.FindSubmatch(line)
	_, body, ok := bytes.Cut(rest, []byte("//go:build !"+model.BuildTag+"\n\n"))
	sum := sha256.Sum256(body)
	if want == nil || !ok || !strings.HasPrefix(hex.EncodeToString(sum[:]), string(want[1])) {
		c.say(f.Name.Pos(), "%s was changed after it was generated", filepath.Base(name))
	}
	return nil
}

// record is a hand-written labelled type.
type record struct {
	*labels.Struct
	named *types.Named
	under *types.Struct
	pos   token.Pos
	views []string // that are wanted; nil: all
}

func (r *record) home() string { return r.Zone }

// records are the hand-written labelled types of the package, in the order of
// the source.
func (c *comparer) records() []*record {
	var all []*record
	for _, f := range c.pass.Files {
		if c.info.Generated[c.pass.Fset.Position(f.Package).Filename] {
			continue
		}
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.TYPE {
				continue
			}
			for _, spec := range d.Specs {
				if r := c.record(d, spec.(*ast.TypeSpec)); r != nil {
					all = append(all, r)
				}
			}
		}
	}
	return all
}

func (c *comparer) record(d *ast.GenDecl, spec *ast.TypeSpec) *record {
	if _, ok := spec.Type.(*ast.StructType); !ok || spec.Assign.IsValid() || spec.TypeParams != nil {
		return nil
	}
	obj, ok := c.pass.TypesInfo.Defs[spec.Name].(*types.TypeName)
	if !ok {
		return nil
	}
	named, ok := obj.Type().(*types.Named)
	if !ok {
		return nil
	}
	s := c.info.Struct(named)
	if s == nil || s.Foreign || s.Policy == nil || s.Zone == "" {
		return nil
	}
	r := &record{Struct: s, named: named, under: named.Underlying().(*types.Struct), pos: spec.Name.Pos()}
	doc := spec.Doc
	if doc == nil && !d.Lparen.IsValid() {
		doc = d.Doc
	}
	if doc != nil {
		for _, comment := range doc.List {
			if dir, ok, err := directive.Parse(comment.Text); err == nil && ok && dir.Kind == directive.Views {
				r.views = append(r.views, dir.Views...)
			}
		}
	}
	return r
}

// compare compares the code of one type with its labels and its policy.
func (c *comparer) compare(r *record) {
	if !c.hasMethod(r, "LogValue") {
		c.say(r.pos, "%s is labelled and has no generated code: it shows its fields to every log and encoder", r.named.Obj().Name())
		return
	}
	for _, t := range c.transits {
		if t.typ == c.pass.Pkg.Path()+"."+r.named.Obj().Name() {
			c.compareTransit(r, t)
		}
	}
	c.compareViews(r)
	c.compareRoads(r)
}

// hasMethod reports whether generated code gives the type a method.
func (c *comparer) hasMethod(r *record, name string) bool {
	m := c.method(r, name)
	return m != nil && c.info.Generated[c.pass.Fset.Position(m.Pos()).Filename]
}

func (c *comparer) method(r *record, name string) *types.Func {
	for i := range r.named.NumMethods() {
		if m := r.named.Method(i); m.Name() == name {
			return m
		}
	}
	return nil
}

// wanted reports whether the type wants code for a zone, or for a named road.
func (r *record) wanted(zone, name string) bool {
	return r.views == nil || slices.Contains(r.views, zone) || name != "" && slices.Contains(r.views, name)
}
