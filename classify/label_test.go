package classify_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
)

func TestScale(t *testing.T) {
	s, err := classify.NewScale("1", "2", "3C", "3B", "3A")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range s.Names() {
		want := classify.Level(i + 1)
		if got, ok := s.Level(name); !ok || got != want {
			t.Errorf("Level(%q) = %d, %v, want %d", name, got, ok, want)
		}
		if got := s.Name(want); got != name {
			t.Errorf("Name(%d) = %q, want %q", want, got, name)
		}
	}
	if s.Len() != 5 || s.Lowest() != 1 || s.Highest() != 5 {
		t.Errorf("Len, Lowest, Highest = %d, %d, %d, want 5, 1, 5", s.Len(), s.Lowest(), s.Highest())
	}
	if got, ok := s.Level("4"); ok || got != classify.Unknown {
		t.Errorf("Level of no level = %d, %v, want Unknown, false", got, ok)
	}
	for _, l := range []classify.Level{classify.Unknown, 6, 255} {
		if got := s.Name(l); got != "" {
			t.Errorf("Name(%d) = %q, want none", l, got)
		}
	}
	s.Names()[0] = "changed"
	if s.Name(1) != "1" {
		t.Error("Names hands out the names of the scale itself")
	}
	var zero classify.Scale
	if zero.Len() != 0 || zero.Lowest() != classify.Unknown || zero.Highest() != classify.Unknown || zero.Name(1) != "" {
		t.Error("the zero Scale has a level")
	}
}

func TestNewScaleErrors(t *testing.T) {
	many := make([]string, 256)
	for i := range many {
		many[i] = strings.Repeat("a", i%64+1)
	}
	for _, test := range []struct {
		names []string
		want  string
	}{
		{nil, "classify: a scale needs at least one level"},
		{many, "classify: scale has 256 levels: want at most 255"},
		{[]string{"1", ""}, `classify: level 2 is named "": want ` + nameRule},
		{[]string{"機密性1"}, `classify: level 1 is named "機密性1": want ` + nameRule},
		{[]string{"1", "2", "1"}, `classify: levels 1 and 3 are both named "1": want each name once`},
	} {
		if _, err := classify.NewScale(test.names...); err == nil || err.Error() != test.want {
			t.Errorf("NewScale(%.40q):\n got %v\nwant %s", test.names, err, test.want)
		}
	}
	most := make([]string, 255)
	for i := range most {
		most[i] = "l" + string(rune('a'+i%16)) + string(rune('a'+i/16))
	}
	if s, err := classify.NewScale(most...); err != nil || s.Highest() != 255 {
		t.Errorf("NewScale of 255 names: highest %d, %v, want 255", s.Highest(), err)
	}
}

// randomLabel returns a label as a policy would make it.
func randomLabel(r *rand.Rand) classify.Label {
	l := classify.Label{
		Class:        classify.Level(r.IntN(6)),
		Integrity:    classify.Level(r.IntN(3)),
		Availability: classify.Level(r.IntN(3)),
	}
	for _, c := range []string{"address", "birth-date", "name", "phone"} {
		if r.IntN(2) == 0 {
			l.Categories = append(l.Categories, c)
		}
	}
	return l
}

func TestJoinProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a, b, c := randomLabel(r), randomLabel(r), randomLabel(r)
		ab := a.Join(b)
		same := func(law string, x, y classify.Label) {
			t.Helper()
			if !x.Equal(y) || !cmp.Equal(x, y) {
				t.Fatalf("%s: %+v, %+v, %+v give %+v and %+v", law, a, b, c, x, y)
			}
		}
		same("commutative", ab, b.Join(a))
		same("associative", ab.Join(c), a.Join(b.Join(c)))
		same("idempotent", a.Join(a), a)
		same("identity", a.Join(classify.Label{}), a)
		if !ab.AtLeast(a) || !ab.AtLeast(b) {
			t.Fatalf("upper bound: %+v joined with %+v gives %+v", a, b, ab)
		}
		if c.AtLeast(a) && c.AtLeast(b) && !c.AtLeast(ab) {
			t.Fatalf("least: %+v is at least %+v and %+v, but not %+v", c, a, b, ab)
		}
		if a.AtLeast(b) != ab.Equal(a) {
			t.Fatalf("AtLeast and Join disagree on %+v and %+v", a, b)
		}
		if a.AtLeast(b) && b.AtLeast(a) && !a.Equal(b) {
			t.Fatalf("antisymmetric: %+v and %+v", a, b)
		}
		if a.AtLeast(b) && b.AtLeast(c) && !a.AtLeast(c) {
			t.Fatalf("transitive: %+v, %+v, %+v", a, b, c)
		}
		if !slices.IsSorted(ab.Categories) {
			t.Fatalf("categories of %+v are not sorted", ab)
		}
	}
}

// TestJoinDoesNotAlias: a join that shared memory would change its arguments
// when somebody appends to it.
func TestJoinDoesNotAlias(t *testing.T) {
	a := classify.Label{Class: 1, Categories: append(make([]string, 0, 8), "name", "phone")}
	j := a.Join(classify.Label{Class: 2})
	j.Categories[0] = "changed"
	_ = append(j.Categories, "more")
	if !reflect.DeepEqual(a.Categories, []string{"name", "phone"}) {
		t.Errorf("categories of the argument are now %v", a.Categories)
	}
}

func TestLabelUnsorted(t *testing.T) {
	a := classify.Label{Categories: []string{"phone", "name", "phone"}}
	b := classify.Label{Categories: []string{"name", "phone"}}
	if !a.Equal(b) {
		t.Error("the order of categories matters to Equal")
	}
	if diff := cmp.Diff(b, a.Join(a)); diff != "" {
		t.Errorf("Join does not sort (-want +got):\n%s", diff)
	}
	if b.AtLeast(classify.Label{Categories: []string{"address"}}) {
		t.Error("a label is at least one with another category")
	}
}

func TestAction(t *testing.T) {
	names := []string{"pass", "generalise", "mask", "token", "encrypt", "drop", "refuse"}
	for i, name := range names {
		a, err := classify.ParseAction(name)
		if err != nil || a != classify.Action(i+1) || a.String() != name {
			t.Errorf("ParseAction(%q) = %d (%v), %v, want %d", name, a, a, err, i+1)
		}
		text, err := json.Marshal(a)
		if err != nil || string(text) != `"`+name+`"` {
			t.Errorf("JSON of %v: %s, %v", a, text, err)
		}
		var back classify.Action
		if err := json.Unmarshal(text, &back); err != nil || back != a {
			t.Errorf("JSON %s gives %v, %v", text, back, err)
		}
	}
	for _, a := range []classify.Action{classify.ActionUnknown, 8, 255} {
		if a.String() != "unknown" {
			t.Errorf("Action(%d) is %q, want unknown", uint8(a), a)
		}
		if text, err := a.MarshalText(); err == nil {
			t.Errorf("Action(%d) marshals to %q", uint8(a), text)
		}
	}
	a := classify.ActionDrop
	const want = `classify: unknown action "Pass": want pass, generalise, mask, token, encrypt, drop or refuse`
	if err := a.UnmarshalText([]byte("Pass")); err == nil || err.Error() != want || a != classify.ActionDrop {
		t.Errorf("UnmarshalText(Pass): %v, %v, want %s", a, err, want)
	}
}

func TestStricter(t *testing.T) {
	for a := classify.ActionUnknown; a <= classify.ActionRefuse; a++ {
		for b := classify.ActionUnknown; b <= classify.ActionRefuse; b++ {
			if got := classify.Stricter(a, b); got != max(a, b) {
				t.Errorf("Stricter(%v, %v) = %v, want %v", a, b, got, max(a, b))
			}
		}
		if got := classify.Stricter(a, 99); got != classify.ActionRefuse {
			t.Errorf("Stricter(%v, 99) = %v, want refuse", a, got)
		}
	}
}
