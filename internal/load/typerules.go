package load

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/directive"
	"github.com/sekisho-go/sekisho/internal/model"
)

// fixedMethods are the methods that every labelled type gets whatever the
// policy says. The ones that lead to other zones are for the planner to check.
var fixedMethods = []string{
	"Format", "GobEncode", "GoString", "LogValue", "MarshalBinary", "MarshalJSON", "MarshalText", "MarshalXML", "String", "String",
}

// checkType reports what is wrong with a labelled type as a whole.
func (l *loader) checkType(t *model.Type) {
	if t.Generated {
		return
	}
	for _, name := range fixedMethods {
		if pos, ok := t.Methods[name]; ok {
			l.report(pos, t.Name+"."+name, "remove it: labelled types are closed, and open by endpoints of their zone",
				"the method %s of %s would clash with the generated one", name, t.Name)
		}
	}
	ids := 0
	for _, f := range t.Fields {
		if slices.Contains(fixedMethods, f.Name) {
			l.report(f.Pos, t.Name+"."+f.Name, "rename the field", "the field %s has the name of a generated method", f.Name)
		}
		if f.HasTag && f.Tag.ID {
			if ids++; ids > 1 {
				l.report(f.Pos, t.Name+"."+f.Name, "keep one: join the two in a field if only both together identify a record",
					"%s has a second id", t.Name)
			}
		}
	}
}

// reportTag reports a tag that does not parse.
func (l *loader) reportTag(t *model.Type, v *types.Var, err error) {
	pos, msg := l.position(v.Pos()), err.Error()
	var te *classify.TagError
	if errors.As(err, &te) {
		pos, msg = l.tagPosition(v, te.Offset), te.Msg
	}
	l.report(pos, t.Name+"."+v.Name(), `write a label as classify:"NAME[+NAME][,OPTION]"`, "%s", msg)
}

// checkScalar checks the label of a scalar type. The shape is the one of the
// type.
func (l *loader) checkScalar(s *model.Scalar, shape *model.Shape) {
	switch shape.Kind {
	case model.Basic, model.Bytes, model.Time, model.Value, model.Text, model.Binary:
	default:
		l.report(s.Pos, s.Name, "label the fields that are of the type, or the type that it is made of",
			"%s is no scalar: //%s is for named strings, numbers, bytes, times and types with a text form", s.Name, directive.Label)
		delete(l.scalars, objectKey(s.Named.Obj()))
		return
	}
	at := func(option, name string) token.Position {
		return l.position(l.labelAt[s] + token.Pos(len("//"+directive.Label.String()+" ")+labelOffset(s.Tag.String(), option, name)))
	}
	unknown := l.words.unknown(s.Tag)
	for _, u := range unknown {
		l.report(at(u.option, u.name), s.Name, didYouMean(u.name, u.words, "the policy has"), "the policy %s has no %s %s", l.policy.Name, u.what, u.name)
	}
	if len(unknown) > 0 {
		return
	}
	if msg, remedy := l.loosens(s.Tag); msg != "" {
		l.report(at("class", ""), s.Name, remedy, "%s", msg)
	}
	for option, set := range map[string]bool{"id": s.Tag.ID, "token": s.Tag.Token} {
		if set {
			l.report(at(option, ""), s.Name, "write the option on the field", "%s is for fields: not every %s is one", option, s.Name)
		}
	}
}

// short names a position without the folder.
func short(pos token.Position) string {
	return fmt.Sprintf("%s:%d", filepath.Base(pos.Filename), pos.Line)
}
