package load

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify"
)

// mentionsLabels reports whether the text of a file has anything in it that
// makes its syntax worth walking.
func mentionsLabels(text []byte) bool {
	for _, word := range []string{classify.TagKey, "zone:", "Home["} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return false
}

// indexFile remembers the syntax of all struct fields of a file, and reports
// labelled structs that are not package-level types: they could have no
// methods.
func (l *loader) indexFile(f *sourceFile) {
	for _, decl := range f.syntax.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			l.indexInner(decl, declName(decl))
			continue
		}
		for _, spec := range gen.Specs {
			spec := spec.(*ast.TypeSpec)
			st, ok := spec.Type.(*ast.StructType)
			if !ok || spec.Assign.IsValid() {
				l.indexInner(spec.Type, spec.Name.Name)
				continue
			}
			l.indexStruct(st)
			for _, field := range st.Fields.List {
				l.indexInner(field.Type, spec.Name.Name)
			}
		}
	}
}

func declName(decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				return v.Names[0].Name
			}
		}
	}
	return ""
}

// indexInner indexes the structs inside of other types and of functions.
func (l *loader) indexInner(n ast.Node, path string) {
	ast.Inspect(n, func(n ast.Node) bool {
		st, ok := n.(*ast.StructType)
		if !ok {
			return true
		}
		l.indexStruct(st)
		for _, field := range st.Fields.List {
			if tag := tagText(field); hasClassifyKey(tag) || looksLikeHome(field) {
				l.report(l.position(field.Pos()), path, "declare the struct as a type of its own at package level",
					"a struct with labels has no name, or one that only a function knows")
				break
			}
		}
		return true
	})
}

// indexStruct remembers the fields of one struct under the positions that the
// type checker gives them.
func (l *loader) indexStruct(st *ast.StructType) {
	for _, field := range st.Fields.List {
		for _, name := range field.Names {
			l.syntax[name.Pos()] = field
		}
		if len(field.Names) == 0 {
			l.syntax[field.Type.Pos()] = field
			ast.Inspect(field.Type, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					l.syntax[id.Pos()] = field
				}
				_, args := n.(*ast.IndexExpr)
				return !args || n == field.Type
			})
		}
	}
}

// looksLikeHome reports whether an embedded field is spelt like zone.Home.
func looksLikeHome(field *ast.Field) bool {
	ix, ok := field.Type.(*ast.IndexExpr)
	if !ok || len(field.Names) > 0 {
		return false
	}
	sel, ok := ix.X.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "zone" && sel.Sel.Name == "Home"
}

// fieldSyntax is the syntax of a struct field, nil when its file was not read
// from source or mentions no labels.
func (l *loader) fieldSyntax(f *types.Var) *ast.Field { return l.syntax[f.Pos()] }

// tagText is the struct tag of a field without its quotes.
func tagText(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	s, _ := strconv.Unquote(field.Tag.Value) // the parser took it for a string
	return s
}

// tagPosition is where in the file a byte of a struct tag stands.
func (l *loader) tagPosition(f *types.Var, offset int) token.Position {
	field := l.fieldSyntax(f)
	if field == nil || field.Tag == nil {
		return l.position(f.Pos())
	}
	at := offset
	if text := field.Tag.Value; strings.HasPrefix(text, `"`) {
		at = literalOffset(text[1:len(text)-1], offset)
	}
	return l.position(field.Tag.ValuePos + 1 + token.Pos(at))
}

// literalOffset finds the byte of an interpreted string literal that gives the
// byte of its value at an offset.
func literalOffset(literal string, offset int) int {
	at := 0
	for value := 0; at < len(literal) && value < offset; {
		r, multibyte, tail, err := strconv.UnquoteChar(literal[at:], '"')
		if err != nil {
			break
		}
		value++
		if multibyte {
			value += utf8.RuneLen(r) - 1
		}
		at = len(literal) - len(tail)
	}
	return at
}

// nameOffset finds a name in a struct tag that holds a well-formed label:
// among the names in front, or as the value of an option.
func nameOffset(structTag, option, name string) int {
	key := classify.TagKey + `:"`
	start := strings.Index(structTag, key)
	if start < 0 {
		return 0
	}
	start += len(key)
	value, _, _ := strings.Cut(structTag[start:], `"`)
	return start + labelOffset(value, option, name)
}

// labelOffset does the same in the label alone.
func labelOffset(label, option, name string) int {
	if option != "" {
		if i := strings.Index(label, ","+option); i >= 0 {
			return i + 1
		}
		return 0
	}
	names, _, _ := strings.Cut(label, ",")
	at := 0
	for n := range strings.SplitSeq(names, "+") {
		if n == name {
			return at
		}
		at += len(n) + 1
	}
	return 0
}
