package gen

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"

	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/policyfile"
)

// findTrees groups the packages that the patterns name by their policy file.
// Packages without a policy have nothing to generate.
func findTrees(ctx context.Context, cfg Config) ([]*tree, error) {
	var err error
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, err
	}
	pkgs, err := list(ctx, cfg)
	if err != nil {
		return nil, err
	}
	byFile := map[string]*tree{}
	var trees []*tree
	for _, pkg := range pkgs {
		file, err := policyOf(cfg, pkg.Dir)
		if err != nil {
			return nil, err
		}
		if file == "" {
			continue
		}
		t := byFile[file]
		if t == nil {
			if t, err = newTree(cfg, file); err != nil {
				return nil, err
			}
			byFile[file] = t
			trees = append(trees, t)
		}
		if pkg.PkgPath != t.zonesPath {
			t.packages = append(t.packages, pkg.PkgPath)
		}
	}
	if len(trees) == 0 {
		if t, err := emptyTree(cfg); t != nil || err != nil {
			return []*tree{t}, err
		}
		return nil, fmt.Errorf("no %s is above any package that %s matches; \"sekisho init\" writes one",
			policyfile.Filename, strings.Join(patterns(cfg), " "))
	}
	return trees, nil
}

// emptyTree returns the tree of the policy that the working folder is under,
// which has no packages yet but the zones. It is nil when there is none.
func emptyTree(cfg Config) (*tree, error) {
	file, err := policyOf(cfg, cfg.Dir)
	if err != nil || file == "" {
		return nil, err
	}
	return newTree(cfg, file)
}

func patterns(cfg Config) []string {
	if len(cfg.Patterns) == 0 {
		return []string{"./..."}
	}
	return cfg.Patterns
}

// list resolves the patterns without type-checking anything.
func list(ctx context.Context, cfg Config) ([]*packages.Package, error) {
	tags := append([]string{model.BuildTag}, cfg.Tags...)
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx, Dir: cfg.Dir, Env: cfg.Env, BuildFlags: []string{"-tags=" + strings.Join(tags, ",")},
		Mode: packages.NeedName | packages.NeedFiles,
	}, patterns(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	for _, p := range pkgs {
		if p.Dir == "" && len(p.Errors) > 0 {
			return nil, fmt.Errorf("listing the packages: %s", p.Errors[0].Msg)
		}
	}
	return slices.DeleteFunc(pkgs, func(p *packages.Package) bool { return p.Dir == "" }), nil
}

// policyOf returns the policy file that a folder is under, or "".
func policyOf(cfg Config, dir string) (string, error) {
	if cfg.Policy != "" {
		if filepath.IsAbs(cfg.Policy) {
			return cfg.Policy, nil
		}
		return filepath.Join(cfg.Dir, cfg.Policy), nil
	}
	file, err := policyfile.Find(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return file, err
}

// newTree loads a policy and finds out where its zones package is.
func newTree(cfg Config, file string) (*tree, error) {
	p, err := policyfile.Load(file)
	if err != nil {
		return nil, err
	}
	t := &tree{cfg: cfg, file: file, policy: p}
	zones := p.Go.Zones
	if zones == "" {
		zones = "./zones"
	}
	t.zonesDir = filepath.Join(filepath.Dir(file), filepath.FromSlash(zones))
	if t.zonesPath, err = importPath(t.zonesDir); err != nil {
		return nil, err
	}
	t.zonesName = packageName(t.zonesDir, path.Base(t.zonesPath))
	return t, nil
}

// packageName returns the name of the package in a folder: what hand-written
// files there say, or else what can be made of the last element of its path.
func packageName(dir, base string) string {
	entries, _ := os.ReadDir(dir) // a folder that is not there yet has no files
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || e.Name() == model.GeneratedFile {
			continue
		}
		if f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly); err == nil {
			return f.Name.Name
		}
	}
	name := strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, base)
	if !token.IsIdentifier(name) {
		return "zones" + name
	}
	return name
}

// importPath returns the import path of a folder, which need not exist yet.
func importPath(dir string) (string, error) {
	for root := dir; ; root = filepath.Dir(root) {
		data, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			module := modfile.ModulePath(data)
			rel, err := filepath.Rel(root, dir)
			if err != nil || module == "" {
				return "", fmt.Errorf("%s names no module", filepath.Join(root, "go.mod"))
			}
			return path.Join(module, filepath.ToSlash(rel)), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if root == filepath.Dir(root) {
			return "", fmt.Errorf("%s is in no Go module: run \"go mod init\" first", dir)
		}
	}
}
