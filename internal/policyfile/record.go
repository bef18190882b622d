package policyfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/zone/policy"

	"github.com/sekisho-go/sekisho/internal/nearest"
)

// record is a mapping with fixed keys. T is what it fills.
type record[T any] struct {
	def   string // its name in the schema
	noun  string // "the route"
	doc   string
	keys  []key[T]
	pos   func(*T) *policy.Pos // where an entry of the model keeps its position; nil for what is no entry
	oneOf []string             // exactly one of these keys must be there
}

// key is one key of a record.
type key[T any] struct {
	name     string
	doc      string
	required bool
	unless   bool     // required unless the file is an overlay
	aka      []string // words that people write for it
	read     func(d *decoder, n *yaml.Node, at trail, into *T) bool
	schema   func(g *schemas) object
}

// field is a key whose value goes where get points.
func field[T, V any](name string, s shape[V], get func(*T) *V, doc string) key[T] {
	return key[T]{
		name: name, doc: doc, schema: s.schema,
		read: func(d *decoder, n *yaml.Node, at trail, into *T) bool {
			v, ok := s.decode(d, n, at)
			*get(into) = v
			return ok
		},
	}
}

// must says that the key cannot be left out.
func (k key[T]) must() key[T] { k.required = true; return k }

// base says that the key cannot be left out, unless the file is an overlay:
// what an overlay leaves out, it leaves as it is.
func (k key[T]) base() key[T] { k.unless = true; return k }

// known says which other words people write for the key.
func (k key[T]) known(words ...string) key[T] { k.aka = words; return k }

// subject is the record in a message: by its name, if it has one.
func (s record[T]) subject(at trail) string {
	if at.entry {
		return at.what
	}
	return s.noun
}

func (s record[T]) decode(d *decoder, n *yaml.Node, at trail) (T, bool) {
	var v T
	if n.Kind == yaml.AliasNode {
		return v, false
	}
	if s.pos != nil {
		if !at.entry {
			at.owner, at.sub = d.pos(n), ""
		}
		*s.pos(&v) = at.owner
	}
	d.note(n, at)
	if n.Kind != yaml.MappingNode {
		remedy := "write {" + strings.Join(s.mustNames(), ": …, ") + ": …}"
		if s.noun == thePolicy {
			remedy = `begin with "sekisho: 1"`
		}
		d.wrong(n, at, s.a(), remedy)
		return v, false
	}
	all, seen := true, make(map[string]*yaml.Node)
	for i := 0; i+1 < len(n.Content) && !d.ps.full; i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode || isMerge(name) || seen[name.Value] != nil {
			all = false
			continue // reported by the walker
		}
		seen[name.Value] = name
		k := slices.IndexFunc(s.keys, func(k key[T]) bool { return k.name == name.Value })
		if k < 0 {
			s.unknown(d, name, at)
			all = false
			continue
		}
		all = s.keys[k].read(d, n.Content[i+1], at.key(name.Value, s.subject(at)), &v) && all
	}
	return v, s.complete(d, n, at, seen) && all
}

// complete reports keys that are missing and keys that exclude one another.
func (s record[T]) complete(d *decoder, n *yaml.Node, at trail, seen map[string]*yaml.Node) bool {
	if slices.ContainsFunc(n.Content, isMerge) {
		return false // who knows what would have been there; the walker has reported it
	}
	ok := true
	where := mark{pos: d.pos(n)}
	if at.entry {
		where = d.marks[at.owner]["name"]
	}
	for _, k := range s.keys {
		if (k.required || k.unless && !d.overlay) && seen[k.name] == nil {
			ok = false
			d.ps.add(d.src.problem(where.pos, where.len(d.src), fmt.Sprintf("%s has no %q", s.subject(at), k.name), fmt.Sprintf("add %q: %s", k.name, k.doc)))
		}
	}
	if s.oneOf == nil {
		return ok
	}
	var have []string
	for _, name := range s.oneOf {
		if seen[name] != nil {
			have = append(have, name)
		}
	}
	switch len(have) {
	case 0:
		ok = false
		d.ps.add(d.src.problem(where.pos, where.len(d.src), fmt.Sprintf("%s names neither %s", s.subject(at), strings.Join(quoteAll(s.oneOf), " nor ")), "add one of the two"))
	case 1:
	default:
		ok = false
		d.add(seen[have[1]], fmt.Sprintf("%s names both %s", s.subject(at), strings.Join(quoteAll(have), " and ")), "keep one of the two; write a second entry for the other")
	}
	return ok
}

// unknown reports a key that a record does not have.
func (s record[T]) unknown(d *decoder, name *yaml.Node, at trail) {
	remedy := "the keys are " + strings.Join(s.names(), ", ")
	if meant := nearest.Word(name.Value, s.names()); meant != "" {
		remedy = fmt.Sprintf("did you mean %q? %s", meant, remedy)
	} else if k := s.otherWord(name.Value); k != nil {
		remedy = fmt.Sprintf("did you mean %q? it is: %s", k.name, k.doc)
	}
	if strings.ContainsRune(name.Value, '\u3000') {
		remedy = "indent with ASCII spaces: there is a full-width space (U+3000) in it"
	}
	d.add(name, fmt.Sprintf("%s has no key %s", s.subject(at), quote(name.Value)), remedy)
}

// otherWord is the key for which people also write the word, nil if none is.
func (s record[T]) otherWord(word string) *key[T] {
	for i, k := range s.keys {
		if nearest.Word(word, k.aka) != "" {
			return &s.keys[i]
		}
	}
	return nil
}

func (s record[T]) names() []string {
	names := make([]string, len(s.keys))
	for i, k := range s.keys {
		names[i] = k.name
	}
	return names
}

// mustNames are the keys that cannot be left out, or the first if all can.
func (s record[T]) mustNames() []string {
	var names []string
	for _, k := range s.keys {
		if k.required || k.unless {
			names = append(names, k.name)
		}
	}
	if names == nil {
		names = []string{s.keys[0].name}
	}
	return names
}

// a is the noun of a record with its indefinite article and what it consists of.
func (s record[T]) a() string {
	return "a mapping with " + strings.Join(quoteAll(s.mustNames()), ", ")
}

func quoteAll(words []string) []string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	return quoted
}
