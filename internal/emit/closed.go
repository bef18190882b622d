package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/plan"
)

// closed writes the methods that keep a labelled type shut: what prints it
// learns where it lives and how it is classed, and encoders are refused. The
// receivers are values, so that pointers, values and whatever embeds them are
// all covered. encoding/xml and encoding/gob find MarshalText and GobEncode.
func (f *file) closed(name string, zone, class string) {
	args := []jen.Code{jen.Lit(f.pkg.Name + "." + name), jen.Lit(zone), jen.Lit(class)}
	method := func(comment, name2 string, params []jen.Code, results []jen.Code, body ...jen.Code) {
		s := jen.Func().Params(jen.Id(name)).Id(name2).Params(params...)
		if len(results) == 1 {
			s.Add(results[0])
		} else if len(results) > 1 {
			s.Params(results...)
		}
		f.decl(comment, s.Op("{").Add(body...).Op("}"))
	}
	method("Format prints the type, its zone and its class for every verb, and no value.", "Format",
		[]jen.Code{jen.Id("s").Qual("fmt", "State"), jen.Id("verb").Rune()}, nil,
		jen.Qual(zonePath, "FormatClosed").Call(append([]jen.Code{jen.Id("s"), jen.Id("verb")}, args...)...))
	method("String returns what Format prints.", "String", nil, []jen.Code{jen.String()},
		jen.Return(jen.Qual(zonePath, "GoStringClosed").Call(args...)))
	method("GoString returns what Format prints.", "GoString", nil, []jen.Code{jen.String()},
		jen.Return(jen.Qual(zonePath, "GoStringClosed").Call(args...)))
	method("LogValue logs what Format prints.", "LogValue", nil, []jen.Code{jen.Qual("log/slog", "Value")},
		jen.Return(jen.Qual(zonePath, "LogClosed").Call(args...)))
	for _, enc := range []struct{ method, format, comment string }{
		{"MarshalJSON", "JSON", "MarshalJSON fails: the way out is an endpoint of " + zone + "."},
		{"MarshalText", "text", "MarshalText fails, and with it encoding/xml and map keys in JSON."},
		{"MarshalBinary", "binary", "MarshalBinary fails."},
		{"GobEncode", "gob", "GobEncode fails."},
	} {
		method(enc.comment, enc.method, nil, []jen.Code{jen.Index().Byte(), jen.Error()},
			jen.Return(jen.Nil(), jen.Qual(zonePath, "EncodeClosed").Call(args[0], args[1], jen.Lit(enc.format))))
	}
}

// ClosedMethods are the methods that every labelled type is given. A type
// that declares one of them by hand, or a field of that name, cannot be
// closed.
var ClosedMethods = []string{"Format", "String", "GoString", "LogValue", "MarshalJSON", "MarshalText", "MarshalBinary", "GobEncode"}

// class returns the highest class among the fields of a record, for printing.
func (f *file) class(fields []*plan.Field) string {
	scale := f.policy.Scale()
	top := scale.Lowest()
	var walk func([]*plan.Field, map[*plan.Record]bool)
	walk = func(fields []*plan.Field, seen map[*plan.Record]bool) {
		for _, fd := range fields {
			if fd.Labelled {
				top = max(top, fd.Label.Class)
			}
			if r := fd.Held(); r != nil && !seen[r] {
				seen[r] = true
				walk(r.Fields, seen)
			}
		}
	}
	walk(fields, map[*plan.Record]bool{})
	return scale.Name(top)
}
