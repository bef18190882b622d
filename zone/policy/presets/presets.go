package presets

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.yaml jp/*.yaml
var files embed.FS

// FS returns the presets as a file system, read-only: the preset "jp/alpha" is
// the file jp/alpha.yaml in it.
func FS() fs.FS { return files }

// Names returns the names of all presets, models and parts, sorted.
func Names() []string {
	var names []string
	_ = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(path, ".yaml"); ok && err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err // an embedded tree has none
	})
	slices.Sort(names)
	return names
}
