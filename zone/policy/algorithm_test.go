package policy_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

var tokyo = time.FixedZone("JST", 9*60*60)

// cryptography is a list with an algorithm of every kind.
func cryptography() *policy.Algorithms {
	return &policy.Algorithms{
		Source:   "our list",
		Strength: []policy.Strength{{Bits: 112, Produce: "2030-12-31", Consume: "2040-12-31"}, {Bits: 128, Produce: "2050-12-31"}, {Bits: 192}},
		Listed: []policy.Algorithm{
			{Name: "3DES", Bits: 112, Clause: "B"},
			{Name: "AES-256", Bits: 256},
			{Name: "AES-256-CMAC-PRF", Of: []string{"AES-256"}},
			{Name: "AES-256-GCM", Of: []string{"AES-256"}, Clause: "A"},
			{Name: "AES-256-GCM-HKDF-SHA256", Of: []string{"AES-256-GCM", "HKDF-SHA256"}},
			{Name: "Ed25519", Bits: 128, Clause: "S"},
			{Name: "HKDF-SHA256", Bits: 256},
			{Name: "HKDF-SHA256-PRF", Of: []string{"HKDF-SHA256"}},
			{Name: "HPKE-X25519-HKDF-SHA256-AES-256-GCM", Of: []string{"AES-256-GCM-HKDF-SHA256", "X25519"}},
			{Name: "X25519", Bits: 128},
		},
	}
}

func TestAlgorithmsMay(t *testing.T) {
	a := cryptography()
	a.Listed = append(a.Listed,
		policy.Algorithm{Name: "half", Of: []string{"AES-256", "RC4"}},
		policy.Algorithm{Name: "circle", Of: []string{"round"}}, policy.Algorithm{Name: "round", Of: []string{"circle"}},
		policy.Algorithm{Name: "nothing"}, policy.Algorithm{Name: "deep", Of: []string{"half"}})
	lastSecond := time.Date(2030, 12, 31, 23, 59, 59, 0, tokyo)
	tests := []struct {
		algorithm        string
		at               time.Time
		produce, consume string // reasons; empty: it may
	}{
		{"AES-256-GCM", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), "", ""},
		{"3DES", lastSecond, "", ""},
		// By its own calendar the day is over; in UTC it is still the 31st.
		{"3DES", lastSecond.Add(time.Second), `policy: algorithm "3DES" of 112 bits of strength makes nothing new after 2030-12-31 (our list): take keys of a stronger one`, ""},
		{"3DES", lastSecond.Add(time.Second).UTC(), "", ""},
		{"3DES", time.Date(2040, 12, 31, 12, 0, 0, 0, tokyo), `policy: algorithm "3DES" of 112 bits of strength makes nothing new after 2030-12-31 (our list): take keys of a stronger one`, ""},
		{"3DES", time.Date(2041, 1, 1, 0, 0, 0, 0, tokyo), `policy: algorithm "3DES" of 112 bits of strength makes nothing new after 2030-12-31 (our list): take keys of a stronger one`,
			`policy: nothing that algorithm "3DES" of 112 bits of strength has made counts after 2040-12-31 (our list): what is not made anew by then is lost`},
		// As strong as the weakest part.
		{"HPKE-X25519-HKDF-SHA256-AES-256-GCM", time.Date(2051, 1, 1, 0, 0, 0, 0, tokyo), `policy: algorithm "HPKE-X25519-HKDF-SHA256-AES-256-GCM" of 128 bits of strength makes nothing new after 2050-12-31 (our list): take keys of a stronger one`, ""},
		{"RC4", someDay, `policy: algorithm "RC4" is not listed (our list): take one that is, or list it in the policy`, `policy: algorithm "RC4" is not listed (our list): take one that is, or list it in the policy`},
		{"aes-256-gcm", someDay, `policy: algorithm "aes-256-gcm" is not listed (our list): take one that is, or list it in the policy`, `policy: algorithm "aes-256-gcm" is not listed (our list): take one that is, or list it in the policy`},
		{"deep", someDay, `policy: algorithm "deep" has the part "RC4", which is not listed (our list): take one that is, or list it in the policy`, `policy: algorithm "deep" has the part "RC4", which is not listed (our list): take one that is, or list it in the policy`},
		{"circle", someDay, `policy: algorithm "circle" is not listed (our list): take one that is, or list it in the policy`, `policy: algorithm "circle" is not listed (our list): take one that is, or list it in the policy`},
		{"nothing", someDay, `policy: algorithm "nothing" is not listed (our list): take one that is, or list it in the policy`, `policy: algorithm "nothing" is not listed (our list): take one that is, or list it in the policy`},
	}
	for _, tt := range tests {
		for what, may := range map[string]struct {
			err  error
			want string
		}{"produce": {a.MayProduce(tt.algorithm, tt.at), tt.produce}, "consume": {a.MayConsume(tt.algorithm, tt.at), tt.consume}} {
			got := ""
			if may.err != nil {
				got = may.err.Error()
				if _, ok := errors.AsType[*policy.AlgorithmError](may.err); !ok {
					t.Errorf("%s %s: %T", what, tt.algorithm, may.err)
				}
			}
			if got != may.want {
				t.Errorf("%s with %s at %v:\n got %s\nwant %s", what, tt.algorithm, tt.at, got, may.want)
			}
		}
	}
	e, _ := errors.AsType[*policy.AlgorithmError](a.MayConsume("3DES", time.Date(2041, 1, 1, 0, 0, 0, 0, tokyo)))
	if diff := cmp.Diff(&policy.AlgorithmError{Algorithm: "3DES", Reason: policy.AlgorithmConsumeEnded, Last: "2040-12-31", Bits: 112, Source: "our list"}, e); diff != "" {
		t.Error(diff)
	}
	if got := (&policy.AlgorithmError{Algorithm: "x", Reason: policy.AlgorithmNotListed}).Error(); got != `policy: algorithm "x" is not listed: take one that is, or list it in the policy` {
		t.Errorf("without a source: %s", got)
	}
}

// The absent section permits everything, so that a policy says nothing by
// silence.
func TestAlgorithmsAbsent(t *testing.T) {
	p := ward()
	a := p.AlgorithmsInForce()
	if a != nil {
		t.Fatalf("a policy that says nothing of algorithms has %+v", a)
	}
	if err := errors.Join(a.MayProduce("RC4", someDay), a.MayConsume("RC4", someDay)); err != nil {
		t.Error(err)
	}
	if produce, consume, listed := a.Until("RC4"); !listed || !produce.IsZero() || !consume.IsZero() {
		t.Errorf("RC4 until %v, %v, listed %v", produce, consume, listed)
	}
}

func TestAlgorithmsUntil(t *testing.T) {
	a := cryptography()
	a.Strength = append(a.Strength, policy.Strength{Bits: 100, Consume: "2029-12-31"}, policy.Strength{Bits: 64, Produce: "soon"}, policy.Strength{Bits: 56, Produce: "2020-01-01"})
	a.Listed = append(a.Listed, policy.Algorithm{Name: "old", Bits: 100}, policy.Algorithm{Name: "odd", Bits: 64}, policy.Algorithm{Name: "oldest", Bits: 56})
	for _, tt := range []struct{ algorithm, produce, consume string }{
		{"AES-256-GCM", "no end", "no end"},
		{"Ed25519", "2050-12-31T23:59:59.999999999Z", "no end"},
		{"3DES", "2030-12-31T23:59:59.999999999Z", "2040-12-31T23:59:59.999999999Z"},
		// Nothing new is made of what cannot be used.
		{"old", "2029-12-31T23:59:59.999999999Z", "2029-12-31T23:59:59.999999999Z"},
		// A day that is none closes; Check reports it.
		{"odd", "not listed", "not listed"},
		{"oldest", "not listed", "not listed"},
		{"RC4", "not listed", "not listed"},
	} {
		produce, consume, listed := a.Until(tt.algorithm)
		text := func(t time.Time) string {
			switch {
			case !listed:
				return "not listed"
			case t.IsZero():
				return "no end"
			}
			return t.Format(time.RFC3339Nano)
		}
		if text(produce) != tt.produce || text(consume) != tt.consume {
			t.Errorf("%s: until %s and %s, want %s and %s", tt.algorithm, text(produce), text(consume), tt.produce, tt.consume)
		}
	}
	if err := a.MayProduce("odd", someDay); err == nil {
		t.Error("a day that is none does not close")
	}
}

// An overlay keeps what it names and brings days forward; nobody adds anything.
func TestAlgorithmsInForce(t *testing.T) {
	p := ward()
	p.Algorithms = cryptography()
	over := &policy.Policy{Format: 1, Name: "o", Overlay: true, Algorithms: &policy.Algorithms{
		Source:   "their list",
		Strength: []policy.Strength{{Bits: 128, Produce: "2035-12-31"}},
		Listed:   []policy.Algorithm{{Name: "AES-256", Bits: 112, Clause: "7"}, {Name: "AES-256-GCM", Of: []string{"HKDF-SHA256"}}, {Name: "HKDF-SHA256"}, {Name: "Ed25519"}, {Name: "HPKE-X25519-HKDF-SHA256-AES-256-GCM"}},
	}}
	later := &policy.Policy{Format: 1, Name: "l", Overlay: true, Algorithms: &policy.Algorithms{Source: "our list", Strength: []policy.Strength{{Bits: 200, Consume: "2045-12-31"}}}}
	p.Overlays = []*policy.Policy{over, {Format: 1, Name: "silent", Overlay: true}, later}
	mustCheck(t, p)
	want := &policy.Algorithms{
		Source: "our list; their list",
		Strength: []policy.Strength{{Bits: 112, Produce: "2030-12-31", Consume: "2040-12-31"}, {Bits: 128, Produce: "2050-12-31"}, {Bits: 128, Produce: "2035-12-31"},
			{Bits: 192}, {Bits: 200, Consume: "2045-12-31"}},
		Listed: []policy.Algorithm{{Name: "AES-256", Bits: 112, Clause: "7"}, {Name: "AES-256-GCM", Of: []string{"AES-256", "HKDF-SHA256"}, Clause: "A"},
			{Name: "Ed25519", Bits: 128, Clause: "S"}, {Name: "HKDF-SHA256", Bits: 256}, {Name: "HPKE-X25519-HKDF-SHA256-AES-256-GCM", Of: []string{"AES-256-GCM-HKDF-SHA256", "X25519"}}},
	}
	a := p.AlgorithmsInForce()
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := a.MayProduce("HPKE-X25519-HKDF-SHA256-AES-256-GCM", someDay); err == nil || !strings.Contains(err.Error(), `has the part "AES-256-GCM-HKDF-SHA256"`) {
		t.Errorf("a composite without its part: %v", err)
	}
	if diff := cmp.Diff(cryptography(), p.Algorithms); diff != "" {
		t.Errorf("the policy under the overlay changed: %s", diff)
	}
	p.Overlays[0].Algorithms.Listed = []policy.Algorithm{{Name: "RC4", Bits: 128}}
	if err := p.AlgorithmsInForce().MayConsume("AES-256", someDay); err == nil {
		t.Error("lists with nothing in common permit something")
	}
}

// randomAlgorithms makes a list that passes Check.
func randomAlgorithms(r *rand.Rand) *policy.Algorithms {
	a := &policy.Algorithms{}
	year := 2030 + r.IntN(10)
	for _, bits := range []int{112, 128, 192} {
		s := policy.Strength{Bits: bits}
		if year += r.IntN(10); r.IntN(3) > 0 {
			s.Produce = fmt.Sprintf("%d-12-31", year)
		}
		if r.IntN(3) > 0 {
			s.Consume = fmt.Sprintf("%d-12-31", year+30)
		}
		a.Strength = append(a.Strength, s)
	}
	var primitives []string
	for _, name := range []string{"AES-256", "HKDF-SHA256", "X25519", "Ed25519", "ML-KEM-768"} {
		if len(primitives) == 0 || r.IntN(5) > 0 {
			a.Listed = append(a.Listed, policy.Algorithm{Name: name, Bits: []int{112, 128, 192, 256}[r.IntN(4)]})
			primitives = append(primitives, name)
		}
	}
	for _, name := range []string{"AES-256-GCM", "AES-256-CMAC-PRF", "AES-256-GCM-HKDF-SHA256", "HPKE-X25519-HKDF-SHA256-AES-256-GCM", "HPKE-X-WING-AES-256-GCM", "HKDF-SHA256-PRF"} {
		if r.IntN(6) > 0 {
			a.Listed = append(a.Listed, policy.Algorithm{Name: name, Of: slices.Clone(primitives[:1+r.IntN(len(primitives))])})
		}
	}
	return a
}

// randomKeys makes crypto-periods that pass Check.
func randomKeys(r *rand.Rand) *policy.Keys {
	k := &policy.Keys{Box: []string{"", policy.BoxX25519, policy.BoxXWing}[r.IntN(3)]}
	for _, use := range policy.KeyUses() {
		if r.IntN(3) == 0 {
			continue
		}
		v := policy.Period{Use: use, Produce: fmt.Sprintf("%dy%dm", r.IntN(3), 1+r.IntN(20))}
		if r.IntN(2) == 0 {
			v.Consume = fmt.Sprintf("%dy%dd", 5+r.IntN(10), r.IntN(400))
		}
		k.Periods = append(k.Periods, v)
	}
	return k
}

// notLongerPlan fails when a plan reaches beyond another one.
func notLongerPlan(t *testing.T, at string, wide, narrow *policy.Policy, use string, day time.Time) {
	t.Helper()
	n, err := narrow.KeyPlan(use, day)
	if err != nil {
		return // nothing may be made: nothing is tighter
	}
	if n.Algorithm != wide.KeyAlgorithm(use) {
		if wide.KeyAlgorithm(use) != "HPKE-X25519-HKDF-SHA256-AES-256-GCM" {
			t.Errorf("%s: %s goes from %s to %s", at, use, wide.KeyAlgorithm(use), n.Algorithm)
		}
		return // the hybrid has parts of its own
	}
	w, err := wide.KeyPlan(use, day)
	if err != nil {
		t.Errorf("%s: %s is opened: %v", at, use, err)
		return
	}
	for _, end := range [][2]time.Time{{w.ProduceUntil, n.ProduceUntil}, {w.ConsumeUntil, n.ConsumeUntil}} {
		if !end[0].IsZero() && (end[1].IsZero() || end[1].After(end[0])) {
			t.Errorf("%s: %s reaches to %v, and before to %v", at, use, end[1], end[0])
		}
	}
}

// Meeting never opens an algorithm and never makes a key serve longer, and does
// not depend on the order; nor does an overlay that passes.
func TestAlgorithmLaws(t *testing.T) {
	overlays, plans := 0, 0
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 21))
		a, b := randomPolicyOf(r, "a", []string{"x", "y"}), randomPolicyOf(r, "b", []string{"x", "y"})
		for _, p := range []*policy.Policy{a, b} {
			if r.IntN(5) > 0 {
				p.Algorithms = randomAlgorithms(r)
			}
			if r.IntN(5) > 0 {
				p.Keys = randomKeys(r)
			}
			mustCheck(t, p)
		}
		ab, err1 := policy.Meet(a, b)
		ba, err2 := policy.Meet(b, a)
		if err1 != nil || err2 != nil {
			t.Fatalf("seed %d: %v %v", seed, err1, err2)
		}
		o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Algorithms: b.Algorithms, Keys: b.Keys}
		with, err := a.With(o)
		if err == nil {
			overlays++
		}
		for _, use := range policy.KeyUses() {
			day := someDay.AddDate(r.IntN(30), r.IntN(12), r.IntN(30)).In(tokyo)
			at := fmt.Sprintf("seed %d", seed)
			for _, wide := range []*policy.Policy{a, b} {
				notLongerPlan(t, at, wide, ab, use, day)
			}
			if err == nil {
				notLongerPlan(t, at+" overlay", a, with, use, day)
			}
			one, err1 := ab.KeyPlan(use, day)
			other, err2 := ba.KeyPlan(use, day)
			if one != other || (err1 == nil) != (err2 == nil) {
				t.Errorf("%s: %s: %v %v, the other way round %v %v", at, use, one, err1, other, err2)
			}
			if err1 == nil {
				plans++
			}
			if again, err := clone(t, ab).KeyPlan(use, day); again != one || (err == nil) != (err1 == nil) {
				t.Errorf("%s: %s: %v %v after a round trip, before it %v", at, use, again, err, one)
			}
		}
		for _, c := range policy.Diff(a, ab) {
			if c.Kind == policy.Looser && (strings.HasPrefix(c.Subject, "algorithm") || strings.HasPrefix(c.Subject, "keys")) {
				t.Errorf("seed %d: %v", seed, c)
			}
		}
		if self, err := policy.Meet(a, a); err != nil || !cmp.Equal(self.KeysInForce(), a.KeysInForce()) {
			t.Errorf("seed %d: met with itself: %v", seed, err)
		}
	}
	if overlays < 20 || plans < 500 {
		t.Errorf("%d overlays, %d plans: too few to say anything", overlays, plans)
	}
}
