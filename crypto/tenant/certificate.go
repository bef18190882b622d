package tenant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
)

// Certificate says that a tenant's key was erased, for the disposal record of what
// was encrypted under it (NIST SP 800-88 rev. 1, 2.6 and appendix D; what a record
// holds, 4.8). It is one JSON document of one spelling, and reads as those of
// package custody about the keys of zones.
type Certificate struct {
	Format    int         `json:"sekisho-tenant-erasure"`
	Method    string      `json:"method"`
	Policy    string      `json:"policy"`
	Tenant    string      `json:"tenant"`
	Created   time.Time   `json:"created"`
	Destroyed time.Time   `json:"destroyed"`
	By        string      `json:"by"`                // who destroyed it, as given to Destroy
	Digest    string      `json:"sha256"`            // of the file that held the key, in hex: any copy of it that is left has it
	Backups   []BackupRef `json:"backups,omitempty"` // backups on record that hold the key: it is erased when these are destroyed too
	Limits    []string    `json:"limits"`            // what the certificate does not say
}

// Method is how a tenant's data is erased.
const Method = "cryptographic erase: the tenant's key was overwritten by a tombstone (NIST SP 800-88 rev. 1, 2.6)"

const (
	certificateSuffix = suffix + ".erasure"
	certificateLimit  = 1 << 20
)

var eraseLimits = []string{
	"File systems, snapshots and copies of the folder may still hold the tenant's file, encrypted under the key-encryption key. They are erased with their media or with the key-encryption key.",
	"Other processes that had the key open may use it until they open the folder again or end.",
	"The certificate is not signed: the tombstone in the folder, sealed under the key-encryption key, says the same.",
}

const (
	backupsAsked   = "Backups are named as far as they are on record in the folder."
	backupsUnasked = "Backups were not asked for and are not named: their records say which of them hold the key."
)

func certificateName(tenant string) string { return tenant + certificateSuffix }

// certificate is that of a tombstone.
func (f *file) certificate() Certificate {
	return Certificate{
		Format: formatNumber, Method: Method, Policy: f.Policy, Tenant: f.Tenant,
		Created: f.Created, Destroyed: f.Destroyed, By: f.By, Digest: f.Digest,
	}
}

// tombstone is the one that the certificate is about, without its seal.
func (c *Certificate) tombstone() *file {
	return &file{Format: formatNumber, Policy: c.Policy, Tenant: c.Tenant, Created: c.Created, Destroyed: c.Destroyed, By: c.By, Digest: c.Digest}
}

// Encode returns the document.
func (c *Certificate) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(c, "", "  ")
	return append(b, '\n'), err
}

// Complete reports whether nothing that is on record holds the key any more.
func (c *Certificate) Complete() bool { return len(c.Backups) == 0 }

// decodeCertificate reads the certificate of that name; empty: of any.
func decodeCertificate(name string, data []byte) (*Certificate, error) {
	c := new(Certificate)
	var head struct {
		Format int `json:"sekisho-tenant-erasure"`
	}
	refuse := func(detail string) (*Certificate, error) {
		return nil, &FileError{File: name, Reason: crypto.ReasonMalformed, Detail: "certificate of a tenant's erasure: " + detail}
	}
	if len(data) > certificateLimit || json.Unmarshal(data, &head) != nil || head.Format < 1 {
		return refuse("no JSON object with a \"sekisho-tenant-erasure\" number, or longer than any")
	}
	if head.Format != formatNumber {
		return nil, &FileError{File: name, Reason: crypto.ReasonFormat, Detail: fmt.Sprintf("format %d, want %d", head.Format, formatNumber)}
	}
	if json.Unmarshal(data, c) != nil {
		return refuse("a field has a wrong type")
	}
	if again, err := c.Encode(); err != nil || !bytes.Equal(again, data) {
		return refuse("a field is unknown, doubled or missing, or the spelling was changed")
	}
	tomb := c.tombstone()
	tomb.Seal = tombText // it is not looked at
	if detail := tomb.wrong(); detail != "" || c.Destroyed.IsZero() || name != "" && name != certificateName(c.Tenant) {
		return refuse("it names no tenant that was destroyed, or another")
	}
	return c, nil
}

// Text returns the certificate as a page for people.
func (c *Certificate) Text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString("Certificate of cryptographic erasure\n\n")
	line("policy", "%s", c.Policy)
	line("tenant", "%s, its own key: nothing that was made for the tenant opens any more, in any zone", c.Tenant)
	line("created", "%s", c.Created.Format(time.RFC3339))
	line("destroyed", "%s by %s", c.Destroyed.Format(time.RFC3339), c.By)
	line("before", "file sha256:%s", c.Digest)
	line("method", "%s", c.Method)
	switch {
	case !c.Complete():
		line("backups", "THESE STILL HOLD THE KEY. It is erased when they are destroyed too:")
		for _, r := range c.Backups {
			fmt.Fprintf(&b, "  %s of %s, with %s\n", r.ID, r.Made.Format(time.RFC3339), strings.Join(r.Custodians, ", "))
		}
	case len(c.Limits) > 0 && c.Limits[len(c.Limits)-1] == backupsAsked:
		line("backups", "none on record holds the key")
	default:
		line("backups", "not asked for")
	}
	b.WriteString("\nWhat this does not say:\n")
	for _, l := range c.Limits {
		b.WriteString("  " + l + "\n")
	}
	return b.String()
}

// VerifyCertificate reads a certificate and checks that the tombstone in the folder
// says the same, which the key-encryption key vouches for: that the tenant, created
// and destroyed then, was destroyed by that person, and which file held the key. The
// backups it names are as they were when it was written. The error is a
// *[FileError], or an *[UnknownError] when the folder knows nothing of the tenant;
// a certificate that could be read is returned all the same, as what it claims.
func (s *Set) VerifyCertificate(data []byte) (*Certificate, error) {
	c, err := decodeCertificate("", data)
	if err != nil {
		return nil, err
	}
	f, _, err := s.read(c.Tenant)
	if err != nil {
		return c, err
	}
	refuse := func(detail string) (*Certificate, error) {
		return c, &FileError{File: certificateName(c.Tenant), Reason: crypto.ReasonLocked, Detail: detail}
	}
	if f.Destroyed.IsZero() {
		return refuse("the tenant was not destroyed")
	}
	if err := f.genuine(s.kek()); err != nil {
		return c, err
	}
	tomb := c.tombstone()
	tomb.Seal = f.Seal
	says, err := tomb.encode()
	if err != nil {
		return c, err
	}
	if stands, err := f.encode(); err != nil || !bytes.Equal(says, stands) {
		return refuse("the tombstone says something else")
	}
	return c, nil
}
