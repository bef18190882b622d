package sqltest_test

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/crypto/reseal"
)

// A zone and a type of values, as the generator would write them.
type (
	myNumber struct{}
	name     struct{}
)

func (myNumber) ZoneName() string { return "mynumber" }

// zeroKEK is the key-encryption key of the tests: AES-256-GCM under 32 zero bytes.
type zeroKEK struct{}

func gcm() cipher.AEAD {
	block, _ := aes.NewCipher(make([]byte, 32))
	gcm, _ := cipher.NewGCMWithRandomNonce(block)
	return gcm
}

func (zeroKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	return gcm().Seal(nil, nil, plaintext, ad), nil
}

func (zeroKEK) Decrypt(ct, ad []byte) ([]byte, error) { return gcm().Open(nil, nil, ct, ad) }

// office is a folder of keysets that can be rotated.
type office struct {
	t    testing.TB
	dir  string
	uses map[string]*clearKeys
}

// clearKeys is a keyset in clear.
type clearKeys struct {
	file    *keyfile.File
	manager *keyset.Manager
}

func newOffice(t testing.TB) *office {
	o := &office{t: t, dir: t.TempDir(), uses: make(map[string]*clearKeys)}
	for _, use := range []string{"seal", "index"} {
		o.uses[use] = &clearKeys{&keyfile.File{Format: keyfile.FormatNumber, Policy: "kouki", Zone: "mynumber", Use: use}, keyset.NewManager()}
		o.rotate(use)
	}
	return o
}

// rotate adds a key that becomes the primary one.
func (o *office) rotate(use string) uint32 {
	o.t.Helper()
	k := o.uses[use]
	for i := range k.file.Keys {
		if k.file.Keys[i].State == keyfile.StateActive {
			k.file.Keys[i].State = keyfile.StateRetired
		}
	}
	line := keyfile.Key{State: keyfile.StateActive, Created: keyfile.Now(time.Now())}
	id, err := k.file.AddKey(k.manager, k.file.Kind().Algorithms[0].Name, line)
	if err != nil {
		o.t.Fatal(err)
	}
	o.write(k)
	return id
}

// disable lets a key do nothing any more.
func (o *office) disable(use string, id uint32) {
	o.t.Helper()
	k := o.uses[use]
	k.file.Key(id).State = keyfile.StateDisabled
	if err := k.manager.Disable(id); err != nil {
		o.t.Fatal(err)
	}
	o.write(k)
}

func (o *office) write(k *clearKeys) {
	o.t.Helper()
	h, err := k.manager.Handle()
	if err != nil {
		o.t.Fatal(err)
	}
	root, err := os.OpenRoot(o.dir)
	if err != nil {
		o.t.Fatal(err)
	}
	defer root.Close()
	if err := errors.Join(k.file.Lock(h, zeroKEK{}), keyfile.Replace(root, k.file)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) primary(use string) uint32 { return o.uses[use].file.Active().ID }

func (o *office) ring() *crypto.Keyring {
	o.t.Helper()
	r, err := crypto.OpenKeyring(os.DirFS(o.dir), zeroKEK{})
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func keysOf(t testing.TB, r *crypto.Keyring) *crypto.Keys[myNumber] {
	t.Helper()
	k, err := crypto.KeysOf[myNumber](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var column = crypto.NewColumn[myNumber, name]("kouki", "insured", "name")

// plaintext is what is in a row: some rows are equal to others.
func plaintext(id string) string {
	n, _ := strconv.Atoi(id)
	return fmt.Sprintf("name %d", n/2)
}

// sealRow returns what the two columns of a row hold.
func sealRow(t testing.TB, k *crypto.Keys[myNumber], id, value string, null bool) (sealed, index any) {
	if null {
		return nil, nil
	}
	s, err1 := column.Seal(k, id, []byte(value))
	i, err2 := column.Index(k, []byte(value))
	if err := errors.Join(err1, err2); err != nil {
		t.Error(err)
	}
	return s, i
}

// work is to seal again and to index again.
func work(r *crypto.Keyring) []reseal.Work {
	return []reseal.Work{reseal.Sealed(r, column, "name_sealed", nil), reseal.Index(r, column, "name_sealed", "name_index", nil)}
}

// wantDone fails the test unless every row is under the primary keys and holds
// what it held at first.
func wantDone(t testing.TB, o *office, store reseal.SQL, r *crypto.Keyring) reseal.Census {
	t.Helper()
	return wantRows(t, o, store, r, func(id string) (string, bool) {
		n, _ := strconv.Atoi(id)
		return plaintext(id), n%10 != 0
	})
}

// wantRows fails the test unless every row is under the primary keys, holds what
// it should, and is found by it.
func wantRows(t testing.TB, o *office, store reseal.SQL, r *crypto.Keyring, want func(id string) (string, bool)) reseal.Census {
	t.Helper()
	census, err := reseal.Count(t.Context(), store, []reseal.Column{
		{Name: "name_sealed", Form: reseal.FormSealed}, {Name: "name_index", Form: reseal.FormIndex, Of: "name_sealed"},
	}, reseal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for column, use := range map[string]string{"name_sealed": "seal", "name_index": "index"} {
		if left := census.Columns[column].Left(o.primary(use)); left != 0 {
			t.Errorf("%s: %d rows are not under key %d: %v", column, left, o.primary(use), census.Columns[column])
		}
	}
	k := keysOf(t, r)
	rows, err := store.Next(t.Context(), nil, 1<<20)
	if err != nil || int64(len(rows)) != census.Rows {
		t.Fatalf("%d rows, %v, the census says %d", len(rows), err, census.Rows)
	}
	for _, row := range rows {
		id := row.Key[0]
		var s crypto.Sealed[myNumber, name]
		var i crypto.Index[myNumber, name]
		if err := errors.Join(s.Scan(row.Values["name_sealed"]), i.Scan(row.Values["name_index"])); err != nil {
			t.Fatal(err)
		}
		value, there := want(id)
		got, err := column.Open(k, id, s)
		if err != nil || s.IsZero() == there || there && string(got) != value {
			t.Errorf("row %s holds %q, %v, want %q", id, got, err, value)
		}
		if matches, err := crypto.MatchIndex(k, crypto.NewScope("kouki", "column", "insured", "name"), got, i); there && (err != nil || !matches) {
			t.Errorf("row %s is not found by its value: %v", id, err)
		}
	}
	return census
}
