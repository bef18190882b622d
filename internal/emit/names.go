package emit

import (
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/plan"
)

// importName says what a package is called. It keeps that name in the
// generated file unless the name is taken: by another import, by a declaration
// of the package that is written, or by a variable of the generated code.
func (f *file) importName(path, name string) {
	if _, known := f.imports[path]; known || path == f.path {
		return
	}
	alias := name
	for n := 1; f.importTaken(alias); n++ {
		alias = name + "pkg"
		if n > 1 {
			alias += strconv.Itoa(n)
		}
	}
	f.imports[path] = alias
	if alias == name && name == plainName(path) {
		f.ImportName(path, name)
	} else {
		f.ImportAlias(path, alias)
	}
}

func (f *file) importTaken(name string) bool {
	if isLocal(name) || f.pkg != nil && f.pkg.Taken(name) {
		return true
	}
	for _, other := range f.imports {
		if other == name {
			return true
		}
	}
	return false
}

// free returns a name at the top of the file that nothing else has, the one
// wanted if possible. The key is what the name is for: the same key gets the
// same name again.
func (f *file) free(key string, wanted ...string) []string {
	if given := f.names[key]; given != nil {
		return given
	}
	taken := func(name string) bool { return f.ownNames[name] || f.pkg != nil && f.pkg.Taken(name) }
	names := slices.Clone(wanted)
	for n := 2; slices.ContainsFunc(names, taken); n++ {
		for i := range names {
			names[i] = wanted[i] + strconv.Itoa(n)
		}
	}
	for _, name := range names {
		f.ownNames[name] = true
	}
	f.names[key] = names
	return names
}

// localNames are the variables and parameters of generated code.
var localNames = []string{"v", "x", "w", "r", "s", "p", "u", "out", "err", "id", "kept", "text", "same", "verb", "part", "value", "changed", "done"}

// numberedNames are those of which there may be several: in loops, one for
// each depth.
var numberedNames = []string{"i", "k", "e", "n", "arrived", "key"}

// isLocal reports whether generated code may use a name for a variable, or Go
// for something of its own.
func isLocal(name string) bool {
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil || slices.Contains(localNames, name) ||
		slices.Contains(numberedNames, strings.TrimRight(name, "0123456789"))
}

// partName is the variable that holds a nested record: named after its type,
// unless that would hide something that is still needed.
func (f *file) partName(of *plan.Record, transit string) string {
	name := goname.LowerFirst(of.Name)
	hidden := name == transit || f.importTaken(name)
	if isLocal(name) || hidden {
		return "part"
	}
	return name
}
