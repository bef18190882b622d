package kek

import (
	"fmt"
	"strings"
)

// Reason is why a door to a key-encryption key was refused.
type Reason uint8

// The reasons of an [Error]. The zero value is no reason.
const (
	ReasonUnknown     Reason = iota // no reason: never in an error of this package
	ReasonSpec                      // the spelling of a door that [Parse] does not know
	ReasonUnreadable                // the file cannot be read
	ReasonUnwritable                // the file cannot be written
	ReasonExists                    // the file is there already and is never overwritten
	ReasonNotFile                   // a folder, a pipe, or a link that leads out of its folder
	ReasonExposed                   // others than the owner may read or write the key file
	ReasonOwner                     // the key file belongs to somebody else
	ReasonMalformed                 // not a file of this package, or one that was edited, cut or damaged
	ReasonFormat                    // a format number this version does not read
	ReasonCost                      // a number of iterations outside the bounds
	ReasonWeak                      // a passphrase that is too short or cannot be typed again
	ReasonPassphrase                // the passphrase is not the one the file was made with
	ReasonMissing                   // a key-encryption key that is needed is not there
	ReasonNames                     // names or number of the holders of [AnyTwo]
	ReasonSame                      // two key-encryption keys that must be different are one
	ReasonTooLong                   // more bytes than a key-encryption key is for
	ReasonEncrypt                   // the key-encryption key does not encrypt
	ReasonLocked                    // the key-encryption key does not open it
	ReasonProgram                   // the other program cannot be run, or does not speak the protocol
	ReasonTimeout                   // the other program did not answer in time
	ReasonRefused                   // the other program answered that it cannot do it
	ReasonUnavailable               // the service or the device does not answer, or is locked for everybody
	ReasonDenied                    // the service or the device knows the caller and does not let it
	ReasonConfig                    // what was given to open a service or a device cannot be right
	ReasonMode                      // the FIPS 140 mode of the process forbids it
)

var reasons = [...]struct{ name, text string }{
	ReasonUnknown:     {"unknown", "refused"},
	ReasonSpec:        {"spec", "not a key-encryption key: want file:PATH, passphrase:PATH or exec:COMMAND ARGUMENTS"},
	ReasonUnreadable:  {"unreadable", "cannot be read"},
	ReasonUnwritable:  {"unwritable", "cannot be written"},
	ReasonExists:      {"exists", "it is there already and is never overwritten: choose another name"},
	ReasonNotFile:     {"not-file", "not a plain file in its folder: give the path of the file itself"},
	ReasonExposed:     {"exposed", "others than its owner may use it, so the key counts as known: make a new key and rotate, or, if nobody can have read it, chmod 600 it"},
	ReasonOwner:       {"owner", "it belongs to another account, which can change it: chown it to the account that runs the program"},
	ReasonMalformed:   {"malformed", "not as it was written: restore it from a backup"},
	ReasonFormat:      {"format", "the format is not one this version reads: update the program"},
	ReasonCost:        {"cost", "the number of iterations is outside the bounds"},
	ReasonWeak:        {"weak", "not a passphrase to rely on"},
	ReasonPassphrase:  {"passphrase", "the passphrase is not the one it was made with: look at capitals, the keyboard's layout and blanks at the ends"},
	ReasonMissing:     {"missing", "a key-encryption key that is needed is not there"},
	ReasonNames:       {"names", "not a list of holders"},
	ReasonSame:        {"same", "two of the key-encryption keys are one key, so one person would be enough: give each person a key of their own"},
	ReasonTooLong:     {"too-long", "longer than what a key-encryption key is for, which is keysets"},
	ReasonEncrypt:     {"encrypt", "the key-encryption key does not encrypt: check its configuration and permissions"},
	ReasonLocked:      {"locked", "the key-encryption key does not open it: it is the wrong key, or the ciphertext or what it is bound to was changed"},
	ReasonProgram:     {"program", "the program does not work as a key-encryption key: run it by hand with a request on its standard input"},
	ReasonTimeout:     {"timeout", "the program did not answer in time: look whether it waits for a device, a network or a person"},
	ReasonRefused:     {"refused", "the program refused"},
	ReasonUnavailable: {"unavailable", "it does not answer: look at the network and at the service or the device"},
	ReasonDenied:      {"denied", "the caller is not allowed to use the key: look at its permissions"},
	ReasonConfig:      {"config", "this cannot be opened"},
	ReasonMode:        {"mode", "GODEBUG=fips140=only forbids Tink's AES-GCM, which draws its nonce itself: use fips140=on"},
}

// String returns one word for the reason, for logs and reports.
func (r Reason) String() string {
	if int(r) >= len(reasons) {
		r = ReasonUnknown
	}
	return reasons[r].name
}

// Error says which door to a key-encryption key was refused and why. It never
// carries key material, a passphrase, or what was to be encrypted.
type Error struct {
	Door   string // "passphrase", "file", "both", "any-two", "exec"; empty when none was reached
	Path   string // the file or the program; empty where there is none
	Reason Reason
	Detail string // what was found and what was wanted; may be empty
	Err    error  // what the file system or another key-encryption key said; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("kek: ")
	if e.Door != "" {
		b.WriteString(e.Door + ": ")
	}
	if e.Path != "" {
		fmt.Fprintf(&b, "%q: ", e.Path)
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
		// A key management service may answer in many lines; an error here is one.
		b.WriteString(": " + strings.Join(strings.Fields(e.Err.Error()), " "))
	}
	return b.String()
}

// Unwrap returns what the file system or another key-encryption key said, so
// that errors.Is(err, fs.ErrNotExist) works.
func (e *Error) Unwrap() error { return e.Err }
