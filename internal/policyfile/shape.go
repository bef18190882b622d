package policyfile

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
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
		return "the number " + n.Value
	case "!!timestamp":
		return "the date " + n.Value
	}
	if n.Value == "" {
		return "empty text"
	}
	return "the text " + quote(n.Value)
}

// text is a scalar that is text to a policy. YAML guesses types from spelling;
// text says which guesses are harmless here.
type text struct {
	noun     string         // "a class name"
	pattern  *regexp.Regexp // what it must look like, nil for anything
	looks    string         // the pattern in words
	most     int            // how many characters it may have, 0 for any number
	enum     []string       // the only words allowed
	aka      map[string]string
	example  string
	digits   bool // an unquoted whole number is its own digits
	decimals bool // so is an unquoted decimal
	date     bool // an unquoted date is its own text
}

// unclear are plain words that other YAML readers take for truth values or for
// nothing: "no" is the famous one.
var unclear = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true, "~": true}

// plainDigits are the spellings of a whole number that nobody reads
// differently: no leading zero, no underscore, no 0x.
var plainDigits = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

var plainDecimal = regexp.MustCompile(`^(0|[1-9][0-9]*)\.[0-9]+$`)

func (s text) decode(d *decoder, n *yaml.Node, at trail) (string, bool) {
	if n.Kind == yaml.AliasNode {
		return "", false // reported by the walker
	}
	d.note(n, at)
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" && n.Value == "" {
		d.wrong(n, at, s.noun, s.remedy())
		return "", false
	}
	if !s.plain(d, n, at) {
		return "", false
	}
	return n.Value, s.check(d, n, at)
}

// plain refuses unquoted values that YAML readers do not agree on.
func (s text) plain(d *decoder, n *yaml.Node, at trail) bool {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return true
	}
	remedy := fmt.Sprintf(`write '%s', in quotes, if that is meant`, n.Value)
	if s.enum != nil || s.pattern != nil && !s.pattern.MatchString(n.Value) {
		remedy = s.remedy()
	}
	if unclear[strings.ToLower(n.Value)] {
		d.add(n, fmt.Sprintf("%s%s, unquoted, is a truth value or nothing to many YAML readers", at.prefix(), n.Value), remedy)
		return false
	}
	switch n.ShortTag() {
	case "!!int":
		if s.digits && plainDigits.MatchString(n.Value) {
			return true
		}
	case "!!float":
		if s.decimals && plainDecimal.MatchString(n.Value) {
			return true
		}
	case "!!timestamp":
		if s.date {
			return true
		}
	default:
		return true
	}
	d.wrong(n, at, s.noun, remedy)
	return false
}

// remedy says what to write instead of something else.
func (s text) remedy() string {
	switch {
	case s.enum != nil:
		return "write one of " + strings.Join(s.enum, ", ")
	case s.example != "":
		return "write " + s.example
	case s.looks != "":
		return s.looks
	}
	return "write " + s.noun
}

// check holds the value against the pattern and the words of the shape.
func (s text) check(d *decoder, n *yaml.Node, at trail) bool {
	switch {
	case strings.TrimSpace(n.Value) == "":
		d.wrong(n, at, s.noun, "give it a value, or remove the key")
	case s.enum != nil && !slices.Contains(s.enum, n.Value):
		remedy := s.remedy()
		if meant := s.meant(n.Value); meant != "" {
			remedy = fmt.Sprintf("did you mean %q? the words are %s", meant, strings.Join(s.enum, ", "))
		}
		d.add(n, fmt.Sprintf("%s%s is not %s", at.prefix(), quote(n.Value), s.noun), remedy)
	case s.pattern != nil && !s.pattern.MatchString(n.Value):
		d.add(n, fmt.Sprintf("%s%s is not %s", at.prefix(), quote(n.Value), s.noun), s.looks)
	case s.most > 0 && len(n.Value) > s.most:
		d.add(n, fmt.Sprintf("%sa name of %d characters", at.prefix(), len(n.Value)), fmt.Sprintf("use %d at most", s.most))
	default:
		return true
	}
	return false
}

// meant is the word that was probably meant by one that is none.
func (s text) meant(wrong string) string {
	if word := s.aka[strings.ToLower(wrong)]; word != "" {
		return word
	}
	return suggest(wrong, s.enum)
}

// boolean is true or false, spelt so that every YAML reader agrees.
type boolean struct{}

func (boolean) decode(d *decoder, n *yaml.Node, at trail) (bool, bool) {
	if n.Kind == yaml.AliasNode {
		return false, false
	}
	d.note(n, at)
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && (n.Value == "true" || n.Value == "false") {
		return n.Value == "true", true
	}
	d.wrong(n, at, "true or false", "write true or false, without quotes")
	return false, false
}

// integer is a whole number between two bounds, in decimal.
type integer struct {
	noun     string
	min, max int64
}

func (s integer) decode(d *decoder, n *yaml.Node, at trail) (int64, bool) {
	if n.Kind == yaml.AliasNode {
		return 0, false
	}
	d.note(n, at)
	remedy := "write a whole number in decimal digits, without quotes"
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || !plainDigits.MatchString(strings.TrimPrefix(n.Value, "-")) {
		d.wrong(n, at, s.noun, remedy)
		return 0, false
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || v < s.min || v > s.max {
		d.add(n, fmt.Sprintf("%s%s is out of range", at.prefix(), n.Value), s.bounds())
		return 0, false
	}
	return v, true
}

func (s integer) bounds() string {
	if s.max == math.MaxInt64 {
		return fmt.Sprintf("write a number of %d or more", s.min)
	}
	return fmt.Sprintf("write a number from %d to %d", s.min, s.max)
}

// small is an integer that the model keeps as an int.
type small struct{ integer }

func (s small) decode(d *decoder, n *yaml.Node, at trail) (int, bool) {
	v, ok := s.integer.decode(d, n, at)
	return int(v), ok
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
			remedy = fmt.Sprintf("write [%s]", n.Value)
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
	if meant := suggest(name.Value, s.names()); meant != "" {
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
		if suggest(word, k.aka) != "" {
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
