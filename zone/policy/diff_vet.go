package policy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sekisho-go/sekisho/classify"
)

// vet compares what the analyzer is told, by all parts: what lets it see less
// is looser.
func (d *differ) vet() {
	old, new := d.old.VetInForce(), d.new.VetInForce()
	for _, s := range []struct {
		what     string
		old, new *Switch
	}{{"tests leak", old.Tests.Leak, new.Tests.Leak}, {"tests literal", old.Tests.Literal, new.Tests.Literal}, {"strict", old.Strict, new.Strict}} {
		if s.old.On != s.new.On {
			d.graded(Change{Subject: "vet " + s.what, Old: onOff(s.old.On), New: onOff(s.new.On), OldPos: s.old.Pos, NewPos: s.new.Pos}, number(s.old.On)-number(s.new.On))
		}
	}
	for _, b := range []struct {
		what     string
		old, new int
	}{{"function", old.Budgets.Function, new.Budgets.Function}, {"package", old.Budgets.Package, new.Budgets.Package}} {
		if b.old != b.new {
			d.graded(Change{Subject: "vet budget of a " + b.what, Old: strconv.Itoa(b.old), New: strconv.Itoa(b.new), OldPos: old.Budgets.Pos, NewPos: new.Budgets.Pos}, b.old-b.new)
		}
	}
	d.vetEntries(d.old.vetLines(&old), d.new.vetLines(&new))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// vetLine is an entry as Diff compares it.
type vetLine struct {
	subject string         // what it names
	says    string         // what it says of it
	label   classify.Label // of what comes out, where it says that
	adds    int            // 1 where more such entries let more through, -1 where less
	pos     Pos
}

// vetLines lists the entries of what the analyzer is told.
func (p *Policy) vetLines(v *Vet) (list []vetLine) {
	for _, s := range v.Sources {
		list = append(list, vetLine{"vet source " + s.String(), "label " + s.Label, p.labelOf(s.Label), -1, s.Pos})
	}
	for _, s := range v.Sinks {
		list = append(list, vetLine{"vet sink " + s.String() + ", to " + s.To(), givenWord, classify.Label{}, -1, s.Pos})
	}
	for _, s := range v.Propagators {
		list = append(list, vetLine{"vet propagator " + s.String(), givenWord, classify.Label{}, -1, s.Pos})
	}
	for _, s := range v.Cleaners {
		list = append(list, vetLine{"vet cleaner " + s.String(), fmt.Sprintf("as %q", s.As), classify.Label{Class: p.class(s.As)}, 1, s.Pos})
	}
	return list
}

const (
	givenWord    = "given"
	notGivenWord = "not given"
)

// vetEntries compares two lists of entries. One that says of the same
// functions that they yield a higher class is stricter.
func (d *differ) vetEntries(old, new []vetLine) {
	like := func(list []vetLine, v vetLine) int {
		return slices.IndexFunc(list, func(o vetLine) bool { return o.subject == v.subject })
	}
	for _, v := range new {
		c := Change{Subject: v.subject, Old: notGivenWord, New: v.says, NewPos: v.pos}
		i := like(old, v)
		if i < 0 {
			d.graded(c, v.adds)
			continue
		}
		if o := old[i]; o.says != v.says {
			c.Old, c.OldPos = o.says, o.pos
			before := d.aligned(o.label)
			if v.adds < 0 && before.Equal(v.label) && v.label.Class != classify.Unknown {
				continue // the same, said in another way
			}
			d.graded(c, number(before.AtLeast(v.label))-number(v.label.AtLeast(before)))
		}
	}
	for _, v := range old {
		if like(new, v) < 0 {
			d.graded(Change{Subject: v.subject, Old: v.says, New: notGivenWord, OldPos: v.pos}, -v.adds)
		}
	}
}
