package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
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
	pos  token.Pos
	verb string // zone:package, zone:views or classify:label
	args []string
	tag  classify.Tag
	used bool
}

// The directives that the loader takes.
const (
	verbPackage = "zone:package"
	verbViews   = "zone:views"
	verbLabel   = "classify:label"
)

// readNotes parses the directives of a file.
func (l *loader) readNotes(f *sourceFile) *notes {
	ns := &notes{file: f}
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			if !strings.HasPrefix(c.Text, "//zone:") && !strings.HasPrefix(c.Text, "//classify:") {
				continue
			}
			n, err := parseNote(c.Text)
			if err != nil {
				l.report(l.position(c.Pos()), "", "mend the directive, or write a space after // if it is none", "%s", firstLine(err.Error()))
				continue
			}
			if n != nil {
				n.pos = c.Pos()
				ns.list = append(ns.list, n)
			}
		}
	}
	return ns
}

// take returns the directives of a doc comment with the given verb.
func (ns *notes) take(doc *ast.CommentGroup, verb string) []*note {
	if ns == nil || doc == nil {
		return nil
	}
	var out []*note
	for _, n := range ns.list {
		if n.verb == verb && doc.Pos() <= n.pos && n.pos < doc.End() {
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
		switch n.verb {
		case verbLabel:
			l.report(l.position(n.pos), "", "write it in the doc comment of a named type that is no struct; fields of structs take tags",
				"//%s labels nothing here", n.verb)
		case verbViews:
			l.report(l.position(n.pos), "", "write it in the doc comment of a labelled struct", "//%s means nothing here", n.verb)
		case verbPackage:
			l.report(l.position(n.pos), "", "write it above the package clause", "//%s means nothing here", n.verb)
		}
	}
}

// setZone gives the package the zone that a file names above its package
// clause.
func (l *loader) setZone(p *model.Package, ns *notes) {
	for _, n := range ns.list {
		if n.verb != verbPackage || n.pos > ns.file.syntax.Package {
			continue
		}
		n.used = true
		name := n.args[0]
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
	for _, n := range c.notes.take(c.doc, verbViews) {
		t.HasViews = true
		for _, name := range n.args {
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
	labels := c.notes.take(c.doc, verbLabel)
	if len(labels) == 0 {
		return
	}
	s := &model.Scalar{Name: c.obj.Name(), PkgPath: c.pkg.Path, Pos: l.position(c.obj.Pos()), Tag: labels[0].tag, Named: named}
	if len(labels) > 1 {
		l.report(l.position(labels[1].pos), s.Name, "join the names with + in one directive", "%s is labelled twice", s.Name)
	}
	l.scalars[objectKey(c.obj)] = s
	c.pkg.Scalars = append(c.pkg.Scalars, s)
}

// parseNote parses one directive; nil means that it is for somebody else.
func parseNote(text string) (*note, error) {
	verb, rest, _ := strings.Cut(strings.TrimPrefix(text, "//"), " ")
	n := &note{verb: verb, args: strings.Fields(rest)}
	if verb == verbLabel {
		tag, err := classify.ParseTag(strings.TrimSpace(rest))
		if err != nil {
			return nil, err
		}
		n.tag = tag
	}
	return n, nil
}
