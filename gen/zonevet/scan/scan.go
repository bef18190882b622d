package scan

import (
	"cmp"
	_ "embed"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/words"
)

//go:embed words.txt
var wordsText string

// Proposal is a label that a field or a column looks as if it should have.
type Proposal struct {
	File         string // as it was given
	Line, Column int    // from 1
	Owner        string // the struct or the table
	Field        string // the field or the column
	Category     string
	Why          string // what it goes by: `name "birth date" of the JSON tag`

	at   int  // offset where a tag would be put, or of the present one
	end  int  // of the present tag; at where there is none
	sql  bool // a column: nothing to tag
	weak bool // it counts beside others only
}

// Scanner knows the words.
type Scanner struct {
	categories []category
	not        []string
}

type category struct {
	name  string
	words []string
	weak  bool // they count beside others only
}

// New returns a scanner that proposes some categories only; all that it has
// words for where the list is nil.
func New(categories []string) *Scanner {
	s := &Scanner{}
	list := words.Read(wordsText)
	s.not = list["not"]
	for line := range strings.Lines(wordsText) {
		name, _, found := strings.Cut(line, ":")
		bare, weak := strings.CutPrefix(name, "?")
		if !found || name[0] == '#' || name == "not" || categories != nil && !slices.Contains(categories, bare) {
			continue
		}
		s.categories = append(s.categories, category{bare, list[name], weak})
	}
	return s
}

// named finds the category that a name speaks of, and the word that says so. A
// name that speaks of a thing, such as fileName, has none, unless it has more
// than one word of a category.
func (s *Scanner) named(name string) (found match) {
	spelt := words.Spell(name)
	for _, c := range s.categories {
		for _, w := range c.words {
			if !words.Say(spelt, []string{w}) {
				continue
			}
			if words.Say(spelt, s.not) && !strings.Contains(strings.TrimSpace(w), " ") && w[0] == ' ' {
				continue
			}
			if w = strings.TrimSpace(w); len(found.word) < len(w) {
				found = match{c.name, w, c.weak}
			}
		}
	}
	return found
}

// match is a category and the word that speaks of it.
type match struct {
	category, word string
	weak           bool
}

// File proposes labels for the structs of a Go file, and for the tables that SQL
// in its strings creates. Structs that have a home or labels already are passed
// over. A file that does not parse has none.
func (s *Scanner) File(name string, src []byte) []Proposal {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil || ast.IsGenerated(f) && filepath.Base(name) == "zone_gen.go" {
		return nil
	}
	var all []Proposal
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if lit, ok := n.Type.(*ast.StructType); ok && !labelled(lit) {
				all = append(all, s.fields(fset, n.Name.Name, lit)...)
			}
		case *ast.Field:
			return n.Tag == nil || n.Names != nil // tags are not SQL, but types may be structs
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if text, err := strconv.Unquote(n.Value); err == nil {
					at := fset.Position(n.Pos())
					for _, p := range s.SQL(name, text) {
						p.Line, p.Column = at.Line+p.Line-1, at.Column
						all = append(all, p)
					}
				}
			}
		}
		return true
	})
	return all
}

// labelled reports whether a struct has a home or a label.
func labelled(lit *ast.StructType) bool {
	for _, f := range lit.Fields.List {
		if index, ok := f.Type.(*ast.IndexExpr); ok && len(f.Names) == 0 {
			if sel, ok := index.X.(*ast.SelectorExpr); ok && sel.Sel.Name == "Home" {
				return true
			}
		}
		if f.Tag != nil {
			if text, err := strconv.Unquote(f.Tag.Value); err == nil {
				if _, found, err := classify.LookupTag(text); found || err != nil {
					return true
				}
			}
		}
	}
	return false
}

// fields proposes labels for the fields of a struct.
func (s *Scanner) fields(fset *token.FileSet, owner string, lit *ast.StructType) []Proposal {
	var all []Proposal
	for _, f := range lit.Fields.List {
		if len(f.Names) != 1 || !holdsData(f.Type) {
			continue
		}
		found, why := s.field(f.Names[0].Name, f)
		if found.category == "" {
			continue
		}
		at := fset.Position(f.Names[0].Pos())
		p := Proposal{File: at.Filename, Line: at.Line, Column: at.Column, Owner: owner, Field: f.Names[0].Name, Category: found.category, Why: why, weak: found.weak}
		p.at = fset.Position(f.Type.End()).Offset
		p.end = p.at
		if f.Tag != nil {
			p.at, p.end = fset.Position(f.Tag.Pos()).Offset, fset.Position(f.Tag.End()).Offset
		}
		all = append(all, p)
	}
	return together(all)
}

// together leaves out what counts beside others only, where there are no others.
func together(all []Proposal) []Proposal {
	if slices.ContainsFunc(all, func(p Proposal) bool { return !p.weak }) {
		return all
	}
	return nil
}

// holdsData reports whether a type can hold a datum: functions, channels and
// truth values cannot.
func holdsData(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.FuncType, *ast.ChanType, *ast.InterfaceType, *ast.StructType:
		return false
	case *ast.StarExpr:
		return holdsData(e.X)
	case *ast.ArrayType:
		return holdsData(e.Elt)
	case *ast.Ident:
		return e.Name != "bool" && e.Name != "error"
	}
	return true
}

// tagNames are the keys of tags that give a field a name, for people.
var tagNames = []struct{ key, what string }{
	{"json", "JSON"}, {"db", "db"}, {"gorm", "gorm"}, {"protobuf", "protobuf"}, {"bun", "bun"}, {"xorm", "xorm"}, {"bson", "bson"},
	{"xml", "XML"}, {"yaml", "YAML"}, {"csv", "CSV"}, {"form", "form"}, {"column", "column"},
}

// field is what a field looks like, by its type, its name, and what tags call
// it.
func (s *Scanner) field(name string, f *ast.Field) (found match, why string) {
	if c := s.typed(f.Type); c != "" {
		return match{category: c}, "type " + typeName(f.Type)
	}
	if found = s.named(name); found.category != "" && !found.weak || f.Tag == nil {
		return found, "name " + strconv.Quote(found.word)
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return found, "name " + strconv.Quote(found.word)
	}
	for _, t := range tagNames {
		if tagged := s.named(tagName(t.key, reflect.StructTag(text).Get(t.key))); tagged.category != "" && !tagged.weak {
			return tagged, t.what + " tag " + strconv.Quote(tagged.word)
		}
	}
	return found, "name " + strconv.Quote(found.word)
}

// tagName is the name in the value of a tag.
func tagName(key, value string) string {
	separator, prefix := ",", ""
	switch key {
	case "gorm":
		separator, prefix = ";", "column:"
	case "protobuf":
		prefix = "name="
	case "xorm":
		return strings.Trim(value, "'")
	}
	for part := range strings.SplitSeq(value, separator) {
		part = strings.TrimSpace(part)
		if prefix == "" {
			return part
		}
		if len(part) > len(prefix) && strings.EqualFold(part[:len(prefix)], prefix) {
			return part[len(prefix):]
		}
	}
	return ""
}

// typed is the category that a type alone says.
func (s *Scanner) typed(e ast.Expr) string {
	c := map[string]string{"mail.Address": "email", "jp.IndividualNumber": "individual-number", "jp.InsuredNumber": "insured-number",
		"jp.InsurerNumber": "insurer-number", "jp.InstitutionCode": "institution-code"}[typeName(e)]
	if slices.ContainsFunc(s.categories, func(k category) bool { return k.name == c }) {
		return c
	}
	return ""
}

// typeName writes a type that has a name of a package, through pointers and
// slices.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return typeName(e.Elt)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// createTable finds where a table is created; column is one column of it.
var (
	createTable = regexp.MustCompile("(?is)\\bcreate\\s+(?:temp(?:orary)?\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?([\\pL\\pN_.\"`\\[\\]]+)\\s*\\(")
	column      = regexp.MustCompile("^\\s*[\"`\\[]?([\\pL_][\\pL\\pN_ ]*?)[\"`\\]]?\\s+[\\pL]+")
	notColumn   = regexp.MustCompile(`(?i)^\s*(?:primary|foreign|unique|constraint|check|index|key|exclude|like)\b`)
)

// SQL proposes labels for the columns of the tables that a text creates.
func (s *Scanner) SQL(name, text string) []Proposal {
	var all []Proposal
	for _, m := range createTable.FindAllStringSubmatchIndex(text, -1) {
		table := strings.Trim(text[m[2]:m[3]], "\"`[]")
		line := 1 + strings.Count(text[:m[1]], "\n")
		var in []Proposal
		for _, part := range columns(text[m[1]:]) {
			start := line + strings.Count(part[:len(part)-len(strings.TrimLeft(part, " \t\r\n"))], "\n")
			line += strings.Count(part, "\n")
			c := column.FindStringSubmatch(part)
			if c == nil || notColumn.MatchString(part) {
				continue
			}
			if found := s.named(c[1]); found.category != "" {
				in = append(in, Proposal{File: name, Line: start, Column: 1, Owner: table, Field: c[1], Category: found.category, Why: "column " + strconv.Quote(found.word), sql: true, weak: found.weak})
			}
		}
		all = append(all, together(in)...)
	}
	return all
}

// columns divides what stands between the brackets of a table at commas that
// stand in no brackets.
func columns(text string) []string {
	var parts []string
	depth, from := 1, 0
	for i, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return append(parts, text[from:i])
			}
		case ',':
			if depth == 1 {
				parts, from = append(parts, text[from:i]), i+1
			}
		}
	}
	return append(parts, text[from:])
}

// Sort puts proposals in the order of files and lines.
func Sort(all []Proposal) {
	slices.SortStableFunc(all, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Field, b.Field))
	})
}
