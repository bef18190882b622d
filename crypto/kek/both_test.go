package kek_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

// plainKEK hands back what it is given.
type plainKEK struct{}

func (plainKEK) Encrypt(plaintext, _ []byte) ([]byte, error) { return plaintext, nil }
func (plainKEK) Decrypt(ct, _ []byte) ([]byte, error)        { return nil, errors.New("no") }

// blabKEK repeats what it was given when it fails.
type blabKEK struct{ tink.AEAD }

func (blabKEK) Encrypt(plaintext, _ []byte) ([]byte, error) {
	return nil, errors.New("cannot encrypt " + string(plaintext))
}

func mustBoth(t testing.TB, a, b tink.AEAD) tink.AEAD {
	t.Helper()
	k, err := kek.Both(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestBoth(t *testing.T) {
	a, b, c := fileKEK(t), fileKEK(t), fileKEK(t)
	wantSameKey(t, mustBoth(t, a, b), mustBoth(t, a, b))

	ct, err := mustBoth(t, a, b).Encrypt([]byte("x"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		k    tink.AEAD
		want string
	}{
		{"swapped", mustBoth(t, b, a), "the second of two"},
		{"another second", mustBoth(t, a, c), "the second of two"},
		{"another first", mustBoth(t, c, b), "the first of two"},
		{"the first alone", a, "file"},
		{"the second alone", b, "file"},
	} {
		got, err := tc.k.Decrypt(ct, []byte("ad"))
		if e := wantReason(t, tc.name, got, err, kek.ReasonLocked); !strings.Contains(e.Error(), tc.want) {
			t.Errorf("%s: err = %v, want %q in it", tc.name, e, tc.want)
		}
	}
}

func TestBothRefuses(t *testing.T) {
	a, path := newFile(t)
	again, err := kek.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]tink.AEAD{{a, nil}, {nil, a}, {nil, nil}} {
		got, err := kek.Both(pair[0], pair[1])
		wantReason(t, "a missing key", got, err, kek.ReasonMissing)
	}
	secret := []byte("a keyset, in clear")
	for _, tc := range []struct {
		name string
		a, b tink.AEAD
		want kek.Reason
	}{
		{"one key twice", a, a, kek.ReasonSame},
		{"one key, opened twice", a, again, kek.ReasonSame},
		{"a first key that does nothing", plainKEK{}, a, kek.ReasonEncrypt},
		{"a second key that does nothing", a, plainKEK{}, kek.ReasonEncrypt},
		{"a first key that fails", blabKEK{a}, a, kek.ReasonEncrypt},
		{"a second key that fails", a, blabKEK{fileKEK(t)}, kek.ReasonEncrypt},
	} {
		got, err := mustBoth(t, tc.a, tc.b).Encrypt(secret, nil)
		for e := error(wantReason(t, tc.name, got, err, tc.want)); e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), string(secret)) {
				t.Errorf("%s: err = %v repeats what was to be encrypted", tc.name, e)
			}
		}
	}
}
