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
		{&UnknownKeyError{Zone: "lgwan", Use: UseIndex, KeyID: 7}, `crypto: key 7 is not among the enabled index keys of zone "lgwan": it was disabled or destroyed, or the index is of another zone`},
		{&SignatureError{Zone: "lgwan"}, `crypto: the signature is not one of zone "lgwan": the message or the signature was changed, somebody else signed it, or the key is gone`},
		{&PeriodError{Zone: "a", Use: UseSeal, KeyID: 7, Until: begun}, `crypto: key 7 (seal of zone "a") makes nothing new since 2026-04-01T00:00:00Z: rotate the keys`},
		{&PeriodError{Zone: "a", Use: UseBox, KeyID: 7, Until: begun, Consume: true}, `crypto: key 7 (box of zone "a") opens nothing since 2026-04-01T00:00:00Z: what it sealed should have been sealed again before; if it is needed, extend the period of the key`},
		{&StaleError{}, `crypto: the keys are older than their grace and do nothing until the keyring can be opened again: see to the key-encryption key`},
		{&StaleError{Err: errors.New("two\nlines")}, `crypto: the keys are older than their grace and do nothing until the keyring can be opened again: see to the key-encryption key: two lines`},
		{&UsedUpError{Zone: "a", KeyID: 7}, `crypto: key 7 (seal of zone "a") has sealed 4294967296 values, the most one key may: rotate it`},
		{&LedgerError{Zone: "a", KeyID: 7, Err: errors.New("two\nlines")}, `crypto: key 7 (seal of zone "a"): its uses cannot be counted: see to the ledger: two lines`},
		{&KeyringError{Reason: ReasonOption, Detail: "x"}, `crypto: keyring: an option cannot be (x)`},
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
