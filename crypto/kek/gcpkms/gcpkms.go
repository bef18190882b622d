// Package gcpkms opens a key-encryption key in Google Cloud KMS, by way of Tink's
// binding. The key never leaves KMS, and KMS never sees a keyset: it encrypts a
// fresh AES-256 key for each (kek.Envelope), because keys of the protection level
// HSM take no more than 8 KiB, which a keyset may outgrow.
//
//	key, err := gcpkms.Open(ctx, gcpkms.Config{Key: "projects/p/locations/asia-northeast1/keyRings/r/cryptoKeys/kouki"})
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), key)
//
// # For the security officer
//
// The key is a symmetric one (purpose ENCRYPT_DECRYPT). A program that opens
// keyrings needs roles/cloudkms.cryptoKeyDecrypter on the key, and not on the key
// ring or the project; one that also creates and rotates them needs
// roles/cloudkms.cryptoKeyEncrypter.
//
// # Associated data
//
// Associated data is KMS's additional authenticated data; KMS authenticates it
// and refuses any other. It is at most 64 KiB, with HSM 8 KiB. The envelope binds
// the data to it a second time. Plaintexts and ciphertexts travel with a CRC32C,
// which Tink's binding checks in both directions.
//
// # Rotation in KMS
//
// KMS encrypts with the primary version of the key and decrypts with every
// enabled one, so what is old opens until its version is disabled.
//
// # What is not promised
//
// A lost network, exhausted quotas and internal failures are
// kek.ReasonUnavailable, a missing permission and a disabled version are
// kek.ReasonDenied; the keyring bridges outages, not this package. Whoever may
// destroy the key's versions may destroy all data under it: keep a backup of the
// keyrings under another key-encryption key. The connection stays open as long
// as the process lives.
package gcpkms

import (
	"context"
	"regexp"
	"time"

	"github.com/tink-crypto/tink-go-gcpkms/v2/integration/gcpkms"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/api/option"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

// Config says which key. Only Key is needed.
type Config struct {
	// Key is the resource name of a key, without a version.
	Key string

	// Options are for the client, such as option.WithCredentialsFile; without any,
	// it takes what it finds in the environment
	// (GOOGLE_APPLICATION_CREDENTIALS, the account of the instance and so on).
	Options []option.ClientOption

	// Timeout is for one request, its repetitions included; 0 stands for 10
	// seconds.
	Timeout time.Duration
}

const defaultTimeout = 10 * time.Second

// serviceKEK is a key in Google Cloud KMS.
type serviceKEK struct{ *kek.Service }

var resource = regexp.MustCompile(`^projects/[A-Za-z0-9.:_-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$`)

// Open returns the key. ctx is for finding credentials and bounds every request
// after it. KMS itself is not asked before the first use. Errors are *kek.Error.
func Open(ctx context.Context, c Config) (tink.AEAD, error) {
	refuse := func(detail string) error {
		return &kek.Error{Door: "gcpkms", Path: c.Key, Reason: kek.ReasonConfig, Detail: detail}
	}
	if !resource.MatchString(c.Key) {
		return nil, refuse("want projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY")
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	a, err := gcpkms.GetAEADWithContext(ctx, "gcp-kms://"+c.Key, gcpkms.WithGoogleAPIClientOptions(c.Options...))
	if err != nil {
		return nil, refuse("no client: look at GOOGLE_APPLICATION_CREDENTIALS or the account of the instance")
	}
	direct := kek.NewService("gcpkms", c.Key, timed{ctx, c.Timeout, a}, reason)
	envelope, err := kek.Envelope(direct)
	if err != nil {
		return nil, err
	}
	return &serviceKEK{kek.NewService("gcpkms", c.Key, envelope, reason)}, nil
}

// timed gives each request an end: tink.AEAD has no context.
type timed struct {
	ctx     context.Context
	timeout time.Duration
	aead    tink.AEADWithContext
}

// Encrypt implements tink.AEAD.
func (t timed) Encrypt(plaintext, ad []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.timeout)
	defer cancel()
	return t.aead.EncryptWithContext(ctx, plaintext, ad)
}

// Decrypt implements tink.AEAD.
func (t timed) Decrypt(ciphertext, ad []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.timeout)
	defer cancel()
	return t.aead.DecryptWithContext(ctx, ciphertext, ad)
}

// reason finds out whether KMS refused, or was not there to ask.
func reason(err error) kek.Reason {
	s, ok := status.FromError(err)
	if !ok {
		return kek.ReasonUnavailable // no network, no time, or an answer damaged on the way
	}
	switch s.Code() {
	case codes.PermissionDenied, codes.Unauthenticated, codes.FailedPrecondition, codes.NotFound:
		return kek.ReasonDenied
	case codes.InvalidArgument:
		return kek.ReasonUnknown
	}
	return kek.ReasonUnavailable
}
