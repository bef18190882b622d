package policy

import (
	"fmt"
	"go/token"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify"
)

// Check finds everything that makes a policy unusable: names that are not
// names or do not exist, classes in a wrong order, rules that do not fit
// their action, results that do not fit the far zone, masks without a
// function, values that leave the zone they stay in, overlays that loosen.
// The error is *Errors with all problems in the order of the file.
//
// A policy that does not pass must not be used. Should it be used all the
// same, what cannot be decided is refused.
//
// An overlay may be checked alone. What it leaves to the policy it will be met
// with is then not looked at; [Policy.With] does that.
func (p *Policy) Check() error {
	c := &checker{p: p, scale: p}
	c.policy()
	return c.err()
}

// A checker checks one policy or one part of one.
type checker struct {
	collector
	p      *Policy
	scale  *Policy // whose classes and levels count
	prefix string  // of paths: overlays[0].
}

// problem adds a problem at a path inside the part.
func (c *checker) problem(pos Pos, where, msg, remedy string) {
	c.add(pos, c.prefix+where, msg, remedy)
}

// policy runs all checks.
func (c *checker) policy() {
	c.header()
	c.levels()
	c.categories()
	c.zones()
	c.purposes()
	for i := range c.p.Routes {
		c.route(i)
	}
	c.closed()
	c.sinks()
	c.types()
	c.mappings()
	c.algorithms()
	c.keys()
	c.vet()
	c.overlays()
}

// unknownClass reports whether a class cannot be found on the scale. An
// overlay without classes, alone, has no scale: nothing is unknown then.
func (c *checker) unknownClass(name string) bool {
	return len(c.scale.Classes) > 0 && c.scale.class(name) == classify.Unknown
}

// wantClass adds a problem when a class does not exist. The empty class is
// accepted where it may be left out.
func (c *checker) wantClass(pos Pos, where, name string, optional bool) {
	switch {
	case name == "" && optional:
	case name == "":
		c.problem(pos, where, "no class is given", "name one of "+quoted(c.scale.Classes))
	case c.unknownClass(name):
		c.problem(pos, where, fmt.Sprintf("class %q does not exist", name), suggest(name, c.scale.Classes, "class"))
	}
}

// header checks what stands above the lists.
func (c *checker) header() {
	if c.p.Format != Format {
		c.problem(Pos{}, "sekisho", fmt.Sprintf("format %d is not known to this version", c.p.Format), fmt.Sprintf("write sekisho: %d, or use the version that wrote the file", Format))
	}
	if !classify.ValidName(c.p.Name) {
		c.problem(Pos{}, "name", "the policy has no usable name", nameRemedy)
	}
	c.text(Pos{}, "edition", c.p.Edition)
	if dir := c.p.Go.Zones; dir != "" && (path.IsAbs(dir) || strings.ContainsAny(dir, "\\:") || !plainText(dir)) {
		c.problem(Pos{}, "go.zones", "the folder of the zones package is not a relative path with forward slashes", "write a path relative to the policy file, such as ./zones")
	}
}

const nameRemedy = "use 1 to 64 ASCII letters, digits, hyphens, underscores and dots, and begin with a letter or digit; what people read goes into the title"

// text checks a text that people read and that is printed in one line.
func (c *checker) text(pos Pos, where, s string) {
	if !plainText(s) {
		c.problem(pos, where, "the text is not UTF-8 or has control characters", "write it in one line of plain text")
	}
}

func (c *checker) title(pos Pos, where string, t Text) {
	for _, lang := range sortedKeys(t) {
		if !classify.ValidName(lang) {
			c.problem(pos, where, "the language of a title is not a language tag", `use a tag such as "ja" or "en"`)
		}
		c.text(pos, where+"."+lang, t[lang])
	}
}

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// levels checks the three scales.
func (c *checker) levels() {
	if len(c.p.Classes) == 0 && !c.p.Overlay {
		c.problem(Pos{}, "classes", "the policy has no classes", "list them, lowest first")
	}
	for _, scale := range []struct {
		where string
		names []string
	}{{"classes", c.p.Classes}, {"integrity", c.p.Integrity}, {"availability", c.p.Availability}} {
		if len(scale.names) > 255 {
			c.problem(Pos{}, scale.where, "there are more than 255 levels", "leave some out")
		}
		seen := names{}
		for i, name := range scale.names {
			c.name(seen, Pos{}, fmt.Sprintf("%s[%d]", scale.where, i), "level", name)
		}
	}
}

// names notices names that are given twice.
type names map[string]string // name without letter case to name

// name checks a name. Two that differ in letter case only are one too many:
// they become the same Go name.
func (c *checker) name(seen names, pos Pos, where, what, name string) {
	if !classify.ValidName(name) {
		c.problem(pos, where, fmt.Sprintf("the %s has no usable name", what), nameRemedy)
		return
	}
	folded := strings.ToLower(name)
	if first, twice := seen[folded]; twice {
		msg := fmt.Sprintf("%s %q is given twice", what, name)
		if first != name {
			msg = fmt.Sprintf("%s %q and %q differ in letter case only", what, first, name)
		}
		c.problem(pos, where, msg, "keep one of them, or give the other its own name")
		return
	}
	seen[folded] = name
}

// categories checks what data there is.
func (c *checker) categories() {
	seen := names{}
	for i := range c.p.Categories {
		k := &c.p.Categories[i]
		where := fmt.Sprintf("categories[%d]", i)
		c.name(seen, k.Pos, where, "category", k.Name)
		if c.scale.class(k.Name) != classify.Unknown {
			c.problem(k.Pos, where, fmt.Sprintf("category %q has the name of a class", k.Name), "a label could mean either: rename the category")
		}
		c.wantClass(k.Pos, where+".class", k.Class, c.p.Overlay)
		c.wantLevel(k.Pos, where+".integrity", "integrity", k.Integrity, c.scale.integrity())
		c.wantLevel(k.Pos, where+".availability", "availability", k.Availability, c.scale.availability())
		c.wantClass(k.Pos, where+".becomes", k.Becomes, true)
		if c.scale.class(k.Becomes) > c.scale.class(k.Class) && k.Class != "" {
			c.problem(k.Pos, where+".becomes", fmt.Sprintf("category %q becomes %q, which is higher than its class %q", k.Name, k.Becomes, k.Class), "name a class that is at most the category's")
		}
		if k.Check != "" {
			if _, _, err := classify.CheckName(k.Check); err != nil {
				c.problem(k.Pos, where+".check", err.Error(), "name a check such as last4, pkg.kebab or example.com/app/check.Parse")
			}
		}
		c.function(k.Pos, where+".mask", k.Mask)
		c.function(k.Pos, where+".generalise", k.Generalise)
		c.title(k.Pos, where+".title", k.Title)
		c.stays(k, where)
	}
}

func (c *checker) wantLevel(pos Pos, where, what, name string, names []string) {
	if name != "" && levelIn(names, name) == classify.Unknown {
		c.problem(pos, where, fmt.Sprintf("level of %s %q does not exist", what, name), suggest(name, names, "level"))
	}
}

func (c *checker) function(pos Pos, where, name string) {
	if name == "" {
		return
	}
	if _, _, err := classify.FuncName(name); err != nil {
		c.problem(pos, where, err.Error(), "name a built-in function, or a Go function as example.com/app/mask.Name")
	}
}

// stays checks the zone that a category does not leave.
func (c *checker) stays(k *Category, where string) {
	if k.Stays == "" {
		return
	}
	z := c.zone(k.Stays)
	if z == nil {
		if !c.p.Overlay {
			c.problem(k.Pos, where+".stays", fmt.Sprintf("zone %q does not exist", k.Stays), suggest(k.Stays, c.zoneNames(), "zone"))
		}
		return
	}
	if c.scale.class(k.Class) > c.scale.class(z.Holds) && z.Holds != "" && k.Class != "" {
		c.problem(k.Pos, where+".stays", fmt.Sprintf("category %q of class %q stays in %s, which holds %q at most", k.Name, k.Class, z.Name, z.Holds), "let it stay in a zone that may hold it, or raise what the zone holds")
	}
}

// zone finds a zone in the part or in the whole.
func (c *checker) zone(name string) *Zone {
	if z := c.p.ownZone(name); z != nil {
		return z
	}
	return c.scale.ownZone(name)
}

func (c *checker) zoneNames() []string {
	var list []string
	for i := range c.scale.Zones {
		list = append(list, c.scale.Zones[i].Name)
	}
	return list
}

// zones checks where data may be.
func (c *checker) zones() {
	if len(c.p.Zones) == 0 && !c.p.Overlay {
		c.problem(Pos{}, "zones", "the policy has no zones", "name at least one place where data can be")
	}
	seen, seenGo := names{}, map[string]string{}
	for i := range c.p.Zones {
		z := &c.p.Zones[i]
		where := fmt.Sprintf("zones[%d]", i)
		c.name(seen, z.Pos, where, "zone", z.Name)
		if z.Go != "" || !c.p.Overlay {
			if !token.IsIdentifier(z.Go) || !token.IsExported(z.Go) || !classify.ValidName(z.Go) {
				c.problem(z.Pos, where+".go", fmt.Sprintf("zone %q has no usable Go name", z.Name), "write an exported Go identifier in ASCII, such as Ward")
			} else if first, twice := seenGo[z.Go]; twice {
				c.problem(z.Pos, where+".go", fmt.Sprintf("zones %q and %q have the same Go name", first, z.Name), "give each its own")
			}
			seenGo[z.Go] = z.Name
		}
		c.wantClass(z.Pos, where+".holds", z.Holds, c.p.Overlay)
		c.wantClass(z.Pos, where+".carries", z.Carries, true)
		if z.Carries != "" && z.Holds != "" && !c.unknownClass(z.Carries) && c.scale.class(z.Carries) < c.scale.class(z.Holds) {
			c.problem(z.Pos, where+".carries", fmt.Sprintf("zone %q carries %q sealed, which is lower than the %q that it holds in clear", z.Name, z.Carries, z.Holds), "raise carries or leave it out")
		}
		for j, network := range z.Networks {
			if _, err := netip.ParsePrefix(network); err != nil {
				c.problem(z.Pos, fmt.Sprintf("%s.networks[%d]", where, j), fmt.Sprintf("%q is not a network", network), "write an address and a prefix length, such as 10.1.0.0/16")
			}
		}
		c.title(z.Pos, where+".title", z.Title)
	}
}

func (c *checker) purposes() {
	seen := names{}
	for i := range c.p.Purposes {
		v := &c.p.Purposes[i]
		where := fmt.Sprintf("purposes[%d]", i)
		c.name(seen, v.Pos, where, "purpose", v.Name)
		c.title(v.Pos, where+".title", v.Title)
	}
}

// closed checks the roads that are closed by name.
func (c *checker) closed() {
	seen := map[[2]string]bool{}
	for i := range c.p.Closed {
		v := &c.p.Closed[i]
		where := fmt.Sprintf("closed[%d]", i)
		c.ends(v.Pos, where, v.From, v.To)
		c.text(v.Pos, where+".clause", v.Clause)
		c.title(v.Pos, where+".title", v.Title)
		if seen[[2]string{v.From, v.To}] {
			c.problem(v.Pos, where, fmt.Sprintf("the road %s is closed twice", road(v.From, v.To)), "keep one entry")
		}
		seen[[2]string{v.From, v.To}] = true
		if r := c.p.ownRoute(v.From, v.To, ""); r != nil {
			c.addBoth(v.Pos, r.Pos, c.prefix+where, fmt.Sprintf("the road %s is closed and has a route", r.Key()), "take away one of them; an exception to a closed road is a route with a name")
		}
	}
}

// ends checks the two zones of a road.
func (c *checker) ends(pos Pos, where, from, to string) {
	for _, end := range []struct{ where, name string }{{".from", from}, {".to", to}} {
		if c.zone(end.name) == nil && (end.name == "" || !c.alone()) {
			c.problem(pos, where+end.where, fmt.Sprintf("zone %q does not exist", end.name), suggest(end.name, c.zoneNames(), "zone"))
		}
	}
	if from == to && from != "" {
		c.problem(pos, where+".to", fmt.Sprintf("the road leads from %q to itself", from), "inside a zone nothing crosses: name two zones")
	}
}

// alone reports whether an overlay is checked without the policy that it will
// be met with, so that what it does not list may still exist.
func (c *checker) alone() bool { return c.p.Overlay && c.scale == c.p }

func (c *checker) sinks() {
	seen := names{}
	for i := range c.p.Sinks {
		v := &c.p.Sinks[i]
		where := fmt.Sprintf("sinks[%d]", i)
		c.name(seen, v.Pos, where, "sink", v.Name)
		if !slices.Contains(SinkClasses(), v.Name) && classify.ValidName(v.Name) {
			c.unknownSink(v.Pos, where, v.Name)
		}
		c.wantClass(v.Pos, where+".ceiling", v.Ceiling, false)
	}
}

// types checks the labels of types that cannot carry tags.
func (c *checker) types() {
	seen := map[string]bool{}
	for i := range c.p.Types {
		t := &c.p.Types[i]
		where := fmt.Sprintf("types[%d]", i)
		if dot := strings.LastIndexByte(t.Name, '.'); dot <= strings.LastIndexByte(t.Name, '/')+1 || !token.IsIdentifier(t.Name[dot+1:]) || strings.ContainsFunc(t.Name, unicode.IsSpace) || !plainText(t.Name) {
			c.problem(t.Pos, where, "the type has no qualified Go name", "write import path, dot, type name, such as example.com/db.Person")
		}
		if seen[t.Name] {
			c.problem(t.Pos, where, fmt.Sprintf("type %q is given twice", t.Name), "put its fields together")
		}
		seen[t.Name] = true
		fields := map[string]bool{}
		for j := range t.Fields {
			f := &t.Fields[j]
			at := fmt.Sprintf("%s.fields[%d]", where, j)
			if !token.IsIdentifier(f.Name) {
				c.problem(f.Pos, at, "the field is not a Go identifier", "write the name of the field as in the Go source")
			}
			if fields[f.Name] {
				c.problem(f.Pos, at, fmt.Sprintf("field %q is given twice", f.Name), "keep one label")
			}
			fields[f.Name] = true
			c.tag(f, at)
		}
	}
}

// tag checks the label of one field.
func (c *checker) tag(f *Field, where string) {
	tag, err := classify.ParseTag(f.Tag)
	if err != nil {
		c.problem(f.Pos, where+".tag", err.Error(), "write a label as in a struct tag, such as name,class=2")
		return
	}
	if !c.alone() {
		c.resolves(f.Pos, where+".tag", tag)
	}
}

// resolves checks a label against everything that is known.
func (c *checker) resolves(pos Pos, where string, tag classify.Tag) {
	whole := c.scale
	if c.p != c.scale {
		whole = c.scale.joined(c.p)
	}
	if _, err := whole.Resolve(tag); err != nil {
		problem := err.(*Problem) // Resolve returns nothing else
		c.problem(pos, where, problem.Msg, problem.Remedy)
	}
}

// joined is p with one more overlay, unchecked.
func (p *Policy) joined(overlay *Policy) *Policy {
	q := *p
	q.Overlays = append(slices.Clip(slices.Clone(p.Overlays)), overlay)
	return &q
}

// mappings checks the translations into other schemes.
func (c *checker) mappings() {
	seen := names{}
	for i := range c.p.Mappings {
		m := &c.p.Mappings[i]
		where := fmt.Sprintf("mappings[%d]", i)
		c.name(seen, m.Pos, where, "scheme", m.Scheme)
		for _, ours := range sortedKeys(m.Classes) {
			c.wantClass(m.Pos, where+".classes", ours, false)
			if !classify.ValidName(m.Classes[ours]) {
				c.problem(m.Pos, where+".classes", fmt.Sprintf("class %q is mapped to nothing usable", ours), "name a class of the other scheme")
			}
		}
		for _, class := range c.scale.Classes {
			if _, ok := m.Classes[class]; !ok {
				c.problem(m.Pos, where+".classes", fmt.Sprintf("class %q is not mapped", class), "map every class, so that nothing crosses without one")
			}
		}
		c.mappingOrder(m, where)
	}
}

// mappingOrder checks what can be known without the other scheme: a class of
// theirs that two of ours map to also takes all between these two.
func (c *checker) mappingOrder(m *Mapping, where string) {
	last := map[string]int{}
	for i, class := range c.scale.Classes {
		theirs := m.Classes[class]
		if at, ok := last[theirs]; ok && theirs != "" && at != i-1 {
			c.problem(m.Pos, where+".classes", fmt.Sprintf("%q and %q map to %q, and what lies between them does not", c.scale.Classes[at], class, theirs), "keep the order of the classes")
		}
		last[theirs] = i
	}
}

// date reports whether s is a calendar day.
func date(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
