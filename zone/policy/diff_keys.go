package policy

import (
	"cmp"
	"fmt"
	"time"
)

// algorithms compares what is permitted, by all parts: an algorithm more, or a
// later day, is looser.
func (d *differ) algorithms() {
	old, new := d.old.AlgorithmsInForce(), d.new.AlgorithmsInForce()
	switch {
	case old == nil && new == nil:
		return
	case old == nil:
		d.graded(Change{Subject: "algorithms", Old: "all", New: new.words(), NewPos: new.Pos}, -1)
		return
	case new == nil:
		d.graded(Change{Subject: "algorithms", Old: old.words(), New: "all", OldPos: old.Pos}, 1)
		return
	}
	names := map[string]bool{}
	for _, a := range []*Algorithms{old, new} {
		for i := range a.Listed {
			names[a.Listed[i].Name] = true
		}
	}
	for _, name := range sortedKeys(names) {
		d.algorithm(name, old, new)
	}
}

// words says how many algorithms a list has, and whose it is.
func (a *Algorithms) words() string {
	s := fmt.Sprintf("%d listed", len(a.Listed))
	if a.Source != "" {
		s += " by " + a.Source
	}
	return s
}

// algorithm compares one algorithm of two lists.
func (d *differ) algorithm(name string, old, new *Algorithms) {
	c := Change{Subject: fmt.Sprintf("algorithm %q", name)}
	if v := old.entry(name); v != nil {
		c.OldPos, c.Clause = v.Pos, v.Clause
	}
	if v := new.entry(name); v != nil {
		c.NewPos, c.Clause = v.Pos, cmp.Or(v.Clause, c.Clause)
	}
	oldProduce, oldConsume, before := old.Until(name)
	newProduce, newConsume, after := new.Until(name)
	if before != after {
		c.Old, c.New = listedWord(before), listedWord(after)
		d.graded(c, number(after)-number(before))
		return
	}
	subject := c.Subject
	for _, end := range []struct {
		what     string
		old, new time.Time
	}{{"produce", oldProduce, newProduce}, {"consume", oldConsume, newConsume}} {
		if end.old.Equal(end.new) {
			continue
		}
		c.Subject, c.Old, c.New = subject+" "+end.what, lastDay(end.old), lastDay(end.new)
		sign := -1
		if end.new.IsZero() || !end.old.IsZero() && end.new.After(end.old) {
			sign = 1
		}
		d.graded(c, sign)
	}
}

func listedWord(listed bool) string {
	if listed {
		return "listed"
	}
	return "not listed"
}

// lastDay is the day of a last instant.
func lastDay(t time.Time) string {
	if t.IsZero() {
		return "no end"
	}
	return "until " + t.Format(time.DateOnly)
}

// keys compares kinds and crypto-periods of keys, by all parts.
func (d *differ) keys() {
	old, new := d.old.KeysInForce(), d.new.KeysInForce()
	if old.Box != new.Box {
		d.graded(Change{Subject: "keys box", Old: old.Box, New: new.Box}, number(old.Box == BoxXWing)-number(new.Box == BoxXWing))
	}
	for _, use := range usesOf(old, new) {
		before, after := Period{Use: use}, Period{Use: use}
		if v := old.period(use); v != nil {
			before = *v
		}
		if v := new.period(use); v != nil {
			after = *v
		}
		for _, end := range []struct{ what, old, new string }{{"produce", before.Produce, after.Produce}, {"consume", before.Consume, after.Consume}} {
			if sign := compareSpans(end.new, end.old); sign != 0 {
				d.graded(Change{Subject: fmt.Sprintf("keys %q %s", use, end.what), Old: cmp.Or(end.old, "no end"), New: cmp.Or(end.new, "no end"), OldPos: before.Pos, NewPos: after.Pos}, sign)
			}
		}
	}
}
