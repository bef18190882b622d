package houserules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// law bounds what the packages of a pattern link: everything they import, and
// what that imports. Patterns that begin with "./" are packages of this module.
type law struct {
	who    string
	except string   // patterns of packages below who that the law spares
	only   []string // if not nil: what may be linked, besides the standard library
	never  []string // what may not be linked
	direct bool     // look at the package's own imports only
	why    string
}

// buildTime is what an application must not link.
var buildTime = []string{
	"./gen/...", "./internal/...", "golang.org/x/tools/...", "golang.org/x/mod/modfile",
	"github.com/dave/jennifer/...", "go.yaml.in/yaml/...",
	"github.com/santhosh-tekuri/jsonschema/...", "github.com/google/go-cmp/...",
}

// runTimeInternal is what of internal an application may link all the same: small
// packages for run time that two rooms need.
var runTimeInternal = []string{"./internal/flock"}

var laws = []law{
	{
		who: "./classify/...", only: []string{"./classify/..."},
		why: "classify is a leaf on the standard library: what data is must be sayable in every program, also where nobody wants our other dependencies",
	},
	{
		who: "./crypto/...",
		only: []string{"./crypto/...", "./internal/flock", "github.com/tink-crypto/tink-go/v2/...",
			"google.golang.org/protobuf/...", "golang.org/x/crypto/...", "golang.org/x/sys/..."},
		why: "crypto is a leaf on Tink: the people who review it must not have to read anything else, and no cipher comes from anywhere else",
	},
	{
		who: "./crypto/...", only: []string{"./crypto/...", "./internal/flock", "github.com/tink-crypto/tink-go/v2/..."}, direct: true,
		why: "crypto calls Tink and nothing beneath it: what stands beneath Tink is Tink's own choice",
	},
	{
		who: "./zone/wire", only: []string{"./zone/wire"},
		why: "zone/wire reads bytes from outside: it stays small enough to fuzz whole",
	},
	{
		who: "./zone/policy/...", only: []string{"./zone/policy/...", "./classify/..."},
		why: "zone/policy decides, and the tools decide with the same code: it may know what data is, not how it travels",
	},
	{
		who: "./zone", only: []string{"./zone", "./zone/policy/...", "./zone/wire", "./zone/internal/...", "./classify/...", "./crypto/...", "./internal/flock",
			"github.com/tink-crypto/tink-go/v2/...", "google.golang.org/protobuf/...", "golang.org/x/crypto/...", "golang.org/x/sys/..."},
		why: "zone stands on classify and crypto, and on nothing else: what stands on zone must never be needed to cross",
	},
	{
		who: "./zone/...", except: "./zone/zonetest/zonecmp", never: buildTime,
		why: "run time never imports build time: an application links neither the generator nor a YAML parser nor a test library",
	},
	{
		who: "./classify/...", never: buildTime,
		why: "run time never imports build time",
	},
	{
		who: "./crypto/...", never: buildTime,
		why: "run time never imports build time",
	},
	{
		who: "./examples/...", never: buildTime,
		why: "a program that imports only generated code and the run time links no build time; and what an example imports, a user must be able to import",
	},
	{
		who: "./zone/...", except: "./zone/zonetest/...", never: []string{"testing", "go/ast", "go/types", "go/parser", "flag"},
		why: "run-time packages bring no tools of the build, and no flags, into somebody's program",
	},
	{
		who: "./...", except: "./internal/... ./zone/zonetest/zonecmp", never: []string{"github.com/google/go-cmp/...", "github.com/santhosh-tekuri/jsonschema/..."},
		why: "these two are for tests",
	},
}

// doors are packages that undo a guarantee, with those who may import them and
// why. Nobody else may; tests may.
var doors = []struct {
	door    string
	who     string // for whom the door is shut
	why     string
	through map[string]string // importer to reason
}{
	{"unsafe", "./...", "closed values are closed because nobody reads around their types", nil},
	{"reflect", "./classify/...", "labels are types: what a value is, the compiler knows", nil},
	{"reflect", "./crypto/...", "closed values are closed because nobody reads around their types", nil},
	{"reflect", "./zone/...", "nothing is decided at run time that could be decided at generate time",
		map[string]string{"./zone/zonetest/zonecmp": "go-cmp is reflection, and only tests link it"}},
	{"./zone/parcel/inclear", "./...", "what is in a parcel comes out as a view of its zone; this package gives it as JSON and bytes",
		map[string]string{"./internal/command": "the command knows the views of no policy"}},
	{"./crypto/byname", "./...", "code that cannot name a zone's type cannot name its keys; this package gets them by a string",
		map[string]string{"./internal/command": "the command serves every policy and knows the zone types of none"}},
	{"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset", "./...", "keys are never in the clear outside memory", nil},
	{"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess", "./...", "keys are never in the clear outside memory", nil},
	{"github.com/tink-crypto/tink-go/v2/testkeyset", "./...", "keys are never in the clear outside memory", nil},
}

func full(pattern string) string {
	if rest, ok := strings.CutPrefix(pattern, "./"); ok {
		return module + "/" + rest
	}
	return pattern
}

func matchesAny(importPath string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return within(importPath, full(p)) })
}

// breaches returns every package that breaks the law, with the chain of imports
// that does it.
func (l law) breaches(list map[string]*goPackage) []string {
	var problems []string
	for _, p := range sorted(list) {
		if !within(p.ImportPath, full(l.who)) || matchesAny(p.ImportPath, strings.Fields(l.except)) {
			continue
		}
		allowed := func(q string) bool {
			if matchesAny(q, l.never) && !matchesAny(q, runTimeInternal) {
				return false
			}
			dep := list[q]
			return l.only == nil || dep == nil || dep.Standard || q == "C" || matchesAny(q, l.only)
		}
		if chain := l.chain(list, p, allowed); chain != nil {
			problems = append(problems, fmt.Sprintf("%s must not link %s\n\tit does by way of %s", short(p.ImportPath), short(chain[len(chain)-1]), shortChain(chain)))
		}
	}
	return problems
}

// chain returns the shortest way from p to something that is not allowed.
func (l law) chain(list map[string]*goPackage, p *goPackage, allowed func(string) bool) []string {
	from := map[string]string{p.ImportPath: ""}
	queue := []string{p.ImportPath}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		dep := list[at]
		if dep == nil || (l.direct && at != p.ImportPath) {
			continue
		}
		for _, next := range dep.Imports {
			if _, seen := from[next]; seen {
				continue
			}
			from[next] = at
			if !allowed(next) {
				chain := []string{next}
				for q := at; q != ""; q = from[q] {
					chain = append(chain, q)
				}
				slices.Reverse(chain)
				return chain
			}
			queue = append(queue, next)
		}
	}
	return nil
}

func sorted(list map[string]*goPackage) []*goPackage {
	return slices.SortedFunc(maps.Values(list), func(a, b *goPackage) int { return strings.Compare(a.ImportPath, b.ImportPath) })
}

// short gives an import path as a reader of this repository would.
func short(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

func shortChain(chain []string) string {
	var names []string
	for _, c := range chain {
		names = append(names, short(c))
	}
	return strings.Join(names, " → ")
}

func TestImportLaw(t *testing.T) {
	list := allPackages(t)
	for _, l := range laws {
		t.Run(l.who, func(t *testing.T) { report(t, l.why, l.breaches(list)) })
	}
}

// TestImportLawIsNotStale finds patterns that match nothing: a law about a
// package that has moved protects nobody.
func TestImportLawIsNotStale(t *testing.T) {
	list := allPackages(t)
	exists := func(pattern string) bool {
		for importPath := range list {
			if within(importPath, full(pattern)) {
				return true
			}
		}
		return false
	}
	named := make(map[string]bool)
	for _, l := range laws {
		named[l.who] = true
		for _, p := range append(slices.Clone(l.never), l.only...) {
			named[p] = true
		}
	}
	for p := range named {
		if !exists(p) {
			t.Errorf("a law names %s, but nothing in this module or its tests links that", p)
		}
	}
	for _, d := range doors {
		for importer := range d.through {
			if p := list[full(importer)]; p == nil || !slices.Contains(p.Imports, full(d.door)) {
				t.Errorf("%s may import %s, but does not: take it off the list", importer, d.door)
			}
		}
	}
}

func TestDoors(t *testing.T) {
	list := allPackages(t)
	for _, d := range doors {
		t.Run(d.who+" to "+d.door, func(t *testing.T) {
			var problems []string
			for _, p := range list {
				if _, may := d.through["./"+short(p.ImportPath)]; within(p.ImportPath, full(d.who)) && !may && slices.Contains(p.Imports, full(d.door)) {
					problems = append(problems, fmt.Sprintf("%s imports %s and is not on its list", short(p.ImportPath), d.door))
				}
			}
			report(t, d.why, problems)
		})
	}
}

func TestImportLawFindsBreaches(t *testing.T) {
	list := make(map[string]*goPackage)
	for importPath, imports := range map[string][]string{
		"fmt":                           nil,
		"other.example/x":               {"golang.org/x/tools/go/ast"},
		"golang.org/x/tools/go/ast":     nil,
		module + "/classify":            {"fmt"},
		module + "/classify/jp":         {module + "/classify", "other.example/x"},
		module + "/zone":                {module + "/zone/policy"},
		module + "/zone/policy":         {"other.example/x"},
		module + "/internal/houserules": {"golang.org/x/tools/go/ast"},
	} {
		list[importPath] = &goPackage{ImportPath: importPath, Imports: imports, Standard: importPath == "fmt"}
	}
	expect(t, law{who: "./classify/...", only: []string{"./classify/..."}}.breaches(list), "classify/jp must not link other.example/x")
	expect(t, law{who: "./zone", never: buildTime}.breaches(list), "by way of zone → zone/policy → other.example/x → golang.org/x/tools/go/ast")
	expect(t, law{who: "./zone/...", except: "./zone/policy", never: buildTime, direct: true}.breaches(list))
}
