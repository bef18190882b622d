// Package source tells hand-written code from what the generator writes and
// from tests.
package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/internal/model"
)

// generated are the names of the files that the generator writes. Of another
// package nothing else is known: export data has the names of files, not their
// banners.
var generated = map[string]bool{model.GeneratedFile: true, model.GeneratedTestFile: true, model.GeneratedExternalTestFile: true}

// IsGenerated reports whether an object is declared in a generated file: a view,
// a sealed group, a crossing method.
func IsGenerated(fset *token.FileSet, obj types.Object) bool {
	return obj != nil && obj.Pos().IsValid() && generated[filepath.Base(fset.Position(obj.Pos()).Filename)]
}

// View returns the view or sealed group that t is, through aliases, or nil.
func View(fset *token.FileSet, info *labels.Info, t types.Type) *labels.Struct {
	if t == nil {
		return nil
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || !IsGenerated(fset, n.Obj()) {
		return nil
	}
	return info.Struct(n)
}

// IsTest reports whether a file is one of tests.
func IsTest(fset *token.FileSet, f *ast.File) bool {
	return strings.HasSuffix(fset.Position(f.Package).Filename, "_test.go")
}

// HandWritten are the files of a package that people wrote and that are no
// tests.
func HandWritten(pass *analysis.Pass, info *labels.Info) []*ast.File {
	var files []*ast.File
	for _, f := range pass.Files {
		if !IsTest(pass.Fset, f) && !info.Generated[pass.Fset.Position(f.Package).Filename] {
			files = append(files, f)
		}
	}
	return files
}
