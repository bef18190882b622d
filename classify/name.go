package classify

import (
	"fmt"
	"strings"
)

// modulePath is the import path of this package, below which the built-in
// functions live.
const modulePath = "github.com/sekisho-go/sekisho/classify"

// maxName is the longest name in bytes.
const maxName = 64

// nameRule says in words what ValidName checks.
const nameRule = "letters a-z A-Z, digits and - _ . with a letter or digit first, 64 at most"

// ValidName reports whether s can name a class, a level, a category or a zone:
// ASCII letters, digits, and "-", "_", "." after the first character; 64 bytes
// at most. Titles in other scripts belong in the policy's title, not in a
// name: two names that look alike must be the same.
func ValidName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !isLetter(c) && !isDigit(c) && (i == 0 || c != '-' && c != '_' && c != '.') {
			return false
		}
	}
	return true
}

// FuncName resolves the name of a mask or a generalisation, as a policy or a
// tag gives it, to the import path and the name of a Go function:
//
//	last4                      classify.Last4, of this package
//	age-band-5                 classify.AgeBand5
//	jp.municipality            Municipality of this package's folder jp
//	example.com/app/mask.Post  Post of example.com/app/mask
//
// It does not know whether the function exists; that is checked when code is
// generated. The error says which form was wanted.
func FuncName(name string) (pkgPath, goName string, err error) {
	return resolve("function", name, "")
}

// CheckName resolves the name of a check in the way of [FuncName]. The name of
// a built-in check is that of a type, and the function is its parser:
// jp.individual-number is jp.ParseIndividualNumber. A function with an import
// path is taken as it is written.
func CheckName(name string) (pkgPath, goName string, err error) {
	return resolve("check", name, "Parse")
}

// resolve is FuncName and CheckName. The word is for messages, the prefix for
// the Go names of built-ins.
func resolve(word, name, prefix string) (pkgPath, goName string, err error) {
	dot, slash := strings.LastIndexByte(name, '.'), strings.LastIndexByte(name, '/')
	switch {
	case name == "":
		return "", "", fmt.Errorf("empty name of a %s: want one such as last4, jp.municipality or example.com/app/mask.Postal", word)
	case dot < slash:
		return "", "", fmt.Errorf("%s %q: want the function after the import path, as in example.com/app/mask.Postal", word, name)
	case dot < 0:
		camel, err := camelCase(name)
		if err != nil {
			return "", "", fmt.Errorf("%s %q: %w", word, name, err)
		}
		return modulePath, prefix + camel, nil
	case slash < 0 && dot+1 < len(name) && !isUpper(name[dot+1]):
		return resolveBuiltIn(word, name[:dot], name[dot+1:], prefix)
	}
	pkgPath, goName = name[:dot], name[dot+1:]
	if !isExported(goName) {
		return "", "", fmt.Errorf("%s %q: %q is not the name of an exported Go function", word, name, goName)
	}
	if !isImportPath(pkgPath) {
		return "", "", fmt.Errorf("%s %q: %q is not an import path", word, name, pkgPath)
	}
	return pkgPath, goName, nil
}

// resolveBuiltIn resolves pkg.kebab.
func resolveBuiltIn(word, pkg, kebab, prefix string) (pkgPath, goName string, err error) {
	for i := range len(pkg) {
		if !isLower(pkg[i]) && (i == 0 || !isDigit(pkg[i])) {
			return "", "", fmt.Errorf("%s %q: %q is not a package here: want one such as jp", word, pkg+"."+kebab, pkg)
		}
	}
	if pkg == "" {
		return "", "", fmt.Errorf("%s %q: want a package before the dot, such as jp", word, "."+kebab)
	}
	camel, err := camelCase(kebab)
	if err != nil {
		return "", "", fmt.Errorf("%s %q: %w", word, pkg+"."+kebab, err)
	}
	return modulePath + "/" + pkg, prefix + camel, nil
}

// camelCase turns age-band-5 into AgeBand5.
func camelCase(kebab string) (string, error) {
	var b strings.Builder
	for i, part := range strings.Split(kebab, "-") {
		if part == "" {
			return "", fmt.Errorf("want words of small letters and digits joined by single hyphens, as in age-band-5")
		}
		for j := range len(part) {
			c := part[j]
			if !isLower(c) && (i+j == 0 || !isDigit(c)) {
				return "", fmt.Errorf("want small letters, digits and hyphens with a letter first, as in age-band-5")
			}
			if j == 0 && isLower(c) {
				c -= 'a' - 'A'
			}
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// isExported reports whether s is an exported Go name in ASCII.
func isExported(s string) bool {
	for i := range len(s) {
		c := s[i]
		if i == 0 && !isUpper(c) || !isLetter(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	return s != ""
}

// isImportPath reports whether s can be the import path of a package: ASCII
// path elements that are neither empty nor "." nor "..".
func isImportPath(s string) bool {
	for elem := range strings.SplitSeq(s, "/") {
		if elem == "" || elem == "." || elem == ".." {
			return false
		}
		for i := range len(elem) {
			c := elem[i]
			if !isLetter(c) && !isDigit(c) && !strings.ContainsRune("-._~+", rune(c)) {
				return false
			}
		}
	}
	return true
}

func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLetter(c byte) bool { return isLower(c) || isUpper(c) }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
