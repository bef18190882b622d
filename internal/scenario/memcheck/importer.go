package memcheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Importer finds the compiled packages of one module and of everything that
// module may import. Load asks the go command once for many packages; what was
// loaded is kept.
//
// An Importer must not be used by several goroutines at once: packages read
// from export data complete themselves while they are looked at.
type Importer struct {
	dir     string
	files   map[string]string // import path to export file
	faults  map[string]string // import path to why there is no export file
	imports types.Importer
}

// NewImporter returns an importer for packages as seen from the module in
// folder dir. It does nothing until Load.
func NewImporter(fset *token.FileSet, dir string) *Importer {
	im := &Importer{dir: dir, files: make(map[string]string), faults: make(map[string]string)}
	im.imports = importer.ForCompiler(fset, "gc", im.open)
	return im
}

// Load compiles the packages with the given import paths, if the build cache
// does not have them, and remembers where they and their dependencies are. The
// error is about the go command itself; a package that does not compile is
// reported by the Import that wants it.
func (im *Importer) Load(paths ...string) error {
	var wanted []string
	for _, path := range paths {
		if _, known := im.files[path]; !known && path != "unsafe" && path != "C" {
			wanted = append(wanted, path)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	slices.Sort(wanted)
	args := append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export,Error", "--"}, slices.Compact(wanted)...)
	cmd := exec.Command("go", args...)
	cmd.Dir = im.dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && stdout.Len() == 0 {
		return fmt.Errorf("go list -export in %s: %w: %s", im.dir, err, strings.TrimSpace(stderr.String()))
	}
	return im.read(&stdout)
}

// read takes in the output of go list -json.
func (im *Importer) read(r io.Reader) error {
	dec := json.NewDecoder(r)
	for {
		var p struct {
			ImportPath string
			Export     string
			Error      *struct{ Err string }
		}
		if err := dec.Decode(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("output of go list -export: %w", err)
		}
		switch {
		case p.Export != "":
			im.files[p.ImportPath] = p.Export
		case p.Error != nil:
			im.faults[p.ImportPath] = p.Error.Err
		default:
			im.faults[p.ImportPath] = "nor does a package that it imports"
		}
	}
}

// Import returns the package with the given import path, as go/types asks for it.
func (im *Importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	return im.imports.Import(path)
}

// open is the look-up of the export data importer.
func (im *Importer) open(path string) (io.ReadCloser, error) {
	if file, ok := im.files[path]; ok {
		return os.Open(file)
	}
	if fault, ok := im.faults[path]; ok {
		first, _, _ := strings.Cut(strings.TrimPrefix(fault, "# "+path+"\n"), "\n")
		return nil, fmt.Errorf("package %s does not build: %s", path, first)
	}
	return nil, fmt.Errorf("package %s was not loaded", path)
}
