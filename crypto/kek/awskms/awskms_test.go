package awskms_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/awskms"
)

const (
	keyA = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	keyB = "arn:aws:kms:ap-northeast-1:123456789012:alias/kouki"
)

// fake is KMS as its API reference describes it: keys by ARN, an encryption
// context that is authenticated, plaintexts of 4 KiB at most. Tink's own fake is
// internal to its module.
type fake struct {
	keys     map[string]tink.AEAD
	fail     error
	deaf     bool // ignores the encryption context
	delay    time.Duration
	contexts []map[string]string
	longest  int // bytes of plaintext that were seen
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{keys: make(map[string]tink.AEAD)}
	for _, key := range []string{keyA, keyB} {
		h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
		if err != nil {
			t.Fatal(err)
		}
		if f.keys[key], err = aead.New(h); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *fake) use(ctx context.Context, key *string, context map[string]string) (tink.AEAD, []byte, error) {
	f.contexts = append(f.contexts, context)
	select {
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-time.After(f.delay):
	}
	if f.fail != nil {
		return nil, nil, f.fail
	}
	a := f.keys[*key]
	if a == nil {
		return nil, nil, &types.NotFoundException{}
	}
	var ad []byte
	for _, name := range slices.Sorted(maps.Keys(context)) {
		ad = fmt.Appendf(ad, "%q:%q,", name, context[name])
	}
	if f.deaf {
		ad = nil
	}
	return a, ad, nil
}

func (f *fake) Encrypt(ctx context.Context, in *kms.EncryptInput, _ ...func(*kms.Options)) (*kms.EncryptOutput, error) {
	a, ad, err := f.use(ctx, in.KeyId, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	if f.longest = max(f.longest, len(in.Plaintext)); len(in.Plaintext) > 4096 {
		return nil, &smithy.GenericAPIError{Code: "ValidationException"}
	}
	ct, err := a.Encrypt(in.Plaintext, ad)
	return &kms.EncryptOutput{CiphertextBlob: ct, KeyId: in.KeyId}, err
}

func (f *fake) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	a, ad, err := f.use(ctx, in.KeyId, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	plaintext, err := a.Decrypt(in.CiphertextBlob, ad)
	if err != nil {
		return nil, &types.InvalidCiphertextException{}
	}
	return &kms.DecryptOutput{Plaintext: plaintext, KeyId: in.KeyId}, nil
}

func open(t *testing.T, key string, f *fake) tink.AEAD {
	t.Helper()
	k, err := awskms.Open(context.Background(), awskms.Config{Key: key, Client: f, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantReason(t *testing.T, what string, got []byte, err error, want kek.Reason) *kek.Error {
	t.Helper()
	var e *kek.Error
	if got != nil || !errors.As(err, &e) || e.Reason != want {
		t.Fatalf("%s: %d bytes, err = %v, want none and the reason %v", what, len(got), err, want)
	}
	return e
}

func TestKeyring(t *testing.T) {
	f := newFake(t)
	k := open(t, keyA, f)
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), open(t, keyB, f)); err == nil {
		t.Error("the keyring opens with another key")
	}
	if f.longest != 32 {
		t.Errorf("KMS has seen %d bytes, want a data key of 32 and no keyset", f.longest)
	}
	if got := fmt.Sprintf("%v %+v %T", k, k, k); got != "kek(awskms) kek(awskms) *awskms.serviceKEK" {
		t.Errorf("prints as %s", got)
	}
}

// TestAssociatedData shows that KMS is given the associated data, that a wrong
// one is refused, and that it would be also if KMS ignored it.
func TestAssociatedData(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		f := newFake(t)
		f.deaf = deaf
		k := open(t, keyA, f)
		ct, err := k.Encrypt(make([]byte, 100_000), []byte("kouki seal"))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.contexts[0]["associatedData"]; got != "6b6f756b69207365616c" || len(f.contexts[0]) != 1 {
			t.Errorf("encryption context %v, want the associated data", f.contexts[0])
		}
		if got, err := k.Decrypt(ct, []byte("kouki seal")); err != nil || !bytes.Equal(got, make([]byte, 100_000)) {
			t.Fatalf("Decrypt = %d bytes, %v", len(got), err)
		}
		for _, other := range []string{"", "kouki sign", "kouki sea"} {
			got, err := k.Decrypt(ct, []byte(other))
			wantReason(t, "other associated data", got, err, kek.ReasonLocked)
		}
	}
}

func TestMutations(t *testing.T) {
	k := open(t, keyA, newFake(t))
	ct, err := k.Encrypt([]byte("x"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range ct {
		bad := bytes.Clone(ct)
		bad[i] ^= 1
		for _, bad := range [][]byte{bad, ct[:i]} {
			var e *kek.Error
			if got, err := k.Decrypt(bad, []byte("ad")); got != nil || !errors.As(err, &e) {
				t.Fatalf("byte %d: %d bytes, err = %v, want an *Error", i, len(got), err)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	f := newFake(t)
	k := open(t, keyA, f)
	ct, err := k.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		err  error
		want kek.Reason
	}{
		{&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not\nyou"}, kek.ReasonDenied},
		{&types.DisabledException{}, kek.ReasonDenied},
		{&types.KMSInvalidStateException{}, kek.ReasonDenied},
		{&types.IncorrectKeyException{}, kek.ReasonLocked},
		{&types.KMSInternalException{}, kek.ReasonUnavailable},
		{&types.DependencyTimeoutException{}, kek.ReasonUnavailable},
		{&types.KeyUnavailableException{}, kek.ReasonUnavailable},
		{&smithy.GenericAPIError{Code: "ThrottlingException"}, kek.ReasonUnavailable},
		{errors.New("dial tcp: no route to host"), kek.ReasonUnavailable},
	} {
		f.fail = tc.err
		got, err := k.Decrypt(ct, nil)
		if e := wantReason(t, tc.err.Error(), got, err, tc.want); !errors.Is(e, tc.err) || strings.Contains(e.Error(), "\n") {
			t.Errorf("err = %q, want one line that leads to the cause", e)
		}
		want := tc.want
		if want == kek.ReasonLocked {
			want = kek.ReasonEncrypt
		}
		got, err = k.Encrypt([]byte("x"), nil)
		if e := wantReason(t, tc.err.Error(), got, err, want); e.Err != nil {
			t.Errorf("err = %v, want no cause that has seen a key", e)
		}
	}
	f.fail, f.delay = nil, time.Minute
	k, err = awskms.Open(context.Background(), awskms.Config{Key: keyA, Client: f, Timeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Decrypt(ct, nil)
	if e := wantReason(t, "a slow KMS", got, err, kek.ReasonUnavailable); !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("err = %v, want context.DeadlineExceeded", e)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, key := range []string{"", "kouki", "alias/kouki", "arn:aws:s3:::bucket", keyA + "\n", strings.Replace(keyA, "123456789012", "", 1)} {
		k, err := awskms.Open(context.Background(), awskms.Config{Key: key, Client: newFake(t)})
		if k != nil {
			t.Errorf("%q opens", key)
		}
		wantReason(t, key, nil, err, kek.ReasonConfig)
	}
	// From the environment alone: nothing is asked before the first use.
	t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "nothing")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	if _, err := awskms.Open(context.Background(), awskms.Config{Key: keyB}); err != nil {
		t.Error(err)
	}
}
