package flow

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
	"github.com/sekisho-go/sekisho/zone/policy"
)

var aPolicy = &labels.Policy{Policy: &policy.Policy{Classes: []string{"1", "2"}}, Path: "app.example/zones"}

func complete(l labels.Label, of string) *labels.Label {
	if of != aPolicy.Path {
		return nil
	}
	l.Policy, l.Level = aPolicy, classify.Level(2)
	return &l
}

// random makes summaries of all sorts.
type random struct{ *rand.Rand }

func (r random) word() string { return []string{"", "Name", "[]", "()", "x"}[r.IntN(5)] }

func (r random) item() Item {
	it := Item{At: path{r.word(), r.word(), r.word()}, Input: r.IntN(4) - 1, Path: inputPath{r.word(), r.word()}, Errd: r.IntN(2) == 0}
	if it.Input < 0 {
		it.Label = complete(labels.Label{Zone: "ward", Class: "2", Categories: []string{"name"}, Of: "p." + r.word(), Token: r.IntN(2) == 0}, aPolicy.Path)
		it.Via = r.word()
	}
	return it
}

func (r random) summary() *Summary {
	s := &Summary{}
	for range r.IntN(4) {
		var items []Item
		for range r.IntN(9) {
			items = append(items, r.item())
		}
		s.Results = append(s.Results, items)
	}
	for range r.IntN(9) {
		s.Stores = append(s.Stores, Store{r.IntN(4), inputPath{r.word(), r.word()}, r.IntN(2) == 0, r.item()})
		s.Calls = append(s.Calls, Call{r.IntN(4), inputPath{r.word(), r.word()}, r.IntN(3), r.item()})
		s.Sinks = append(s.Sinks, Exit{Input: r.IntN(4), Path: inputPath{r.word(), r.word()}, Class: "log", Mode: tables.Mode(r.IntN(5)), Errd: r.IntN(2) == 0, Where: "w" + r.word()})
	}
	return s
}

func (r random) shuffle(s *Summary) {
	for _, items := range s.Results {
		r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	}
	r.Shuffle(len(s.Stores), func(i, j int) { s.Stores[i], s.Stores[j] = s.Stores[j], s.Stores[i] })
	r.Shuffle(len(s.Calls), func(i, j int) { s.Calls[i], s.Calls[j] = s.Calls[j], s.Calls[i] })
	r.Shuffle(len(s.Sinks), func(i, j int) { s.Sinks[i], s.Sinks[j] = s.Sinks[j], s.Sinks[i] })
}

// TestFactsAreDeterministic: the same things, found in any order, are the same
// bytes, and what is read back is what was written.
func TestFactsAreDeterministic(t *testing.T) {
	r := random{rand.New(rand.NewPCG(3, 4))}
	for range 2000 {
		s := r.summary()
		s.sort()
		code := s.encode()
		for range 3 {
			r.shuffle(s)
			s.sort()
			if again := s.encode(); !bytes.Equal(code, again) {
				t.Fatalf("another order gives other bytes:\n%x\n%x", code, again)
			}
		}
		back, err := decode(code, complete)
		if err != nil {
			t.Fatal(err)
		}
		if again := back.encode(); !bytes.Equal(code, again) {
			t.Fatalf("written %x, read and written %x", code, again)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	s := random{rand.New(rand.NewPCG(5, 6))}.summary()
	s.sort()
	code := s.encode()
	for n := range code {
		if _, err := decode(code[:n], complete); err == nil {
			t.Errorf("the first %d of %d bytes are read as a summary", n, len(code))
		}
	}
	if _, err := decode(append(bytes.Clone(code), 0), complete); err == nil {
		t.Error("what stands behind a summary is passed over")
	}
}

func FuzzDecode(f *testing.F) {
	r := random{rand.New(rand.NewPCG(7, 8))}
	for range 4 {
		s := r.summary()
		s.sort()
		f.Add(s.encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(data, complete)
		if err != nil {
			return
		}
		again, err := decode(s.encode(), complete)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.encode(), again.encode()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestSets: joining sets is what it is for any sets.
func TestSets(t *testing.T) {
	in := newInterner()
	r := rand.New(rand.NewPCG(9, 10))
	make := func() set {
		var s set
		for range r.IntN(12) {
			s = in.union(s, in.prefix([]string{"a", "b"}[r.IntN(2)], in.of(atom{kind: input, input: r.IntN(20)})))
		}
		return s
	}
	for range 500 {
		a, b, c := make(), make(), make()
		if !cmp.Equal(in.union(a, b), in.union(b, a)) || !cmp.Equal(in.union(a, in.union(b, c)), in.union(in.union(a, b), c)) || !within(a, in.union(a, b)) {
			t.Fatalf("union of %v, %v, %v", a, b, c)
		}
		if got := in.part("z", in.prefix("z", a)); !cmp.Equal(got, a) {
			t.Fatalf("the part of %v as a part is %v", a, got)
		}
		if got := in.part("y", in.prefix("z", a)); len(got) != 0 {
			t.Fatalf("another part of %v is %v", a, got)
		}
	}
}

// TestLargeSets: of a set that is too large parts are not told apart, but
// nothing is lost.
func TestLargeSets(t *testing.T) {
	in := newInterner()
	var s set
	for i := range 150 {
		s = in.union(s, in.prefix(string(rune('a'+i%26)), in.of(atom{kind: input, input: i})))
	}
	held := map[int]bool{}
	for _, id := range s {
		_, a := in.get(id)
		held[a.input] = true
	}
	if len(held) != 150 || in.over {
		t.Errorf("%d of 150 inputs are left, over: %v", len(held), in.over)
	}
}

// TestPanicsAreSaidOnce: a function that the analysis cannot cope with is named
// once and passes nothing on; the others go on.
func TestPanicsAreSaidOnce(t *testing.T) {
	p := &Program{
		info:      &labels.Info{Policies: []*labels.Policy{aPolicy}},
		summaries: map[*ssa.Function]*Summary{}, broken: map[*ssa.Function]bool{},
	}
	f, g := new(ssa.Function), new(ssa.Function)
	ran := 0
	for range 3 {
		p.guard(f, func() { panic("beyond me") })
		p.guard(g, func() { ran++ })
	}
	if len(p.notices) != 1 || !strings.Contains(p.notices[0].Msg, "internal error: the function") || !strings.Contains(p.notices[0].Msg, "beyond me") {
		t.Errorf("notices: %v", p.notices)
	}
	if ran != 3 || p.summaries[f] == nil || !p.summaries[f].neutral() {
		t.Errorf("the other function ran %d times of 3; summary of the broken one: %v", ran, p.summaries[f])
	}
}
