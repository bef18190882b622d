package policy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// Every row breaks sound algorithms or keys in one place and wants exactly these
// problems, as path: message.
func TestCheckKeys(t *testing.T) {
	listed := func(v ...policy.Algorithm) func(*policy.Policy) {
		return func(p *policy.Policy) { p.Algorithms.Listed = v }
	}
	strength := func(v ...policy.Strength) func(*policy.Policy) {
		return func(p *policy.Policy) { p.Algorithms.Strength = v }
	}
	periods := func(v ...policy.Period) func(*policy.Policy) {
		return func(p *policy.Policy) { p.Keys.Periods = v }
	}
	tests := []struct {
		name  string
		spoil func(*policy.Policy)
		want  []string
	}{
		{"sound", func(*policy.Policy) {}, nil},
		{"nothing listed", listed(), []string{"algorithms.listed: no algorithm is listed"}},
		{"source", func(p *policy.Policy) { p.Algorithms.Source = "a\nb" }, []string{"algorithms.source: the text is not UTF-8 or has control characters"}},
		{"clause", func(p *policy.Policy) { p.Algorithms.Listed[1].Clause = "\x00" }, []string{"algorithms.listed[1].clause: the text is not UTF-8 or has control characters"}},
		{"names", listed(policy.Algorithm{Name: "SHA/256", Bits: 128}, policy.Algorithm{Name: "aes", Bits: 128}, policy.Algorithm{Name: "AES", Bits: 256}), []string{
			"algorithms.listed[0]: the algorithm has no usable name", `algorithms.listed[2]: algorithm "aes" and "AES" differ in letter case only`}},
		{"bits", listed(policy.Algorithm{Name: "a", Bits: -1}, policy.Algorithm{Name: "b", Bits: 5000}, policy.Algorithm{Name: "c"}, policy.Algorithm{Name: "d", Bits: 1, Of: []string{"a"}}), []string{
			`algorithms.listed[0].bits: algorithm "a" has -1 bits of strength`, `algorithms.listed[1].bits: algorithm "b" has 5000 bits of strength`,
			`algorithms.listed[2]: algorithm "c" has neither a strength nor parts`, `algorithms.listed[3].bits: algorithm "d" has a strength and parts`}},
		{"parts", listed(policy.Algorithm{Name: "a", Of: []string{"b", "b", "z"}}, policy.Algorithm{Name: "b", Of: []string{"c"}}, policy.Algorithm{Name: "c", Of: []string{"b"}}, policy.Algorithm{Name: "d", Of: []string{"d"}}), []string{
			`algorithms.listed[0].of[1]: part "b" is given twice`, `algorithms.listed[0].of[2]: algorithm "z" is not listed`,
			`algorithms.listed[1].of[0]: algorithm "b" consists of itself`, `algorithms.listed[2].of[0]: algorithm "c" consists of itself`, `algorithms.listed[3].of[0]: algorithm "d" consists of itself`}},
		{"strength", strength(policy.Strength{}, policy.Strength{Bits: 9999, Produce: "2030", Consume: "2030-02-30"}), []string{
			"algorithms.strength[0].bits: a strength of 0 bits", "algorithms.strength[1].bits: a strength of 9999 bits",
			"algorithms.strength[1].consume: the last day is not a date", "algorithms.strength[1].produce: the last day is not a date"}},
		{"strength twice", strength(policy.Strength{Bits: 128}, policy.Strength{Bits: 128}), []string{"algorithms.strength[1]: the strength of 128 bits is given twice"}},
		{"stronger ends first", strength(policy.Strength{Bits: 256, Consume: "2030-01-01"}, policy.Strength{Bits: 192, Produce: "2029-01-01"}, policy.Strength{Bits: 128, Produce: "2029-01-02", Consume: "2030-01-02"}), []string{
			"algorithms.strength[0]: the strength of 256 bits ends earlier than that of 128", "algorithms.strength[1]: the strength of 192 bits ends earlier than that of 128"}},
		{"used shorter than made", strength(policy.Strength{Bits: 256, Produce: "2030-01-02", Consume: "2030-01-01"}), []string{"algorithms.strength[0].consume: what has 256 bits is made until 2030-01-02 and used until 2030-01-01 only"}},

		{"box", func(p *policy.Policy) { p.Keys.Box = "rsa" }, []string{`keys.box: boxes of the kind "rsa" are not known`}},
		{"use", periods(policy.Period{Use: "master", Produce: "1y"}), []string{`keys.periods[0]: there is no use of keys "master"`}},
		{"use twice", periods(policy.Period{Use: "seal", Produce: "1y"}, policy.Period{Use: "seal", Produce: "1y"}), []string{`keys.periods[1]: the periods of the use "seal" are given twice`}},
		{"no period", periods(policy.Period{Use: "seal"}), []string{`keys.periods[0]: the use "seal" has no period`}},
		{"period", periods(policy.Period{Use: "seal", Produce: "24h", Consume: "x"}), []string{"keys.periods[0].consume: the period is none", "keys.periods[0].produce: the period is none"}},
		{"period of using", periods(policy.Period{Use: "seal", Produce: "2y", Consume: "23m"}, policy.Period{Use: "sign", Consume: "1d"}), []string{`keys.periods[0].consume: keys of the use "seal" serve 2y for making and only 23m for using`}},
	}
	for _, tt := range tests {
		p := keyed()
		tt.spoil(p)
		var got []string
		if err := p.Check(); err != nil {
			for _, problem := range err.(*policy.Errors).Problems {
				got = append(got, problem.Path+": "+problem.Msg)
				if problem.Remedy == "" {
					t.Errorf("%s: no remedy for %s", tt.name, problem.Msg)
				}
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// An overlay alone may leave out what the policy under it says.
func TestCheckKeysOfAnOverlay(t *testing.T) {
	o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Algorithms: &policy.Algorithms{
		Strength: []policy.Strength{{Bits: 112, Produce: "2029-12-31"}},
		Listed:   []policy.Algorithm{{Name: "AES-256-GCM"}, {Name: "HPKE", Of: []string{"X25519"}}, {Name: "bad", Of: []string{"no name"}}},
	}}
	if got := fmt.Sprint(errorList(o.Check())); got != `[algorithms.listed[2].of[0]: algorithm "no name" is not listed: the policy has "AES-256-GCM", "HPKE" and "bad"; write one of these, or add "no name"]` {
		t.Errorf("alone: %s", got)
	}
	o.Algorithms.Listed = []policy.Algorithm{{Name: "AES-256-GCM", Of: []string{"X25519", "X448"}}}
	_, err := keyed().With(o)
	if got := fmt.Sprint(errorList(err)); !strings.HasPrefix(got, `[overlays[0].algorithms.listed[0].of[1]: algorithm "X448" is not listed: the policy has "3DES", "AES-256", `) || strings.Contains(got, "of[0]") {
		t.Errorf("met: %s", got)
	}
}

func TestWithRefusesLooserKeys(t *testing.T) {
	base := func() *policy.Policy {
		p := keyed()
		p.Keys.Box = policy.BoxXWing
		return p
	}
	tests := []struct {
		name string
		base *policy.Policy
		a    *policy.Algorithms
		k    *policy.Keys
		want []string
	}{
		{"the same", base(), cryptography(), base().Keys, nil},
		{"tighter", base(), &policy.Algorithms{Strength: []policy.Strength{{Bits: 100, Produce: "2030-12-31"}, {Bits: 192, Produce: "2070-12-31", Consume: "2090-12-31"}, {Bits: 256, Produce: "2071-12-31"}},
			Listed: []policy.Algorithm{{Name: "AES-256", Bits: 192}, {Name: "AES-256-GCM"}}},
			&policy.Keys{Periods: []policy.Period{{Use: "seal", Produce: "24m"}, {Use: "sign", Produce: "1y", Consume: "90y"}, {Use: "index", Produce: "90y"}}}, nil},
		{"policy without", ward(), cryptography(), &policy.Keys{Box: policy.BoxX25519, Periods: []policy.Period{{Use: "seal", Produce: "90y"}}}, nil},
		{"policy without a list", ward(), &policy.Algorithms{Listed: []policy.Algorithm{{Name: "AES-256-GCM"}}}, nil, []string{`overlays[0].algorithms.listed[0]: algorithm "AES-256-GCM" has neither a strength nor parts`}},
		{"a part that nobody lists", ward(), &policy.Algorithms{Listed: []policy.Algorithm{{Name: "HPKE", Of: []string{"X25519"}}}}, nil, []string{`overlays[0].algorithms.listed[0].of[0]: algorithm "X25519" is not listed`}},
		{"periods without a list", ward(), &policy.Algorithms{Source: "x"}, nil, []string{`overlays[0].algorithms.listed: neither the overlay nor policy "hospital" lists algorithms`}},
		{"looser", base(), &policy.Algorithms{Strength: []policy.Strength{{Bits: 100, Produce: "2031-01-01", Consume: "2041-01-01"}, {Bits: 128, Produce: "2051-01-01"}},
			Listed: []policy.Algorithm{{Name: "RC4", Bits: 128}, {Name: "3DES", Bits: 113}, {Name: "HPKE-X25519-HKDF-SHA256-AES-256-GCM", Bits: 128}, {Name: "AES-256-GCM", Bits: 257}}},
			&policy.Keys{Box: policy.BoxX25519, Periods: []policy.Period{{Use: "seal", Produce: "25m", Consume: "61m"}}}, []string{
				`overlays[0].algorithms.listed[0]: the overlay lists algorithm "RC4", which the policy does not list`,
				`overlays[0].algorithms.listed[1].bits: algorithm "3DES" would have 113 bits of strength, and the policy says 112`,
				`overlays[0].algorithms.listed[3].bits: algorithm "AES-256-GCM" would have 257 bits of strength, and the policy says 256`,
				"overlays[0].algorithms.strength[0].consume: what has 100 bits of strength would be used until 2041-01-01, and the policy says 2040-12-31",
				"overlays[0].algorithms.strength[0].produce: what has 100 bits of strength would be made until 2031-01-01, and the policy says 2030-12-31",
				"overlays[0].algorithms.strength[1].produce: what has 128 bits of strength would be made until 2051-01-01, and the policy says 2050-12-31",
				"overlays[0].keys.box: boxes would be of the kind x25519, and the policy says x-wing",
				`overlays[0].keys.periods[0].consume: keys of the use "seal" would be used for 61m, and the policy says 5y`,
				`overlays[0].keys.periods[0].produce: keys of the use "seal" would make something new for 25m, and the policy says 2y`}},
	}
	for _, tt := range tests {
		mustCheck(t, tt.base)
		_, err := tt.base.With(&policy.Policy{Format: 1, Name: "o", Overlay: true, Algorithms: tt.a, Keys: tt.k})
		var got []string
		if err != nil {
			for _, problem := range err.(*policy.Errors).Problems {
				got = append(got, problem.Path+": "+problem.Msg)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

func TestDiffKeys(t *testing.T) {
	tests := []struct {
		name   string
		change func(*policy.Policy)
		want   []string // from the old to the new
		back   []string // from the new to the old
	}{
		{"nothing", func(*policy.Policy) {}, nil, nil},
		{"said in another way", func(p *policy.Policy) {
			p.Algorithms.Source, p.Algorithms.Listed[1].Bits, p.Keys.Periods[1].Produce, p.Keys.Box = "other", 192, "24m", policy.BoxX25519
		}, nil, nil},
		{"no algorithms", func(p *policy.Policy) { p.Algorithms = nil }, []string{"! looser: algorithms: 10 listed by our list is now all"}, []string{"  stricter: algorithms: all is now 10 listed by our list"}},
		{"a list of nobody", func(p *policy.Policy) {
			p.Algorithms = &policy.Algorithms{Listed: []policy.Algorithm{{Name: "AES-256", Bits: 256}, {Name: "RC4", Bits: 112}}}
			p.Algorithms.Listed = append(p.Algorithms.Listed, cryptography().Listed[2:]...)
		}, []string{`  stricter: algorithm "3DES": listed is now not listed`, `! looser: algorithm "Ed25519" produce: until 2050-12-31 is now no end`, `! looser: algorithm "HPKE-X25519-HKDF-SHA256-AES-256-GCM" produce: until 2050-12-31 is now no end`,
			`! looser: algorithm "RC4": not listed is now listed`, `! looser: algorithm "X25519" produce: until 2050-12-31 is now no end`},
			[]string{`! looser: algorithm "3DES": not listed is now listed`, `  stricter: algorithm "Ed25519" produce: no end is now until 2050-12-31`, `  stricter: algorithm "HPKE-X25519-HKDF-SHA256-AES-256-GCM" produce: no end is now until 2050-12-31`,
				`  stricter: algorithm "RC4": listed is now not listed`, `  stricter: algorithm "X25519" produce: no end is now until 2050-12-31`}},
		{"a part", func(p *policy.Policy) { p.Algorithms.Strength[0].Consume = "2039-12-31" }, []string{`  stricter: algorithm "3DES" consume: until 2040-12-31 is now until 2039-12-31`}, []string{`! looser: algorithm "3DES" consume: until 2039-12-31 is now until 2040-12-31`}},
		{"keys", func(p *policy.Policy) {
			p.Keys = &policy.Keys{Box: policy.BoxXWing, Periods: []policy.Period{{Use: "seal", Produce: "1y", Consume: "6y"}, {Use: "tenant", Produce: "1y"}, {Use: "stream", Consume: "6m"}, {Use: "box", Produce: "30y", Consume: "30y"}}}
		}, []string{"  stricter: keys box: x25519 is now x-wing", `  stricter: keys "seal" produce: 2y is now 1y`, `! looser: keys "seal" consume: 5y is now 6y`, `! looser: keys "sign" produce: 3y is now no end`, `  stricter: keys "tenant" produce: no end is now 1y`},
			[]string{"! looser: keys box: x-wing is now x25519", `! looser: keys "seal" produce: 1y is now 2y`, `  stricter: keys "seal" consume: 6y is now 5y`, `  stricter: keys "sign" produce: no end is now 3y`, `! looser: keys "tenant" produce: 1y is now no end`}},
		{"guessable", func(p *policy.Policy) { p.Categories[0].Guessable, p.Categories[3].Guessable = false, true },
			[]string{`! looser: category "diagnosis" guessable: true is now false`, `  stricter: category "patient" guessable: false is now true`},
			[]string{`  stricter: category "diagnosis" guessable: false is now true`, `! looser: category "patient" guessable: true is now false`}},
	}
	lines := func(changes []policy.Change) (list []string) {
		for _, c := range changes {
			mark := "  "
			if c.Opens {
				mark = "! "
			}
			list = append(list, mark+c.String())
		}
		return list
	}
	for _, tt := range tests {
		p := keyed()
		tt.change(p)
		mustCheck(t, p)
		if diff := cmp.Diff(tt.want, lines(policy.Diff(keyed(), p))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.back, lines(policy.Diff(p, keyed()))); diff != "" {
			t.Errorf("%s, back (-want +got)\n%s", tt.name, diff)
		}
		if (p.Digest() == keyed().Digest()) != (tt.name == "nothing") {
			t.Errorf("%s: the digest does not tell", tt.name)
		}
	}
}

func TestLintKeys(t *testing.T) {
	tests := []struct {
		name string
		at   time.Time
		set  func(*policy.Policy)
		want []string
	}{
		{"nothing", someDay, func(*policy.Policy) {}, nil},
		{"nothing is said", someDay, func(p *policy.Policy) { p.Algorithms, p.Keys = nil, nil }, nil},
		{"before long", time.Date(2046, 1, 1, 0, 0, 0, 0, tokyo), func(*policy.Policy) {}, []string{
			`algorithm: keys of the use "box" are of algorithm "HPKE-X25519-HKDF-SHA256-AES-256-GCM", which makes nothing new after 2050-12-31: plan what takes its place: it is less than 5 years`,
			`algorithm [S]: keys of the use "sign" are of algorithm "Ed25519", which makes nothing new after 2050-12-31: plan what takes its place: it is less than 5 years`}},
		{"not quite yet", time.Date(2045, 12, 31, 0, 0, 0, 0, tokyo), func(*policy.Policy) {}, nil},
		{"fallen out", time.Date(2051, 1, 1, 0, 0, 0, 0, tokyo), func(p *policy.Policy) { p.Keys.Box = "" }, []string{
			`algorithm: keys of the use "box" are of algorithm "HPKE-X25519-HKDF-SHA256-AES-256-GCM": it makes nothing new after 2050-12-31: list it, or see that no such keys are made`,
			`algorithm [S]: keys of the use "sign" are of algorithm "Ed25519": it makes nothing new after 2050-12-31: list it, or see that no such keys are made`}},
		{"not listed", someDay, func(p *policy.Policy) {
			p.Keys.Box = policy.BoxXWing
			p.Algorithms.Listed = append(p.Algorithms.Listed[:5], p.Algorithms.Listed[6:]...) // Ed25519
			p.Algorithms.Listed[2].Of = []string{"RC4"}                                       // AES-256-CMAC-PRF; Check reports it
		}, []string{
			`algorithm: keys of the use "token" are of algorithm "AES-256-CMAC-PRF": its part "RC4" is not listed: list it, or see that no such keys are made`,
			`algorithm: keys of the use "index" are of algorithm "AES-256-CMAC-PRF": its part "RC4" is not listed: list it, or see that no such keys are made`,
			`algorithm: keys of the use "box" are of algorithm "HPKE-X-WING-AES-256-GCM": it is not listed: list it, or see that no such keys are made`,
			`algorithm: keys of the use "sign" are of algorithm "Ed25519": it is not listed: list it, or see that no such keys are made`}},
		{"a check", someDay, func(p *policy.Policy) {
			for i := range p.Categories {
				p.Categories[i].Check = "jp.insured-number"
			}
			p.Categories = append(p.Categories, policy.Category{Name: "company", Class: "public", Check: "jp.corporate-number"})
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Categories: []policy.Category{{Name: "email", Guessable: true}}}}
		}, []string{`domain: category "patient" has a check of its form and is not said to be guessable: write guessable: true where all its values could be tried: no search index of it is made then`}},
		// What has a check identifies somebody: counting equal tokens tells nothing.
		{"a token of what has a check", someDay, func(p *policy.Policy) { p.Categories[3].Guessable, p.Categories[3].Check = true, "jp.insured-number" }, nil},
	}
	for _, tt := range tests {
		p := keyed()
		tt.set(p)
		var got []string
		for _, f := range p.Lint(tt.at) {
			line := f.Kind
			if f.Clause != "" {
				line += " [" + f.Clause + "]"
			}
			got = append(got, line+": "+f.Msg+": "+f.Remedy)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// No meeting makes an index of what one of the two forbids, and the order does
// not matter.
func TestMayIndexLaws(t *testing.T) {
	asked, forbidden := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 22))
		classes := []string{"x", "y", "z"}
		a, b := randomPolicyOf(r, "a", classes), randomPolicyOf(r, "b", classes)
		for _, p := range []*policy.Policy{a, b} {
			for i := range p.Categories {
				p.Categories[i].Guessable = r.IntN(3) == 0
			}
		}
		ab, err1 := policy.Meet(a, b)
		ba, err2 := policy.Meet(b, a)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, text := range labels(t, a) {
			l, err := ab.Resolve(tag(t, text))
			if err != nil {
				continue
			}
			met := ab.MayIndex(l) == nil
			if met != (ba.MayIndex(l) == nil) {
				t.Errorf("seed %d: %s depends on the order", seed, text)
			}
			if met != (a.MayIndex(l) == nil && b.MayIndex(l) == nil) {
				t.Errorf("seed %d: %s: %v, of the one %v, of the other %v", seed, text, ab.MayIndex(l), a.MayIndex(l), b.MayIndex(l))
			}
			asked++
			if !met {
				forbidden++
			}
		}
	}
	if asked < 1000 || forbidden < 200 || forbidden == asked {
		t.Errorf("%d labels of which %d are forbidden: too few to say anything", asked, forbidden)
	}
}
