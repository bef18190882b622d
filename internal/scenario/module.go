package scenario

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// repository is the module that the scenarios stand on.
type repository struct {
	root string        // absolute folder
	mod  *modfile.File // its go.mod
	sum  []byte        // its go.sum
}

// openRepository reads the module files in root. An empty root is searched for
// from the working folder upwards.
func openRepository(root string) (*repository, error) {
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		for root = dir; ; root = filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				return nil, fmt.Errorf("no go.mod in %s or above it", dir)
			}
		}
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(root, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(name, data, nil)
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return &repository{root: root, mod: mod, sum: sum}, nil
}

// goMod returns a module file that requires this repository and all that it
// requires. A present file keeps its module path, its Go version and its own
// requirements.
func (r *repository) goMod(module string, present []byte) ([]byte, error) {
	f, err := modfile.Parse("go.mod", present, nil)
	if err != nil {
		return nil, err
	}
	if f.Module == nil {
		if err := f.AddModuleStmt(module); err != nil {
			return nil, err
		}
	}
	if f.Go == nil && r.mod.Go != nil {
		if err := f.AddGoStmt(r.mod.Go.Version); err != nil {
			return nil, err
		}
	}
	self := r.mod.Module.Mod.Path
	if err := f.AddRequire(self, "v0.0.0"); err != nil {
		return nil, err
	}
	if err := f.AddReplace(self, "", r.root, ""); err != nil {
		return nil, err
	}
	for _, req := range r.mod.Require {
		if err := f.AddRequire(req.Mod.Path, req.Mod.Version); err != nil {
			return nil, err
		}
	}
	f.Cleanup()
	return f.Format()
}

// write puts files into a folder, with the folders they need.
func write(dir string, files map[string][]byte) error {
	for _, name := range sortedKeys(files) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// materialise writes the scenario's module into a folder of its own below work.
func (r *repository) materialise(sc *scenario, work string) error {
	mod, err := r.goMod(sc.module, sc.files["go.mod"])
	if err != nil {
		return err
	}
	sc.files["go.mod"] = mod
	sc.module = modfile.ModulePath(mod)
	if _, ok := sc.files["go.sum"]; !ok {
		sc.files["go.sum"] = r.sum
	}
	sc.dir = filepath.Join(work, sc.name)
	return write(sc.dir, sc.files)
}
