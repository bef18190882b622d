package custody

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/signature"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Certificate says that a key was erased, for the disposal record of what was
// encrypted under it (NIST SP 800-88 rev. 1, 2.6 and appendix D; what a record
// holds, 4.8). It is one JSON document of one spelling. The zone signs it with its
// sign key, where it has one that is not the one that was erased.
type Certificate struct {
	Format    int         `json:"sekisho-erasure"`
	Method    string      `json:"method"`
	Policy    string      `json:"policy"`
	Zone      string      `json:"zone"`
	Use       string      `json:"use"`
	Key       uint32      `json:"key"`
	Algorithm string      `json:"algorithm"`
	Bits      int         `json:"bits"` // strength (NIST SP 800-57 part 1, 5.6.1)
	Created   time.Time   `json:"created"`
	State     State       `json:"state"` // in which it was before
	Destroyed time.Time   `json:"destroyed"`
	By        string      `json:"by"`
	Header    string      `json:"header"`            // SHA-256 in hex of the line about the key in the keyset file, as it was before
	Last      bool        `json:"last"`              // no key of the keyset is left
	Uses      *uint64     `json:"uses,omitempty"`    // how many were reserved in the ledger: no more values were sealed under it; absent: not counted
	Backups   []BackupRef `json:"backups,omitempty"` // backups on record that hold the key: it is erased when these are destroyed too
	Limits    []string    `json:"limits"`            // what the certificate does not say
	Signer    uint32      `json:"signer,omitempty"`  // id of the zone's sign key; 0: not signed
	Signature []byte      `json:"signature,omitempty"`
}

// BackupRef names a backup, with those who can open it.
type BackupRef struct {
	ID         string    `json:"id"`
	Made       time.Time `json:"made"`
	Custodians []string  `json:"custodians"`
}

const (
	eraseMethod = "cryptographic erase: the key was removed from its keyset (NIST SP 800-88 rev. 1, 2.6)"

	// certificateLimit is how long a certificate may be, in bytes.
	certificateLimit = 1 << 20
)

var eraseLimits = []string{
	"File systems, snapshots and copies of the folder may still hold earlier versions of the keyset file, encrypted under the key-encryption key. They are erased with their media or with the key-encryption key.",
	"Processes that had the key open may use it until they open the folder again or end.",
	"Backups are named as far as they are on record in the folder.",
}

// certificateName is what a certificate is called in its folder, without suffix.
func certificateName(zone, use string, id uint32) string {
	return fmt.Sprintf("%s.%s.%d", zone, use, id)
}

func (c *Certificate) name() string { return certificateName(c.Zone, c.Use, c.Key) }

// Encode returns the document.
func (c *Certificate) Encode() ([]byte, error) { return encode(c) }

// Complete reports whether nothing that is on record holds the key any more.
func (c *Certificate) Complete() bool { return len(c.Backups) == 0 }

// signed is what is signed: what it is, then the document without its signature.
func (c *Certificate) signed() ([]byte, error) {
	bare := *c
	bare.Signature = nil
	data, err := encode(&bare)
	return keyfile.AppendAD(nil, "sekisho-erasure", string(data)), err
}

// sign signs with the zone's active sign key. A zone that has none, or only the
// one that is destroyed, or one whose time is over, signs nothing.
func (t *turn) sign(c *Certificate) error {
	o, err := t.open(c.Zone, crypto.UseSign.String())
	if err != nil && !missing(err) {
		return err
	}
	if missing(err) || o.keys == nil {
		return nil
	}
	k := o.file.Active()
	over := !k.ProduceUntil.IsZero() && !t.now.Before(k.ProduceUntil)
	if over || c.Use == crypto.UseSign.String() && c.Key == k.ID {
		return nil
	}
	c.Signer = k.ID
	message, err := c.signed()
	if err != nil {
		return err
	}
	signer, err := signature.NewSigner(o.keys)
	if err != nil {
		return &keyfile.Error{File: o.file.Name(), Reason: keyfile.Keys, Err: err}
	}
	if c.Signature, err = signer.Sign(message); err != nil {
		return &keyfile.Error{File: o.file.Name(), Reason: keyfile.Keys, Err: err}
	}
	return nil
}

// missing reports whether err says that there is no such keyset.
func missing(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == ReasonNoKeyset
}

// decodeCertificate reads a certificate, without verifying it.
func decodeCertificate(data []byte) (*Certificate, error) {
	const what = "certificate"
	if len(data) > certificateLimit {
		return nil, &Error{What: what, Reason: ReasonMalformed, Detail: fmt.Sprintf("longer than %d bytes", certificateLimit)}
	}
	c, err := decode[Certificate](what, "sekisho-erasure", data)
	if err != nil {
		return nil, err
	}
	malformed := func(detail string) (*Certificate, error) {
		return nil, &Error{What: what, Reason: ReasonMalformed, Detail: detail}
	}
	if keyfile.CheckZone(c.Zone) != nil || keyfile.CheckPolicy(c.Policy) != nil || keyfile.KindOf(c.Use) == nil || c.Key == 0 {
		return malformed("it names no key")
	}
	if (c.Signer == 0) != (len(c.Signature) == 0) {
		return malformed("a signature without a signer, or the other way round")
	}
	return c, nil
}

// VerifyCertificate reads a certificate and checks that the zone it is about
// signed it. The error is an *[Error]: with ReasonSignature when it did not, or
// when the certificate is not signed; it is returned then too, as what it claims.
func VerifyCertificate[Z crypto.Zone](data []byte, keys *crypto.PublicKeys[Z]) (*Certificate, error) {
	c, err := decodeCertificate(data)
	if err != nil {
		return nil, err
	}
	var zone Z
	if name := zone.ZoneName(); name != "" && name != c.Zone {
		return c, c.unsigned(fmt.Sprintf("it is of zone %q, the keys are of zone %q", c.Zone, name))
	}
	if c.Signer == 0 {
		return c, c.unsigned("it is not signed")
	}
	message, err := c.signed()
	if err != nil {
		return c, err
	}
	if crypto.KeyID(c.Signature) != c.Signer {
		return c, c.unsigned("")
	}
	if err := crypto.Verify(keys, c.Signature, message); err != nil {
		return c, c.unsigned(err.Error())
	}
	return c, nil
}

func (c *Certificate) unsigned(detail string) error {
	return &Error{What: "certificate of " + keysetName(c.Zone, c.Use), KeyID: c.Key, Reason: ReasonSignature, Detail: detail}
}

// VerifyCertificate is the function of that name with the folder's own keys of the
// zone: its sign keys, or those that were imported. Keys that are disabled verify
// nothing.
func (f *Folder) VerifyCertificate(data []byte) (*Certificate, error) {
	c, err := decodeCertificate(data)
	if err != nil {
		return nil, err
	}
	if c.Signer == 0 {
		return c, c.unsigned("it is not signed")
	}
	h, err := f.verifyKeys(c.Zone)
	if err != nil {
		return c, err
	}
	message, err := c.signed()
	if err != nil {
		return c, err
	}
	verifier, err := signature.NewVerifier(h)
	if err != nil || crypto.KeyID(c.Signature) != c.Signer || verifier.Verify(c.Signature, message) != nil {
		return c, c.unsigned("")
	}
	return c, nil
}

// verifyKeys returns the public keys that a zone's signatures are verified with.
func (f *Folder) verifyKeys(zone string) (*keyset.Handle, error) {
	for _, use := range []crypto.Use{crypto.UseSign, crypto.UseVerify} {
		file, err := keyfile.Read(f.root.FS(), keyfile.FileName(zone, use.String()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, keyringError(err)
		}
		h, err := file.Unlock(f.kek)
		if err != nil {
			return nil, keyringError(err)
		}
		if h != nil && use == crypto.UseSign {
			return h.Public()
		}
		if h != nil {
			return h, nil
		}
	}
	return nil, &Error{What: keysetName(zone, crypto.UseSign.String()), Reason: ReasonNoKeyset}
}

// Text returns the certificate as a page for people.
func (c *Certificate) Text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString("Certificate of cryptographic erasure\n\n")
	line("policy", "%s", c.Policy)
	line("key", "%d, %s of zone %s", c.Key, c.Use, c.Zone)
	line("algorithm", "%s, %d bits of strength", c.Algorithm, c.Bits)
	line("created", "%s", c.Created.Format(time.RFC3339))
	line("destroyed", "%s by %s", c.Destroyed.Format(time.RFC3339), c.By)
	line("before", "%s; line in the keyset file sha256:%s", c.State, c.Header)
	line("method", "%s", c.Method)
	if c.Uses != nil {
		line("uses", "at most %d values were sealed under it", *c.Uses)
	}
	if c.Last {
		line("keyset", "no key of %s is left: nothing that was sealed under it opens any more", keysetName(c.Zone, c.Use))
	}
	if c.Complete() {
		line("backups", "none on record holds the key")
	} else {
		line("backups", "THESE STILL HOLD THE KEY. It is erased when they are destroyed too:")
		for _, r := range c.Backups {
			fmt.Fprintf(&b, "  %s of %s, with %s\n", r.ID, r.Made.Format(time.RFC3339), strings.Join(r.Custodians, ", "))
		}
	}
	if c.Signer == 0 {
		line("signature", "none: the zone has no other sign key in force")
	} else {
		line("signature", "key %d of zone %s (Ed25519)", c.Signer, c.Zone)
	}
	b.WriteString("\nWhat this does not say:\n")
	for _, l := range c.Limits {
		b.WriteString("  " + l + "\n")
	}
	return b.String()
}

// digest is SHA-256 in hex.
func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }
