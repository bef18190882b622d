package flow

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

const (
	anyMode   = tables.Any
	printMode = tables.Print
)

// effects carries out what the tables say of a call.
func (s *state) effects(at *site, effects []tables.Effect) {
	isError := slices.ContainsFunc(effects, func(e tables.Effect) bool { return e.Kind == tables.Sink && e.Class == "error" })
	for _, e := range effects {
		switch e.Kind {
		case tables.Sink:
			if s.sum != nil {
				for _, x := range s.readArgs(at, e) {
					s.exit(at, e.Class, x)
				}
			}
		case tables.Flow:
			var all set
			for _, x := range s.readArgs(at, e) {
				all = s.union(all, x.data)
			}
			if isError {
				all = s.asError(all)
			}
			s.flowTo(at, e.To, all)
		case tables.Write:
			if w := at.arg(e.To.First()); w != nil {
				for _, x := range s.readArgs(at, e) {
					s.write(at, w, x.data, nil)
				}
			}
		}
	}
}

// arg is an argument by its position in the tables.
func (at *site) arg(i int) ssa.Value {
	switch {
	case i == tables.Receiver:
		return at.recv
	case i < len(at.args):
		return at.args[i]
	}
	return nil
}

// argument is what a function reads of an argument.
type argument struct {
	data set
	mode tables.Mode
}

// readArgs reads the arguments that an effect is about, as its mode says.
func (s *state) readArgs(at *site, e tables.Effect) (list []argument) {
	modes := s.modesOf(at, e)
	for i := tables.Receiver; i < len(at.args); i++ {
		v := at.arg(i)
		if !e.From.Has(i) || v == nil || isContext(v.Type()) && e.Kind != tables.Flow {
			continue
		}
		m := e.Mode
		if modes != nil {
			if i >= len(modes) || modes[i] == skip {
				continue
			}
			m = modes[i]
		}
		data := set(nil)
		if e.Kind == tables.Flow && m == tables.Any {
			data = s.boxed(v) // it stays what it is
		} else {
			data = s.read(v, m, at.pos)
		}
		if len(data) > 0 {
			list = append(list, argument{data, m})
		}
	}
	return list
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

// skip is the mode of an argument that is not shown.
const skip tables.Mode = 255

// modesOf says for each argument of a function with a format how it is read, or
// returns nil where the mode of the effect says it.
func (s *state) modesOf(at *site, e tables.Effect) []tables.Mode {
	if e.Mode != tables.Format {
		return nil
	}
	modes := make([]tables.Mode, len(at.args))
	for i := range modes {
		modes[i] = printMode
	}
	first := e.From.First()
	if first < 0 || first >= len(at.args) {
		return modes
	}
	modes[first] = tables.Text
	c, ok := at.args[first].(*ssa.Const)
	if !ok || c.Value == nil {
		return modes
	}
	next := first + 1
	for _, verb := range verbs(constantString(c)) {
		if next < len(modes) {
			modes[next] = verbMode(verb, at.args[next], strings.HasSuffix(at.callee, "Errorf"))
		}
		next++
	}
	return modes
}

// verbs are the verbs of a format, one for each argument; none when arguments
// are numbered, for then each may be read more than once.
func verbs(format string) (list []byte) {
	if strings.Contains(format, "%[") {
		return nil
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.*", format[i]) >= 0; i++ {
			if format[i] == '*' {
				list = append(list, '*')
			}
		}
		if i < len(format) && format[i] != '%' {
			list = append(list, format[i])
		}
	}
	return list
}

// verbMode is how a verb reads a value. For %p of what is no pointer, and for
// %w outside of Errorf, fmt asks no method and shows every field.
func verbMode(verb byte, v ssa.Value, wraps bool) tables.Mode {
	if mi, ok := v.(*ssa.MakeInterface); ok {
		v = mi.X
	}
	switch verb {
	case 'T', '*':
		return skip
	case 'p':
		switch v.Type().Underlying().(type) {
		case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature:
			return skip
		}
		return anyMode
	case 'w':
		if wraps && types.Implements(v.Type(), errorType) {
			return printMode
		}
		return anyMode
	}
	return printMode
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// flowTo puts data where a flow of the tables leads.
func (s *state) flowTo(at *site, to tables.Args, x set) {
	if len(x) == 0 {
		return
	}
	if !to.Results() || to.Has(tables.Receiver) {
		for i := tables.Receiver; i < len(at.args); i++ {
			if to.Has(i) && at.arg(i) != nil && (i == tables.Receiver || !to.Results()) {
				s.store(at.arg(i), x)
			}
		}
	}
	if !to.Results() || at.call == nil {
		return
	}
	results := at.call.Common().Signature().Results()
	for i := range at.res {
		if to.Has(i) || to.All() && holdsText(results.At(i).Type()) {
			at.res[i] = s.union(at.res[i], s.asResult(x, results.At(i).Type()))
		}
	}
}

// asResult is data as a result: in text there are no parts, an iterator gives
// the elements of a container, and a container holds what an iterator gave.
func (s *state) asResult(x set, t types.Type) set {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return s.shown(s.whole(x), anyMode)
	case *types.Signature:
		elements := s.union(s.part(element, x), s.part(key, x))
		return s.union(x, s.prefix(yielded, elements))
	case *types.Slice:
		if elementOf(u) == "" {
			return s.shown(s.whole(x), anyMode)
		}
	}
	return s.each(x, func(p path, a atom) (path, atom, bool) {
		if p[0] == yielded {
			p[0] = element
		}
		return p, a, true
	})
}

// holdsText reports whether values of a type can hold text: not truth values,
// numbers and errors.
func holdsText(t types.Type) bool {
	if b, ok := t.Underlying().(*types.Basic); ok {
		return b.Info()&types.IsString != 0 || b.Kind() == types.UnsafePointer
	}
	return !types.Identical(t, types.Universe.Lookup("error").Type())
}

// exit is an argument that goes into a sink of the tables.
func (s *state) exit(at *site, class string, x argument) {
	s.sinkMode(at.pos, class, x.mode, at.callee+" at "+s.place(at.pos), "", x.data)
}

// sink is data that goes into a sink. What leads on to it from here is said by
// where.
func (s *state) sink(pos token.Pos, class, where string, x set) {
	if s.sum == nil {
		return
	}
	told := where
	if told == "" {
		told = class + " at " + s.place(pos)
	}
	s.sinkMode(pos, class, printMode, told, where, x)
}

// maxWhere bounds the description of the way to a sink.
const maxWhere = 240

// sinkMode is sink; told is what callers are told of the way.
func (s *state) sinkMode(pos token.Pos, class string, mode tables.Mode, told, where string, x set) {
	if s.sum == nil {
		return
	}
	if len(told) > maxWhere {
		told = "…" + told[strings.Index(told[len(told)-maxWhere:], ", ")+len(told)-maxWhere:]
	}
	for _, id := range x {
		p, a := s.get(id)
		if p.later() {
			continue
		}
		switch a.kind {
		case input:
			s.sum.Sinks = append(s.sum.Sinks, Exit{Input: a.input, Path: a.path, Class: class, Mode: mode, Errd: a.errd, Where: told, pos: pos})
		case labelled:
			s.arrive(pos, class, where, a)
		case typed:
			for _, l := range s.exposed(a.typ, mode) {
				s.arrive(pos, class, where, atom{kind: labelled, errd: a.errd, label: l})
			}
		}
	}
}

// arrive notes that one datum reaches a sink, if that is above its ceiling.
func (s *state) arrive(pos token.Pos, class, where string, a atom) {
	if !s.report || a.errd && class != "error" && above(a.label, "error") || !above(a.label, class) {
		return
	}
	f := s.finding(findingKey{pos, class, where}, a)
	if !strings.HasPrefix(class, endpoint) {
		f.Ceiling, _ = a.label.Policy.Ceiling(class)
	}
}

// above reports whether a sink may not have what a label is of. An endpoint of a
// zone may have what lives there.
func above(l *labels.Label, class string) bool {
	if zone, ok := strings.CutPrefix(class, endpoint); ok {
		return l.Zone != "" && l.Zone != zone
	}
	_, ceiling := l.Policy.Ceiling(class)
	return l.Level > ceiling
}

// finding returns the finding at a place, with a label more.
func (s *state) finding(k findingKey, a atom) *Finding {
	f := s.findings[k]
	if f == nil {
		f = &Finding{Pos: k.pos, Class: k.class, Where: k.where}
		s.findings[k] = f
	}
	if len(f.Labels) == 0 || cmp.Or(labels.Higher(a.label, f.Labels[0]), cmp.Compare(a.pos, f.Source), strings.Compare(a.via, f.Via)) < 0 {
		f.Labels = append([]*labels.Label{a.label}, f.Labels...)
		f.Source, f.Via = a.pos, a.via
	} else {
		f.Labels = append(f.Labels, a.label)
	}
	return f
}

// cleans reports whether the results of a call hold nothing, whatever is given.
func (s *state) cleans(common *ssa.CallCommon) bool {
	f := common.StaticCallee()
	if f == nil {
		return false
	}
	obj, ok := f.Object().(*types.Func)
	if !ok {
		return false
	}
	obj = obj.Origin()
	if obj.Pkg() == nil {
		return false
	}
	for _, e := range s.table.Told(obj.Pkg().Path(), receiverName(obj), obj.Name()) {
		if e.Kind == tables.Clean {
			return true
		}
	}
	return isRuntime(obj.Pkg()) && obj.Name() != "Reveal"
}
