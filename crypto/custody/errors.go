package custody

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Reason is why something was not done. Nothing has changed then, but where
// [Error] says otherwise.
type Reason uint8

// The reasons of an [Error]. The zero value is no reason.
const (
	ReasonUnknown     Reason = iota // no reason: never in an error of this package
	ReasonOperator                  // the name of the operator or a custodian is none
	ReasonClock                     // the time of the act is none, or before the key was made
	ReasonLock                      // the folder cannot be locked, read or written
	ReasonUnreadable                // a document cannot be read
	ReasonUnwritable                // a backup cannot be written whole
	ReasonNoKeyset                  // the folder has no such keyset
	ReasonNoKey                     // the keyset has no such key
	ReasonActive                    // the active key makes what is new: rotate first
	ReasonLast                      // it is the last key: its keyset must be named once more
	ReasonState                     // a key in its state has no such way
	ReasonStaged                    // there is a staged key already
	ReasonUse                       // keys of the use are not made, or not treated, that way
	ReasonPlan                      // the plan has no key for the use at that time
	ReasonIncomplete                // keysets are missing that were there
	ReasonLost                      // a key that was there is not known any more
	ReasonPolicy                    // of another policy
	ReasonMalformed                 // not a document of this package, or one that was edited, cut or damaged
	ReasonFormat                    // a format number this version does not read
	ReasonFingerprint               // the fingerprint is another
	ReasonPrivate                   // public keys of a zone whose private keys are here, or the other way round
	ReasonOlder                     // an older export than what is here, or one of another keyset
	ReasonLocked                    // the backup's key-encryption key does not open it
	ReasonSame                      // the backup's key-encryption key is that of the folder
	ReasonNothing                   // there is nothing to export or to back up
	ReasonNoBackup                  // no backup of that id is recorded
	ReasonSignature                 // the certificate is not signed by its zone
	ReasonStored                    // it was done, and the record of it could not be stored
)

var reasons = [...]struct{ name, text string }{
	ReasonUnknown:     {"unknown", "refused"},
	ReasonOperator:    {"operator", "not a name to keep on record: want 1 to 64 printable ASCII characters without blanks"},
	ReasonClock:       {"clock", "the time cannot be right: set the clock"},
	ReasonLock:        {"lock", "the folder cannot be worked on"},
	ReasonUnreadable:  {"unreadable", "cannot be read"},
	ReasonUnwritable:  {"unwritable", "it could not be written whole, and is on record: destroy what there is of it, say so, and make another"},
	ReasonNoKeyset:    {"no-keyset", "there is no such keyset: look at the status for those there are"},
	ReasonNoKey:       {"no-key", "the keyset has no such key: look at the status for those it has"},
	ReasonActive:      {"active", "it is the active key: rotate first, so that another makes what is new"},
	ReasonLast:        {"last", "it is the last key, and all that is sealed under the keyset goes with it: name the keyset too if that is what you want"},
	ReasonState:       {"state", "a key in its state has no such way"},
	ReasonStaged:      {"staged", "a key is staged already: rotate to put it to use, or retire it"},
	ReasonUse:         {"use", "not for keys of this use"},
	ReasonPlan:        {"plan", "no key can be made"},
	ReasonIncomplete:  {"incomplete", "keysets are missing that were there before: restore them from a backup, or ask for those that are missing, and what was sealed under them is lost"},
	ReasonLost:        {"lost", "the key was there, and its file is gone or an older one was put back: restore it from a backup"},
	ReasonPolicy:      {"policy", "it is of another policy"},
	ReasonMalformed:   {"malformed", "not as it was written: take another copy"},
	ReasonFormat:      {"format", "the format is not one this version reads: update the program"},
	ReasonFingerprint: {"fingerprint", "the fingerprint is not the one that was read out: somebody changed the file, or it is another one"},
	ReasonPrivate:     {"private", "a zone's private keys and imported public keys exclude each other"},
	ReasonOlder:       {"older", "it is older than what is here, or not of the same keys: ask the zone for its present export"},
	ReasonLocked:      {"locked", "the key-encryption keys do not open the backup: other ones are needed, in the order of the custodians, or it was changed"},
	ReasonSame:        {"same", "the backup would be under the key-encryption key of the folder, and be lost with it: take another"},
	ReasonNothing:     {"nothing", "there is nothing to hand out"},
	ReasonNoBackup:    {"no-backup", "no such backup is on record"},
	ReasonSignature:   {"signature", "the certificate is not signed by its zone, or was changed"},
	ReasonStored:      {"stored", "it is done, but the record of it could not be stored: keep what was returned"},
}

// String returns one word for the reason, for logs and reports.
func (r Reason) String() string {
	if int(r) >= len(reasons) {
		r = ReasonUnknown
	}
	return reasons[r].name
}

// Error says what was not done and why. It never carries key material. What is
// wrong with a keyset file is a *[crypto.KeyringError] instead.
type Error struct {
	What   string // what it is about: a keyset ("mynumber.seal"), a backup, a document; may be empty
	KeyID  uint32 // 0 when it is not about one key
	Reason Reason
	Detail string // what was found and what was wanted; may be empty
	Err    error  // what the file system said; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("custody: ")
	if e.What != "" {
		b.WriteString(e.What + ": ")
	}
	if e.KeyID != 0 {
		fmt.Fprintf(&b, "key %d: ", e.KeyID)
	}
	r := e.Reason
	if int(r) >= len(reasons) {
		r = ReasonUnknown
	}
	b.WriteString(reasons[r].text)
	if e.Detail != "" {
		b.WriteString(" (" + e.Detail + ")")
	}
	if e.Err != nil {
		b.WriteString(": " + strings.Join(strings.Fields(e.Err.Error()), " "))
	}
	return b.String()
}

// Unwrap returns what the file system said, so that
// errors.Is(err, fs.ErrPermission) works.
func (e *Error) Unwrap() error { return e.Err }

// keyringError gives an error of the keyset files the type that is exported. Nil
// and other errors stay what they are.
func keyringError(err error) error {
	var e *keyfile.Error
	if !errors.As(err, &e) {
		return err
	}
	return &crypto.KeyringError{File: e.File, Reason: crypto.Reason(e.Reason), Detail: e.Detail, Err: e.Err}
}
