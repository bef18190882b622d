package tenant

import (
	"fmt"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
)

// UnknownError says that there is no tenant of that name: it was never created,
// or its file is gone.
type UnknownError struct {
	Tenant string
}

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("tenant: %s is no tenant here: create it, or restore its file if it had data", e.Tenant)
}

// ExistsError says that the tenant is there already. Its key is never replaced.
type ExistsError struct {
	Tenant string
}

// Error implements error.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("tenant: %s is there already and its key is never replaced: destroy it if its data is to go", e.Tenant)
}

// DestroyedError says that the tenant's key was destroyed, and its data with it.
type DestroyedError struct {
	Tenant string
	At     time.Time // when
}

// Error implements error.
func (e *DestroyedError) Error() string {
	return fmt.Sprintf("tenant: the key of %s was destroyed at %s, and all that was sealed with it: take another name for a new tenant", e.Tenant, e.At.UTC().Format(time.RFC3339))
}

// FileError says which tenant's file was refused and why. It never carries key
// material.
type FileError struct {
	File   string        // its name within the folder; empty when it is about the folder as a whole
	Reason crypto.Reason // Name, Unreadable, Unwritable, Malformed, Format, Renamed, Policy, Locked, KEK, Unbound or Keys
	Detail string        // what was found and what was wanted; may be empty
	Err    error         // what the file system or the key-encryption key said; may be nil
}

var reasons = map[crypto.Reason]string{
	crypto.ReasonName:       "not a name a tenant can have",
	crypto.ReasonUnreadable: "cannot be read",
	crypto.ReasonUnwritable: "cannot be written",
	crypto.ReasonMalformed:  "not a tenant's file as it was written: restore it from a backup",
	crypto.ReasonFormat:     "the format is not one this version reads: update the program",
	crypto.ReasonRenamed:    "the file was renamed: give it back its name",
	crypto.ReasonPolicy:     "the tenant is one of another policy: keep one folder for each",
	crypto.ReasonLocked:     "the key-encryption key does not open it: it is the wrong one, or the file was moved here from another tenant, or changed",
	crypto.ReasonKEK:        "the key-encryption key does not work: check its configuration and permissions",
	crypto.ReasonUnbound:    "the key-encryption key ignores associated data, so a tenant could be passed off as another: use one that authenticates it",
	crypto.ReasonKeys:       "the file holds another key than a tenant's",
}

// Error implements error.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("tenant: ")
	if e.File != "" {
		fmt.Fprintf(&b, "%q: ", e.File)
	}
	text := reasons[e.Reason]
	if text == "" {
		text = "refused"
	}
	b.WriteString(text)
	if e.Detail != "" {
		b.WriteString(" (" + e.Detail + ")")
	}
	if e.Err != nil {
		b.WriteString(": " + strings.Join(strings.Fields(e.Err.Error()), " "))
	}
	return b.String()
}

// Unwrap returns what the file system or the key-encryption key said.
func (e *FileError) Unwrap() error { return e.Err }
