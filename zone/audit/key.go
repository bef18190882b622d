package audit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/sekisho-go/sekisho/crypto"
	"golang.org/x/mod/sumdb/note"
)

// CreateKey makes an Ed25519 key under a name and writes it to a file that only
// its owner can read; the file must not exist. It returns the verifier key, one
// line that everybody may have and that an auditor needs: what
// [golang.org/x/mod/sumdb/note.NewVerifier] takes. A usual name is the origin of
// the folder.
//
// The file holds the key in the clear, in the form of
// [golang.org/x/mod/sumdb/note.NewSigner]. Who can read it can write a log that
// verifies, though not one that agrees with the checkpoints others keep. Where
// that will not do, sign with the key of a zone ([ZoneSigner]) or with a signer
// of your own.
func CreateKey(file, name string) (verifier string, err error) {
	if !validOrigin(name) {
		return "", errors.New("audit: the name of the key is not 1 to 128 printable ASCII characters without blanks and plus signs")
	}
	secret, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", errors.New("audit: no key could be made")
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("audit: the key file: %w", err)
	}
	_, err = io.WriteString(f, secret+"\n")
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("audit: the key file: %w", err)
	}
	return verifier, nil
}

// ReadKey reads the file that [CreateKey] wrote. It refuses a file that others
// than its owner may touch, and one that is no regular file.
func ReadKey(file string) (note.Signer, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("audit: the key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("audit: the key file: %w", err)
	}
	if m := info.Mode(); !m.IsRegular() || exposed(m) {
		return nil, fmt.Errorf("audit: key file %s has mode %v, want a regular file of mode 0600 or 0400: restrict it, and replace the key if others may have read it", file, m)
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return nil, fmt.Errorf("audit: the key file: %w", err)
	}
	key, err := note.NewSigner(strings.TrimSuffix(string(data), "\n"))
	if err != nil {
		return nil, fmt.Errorf("audit: key file %s is not a signer key", file)
	}
	return key, nil
}

func exposed(m fs.FileMode) bool { return checksMode && m.Perm()&0o077 != 0 }

// Signatures with the key of a zone have the signature type for what C2SP does
// not list (0xff), and this text to tell them from others of that type.
const zoneSignature = "\xffsekisho zone signature 1"

// zoneMessage stands before a checkpoint that the key of a zone signs, so that
// no parcel can pass as a checkpoint, nor the other way round.
const zoneMessage = "sekisho audit checkpoint 1\n"

// ZoneSigner signs with the signing key of a zone, under a name. Its signatures
// are Ed25519 like those of a key file, but say which key of the zone it was, so
// that the key can be rotated as all keys of a zone are; they verify with
// [ZoneVerifier] only. The bytes of the key stay in the keyring.
func ZoneSigner[Z crypto.Zone](name string, k *crypto.Keys[Z]) (note.Signer, error) {
	if !validOrigin(name) {
		return nil, errors.New("audit: the name of the key is not 1 to 128 printable ASCII characters without blanks and plus signs")
	}
	if _, ok := k.Primary(crypto.UseSign); !ok {
		return nil, errors.New("audit: the zone has no signing key here: create one, or open the keyring that holds it")
	}
	return zoneSigner[Z]{zoneKey[Z]{name}, k}, nil
}

// ZoneVerifier verifies what a [ZoneSigner] of that name signed, with the public
// keys of the zone, those before the present one included.
func ZoneVerifier[Z crypto.Zone](name string, k *crypto.PublicKeys[Z]) (note.Verifier, error) {
	if !validOrigin(name) {
		return nil, errors.New("audit: the name of the key is not 1 to 128 printable ASCII characters without blanks and plus signs")
	}
	if _, ok := k.Primary(crypto.UseVerify); !ok {
		return nil, errors.New("audit: the zone has no key to verify signatures with here: export its public keys, or open the keyring that holds them")
	}
	return zoneVerifier[Z]{zoneKey[Z]{name}, k}, nil
}

// zoneKey is what signer and verifier are known by.
type zoneKey[Z crypto.Zone] struct{ name string }

// Name implements note.Signer and note.Verifier.
func (k zoneKey[Z]) Name() string { return k.name }

// KeyHash implements them too, by the rule of C2SP signed notes.
func (k zoneKey[Z]) KeyHash() uint32 {
	var z Z
	sum := sha256.Sum256([]byte(k.name + "\n" + zoneSignature + "\n" + z.ZoneName()))
	return binary.BigEndian.Uint32(sum[:])
}

type zoneSigner[Z crypto.Zone] struct {
	zoneKey[Z]
	keys *crypto.Keys[Z]
}

// Sign implements note.Signer.
func (s zoneSigner[Z]) Sign(msg []byte) ([]byte, error) {
	return crypto.Sign(s.keys, append([]byte(zoneMessage), msg...))
}

type zoneVerifier[Z crypto.Zone] struct {
	zoneKey[Z]
	keys *crypto.PublicKeys[Z]
}

// Verify implements note.Verifier.
func (v zoneVerifier[Z]) Verify(msg, signature []byte) bool {
	return crypto.Verify(v.keys, signature, append([]byte(zoneMessage), msg...)) == nil
}
