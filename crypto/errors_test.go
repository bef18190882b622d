package crypto

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"unicode"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// TestErrorsRead holds every error to the house form: it begins with the
// package, is one line, begins in lower case and says what can be done.
func TestErrorsRead(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&NoKeysError{Zone: "lgwan"}, `crypto: the keyring holds no keys of zone "lgwan": open the folder that holds them or create them`},
		{&NoKeysError{Zone: "lgwan", Use: UseToken}, `crypto: the keyring holds no token keys of zone "lgwan": add the file lgwan.token.keyset`},
		{&UnknownKeyError{Zone: "lgwan", Use: UseToken, KeyID: 7}, `crypto: key 7 is not among the enabled token keys of zone "lgwan": it was disabled or destroyed, or the token is of another zone`},
		{&MalformedError{Kind: "token", Name: "a→b", Detail: "3 bytes, want 20"}, `crypto: not a token(a→b): 3 bytes, want 20`},
		{&OpenError{Zone: "lgwan"}, `crypto: the sealed value does not open in zone "lgwan": it was changed, belongs to another record, field, type or zone, or its key is gone`},
		{&KeyringError{Reason: ReasonEmpty}, `crypto: keyring: no file ends in .keyset: create the keyring first`},
		{&KeyringError{File: "a.seal.keyset", Reason: ReasonFormat, Detail: "format 2, want 1"}, `crypto: keyring: "a.seal.keyset": the format is not one this version reads: update the program (format 2, want 1)`},
		{&KeyringError{File: "a.seal.keyset", Reason: ReasonUnreadable, Err: errors.New("two\n  lines")}, `crypto: keyring: "a.seal.keyset": cannot be read: two lines`},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("error = %s\nwant    %s", got, tc.want)
		}
	}
	for r := range reasons {
		text := reasons[r].text
		if strings.ContainsAny(text, "\n") || strings.HasSuffix(text, ".") || unicode.IsUpper(rune(text[0])) {
			t.Errorf("reason %s is not in the house form: %q", reasons[r].name, text)
		}
	}
	if err := error(&KeyringError{Err: fs.ErrPermission}); !errors.Is(err, fs.ErrPermission) {
		t.Error("a KeyringError does not lead to its cause")
	}
}

// blabKEK repeats what it was given when it fails, once it has seen the
// self-test.
type blabKEK struct {
	tink.AEAD
	calls int
	given []byte
}

func (k *blabKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	if k.calls++; k.calls > 1 {
		k.given = plaintext
		return nil, errors.New("cannot encrypt " + string(plaintext))
	}
	return k.AEAD.Encrypt(plaintext, ad)
}

func TestErrorsDoNotRepeatKeys(t *testing.T) {
	kek := &blabKEK{AEAD: testAEAD(t)}
	err := CreateKeyring(t.TempDir(), "kouki", []string{"a"}, kek)
	var e *KeyringError
	if !errors.As(err, &e) || e.Reason != ReasonKEK || e.File != "a.seal.keyset" {
		t.Fatalf("err = %v, want a *KeyringError about a.seal.keyset", err)
	}
	for err := error(e); err != nil; err = errors.Unwrap(err) {
		for _, key := range keysIn(t, kek.given) {
			if shows(err.Error(), key) {
				t.Errorf("err = %q repeats a key", err)
			}
		}
	}
}
