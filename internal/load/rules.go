package load

import (
	"errors"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// fieldCheck checks one field of a labelled type.
type fieldCheck struct {
	*loader
	t     *model.Type
	f     *model.Field
	v     *types.Var
	path  string
	quiet bool            // generated, or another module's: nothing that its reader could mend
	entry *token.Position // of the policy's entry for the field, nil where the label stands in the source

	leaves []leaf
	bare   []leaf // without a label of their own
	nested []leaf // labelled structs
}

// check finds everything that is wrong with the field and completes it: a
// field without a tag may inherit one, and one with a part that cannot be
// followed is refused as a whole.
func (c *fieldCheck) check() {
	if c.t.Foreign && !c.f.Exported && c.f.Tag.Action < classify.ActionDrop {
		c.say(`add the field to the entry of the type with action=drop`,
			"%s is unexported: code outside of package %s cannot read it", c.f.Name, c.t.PkgName)
		return
	}
	c.leaves = leaves(c.f.Shape, c.path)
	if c.unresolvedField() {
		return
	}
	for _, lf := range c.leaves {
		switch {
		case lf.shape.Kind == model.Labelled || lf.shape.Kind == model.Sealed && lf.shape.Labelled != nil:
			c.nested = append(c.nested, lf)
		case lf.shape.Kind == model.Refused || c.scalarOf(lf.shape) != nil:
		default:
			c.bare = append(c.bare, lf)
		}
	}
	known := !c.f.HasTag || c.checkNames()
	c.checkHomes()
	c.checkCrypto()
	if c.checkRefused() {
		return
	}
	switch {
	case len(c.nested) > 0:
		c.checkNested()
	case c.f.HasTag && known:
		c.checkScalars()
	case !c.f.HasTag:
		c.inherit()
	}
	if c.f.HasTag && !c.f.Inherited {
		c.checkOptions()
	}
}

// say reports at the field.
func (c *fieldCheck) say(remedy, format string, args ...any) {
	c.sayOf(c.path, remedy, format, args...)
}

// sayOf reports at the field, of something below it.
func (c *fieldCheck) sayOf(path, remedy, format string, args ...any) {
	if !c.quiet {
		c.report(c.f.Pos, path, remedy, format, args...)
	}
}

// sayTag reports at a place in the tag.
func (c *fieldCheck) sayTag(option, name, remedy, format string, args ...any) {
	if c.quiet {
		return
	}
	pos := c.f.Pos
	if c.entry != nil {
		pos = *c.entry
	} else if c.v != nil {
		pos = c.tagPosition(c.v, nameOffset(c.f.StructTag, option, name))
	}
	c.report(pos, c.path, remedy, format, args...)
}

// unresolvedField notes a field whose type is not known.
func (c *fieldCheck) unresolvedField() bool {
	i := slices.IndexFunc(c.leaves, func(lf leaf) bool { return lf.shape.Kind == model.Invalid })
	if i < 0 {
		return false
	}
	why := "its type does not resolve"
	if o := c.origins[c.t]; o != nil && c.leaves[i].path == c.path {
		why = c.missing(o.source, c.v)
	}
	c.unresolved = append(c.unresolved, Unresolved{Type: c.t, Field: c.f, Diagnostic: model.Diagnostic{
		Pos: c.f.Pos, Path: c.leaves[i].path, Msg: why,
		Remedy: "mend the type, or remove the field if it stands for a view that is no longer generated",
	}})
	return true
}

// checkNames reports names that the policy does not have, and options that
// would loosen what it says. It returns whether there are none.
func (c *fieldCheck) checkNames() bool {
	unknown := c.words.unknown(c.f.Tag)
	for _, u := range unknown {
		c.sayTag(u.option, u.name, didYouMean(u.name, u.words, "the policy has"),
			"the policy %s has no %s %s", c.policy.Name, u.what, u.name)
	}
	if len(unknown) > 0 {
		return false
	}
	if msg, remedy := c.loosens(c.f.Tag); msg != "" {
		c.sayTag("class", "", remedy, "%s", msg)
		return false
	}
	return true
}

// loosens says what is wrong with the options of a tag whose names are known,
// "" if nothing is.
func (l *loader) loosens(t classify.Tag) (msg, remedy string) {
	_, err := l.policy.Resolve(t)
	if err == nil {
		return "", ""
	}
	var p *policy.Problem
	if errors.As(err, &p) {
		return p.Msg, p.Remedy
	}
	return firstLine(err.Error()), "an option may only tighten: leave it out, or change the policy"
}

// checkHomes reports records of another zone.
func (c *fieldCheck) checkHomes() {
	if c.t.Home == "" {
		return
	}
	seen := map[*model.Type]bool{}
	var visit func(lf leaf)
	visit = func(lf leaf) {
		t := lf.shape.Labelled
		if t == nil || lf.shape.Kind != model.Labelled || seen[t] {
			return
		}
		seen[t] = true
		if t.Home != "" && t.Home != c.t.Home {
			c.sayOf(lf.path, "hold its view in "+c.t.Home+" instead, or move one of the two",
				"%s lives in %s, and %s in %s", t.Name, t.Home, c.t.Name, c.t.Home)
		}
		for _, f := range t.Fields {
			if t.Foreign {
				for _, inner := range leaves(f.Shape, lf.path+"."+f.Name) {
					visit(inner)
				}
			}
		}
	}
	for _, lf := range c.nested {
		visit(lf)
	}
}

// checkCrypto reports sealed values, indexes and tokens of zones and routes that the
// policy does not have.
func (c *fieldCheck) checkCrypto() {
	for _, lf := range c.leaves {
		switch {
		case lf.shape.Kind == model.Sealed && lf.shape.SealedZone == "":
			c.sayOf(lf.path, "use a zone type of the package "+c.cfg.ZonesPath, "%s is sealed in a zone that the policy %s does not have", lastName(lf.path), c.policy.Name)
		case lf.shape.Kind == model.Index && lf.shape.SealedZone == "":
			c.sayOf(lf.path, "use a zone type of the package "+c.cfg.ZonesPath, "%s is an index of a zone that the policy %s does not have", lastName(lf.path), c.policy.Name)
		case lf.shape.Kind == model.Token && lf.shape.Route == "":
			c.sayOf(lf.path, "use a route type of the package "+c.cfg.ZonesPath, "%s is a token for a route that the policy %s does not have", lastName(lf.path), c.policy.Name)
		}
	}
}

// checkRefused reports parts that cannot be followed, unless the field is
// dropped on every road. It returns whether there are any.
func (c *fieldCheck) checkRefused() bool {
	whole := c.f.Shape
	found := false
	for _, lf := range c.leaves {
		if lf.shape.Kind != model.Refused {
			continue
		}
		if c.f.Tag.Action < classify.ActionDrop {
			c.sayOf(lf.path, "give it a type that can be followed, or label it with action=drop", "%s", lf.shape.Why)
		}
		if !found && lf.shape != whole {
			why := lf.shape.Why
			if lf.path != c.path {
				why = strings.TrimPrefix(lf.path, c.t.Name+".") + ": " + why
			}
			c.f.Shape = &model.Shape{Kind: model.Refused, Type: c.f.Type, Why: why}
		}
		found = true
	}
	if found && c.f.HasTag {
		c.checkOptions()
	}
	return found
}

// checkNested checks a field that holds labelled structs.
func (c *fieldCheck) checkNested() {
	for _, lf := range c.nested {
		if lf.key && lf.shape.Kind == model.Labelled {
			c.sayOf(lf.path, "use its identifier as the key", "%s is labelled and cannot be the key of a map", lf.shape.Labelled.Name)
			return
		}
	}
	keys, values := c.bareParts()
	switch {
	case c.f.HasTag && len(values) > 0:
		for _, lf := range values {
			c.sayOf(lf.path, "label the struct that holds it: give it a Home and tags",
				"%s stands beside labelled values, and the tag of %s cannot say which of them it means", lastName(lf.path), c.f.Name)
		}
	case c.f.HasTag && len(keys) == 0 && len(c.scalarsOf(c.leaves)) == 0:
		c.say("remove the tag", "%s holds %s, which brings its own labels, and has a tag", c.f.Name, c.nested[0].shape.Labelled.Name)
	case c.f.HasTag:
		c.checkScalars()
	default:
		for _, lf := range values {
			c.sayOf(lf.path, "label the struct that holds it: give it a Home and tags", "%s has no label", lastName(lf.path))
		}
		for _, lf := range keys {
			c.sayOf(lf.path, "tag the field: beside labelled values the tag means the keys of the map",
				"%s has labelled values and keys without a label", c.f.Name)
		}
		if len(c.bare) == 0 {
			c.inheritScalars()
		}
	}
}

// bareParts splits what has no label into keys of maps and the rest.
func (c *fieldCheck) bareParts() (keys, values []leaf) {
	for _, lf := range c.bare {
		if lf.key {
			keys = append(keys, lf)
		} else {
			values = append(values, lf)
		}
	}
	return keys, values
}

// checkScalars reports a tag that says less than the label of a scalar type
// below it.
func (c *fieldCheck) checkScalars() {
	label, err := c.policy.Resolve(c.f.Tag)
	if err != nil {
		return
	}
	for _, s := range c.scalarsOf(c.leaves) {
		own, err := c.policy.Resolve(s.Tag)
		if err == nil && !label.AtLeast(own) {
			c.say("remove the tag, or name at least what the type names",
				"the tag is looser than the label of type %s (%s)", s.Name, s.Tag)
		}
	}
}

// inherit gives a field without a tag the label of the scalar type that it is
// of, or reports that it has none.
func (c *fieldCheck) inherit() {
	if len(c.bare) == 0 && c.inheritScalars() {
		return
	}
	path := c.path
	if len(c.bare) > 0 && len(c.bare) < len(c.leaves) {
		path = c.bare[0].path // what is beside it has a label
	}
	c.sayOf(path, `say what it is, as in classify:"`+c.words.example()+`"`, "%s has no label", lastName(path))
}

// inheritScalars takes over the label of the one scalar type below the field.
// Where there are several it reports that, once.
func (c *fieldCheck) inheritScalars() bool {
	scalars := c.scalarsOf(c.leaves)
	if len(scalars) == 0 {
		return false
	}
	for _, s := range scalars[1:] {
		if s.Tag.String() != scalars[0].Tag.String() {
			c.say("tag the field with what all of it is, joined by +", "%s holds %s and %s, whose labels differ",
				c.f.Name, scalars[0].Name, s.Name)
			return true
		}
	}
	c.f.Tag, c.f.HasTag, c.f.Inherited = scalars[0].Tag, true, true
	return true
}

// checkOptions reports options that make no sense for the type of the field.
func (c *fieldCheck) checkOptions() {
	t := c.f.Tag
	if t.Token && !slices.ContainsFunc(c.leaves, func(lf leaf) bool { return lf.shape.Kind == model.Token }) {
		c.sayTag("token", "", "remove the option: whether a field becomes a token is for the policy to say",
			"token is for fields of type crypto.Token, and %s is none", c.f.Name)
	}
	if t.ID {
		if why := c.noID(); why != "" {
			c.sayTag("id", "", "let a string, an integer or an identifier type identify the record", "%s cannot be the id: %s", c.f.Name, why)
		}
	}
	if t.Column {
		if why := c.noColumn(); why != "" {
			c.sayTag("column", "", "remove the option", "%s cannot be a sealed column: %s", c.f.Name, why)
		}
	}
	if t.Index {
		c.checkIndex()
	}
}

// checkIndex reports an index that the policy allows of no such value, and one
// of a type whose equal values may be written in several ways.
func (c *fieldCheck) checkIndex() {
	if why := c.noIndex(); why != "" {
		c.sayTag("index", "", "remove the option, or use a string, an integer, bytes or a type with MarshalText", "%s cannot be searched: %s", c.f.Name, why)
		return
	}
	label, err := c.policy.Resolve(c.f.Tag)
	if err != nil {
		return // it is reported
	}
	var no *policy.IndexError
	if errors.As(c.policy.MayIndex(label), &no) {
		before := len(c.diagnostics)
		c.sayTag("index", "", no.Remedy, "%s cannot be searched: %s", c.f.Name, no.Why)
		for i := range c.diagnostics[before:] {
			c.diagnostics[before+i].Clause = no.Clause
		}
	}
}

// noIndex says why equal values of the field cannot be found, "" if they can.
func (c *fieldCheck) noIndex() string {
	switch s := c.f.Shape; s.Kind {
	case model.Text, model.Value, model.Bytes, model.Sealed, model.Invalid: // sealed: the column of a view
		return ""
	case model.Basic:
		if b, ok := s.Type.Underlying().(*types.Basic); ok && b.Info()&(types.IsString|types.IsInteger) != 0 {
			return ""
		}
		return "it is a " + s.Type.Underlying().String()
	case model.Array:
		if isByte(s.Elem.Type) {
			return ""
		}
		return "it is an array"
	case model.Pointer, model.Slice, model.Map:
		return "it is a " + s.Kind.String()
	default:
		return "it is a " + s.Kind.String() + " value"
	}
}

// noID says why the field cannot identify its record, "" if it can.
func (c *fieldCheck) noID() string {
	switch s := c.f.Shape; s.Kind {
	case model.Basic:
		if b, ok := s.Type.Underlying().(*types.Basic); ok && b.Info()&(types.IsString|types.IsInteger) == 0 {
			return "it is a " + b.Name()
		}
	case model.Text, model.Binary, model.Value, model.Token:
	case model.Array:
		if !isByte(s.Elem.Type) {
			return "it is an array"
		}
	case model.Pointer, model.Slice, model.Map:
		return "it is a " + s.Kind.String()
	case model.Bytes:
		return "it is a slice"
	case model.Refused:
		return s.Why
	default:
		return "it is a " + s.Kind.String() + " value"
	}
	return ""
}

// noColumn says why the field cannot be sealed on its own, "" if it can.
func (c *fieldCheck) noColumn() string {
	switch {
	case len(c.nested) > 0:
		return "it holds labelled values, which are sealed as their own labels say"
	case c.f.Shape.Kind == model.Refused || c.f.Tag.Action >= classify.ActionDrop:
		return "it never leaves its zone"
	case slices.ContainsFunc(c.leaves, func(lf leaf) bool { return lf.shape.Kind == model.Token }):
		return "it is a token already"
	}
	return ""
}

// lastName is the name at the end of a path.
func lastName(path string) string { return path[lastDot(path)+1:] }
