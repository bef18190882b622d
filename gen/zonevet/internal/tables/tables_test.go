package tables

import (
	"go/importer"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRowsAreRight(t *testing.T) {
	if _, err := New(Config{}); err != nil {
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
	table, err := New(Config{
		Entries: []Entry{
			{Package: `app\.example/.*`, Receiver: ".*", Names: "Scrub.*", Effects: "clean"},
			{Package: `app\.example/log`, Receiver: "", Names: "Say", Effects: "sink log 1.. print"},
		},
		Off: []string{"file"},
	})
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
		{"os", "", "WriteFile", ""},
		{"os", "", "Setenv", "sink exec 0"},
		{"app.example/clean", "T", "ScrubName", "clean"},
		{"app.example/log", "", "Say", "sink log 1"},
		{"crypto/sha256", "", "Sum256", ""},
	} {
		got := ""
		if effects, ok := table.Of(tt.pkg, tt.receiver, tt.name); ok && len(effects) > 0 {
			e := effects[0]
			got = map[Kind]string{Sink: "sink " + e.Class + " ", Flow: "flow ", Write: "write ", Wrap: "wrap ", Clean: "clean"}[e.Kind]
			if e.Kind != Clean {
				got += string(rune('0' + e.From.First()))
			}
		}
		if got != tt.want {
			t.Errorf("Of(%q, %q, %q) = %q, want %q", tt.pkg, tt.receiver, tt.name, got, tt.want)
		}
	}
	if diff := cmp.Diff(0, len(table.Unmatched())); diff != "" {
		t.Errorf("unmatched entries: %v", table.Unmatched())
	}
}

func TestUnmatchedEntries(t *testing.T) {
	e := Entry{Package: "nobody", Receiver: "", Names: "Nothing", Effects: "clean"}
	table, err := New(Config{Entries: []Entry{e}})
	if err != nil {
		t.Fatal(err)
	}
	table.Of("log", "", "Println")
	if diff := cmp.Diff([]Entry{e}, table.Unmatched()); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

func TestBadEntries(t *testing.T) {
	for _, e := range []Entry{
		{"(", "", "F", "clean"},
		{"p", "", "F", ""},
		{"p", "", "F", "leak 0"},
		{"p", "", "F", "sink log x print"},
		{"p", "", "F", "sink log 0 loud"},
		{"p", "", "F", "sink log 0 print more"},
		{"p", "", "F", "flow 0 r0"},
		{"p", "", "F", "sink log -1"},
	} {
		if _, err := New(Config{Entries: []Entry{e}}); err == nil {
			t.Errorf("New accepts %+v", e)
		}
	}
}
