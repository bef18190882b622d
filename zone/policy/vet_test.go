package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func on(line int) *policy.Switch  { return &policy.Switch{On: true, Pos: vetPos(line)} }
func off(line int) *policy.Switch { return &policy.Switch{Pos: vetPos(line)} }

func vetPos(line int) policy.Pos { return policy.Pos{File: "vet.yaml", Line: line, Col: 1} }

func function(pkg, name string) policy.Callee { return policy.Callee{Package: pkg, Function: name} }
func method(pkg, typ, name string) policy.Callee {
	return policy.Callee{Package: pkg, Receiver: typ, Function: name}
}

// watched is the hospital's, which tells the analyzer something of everything.
func watched() *policy.Policy {
	p := ward()
	p.Vet = &policy.Vet{
		Sources: []policy.VetSource{
			{Callee: function("example.com/db", "Load"), Label: "patient", Pos: vetPos(1)},
			{Callee: method("example.com/db", "Rows", "Scan"), Into: []int{1, policy.ReceiverArg}, Label: "internal+email", Zone: "ward", Pos: vetPos(2)},
		},
		Sinks: []policy.VetSink{
			{Callee: policy.Callee{Package: "example.com/out/...", Receiver: policy.AnyReceiver, Matching: "^Print.*$"}, Args: []int{1, 0}, Reads: "format", Sink: "log", Pos: vetPos(3)},
			{Callee: function("example.com/out", "Send"), Zone: "lab", Pos: vetPos(4)},
		},
		Propagators: []policy.VetPropagator{{Callee: method("example.com/text", "Page", "Wide"), Args: []int{policy.ReceiverArg, 0}, Reads: "text", Results: []int{1, 0}, Pos: vetPos(5)}},
		Cleaners: []policy.VetCleaner{
			{Callee: function("example.com/mask", "Initial"), Results: []int{0}, As: "internal", Reason: "one letter is left", Pos: vetPos(6)},
			{Callee: function("example.com/mask", "Count"), As: "public", Reason: "a number of records", Pos: vetPos(7)},
		},
		Tests: policy.VetTests{Leak: on(8)}, Strict: on(9),
		Budgets: policy.VetBudgets{Function: 3_000_000, Pos: vetPos(10)},
	}
	return p
}

func TestVetEncode(t *testing.T) {
	p := watched()
	mustCheck(t, p)
	encoded := p.Encode()
	const want = `"vet":{"sources":[{"package":"example.com/db","function":"Load","label":"patient"},{"package":"example.com/db","receiver":"Rows","function":"Scan","into":[-1,1],"label":"internal+email","zone":"ward"}],` +
		`"sinks":[{"package":"example.com/out","function":"Send","zone":"lab"},{"package":"example.com/out/...","receiver":"*","matching":"^Print.*$","args":[0,1],"reads":"format","sink":"log"}],` +
		`"propagators":[{"package":"example.com/text","receiver":"Page","function":"Wide","args":[-1,0],"reads":"text","results":[0,1]}],` +
		`"cleaners":[{"package":"example.com/mask","function":"Count","as":"public","reason":"a number of records"},{"package":"example.com/mask","function":"Initial","results":[0],"as":"internal","reason":"one letter is left"}],` +
		`"tests":{"leak":true},"strict":true,"budgets":{"function":3000000}}`
	if !bytes.Contains(encoded, []byte(want)) {
		t.Errorf("got %s\nwant %s in it", encoded, want)
	}
	back := clone(t, p)
	if !bytes.Equal(back.Encode(), encoded) {
		t.Errorf("Encode(Decode(x)) is not x: %s", back.Encode())
	}
	ignore := cmp.Options{cmpopts.IgnoreTypes(policy.Pos{}), cmpopts.SortSlices(func(a, b any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })}
	if diff := cmp.Diff(p.Vet, back.Vet, ignore); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	r := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		q := watched()
		shuffle(r, q.Vet.Sources)
		shuffle(r, q.Vet.Sources[0].Into)
		shuffle(r, q.Vet.Sinks)
		shuffle(r, q.Vet.Sinks[0].Args)
		shuffle(r, q.Vet.Cleaners)
		shuffle(r, q.Vet.Propagators[0].Args)
		before := fmt.Sprint(*q.Vet)
		if !bytes.Equal(q.Encode(), encoded) {
			t.Fatalf("the order tells: %s", q.Encode())
		}
		if fmt.Sprint(*q.Vet) != before {
			t.Fatal("Encode sorted the policy itself")
		}
	}
}

// What is said is in the digest, and saying nothing is not.
func TestVetDigest(t *testing.T) {
	digests := map[string]string{}
	for name, change := range map[string]func(*policy.Vet){
		"as it is":    func(*policy.Vet) {},
		"source":      func(v *policy.Vet) { v.Sources[0].Label = "email" },
		"zone":        func(v *policy.Vet) { v.Sources[0].Zone = "lab" },
		"sink":        func(v *policy.Vet) { v.Sinks[0].Sink = "file" },
		"reads":       func(v *policy.Vet) { v.Sinks[0].Reads = "print" },
		"propagator":  func(v *policy.Vet) { v.Propagators = nil },
		"reason":      func(v *policy.Vet) { v.Cleaners[0].Reason = "another" },
		"class":       func(v *policy.Vet) { v.Cleaners[0].As = "public" },
		"leak":        func(v *policy.Vet) { v.Tests.Leak = off(1) },
		"leak unsaid": func(v *policy.Vet) { v.Tests.Leak = nil },
		"literal":     func(v *policy.Vet) { v.Tests.Literal = on(1) },
		"strict":      func(v *policy.Vet) { v.Strict = nil },
		"budget":      func(v *policy.Vet) { v.Budgets.Package = 1 },
	} {
		p := watched()
		change(p.Vet)
		mustCheck(t, p)
		if other, twice := digests[p.Digest()]; twice {
			t.Errorf("%s and %s have one digest", name, other)
		}
		digests[p.Digest()] = name
	}
	p := ward()
	p.Vet = &policy.Vet{Budgets: policy.VetBudgets{Pos: vetPos(1)}}
	if p.Digest() != ward().Digest() {
		t.Error("an empty section has another digest than none")
	}
}

func TestVetDecodeIsStrict(t *testing.T) {
	encoded := string(watched().Encode())
	for _, tt := range [][3]string{
		{`"strict":true`, `"strict":1`, "cannot unmarshal"},
		{`"strict":true`, `"strict":"on"`, "cannot unmarshal"},
		{`"strict":true`, `"strict":null`, "null, want a value or no member"},
		{`"leak":true`, `"leak":true,"flow":true`, `unknown field "flow"`},
		{`"sink":"log"`, `"sink":"log","ceiling":"public"`, `unknown field "ceiling"`},
		{`"args":[0,1]`, `"args":[0.5]`, "cannot unmarshal"},
		{`"args":[0,1]`, `"args":["receiver"]`, "cannot unmarshal"},
	} {
		mutant := strings.Replace(encoded, tt[0], tt[1], 1)
		if _, err := policy.Decode([]byte(mutant)); mutant == encoded || err == nil || !strings.Contains(err.Error(), tt[2]) {
			t.Errorf("%s: %v, want an error with %q", tt[1], err, tt[2])
		}
	}
	// Any other byte is an error or another policy.
	p := watched()
	digest := p.Digest()
	for i := strings.Index(encoded, `"vet"`); i < len(encoded); i++ {
		mutant := []byte(encoded)
		mutant[i] ^= 0x20
		if q, err := policy.Decode(mutant); err == nil && q.Digest() == digest {
			t.Fatalf("byte %d as %q: the same policy", i, mutant[i])
		}
	}
}

func TestMatcher(t *testing.T) {
	tests := []struct {
		callee policy.Callee
		yes    string // path type name
		no     []string
	}{
		{function("example.com/db", "Load"), "example.com/db  Load", []string{"example.com/db Store Load", "example.com/db  Loads", "example.com/db/x  Load", "example.com/dbx  Load"}},
		{method("example.com/db", "Store", "Load"), "example.com/db Store Load", []string{"example.com/db  Load", "example.com/db Stores Load"}},
		{policy.Callee{Package: "example.com/db/...", Receiver: "*", Matching: "^(?:Load|Save)[A-Z]?$"}, "example.com/db/x/y Store LoadA", []string{"example.com/dbx  Load", "example.com/db Store Loader", "example.com/db Store Reload"}},
		{policy.Callee{Package: "example.com/db/...", Matching: "^Load$"}, "example.com/db  Load", []string{"example.com/db Store Load"}},
	}
	for _, tt := range tests {
		match, err := tt.callee.Matcher()
		if err != nil {
			t.Fatal(err)
		}
		ask := func(s string) bool { p := strings.Split(s, " "); return match(p[0], p[1], p[2]) }
		if !ask(tt.yes) {
			t.Errorf("%s is not %s", tt.yes, tt.callee)
		}
		for _, no := range tt.no {
			if ask(no) {
				t.Errorf("%s is %s", no, tt.callee)
			}
		}
	}
	for pattern, want := range map[string]string{
		"^Load":                  "does not reach from ^ to $",
		"^a|b$":                  "does not reach from ^ to $",
		"(?m)^a$":                "does not reach from ^ to $",
		"^":                      "does not reach from ^ to $",
		"^(a$":                   "cannot be read: missing closing )",
		strings.Repeat("a", 257): "has 257 bytes",
	} {
		if match, err := (policy.Callee{Package: "p", Matching: pattern}).Matcher(); err == nil || match != nil || !strings.HasPrefix(err.Error(), "policy: vet: the expression for names of p "+want) {
			t.Errorf("%q: %v, want %s", pattern, err, want)
		}
	}
}

func TestCheckVet(t *testing.T) {
	source := func(v policy.VetSource) func(*policy.Vet) {
		return func(all *policy.Vet) { all.Sources = []policy.VetSource{v} }
	}
	load := function("example.com/db", "Load")
	tests := []struct {
		name string
		set  func(*policy.Vet)
		want []string
	}{
		{"nothing", func(v *policy.Vet) { *v = policy.Vet{} }, nil},
		{"no package", source(policy.VetSource{Callee: function("", "Load"), Label: "email"}), []string{`vet.sources[0].package: "" is not an import path`}},
		{"package of a tree", source(policy.VetSource{Callee: function("a/...", "Load"), Label: "email"}), nil},
		{"package that is a tree", source(policy.VetSource{Callee: function("/...", "Load"), Label: "email"}), []string{`vet.sources[0].package: "/..." is not an import path`}},
		{"package with a star", source(policy.VetSource{Callee: function("a/*", "Load"), Label: "email"}), []string{`vet.sources[0].package: "a/*" is not an import path`}},
		{"package with a line end", source(policy.VetSource{Callee: function("a\n", "Load"), Label: "email"}), []string{`vet.sources[0].package: "a\n" is not an import path`}},
		{"package with two strokes", source(policy.VetSource{Callee: function("a//b", "Load"), Label: "email"}), []string{`vet.sources[0].package: "a//b" is not an import path`}},
		{"receiver", source(policy.VetSource{Callee: method("a", "*S", "Load"), Label: "email"}), []string{`vet.sources[0].receiver: "*S" is not the name of a type`}},
		{"no function", source(policy.VetSource{Callee: policy.Callee{Package: "a"}, Label: "email"}), []string{`vet.sources[0]: the entry names no function`}},
		{"both", source(policy.VetSource{Callee: policy.Callee{Package: "a", Function: "F", Matching: "^F$"}, Label: "email"}), []string{`vet.sources[0].matching: the entry names function "F" and has an expression for names`}},
		{"function", source(policy.VetSource{Callee: function("a", "S.Load"), Label: "email"}), []string{`vet.sources[0].function: "S.Load" is not the name of a function`}},
		{"pattern", source(policy.VetSource{Callee: policy.Callee{Package: "a", Matching: "^F"}, Label: "email"}), []string{`vet.sources[0].matching: the expression for names does not reach from ^ to $`}},
		{"label", source(policy.VetSource{Callee: load, Label: "emial"}), []string{`vet.sources[0].label: the policy has neither a category nor a class "emial"`}},
		{"no label", source(policy.VetSource{Callee: load}), []string{`vet.sources[0].label: classify: tag, offset 0: no name: want a category or class first, as in name or 3B,action=drop`}},
		{"label of a field", source(policy.VetSource{Callee: load, Label: "email,id"}), []string{`vet.sources[0].label: the label "email,id" says what happens to a field`}},
		{"zone", source(policy.VetSource{Callee: load, Label: "email", Zone: "wrad"}), []string{`vet.sources[0].zone: zone "wrad" does not exist`}},
		{"positions", source(policy.VetSource{Callee: load, Label: "email", Results: []int{-1, 64, 0, 0}, Into: []int{policy.ReceiverArg, -2, 63}}), []string{
			"vet.sources[0].into[0]: example.com/db.Load has no receiver", "vet.sources[0].into[1]: position -2 is out of range",
			"vet.sources[0].results[0]: position -1 is out of range", "vet.sources[0].results[1]: position 64 is out of range", "vet.sources[0].results[3]: position 0 is given twice"}},
		{"receiver twice", func(v *policy.Vet) {
			v.Propagators[0].Args = []int{policy.ReceiverArg, policy.ReceiverArg}
		}, []string{"vet.yaml:5:1: position receiver is given twice"}},
		{"reads", func(v *policy.Vet) { v.Propagators[0].Reads = "%v" }, []string{`vet.yaml:5:1: there is no way of reading "%v"`}},
		{"sink", func(v *policy.Vet) { v.Sinks[1].Zone, v.Sinks[1].Sink = "", "logs" }, []string{`vet.yaml:4:1: there is no sink "logs"`}},
		{"no sink", func(v *policy.Vet) { v.Sinks[1].Zone = "" }, []string{`vet.yaml:4:1: the entry says neither which sink the function is nor an endpoint of which zone`}},
		{"sink and zone", func(v *policy.Vet) { v.Sinks[1].Sink = "log" }, []string{`vet.yaml:4:1: the function is a sink and an endpoint of a zone`}},
		{"reason", func(v *policy.Vet) { v.Cleaners[0].Reason = " " }, []string{`vet.yaml:6:1: the cleaner has no reason`}},
		{"reason of two lines", func(v *policy.Vet) { v.Cleaners[0].Reason = "a\nb" }, []string{`vet.yaml:6:1: the text is not UTF-8 or has control characters`}},
		{"class", func(v *policy.Vet) { v.Cleaners[0].As, v.Cleaners[1].As = "", "nobody" }, []string{`vet.yaml:6:1: no class is given`, `vet.yaml:7:1: class "nobody" does not exist`}},
		{"budgets", func(v *policy.Vet) { v.Budgets.Function, v.Budgets.Package = -1, 1e12+1 }, []string{`vet.yaml:10:1: a budget of -1 steps`, `vet.yaml:10:1: a budget of 1000000000001 steps`}},
		{"twice", func(v *policy.Vet) {
			v.Sources = append(v.Sources, policy.VetSource{Callee: method("example.com/db", "Rows", "Scan"), Into: []int{-1, 1}, Label: "email", Zone: "ward", Pos: vetPos(20)})
			v.Sinks = append(v.Sinks, policy.VetSink{Callee: v.Sinks[1].Callee, Zone: "lab", Pos: vetPos(21)}, policy.VetSink{Callee: v.Sinks[1].Callee, Zone: "ward", Pos: vetPos(22)})
			v.Propagators = append(v.Propagators, v.Propagators[0])
			v.Cleaners = append(v.Cleaners, v.Cleaners[0])
		}, []string{"vet.yaml:5:1: the propagator example.com/text.Page.Wide, arguments receiver 0, results 0 1, read as text is given twice (vet.yaml:5:1)",
			"vet.yaml:6:1: the cleaner example.com/mask.Initial, results 0 is given twice (vet.yaml:6:1)",
			"vet.yaml:20:1: the source example.com/db.Rows.Scan, into receiver 1, of zone ward is given twice (vet.yaml:2:1)",
			"vet.yaml:21:1: the sink example.com/out.Send, to zone lab is given twice (vet.yaml:4:1)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := watched()
			tt.set(p.Vet)
			checkProblems(t, p.Check(), tt.want)
		})
	}
	// An overlay alone cannot know what the policy has; with it, it does.
	o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Vet: &policy.Vet{Sources: []policy.VetSource{{Callee: load, Label: "nobody-knows", Zone: "nowhere"}}}}
	checkProblems(t, o.Check(), nil)
	_, err := ward().With(o)
	checkProblems(t, err, []string{`overlays[0].vet.sources[0].label: the policy has neither a category nor a class "nobody-knows"`, `overlays[0].vet.sources[0].zone: zone "nowhere" does not exist`})
}

// checkProblems compares problems without their remedies, of which each has one.
func checkProblems(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	if err != nil {
		for _, p := range err.(*policy.Errors).Problems {
			if p.Remedy == "" {
				t.Errorf("%s has no remedy", p.Msg)
			}
			p.Remedy = ""
			got = append(got, p.Error())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestVetOverlay(t *testing.T) {
	mask := function("example.com/mask", "Initial")
	tests := []struct {
		name string
		base func(*policy.Policy)
		o    policy.Vet
		want []string
	}{
		{"nothing", nil, policy.Vet{}, nil},
		{"more is seen", nil, policy.Vet{
			Sources: []policy.VetSource{{Callee: mask, Label: "email"}}, Sinks: []policy.VetSink{{Callee: mask, Sink: "log"}}, Propagators: []policy.VetPropagator{{Callee: mask}},
			Tests: policy.VetTests{Leak: on(1), Literal: on(1)}, Strict: on(1), Budgets: policy.VetBudgets{Function: 3_000_000, Package: policy.DefaultPackageBudget},
		}, nil},
		{"off what was off", func(p *policy.Policy) { p.Vet.Tests.Literal, p.Vet.Strict, p.Vet.Tests.Leak = off(1), nil, off(2) },
			policy.Vet{Tests: policy.VetTests{Leak: off(1), Literal: off(1)}, Strict: off(1)}, nil},
		{"the same cleaner", nil, policy.Vet{Cleaners: []policy.VetCleaner{{Callee: mask, Results: []int{0}, As: "clinical", Reason: "r"}}}, nil},
		{"a cleaner more", nil, policy.Vet{Cleaners: []policy.VetCleaner{{Callee: mask, As: "clinical", Reason: "r", Pos: vetPos(30)}, {Callee: mask, Results: []int{0}, As: "public", Reason: "r", Pos: vetPos(31)}}}, []string{
			"vet.yaml:30:1: the overlay adds the cleaner example.com/mask.Initial", `vet.yaml:31:1: what example.com/mask.Initial returns would be "public", and the policy says "internal" (vet.yaml:6:1)`}},
		{"off", nil, policy.Vet{Tests: policy.VetTests{Leak: off(30), Literal: off(31)}, Strict: off(32)}, []string{
			"vet.yaml:30:1: the overlay switches off tests.leak of the analyzer, and the policy switches it on (vet.yaml:8:1)",
			"vet.yaml:31:1: the overlay switches off tests.literal of the analyzer, and it is on unless a policy says otherwise",
			"vet.yaml:32:1: the overlay switches off strict of the analyzer, and the policy switches it on (vet.yaml:9:1)"}},
		{"smaller budgets", nil, policy.Vet{Budgets: policy.VetBudgets{Function: 2_999_999, Package: 1, Pos: vetPos(30)}}, []string{
			"vet.yaml:30:1: the analyzer would give up a function after 2999999 steps, and by the policy after 3000000 (vet.yaml:10:1)",
			"vet.yaml:30:1: the analyzer would give up a package after 1 steps, and by the policy after 100000000 (vet.yaml:10:1)"}},
		{"over nothing", func(p *policy.Policy) { p.Vet = nil }, policy.Vet{
			Cleaners: []policy.VetCleaner{{Callee: mask, As: "public", Reason: "r", Pos: vetPos(30)}}, Tests: policy.VetTests{Leak: off(31), Literal: off(32)}, Budgets: policy.VetBudgets{Function: 1, Pos: vetPos(33)}}, []string{
			"vet.yaml:30:1: the overlay adds the cleaner example.com/mask.Initial", "vet.yaml:32:1: the overlay switches off tests.literal of the analyzer, and it is on unless a policy says otherwise",
			"vet.yaml:33:1: the analyzer would give up a function after 1 steps, and by the policy after 2000000"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := watched()
			if tt.base != nil {
				tt.base(p)
			}
			met, err := p.With(&policy.Policy{Format: 1, Name: "o", Overlay: true, Vet: &tt.o})
			checkProblems(t, err, tt.want)
			if err != nil {
				return
			}
			for _, c := range policy.Diff(p, met) {
				if c.Kind != policy.Stricter || c.Opens {
					t.Errorf("the overlay changes %s", c)
				}
			}
		})
	}
}

func TestVetInForce(t *testing.T) {
	none := ward().VetInForce()
	if want := (policy.Vet{Tests: policy.VetTests{Leak: &policy.Switch{}, Literal: &policy.Switch{On: true}}, Strict: &policy.Switch{},
		Budgets: policy.VetBudgets{Function: policy.DefaultFunctionBudget, Package: policy.DefaultPackageBudget}}); !cmp.Equal(none, want) {
		t.Errorf("of a policy that says nothing: %s", cmp.Diff(want, none))
	}
	p := watched()
	met, err := p.With(&policy.Policy{Format: 1, Name: "o", Overlay: true, Vet: &policy.Vet{
		Sources:  []policy.VetSource{p.Vet.Sources[1], {Callee: function("example.com/db", "Find"), Label: "patient"}, {Callee: function("example.com/db", "Load"), Label: "email"}},
		Sinks:    []policy.VetSink{p.Vet.Sinks[0]},
		Cleaners: []policy.VetCleaner{{Callee: function("example.com/mask", "Initial"), Results: []int{0}, As: "clinical", Reason: "few have that letter"}},
		Tests:    policy.VetTests{Leak: on(40)}, Budgets: policy.VetBudgets{Package: policy.DefaultPackageBudget + 1},
	}})
	if err != nil {
		t.Fatal(errorList(err))
	}
	v := met.VetInForce()
	got := lines(v)
	want := []string{
		"source example.com/db.Find patient", "source example.com/db.Load email+patient", "source example.com/db.Rows.Scan, into receiver 1, of zone ward internal+email",
		"sink example.com/out.Send zone lab", "sink example.com/out/....*.^Print.*$, arguments 0 1, read as format log",
		"propagator example.com/text.Page.Wide, arguments receiver 0, results 0 1, read as text",
		"cleaner example.com/mask.Count public", "cleaner example.com/mask.Initial, results 0 clinical",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !v.Tests.Leak.On || v.Tests.Leak.Pos != vetPos(8) || !v.Tests.Literal.On || !v.Strict.On || v.Budgets != (policy.VetBudgets{Function: 3_000_000, Package: policy.DefaultPackageBudget + 1, Pos: vetPos(10)}) {
		t.Errorf("%+v %+v %+v %+v", *v.Tests.Leak, *v.Tests.Literal, *v.Strict, v.Budgets)
	}
	*v.Strict = policy.Switch{}
	if !met.VetInForce().Strict.On {
		t.Error("what is in force is the policy itself")
	}
}

func lines(v policy.Vet) (list []string) {
	for _, s := range v.Sources {
		list = append(list, "source "+s.String()+" "+s.Label)
	}
	for _, s := range v.Sinks {
		list = append(list, "sink "+s.String()+" "+s.To())
	}
	for _, s := range v.Propagators {
		list = append(list, "propagator "+s.String())
	}
	for _, s := range v.Cleaners {
		list = append(list, "cleaner "+s.String()+" "+s.As)
	}
	return list
}

// Of two organisations neither hides from the analyzer what the other sees, in
// whichever order they meet, and one that meets itself changes nothing.
func TestVetMeet(t *testing.T) {
	cleaned, agreed := 0, 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 44))
		make := func(name string) *policy.Policy {
			p := randomPolicyOf(r, name, []string{"x", "y", "z"})
			if r.IntN(5) == 0 {
				return p
			}
			p.Vet = &policy.Vet{Budgets: policy.VetBudgets{Function: r.IntN(2) * (1 + r.IntN(9_000_000))}}
			for _, f := range []string{"A", "B", "C"} {
				if r.IntN(2) == 0 {
					p.Vet.Sources = append(p.Vet.Sources, policy.VetSource{Callee: function("p", f), Label: p.Classes[r.IntN(3)]})
				}
				if r.IntN(3) > 0 {
					p.Vet.Cleaners = append(p.Vet.Cleaners, policy.VetCleaner{Callee: function("p", f+"x"), As: p.Classes[r.IntN(3)], Reason: "chance " + name})
				}
			}
			for _, s := range []**policy.Switch{&p.Vet.Tests.Leak, &p.Vet.Tests.Literal, &p.Vet.Strict} {
				*s = []*policy.Switch{nil, on(1), off(1)}[r.IntN(3)]
			}
			return p
		}
		a, b := make("a"), make("b")
		ab, err1 := policy.Meet(a, b)
		ba, err2 := policy.Meet(b, a)
		aa, err3 := policy.Meet(a, a)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		ignore := cmpopts.IgnoreTypes(policy.Pos{})
		if diff := cmp.Diff(ab.VetInForce(), ba.VetInForce(), ignore); diff != "" {
			t.Fatalf("seed %d: the order tells\n%s", seed, diff)
		}
		if diff := cmp.Diff(a.VetInForce(), aa.VetInForce(), ignore); diff != "" {
			t.Fatalf("seed %d: meeting itself\n%s", seed, diff)
		}
		for _, p := range []*policy.Policy{a, b} {
			for _, c := range policy.Diff(p, ab) {
				if strings.HasPrefix(c.Subject, "vet ") && c.Kind != policy.Stricter {
					t.Fatalf("seed %d: met, %s", seed, c)
				}
			}
			cleaned += len(p.VetInForce().Cleaners)
		}
		agreed += len(ab.VetInForce().Cleaners)
	}
	if agreed < 50 || agreed > cleaned/2 {
		t.Errorf("%d cleaners of %d: too few to say anything", agreed, cleaned)
	}
}

// The classes that the coarser policy names are translated.
func TestVetMeetOfTwoSchemes(t *testing.T) {
	coarse := three()
	coarse.Vet = &policy.Vet{
		Sources:  []policy.VetSource{{Callee: function("db", "Load"), Label: "3"}},
		Cleaners: []policy.VetCleaner{{Callee: function("mask", "Last"), As: "2", Reason: "four digits"}},
	}
	fine := kouki()
	fine.Vet = &policy.Vet{Cleaners: []policy.VetCleaner{{Callee: function("mask", "Last"), As: "1", Reason: "four digits"}}}
	p, err := policy.Meet(coarse, fine)
	if err != nil {
		t.Fatal(errorList(err))
	}
	if diff := cmp.Diff([]string{"source db.Load 3A", "cleaner mask.Last 2"}, lines(p.VetInForce())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if coarse.Vet.Sources[0].Label != "3" || coarse.Vet.Cleaners[0].As != "2" {
		t.Error("meeting changed the policy itself")
	}
}

func TestDiffVet(t *testing.T) {
	tests := []struct {
		name       string
		change     func(*policy.Vet)
		want, back []string
	}{
		{"nothing", func(v *policy.Vet) {
			v.Cleaners[0].Reason, v.Tests.Literal, v.Sinks[0].Args, v.Sources[0].Label = "said better", on(1), []int{0, 1}, "patient+public"
		}, nil, nil},
		{"switches", func(v *policy.Vet) { v.Tests.Leak, v.Tests.Literal, v.Strict = nil, off(1), off(1) },
			[]string{"! looser: vet tests leak: on is now off", "! looser: vet tests literal: on is now off", "! looser: vet strict: on is now off"},
			[]string{"  stricter: vet tests leak: off is now on", "  stricter: vet tests literal: off is now on", "  stricter: vet strict: off is now on"}},
		{"budgets", func(v *policy.Vet) { v.Budgets.Function, v.Budgets.Package = 4_000_000, 5 },
			[]string{"  stricter: vet budget of a function: 3000000 is now 4000000", "! looser: vet budget of a package: 100000000 is now 5"},
			[]string{"! looser: vet budget of a function: 4000000 is now 3000000", "  stricter: vet budget of a package: 5 is now 100000000"}},
		{"entries gone", func(v *policy.Vet) {
			v.Sources, v.Sinks, v.Propagators, v.Cleaners = v.Sources[:1], v.Sinks[1:], nil, v.Cleaners[:1]
		},
			[]string{"! looser: vet source example.com/db.Rows.Scan, into receiver 1, of zone ward: label internal+email is now not given",
				"! looser: vet sink example.com/out/....*.^Print.*$, arguments 0 1, read as format, to log: given is now not given",
				"! looser: vet propagator example.com/text.Page.Wide, arguments receiver 0, results 0 1, read as text: given is now not given",
				`  stricter: vet cleaner example.com/mask.Count: as "public" is now not given`},
			[]string{"  stricter: vet source example.com/db.Rows.Scan, into receiver 1, of zone ward: not given is now label internal+email",
				"  stricter: vet sink example.com/out/....*.^Print.*$, arguments 0 1, read as format, to log: not given is now given",
				"  stricter: vet propagator example.com/text.Page.Wide, arguments receiver 0, results 0 1, read as text: not given is now given",
				`! looser: vet cleaner example.com/mask.Count: not given is now as "public"`}},
		{"said otherwise", func(v *policy.Vet) {
			v.Sources[0].Label, v.Cleaners[0].As, v.Sinks[1].Zone = "patient+email", "clinical", "web"
			v.Sources[1].Label = "diagnosis"
		},
			[]string{"  stricter: vet source example.com/db.Load: label patient is now label patient+email",
				"! other: vet source example.com/db.Rows.Scan, into receiver 1, of zone ward: label internal+email is now label diagnosis",
				"  stricter: vet sink example.com/out.Send, to zone web: not given is now given",
				`  stricter: vet cleaner example.com/mask.Initial, results 0: as "internal" is now as "clinical"`,
				"! looser: vet sink example.com/out.Send, to zone lab: given is now not given"},
			[]string{"! looser: vet source example.com/db.Load: label patient+email is now label patient",
				"! other: vet source example.com/db.Rows.Scan, into receiver 1, of zone ward: label diagnosis is now label internal+email",
				"  stricter: vet sink example.com/out.Send, to zone lab: not given is now given",
				`! looser: vet cleaner example.com/mask.Initial, results 0: as "clinical" is now as "internal"`,
				"! looser: vet sink example.com/out.Send, to zone web: given is now not given"}},
	}
	changes := func(old, new *policy.Policy) (list []string) {
		for _, c := range policy.Diff(old, new) {
			mark := "  "
			if c.Opens {
				mark = "! "
			}
			list = append(list, mark+c.String())
		}
		return list
	}
	for _, tt := range tests {
		p := watched()
		tt.change(p.Vet)
		mustCheck(t, p)
		if diff := cmp.Diff(tt.want, changes(watched(), p)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.back, changes(p, watched())); diff != "" {
			t.Errorf("%s, back (-want +got)\n%s", tt.name, diff)
		}
	}
	for _, c := range policy.Diff(ward(), watched()) {
		if len(watched().Vet.Sources) == 2 && c.Subject == "vet source example.com/db.Load" && c.NewPos != vetPos(1) {
			t.Errorf("at %v", c.NewPos)
		}
	}
}

func TestLintVet(t *testing.T) {
	tests := []struct {
		name string
		set  func(*policy.Policy)
		want []string
	}{
		{"as it is", func(*policy.Policy) {}, nil},
		{"blind", func(p *policy.Policy) {
			p.Sinks = []policy.Sink{{Name: "log", Ceiling: "clinical"}, {Name: "error", Ceiling: "internal"}}
			p.Vet.Tests.Literal = off(1)
		}, []string{`blind: sinks[0].ceiling: sink "log" takes the highest class: the analyzer finds nothing there`, "blind: vet.tests.literal: identifiers that look real are not looked for in tests"}},
		{"an overlay lowers it", func(p *policy.Policy) {
			p.Sinks = []policy.Sink{{Name: "log", Ceiling: "clinical"}}
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Sinks: []policy.Sink{{Name: "log", Ceiling: "internal"}}}}
		}, nil},
		{"broad cleaners", func(p *policy.Policy) {
			p.Vet.Cleaners = []policy.VetCleaner{
				{Callee: function("example.com/...", "Mask"), As: "public", Reason: "r"},
				{Callee: policy.Callee{Package: "example.com/mask", Matching: "^.*$"}, As: "public", Reason: "r"},
				{Callee: policy.Callee{Package: "example.com/mask", Matching: "^Mask.*$"}, As: "public", Reason: "r"},
				{Callee: policy.Callee{Package: "example.com/mask", Matching: "^Mask"}, As: "public", Reason: "Check reports it"},
			}
		}, []string{"cleaner: vet.cleaners[0]: the cleaner example.com/....Mask is for packages that are not written yet", "cleaner: vet.cleaners[1]: the cleaner example.com/mask.^.*$ is for functions of any name"}},
		{"two things at once", func(p *policy.Policy) {
			p.Vet.Cleaners = append(p.Vet.Cleaners,
				policy.VetCleaner{Callee: function("example.com/db", "Load"), As: "public", Reason: "r"},
				policy.VetCleaner{Callee: method("example.com/text", "Page", "Wide"), As: "public", Reason: "r"},
				policy.VetCleaner{Callee: method("example.com/text", "Page", "Wide"), Args: []int{1}, As: "public", Reason: "r"})
		}, []string{"cleaner: vet.cleaners[2]: example.com/db.Load is a cleaner and a source", "cleaner: vet.cleaners[3]: example.com/text.Page.Wide cleans all its arguments and propagates some"}},
	}
	for _, tt := range tests {
		p := watched()
		tt.set(p)
		var got []string
		for _, f := range p.Lint(someDay) {
			got = append(got, f.Kind+": "+f.Path+": "+f.Msg)
			if f.Remedy == "" {
				t.Errorf("%s has no remedy", f.Msg)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// Nothing that the analyzer is told changes a decision, a label or a proof.
func TestVetDecidesNothing(t *testing.T) {
	with, without := watched(), ward()
	asked := 0
	for i := range without.Routes {
		for _, name := range append(slices.Clone(without.Classes), "diagnosis", "email", "genome", "patient") {
			l := label(t, without, name)
			if !cmp.Equal(l, label(t, with, name)) {
				t.Errorf("the label of %s differs", name)
			}
			a := without.Decide(&without.Routes[i], l, classify.Tag{Names: []string{name}})
			b := with.Decide(&with.Routes[i], l, classify.Tag{Names: []string{name}})
			if diff := cmp.Diff(a, b); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			asked++
		}
	}
	a, b := without.Prove(), with.Prove()
	a.Digest, b.Digest = "", ""
	if diff := cmp.Diff(a, b); diff != "" || asked != 21 {
		t.Errorf("%d asked: %s", asked, diff)
	}
}

func TestSwitch(t *testing.T) {
	for _, on := range []bool{true, false} {
		data, err := json.Marshal(policy.Switch{On: on, Pos: vetPos(1)})
		var s policy.Switch
		if err2 := json.Unmarshal(data, &s); err != nil || err2 != nil || s != (policy.Switch{On: on}) {
			t.Errorf("%s: %v, %v, %v", data, s, err, err2)
		}
	}
}
