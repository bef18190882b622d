package gcpkms_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/gcpkms"
)

const (
	keyA = "projects/kouki/locations/asia-northeast1/keyRings/keys/cryptoKeys/a"
	keyB = "projects/kouki/locations/asia-northeast1/keyRings/keys/cryptoKeys/b"
)

// fake is KMS behind its real protocol, on loopback: keys by name, additional
// data that is authenticated, checksums.
type fake struct {
	kmspb.UnimplementedKeyManagementServiceServer
	keys map[string]tink.AEAD

	mu      sync.Mutex
	fail    error
	deaf    bool // ignores additional data
	lie     bool // a wrong checksum
	delay   time.Duration
	ads     [][]byte
	longest int // bytes of plaintext that were seen
}

func sum(b []byte) *wrapperspb.Int64Value {
	return wrapperspb.Int64(int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))))
}

func (f *fake) use(ctx context.Context, name string, ad []byte) (tink.AEAD, []byte, error) {
	f.ads = append(f.ads, ad)
	select {
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-time.After(f.delay):
	}
	if f.fail != nil {
		return nil, nil, f.fail
	}
	if f.deaf {
		ad = nil
	}
	if a := f.keys[name]; a != nil {
		return a, ad, nil
	}
	return nil, nil, status.Error(codes.NotFound, "no such key")
}

func (f *fake) Encrypt(ctx context.Context, in *kmspb.EncryptRequest) (*kmspb.EncryptResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ad, err := f.use(ctx, in.Name, in.AdditionalAuthenticatedData)
	if err != nil {
		return nil, err
	}
	f.longest = max(f.longest, len(in.Plaintext))
	ct, err := a.Encrypt(in.Plaintext, ad)
	return &kmspb.EncryptResponse{
		Name: in.Name + "/cryptoKeyVersions/1", Ciphertext: ct, CiphertextCrc32C: sum(ct),
		VerifiedPlaintextCrc32C:                   in.PlaintextCrc32C.GetValue() == sum(in.Plaintext).Value,
		VerifiedAdditionalAuthenticatedDataCrc32C: in.AdditionalAuthenticatedDataCrc32C.GetValue() == sum(in.AdditionalAuthenticatedData).Value,
	}, err
}

func (f *fake) Decrypt(ctx context.Context, in *kmspb.DecryptRequest) (*kmspb.DecryptResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ad, err := f.use(ctx, in.Name, in.AdditionalAuthenticatedData)
	if err != nil {
		return nil, err
	}
	plaintext, err := a.Decrypt(in.Ciphertext, ad)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "Decryption failed: verify that 'name' refers to the correct CryptoKey.")
	}
	check := sum(plaintext)
	if f.lie {
		check.Value ^= 1
	}
	return &kmspb.DecryptResponse{Plaintext: plaintext, PlaintextCrc32C: check}, nil
}

// start returns the fake and the options of a client of it.
func start(t *testing.T) (*fake, []option.ClientOption) {
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	kmspb.RegisterKeyManagementServiceServer(server, f)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return f, []option.ClientOption{option.WithGRPCConn(conn)}
}

func open(t *testing.T, key string, timeout time.Duration, options []option.ClientOption) tink.AEAD {
	t.Helper()
	k, err := gcpkms.Open(context.Background(), gcpkms.Config{Key: key, Options: options, Timeout: timeout})
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
	f, options := start(t)
	k := open(t, keyA, time.Minute, options)
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), open(t, keyB, time.Minute, options)); err == nil {
		t.Error("the keyring opens with another key")
	}
	if f.longest != 32 {
		t.Errorf("KMS has seen %d bytes, want a data key of 32 and no keyset", f.longest)
	}
	if got := fmt.Sprintf("%v %+v %T", k, k, k); got != "kek(gcpkms) kek(gcpkms) *gcpkms.serviceKEK" {
		t.Errorf("prints as %s", got)
	}
}

// TestAssociatedData shows that KMS is given the associated data, that a wrong
// one is refused, and that it would be also if KMS ignored it.
func TestAssociatedData(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		f, options := start(t)
		f.deaf = deaf
		k := open(t, keyA, time.Minute, options)
		ct, err := k.Encrypt(make([]byte, 100_000), []byte("kouki seal"))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(f.ads[0]); got != "kouki seal" {
			t.Errorf("additional data %q, want the associated data", got)
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
	_, options := start(t)
	k := open(t, keyA, time.Minute, options)
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
	f, options := start(t)
	// Some codes are tried again until the time is over.
	k := open(t, keyA, 300*time.Millisecond, options)
	ct, err := open(t, keyA, time.Minute, options).Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[codes.Code]kek.Reason{
		codes.PermissionDenied: kek.ReasonDenied, codes.Unauthenticated: kek.ReasonDenied,
		codes.FailedPrecondition: kek.ReasonDenied, codes.NotFound: kek.ReasonDenied,
		codes.InvalidArgument: kek.ReasonLocked, codes.Unavailable: kek.ReasonUnavailable,
		codes.ResourceExhausted: kek.ReasonUnavailable, codes.Internal: kek.ReasonUnavailable,
	} {
		f.mu.Lock()
		f.fail = status.Error(code, "no\nway")
		f.mu.Unlock()
		got, err := k.Decrypt(ct, nil)
		if e := wantReason(t, code.String(), got, err, want); strings.Contains(e.Error(), "\n") {
			t.Errorf("err = %q, want one line", e)
		}
		if want == kek.ReasonLocked {
			want = kek.ReasonEncrypt
		}
		got, err = k.Encrypt([]byte("x"), nil)
		if e := wantReason(t, code.String(), got, err, want); e.Err != nil {
			t.Errorf("err = %v, want no cause that has seen a key", e)
		}
	}
	f.mu.Lock()
	f.fail, f.lie = nil, true
	f.mu.Unlock()
	got, err := open(t, keyA, time.Minute, options).Decrypt(ct, nil)
	wantReason(t, "a wrong checksum", got, err, kek.ReasonUnavailable)
	f.mu.Lock()
	f.lie, f.delay = false, time.Minute
	f.mu.Unlock()
	got, err = open(t, keyA, 50*time.Millisecond, options).Decrypt(ct, nil)
	wantReason(t, "a slow KMS", got, err, kek.ReasonUnavailable)
}

func TestOpenRefuses(t *testing.T) {
	_, options := start(t)
	for _, key := range []string{"", "kouki", keyA + "/cryptoKeyVersions/1", "gcp-kms://" + keyA, keyA + "\n"} {
		k, err := gcpkms.Open(context.Background(), gcpkms.Config{Key: key, Options: options})
		if k != nil {
			t.Errorf("%q opens", key)
		}
		wantReason(t, key, nil, err, kek.ReasonConfig)
	}
	k, err := gcpkms.Open(context.Background(), gcpkms.Config{Key: keyA, Options: []option.ClientOption{option.WithCredentialsFile(filepath.Join(t.TempDir(), "none"))}})
	if k != nil {
		t.Error("it opens without credentials")
	}
	wantReason(t, "no credentials", nil, err, kek.ReasonConfig)
}
