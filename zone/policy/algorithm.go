package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Algorithms says which cryptographic algorithms an organisation permits, and
// until when: a list somebody publishes, and periods by strength. It is data;
// nothing in the programs knows a list.
//
// A policy without this section permits every algorithm without an end: nil
// answers so. What is in force where policies meet is
// [Policy.AlgorithmsInForce].
type Algorithms struct {
	Source   string      `json:"source,omitempty"`   // whose list and periods these are, for people
	Strength []Strength  `json:"strength,omitempty"` // by bits
	Listed   []Algorithm `json:"listed,omitempty"`   // by name; in an overlay: what remains of the list, all of it when empty
	Pos      Pos         `json:"-"`
}

// Strength says until when something of at most so many bits of strength
// counts (NIST SP 800-57 part 1, 5.6, counts them). Where several entries have
// at least the bits of an algorithm, the earliest day of all of them counts.
type Strength struct {
	Bits    int    `json:"bits"`
	Produce string `json:"produce,omitempty"` // last day of making something new (sealing, signing), YYYY-MM-DD; empty: no end is set
	Consume string `json:"consume,omitempty"` // last day of using what there is (opening, verifying); empty: no end is set
	Pos     Pos    `json:"-"`
}

// Algorithm is one that is listed. It has a strength of its own, or consists of
// parts: then it is listed as long as all of them are, and as strong as the
// weakest.
type Algorithm struct {
	Name   string   `json:"name"`
	Bits   int      `json:"bits,omitempty"`
	Of     []string `json:"of,omitempty"` // names of its parts
	Clause string   `json:"clause,omitempty"`
	Pos    Pos      `json:"-"`
}

// AlgorithmReason says why an algorithm may not be used.
type AlgorithmReason uint8

// The reasons.
const (
	AlgorithmUnknown      AlgorithmReason = iota // none; invalid
	AlgorithmNotListed                           // it is not on the list, or a part of it is not
	AlgorithmProduceEnded                        // nothing new may be made with it any more
	AlgorithmConsumeEnded                        // what there is may not be used any more
)

// An AlgorithmError says that an algorithm may not be used at a time.
type AlgorithmError struct {
	Algorithm string
	Reason    AlgorithmReason
	Part      string // the part that is not listed, where it is not the algorithm itself
	Last      string // the last day on which it could be, YYYY-MM-DD
	Bits      int    // its strength
	Source    string // whose list it is
}

// Error gives one line: what, whose rule, what to do.
func (e *AlgorithmError) Error() string {
	source := ""
	if e.Source != "" {
		source = " (" + e.Source + ")"
	}
	switch e.Reason {
	case AlgorithmProduceEnded:
		return fmt.Sprintf("policy: algorithm %q of %d bits of strength makes nothing new after %s%s: take keys of a stronger one", e.Algorithm, e.Bits, e.Last, source)
	case AlgorithmConsumeEnded:
		return fmt.Sprintf("policy: nothing that algorithm %q of %d bits of strength has made counts after %s%s: what is not made anew by then is lost", e.Algorithm, e.Bits, e.Last, source)
	}
	if e.Part != "" {
		return fmt.Sprintf("policy: algorithm %q has the part %q, which is not listed%s: take one that is, or list it in the policy", e.Algorithm, e.Part, source)
	}
	return fmt.Sprintf("policy: algorithm %q is not listed%s: take one that is, or list it in the policy", e.Algorithm, source)
}

// MayProduce reports whether something new may be made with an algorithm at a
// time: sealed, signed, derived. The error is an [*AlgorithmError]. Days are
// those of the calendar in the location of at, the last one included, as in
// [Route.Open]. A nil a permits everything.
func (a *Algorithms) MayProduce(algorithm string, at time.Time) error {
	return a.may(algorithm, at, AlgorithmProduceEnded)
}

// MayConsume reports whether what an algorithm has made may be used at a time:
// opened, verified, matched. It is otherwise as [Algorithms.MayProduce].
func (a *Algorithms) MayConsume(algorithm string, at time.Time) error {
	return a.may(algorithm, at, AlgorithmConsumeEnded)
}

func (a *Algorithms) may(algorithm string, at time.Time, ended AlgorithmReason) error {
	if a == nil {
		return nil
	}
	w := a.weigh(algorithm, map[string]weight{})
	if w.bits == 0 {
		e := &AlgorithmError{Algorithm: algorithm, Reason: AlgorithmNotListed, Source: a.Source}
		if w.missing != algorithm {
			e.Part = w.missing
		}
		return e
	}
	produce, consume := a.ends(w.bits)
	last := consume
	if ended == AlgorithmProduceEnded {
		last = produce
	}
	if last == "" || !dayOver(last, at) {
		return nil
	}
	return &AlgorithmError{Algorithm: algorithm, Reason: ended, Last: last, Bits: w.bits, Source: a.Source}
}

// Until gives the last instants at which something new may be made with an
// algorithm, and at which what it made may be used; the zero time where no end
// is set. listed is false for what is not listed, or ends on a day that is
// none. The instants are the ends of days in UTC, so that formatting them gives
// these days; [Algorithms.MayProduce] goes by the location of its time. A nil a
// lists everything without an end.
func (a *Algorithms) Until(algorithm string) (produce, consume time.Time, listed bool) {
	return a.untilIn(algorithm, time.UTC)
}

// untilIn is Until with the ends of days in a location.
func (a *Algorithms) untilIn(algorithm string, loc *time.Location) (produce, consume time.Time, listed bool) {
	if a == nil {
		return time.Time{}, time.Time{}, true
	}
	w := a.weigh(algorithm, map[string]weight{})
	if w.bits == 0 {
		return time.Time{}, time.Time{}, false
	}
	days := [2]string{}
	days[0], days[1] = a.ends(w.bits)
	var ends [2]time.Time
	for i, day := range days {
		if day == "" {
			continue
		}
		last, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return time.Time{}, time.Time{}, false
		}
		y, m, d := last.Date()
		ends[i] = time.Date(y, m, d+1, 0, 0, 0, 0, loc).Add(-time.Nanosecond)
	}
	return ends[0], ends[1], true
}

// ends gives the last days for what has so many bits of strength. Making
// something new ends with using it at the latest.
func (a *Algorithms) ends(bits int) (produce, consume string) {
	for _, s := range a.Strength {
		if s.Bits >= bits {
			produce, consume = earlierDay(produce, s.Produce), earlierDay(consume, s.Consume)
		}
	}
	return earlierDay(produce, consume), consume
}

// earlierDay is the earlier of two days; the empty one sets no end. A day that
// is none comes before all others: it closes.
func earlierDay(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	if !date(a) || date(b) && a < b {
		return a
	}
	return b
}

// A weight is the strength of an algorithm, or 0 and the name that is missing.
type weight struct {
	bits    int
	missing string
}

// weigh finds the strength of an algorithm and of all that it consists of. What
// consists of itself is not listed.
func (a *Algorithms) weigh(name string, known map[string]weight) weight {
	if w, ok := known[name]; ok {
		return w
	}
	known[name] = weight{missing: name}
	v := a.entry(name)
	if v == nil {
		return known[name]
	}
	w := weight{bits: v.Bits}
	for _, part := range v.Of {
		p := a.weigh(part, known)
		if p.bits == 0 {
			w = p
			break
		}
		w.bits = min(cmp.Or(w.bits, p.bits), p.bits)
	}
	if w.bits > 0 || w.missing != "" {
		known[name] = w
	}
	return known[name]
}

func (a *Algorithms) entry(name string) *Algorithm {
	if a == nil {
		return nil
	}
	for i := range a.Listed {
		if a.Listed[i].Name == name {
			return &a.Listed[i]
		}
	}
	return nil
}

// AlgorithmsInForce gives what the policy and everything it is met with permit
// together: what all lists have, until the earliest day that any of them sets.
// It is nil when none of them speaks of algorithms, which permits everything.
func (p *Policy) AlgorithmsInForce() *Algorithms {
	var all *Algorithms
	var sources []string
	listing := false
	for _, part := range p.parts() {
		a := part.Algorithms
		if a == nil {
			continue
		}
		if all == nil {
			all = &Algorithms{Pos: a.Pos}
		}
		if a.Source != "" && !slices.Contains(sources, a.Source) {
			sources = append(sources, a.Source)
		}
		all.Strength = append(all.Strength, a.Strength...)
		switch {
		case len(a.Listed) == 0:
		case !listing:
			all.Listed, listing = slices.Clone(a.Listed), true
		default:
			all.keep(a)
		}
	}
	if all != nil {
		all.Source = strings.Join(sources, "; ")
		slices.SortStableFunc(all.Strength, func(a, b Strength) int { return cmp.Compare(a.Bits, b.Bits) })
	}
	return all
}

// keep leaves in the list, a copy, what another one has as well, and gives it
// the parts and the lower strength of both.
func (a *Algorithms) keep(other *Algorithms) {
	var both []Algorithm
	for _, v := range a.Listed {
		o := other.entry(v.Name)
		if o == nil {
			continue
		}
		if v.Bits == 0 || o.Bits > 0 && o.Bits < v.Bits {
			v.Bits = o.Bits
		}
		v.Of = slices.Clone(v.Of)
		for _, part := range o.Of {
			if !slices.Contains(v.Of, part) {
				v.Of = append(v.Of, part)
			}
		}
		v.Clause = cmp.Or(v.Clause, o.Clause)
		both = append(both, v)
	}
	a.Listed = both
}

// canonical is a copy in which all that has no order is sorted.
func (a *Algorithms) canonical() *Algorithms {
	if a == nil {
		return nil
	}
	c := *a
	c.Strength = slices.Clone(a.Strength)
	slices.SortStableFunc(c.Strength, func(a, b Strength) int { return cmp.Compare(a.Bits, b.Bits) })
	c.Listed = sortedBy(a.Listed, func(v Algorithm) string { return v.Name })
	for i := range c.Listed {
		c.Listed[i].Of = sortedBy(c.Listed[i].Of, func(s string) string { return s })
	}
	return &c
}
