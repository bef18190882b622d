package policy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// meeting checks the laws of Meet for two policies and returns how many
// decisions it compared.
func meeting(t *testing.T, at string, a, b *policy.Policy) int {
	t.Helper()
	ab, err := policy.Meet(a, b)
	if err != nil {
		t.Fatalf("%s: %v", at, errorList(err))
	}
	ba, err := policy.Meet(b, a)
	if err != nil {
		t.Fatalf("%s: %v", at, errorList(err))
	}
	mustCheck(t, clone(t, ab))
	n := 0
	f := classify.Tag{Mask: "redact", Generalise: "redact"}
	texts := append(labels(t, a), labels(t, b)...)
	for _, p := range []*policy.Policy{a, b} {
		for i := range p.Routes {
			r := &p.Routes[i]
			for _, text := range texts {
				l, err := ab.Resolve(tag(t, text))
				if err != nil {
					continue // class= is below what the other raised the category to
				}
				at := fmt.Sprintf("%s %s %s", at, r.Key(), text)
				one, other := ab.Decide(r, l, f), ba.Decide(r, l, f)
				same(t, at, one, other)
				n++
				for _, own := range []*policy.Policy{a, b} {
					lOwn, err := own.Resolve(tag(t, text))
					if err != nil {
						continue
					}
					notLooser(t, at+" of "+own.Name, own.Decide(r, lOwn, f), one)
				}
			}
		}
	}
	return n
}

func TestMeetLaws(t *testing.T) {
	n := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		classes := []string{"a", "b", "c", "d"}[:2+r.IntN(3)]
		a, b := randomPolicyOf(r, "a", classes), randomPolicyOf(r, "b", classes)
		n += meeting(t, fmt.Sprint("seed ", seed), a, b)

		self, err := policy.Meet(a, a)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.Routes {
			for _, text := range labels(t, a) {
				same(t, "itself", a.Decide(&a.Routes[i], label(t, a, text), classify.Tag{}), self.Decide(&a.Routes[i], label(t, self, text), classify.Tag{}))
			}
		}
	}
	if n < 10000 {
		t.Errorf("only %d decisions compared", n)
	}
}

func TestMeetAssociates(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 6))
		classes := []string{"a", "b", "c"}
		a, b, c := randomPolicyOf(r, "a", classes), randomPolicyOf(r, "b", classes), randomPolicyOf(r, "c", classes)
		bc, err1 := policy.Meet(b, c)
		ab, err2 := policy.Meet(a, b)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		left, err1 := policy.Meet(ab, c)
		right, err2 := policy.Meet(a, bc)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for i := range a.Routes {
			for _, text := range labels(t, a) {
				if l, err := left.Resolve(tag(t, text)); err == nil {
					same(t, fmt.Sprint("seed ", seed, " ", text), left.Decide(&a.Routes[i], l, classify.Tag{}), right.Decide(&a.Routes[i], l, classify.Tag{}))
				}
			}
		}
	}
}

// three is a policy of three classes that knows some of kouki's categories.
func three() *policy.Policy {
	return place(&policy.Policy{
		Format: 1, Name: "three", Classes: []string{"1", "2", "3"},
		Categories: []policy.Category{
			{Name: "name", Class: "3"}, {Name: "phone", Class: "3", Mask: "last4", Becomes: "2"}, {Name: "receipt", Class: "3", Mask: "redact"}, {Name: "shelf", Class: "2"},
		},
		Zones: []policy.Zone{{Name: "mynumber", Go: "MyNumber", Holds: "3"}, {Name: "lgwan", Go: "LGWAN", Holds: "3"}, {Name: "archive", Go: "Archive", Holds: "3"}},
		Routes: []policy.Route{
			{From: "mynumber", To: "lgwan", Rules: []policy.Rule{
				{Category: "name", Action: token, As: "3"}, {Category: "phone", Action: mask}, {Category: "receipt", Action: mask, As: "2"},
				{Class: "3", Action: encrypt}, {Class: "2", Action: token}, {Class: "1", Action: pass},
			}, Require: policy.Require{Approvals: 1}},
			{From: "mynumber", To: "archive", Rules: []policy.Rule{{Class: "3", Action: encrypt}}},
		},
		Sinks: []policy.Sink{{Name: "stdout", Ceiling: "3"}},
		Types: []policy.Type{{Name: "db.T", Fields: []policy.Field{{Name: "A", Tag: "shelf+2,class=3"}}}},
	})
}

func TestMeetOfTwoSchemes(t *testing.T) {
	five := kouki()
	for name, both := range map[string][2]*policy.Policy{"five first": {five, three()}, "three first": {three(), five}} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Meet(both[0], both[1])
			if err != nil {
				t.Fatal(errorList(err))
			}
			if strings.Join(p.Classes, " ") != "1 2 3C 3B 3A" {
				t.Errorf("classes %q", p.Classes)
			}
			r := route(t, p, "mynumber", "lgwan", "")
			if r.Require.Approvals != 1 || !r.Require.MFA {
				t.Errorf("require %+v", r.Require)
			}
			for text, want := range map[string]struct {
				action classify.Action
				class  string // of the label; result
				result string
			}{
				"name":              {encrypt, "3B", "3B"},
				"phone":             {mask, "3C", "2"},
				"insured-number":    {encrypt, "3B", "3B"}, // token here, encrypt by class there
				"individual-number": {drop, "3B", ""},
				"shelf":             {token, "2", "2"},
				"receipt":           {refuse, "3A", ""}, // only the coarser policy knows it, so it is the highest that it can be
				"1":                 {pass, "1", "1"},
				"2":                 {token, "2", "2"},
				"3A":                {refuse, "3A", ""},
			} {
				l := label(t, p, text)
				d := p.Decide(r, l, classify.Tag{})
				if d.Action != want.action || p.Scale().Name(l.Class) != want.class || p.Scale().Name(d.Result.Class) != want.result {
					t.Errorf("%s is %s, %v as %q (%s: %s), want %+v", text, p.Scale().Name(l.Class), d.Action, p.Scale().Name(d.Result.Class), d.By, d.Why, want)
				}
			}
			for _, gone := range [][3]string{{"mynumber", "lgwan", "mailing"}, {"lgwan", "internet", ""}, {"mynumber", "archive", ""}} {
				if _, ok := p.Route(gone[0], gone[1], gone[2]); ok {
					t.Errorf("%s is open though only one opens it", gone)
				}
			}
			if class, _ := p.SinkCeiling("stdout"); class != "2" {
				t.Errorf("stdout takes %q", class)
			}
			if _, ok := p.Zone("archive"); !ok {
				t.Error("a zone of one of the two is not found")
			}
		})
	}
	meeting(t, "kouki", five, kouki())
}

// Every decision of the joint policy is at least as strict as the coarser
// policy's for the class that the mapping gives.
func TestMeetAlongMappings(t *testing.T) {
	fine, coarse := []string{"a", "b", "c", "d"}, []string{"x", "y"}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		cut := 1 + r.IntN(3)
		m := policy.Mapping{Scheme: "coarse", Classes: map[string]string{}}
		for i, class := range fine {
			m.Classes[class] = coarse[0]
			if i >= cut {
				m.Classes[class] = coarse[1]
			}
		}
		a, b := randomPolicyOf(r, "fine", fine), randomPolicyOf(r, "coarse", coarse)
		a.Mappings = []policy.Mapping{m}
		ab, err := policy.Meet(a, b)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, errorList(err))
		}
		ba, err := policy.Meet(b, a)
		if err != nil {
			t.Fatal(err)
		}
		f := classify.Tag{Mask: "redact", Generalise: "redact"}
		for i := range a.Routes {
			road := &a.Routes[i]
			for _, class := range fine {
				at := fmt.Sprintf("seed %d %s %s", seed, road.Key(), class)
				d := ab.Decide(road, label(t, ab, class), f)
				same(t, at, d, ba.Decide(road, label(t, ba, class), f))
				notLooser(t, at, a.Decide(road, label(t, a, class), f), d)
				theirs := b.Decide(road, label(t, b, m.Classes[class]), f)
				// Results are compared in the coarser classes.
				back := d
				if d.Result.Class > 0 {
					back.Result.Class, _ = b.Scale().Level(m.Classes[ab.Scale().Name(d.Result.Class)])
				}
				notLooser(t, at+" coarse", theirs, back)
			}
			for _, k := range []string{"k0", "k1", "k2"} {
				l := label(t, ab, k)
				d := ab.Decide(road, l, f)
				same(t, k, d, ba.Decide(road, label(t, ba, k), f))
				notLooser(t, k, a.Decide(road, label(t, a, k), f), d)
				if theirs := b.Decide(road, label(t, b, k), f); d.Action < theirs.Action && !unfit(theirs) {
					t.Fatalf("seed %d %s %s: %v (%s), coarse %v (%s)", seed, road.Key(), k, d.Action, d.Why, theirs.Action, theirs.Why)
				}
				if own := label(t, b, k); b.Scale().Len() > 0 && own.Class == 2 && m.Classes[ab.Scale().Name(l.Class)] != "y" {
					t.Fatalf("seed %d: %s is %s, which is lower than the coarser policy's", seed, k, ab.Scale().Name(l.Class))
				}
			}
		}
	}
}

func TestMeetOfSchemesThatDoNotFit(t *testing.T) {
	classes := func(m ...string) map[string]string {
		c := map[string]string{}
		for i, to := range m {
			c[[]string{"1", "2", "3C", "3B", "3A"}[i]] = to
		}
		return c
	}
	tests := []struct {
		name string
		set  func(five, three *policy.Policy)
		want string
	}{
		{"no mapping", func(f, _ *policy.Policy) { f.Mappings = nil }, `"kouki" has no mapping to the classes of "three"`},
		{"lower", func(f, _ *policy.Policy) {
			f.Mappings = []policy.Mapping{{Scheme: "three", Classes: classes("1", "3", "2", "2", "2")}}
		}, `the mapping of "kouki" to "three" maps "3C" lower than the class below it`},
		{"nowhere", func(f, _ *policy.Policy) { f.Mappings[1].Scheme = "three"; f.Mappings[1].Classes["3A"] = "4" }, `the mapping of "kouki" to "three" maps "3A" to no class of it`},
		{"not all", func(f, _ *policy.Policy) {
			f.Mappings = []policy.Mapping{{Scheme: "three", Classes: classes("1", "1", "3", "3", "3")}}
		}, `the mapping of "kouki" to "three" does not reach every class of it`},
		{"two", func(f, _ *policy.Policy) {
			f.Mappings = append(f.Mappings, policy.Mapping{Scheme: "old", Classes: classes("1", "2", "2", "3", "3")})
		}, `"kouki" has more than one mapping that fits the classes of "three"`},
		{"integrity", func(_, b *policy.Policy) { b.Integrity = []string{"1", "2A", "2B"} }, `"kouki" and "three" have different levels of integrity`},
		{"zones with one Go name", func(_, b *policy.Policy) { b.Zones[2].Holds = "4" }, `class "4" does not exist`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := kouki(), three()
			tt.set(a, b)
			_, err := policy.Meet(a, b)
			if err == nil || !strings.Contains(strings.Join(errorList(err), "\n"), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	// A mapping under the other's name beats one that happens to fit, and the
	// joint classes do not depend on who asks.
	a, b := kouki(), three()
	a.Mappings = append(a.Mappings, policy.Mapping{Scheme: "three", Classes: classes("1", "2", "2", "3", "3")})
	p, err := policy.Meet(b, a)
	if err != nil {
		t.Fatal(err)
	}
	if l := label(t, p, "shelf"); p.Scale().Name(l.Class) != "3C" {
		t.Errorf("shelf is %s, want the highest that maps to 2", p.Scale().Name(l.Class))
	}
	// What an overlay of the coarser policy says is translated as well.
	b = three()
	o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Categories: []policy.Category{{Name: "shelf", Becomes: "2"}}, Sinks: []policy.Sink{{Name: "stdout", Ceiling: "1"}},
		Routes: []policy.Route{{From: "mynumber", To: "lgwan", Rules: []policy.Rule{{Class: "3", Action: drop}}}}}
	if b, err = b.With(o); err != nil {
		t.Fatal(errorList(err))
	}
	if p, err = policy.Meet(kouki(), b); err != nil {
		t.Fatal(errorList(err))
	}
	if d := p.Decide(route(t, p, "mynumber", "lgwan", ""), label(t, p, "address"), classify.Tag{}); d.Action != drop || d.By != "o" {
		t.Errorf("%v by %s", d.Action, d.By)
	}
	// A category that is called like one of the joint classes.
	b = three()
	b.Categories[3].Name = "3B"
	b.Types = nil
	if _, err := policy.Meet(kouki(), b); err == nil || !strings.Contains(err.Error(), `category "3B" has the name of a class`) {
		t.Errorf("got %v", err)
	}
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}, {"same", "same"}} {
		x := &policy.Policy{Format: 1, Name: names[0], Classes: []string{"lo", "hi"}, Zones: []policy.Zone{{Name: "z", Go: "Z", Holds: "hi"}}, Mappings: []policy.Mapping{{Scheme: names[1], Classes: map[string]string{"lo": "low", "hi": "high"}}}}
		y := &policy.Policy{Format: 1, Name: names[1], Classes: []string{"low", "high"}, Zones: []policy.Zone{{Name: "z", Go: "Z", Holds: "high"}}, Mappings: []policy.Mapping{{Scheme: names[0], Classes: map[string]string{"low": "lo", "high": "hi"}}}}
		xy, err1 := policy.Meet(x, y)
		yx, err2 := policy.Meet(y, x)
		if err1 != nil || err2 != nil || xy.Classes[0] != yx.Classes[0] {
			t.Errorf("%v: %v %v %v %v", names, err1, err2, xy, yx)
		}
	}
}
