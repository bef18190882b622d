package oldtink_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/protobuf/proto"

	"github.com/sekisho-go/sekisho/benchmarks/oldtink"
	"github.com/sekisho-go/sekisho/crypto"
)

// The tests of this file go through package crypto, by its exported names only:
// keyset files whose keysets the old module made and encrypted, and what was
// made with their keys.

type (
	myNumber struct{}
	toLGWAN  struct{}
	group    struct{}

	sealed = crypto.Sealed[myNumber, group]
	token  = crypto.Token[toLGWAN]
	index  = crypto.Index[myNumber, group]
)

func (myNumber) ZoneName() string { return "mynumber" }
func (toLGWAN) RouteName() string { return "mynumber→lgwan" }

var (
	value = []byte("0123456789")
	ad    = crypto.AppendAD(nil, "kouki", "Insured", "1")
	scope = crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber")
)

// keyTypes are what the files of a keyring hold, by the names that both modules
// have for the types of their keys.
var keyTypes = map[string]oldtink.Algorithm{
	"type.googleapis.com/google.crypto.tink.AesGcmKey":              oldtink.AEAD,
	"type.googleapis.com/google.crypto.tink.AesCmacPrfKey":          oldtink.PRF,
	"type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey": oldtink.Stream1MB,
	"type.googleapis.com/google.crypto.tink.HpkePrivateKey":         oldtink.HPKE,
	"type.googleapis.com/google.crypto.tink.Ed25519PrivateKey":      oldtink.Signature,
}

// filing is a key-encryption key that sees what a keyring writes: it files a
// case for each keyset, by the id of its key. When old is set, it keeps the new
// keyset from being written and has the old module make one of the same
// algorithm and id in its place, encrypted under the same associated data, and
// an output with it.
type filing struct {
	tink.AEAD
	t     *testing.T
	key   []byte
	old   bool
	cases map[uint32]oldtink.Case
}

func newFiling(t *testing.T, old bool) *filing {
	key := ask(0).KEK
	return &filing{AEAD: newKEK(t, key), t: t, key: key, old: old, cases: make(map[uint32]oldtink.Case)}
}

func (f *filing) Encrypt(plaintext, keysetAD []byte) ([]byte, error) {
	ks := new(tinkpb.Keyset)
	if err := proto.Unmarshal(plaintext, ks); err != nil || len(ks.GetKey()) != 1 {
		return f.AEAD.Encrypt(plaintext, keysetAD) // the self-test, not a keyset
	}
	algorithm, ok := keyTypes[ks.GetKey()[0].GetKeyData().GetTypeUrl()]
	if !ok {
		return f.AEAD.Encrypt(plaintext, keysetAD)
	}
	c := oldtink.Case{Algorithm: algorithm, KeyID: ks.GetPrimaryKeyId(), KeysetAD: bytes.Clone(keysetAD), Input: value, AD: ad}
	if algorithm == oldtink.PRF {
		c.Input = slices.Concat(scope[:], value)
	}
	ct, err := f.encrypt(&c, plaintext)
	f.cases[c.KeyID] = c
	return ct, err
}

func (f *filing) encrypt(c *oldtink.Case, plaintext []byte) ([]byte, error) {
	if f.old {
		*c = askPeer(f.t, oldtink.Exchange{KEK: f.key, Cases: []oldtink.Case{*c}}).Cases[0]
		encrypted, err := keyset.NewBinaryReader(bytes.NewReader(c.Keyset)).ReadEncrypted()
		return encrypted.GetEncryptedKeyset(), err
	}
	ct, err := f.AEAD.Encrypt(plaintext, c.KeysetAD)
	if err != nil {
		return nil, err
	}
	c.Keyset, err = proto.Marshal(&tinkpb.EncryptedKeyset{EncryptedKeyset: ct})
	return ct, err
}

// only returns the one case of an algorithm.
func (f *filing) only(a oldtink.Algorithm) oldtink.Case {
	f.t.Helper()
	var found []oldtink.Case
	for _, c := range f.cases {
		if c.Algorithm == a {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		f.t.Fatalf("%d keysets of %s were written, want 1", len(found), a)
	}
	return found[0]
}

// open creates a keyring in a new folder with f as key-encryption key and opens
// it with the key-encryption key alone.
func (f *filing) open() (dir string, ring *crypto.Keyring) {
	f.t.Helper()
	dir = filepath.Join(f.t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, f); err != nil {
		f.t.Fatal(err)
	}
	ring, err := crypto.OpenKeyring(os.DirFS(dir), f.AEAD)
	if err != nil {
		f.t.Fatal(err)
	}
	return dir, ring
}

func keysOf(t *testing.T, ring *crypto.Keyring) (*crypto.Keys[myNumber], *crypto.PublicKeys[myNumber]) {
	t.Helper()
	k, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		t.Fatal(err)
	}
	p, err := crypto.PublicKeysOf[myNumber](ring)
	if err != nil {
		t.Fatal(err)
	}
	return k, p
}

// TestKeyringOfOldKeysets opens a keyring whose keysets the old module made, and
// with it what the old module made with them.
func TestKeyringOfOldKeysets(t *testing.T) {
	f := newFiling(t, true)
	_, ring := f.open()
	k, p := keysOf(t, ring)
	uses := map[oldtink.Algorithm]func(output []byte) error{
		oldtink.AEAD: func(output []byte) error {
			var s sealed
			if err := s.UnmarshalBinary(output); err != nil {
				return err
			}
			return same(crypto.Open(k, s, ad))
		},
		oldtink.Stream1MB: func(output []byte) error {
			r, err := crypto.DecryptFrom(k, bytes.NewReader(output), ad)
			if err != nil {
				return err
			}
			return same(io.ReadAll(r))
		},
		oldtink.HPKE:      func(output []byte) error { return same(crypto.OpenBox(k, output, ad)) },
		oldtink.Signature: func(output []byte) error { return crypto.Verify(p, output, value) },
	}
	for algorithm, use := range uses {
		output := f.only(algorithm).Output
		if err := use(output); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		for at := range output {
			changed := bytes.Clone(output)
			changed[at] ^= 1
			if use(changed) == nil {
				t.Errorf("%s: opens with byte %d changed", algorithm, at)
			}
		}
	}
	for name, mark := range marks(k) {
		got, err := mark()
		if err != nil {
			t.Fatal(err)
		}
		if want := f.marked(got); !bytes.Equal(got[4:], want.Output) {
			t.Errorf("%s: not what the old module computes", name)
		}
	}
}

// TestOldOpensKeyring is the other direction: the old module opens the keysets
// of a keyring, given their associated data, and what this library made with
// them.
func TestOldOpensKeyring(t *testing.T) {
	f := newFiling(t, false)
	_, ring := f.open()
	k, p := keysOf(t, ring)
	outputs := map[oldtink.Algorithm]func() ([]byte, error){
		oldtink.AEAD: func() ([]byte, error) {
			s, err := crypto.Seal[group](k, value, ad)
			return s.Bytes(), err
		},
		oldtink.Stream1MB: func() ([]byte, error) { return encryptTo(k) },
		oldtink.HPKE:      func() ([]byte, error) { return crypto.SealBox(p, value, ad) },
		oldtink.Signature: func() ([]byte, error) { return crypto.Sign(k, value) },
	}
	x := oldtink.Exchange{KEK: f.key}
	for algorithm, output := range outputs {
		c := f.only(algorithm)
		var err error
		if c.Output, err = output(); err != nil {
			t.Fatal(err)
		}
		if algorithm == oldtink.Signature {
			c.Public = publicOf(t, c, f.AEAD)
		}
		x.Cases = append(x.Cases, c)
	}
	for _, mark := range marks(k) {
		got, err := mark()
		if err != nil {
			t.Fatal(err)
		}
		c := f.marked(got)
		c.Output = got[4:]
		x.Cases = append(x.Cases, c)
	}
	for _, c := range askPeer(t, x).Cases {
		if c.Err != "" {
			t.Errorf("%s: %s", c.Algorithm, c.Err)
		}
	}
	for _, c := range askPeer(t, mutations(x)).Cases {
		if c.Err == "" {
			t.Errorf("%s: the old module opens a changed output", c.Algorithm)
		}
	}
}

// marks makes a token and an index: four bytes of key id, 16 bytes of PRF.
func marks(k *crypto.Keys[myNumber]) map[string]func() ([]byte, error) {
	return map[string]func() ([]byte, error){
		"token": func() ([]byte, error) {
			m, err := crypto.MakeToken[toLGWAN](k, scope, value)
			if err != nil {
				return nil, err
			}
			return m.MarshalBinary()
		},
		"index": func() ([]byte, error) {
			m, err := crypto.MakeIndex[group](k, scope, value)
			if err != nil {
				return nil, err
			}
			return m.MarshalBinary()
		},
	}
}

// marked returns the case of the key that made a token or an index.
func (f *filing) marked(mark []byte) oldtink.Case {
	f.t.Helper()
	for id, c := range f.cases {
		if bytes.Equal(mark[:4], []byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}) {
			return c
		}
	}
	f.t.Fatal("no keyset holds the key that made this")
	return oldtink.Case{}
}

func encryptTo(k *crypto.Keys[myNumber]) ([]byte, error) {
	var buf bytes.Buffer
	w, err := crypto.EncryptTo(k, &buf, ad)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(value); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func publicOf(t *testing.T, c oldtink.Case, kek tink.AEAD) []byte {
	t.Helper()
	h, err := read(&c, kek)
	if err != nil {
		t.Fatal(err)
	}
	public, err := h.Public()
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := public.WriteWithNoSecrets(keyset.NewBinaryWriter(&buf)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func same(got []byte, err error) error {
	if err != nil {
		return err
	}
	if !bytes.Equal(got, value) {
		return fmt.Errorf("it opens to something else")
	}
	return nil
}

var keysetField = regexp.MustCompile(`"keyset": "([^"]+)"`)

// TestKeyringOfChangedKeysets changes every byte of the keysets that the old
// module made.
func TestKeyringOfChangedKeysets(t *testing.T) {
	f := newFiling(t, true)
	dir, _ := f.open()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 || len(files) != len(f.cases) {
		t.Fatalf("%d files, of which the old module made the keysets of %d: keyTypes lacks a use", len(files), len(f.cases))
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		field := keysetField.FindSubmatchIndex(data)
		if field == nil {
			t.Fatalf("%s has no keyset", file.Name())
		}
		ks, err := base64.StdEncoding.DecodeString(string(data[field[2]:field[3]]))
		if err != nil {
			t.Fatal(err)
		}
		for at := range ks {
			changed := bytes.Clone(ks)
			changed[at] ^= 1
			text := base64.StdEncoding.EncodeToString(changed)
			edited := slices.Concat(data[:field[2]], []byte(text), data[field[3]:])
			_, err := crypto.OpenKeyring(fstest.MapFS{file.Name(): {Data: edited}}, f.AEAD)
			if refused := (*crypto.KeyringError)(nil); !errors.As(err, &refused) {
				t.Errorf("%s with byte %d of the keyset changed: error %v, want a *KeyringError", file.Name(), at, err)
			}
		}
	}
}
