package tables

import (
	"go/importer"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestRowsAreRight(t *testing.T) {
	if _, err := New(); err != nil {
		t.Fatal(err)
	}
}

// TestStandardRowsExist: a row about a function that is not there says nothing,
// and nobody would notice.
func TestStandardRowsExist(t *testing.T) {
	im := importer.ForCompiler(token.NewFileSet(), "gc", nil)
	for _, e := range standard {
		pkg, err := im.Import(e.Package)
		if err != nil {
			t.Errorf("%s: %v", e.Package, err)
			continue
		}
		for _, name := range strings.Fields(e.Names) {
			if !exists(pkg, e.Receiver, name) {
				t.Errorf("%s has no %s.%s", e.Package, e.Receiver, name)
			}
		}
	}
}

func exists(pkg *types.Package, receiver, name string) bool {
	method := func(typ, name string) bool {
		obj, ok := pkg.Scope().Lookup(typ).(*types.TypeName)
		if !ok {
			return false
		}
		m, _, _ := types.LookupFieldOrMethod(types.NewPointer(obj.Type()), false, pkg, name)
		if m == nil {
			m, _, _ = types.LookupFieldOrMethod(obj.Type(), false, pkg, name)
		}
		return m != nil || name == "*"
	}
	if receiver == "" {
		return name == "*" || pkg.Scope().Lookup(name) != nil
	}
	if receiver != "*" {
		return method(receiver, name)
	}
	if name == "*" || pkg.Scope().Lookup(name) != nil {
		return true
	}
	for _, typ := range pkg.Scope().Names() {
		if method(typ, name) {
			return true
		}
	}
	return false
}

func TestOf(t *testing.T) {
	table, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		pkg, receiver, name, want string
	}{
		{"log", "", "Printf", "sink log 0"},
		{"log", "Logger", "Println", "sink log 0"},
		{"strings", "", "ToUpper", "flow 0"},
		{"strings", "Builder", "WriteString", "write 0"},
		{"strings", "Builder", "Len", ""},
		{"k8s.io/klog/v2", "", "Infof", "sink log 0"},
		{"gopkg.in/yaml.v3", "", "Marshal", ""},
		{"github.com/aws/aws-sdk-go-v2/service/s3", "Client", "PutObject", "sink cloud 0"},
		{"github.com/aws/aws-sdk-go-v2/aws", "", "String", "flow 0"},
		{"os", "", "Setenv", "sink exec 0"},
		{"crypto/sha256", "", "Sum256", ""},
	} {
		effects, _ := table.Of(tt.pkg, tt.receiver, tt.name)
		if got := first(effects); got != tt.want {
			t.Errorf("Of(%q, %q, %q) = %q, want %q", tt.pkg, tt.receiver, tt.name, got, tt.want)
		}
	}
}

// first describes the first effect of a list.
func first(effects []Effect) string {
	if len(effects) == 0 {
		return ""
	}
	e := effects[0]
	switch e.Kind {
	case Clean:
		return "clean " + e.As
	case Source:
		return "source " + e.Label
	case Sink:
		return "sink " + e.Class + e.Zone + " " + strconv.Itoa(e.From.First())
	case Flow:
		return "flow " + strconv.Itoa(e.From.First())
	}
	return "write " + strconv.Itoa(e.From.First())
}

func TestTold(t *testing.T) {
	table, err := New(policy.Vet{
		Sources:     []policy.VetSource{{Callee: policy.Callee{Package: "app.example/db", Receiver: "DB", Function: "Name"}, Label: "name"}},
		Sinks:       []policy.VetSink{{Callee: policy.Callee{Package: "app.example/...", Receiver: "*", Matching: "^Emit.*$"}, Args: []int{1}, Sink: "log"}, {Callee: policy.Callee{Package: "app.example/print", Function: "Letter"}, Zone: "ward"}},
		Propagators: []policy.VetPropagator{{Callee: policy.Callee{Package: "app.example/text", Function: "Pad"}, Args: []int{policy.ReceiverArg, 2}}},
		Cleaners:    []policy.VetCleaner{{Callee: policy.Callee{Package: "app.example/text", Function: "Hash"}, As: "1", Reason: "keyed"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		pkg, receiver, name, want string
	}{
		{"app.example/db", "DB", "Name", "source name"},
		{"app.example/db", "", "Name", ""},
		{"app.example/log", "Any", "EmitAll", "sink log 1"},
		{"app.example/print", "", "Letter", "sink ward 0"},
		{"app.example/text", "", "Pad", "flow -1"},
		{"app.example/text", "", "Hash", "clean 1"},
		{"log", "", "Print", ""},
	} {
		if got := first(table.Told(tt.pkg, tt.receiver, tt.name)); got != tt.want {
			t.Errorf("Told(%q, %q, %q) = %q, want %q", tt.pkg, tt.receiver, tt.name, got, tt.want)
		}
	}
	want := []policy.Callee{{Package: "app.example/text", Function: "Pad"}}
	if diff := cmp.Diff(want, table.Unmatched("app.example/text", [][2]string{{"", "Hash"}, {"T", "Pad"}})); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
	if list := table.Unmatched("log", nil); len(list) > 0 {
		t.Errorf("unmatched in another package: %v", list)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "leak 0", "sink log x print", "sink log 0 loud", "sink log 0 print more", "flow 0 r0", "sink log -1", "wrap", "write R"} {
		if _, err := parse(text); err == nil {
			t.Errorf("parse accepts %q", text)
		}
	}
}
