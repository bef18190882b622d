package crypto

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// tapKEK keeps what it decrypts, so that a test knows the keys to look for.
type tapKEK struct {
	tink.AEAD
	tapped [][]byte
}

func (k *tapKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	plaintext, err := k.AEAD.Decrypt(ct, ad)
	if err == nil {
		k.tapped = append(k.tapped, bytes.Clone(plaintext))
	}
	return plaintext, err
}

// tappedKeys returns a keyring and the bytes of all keys in it.
func tappedKeys(t *testing.T) (*Keyring, [][]byte) {
	t.Helper()
	kek := &tapKEK{AEAD: testAEAD(t)}
	m := make(fstest.MapFS)
	for u := UseUnknown + 1; u.valid(); u++ {
		if u.kind().IsPublic {
			continue
		}
		m[keyfile.FileName("a", u.String())] = locked(t, u, generate(t, u), kek)
	}
	r, err := OpenKeyring(m, kek)
	if err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	for _, plaintext := range kek.tapped {
		keys = append(keys, keysIn(t, plaintext)...)
	}
	if len(keys) != 7 {
		t.Fatalf("found %d keys, want 7", len(keys))
	}
	return r, keys
}

// keysIn returns the bytes of the keys in a keyset in the clear.
func keysIn(t *testing.T, plaintext []byte) [][]byte {
	t.Helper()
	ks, err := keyset.NewBinaryReader(bytes.NewReader(plaintext)).Read()
	if err != nil || len(ks.GetKey()) == 0 {
		t.Fatalf("no keys to look for: %v", err)
	}
	var keys [][]byte
	for _, key := range ks.GetKey() {
		value := key.GetKeyData().GetValue()
		secret := value[len(value)-32:] // Tink writes the 32 key bytes last,
		if strings.Contains(key.GetKeyData().GetTypeUrl(), "Ed25519PrivateKey") {
			secret = value[2:34] // but for these, which end with the public half
		}
		keys = append(keys, secret)
	}
	return keys
}

// shows reports whether six bytes in a row of a key stand in out, in any of the
// spellings that printers and encoders use. Fewer could stand there by chance.
func shows(out string, key []byte) bool {
	lower := strings.ToLower(out)
	for i := range len(key) - 5 {
		part := key[i : i+6]
		if strings.Contains(out, string(part)) { // not lowered: that turns all bytes that are not UTF-8 into one rune
			return true
		}
		for _, spelling := range []string{
			hex.EncodeToString(part),
			strings.Trim(fmt.Sprint(part), "[]"),
			strings.Trim(strings.ReplaceAll(fmt.Sprint(part), " ", ","), "[]"),
			strings.Trim(strings.ReplaceAll(fmt.Sprint(part), " ", ", "), "[]"),
			strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", part), "[]byte{"), "}"),
		} {
			if strings.Contains(lower, spelling) {
				return true
			}
		}
	}
	for i := range 3 { // base64 of the key at each phase
		if strings.Contains(out, base64.RawStdEncoding.EncodeToString(key[i:i+6])) || strings.Contains(out, base64.RawURLEncoding.EncodeToString(key[i:i+6])) {
			return true
		}
	}
	return false
}

func TestShowsFinds(t *testing.T) {
	key := []byte("\x01\xfe\x80K0123456789abcdefghijklmnop\x00\xff")
	for _, out := range []string{fmt.Sprint(key), fmt.Sprintf("%x", key), fmt.Sprintf("%#v", key), string(key), base64.StdEncoding.EncodeToString(key), fmt.Sprintf("%v", struct{ b []byte }{key})} {
		if !shows(out, key) {
			t.Errorf("the test would not find the key in %q", out)
		}
	}
}

type (
	holdsPointer struct{ K *Keys[zoneA] }
	holdsValue   struct{ K Keys[zoneA] }
	hidesPointer struct{ k *Keys[zoneA] }
	hidesValue   struct{ k Keys[zoneA] }
	embeds       struct{ *Keys[zoneA] }
	hidesRing    struct {
		r Keyring
		p *Keyring
	}
	hidesPublic struct {
		k PublicKeys[zoneA]
		p *PublicKeys[zoneA]
	}
	hidesStreams struct {
		w io.WriteCloser
		r io.Reader
	}
)

// plaintext is in the buffers of the streams that holders returns.
var plaintext = []byte("\x9a\xf3\x1c\xe5\x07\xd8\xb2\x6e\x91\x4d\xfa\x33\xc0\x7f\x88\x15\xde\xa9")

// holders is keys and keyrings in every place from which something might print.
func holders(t *testing.T, r *Keyring, k *Keys[zoneA]) map[string]any {
	t.Helper()
	public, err := PublicKeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w, err := EncryptTo(k, &buf, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plaintext)
	w.Close()
	in, err := DecryptFrom(k, &buf, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.Read(make([]byte, 1))
	w, err = EncryptTo(k, io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plaintext)
	return map[string]any{
		"public keys": public, "public keys by value": *public, "hidden public keys": hidesPublic{*public, public},
		"stream writer": w, "stream reader": in, "hidden streams": hidesStreams{w, in}, "counter": k.z.count,
		"column": NewColumn[zoneA, int]("kouki", "table", "column"),
		"keys":   k, "keys by value": *k, "keyring": r, "keyring by value": *r,
		"exported pointer": holdsPointer{k}, "exported value": holdsValue{*k},
		"unexported pointer": hidesPointer{k}, "unexported value": hidesValue{*k},
		"embedded": embeds{k}, "unexported keyring": hidesRing{*r, r},
		"map": map[string]any{"k": k}, "slice": []Keys[zoneA]{*k}, "zone keys": k.z,
		"error": fmt.Errorf("wrapped %v", k), "pointer to struct": &hidesValue{*k},
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	r, keys := tappedKeys(t)
	k, err := KeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	keys = append(keys, plaintext)
	var outs []string
	for _, v := range holders(t, r, k) {
		for _, verb := range strings.Split("v +v #v s q x X d b o c U e g t T p w", " ") {
			outs = append(outs, fmt.Sprintf("%"+verb, v))
		}
		var buf bytes.Buffer
		log.New(&buf, "", 0).Println(v)
		slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "k", v)
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("m", "k", v)
		template.Must(template.New("").Parse("{{.}} {{printf `%v` .}}")).Execute(&buf, v)
		json.NewEncoder(&buf).Encode(v)
		xml.NewEncoder(&buf).Encode(v)
		gob.NewEncoder(&buf).Encode(v)
		outs = append(outs, buf.String())
	}
	walked := cmp.Diff(hidesValue{*k}, hidesValue{}, cmp.AllowUnexported(hidesValue{}, Keys[zoneA]{}, zoneKeys{}, closed{}))
	if !strings.Contains(walked, "order") {
		t.Fatalf("go-cmp did not walk into the keys:\n%s", walked)
	}
	for _, v := range holders(t, r, k) {
		outs = append(outs, walk(v))
	}
	for _, out := range append(outs, walked) {
		for _, key := range keys {
			if shows(out, key) {
				t.Errorf("a key is in this output:\n%s", out)
			}
		}
	}
}

// walk prints everything that reflection reaches from v, exported or not, as memory
// dumpers do. It follows pointers, interfaces, maps and slices, and has nowhere to go
// at a function.
func walk(v any) string {
	var b strings.Builder
	seen := make(map[uintptr]bool)
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() || seen[v.Pointer()] {
				return
			}
			seen[v.Pointer()] = true
			visit(v.Elem())
		case reflect.Interface:
			visit(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				fmt.Fprintf(&b, " %s:", v.Type().Field(i).Name)
				visit(v.Field(i))
			}
		case reflect.Map:
			for i := v.MapRange(); i.Next(); {
				visit(i.Key())
				visit(i.Value())
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				for i := range v.Len() {
					b.WriteByte(byte(v.Index(i).Uint()))
				}
				return
			}
			for i := range v.Len() {
				visit(v.Index(i))
			}
		case reflect.String:
			b.WriteString(v.String())
		case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
			fmt.Fprint(&b, v.Uint())
		}
	}
	visit(reflect.ValueOf(v))
	return b.String()
}

// The walker finds what there is to find: Tink's own reader and writer hold keys and
// plaintext where it looks.
func TestWalkFinds(t *testing.T) {
	h := generate(t, UseStream)
	s, err := streamingaead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.NewEncryptingWriter(io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plaintext)
	if !shows(walk(w), plaintext) {
		t.Error("the walk does not find the plaintext in Tink's writer")
	}
	var secret []byte
	kek := &tapKEK{AEAD: testAEAD(t)}
	opened(t, fstest.MapFS{"a.stream.keyset": locked(t, UseStream, h, kek)}, kek)
	secret = keysIn(t, kek.tapped[0])[0]
	if !shows(walk(s), secret) {
		t.Error("the walk does not find the key in Tink's primitive")
	}
}

func TestClosedFormats(t *testing.T) {
	r, err := EphemeralKeyring("p", "a")
	if err != nil {
		t.Fatal(err)
	}
	k, err := KeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Seal[int](k, []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := MakeToken[routeA](k, Scope{}, []byte("value"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := PublicKeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	i, err := MakeIndex[int](k, Scope{}, []byte("value"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		v    any
		want string
	}{
		{r, "keyring(p)"}, {*r, "keyring(p)"}, {Keyring{}, "keyring()"},
		{public, "public-keys(a)"}, {*public, "public-keys(a)"}, {PublicKeys[zoneA]{}, "public-keys(a)"},
		{i, "index(a)"}, {&i, "index(a)"}, {Index[zoneA, int]{}, "index(a)"}, {Index[Zone, int]{}, "index()"},
		{k, "keys(a)"}, {*k, "keys(a)"}, {Keys[zoneA]{}, "keys(a)"},
		{s, "sealed(a)"}, {&s, "sealed(a)"}, {Sealed[zoneA, int]{}, "sealed(a)"},
		{tok, "token(a→b)"}, {&tok, "token(a→b)"}, {Token[routeA]{}, "token(a→b)"},
		{Sealed[Zone, int]{}, "sealed()"}, {Token[Route]{}, "token()"}, // no zone, no route, no panic
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, tc.v); got != tc.want {
				t.Errorf("%s of a %T prints %q, want %q", verb, tc.v, got, tc.want)
			}
		}
		if got := slog.AnyValue(tc.v).Resolve(); got.Kind() != slog.KindString || got.String() != tc.want {
			t.Errorf("slog of a %T logs %v, want %q", tc.v, got, tc.want)
		}
	}
	var none *Keys[zoneA]
	if got := fmt.Sprint(none); got != "<nil>" {
		t.Errorf("a nil pointer prints %q", got)
	}
}

// TestKeysDoNotEncode asks every encoder: a silent omission would look like
// success.
func TestKeysDoNotEncode(t *testing.T) {
	r, err := EphemeralKeyring("p", "a")
	if err != nil {
		t.Fatal(err)
	}
	k, err := KeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	public, err := PublicKeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	encoders := map[string]func(any) error{
		"json": func(v any) error { _, err := json.Marshal(v); return err },
		"xml":  func(v any) error { _, err := xml.Marshal(v); return err },
		"gob":  func(v any) error { return gob.NewEncoder(new(bytes.Buffer)).Encode(v) },
		"text": func(v any) error {
			_, err := v.(interface{ MarshalText() ([]byte, error) }).MarshalText()
			return err
		},
		"binary": func(v any) error {
			_, err := v.(interface{ MarshalBinary() ([]byte, error) }).MarshalBinary()
			return err
		},
		"yaml": func(v any) error {
			_, err := v.(interface{ MarshalYAML() (any, error) }).MarshalYAML()
			return err
		},
	}
	for name, encode := range encoders {
		for _, v := range []any{k, *k, r, *r, public, *public} {
			if err := encode(v); err == nil || !strings.Contains(err.Error(), "never encoded") {
				t.Errorf("%s of a %T: err = %v, want one that says keys are never encoded", name, v, err)
			}
		}
	}
	for _, v := range []any{holdsPointer{k}, holdsValue{*k}} {
		if _, err := json.Marshal(v); !errors.Is(err, errClosed) {
			t.Errorf("json of a %T: err = %v, want %v", v, err, errClosed)
		}
	}
	for _, v := range []any{k, r, public} {
		c := v.(interface {
			UnmarshalText([]byte) error
			UnmarshalBinary([]byte) error
			gob.GobDecoder
		})
		for what, err := range map[string]error{
			"json": json.Unmarshal([]byte(`{}`), v), "text": c.UnmarshalText(nil), "binary": c.UnmarshalBinary(nil), "gob": c.GobDecode(nil),
		} {
			if !errors.Is(err, errClosed) {
				t.Errorf("%s into a %T: err = %v, want %v", what, v, err, errClosed)
			}
		}
	}
}
