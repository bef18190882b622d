package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keys says of which kind keys are made and how long they serve. Keys carry
// their dates in their own files, so this is read when keys are made, and by
// tools; a crossing never looks at it. It is part of the compiled policy and of
// its digest all the same: the digest names what an organisation decided, and
// whoever holds the compiled policy can recompute it.
type Keys struct {
	Box     string   `json:"box,omitempty"`     // BoxX25519 (the default) or BoxXWing
	Periods []Period `json:"periods,omitempty"` // by use
	Pos     Pos      `json:"-"`
}

// Period is the crypto-period of the keys of one use (NIST SP 800-57 part 1,
// 5.3). Both are counted from the moment that a key is made, in calendar years,
// months and days: "2y", "1y6m", "90d". Here m is months; in the period of a
// limit, which is hours and less, it is minutes.
type Period struct {
	Use     string `json:"use"`
	Produce string `json:"produce,omitempty"` // how long something new is made with a key; empty: no end is set
	Consume string `json:"consume,omitempty"` // how long what it made is used; empty: no end is set
	Pos     Pos    `json:"-"`
}

// The kinds of boxes: what is sealed to the public key of a zone.
const (
	BoxX25519 = "x25519" // HPKE with X25519 (RFC 9180)
	BoxXWing  = "x-wing" // HPKE with X25519 and ML-KEM-768 together: it holds as long as one of the two does
)

// keyUses are the uses of keys and the algorithm that each has.
var keyUses = []struct{ use, algorithm string }{
	{"seal", "AES-256-GCM"},
	{"token", "AES-256-CMAC-PRF"},
	{"index", "AES-256-CMAC-PRF"},
	{"stream", "AES-256-GCM-HKDF-SHA256"},
	{"box", "HPKE-X25519-HKDF-SHA256-AES-256-GCM"},
	{"sign", "Ed25519"},
	{"tenant", "HKDF-SHA256-PRF"},
}

const boxXWingAlgorithm = "HPKE-X-WING-AES-256-GCM"

// KeyUses lists the uses of keys that a policy can speak of.
func KeyUses() []string {
	var list []string
	for _, u := range keyUses {
		list = append(list, u.use)
	}
	return list
}

// A KeyPlan is what a policy wants of a key.
type KeyPlan struct {
	Algorithm    string    // of which it is made, as reports and key files name it
	ProduceUntil time.Time // last instant of making something new with it; zero: no end is set
	ConsumeUntil time.Time // last instant of using what it made; zero: no end is set
}

// KeyPlan says of which algorithm a key of a use is made that is created at a
// time, and how long it serves: until the end of its crypto-period or until its
// algorithm falls out, whichever is earlier, by the policy and everything it is
// met with. Days are those of the calendar in the location of created. Where
// using ends, making ends with it at the latest.
//
// The error is an [*AlgorithmError] when the algorithm is not listed or nothing
// new may be made with it at that time any more.
func (p *Policy) KeyPlan(use string, created time.Time) (KeyPlan, error) {
	algorithm := p.KeyAlgorithm(use)
	if algorithm == "" {
		return KeyPlan{}, fmt.Errorf("policy: no use of keys %q: the uses are %s", use, strings.Join(KeyUses(), ", "))
	}
	all := p.AlgorithmsInForce()
	if err := all.MayProduce(algorithm, created); err != nil {
		return KeyPlan{}, err
	}
	plan := KeyPlan{Algorithm: algorithm}
	plan.ProduceUntil, plan.ConsumeUntil, _ = all.untilIn(algorithm, created.Location())
	for _, part := range p.parts() {
		if v := part.Keys.period(use); v != nil {
			plan.ProduceUntil = earlier(plan.ProduceUntil, spanFrom(v.Produce, created))
			plan.ConsumeUntil = earlier(plan.ConsumeUntil, spanFrom(v.Consume, created))
		}
	}
	plan.ProduceUntil = earlier(plan.ProduceUntil, plan.ConsumeUntil)
	return plan, nil
}

// earlier is the earlier of two times; the zero time sets no end.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// keyAlgorithm is the algorithm of a use, empty when there is no such use.
func (p *Policy) KeyAlgorithm(use string) string {
	for _, u := range keyUses {
		switch {
		case u.use != use:
		case use == "box" && p.KeysInForce().Box == BoxXWing:
			return boxXWingAlgorithm
		default:
			return u.algorithm
		}
	}
	return ""
}

// KeysInForce gives what the policy and everything it is met with say of keys,
// for people: the stricter kind of boxes, and of each use the shortest periods.
// [Policy.KeyPlan] reckons by the calendar, where 30d is at times shorter and
// at times longer than 1m.
func (p *Policy) KeysInForce() Keys {
	all := Keys{Box: BoxX25519}
	for _, u := range keyUses {
		met := Period{Use: u.use}
		for _, part := range p.parts() {
			if part.Keys != nil && part.Keys.Box == BoxXWing {
				all.Box = BoxXWing
			}
			if v := part.Keys.period(u.use); v != nil {
				met.Produce, met.Consume = shorterSpan(met.Produce, v.Produce), shorterSpan(met.Consume, v.Consume)
				if met.Pos.IsZero() {
					met.Pos = v.Pos
				}
			}
		}
		if met.Produce != "" || met.Consume != "" {
			all.Periods = append(all.Periods, met)
		}
	}
	return all
}

func (k *Keys) period(use string) *Period {
	if k == nil {
		return nil
	}
	for i := range k.Periods {
		if k.Periods[i].Use == use {
			return &k.Periods[i]
		}
	}
	return nil
}

// canonical is a copy in which all that has no order is sorted.
func (k *Keys) canonical() *Keys {
	if k == nil {
		return nil
	}
	c := *k
	c.Periods = sortedBy(k.Periods, func(v Period) string { return v.Use })
	return &c
}

// A span is a length of time by the calendar.
type span struct{ years, months, days int }

// maxSpan is more years than anybody keeps a key.
const maxSpan = 100

// parseSpan reads years, months and days, each at most once and in this order.
func parseSpan(s string) (span, bool) {
	var v span
	rest := s
	for _, unit := range []struct {
		letter string
		into   *int
	}{{"y", &v.years}, {"m", &v.months}, {"d", &v.days}} {
		number, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil || len(number) > 5 {
			return span{}, false
		}
		*unit.into, rest = int(n), after
	}
	end := v.from(spanEpoch)
	return v, s != "" && rest == "" && end.After(spanEpoch) && !end.After(spanEpoch.AddDate(maxSpan, 0, 0))
}

// spanEpoch is a day from which spans are compared.
var spanEpoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// from adds the span to a time. A day that the month does not have is its last
// day: a month from 31 January ends in February.
func (s span) from(t time.Time) time.Time {
	day := t.Day()
	first := t.AddDate(0, 0, 1-day).AddDate(s.years, s.months, 0)
	return first.AddDate(0, 0, min(day, first.AddDate(0, 1, -1).Day())-1+s.days)
}

// spanFrom is the end of a span that begins at a time. No span sets no end; one
// that cannot be read is over when it begins.
func spanFrom(s string, t time.Time) time.Time {
	if s == "" {
		return time.Time{}
	}
	v, ok := parseSpan(s)
	if !ok {
		return t
	}
	return v.from(t)
}

// compareSpans orders two spans by the day on which they end. No span is the
// longest: it sets no end.
func compareSpans(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a))
	}
	return spanFrom(a, spanEpoch).Compare(spanFrom(b, spanEpoch))
}

func shorterSpan(a, b string) string {
	if compareSpans(b, a) < 0 {
		return b
	}
	return a
}

// usesOf lists the uses that two sections speak of, in the order of KeyUses.
func usesOf(a, b Keys) []string {
	return slices.DeleteFunc(KeyUses(), func(use string) bool { return a.period(use) == nil && b.period(use) == nil })
}
