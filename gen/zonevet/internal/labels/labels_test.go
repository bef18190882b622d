package labels_test

import (
	"fmt"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// fixtures are those of the check leak: it has the types.
func fixtures(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../leak/testdata")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// reports passes over facts, which analysistest wants to read about in comments
// too.
type reports struct{ *testing.T }

func (r reports) Errorf(format string, args ...any) {
	if msg := fmt.Sprintf(format, args...); !strings.Contains(msg, "unexpected fact: ") {
		r.T.Error(msg)
	}
}

func TestReports(t *testing.T) {
	analysistest.Run(reports{t}, fixtures(t), labels.Analyzer, "other.example/...")
}

// look returns what the analyzer finds out about a package.
func look(t *testing.T, path string) (*labels.Info, *types.Package) {
	t.Helper()
	for _, r := range analysistest.Run(reports{t}, fixtures(t), labels.Analyzer, path) {
		if !strings.HasSuffix(r.Pass.Pkg.Path(), ".test") {
			return r.Result.(*labels.Info), r.Pass.Pkg
		}
	}
	t.Fatalf("no result for %s", path)
	return nil, nil
}

func TestLeaves(t *testing.T) {
	info, pkg := look(t, "app.example/shapes")
	person := []string{"people.Person.Birth 3", "people.Person.Name 3", "people.Person.Tags 3", "people.Person.Amount 2", "people.Person.Phone 2", "people.Person.City 1"}
	raw := []string{"people.Raw.Name 3", "people.Raw.City 1"}
	for _, tt := range []struct {
		name string
		want []string
	}{
		{"Pointer", raw}, {"Slice", raw}, {"Array", raw}, {"Map", raw}, {"Chan", raw}, {"Nested", raw}, {"Embedding", raw}, {"Instance", raw}, {"Atomic", raw},
		{"Redefined", []string{"shapes.Redefined.Name 3", "shapes.Redefined.City 1"}},
		{"Alias", raw},
		{"Person", person},
		{"Scalars", []string{"people.Nickname 3"}},
		{"Recursive", []string{"shapes.Recursive.Name 3"}},
		{"Mutual", []string{"shapes.Partner.Name 3"}},
		{"Foreign", []string{"pb.Citizen.FullName 3"}},
		{"Closed", nil}, {"Sealed", nil}, {"Nothing", nil}, {"Phantom", nil},
	} {
		obj := pkg.Scope().Lookup(tt.name)
		if obj == nil {
			t.Errorf("the fixture has no type %s", tt.name)
			continue
		}
		var got []string
		for _, l := range info.Leaves(obj.Type()) {
			got = append(got, l.Of+" "+l.Class)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		again := info.Leaves(obj.Type())
		if !slices.IsSortedFunc(again, labels.Higher) {
			t.Errorf("%s: not in order", tt.name)
		}
	}
}

func TestStruct(t *testing.T) {
	info, pkg := look(t, "app.example/shapes")
	s := info.Struct(pkg.Scope().Lookup("Redefined").Type())
	if s == nil || s.Zone != "ward" || s.Foreign || s.Name() != "shapes.Redefined" || s.Policy.Name != "fixture" {
		t.Fatalf("Redefined is %+v", s)
	}
	if got := s.Labels[1]; got.String() != "name, class 3" || got.Zone != "ward" {
		t.Errorf("its name is %s in %s", got, got.Zone)
	}
	if s := info.Struct(pkg.Scope().Lookup("Nested").Type()); s != nil {
		t.Errorf("a struct without a home is labelled: %+v", s)
	}
	for sink, want := range map[string]string{"log": "1", "file": "2", "test": "3", "other": "1"} {
		if class, level := s.Policy.Ceiling(sink); class != want || int(level) != int(want[0]-'0') {
			t.Errorf("the ceiling of %s is %s (%d), want %s", sink, class, level, want)
		}
	}
}
