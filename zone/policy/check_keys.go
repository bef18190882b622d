package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
)

// maxBits is more strength than anything has.
const maxBits = 4096

// algorithms checks what is said of algorithms.
func (c *checker) algorithms() {
	a := c.p.Algorithms
	if a == nil {
		return
	}
	c.text(a.Pos, "algorithms.source", a.Source)
	if len(a.Listed) == 0 && !c.p.Overlay {
		c.problem(a.Pos, "algorithms.listed", "no algorithm is listed", "list those that are permitted, or take the section away: a policy without one permits all")
	}
	c.strengths(a)
	seen := names{}
	for i := range a.Listed {
		v := &a.Listed[i]
		where := fmt.Sprintf("algorithms.listed[%d]", i)
		c.name(seen, v.Pos, where, "algorithm", v.Name)
		c.text(v.Pos, where+".clause", v.Clause)
		switch {
		case v.Bits < 0 || v.Bits > maxBits:
			c.problem(v.Pos, where+".bits", fmt.Sprintf("algorithm %q has %d bits of strength", v.Name, v.Bits), fmt.Sprintf("write 1 to %d", maxBits))
		case v.Bits > 0 && len(v.Of) > 0:
			c.problem(v.Pos, where+".bits", fmt.Sprintf("algorithm %q has a strength and parts", v.Name), "leave the bits out: it is as strong as the weakest of its parts")
		case v.Bits == 0 && len(v.Of) == 0 && !c.p.Overlay:
			c.problem(v.Pos, where, fmt.Sprintf("algorithm %q has neither a strength nor parts", v.Name), "write bits, or of: the algorithms that it consists of")
		}
		c.parts(v, where)
	}
}

// strengths checks the periods by strength.
func (c *checker) strengths(a *Algorithms) {
	for i := range a.Strength {
		s := &a.Strength[i]
		where := fmt.Sprintf("algorithms.strength[%d]", i)
		if s.Bits < 1 || s.Bits > maxBits {
			c.problem(s.Pos, where+".bits", fmt.Sprintf("a strength of %d bits", s.Bits), fmt.Sprintf("write 1 to %d", maxBits))
		}
		for _, end := range []struct{ what, day string }{{"produce", s.Produce}, {"consume", s.Consume}} {
			if end.day != "" && !date(end.day) {
				c.problem(s.Pos, where+"."+end.what, "the last day is not a date", "write it as YYYY-MM-DD")
			}
		}
		if s.Produce != "" && s.Consume != "" && s.Consume < s.Produce {
			c.problem(s.Pos, where+".consume", fmt.Sprintf("what has %d bits is made until %s and used until %s only", s.Bits, s.Produce, s.Consume), "let it be used at least as long as it is made")
		}
		for j := range a.Strength {
			c.strengthOrder(&a.Strength[j], s, where, j < i)
		}
	}
}

// strengthOrder compares a period with another one of the list: what is
// stronger does not end earlier.
func (c *checker) strengthOrder(o, s *Strength, where string, before bool) {
	switch {
	case o.Bits == s.Bits && before:
		c.addBoth(s.Pos, o.Pos, c.prefix+where, fmt.Sprintf("the strength of %d bits is given twice", s.Bits), "keep one of them")
	case o.Bits < s.Bits && (endsBefore(s.Produce, o.Produce) || endsBefore(s.Consume, o.Consume)):
		c.addBoth(s.Pos, o.Pos, c.prefix+where, fmt.Sprintf("the strength of %d bits ends earlier than that of %d", s.Bits, o.Bits), "let the stronger one last at least as long")
	}
}

// endsBefore compares two last days. Where one sets no end there is nothing to
// compare: what is weaker then ends with what is stronger.
func endsBefore(a, b string) bool { return a != "" && a < b }

// parts checks what an algorithm consists of.
func (c *checker) parts(v *Algorithm, where string) {
	for j, part := range v.Of {
		at := fmt.Sprintf("%s.of[%d]", where, j)
		switch {
		case slices.Contains(v.Of[:j], part):
			c.problem(v.Pos, at, fmt.Sprintf("part %q is given twice", part), "keep one")
		case c.p.Algorithms.entry(part) == nil && c.scale.Algorithms.entry(part) == nil && (!c.alone() || !classify.ValidName(part)):
			c.problem(v.Pos, at, fmt.Sprintf("algorithm %q is not listed", part), suggest(part, c.algorithmNames(), "algorithm"))
		case c.p.Algorithms.consists(part, v.Name, map[string]bool{}):
			c.problem(v.Pos, at, fmt.Sprintf("algorithm %q consists of itself", v.Name), "take this part away")
		}
	}
}

// consists reports whether an algorithm is another one or has it as a part.
func (a *Algorithms) consists(name, of string, seen map[string]bool) bool {
	if name == of {
		return true
	}
	v := a.entry(name)
	if v == nil || seen[name] {
		return false
	}
	seen[name] = true
	return slices.ContainsFunc(v.Of, func(part string) bool { return a.consists(part, of, seen) })
}

func (c *checker) algorithmNames() []string {
	var list []string
	for _, a := range []*Algorithms{c.p.Algorithms, c.scale.Algorithms} {
		for i := 0; a != nil && i < len(a.Listed); i++ {
			list = append(list, a.Listed[i].Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

const periodRemedy = "write years, months and days, such as 2y, 1y6m or 90d, a hundred years at most"

// keys checks what is said of keys.
func (c *checker) keys() {
	k := c.p.Keys
	if k == nil {
		return
	}
	if k.Box != "" && k.Box != BoxX25519 && k.Box != BoxXWing {
		c.problem(k.Pos, "keys.box", fmt.Sprintf("boxes of the kind %q are not known", k.Box), fmt.Sprintf("write %s, or %s", BoxX25519, BoxXWing))
	}
	for i := range k.Periods {
		v := &k.Periods[i]
		where := fmt.Sprintf("keys.periods[%d]", i)
		if !slices.Contains(KeyUses(), v.Use) {
			c.problem(v.Pos, where, fmt.Sprintf("there is no use of keys %q", v.Use), "the uses are "+strings.Join(KeyUses(), ", "))
		}
		if slices.ContainsFunc(k.Periods[:i], func(o Period) bool { return o.Use == v.Use }) {
			c.problem(v.Pos, where, fmt.Sprintf("the periods of the use %q are given twice", v.Use), "keep one entry")
		}
		sound := true
		for _, end := range []struct{ what, span string }{{"produce", v.Produce}, {"consume", v.Consume}} {
			if _, ok := parseSpan(end.span); end.span != "" && !ok {
				sound = false
				c.problem(v.Pos, where+"."+end.what, "the period is none", periodRemedy)
			}
		}
		switch {
		case v.Produce == "" && v.Consume == "":
			c.problem(v.Pos, where, fmt.Sprintf("the use %q has no period", v.Use), "write produce and consume, or take the entry away")
		case sound && compareSpans(v.Consume, v.Produce) < 0 && v.Produce != "":
			c.problem(v.Pos, where+".consume", fmt.Sprintf("keys of the use %q serve %s for making and only %s for using", v.Use, v.Produce, v.Consume), "both are counted from the day that a key is made: let using last at least as long as making")
		}
	}
}

// looserAlgorithms finds algorithms that an overlay adds, and periods that it
// makes longer.
func (c *checker) looserAlgorithms(base *Policy) {
	a, under := c.p.Algorithms, base.Algorithms
	if a == nil {
		return
	}
	if under == nil {
		c.ownAlgorithms(a, base)
		return
	}
	for i := range a.Listed {
		v := &a.Listed[i]
		where := fmt.Sprintf("algorithms.listed[%d]", i)
		switch o := under.entry(v.Name); {
		case o == nil:
			c.looser(v.Pos, under.Pos, where, fmt.Sprintf("the overlay lists algorithm %q, which the policy does not list", v.Name))
		case v.Bits > under.weigh(v.Name, map[string]weight{}).bits:
			c.looser(v.Pos, o.Pos, where+".bits", fmt.Sprintf("algorithm %q would have %d bits of strength, and the policy says %d", v.Name, v.Bits, under.weigh(v.Name, map[string]weight{}).bits))
		}
	}
	for i := range a.Strength {
		s := &a.Strength[i]
		produce, consume := under.ends(s.Bits)
		for _, end := range []struct{ what, verb, ours, theirs string }{
			{"produce", "made", s.Produce, produce}, {"consume", "used", s.Consume, consume},
		} {
			if end.ours != "" && end.theirs != "" && end.ours > end.theirs {
				c.looser(s.Pos, under.Pos, fmt.Sprintf("algorithms.strength[%d].%s", i, end.what), fmt.Sprintf("what has %d bits of strength would be %s until %s, and the policy says %s", s.Bits, end.verb, end.ours, end.theirs))
			}
		}
	}
}

// ownAlgorithms checks an overlay of a policy that says nothing of algorithms:
// the whole list is the overlay's then.
func (c *checker) ownAlgorithms(a *Algorithms, base *Policy) {
	if len(a.Listed) == 0 {
		c.problem(a.Pos, "algorithms.listed", fmt.Sprintf("neither the overlay nor policy %q lists algorithms", base.Name), "list those that are permitted, here or in the policy")
	}
	for i := range a.Listed {
		if v := &a.Listed[i]; v.Bits == 0 && len(v.Of) == 0 {
			c.problem(v.Pos, fmt.Sprintf("algorithms.listed[%d]", i), fmt.Sprintf("algorithm %q has neither a strength nor parts", v.Name), "the policy says nothing of algorithms: write bits, or of: the algorithms that it consists of")
		}
	}
}

// looserKeys finds crypto-periods that an overlay makes longer.
func (c *checker) looserKeys(base *Policy) {
	k, under := c.p.Keys, base.Keys
	if k == nil || under == nil {
		return
	}
	if k.Box == BoxX25519 && under.Box == BoxXWing {
		c.looser(k.Pos, under.Pos, "keys.box", fmt.Sprintf("boxes would be of the kind %s, and the policy says %s", k.Box, under.Box))
	}
	for i := range k.Periods {
		v := &k.Periods[i]
		o := under.period(v.Use)
		if o == nil {
			continue
		}
		for _, end := range []struct{ what, verb, ours, theirs string }{
			{"produce", "make something new", v.Produce, o.Produce}, {"consume", "be used", v.Consume, o.Consume},
		} {
			if end.ours != "" && end.theirs != "" && compareSpans(end.ours, end.theirs) > 0 {
				c.looser(v.Pos, o.Pos, fmt.Sprintf("keys.periods[%d].%s", i, end.what), fmt.Sprintf("keys of the use %q would %s for %s, and the policy says %s", v.Use, end.verb, end.ours, end.theirs))
			}
		}
	}
}
