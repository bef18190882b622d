package load

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/sekisho-go/sekisho/internal/directive"
	"github.com/sekisho-go/sekisho/internal/model"
)

// notes are the directives of one file. Each must stand where it means
// something: a label that goes unseen is worse than none.
type notes struct {
	file *sourceFile
	list []*note
}

// note is one directive.
type note struct {
	directive.Directive
	pos  token.Pos
	used bool
}

// readNotes parses the directives of a file.
func (l *loader) readNotes(f *sourceFile) *notes {
	ns := &notes{file: f}
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			d, ok, err := directive.Parse(c.Text)
			var bad *directive.Error
			switch {
			case errors.As(err, &bad):
				l.report(l.position(c.Pos()+token.Pos(bad.Offset)), "", "mend the directive, or reword the comment if it is none", "%s", bad.Msg)
			case ok:
				ns.list = append(ns.list, &note{Directive: d, pos: c.Pos()})
			}
		}
	}
	return ns
}

// take returns the directives of a kind in a doc comment.
func (ns *notes) take(doc *ast.CommentGroup, kind directive.Kind) []*note {
	if ns == nil || doc == nil {
		return nil
	}
	var out []*note
	for _, n := range ns.list {
		if n.Kind == kind && doc.Pos() <= n.pos && n.pos < doc.End() {
			n.used = true
			out = append(out, n)
		}
	}
	return out
}

// reportUnused reports directives that stand above nothing that they could
// mean.
func (ns *notes) reportUnused(l *loader) {
	if ns == nil {
		return
	}
	for _, n := range ns.list {
		if n.used {
			continue
		}
		switch n.Kind {
		case directive.Label:
			l.report(l.position(n.pos), "", "write it in the doc comment of a named type that is no struct; fields of structs take tags",
				"//%s labels nothing here", n.Kind)
		case directive.Views:
			l.report(l.position(n.pos), "", "write it in the doc comment of a labelled struct", "//%s means nothing here", n.Kind)
		case directive.Package:
			l.report(l.position(n.pos), "", "write it above the package clause", "//%s means nothing here", n.Kind)
		}
	}
}

// setZone gives the package the zone that a file names above its package
// clause.
func (l *loader) setZone(p *model.Package, ns *notes) {
	for _, n := range ns.list {
		if n.Kind != directive.Package || n.pos > ns.file.syntax.Package {
			continue
		}
		n.used = true
		name := n.Zone
		switch {
		case !slices.Contains(l.words.zones, name):
			l.report(l.position(n.pos), p.Path, didYouMean(name, l.words.zones, "the policy has"), "the policy %s has no zone %s", l.policy.Name, name)
		case p.Zone != "" && p.Zone != name:
			l.report(l.position(n.pos), p.Path, "name one: what a package may use follows from it", "package %s is said to be of %s and of %s", p.Name, p.Zone, name)
		default:
			p.Zone = name
		}
	}
}

// readViews gives t the views that a directive asks for.
func (l *loader) readViews(t *model.Type, c *candidate) {
	for _, n := range c.notes.take(c.doc, directive.Views) {
		t.HasViews = true
		for _, name := range n.Views {
			switch {
			case !slices.Contains(l.words.views, name):
				l.report(l.position(n.pos), t.Name, didYouMean(name, l.words.views, "the policy has"), "the policy %s has no zone and no named route %s", l.policy.Name, name)
			case name == t.Home:
				l.report(l.position(n.pos), t.Name, "name the zones that it goes to", "%s lives in %s and needs no view there", t.Name, name)
			case !slices.Contains(t.Views, name):
				t.Views = append(t.Views, name)
			}
		}
	}
}

// findScalar adds a named type with a label of its own.
func (l *loader) findScalar(c *candidate, named *types.Named) {
	labels := c.notes.take(c.doc, directive.Label)
	if len(labels) == 0 {
		return
	}
	s := &model.Scalar{Name: c.obj.Name(), PkgPath: c.pkg.Path, Pos: l.position(c.obj.Pos()), Tag: labels[0].Tag, Named: named}
	if len(labels) > 1 {
		l.report(l.position(labels[1].pos), s.Name, "join the names with + in one directive", "%s is labelled twice", s.Name)
	}
	l.scalars[objectKey(c.obj)] = s
	l.labelAt[s] = labels[0].pos
	c.pkg.Scalars = append(c.pkg.Scalars, s)
}
