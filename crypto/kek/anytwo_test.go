package kek_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

var people = []string{"tanaka", "suzuki", "sato", "ito", "kato"}

func holders(t testing.TB, n int) []kek.Holder {
	t.Helper()
	var list []kek.Holder
	for _, name := range people[:n] {
		list = append(list, kek.Holder{Name: name, KEK: fileKEK(t)})
	}
	return list
}

func anyTwo(t testing.TB, list []kek.Holder) tink.AEAD {
	t.Helper()
	k, err := kek.AnyTwo(list...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// only returns the list with all but some holders away.
func only(list []kek.Holder, there ...int) []kek.Holder {
	away := make([]kek.Holder, len(list))
	for i, h := range list {
		away[i].Name = h.Name
	}
	for _, i := range there {
		away[i] = list[i]
	}
	return away
}

func TestAnyTwo(t *testing.T) {
	for n := 3; n <= 5; n++ {
		list := holders(t, n)
		plaintext, ad := []byte("a keyset, in clear"), []byte("kouki seal")
		ct, err := anyTwo(t, list).Encrypt(plaintext, ad)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			for j := range n {
				if i == j {
					got, err := kek.AnyTwo(only(list, i)...)
					wantReason(t, "one holder", got, err, kek.ReasonMissing)
					continue
				}
				two := only(list, i, j)
				two[0], two[n-1] = two[n-1], two[0] // in whatever order
				got, err := anyTwo(t, two).Decrypt(ct, ad)
				if err != nil || !bytes.Equal(got, plaintext) {
					t.Errorf("%d of %d and %d: Decrypt = %d bytes, %v", n, i, j, len(got), err)
				}
				got, err = anyTwo(t, two).Decrypt(ct, []byte("kouki sign"))
				wantReason(t, "other associated data", got, err, kek.ReasonLocked)
				got, err = anyTwo(t, two).Encrypt(plaintext, ad)
				wantReason(t, "encrypting with two", got, err, kek.ReasonMissing)
			}
		}
	}
}

// TestAnyTwoMutations changes every byte of what was encrypted, for holders who
// do not use most of it: all of it is bound.
func TestAnyTwoMutations(t *testing.T) {
	list := holders(t, 3)
	wantSameKey(t, anyTwo(t, list), anyTwo(t, only(list, 1, 2)))
	ct, err := anyTwo(t, list).Encrypt([]byte("x"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	two := anyTwo(t, only(list, 0, 2))
	mutations(ct, func(what string, bad []byte) {
		got, err := two.Decrypt(bad, []byte("ad"))
		wantError(t, what, got, err)
	})

	var f map[string]any
	if err := json.Unmarshal(ct, &f); err != nil {
		t.Fatal(err)
	}
	keys := f["keys"].([]any)
	for i := range keys {
		for j := range keys {
			if i == j {
				continue
			}
			keys[i], keys[j] = keys[j], keys[i]
			bad := fmt.Sprintf(`{"sekisho-kek-any-two":1,"holders":["tanaka","suzuki","sato"],"keys":["%s","%s","%s"],"data":"%s"}`, keys[0], keys[1], keys[2], f["data"])
			got, err := two.Decrypt([]byte(bad), []byte("ad"))
			wantReason(t, "swapped keys", got, err, kek.ReasonLocked)
			keys[i], keys[j] = keys[j], keys[i]
		}
	}
	bad := strings.Replace(string(ct), `"tanaka","suzuki"`, `"suzuki","tanaka"`, 1)
	got, err := two.Decrypt([]byte(bad), []byte("ad"))
	wantReason(t, "swapped names", got, err, kek.ReasonLocked)
	bad = strings.Replace(string(ct), `"suzuki"`, `"ito"`, 1)
	got, err = two.Decrypt([]byte(bad), []byte("ad"))
	wantReason(t, "another name for one who is away", got, err, kek.ReasonLocked)
}

// TestAnyTwoWithOneWrong shows that a third holder helps when one of the other
// two has a key that does not fit.
func TestAnyTwoWithOneWrong(t *testing.T) {
	list := holders(t, 3)
	ct, err := anyTwo(t, list).Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		wrong := only(list, 0, 1, 2)
		wrong[i].KEK = fileKEK(t)
		if got, err := anyTwo(t, wrong).Decrypt(ct, nil); err != nil || string(got) != "x" {
			t.Errorf("with %s wrong: %v", list[i].Name, err)
		}
	}
	got, err := anyTwo(t, holders(t, 3)).Decrypt(ct, nil)
	wantReason(t, "three other keys", got, err, kek.ReasonLocked)
	others := holders(t, 5)[2:]
	got, err = anyTwo(t, others).Decrypt(ct, nil)
	if e := wantReason(t, "other people", got, err, kek.ReasonMissing); !strings.Contains(e.Error(), "tanaka, suzuki, sato") {
		t.Errorf("err = %v, want the names of the holders in it", e)
	}
}

func TestAnyTwoRefuses(t *testing.T) {
	k := fileKEK(t)
	for _, tc := range []struct {
		name  string
		names []string
	}{
		{"none", nil},
		{"two, which is Both", []string{"a", "b"}},
		{"six", []string{"a", "b", "c", "d", "e", "f"}},
		{"one twice", []string{"a", "b", "a"}},
		{"no name", []string{"a", "b", ""}},
		{"a comma", []string{"a", "b", "c,d"}},
		{"a capital", []string{"a", "b", "C"}},
		{"a long name", []string{"a", "b", strings.Repeat("c", 33)}},
	} {
		var list []kek.Holder
		for _, name := range tc.names {
			list = append(list, kek.Holder{Name: name, KEK: k})
		}
		got, err := kek.AnyTwo(list...)
		wantReason(t, tc.name, got, err, kek.ReasonNames)
	}
	list := holders(t, 3)
	list[2].KEK = list[0].KEK
	got, err := anyTwo(t, list).Encrypt([]byte("x"), nil)
	wantReason(t, "one key for two holders", got, err, kek.ReasonSame)

	list[2].KEK = blabKEK{k}
	got, err = anyTwo(t, list).Encrypt([]byte("x"), nil)
	wantReason(t, "a key that fails", got, err, kek.ReasonEncrypt)

	long := make([]byte, 1<<20+1)
	got, err = anyTwo(t, holders(t, 3)).Encrypt(long, nil)
	wantReason(t, "too long", got, err, kek.ReasonTooLong)
	if ct, err := anyTwo(t, holders(t, 3)).Encrypt(long[1:], nil); err != nil || len(ct) == 0 {
		t.Errorf("1 MiB: %v", err)
	}
	list = holders(t, 3)
	list[1].KEK = wideKEK{list[1].KEK}
	got, err = anyTwo(t, list).Encrypt([]byte("x"), nil)
	wantReason(t, "a key whose ciphertexts are too long", got, err, kek.ReasonTooLong)
}

// wideKEK writes long ciphertexts.
type wideKEK struct{ tink.AEAD }

func (k wideKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	ct, err := k.AEAD.Encrypt(plaintext, ad)
	return append(ct, make([]byte, 9<<10)...), err
}

func (k wideKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	if len(ct) < 9<<10 {
		return nil, errors.New("short")
	}
	return k.AEAD.Decrypt(ct[:len(ct)-9<<10], ad)
}
