package keys

import (
	"encoding/base64"
	"encoding/hex"
	"go/ast"
	"go/constant"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// literals checks the constants of a file.
func (f *finder) literals(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field: // with its tag
			return false
		case *ast.BinaryExpr, *ast.BasicLit:
			if text := f.constant(n.(ast.Expr)); text != "" {
				f.text(n, text)
				return false
			}
		case *ast.ValueSpec:
			for i, v := range n.Values {
				if i < len(n.Names) {
					f.named(n.Names[i].Name, v)
				}
			}
		case *ast.AssignStmt:
			for i, v := range n.Rhs {
				if i < len(n.Lhs) {
					f.named(lastName(n.Lhs[i]), v)
				}
			}
		case *ast.KeyValueExpr:
			f.named(lastName(n.Key), n.Value)
		}
		return true
	})
}

// lastName is the name that an expression ends with; of a string its text.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.BasicLit:
		return strings.Trim(e.Value, "`\"")
	}
	return ""
}

// privateKey is a private key in PEM with its body: what only compares the type
// of a block has none.
var privateKey = regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+(?:[A-Za-z-]+: [^\n]*\n|\s)*[A-Za-z0-9+/=]{40,}`)

// text checks a constant by what it is.
func (f *finder) text(n ast.Node, text string) {
	switch {
	case privateKey.MatchString(text):
		f.say(n, "a private key stands in the source: create keys where they are used, and keep them in a keyring")
	case isKeyset(text):
		f.say(n, "a clear-text keyset stands in the source: keep it sealed by a key-encryption key, and open it with crypto.OpenKeyring")
	}
}

// isKeyset reports whether a text is a keyset in JSON with keys that are secret.
func isKeyset(text string) bool {
	return strings.Contains(text, `"primaryKeyId"`) && strings.Contains(text, `"keyData"`) && strings.Contains(text, `"value"`) &&
		(strings.Contains(text, "SYMMETRIC") && !strings.Contains(text, "ASYMMETRIC") || strings.Contains(text, "ASYMMETRIC_PRIVATE"))
}

// named checks a constant that has the name of a key.
func (f *finder) named(name string, e ast.Expr) {
	if !namesKey(name) {
		return
	}
	e = ast.Unparen(e)
	var key []byte
	switch v := e.(type) {
	case *ast.CompositeLit:
		key = f.bytesOf(v)
	case *ast.CallExpr:
		if len(v.Args) == 1 && f.pass.TypesInfo.Types[v.Fun].IsType() {
			key = decode(f.constant(v.Args[0]))
		}
	default:
		key = decode(f.constant(e))
	}
	if drawn(key) {
		f.say(e, "%s looks like a key of %d bits in the source: keep keys in a keyring, and open it with crypto.OpenKeyring", name, 8*len(key))
	}
}

// keyWords say that something is a key; notKeys that it is not, or a public one,
// or one for tests.
var (
	keyWords = []string{"key", "keys", "secret", "kek", "dek", "aeskey", "hmackey", "privkey", "kagi", "himitsu", "鍵", "秘密鍵", "共通鍵", "暗号鍵"}
	notKeys  = []string{"public", "pub", "id", "ids", "name", "names", "path", "file", "url", "uri", "column", "header", "hash", "sum", "digest", "fingerprint",
		"checksum", "label", "word", "sort", "primary", "foreign", "map", "cache", "lookup", "test", "example", "vector", "dummy", "sample"}
)

// namesKey reports whether a name says that it is a secret key.
func namesKey(name string) bool {
	words := split(name)
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(keyWords, w) || strings.HasSuffix(w, "鍵") }) &&
		!slices.ContainsFunc(words, func(w string) bool { return slices.Contains(notKeys, w) })
}

// split breaks a name into its words, in small letters.
func split(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

// bytesOf are the bytes of a literal []byte{…} or [N]byte{…} of constants.
func (f *finder) bytesOf(lit *ast.CompositeLit) []byte {
	t := f.pass.TypesInfo.TypeOf(lit)
	if t == nil {
		return nil
	}
	elem, ok := t.Underlying().(interface{ Elem() types.Type })
	if !ok || !types.Identical(elem.Elem().Underlying(), types.Typ[types.Byte]) {
		return nil
	}
	var b []byte
	for _, e := range lit.Elts {
		v := f.pass.TypesInfo.Types[e].Value
		if v == nil || v.Kind() != constant.Int {
			return nil
		}
		n, _ := constant.Int64Val(v)
		b = append(b, byte(n))
	}
	return b
}

// sizes are the lengths of keys in bytes.
var sizes = []int{16, 24, 32, 48, 64}

// decode reads hex or base64 of the length of a key, nil for anything else.
func decode(text string) []byte {
	if b, err := hex.DecodeString(text); err == nil {
		if slices.Contains(sizes, len(b)) {
			return b
		}
		return nil
	}
	if !mixed(text) {
		return nil
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(text); err == nil && slices.Contains(sizes, len(b)) {
			return b
		}
	}
	return nil
}

// mixed reports whether a text has digits and letters of both cases: words and
// identifiers decode, too.
func mixed(text string) bool {
	var digit, upper, lower bool
	for _, r := range text {
		digit, upper, lower = digit || '0' <= r && r <= '9', upper || 'A' <= r && r <= 'Z', lower || 'a' <= r && r <= 'z'
	}
	return digit && upper && lower
}

// drawn reports whether bytes look drawn at random: many different ones, and no
// row.
func drawn(b []byte) bool {
	if !slices.Contains(sizes, len(b)) {
		return false
	}
	seen := map[byte]bool{}
	steps := map[byte]int{}
	for i, c := range b {
		seen[c] = true
		if i > 0 {
			steps[c-b[i-1]]++
		}
	}
	most := 0
	for _, n := range steps {
		most = max(most, n)
	}
	return len(seen) >= min(len(b)*5/8, 24) && most < len(b)/3
}
