package kek_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

func mustEnvelope(t testing.TB, service tink.AEAD) tink.AEAD {
	t.Helper()
	k, err := kek.Envelope(service)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// smallKEK takes 4 KiB, as AWS KMS does, and counts.
type smallKEK struct {
	tink.AEAD
	calls int
}

func (k *smallKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	if k.calls++; len(plaintext) > 4096 {
		return nil, errors.New("too long")
	}
	return k.AEAD.Encrypt(plaintext, ad)
}

// deafKEK ignores associated data.
type deafKEK struct{ tink.AEAD }

func (k deafKEK) Encrypt(plaintext, _ []byte) ([]byte, error) { return k.AEAD.Encrypt(plaintext, nil) }
func (k deafKEK) Decrypt(ct, _ []byte) ([]byte, error)        { return k.AEAD.Decrypt(ct, nil) }

func TestEnvelope(t *testing.T) {
	service := &smallKEK{AEAD: fileKEK(t)}
	k := mustEnvelope(t, service)
	wantSameKey(t, k, mustEnvelope(t, service))
	wantSameKey(t, mustEnvelope(t, deafKEK{service}), mustEnvelope(t, deafKEK{service}))

	service.calls = 0
	long := make([]byte, 1<<20)
	ct, err := k.Encrypt(long, []byte("ad"))
	if err != nil || service.calls != 1 {
		t.Fatalf("%v, %d calls, want one", err, service.calls)
	}
	if got, err := k.Decrypt(ct, []byte("ad")); err != nil || !bytes.Equal(got, long) {
		t.Errorf("Decrypt = %d bytes, %v", len(got), err)
	}
	got, err := k.Encrypt(append(long, 0), nil)
	wantReason(t, "too long", got, err, kek.ReasonTooLong)
	got, err = mustEnvelope(t, fileKEK(t)).Decrypt(ct, []byte("ad"))
	wantReason(t, "another service", got, err, kek.ReasonLocked)

	ct, err = k.Encrypt([]byte("x"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	mutations(ct, func(what string, bad []byte) {
		got, err := k.Decrypt(bad, []byte("ad"))
		wantError(t, what, got, err)
	})
	for name, bad := range map[string]tink.AEAD{"nothing done": plainKEK{}, "a failure": blabKEK{}, "too wide": wideKEK{fileKEK(t)}} {
		got, err := mustEnvelope(t, bad).Encrypt([]byte("x"), nil)
		wantReason(t, name, got, err, kek.ReasonEncrypt)
	}
	none, err := kek.Envelope(nil)
	wantReason(t, "no service", none, err, kek.ReasonMissing)
}

func TestService(t *testing.T) {
	errAway := errors.New("away")
	reason := func(err error) kek.Reason {
		if errors.Is(err, errAway) {
			return kek.ReasonUnavailable
		}
		return kek.ReasonUnknown
	}
	k := fileKEK(t)
	wantSameKey(t, kek.NewService("vault", "kouki", k, reason), kek.NewService("vault", "kouki", k, reason))
	away := kek.NewService("vault", "kouki", awayKEK{errAway}, reason)
	got, err := away.Encrypt([]byte("a keyset, in clear"), nil)
	if e := wantReason(t, "encrypting", got, err, kek.ReasonUnavailable); e.Err != nil || !strings.Contains(e.Error(), `kek: vault: "kouki"`) {
		t.Errorf("err = %v, want the door and the key, and not the cause", e)
	}
	got, err = away.Decrypt([]byte("ct"), nil)
	if e := wantReason(t, "decrypting", got, err, kek.ReasonUnavailable); !errors.Is(e, errAway) {
		t.Errorf("err = %v, want the cause", e)
	}
	got, err = kek.NewService("vault", "kouki", blabKEK{}, reason).Encrypt([]byte("a keyset, in clear"), nil)
	if e := wantReason(t, "encrypting", got, err, kek.ReasonEncrypt); strings.Contains(e.Error(), "in clear") {
		t.Errorf("err = %v repeats what was to be encrypted", e)
	}
	got, err = kek.NewService("outer", "", away, reason).Decrypt([]byte("ct"), nil)
	if e := wantReason(t, "a service in a service", got, err, kek.ReasonUnavailable); e.Door != "vault" || strings.Count(e.Error(), "kek:") != 1 {
		t.Errorf("err = %v, want that of the inner one", e)
	}
	if got := fmt.Sprintf("%+v", struct{ *kek.Service }{away}); got != "kek(vault)" {
		t.Errorf("prints as %s", got)
	}
}

type awayKEK struct{ err error }

func (k awayKEK) Encrypt(_, _ []byte) ([]byte, error) { return nil, k.err }
func (k awayKEK) Decrypt(_, _ []byte) ([]byte, error) { return nil, k.err }
