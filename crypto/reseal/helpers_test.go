package reseal_test

import (
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
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

// memory is a store in memory. Its hook sees every call before and after it took
// effect, and may fail it.
type memory struct {
	mu   sync.Mutex
	rows map[string]map[string]any
	hook func(call string) error
}

const (
	sealedColumn = "name_sealed"
	indexColumn  = "name_index"
)

// newMemory fills a store with rows 1 to n, as an application does; every tenth
// row has no name.
func newMemory(t testing.TB, n int, r *crypto.Keyring) *memory {
	t.Helper()
	m := &memory{rows: make(map[string]map[string]any)}
	k := keysOf(t, r)
	for i := 1; i <= n; i++ {
		m.rows[strconv.Itoa(i)] = newRow(t, k, strconv.Itoa(i), plaintext(strconv.Itoa(i)), i%10 == 0)
	}
	return m
}

func newRow(t testing.TB, k *crypto.Keys[myNumber], id, value string, null bool) map[string]any {
	t.Helper()
	if null {
		return map[string]any{sealedColumn: nil, indexColumn: nil}
	}
	s, err1 := column.Seal(k, id, []byte(value))
	i, err2 := column.Index(k, []byte(value))
	sealed, err3 := s.Value()
	index, err4 := i.Value()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return map[string]any{sealedColumn: sealed, indexColumn: index}
}

func (m *memory) call(when string) error {
	if m.hook == nil {
		return nil
	}
	return m.hook(when)
}

func (m *memory) Name() string { return "memory insured" }

func (m *memory) Next(_ context.Context, after reseal.Key, n int) ([]reseal.Row, error) {
	if err := m.call("before next"); err != nil {
		return nil, err
	}
	m.mu.Lock()
	last := 0
	if after != nil {
		last, _ = strconv.Atoi(after[0])
	}
	var rows []reseal.Row
	for _, id := range m.ids() {
		if id > last && len(rows) < n {
			key := strconv.Itoa(id)
			rows = append(rows, reseal.Row{Key: reseal.Key{key}, Values: maps.Clone(m.rows[key])})
		}
	}
	m.mu.Unlock()
	return rows, m.call("after next")
}

func (m *memory) Get(_ context.Context, key reseal.Key) (reseal.Row, bool, error) {
	m.mu.Lock()
	values, ok := m.rows[key[0]]
	row := reseal.Row{Key: key, Values: maps.Clone(values)}
	m.mu.Unlock()
	return row, ok, m.call("after get")
}

func (m *memory) Swap(_ context.Context, updates []reseal.Update) ([]bool, error) {
	if err := m.call("before swap"); err != nil {
		return nil, err
	}
	m.mu.Lock()
	written := make([]bool, len(updates))
	for i, u := range updates {
		now, ok := m.rows[u.Key[0]]
		if ok && maps.EqualFunc(now, u.Old, func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
			m.rows[u.Key[0]], written[i] = maps.Clone(u.New), true
		}
	}
	m.mu.Unlock()
	return written, m.call("after swap")
}

// ids returns the keys in order; m.mu is held.
func (m *memory) ids() []int {
	var ids []int
	for key := range m.rows {
		id, _ := strconv.Atoi(key)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// work is to seal again and to index again.
func work(r *crypto.Keyring) []reseal.Work {
	return []reseal.Work{reseal.Sealed(r, column, sealedColumn, nil), reseal.Index(r, column, sealedColumn, indexColumn, nil)}
}

// counted are the columns of the store.
var counted = []reseal.Column{{Name: sealedColumn, Form: reseal.FormSealed}, {Name: indexColumn, Form: reseal.FormIndex, Of: sealedColumn}}

// wantDone fails the test unless every row is under the primary keys and holds
// what it held.
func wantDone(t testing.TB, o *office, m *memory, r *crypto.Keyring) {
	t.Helper()
	census, err := reseal.Count(t.Context(), m, counted, reseal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for column, use := range map[string]string{sealedColumn: "seal", indexColumn: "index"} {
		if left := census.Columns[column].Left(o.primary(use)); left != 0 {
			t.Errorf("%s: %d rows are not under key %d: %v", column, left, o.primary(use), census.Columns[column])
		}
	}
	k := keysOf(t, r)
	for id, values := range m.rows {
		var s crypto.Sealed[myNumber, name]
		if err := s.Scan(values[sealedColumn]); err != nil {
			t.Fatal(err)
		}
		got, err := column.Open(k, id, s)
		if err != nil || got != nil && string(got) != plaintext(id) || (got == nil) != (values[sealedColumn] == nil) {
			t.Errorf("row %s holds %q, %v, want %q", id, got, err, plaintext(id))
		}
	}
}

// find returns the rows whose name has the plaintext of the row id, as a database
// would: by the index column alone.
func (m *memory) find(t testing.TB, k *crypto.Keys[myNumber], id string) []string {
	t.Helper()
	indexes, err := column.Lookup(k, []byte(plaintext(id)))
	if err != nil {
		t.Fatal(err)
	}
	wanted := make(map[any]bool)
	for _, i := range indexes {
		value, _ := i.Value()
		wanted[value] = true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []string
	for key, values := range m.rows {
		if wanted[values[indexColumn]] {
			found = append(found, key)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return found
}

// wantError fails the test unless err is an E.
func wantError[E error](t testing.TB, what string, err error) (e E) {
	t.Helper()
	if !errors.As(err, &e) {
		t.Errorf("%s: err = %v, want a %T", what, err, e)
	}
	return e
}
