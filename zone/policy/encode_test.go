package policy_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestEncodeDecode(t *testing.T) {
	o := stricter()
	o.Zones[1].Carries = ""
	met, err := kouki().With(o)
	if err != nil {
		t.Fatal(errorList(err))
	}
	for _, p := range []*policy.Policy{kouki(), ward(), leaky(), three(), stricter(), keyed(), met} {
		encoded := p.Encode()
		back, err := policy.Decode(encoded)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if again := back.Encode(); !bytes.Equal(again, encoded) {
			t.Errorf("%s: Encode(Decode(x)) is not x\n%s\n%s", p.Name, encoded, again)
		}
		if diff := cmp.Diff(p, back, cmpopts.IgnoreTypes(policy.Pos{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", p.Name, diff)
		}
		if back.Digest() != p.Digest() || !strings.HasPrefix(p.Digest(), "sha256:") || len(p.Digest()) != 71 {
			t.Errorf("%s: digest %q, then %q", p.Name, p.Digest(), back.Digest())
		}
	}
	if !bytes.Contains(kouki().Encode(), []byte(`"title":{"en":"My Number zone","ja":"マイナンバー利用事務系"}`)) {
		t.Error("titles are not written as they are")
	}
}

// The canonical form does not depend on the order of what has no order, and
// does on the order of what has.
func TestEncodeIsCanonical(t *testing.T) {
	sound := kouki()
	sound.Algorithms, sound.Keys = keyed().Algorithms, keyed().Keys
	want := sound.Encode()
	r := rand.New(rand.NewPCG(1, 8))
	for range 50 {
		p := kouki()
		shuffle(r, p.Categories)
		shuffle(r, p.Purposes)
		shuffle(r, p.Sinks)
		shuffle(r, p.Types[0].Fields)
		shuffle(r, p.Routes[0].Require.Purpose)
		p.Algorithms, p.Keys = keyed().Algorithms, keyed().Keys
		shuffle(r, p.Algorithms.Strength)
		shuffle(r, p.Algorithms.Listed)
		shuffle(r, p.Algorithms.Listed[0].Of)
		shuffle(r, p.Keys.Periods)
		order := fmt.Sprint(p.Categories, *p.Algorithms, *p.Keys)
		if got := p.Encode(); !bytes.Equal(got, want) {
			t.Fatalf("got %s\nwant %s", got, want)
		}
		if fmt.Sprint(p.Categories, *p.Algorithms, *p.Keys) != order {
			t.Fatal("Encode sorted the policy itself")
		}
	}
	want, sound = kouki().Encode(), kouki()
	for name, change := range map[string]func(*policy.Policy){
		"classes": func(p *policy.Policy) { p.Classes[0], p.Classes[1] = p.Classes[1], p.Classes[0] },
		"rules":   func(p *policy.Policy) { x := p.Routes[0].Rules; x[0], x[1] = x[1], x[0] },
		"routes":  func(p *policy.Policy) { p.Routes[0], p.Routes[1] = p.Routes[1], p.Routes[0] },
		"zones":   func(p *policy.Policy) { p.Zones[0], p.Zones[1] = p.Zones[1], p.Zones[0] },
	} {
		p := kouki()
		change(p)
		if bytes.Equal(p.Encode(), want) || p.Digest() == sound.Digest() {
			t.Errorf("the order of %s is lost", name)
		}
	}
}

func shuffle[T any](r *rand.Rand, s []T) {
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}

func TestEncodeOfNothing(t *testing.T) {
	var none *policy.Policy
	broken := ward()
	broken.Routes[0].Rules[0].Action = 0
	for _, p := range []*policy.Policy{none, broken} {
		if p.Encode() != nil || p.Digest() != "" {
			t.Error("what cannot be encoded has an encoding or a digest")
		}
	}
	if got := string((&policy.Policy{Overlays: []*policy.Policy{nil}}).Encode()); got != `{"sekisho":0,"name":"","go":{},"classes":[],"zones":[]}` {
		t.Errorf("the empty policy is %s", got)
	}
}

func TestDecodeIsStrict(t *testing.T) {
	const ok = `{"sekisho":1,"name":"p","go":{},"classes":["a"],"zones":[{"name":"z","go":"Z","holds":"a","title":{"JA":"x"}}]}`
	if _, err := policy.Decode([]byte(ok)); err != nil {
		t.Fatal(err)
	}
	if p, err := policy.Decode([]byte(" {\n \"name\" : \"p\", \"sekisho\" : 1,\"go\":{},\"classes\":[\"a\"],\"zones\":[]}\n")); err != nil || p.Name != "p" {
		t.Errorf("white space and order: %v", err)
	}
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":          {"", "at byte 0"},
		"not JSON":         {"{", "at byte 1"},
		"list":             {"[]", "cannot unmarshal"},
		"string":           {`"x"`, "cannot unmarshal"},
		"unknown member":   {strings.Replace(ok, `"go":{}`, `"go":{},"god":1`, 1), `unknown field "god"`},
		"other case":       {strings.Replace(ok, `"name":"p"`, `"Name":"p"`, 1), `unknown member "Name"`},
		"Kelvin":           {strings.Replace(ok, `"sekisho"`, `"se\u212aisho"`, 1), "unknown member \"se\u212aisho\""},
		"twice":            {strings.Replace(ok, `"go":{}`, `"go":{},"name":"q"`, 1), `member "name" is given twice`},
		"title twice":      {strings.Replace(ok, `"JA":"x"`, `"JA":"x","JA":"y"`, 1), `member "JA" is given twice`},
		"null":             {strings.Replace(ok, `"go":{}`, `"go":null`, 1), "null, want a value or no member"},
		"null in a list":   {strings.Replace(ok, `["a"]`, `["a",null]`, 1), "null, want a value or no member"},
		"behind it":        {ok + "{}", "something behind the object"},
		"behind it, spoil": {ok + "x", "something behind the object"},
		"format":           {strings.Replace(ok, `"sekisho":1`, `"sekisho":2`, 1), "format 2, want 1: regenerate"},
		"no format":        {strings.Replace(ok, `"sekisho":1,`, ``, 1), "format 0, want 1"},
		"overlay's format": {strings.Replace(ok, `"go":{}`, `"go":{},"overlays":[{"sekisho":3}]`, 1), "format 3, want 1"},
		"number":           {strings.Replace(ok, `"sekisho":1`, `"sekisho":1.5`, 1), "cannot unmarshal"},
		"action":           {strings.Replace(ok, `"go":{}`, `"go":{},"routes":[{"rules":[{"action":"let"}]}]`, 1), `unknown action "let"`},
		"no end of object": {ok[:len(ok)-1], "EOF"},
		"no end of list":   {`{"classes":["a"`, "EOF"},
		"no colon":         {`{"classes" ["a"]}`, "at byte"},
		"number as member": {`{1:2}`, "at byte"},
		"end of a list":    {`{"classes":["a"}`, "at byte"},
		"not UTF-8":        {strings.Replace(ok, `"p"`, "\"\xff\"", 1), "not UTF-8"},
		"deep":             {strings.Repeat("[", 100), "nested deeper than 64"},
		"deep overlays":    {strings.Repeat(`{"overlays":[`, 100), "nested deeper than 64"},
		"large":            {ok + strings.Repeat(" ", policy.MaxEncoded), "want at most 4194304"},
	} {
		p, err := policy.Decode([]byte(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) || p != nil {
			t.Errorf("%s: %v, want an error with %q", name, err, tt.want)
		}
	}
}

// Any byte of the canonical form changed gives an error or another policy.
func TestDecodeMutations(t *testing.T) {
	p := keyed()
	encoded, digest := p.Encode(), p.Digest()
	for i := range encoded {
		for _, b := range []byte{encoded[i] ^ 1, encoded[i] ^ 0x20, ' ', '"'} {
			if b == encoded[i] {
				continue
			}
			mutant := bytes.Clone(encoded)
			mutant[i] = b
			if q, err := policy.Decode(mutant); err == nil && q.Digest() == digest {
				t.Fatalf("byte %d as %q: the same policy", i, b)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, p := range []*policy.Policy{kouki(), ward(), leaky(), three(), stricter(), keyed(), watched()} {
		f.Add(p.Encode())
	}
	met, _ := policy.Meet(kouki(), three())
	f.Add(met.Encode())
	f.Add([]byte(`{"sekisho":1,"overlays":[{"sekisho":1,"overlay":true}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Decode(data)
		if err != nil {
			return
		}
		encoded := p.Encode()
		if encoded == nil {
			t.Skip("a rule without an action")
		}
		q, err := policy.Decode(encoded)
		if err != nil {
			t.Fatalf("what Encode wrote does not decode: %v\n%s", err, encoded)
		}
		if !bytes.Equal(q.Encode(), encoded) {
			t.Fatalf("not canonical: %s, then %s", encoded, q.Encode())
		}
		if len(data) > 1<<14 || len(p.Overlays) > 3 {
			return
		}
		sound := p.Check() == nil
		if sound != (q.Check() == nil) {
			t.Fatalf("Check differs after a round trip: %v, %v", p.Check(), q.Check())
		}
		for i := range p.Routes {
			for _, name := range p.Scale().Names() {
				if l, err := p.Resolve(tagOf(name)); err == nil {
					p.Decide(&p.Routes[i], l, tagOf(name))
				}
			}
		}
		if sound && len(p.Routes) < 20 && len(p.Categories) < 20 && len(p.Classes) < 10 {
			p.Prove()
			p.Lint(someDay)
			for _, use := range policy.KeyUses() {
				if plan, err := p.KeyPlan(use, someDay); err == nil && p.AlgorithmsInForce().MayProduce(plan.Algorithm, someDay) != nil {
					t.Fatalf("a key of %q is planned of %s, which makes nothing new", use, plan.Algorithm)
				}
			}
			policy.Diff(p, kouki())
			p.VetInForce()
			policy.Diff(watched(), p)
		}
	})
}
