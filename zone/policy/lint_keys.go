package policy

import (
	"errors"
	"fmt"
	"time"
)

// algorithmNotice is how many years ahead Lint looks for algorithms that fall
// out: about as long as it takes to plan, buy and make everything anew.
const algorithmNotice = 5

// algorithms finds uses whose keys are of an algorithm that is not listed, or
// with which nothing new is made before long.
func (l *linter) algorithms() {
	a := l.p.AlgorithmsInForce()
	if a == nil {
		return
	}
	for _, use := range KeyUses() {
		name := l.p.KeyAlgorithm(use)
		subject := fmt.Sprintf("keys %q", use)
		pos, clause := a.Pos, ""
		if v := a.entry(name); v != nil {
			pos, clause = v.Pos, v.Clause
		}
		if refused, ok := errors.AsType[*AlgorithmError](a.MayProduce(name, l.at)); ok {
			l.add(KindAlgorithm, pos, "algorithms", clause, fmt.Sprintf("keys of the use %q are of algorithm %q: %s", use, name, refused.short()), "list it, or see that no such keys are made", subject)
			continue
		}
		if err := a.MayProduce(name, l.at.AddDate(algorithmNotice, 0, 0)); err != nil {
			produce, _, _ := a.Until(name)
			l.add(KindAlgorithm, pos, "algorithms", clause, fmt.Sprintf("keys of the use %q are of algorithm %q, which makes nothing new after %s", use, name, produce.Format(time.DateOnly)), fmt.Sprintf("plan what takes its place: it is less than %d years", algorithmNotice), subject)
		}
	}
}

// short is the reason alone, for a message that names the algorithm itself.
func (e *AlgorithmError) short() string {
	switch {
	case e.Reason != AlgorithmNotListed:
		return "it makes nothing new after " + e.Last
	case e.Part != "":
		return fmt.Sprintf("its part %q is not listed", e.Part)
	}
	return "it is not listed"
}

// domains finds categories that have a check of their form, so that their
// values are regular, and of which nobody said whether all can be tried.
func (l *linter) domains() {
	for _, part := range l.p.parts() {
		for i := range part.Categories {
			k := &part.Categories[i]
			met, _ := l.p.Category(k.Name)
			if k.Check == "" || met.Guessable || met.Stays != "" || l.p.class(met.Class) < 2 {
				continue
			}
			subject := fmt.Sprintf("category %q", k.Name)
			l.add(KindDomain, k.Pos, fmt.Sprintf("categories[%d]", i), "", subject+" has a check of its form and is not said to be guessable", "write guessable: true where all its values could be tried: no search index of it is made then", subject)
		}
	}
}
