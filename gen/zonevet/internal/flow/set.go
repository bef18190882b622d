package flow

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// Selectors that are no field names.
const (
	element = "[]"  // of a slice, array, map, channel
	key     = "[k]" // of a map
	yielded = "()"  // what a function value passes to the functions that it is called with
)

// path is a way into a value: selectors from the outside in, "" behind the
// last. Pointers are not seen: a pointer holds what it points to. A path that
// would be longer is cut, which makes it speak for more.
type path [3]string

func (p path) prepend(sel string) path { return path{sel, p[0], p[1]} }

// strip takes the first selector off. A path that ends before it speaks for all
// parts, also this one.
func (p path) strip(sel string) (path, bool) {
	switch p[0] {
	case sel:
		return path{p[1], p[2]}, true
	case "":
		return path{}, true
	}
	return path{}, false
}

func (p path) has(sel string) bool { return slices.Contains(p[:], sel) }

// returned is the selector of what a function value returns.
func returned(i int) string { return fmt.Sprintf("(%d)", i) }

// later reports whether a path leads to what there is only once a function is
// called.
func (p path) later() bool {
	return slices.ContainsFunc(p[:], func(sel string) bool { return strings.HasPrefix(sel, "(") })
}

// inputPath is a way into an input of a function.
type inputPath [2]string

func (p inputPath) extend(sel string) inputPath {
	switch {
	case p[0] == "":
		p[0] = sel
	case p[1] == "":
		p[1] = sel
	}
	return p
}

type atomKind uint8

const (
	labelled atomKind = iota + 1 // data with a label
	input                        // whatever the input of the function holds at a path
	typed                        // a value of a type that holds labelled data, inside an interface
)

// atom is one thing that a value can hold.
type atom struct {
	kind  atomKind
	errd  bool // has been reported as part of an error, where errors may not hold it
	label *labels.Label
	pos   token.Pos // of label: where it was read
	via   string    // of label: the function of another package or place that gave it
	input int
	path  inputPath
	typ   types.Type
}

// entry is an atom at a path of a value.
type entry struct {
	path path
	atom uint32
}

// set is what a value holds: numbers of entries, ascending. Sets are never
// changed, so they can be shared.
type set []uint32

// maxSet bounds sets: of what holds more, parts are not told apart.
const maxSet = 64

// interner numbers atoms and entries, so that sets are cheap.
type interner struct {
	atoms   []atom
	atomIDs map[atom]uint32
	entries []entry
	ids     map[entry]uint32
	parts   map[move]uint32 // what parts of entries are; nowhere for none
	wholes  map[move]uint32 // what entries are as parts
	rough   map[move]uint32 // what entries are when parts are not told apart
	work    int             // entries that were moved
	labels  map[string]*labels.Label
	types   typeutil.Map
	over    bool // a set was too large
}

// move is an entry on its way into a part, or out of one.
type move struct {
	id  uint32
	sel string
}

const nowhere = ^uint32(0)

func newInterner() *interner {
	return &interner{
		atomIDs: map[atom]uint32{}, ids: map[entry]uint32{}, parts: map[move]uint32{}, wholes: map[move]uint32{}, rough: map[move]uint32{},
		labels: map[string]*labels.Label{},
	}
}

func (in *interner) atom(a atom) uint32 {
	if a.typ != nil {
		if t, ok := in.types.At(a.typ).(types.Type); ok {
			a.typ = t
		} else {
			in.types.Set(a.typ, a.typ)
		}
	}
	id, ok := in.atomIDs[a]
	if !ok {
		id = uint32(len(in.atoms))
		in.atoms = append(in.atoms, a)
		in.atomIDs[a] = id
	}
	return id
}

func (in *interner) entry(e entry) uint32 {
	id, ok := in.ids[e]
	if !ok {
		id = uint32(len(in.entries))
		in.entries = append(in.entries, e)
		in.ids[e] = id
	}
	return id
}

// of is the set that holds an atom as a whole.
func (in *interner) of(a atom) set { return set{in.entry(entry{path{}, in.atom(a)})} }

// get returns the atom and the path of an entry.
func (in *interner) get(id uint32) (path, atom) {
	e := in.entries[id]
	return e.path, in.atoms[e.atom]
}

// union joins two sets.
func (in *interner) union(a, b set) set {
	if len(b) == 0 || within(b, a) {
		return a
	}
	if len(a) == 0 {
		return b
	}
	if len(a)+len(b) > maxSet {
		if len(merge(a, b)) > maxSet {
			return in.coarse(a, b)
		}
	}
	return merge(a, b)
}

// merge is the sorted union of sorted sets.
func merge(a, b set) set {
	out := make(set, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// coarse joins two sets that are too large together: of the second, parts are
// not told apart any more.
func (in *interner) coarse(a, b set) set {
	rough := in.moved(in.rough, "", b, func(p path, a atom) (path, atom, bool) {
		a.path = inputPath{}
		return path{}, a, !p.later()
	})
	if within(rough, a) {
		return a
	}
	out := merge(a, rough)
	if len(out) > 4*maxSet {
		in.over = true
		return a
	}
	return out
}

// within reports whether every member of a is in b.
func within(a, b set) bool {
	if len(a) > len(b) {
		return false
	}
	for _, id := range a {
		if _, ok := slices.BinarySearch(b, id); !ok {
			return false
		}
	}
	return true
}

// each makes a set of what f gives for every entry.
func (in *interner) each(s set, f func(p path, a atom) (path, atom, bool)) set {
	if len(s) == 0 {
		return nil
	}
	in.work += len(s)
	out := make(set, 0, len(s))
	for _, id := range s {
		p, a := in.get(id)
		if p, a, ok := f(p, a); ok {
			out = append(out, in.entry(entry{p, in.atom(a)}))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moved makes a set of what f makes of each entry, which it is asked once for.
func (in *interner) moved(known map[move]uint32, sel string, s set, f func(p path, a atom) (path, atom, bool)) set {
	if len(s) == 0 {
		return nil
	}
	in.work += len(s)
	out := make(set, 0, len(s))
	for _, id := range s {
		to, ok := known[move{id, sel}]
		if !ok {
			to = nowhere
			p, a := in.get(id)
			if p, a, ok := f(p, a); ok {
				to = in.entry(entry{p, in.atom(a)})
			}
			known[move{id, sel}] = to
		}
		if to != nowhere {
			out = append(out, to)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// prefix is a value as part of another.
func (in *interner) prefix(sel string, s set) set {
	return in.moved(in.wholes, sel, s, func(p path, a atom) (path, atom, bool) { return p.prepend(sel), a, true })
}

// part is what a part of a value holds.
func (in *interner) part(sel string, s set) set {
	return in.moved(in.parts, sel, s, func(p path, a atom) (path, atom, bool) {
		whole := p == path{}
		p, ok := p.strip(sel)
		if whole && a.kind == input {
			a.path = a.path.extend(sel)
		}
		return p, a, ok
	})
}

// whole is a value of which the parts do not matter any more.
func (in *interner) whole(s set) set {
	return in.each(s, func(p path, a atom) (path, atom, bool) { return path{}, a, !p.later() })
}

// without leaves out one kind of atoms.
func (in *interner) without(kind atomKind, s set) set {
	if !slices.ContainsFunc(s, func(id uint32) bool { return in.atoms[in.entries[id].atom].kind == kind }) {
		return s
	}
	return in.each(s, func(p path, a atom) (path, atom, bool) { return p, a, a.kind != kind })
}
