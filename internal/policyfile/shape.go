package policyfile

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// A shape is what one kind of value looks like. The same shapes decode files
// strictly and write the JSON Schema, so the two cannot drift apart.
type shape[V any] interface {
	// decode reads a node. What is wrong has been reported when ok is false;
	// what could be read is in the value all the same, so that everything
	// below it is looked at in the same run.
	decode(d *decoder, n *yaml.Node, at trail) (v V, ok bool)
	// schema describes the shape in JSON Schema.
	schema(g *schemas) object
}

// thePolicy is the noun of the outermost record.
const thePolicy = "the policy"

// A trail says where in the policy the decoder is.
type trail struct {
	owner policy.Pos // position of the entry (zone, route, rule …) that the value belongs to
	sub   string     // path from that entry to the value, "require.purpose[0]"
	what  string     // the value in words, `class of category "name"`
	entry bool       // the value is the entry itself
}

// key is the trail of the value of a key. Keys of the policy itself need no
// word about what they belong to.
func (t trail) key(name, of string) trail {
	sub, what := name, fmt.Sprintf("%q", name)
	if t.sub != "" {
		sub = t.sub + "." + name
	}
	if of != thePolicy {
		what += " of " + of
	}
	return trail{owner: t.owner, sub: sub, what: what}
}

// item is the trail of an entry of a list.
func (t trail) item(i int) trail {
	return trail{owner: t.owner, sub: fmt.Sprintf("%s[%d]", t.sub, i), what: "an entry of " + t.what}
}

// prefix begins a message about the value. Messages about names need none.
func (t trail) prefix() string {
	if t.what == "" {
		return ""
	}
	return t.what + ": "
}

// decoder reads the tree of one file.
type decoder struct {
	src     *source
	ps      *problems
	marks   marks
	overlay bool // the file is an overlay
}

// marks remembers where the values of each entry stand, so that a problem
// found later, in the model, can be shown at the value and not only at the
// entry it belongs to.
type marks map[policy.Pos]map[string]mark

// mark keeps the node, because how long it is in the text is only worth
// finding out for the few that are shown.
type mark struct {
	pos policy.Pos
	n   *yaml.Node
}

// len is how many characters the marked value takes in its source.
func (m mark) len(src *source) int {
	if m.n == nil || src == nil {
		return 1
	}
	return nodeLen(src, m.n)
}

func (m marks) set(t trail, at mark) {
	if m[t.owner] == nil {
		m[t.owner] = make(map[string]mark)
	}
	m[t.owner][t.sub] = at
}

func (d *decoder) pos(n *yaml.Node) policy.Pos { return d.src.at(n.Line, n.Column) }

func (d *decoder) add(n *yaml.Node, msg, remedy string) {
	d.ps.add(d.src.problem(d.pos(n), nodeLen(d.src, n), msg, remedy))
}

// wrong reports a value of the wrong sort.
func (d *decoder) wrong(n *yaml.Node, at trail, want, remedy string) {
	if n.Kind == yaml.ScalarNode && n.Value == "" {
		remedy = "give it a value, or remove the key"
	}
	d.add(n, fmt.Sprintf("%s: wants %s, not %s", at.what, want, sortOf(n)), remedy)
}

// note records where a value stands.
func (d *decoder) note(n *yaml.Node, at trail) {
	d.marks.set(at, mark{d.pos(n), n})
}

// sortOf says in words what a node is.
func sortOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "the truth value " + n.Value
	case "!!int", "!!float":
		return "the number " + brief(n.Value)
	case "!!timestamp":
		return "the date " + n.Value
	}
	if n.Value == "" {
		return "empty text"
	}
	return "the text " + quote(n.Value)
}

// mapped is a shape whose value is turned into another: an action out of its
// name, a purpose out of its title.
type mapped[V, W any] struct {
	of shape[V]
	to func(V) W
}

func (s mapped[V, W]) decode(d *decoder, n *yaml.Node, at trail) (W, bool) {
	v, ok := s.of.decode(d, n, at)
	if !ok {
		var zero W
		return zero, false
	}
	return s.to(v), true
}

// list is a list of values of one shape, in the order of the file.
type list[V any] struct {
	of    shape[V]
	noun  string // "a list of class names, lowest first"
	least int    // how many entries it must have
}

func (s list[V]) decode(d *decoder, n *yaml.Node, at trail) ([]V, bool) {
	if n.Kind == yaml.AliasNode {
		return nil, false
	}
	d.note(n, at)
	if n.Kind != yaml.SequenceNode {
		remedy := `put "- " before each entry, or write them in [ ]`
		if n.Kind == yaml.ScalarNode {
			remedy = fmt.Sprintf("write [%s]", brief(n.Value))
		}
		d.wrong(n, at, s.noun, remedy)
		return nil, false
	}
	if len(n.Content) < s.least {
		d.add(n, fmt.Sprintf("%s: wants %s, not an empty list", at.what, s.noun), "give it entries, or remove the key")
		return nil, false
	}
	all := true
	values := make([]V, 0, len(n.Content))
	for i, child := range n.Content {
		if d.ps.full {
			return values, false // nothing more would be shown
		}
		v, ok := s.of.decode(d, child, at.item(i))
		values, all = append(values, v), all && ok
	}
	return values, all
}

// named is a mapping from names to values of one shape. Each entry of the
// model that comes out knows its name and where the name stands.
type named[V, E any] struct {
	of    shape[V]
	key   text   // what the names look like
	noun  string // "category": what one entry is
	nouns string // "a mapping from category names to categories"
	make  func(name string, at policy.Pos, v V) E
}

func (s named[V, E]) decode(d *decoder, n *yaml.Node, at trail) ([]E, bool) {
	if n.Kind == yaml.AliasNode {
		return nil, false
	}
	d.note(n, at)
	if n.Kind != yaml.MappingNode {
		d.wrong(n, at, s.nouns, fmt.Sprintf(`write "%s: …" for each`, s.noun))
		return nil, false
	}
	all, seen := true, make(map[string]bool)
	var entries []E
	for i := 0; i+1 < len(n.Content) && !d.ps.full; i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || isMerge(key) || seen[key.Value] {
			continue // reported by the walker
		}
		seen[key.Value] = true
		inner := trail{owner: d.pos(key), what: fmt.Sprintf("%s %s", s.noun, quote(key.Value)), entry: true}
		named := s.name(d, key)
		d.note(key, trail{owner: inner.owner, sub: "name"})
		v, ok := s.of.decode(d, n.Content[i+1], inner)
		all = all && ok && named
		entries = append(entries, s.make(key.Value, inner.owner, v))
	}
	return entries, all
}

// name checks the name of an entry. YAML's guesses about keys mean nothing:
// a key is text to every reader, except the few words that are not.
func (s named[V, E]) name(d *decoder, key *yaml.Node) bool {
	if key.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 && unclear[strings.ToLower(key.Value)] {
		d.add(key, fmt.Sprintf("%s, unquoted, is a truth value or nothing to many YAML readers", key.Value), fmt.Sprintf(`write '%s', in quotes, if that is %s`, key.Value, s.key.noun))
		return false
	}
	return s.key.check(d, key, trail{})
}
