package keys

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/source"
)

// Analyzer is the check.
var Analyzer = &analysis.Analyzer{
	Name: About.Name, Doc: About.Doc(), URL: About.URL(),
	Requires: []*analysis.Analyzer{labels.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	info := pass.ResultOf[labels.Analyzer].(*labels.Info)
	if info.Std {
		return nil, nil
	}
	f := &finder{pass: pass, info: info, report: check.NewReporter(pass, About, info.Allowances)}
	if len(info.Policies) > 0 || usesCrypto(pass.Pkg) {
		for _, file := range source.HandWritten(pass, info) {
			f.imports(file)
			f.literals(file)
			f.calls(file)
		}
	}
	f.report.Finish()
	return nil, nil
}

// usesCrypto reports whether a package is one of sekisho's users without a
// policy in sight: it handles keys. Others are left alone: what is a key there
// is their own business.
func usesCrypto(pkg *types.Package) bool {
	for _, p := range pkg.Imports() {
		if p.Path() == labels.CryptoPath || p.Path() == labels.ZonePath {
			return true
		}
	}
	return false
}

// finder looks through one package.
type finder struct {
	pass   *analysis.Pass
	info   *labels.Info
	report *check.Reporter
	holds  map[types.Object]bool // local variables that hold labelled data
}

func (f *finder) say(n ast.Node, format string, args ...any) {
	f.report.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: fmt.Sprintf(format, args...)})
}

// inTheClear are packages that read and write keysets in the clear.
var inTheClear = map[string]bool{"insecurecleartextkeyset": true, "testkeyset": true, "insecuresecretdataaccess": true}

func (f *finder) imports(file *ast.File) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err == nil && inTheClear[path[strings.LastIndexByte(path, '/')+1:]] && (strings.Contains(path, "tink-crypto/") || strings.Contains(path, "google/tink/")) {
			f.say(spec, "package %s handles keys in the clear: open them with crypto.OpenKeyring and a key-encryption key", path[strings.LastIndexByte(path, '/')+1:])
		}
	}
}

// use is a function that takes a key or data, and where.
type use struct {
	key, data int // positions of arguments, or -1
	what      string
}

// uses are the functions and methods, by package and name. Methods of
// interfaces are named by the interface.
var uses = map[string]use{
	"crypto/aes.NewCipher":                                         {0, -1, "AES"},
	"crypto/des.NewCipher":                                         {0, -1, "DES"},
	"crypto/des.NewTripleDESCipher":                                {0, -1, "Triple DES"},
	"crypto/rc4.NewCipher":                                         {0, -1, "RC4"},
	"crypto/hmac.New":                                              {1, -1, "HMAC"},
	"crypto/hkdf.Key":                                              {1, -1, "HKDF"},
	"crypto/hkdf.Extract":                                          {1, -1, "HKDF"},
	"crypto/cipher.AEAD.Seal":                                      {-1, 2, "a cipher"},
	"crypto/cipher.Block.Encrypt":                                  {-1, 1, "a cipher"},
	"crypto/cipher.BlockMode.CryptBlocks":                          {-1, 1, "a cipher"},
	"crypto/cipher.Stream.XORKeyStream":                            {-1, 1, "a cipher"},
	"crypto/rsa.EncryptOAEP":                                       {-1, 3, "RSA"},
	"crypto/rsa.EncryptPKCS1v15":                                   {-1, 2, "RSA"},
	"crypto/md5.Sum":                                               {-1, 0, "a hash"},
	"crypto/sha1.Sum":                                              {-1, 0, "a hash"},
	"crypto/sha256.Sum256":                                         {-1, 0, "a hash"},
	"crypto/sha256.Sum224":                                         {-1, 0, "a hash"},
	"crypto/sha512.Sum512":                                         {-1, 0, "a hash"},
	"crypto/sha512.Sum384":                                         {-1, 0, "a hash"},
	"crypto/sha3.Sum256":                                           {-1, 0, "a hash"},
	"crypto/sha3.Sum512":                                           {-1, 0, "a hash"},
	"golang.org/x/crypto/blake2b.Sum256":                           {-1, 0, "a hash"},
	"golang.org/x/crypto/blake2b.Sum512":                           {-1, 0, "a hash"},
	"golang.org/x/crypto/chacha20poly1305.New":                     {0, -1, "ChaCha20-Poly1305"},
	"golang.org/x/crypto/chacha20poly1305.NewX":                    {0, -1, "ChaCha20-Poly1305"},
	"golang.org/x/crypto/nacl/secretbox.Seal":                      {3, 1, "a cipher"},
	"golang.org/x/crypto/nacl/box.Seal":                            {4, 1, "a cipher"},
	"golang.org/x/crypto/nacl/box.SealAnonymous":                   {-1, 1, "a cipher"},
	"github.com/tink-crypto/tink-go/v2/tink.AEAD.Encrypt":          {-1, 0, "a cipher"},
	"github.com/tink-crypto/tink-go/v2/tink.HybridEncrypt.Encrypt": {-1, 0, "a cipher"},
	"github.com/tink-crypto/tink-go/v2/tink.DeterministicAEAD.EncryptDeterministically": {-1, 0, "a cipher"},
	"github.com/tink-crypto/tink-go/v2/tink.MAC.ComputeMAC":                             {-1, 0, "a MAC"},
	"github.com/tink-crypto/tink-go/v2/aead/subtle.NewAESGCM":                           {0, -1, "AES-GCM"},
	"github.com/tink-crypto/tink-go/v2/daead/subtle.NewAESSIV":                          {0, -1, "AES-SIV"},
}

// calls checks the calls of ciphers and hashes, function by function.
func (f *finder) calls(file *ast.File) {
	for _, decl := range file.Decls {
		f.holds = map[types.Object]bool{}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				f.assigned(n.Lhs, n.Rhs)
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						f.assigned([]ast.Expr{name}, n.Values[i:i+1])
					}
				}
			case *ast.CallExpr:
				f.call(n)
			}
			return true
		})
	}
}

// assigned notes variables that come to hold labelled data.
func (f *finder) assigned(lhs, rhs []ast.Expr) {
	if len(lhs) != len(rhs) {
		return
	}
	for i, e := range lhs {
		if id, ok := e.(*ast.Ident); ok && f.labelled(rhs[i]) != "" {
			f.holds[f.pass.TypesInfo.ObjectOf(id)] = true
		}
	}
}

func (f *finder) call(call *ast.CallExpr) {
	u, ok := uses[nameOf(f.pass.TypesInfo, call)]
	if !ok {
		return
	}
	if u.key >= 0 && u.key < len(call.Args) && f.constantKey(call.Args[u.key]) {
		f.say(call.Args[u.key], "the key of %s stands in the source: keep keys in a keyring, and open it with crypto.OpenKeyring", u.what)
	}
	if u.data >= 0 && u.data < len(call.Args) {
		if what := f.labelled(call.Args[u.data]); what != "" {
			f.say(call, "%s is given to %s directly: seal it with the keys of its zone, or let the record cross", what, u.what)
		}
	}
}

// nameOf is the name of what is called, with its package and the interface or
// type that has it.
func nameOf(info *types.Info, call *ast.CallExpr) string {
	callee, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || callee.Pkg() == nil {
		return ""
	}
	name := callee.Name()
	if recv := callee.Signature().Recv(); recv != nil {
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			name = n.Obj().Name() + "." + name
		}
	}
	return callee.Pkg().Path() + "." + name
}

// constantKey reports whether an expression is bytes that are written down.
func (f *finder) constantKey(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return len(e.Args) == 1 && f.pass.TypesInfo.Types[e.Fun].IsType() && f.constant(e.Args[0]) != ""
	case *ast.CompositeLit:
		return len(f.bytesOf(e)) > 0
	case *ast.UnaryExpr:
		return e.Op == token.AND && f.constantKey(e.X)
	case *ast.Ident, *ast.SelectorExpr:
		return f.constant(e) != ""
	}
	return false
}

func (f *finder) constant(e ast.Expr) string {
	if v := f.pass.TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return ""
}

// labelled says which labelled data an expression has, "" for none. Lengths and
// comparisons have none.
func (f *finder) labelled(e ast.Expr) (what string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if what != "" {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Reveal" && labels.Closed(deref(f.pass.TypesInfo.TypeOf(sel.X))) {
				what = "a revealed identifier"
			}
			return !f.pass.TypesInfo.Types[n.Fun].IsBuiltin()
		case *ast.SelectorExpr:
			what = f.field(n)
		case *ast.Ident:
			if f.holds[f.pass.TypesInfo.Uses[n]] {
				what = n.Name
			}
		}
		if e, ok := n.(ast.Expr); ok && what == "" && f.pass.TypesInfo.Types[e].IsValue() {
			if l := f.info.Scalar(f.pass.TypesInfo.TypeOf(e)); l != nil {
				what = "a " + l.Of
			}
		}
		return true
	})
	return what
}

func deref(t types.Type) types.Type {
	if p, ok := t.(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// field names the labelled field that a selector takes, unless it is closed or
// of the lowest class.
func (f *finder) field(sel *ast.SelectorExpr) string {
	v, ok := f.pass.TypesInfo.Uses[sel.Sel].(*types.Var)
	if !ok || !v.IsField() {
		return ""
	}
	s := f.info.Struct(f.pass.TypesInfo.TypeOf(sel.X))
	if s == nil {
		return ""
	}
	under := s.Type.Underlying().(*types.Struct)
	for i, l := range s.Labels {
		if l != nil && under.Field(i).Name() == v.Name() && !labels.Closed(v.Type()) && l.Level > l.Policy.Scale().Lowest() {
			return l.Of
		}
	}
	return ""
}
