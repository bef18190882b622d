package plan

import (
	"github.com/sekisho-go/sekisho/internal/model"
)

// Unpackable says why no parcel can carry a view, for people, or returns ""
// when one can. What a mask of one's own returns may be written down in no way.
func (r *Record) Unpackable() string {
	seen := map[*Shape]bool{}
	var why string
	var walk func(s *Shape, field string)
	walk = func(s *Shape, field string) {
		if s == nil || seen[s] || why != "" {
			return
		}
		seen[s] = true
		switch {
		case s.Kind == model.Refused || s.Kind == model.Invalid:
			why = field + " cannot be written down: " + s.Why
		case s.Record != nil && s.Record.Made == nil:
			why = field + " holds " + s.Record.Name + ", which is no view"
		case s.Record != nil:
			for _, f := range s.Record.Fields {
				walk(f.Shape, s.Record.Name+"."+f.Name)
			}
		case s.endless():
			why = field + " cannot be written down: " + TypeString(s.Type) + " holds itself and no struct"
		}
		walk(s.Key, field)
		walk(s.Elem, field)
		for _, sf := range s.Fields {
			walk(sf.Shape, field)
		}
	}
	for _, f := range r.Fields {
		walk(f.Shape, f.Name)
	}
	return why
}

// Recursive reports whether a record of r can hold another of its type.
func (r *Record) Recursive() bool {
	seen := map[*Record]bool{}
	var reaches func(*Record) bool
	reaches = func(at *Record) bool {
		if seen[at] {
			return at == r
		}
		seen[at] = true
		for _, f := range at.Fields {
			if held := f.Held(); held != nil && reaches(held) {
				return true
			}
		}
		return false
	}
	return reaches(r)
}

// viewMethods are the generated methods of a view that lead nowhere, with what
// each is for.
func (r *Record) viewMethods() map[string]string {
	own := map[string]string{}
	if r.Made == nil {
		return own
	}
	for _, name := range []string{"Packing", "Pack", "Unpack"} {
		own[name] = "parcels carry it"
	}
	for _, ret := range r.Returns {
		own["Returning"+ret.Method] = "parcels carry it back"
	}
	for _, rs := range r.Reseals() {
		own[rs.Method] = "what it holds sealed is sealed anew"
	}
	return own
}

// EmbedsView reports whether a hand-written record is lent the methods of a
// view by a field, so that a parcel would take the field for the whole.
func (r *Record) EmbedsView() bool {
	if r.Made != nil || r.Foreign {
		return false
	}
	for _, f := range r.Fields {
		if held := f.Held(); f.Embedded && held != nil && (held.Made != nil || held != r && held.EmbedsView()) {
			return true
		}
	}
	return false
}
