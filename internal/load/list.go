package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/sekisho-go/sekisho/internal/model"
)

// listMode asks the go command for everything but types: these are made by
// [tree.check], which can leave out what go/packages cannot.
const listMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedDeps | packages.NeedModule | packages.NeedExportFile | packages.NeedTypesSizes

// listPackages asks the go command for the packages and what they import.
func listPackages(ctx context.Context, cfg Config) ([]*packages.Package, error) {
	list, err := packages.Load(&packages.Config{
		Context:    ctx,
		Dir:        cfg.Dir,
		Env:        cfg.Env,
		Mode:       listMode,
		BuildFlags: []string{"-tags=" + strings.Join(append(slices.Clone(cfg.Tags), model.BuildTag), ",")},
		Overlay:    cfg.Overlay,
		Tests:      cfg.Tests,
	}, cfg.Patterns...)
	if err != nil {
		return nil, fmt.Errorf("listing packages %s: %w", strings.Join(cfg.Patterns, " "), err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no packages match %s in %s: give patterns as the go command takes them, as in ./...",
			strings.Join(cfg.Patterns, " "), cfg.Dir)
	}
	var missing []error
	for _, p := range list {
		// A pattern that matches no package comes back as a package
		// without a name.
		if p.Name == "" && len(p.GoFiles) == 0 && len(p.Errors) > 0 {
			missing = append(missing, fmt.Errorf("package %s: %s", p.PkgPath, firstLine(p.Errors[0].Msg)))
		}
	}
	return list, errors.Join(missing...)
}

// listPosition is where the go command found an error: as it says itself, or
// at the package clause of the first file.
func listPosition(s *source, e packages.Error) token.Position {
	file, rest, _ := strings.Cut(e.Pos, ":")
	if file == "" || file == "-" {
		if len(s.files) == 0 {
			return token.Position{Filename: s.dir()}
		}
		return token.Position{Filename: s.files[0].name, Line: 1, Column: 1}
	}
	line, column, _ := strings.Cut(rest, ":")
	pos := token.Position{Filename: file}
	pos.Line, _ = strconv.Atoi(line) // zero, which is unknown, when it is no number
	pos.Column, _ = strconv.Atoi(column)
	return pos
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// isGenerated reports whether the file is one that the generator writes.
func isGenerated(file string) bool {
	base := filepath.Base(file)
	return base == model.GeneratedFile || base == model.GeneratedTestFile || base == model.GeneratedExternalTestFile
}

// includeAlways blanks the build constraint that excludes a generated file
// while the tools read the module. Positions stay as they are.
func includeAlways(content []byte) []byte {
	constraint := []byte("//go:build !" + model.BuildTag)
	for start := 0; start < len(content); {
		line := content[start:]
		next := len(content)
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line, next = line[:i], start+i+1
		}
		switch trimmed := bytes.TrimSpace(line); {
		case bytes.HasPrefix(trimmed, []byte("package ")):
			return content
		case bytes.Equal(trimmed, constraint):
			content = bytes.Clone(content)
			copy(content[start:], "//"+strings.Repeat(" ", len(line)-2))
			return content
		}
		start = next
	}
	return content
}
