package keyfile

import "fmt"

// Reason is why a file was refused. The numbers are those of the reasons that
// package crypto exports.
type Reason uint8

// The reasons of an [Error], in the order of package crypto's.
const (
	Unknown    Reason = iota // none
	Name                     // a policy or zone name that cannot be
	Unreadable               // the file or the folder cannot be read
	Empty                    // no keyset in the folder
	Malformed                // not a keyset file as it was written
	Format                   // a format number that is not read
	BadUse                   // a use that is not known
	Renamed                  // the name is not that of the header
	Policy                   // keysets of two policies
	Locked                   // the key-encryption key does not open it
	KEK                      // the key-encryption key does not work
	Unbound                  // the key-encryption key ignores associated data
	Keys                     // the keys are not what the header says
	Exists                   // the file is there already
	Unwritable               // the file cannot be written
)

// Error says which file was refused and why. It never carries key material.
type Error struct {
	File   string // empty when it is about the folder as a whole
	Reason Reason
	Detail string
	Err    error
}

// Error implements error. Package crypto has the words for people.
func (e *Error) Error() string {
	return fmt.Sprintf("keyset file %q: reason %d: %s: %v", e.File, e.Reason, e.Detail, e.Err)
}

// Unwrap returns what the file system or the key-encryption key said.
func (e *Error) Unwrap() error { return e.Err }
