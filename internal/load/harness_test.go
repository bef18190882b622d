package load_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/load"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

var update = flag.Bool("update", false, "write what was found into the archives of testdata")

const zonesPath = "example.com/app/zones"

// testPolicy is small and not Japanese: a hospital, its laboratory, the public.
func testPolicy() *policy.Policy {
	all := func(actions ...classify.Action) (rules []policy.Rule) {
		for i, class := range []string{"public", "internal", "secret"} {
			rules = append(rules, policy.Rule{Class: class, Action: actions[i]})
		}
		return rules
	}
	pass, drop := classify.ActionPass, classify.ActionDrop
	return &policy.Policy{
		Format: policy.Format, Name: "hospital",
		Classes: []string{"public", "internal", "secret"},
		Categories: []policy.Category{
			{Name: "birth-date", Class: "secret", Generalise: "age-band-5"},
			{Name: "name", Class: "secret"},
			{Name: "patient-number", Class: "secret"},
			{Name: "phone", Class: "internal", Mask: "last4"},
		},
		Zones: []policy.Zone{
			{Name: "ward", Go: "Ward", Holds: "secret"},
			{Name: "lab", Go: "Lab", Holds: "internal", Carries: "secret"},
			{Name: "open", Go: "Open", Holds: "public"},
		},
		Routes: []policy.Route{
			{From: "ward", To: "lab", Rules: append(all(pass, pass, classify.ActionEncrypt),
				policy.Rule{Category: "patient-number", Action: classify.ActionToken, As: "internal"})},
			{Name: "press-office", From: "ward", To: "open", Rules: all(pass, drop, drop)},
			{From: "lab", To: "ward", Rules: all(pass, pass, pass)},
		},
	}
}

// zonesSource is the zones package of a policy, as far as labelled types need
// it.
func zonesSource(p *policy.Policy) []byte {
	var b strings.Builder
	b.WriteString("//go:build !sekisho_gen\n\npackage zones\n\nimport \"github.com/sekisho-go/sekisho/zone\"\n")
	for _, z := range p.Zones {
		fmt.Fprintf(&b, "\ntype %s struct{}\n\nfunc (%s) ZoneName() string { return %q }\n", z.Go, z.Go, z.Name)
	}
	for i := range p.Routes {
		r := &p.Routes[i]
		from, _ := p.Zone(r.From)
		to, _ := p.Zone(r.To)
		name := goname.RouteType(p, r)
		fmt.Fprintf(&b, "\ntype %s struct{ zone.Road[%s, %s] }\n\nfunc (%s) RouteName() string { return %q }\n", name, from.Go, to.Go, name, r.Key())
	}
	return []byte(b.String())
}

// module is a fixture on disk.
type module struct {
	dir     string
	archive *txtar.Archive
	cfg     load.Config
}

// newModule writes the files of an archive into a new folder, as the module
// example.com/app. Folders ext/NAME become modules example.com/NAME that it
// requires. The file
// patterns holds patterns other than ./..., types.json the types section of the
// policy; files
// below overlay/ exist in the overlay alone.
func newModule(t testing.TB, a *txtar.Archive) *module {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := testPolicy()
	m := &module{dir: dir, archive: a, cfg: load.Config{
		Dir: dir, Patterns: []string{"./..."}, Policy: p, ZonesPath: zonesPath,
		Overlay: map[string][]byte{filepath.Join(dir, "zones", "zone_gen.go"): zonesSource(p)},
		Env:     append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off"),
	}}
	ext := map[string]bool{}
	for _, f := range a.Files {
		switch {
		case f.Name == "patterns":
			m.cfg.Patterns = strings.Fields(string(f.Data))
		case f.Name == "types.json":
			m.labelTypes(t, f.Data)
		case strings.HasPrefix(f.Name, "want"):
		case strings.HasPrefix(f.Name, "overlay/"):
			m.cfg.Overlay[filepath.Join(dir, strings.TrimPrefix(f.Name, "overlay/"))] = f.Data
		default:
			if parts := strings.Split(f.Name, "/"); parts[0] == "ext" {
				ext[parts[1]] = true
			}
			write(t, filepath.Join(dir, f.Name), f.Data)
		}
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(mod), "module github.com/sekisho-go/sekisho", "module example.com/app", 1)
	text += "\nrequire github.com/sekisho-go/sekisho v0.0.0\nreplace github.com/sekisho-go/sekisho => " + root + "\n"
	for _, name := range slices.Sorted(keys(ext)) {
		text += fmt.Sprintf("require example.com/%s v0.0.0\nreplace example.com/%s => ./ext/%s\n", name, name, name)
		own := fmt.Sprintf("module example.com/%s\n\ngo 1.26.0\n", name)
		for other := range ext {
			if strings.Contains(string(archiveText(a, "ext/"+name)), `"example.com/`+other+`"`) {
				own += fmt.Sprintf("require example.com/%s v0.0.0\n", other)
			}
		}
		write(t, filepath.Join(dir, "ext", name, "go.mod"), []byte(own))
	}
	write(t, filepath.Join(dir, "go.mod"), []byte(text))
	write(t, filepath.Join(dir, "go.sum"), sum)
	return m
}

func keys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func archiveText(a *txtar.Archive, prefix string) []byte {
	var out []byte
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, prefix+"/") {
			out = append(out, f.Data...)
		}
	}
	return out
}

// labelTypes reads the types section of the policy. Positions are made up: a
// line for each entry and field.
func (m *module) labelTypes(t testing.TB, data []byte) {
	t.Helper()
	if err := json.Unmarshal(data, &m.cfg.Policy.Types); err != nil {
		t.Fatal(err)
	}
	line := 0
	pos := func() policy.Pos {
		line++
		return policy.Pos{File: filepath.Join(m.dir, "sekisho.yaml"), Line: line, Col: 5}
	}
	for i := range m.cfg.Policy.Types {
		entry := &m.cfg.Policy.Types[i]
		entry.Pos = pos()
		for j := range entry.Fields {
			entry.Fields[j].Pos = pos()
		}
	}
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func (m *module) load(t testing.TB) *load.Result {
	t.Helper()
	r, err := load.Load(context.Background(), m.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// archives returns the names of the archives of a kind.
func archives(t *testing.T, kind string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", kind, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in testdata/%s: %v", kind, err)
	}
	return names
}

// want returns the file of an archive that holds what is wanted.
func want(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// setWant puts what was found into the archive.
func setWant(t *testing.T, file string, a *txtar.Archive, name, got string) {
	t.Helper()
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	if got != "" {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got)})
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
		t.Fatal(err)
	}
}

// describe writes a result down, without what depends on the machine.
func (m *module) describe(r *load.Result) string {
	var b strings.Builder
	for _, p := range r.Packages {
		if len(p.Types) == 0 && len(p.Scalars) == 0 && p.Zone == "" {
			continue
		}
		fmt.Fprintf(&b, "package %s%s%s -> %s\n", p.Path, flagged(!p.Root, " (not asked for)"), flagged(p.Zone != "", " in "+p.Zone), m.rel(p.GeneratedFile))
		for _, s := range p.Scalars {
			fmt.Fprintf(&b, "  scalar %s: %s\n", s.Name, s.Tag)
		}
		for _, t := range p.Types {
			m.describeType(&b, t)
		}
	}
	for _, t := range r.Foreign {
		m.describeType(&b, t)
	}
	return b.String()
}

func (m *module) describeType(b *strings.Builder, t *model.Type) {
	fmt.Fprintf(b, "  type %s", t.Name)
	if t.Foreign {
		fmt.Fprintf(b, " of %s, labelled by the policy", t.PkgPath)
	} else {
		fmt.Fprintf(b, " in %s", t.Home)
	}
	if t.HasViews {
		fmt.Fprintf(b, ", views %v", t.Views)
	}
	if t.Generated {
		b.WriteString(", generated")
	}
	b.WriteString("\n")
	for _, f := range t.Fields {
		tag := "-"
		if f.HasTag {
			tag = f.Tag.String()
		}
		fmt.Fprintf(b, "    %s%s%s [%s%s] %s\n", flagged(f.Embedded, "embedded "), f.Name, flagged(!f.Exported, " (unexported)"),
			flagged(f.Inherited, "inherited "), tag, shapeText(f.Shape))
	}
}

func flagged(b bool, s string) string {
	if b {
		return s
	}
	return ""
}

// shapeText writes a shape down; a shape that contains itself is spelt once.
func shapeText(s *model.Shape) string {
	seen := map[*model.Shape]bool{}
	var text func(s *model.Shape) string
	text = func(s *model.Shape) string {
		name := types.TypeString(s.Type, func(p *types.Package) string { return p.Name() })
		if seen[s] {
			return "again " + name
		}
		seen[s] = true
		defer delete(seen, s)
		out := flagged(s.Recursive, "recursive ") + s.Kind.String()
		switch s.Kind {
		case model.Pointer, model.Slice:
			return out + " of " + text(s.Elem)
		case model.Array:
			return fmt.Sprintf("%s[%d] of %s", out, s.Len, text(s.Elem))
		case model.Map:
			return out + " from " + text(s.Key) + " to " + text(s.Elem)
		case model.Struct:
			var fields []string
			for _, f := range s.Fields {
				fields = append(fields, f.Name+": "+text(f.Shape))
			}
			return out + " " + name + " {" + strings.Join(fields, "; ") + "}"
		case model.Token:
			return out + " for " + s.Route
		case model.Sealed:
			return out + " in " + s.SealedZone + flagged(s.Labelled != nil, ", labelled")
		case model.Refused:
			return out + ": " + s.Why
		case model.Labelled:
			return out + " " + s.Labelled.Name
		}
		return out + " " + name
	}
	return text(s)
}

// complaints writes the problems of a result down.
func (m *module) complaints(r *load.Result) string {
	var b strings.Builder
	line := func(kind string, d model.Diagnostic) {
		fmt.Fprintf(&b, "%s:%d:%d: %s%s: %s [%s]\n", m.rel(d.Pos.Filename), d.Pos.Line, d.Pos.Column, kind, d.Path, d.Msg, d.Remedy)
	}
	for _, d := range r.Diagnostics {
		line("", d)
	}
	for _, u := range r.Unresolved {
		line("unresolved ", u.Diagnostic)
	}
	return b.String()
}

var goroot = regexp.MustCompile(`^.*/src/`)

func (m *module) rel(name string) string {
	if rel, err := filepath.Rel(m.dir, name); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return goroot.ReplaceAllString(name, "")
}
