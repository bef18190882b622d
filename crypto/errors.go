package crypto

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// NoKeysError says that a keyring does not hold the keys that were asked for.
type NoKeysError struct {
	Zone string // the zone whose keys were asked for; empty when the zone type names none
	Use  Use    // the use that is missing; UseUnknown when the zone has no keys at all
}

// Error implements error.
func (e *NoKeysError) Error() string {
	if e.Use == UseUnknown {
		return fmt.Sprintf("crypto: the keyring holds no keys of zone %q: open the folder that holds them or create them", e.Zone)
	}
	return fmt.Sprintf("crypto: the keyring holds no %s keys of zone %q: add the file %s", e.Use, e.Zone, keyfile.FileName(e.Zone, e.Use.String()))
}

// UnknownKeyError says that a token or an index was made under a key that the
// keyring does not hold or holds disabled, so that nobody can say what it stands
// for.
type UnknownKeyError struct {
	Zone  string
	Use   Use
	KeyID uint32
}

// Error implements error.
func (e *UnknownKeyError) Error() string {
	return fmt.Sprintf("crypto: key %d is not among the enabled %s keys of zone %q: it was disabled or destroyed, or the %s is of another zone", e.KeyID, e.Use, e.Zone, e.Use)
}

// OpenError says that a sealed value does not open. It does not say why: the
// value was changed, the associated data is that of another record, field or
// type, the keys are of another zone, or the key is gone. Whoever could tell
// these apart from outside would learn something about the key.
type OpenError struct {
	Zone string // the zone whose keys were tried
}

// Error implements error.
func (e *OpenError) Error() string {
	return fmt.Sprintf("crypto: the sealed value does not open in zone %q: it was changed, belongs to another record, field, type or zone, or its key is gone", e.Zone)
}

// SignatureError says that a signature is not one of the zone over the message.
type SignatureError struct {
	Zone string // the zone whose public keys were tried
}

// Error implements error.
func (e *SignatureError) Error() string {
	return fmt.Sprintf("crypto: the signature is not one of zone %q: the message or the signature was changed, somebody else signed it, or the key is gone", e.Zone)
}

// PeriodError says that a key's crypto-period is over (NIST SP 800-57 part 1,
// 5.3): nothing new may be made with it, or, when Consume is set, nothing may be
// opened with it any more either.
type PeriodError struct {
	Zone    string
	Use     Use
	KeyID   uint32
	Until   time.Time // when it ended
	Consume bool
}

// Error implements error.
func (e *PeriodError) Error() string {
	what, remedy := "makes nothing new", "rotate the keys"
	if e.Consume {
		what, remedy = "opens nothing", "what it sealed should have been sealed again before; if it is needed, extend the period of the key"
	}
	return fmt.Sprintf("crypto: key %d (%s of zone %q) %s since %s: %s", e.KeyID, e.Use, e.Zone, what, e.Until.UTC().Format(time.RFC3339), remedy)
}

// StaleError says that the keyring could not be opened again for longer than its
// grace: see [WithRefresh].
type StaleError struct {
	Zone  string    // the zone whose keys were used; may be empty
	Since time.Time // when the keyring was last opened; may be zero
	Err   error     // why it could not be opened again; may be nil
}

// Error implements error.
func (e *StaleError) Error() string {
	s := "crypto: the keys are older than their grace and do nothing until the keyring can be opened again: see to the key-encryption key"
	if e.Err != nil {
		s += ": " + oneLine(e.Err)
	}
	return s
}

// Unwrap returns why the keyring could not be opened again.
func (e *StaleError) Unwrap() error { return e.Err }

// UsedUpError says that a key has sealed as many values as one may: see
// [UseLimit].
type UsedUpError struct {
	Zone  string
	KeyID uint32
}

// Error implements error.
func (e *UsedUpError) Error() string {
	return fmt.Sprintf("crypto: key %d (seal of zone %q) has sealed %d values, the most one key may: rotate it", e.KeyID, e.Zone, uint64(UseLimit))
}

// LedgerError says that the uses of a key could not be counted, so that nothing
// may be sealed.
type LedgerError struct {
	Zone  string
	KeyID uint32
	Err   error
}

// Error implements error.
func (e *LedgerError) Error() string {
	return fmt.Sprintf("crypto: key %d (seal of zone %q): its uses cannot be counted: see to the ledger: %s", e.KeyID, e.Zone, oneLine(e.Err))
}

// Unwrap returns what the ledger said.
func (e *LedgerError) Unwrap() error { return e.Err }

// MalformedError says that bytes or text are not the encoding of a sealed value,
// a token or an index. It never carries the input.
type MalformedError struct {
	Kind   string // "sealed", "token" or "index"
	Name   string // the zone or the route of the type that was decoded into
	Detail string // what was found and what was wanted, without the input
}

// Error implements error.
func (e *MalformedError) Error() string {
	return fmt.Sprintf("crypto: not a %s(%s): %s", e.Kind, e.Name, e.Detail)
}

// Reason is why a keyring or one of its files was refused.
type Reason uint8

// The reasons of a [KeyringError]. The zero value is no reason.
const (
	ReasonUnknown    Reason = iota // no reason: never in an error of this package
	ReasonName                     // a policy or zone name that cannot stand in a keyset file
	ReasonUnreadable               // the file or the folder cannot be read
	ReasonEmpty                    // the folder holds no keyset
	ReasonMalformed                // not a keyset file, or one that was edited, cut or damaged
	ReasonFormat                   // a format number this version does not read
	ReasonUse                      // a use this version does not know
	ReasonRenamed                  // the name of the file is not that of its header
	ReasonPolicy                   // keysets of two policies in one folder
	ReasonLocked                   // the key-encryption key does not open the keyset: wrong key, or a changed header or keyset
	ReasonKEK                      // there is no key-encryption key, or it does not do its work
	ReasonUnbound                  // the key-encryption key ignores associated data
	ReasonKeys                     // the keyset opens and holds keys of a wrong algorithm or strength
	ReasonExists                   // the file is there already and is never overwritten
	ReasonUnwritable               // the file cannot be written
	ReasonOption                   // an option that cannot be
	ReasonMode                     // the mode of Go's cryptography forbids what the keys do (GODEBUG=fips140=only)
)

var reasons = [...]struct{ name, text string }{
	ReasonUnknown:    {"unknown", "refused"},
	ReasonName:       {"name", "not a name a keyset can have"},
	ReasonUnreadable: {"unreadable", "cannot be read"},
	ReasonEmpty:      {"empty", "no file ends in " + keyfile.Suffix + ": create the keyring first"},
	ReasonMalformed:  {"malformed", "not a keyset file as it was written: restore it from a backup"},
	ReasonFormat:     {"format", "the format is not one this version reads: update the program"},
	ReasonUse:        {"use", "the use is not one this version knows: update the program"},
	ReasonRenamed:    {"renamed", "the file was renamed or moved: give it back its name"},
	ReasonPolicy:     {"policy", "the folder holds keysets of two policies: keep one folder for each"},
	ReasonLocked:     {"locked", "the key-encryption key does not open it: it is the wrong one, or the file was moved here from another policy, zone or use, or changed"},
	ReasonKEK:        {"kek", "the key-encryption key does not work: check its configuration and permissions"},
	ReasonUnbound:    {"unbound", "the key-encryption key ignores associated data, so a keyset could be passed off as another: use one that authenticates it"},
	ReasonKeys:       {"keys", "the keyset holds keys that are not for its use"},
	ReasonExists:     {"exists", "it is there already and is never overwritten: choose another folder, or add a key to it instead"},
	ReasonUnwritable: {"unwritable", "cannot be written"},
	ReasonOption:     {"option", "an option cannot be"},
	ReasonMode:       {"mode", "the mode GODEBUG=fips140=only forbids what these keys do, because Tink gives crypto/cipher its nonces and X25519 is not approved: run with GODEBUG=fips140=on"},
}

// String returns one word for the reason, for logs and reports.
func (r Reason) String() string {
	if int(r) >= len(reasons) {
		r = ReasonUnknown
	}
	return reasons[r].name
}

// KeyringError says which file of a keyring was refused and why. It never
// carries key material.
type KeyringError struct {
	File   string // name of the file within the folder; empty when it is about the folder as a whole
	Reason Reason
	Detail string // what was found and what was wanted; may be empty
	Err    error  // what the file system or the key-encryption key said; may be nil
}

// Error implements error.
func (e *KeyringError) Error() string {
	var b strings.Builder
	b.WriteString("crypto: keyring: ")
	if e.File != "" {
		fmt.Fprintf(&b, "%q: ", e.File)
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
		b.WriteString(": " + oneLine(e.Err))
	}
	return b.String()
}

// Unwrap returns what the file system or the key-encryption key said, so that
// errors.Is(err, fs.ErrPermission) works.
func (e *KeyringError) Unwrap() error { return e.Err }

// oneLine is what err says, in one line: a key management service may answer in
// many.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// keyringError gives an error of the keyset files the type that is exported. Nil
// and other errors stay what they are.
func keyringError(err error) error {
	var e *keyfile.Error
	if !errors.As(err, &e) {
		return err
	}
	return &KeyringError{File: e.File, Reason: Reason(e.Reason), Detail: e.Detail, Err: e.Err}
}
