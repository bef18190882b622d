// Package awskms opens a key-encryption key in AWS KMS, by way of Tink's binding.
// The key never leaves KMS, and KMS never sees a keyset: it encrypts a fresh
// AES-256 key for each (kek.Envelope), because it takes no more than 4 KiB, which
// a keyset outgrows.
//
//	key, err := awskms.Open(ctx, awskms.Config{Key: "arn:aws:kms:ap-northeast-1:123456789012:key/…"})
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), key)
//
// # For the security officer
//
// The key is a symmetric one (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT). A program that
// opens keyrings needs kms:Decrypt on it; one that also creates and rotates them
// needs kms:Encrypt. kms:GenerateDataKey, kms:ReEncrypt* and kms:DescribeKey are
// not needed. The region is that of the ARN.
//
// # Associated data
//
// Associated data is KMS's encryption context, in hexadecimal under the name
// associatedData; KMS authenticates it and refuses any other. It stands in clear
// in CloudTrail: it holds the names of policy, zone and use and the dates of the
// keyset, and no secret. A key policy can demand it with the condition
// kms:EncryptionContext:associatedData. Empty associated data is sent as no
// context. The envelope binds the data to it a second time.
//
// Tink's NewClient uses the name additionalData; what it encrypted does not open
// here.
//
// # Rotation in KMS
//
// KMS rotates the material of a key by itself and keeps what it needs to open
// what is old. A new key with another ARN is another key-encryption key.
//
// # What is not promised
//
// A lost network, throttling and internal failures are kek.ReasonUnavailable, a
// missing permission and a disabled key are kek.ReasonDenied; the keyring bridges
// outages, not this package. Whoever may schedule the key's deletion may delete
// all data under it: guard kms:ScheduleKeyDeletion, and keep a backup of the
// keyrings under another key-encryption key.
package awskms

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/aws/smithy-go"
	"github.com/tink-crypto/tink-go-awskms/v3/integration/awskms"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

// Config says which key. Only Key is needed.
type Config struct {
	// Key is the ARN of a key or of an alias.
	Key string

	// Client talks to KMS: the SDK's *kms.Client or a fake of it; nil stands for
	// one made of what the SDK finds in the environment (AWS_PROFILE, instance
	// role, ~/.aws and so on).
	Client awskms.KMSAPI

	// Timeout is for one request, its repetitions included; 0 stands for 10
	// seconds.
	Timeout time.Duration
}

const defaultTimeout = 10 * time.Second

// serviceKEK is a key in AWS KMS.
type serviceKEK struct{ *kek.Service }

var arn = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key/[A-Za-z0-9-]+|alias/[A-Za-z0-9/_-]+)$`)

// Open returns the key. ctx is for finding credentials and bounds every request
// after it. KMS itself is not asked before the first use. Errors are *kek.Error.
func Open(ctx context.Context, c Config) (tink.AEAD, error) {
	refuse := func(detail string) error {
		return &kek.Error{Door: "awskms", Path: c.Key, Reason: kek.ReasonConfig, Detail: detail}
	}
	if !arn.MatchString(c.Key) {
		return nil, refuse("want the ARN of a key or an alias: arn:aws:kms:REGION:ACCOUNT:key/ID")
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	options := []awskms.ClientOption{awskms.WithEncryptionContextName(awskms.AssociatedData)}
	if c.Client != nil {
		options = append(options, awskms.WithKMS(c.Client))
	}
	a, err := awskms.NewAEADWithContext(ctx, c.Key, options...)
	if err != nil {
		return nil, refuse("no client from the environment: look at AWS_PROFILE and the files below ~/.aws")
	}
	direct := kek.NewService("awskms", c.Key, timed{ctx, c.Timeout, a}, reason)
	envelope, err := kek.Envelope(direct)
	if err != nil {
		return nil, err
	}
	return &serviceKEK{kek.NewService("awskms", c.Key, envelope, reason)}, nil
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

// reason finds out whether KMS refused, or was not there to ask. The codes are
// those of the API reference of Encrypt and Decrypt.
func reason(err error) kek.Reason {
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return kek.ReasonUnavailable // no network, no time, no credentials
	}
	switch answer.ErrorCode() {
	case "AccessDeniedException", "DisabledException", "KMSInvalidStateException", "NotFoundException",
		"InvalidGrantTokenException", "InvalidKeyUsageException", "UnrecognizedClientException",
		"ExpiredTokenException", "InvalidSignatureException", "IncompleteSignature":
		return kek.ReasonDenied
	case "InvalidCiphertextException", "IncorrectKeyException", "ValidationException":
		return kek.ReasonUnknown
	}
	return kek.ReasonUnavailable
}
