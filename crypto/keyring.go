package crypto

import (
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Keyring is the keys of one policy's zones, opened. It may be used by many
// goroutines. It is closed to fmt, slog and encoders. Keyrings are made by
// [OpenKeyring] and, for tests and demonstrations, by [EphemeralKeyring].
type Keyring struct {
	closed
	_ [0]func() // not comparable
	r *ring
}

// ring is what a Keyring is.
type ring struct {
	policy  string
	options options
	counts  *counts
	state   atomic.Pointer[state]
	turn    turn // held by who opens the folder again
	reopen  func(now time.Time) (*state, error)
	retry   time.Time // after a failure, when to try again; guarded by turn
	failed  error     // the last failure; guarded by turn
}

// options are what [Option]s set.
type options struct {
	now          func() time.Time
	ledger       Ledger
	warn         func(Warning)
	every, grace time.Duration // zero: opened once
}

// Option changes how a keyring is opened.
type Option func(*options)

// WithClock gives the keyring another clock than [time.Now], for tests.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithWarnings hands warnings to f: see [Warning]. f may be called by several
// goroutines at a time and must not call the keyring.
func WithWarnings(f func(Warning)) Option { return func(o *options) { o.warn = f } }

// WithLedger counts the uses of keys in l, which several processes and starts
// share. Without it a process counts what it does itself.
func WithLedger(l Ledger) Option { return func(o *options) { o.ledger = l } }

// WithRefresh opens the folder again when the keys are older than every: keys
// that were rotated, disabled or destroyed meanwhile are in force without a
// restart, and a key-encryption key that was withdrawn takes the keys with it.
//
// While that fails, because the key management service is down or a file is
// damaged, the keys that are there go on working until they are older than
// grace, and no longer: every operation then fails with a *[StaleError]. Each
// failure is a warning. Who asks for keys while somebody else is opening the
// folder gets those that are there; where they are no good any more he waits for
// ten seconds at most, so that a service which never answers holds up nobody but
// the one who asked it. Grace is as long as the office can bear that a withdrawn
// key still opens; hours are usual.
func WithRefresh(every, grace time.Duration) Option {
	return func(o *options) { o.every, o.grace = every, grace }
}

// problem says which option cannot be, empty when all can.
func (o *options) problem() string {
	switch {
	case o.now == nil || o.ledger == nil || o.warn == nil:
		return "a clock, a ledger or a function for warnings is nil"
	case o.every < 0 || o.grace < o.every || o.every == 0 && o.grace > 0:
		return fmt.Sprintf("refresh every %v with a grace of %v: want some time, and a grace that is not shorter", o.every, o.grace)
	}
	return ""
}

// OpenKeyring opens every *.keyset file of the root of fsys with kek, the
// key-encryption key: any AEAD, in a file, an HSM or a key management service.
// kek is called once for each file and twice more for a self-test: it must
// refuse associated data other than what was bound, or the keyring is refused.
//
// A file that does not open, was renamed, moved, edited or damaged refuses the
// whole keyring: the error is a *[KeyringError] that names the file.
//
// Keys are in force as the files say: disabled and destroyed ones do nothing,
// the active one makes what is new until its time to produce is over, and each
// opens until its time to consume is over. Dates are looked at whenever keys are
// asked for ([KeysOf]).
func OpenKeyring(fsys fs.FS, kek tink.AEAD, opts ...Option) (*Keyring, error) {
	if kek == nil {
		return nil, &KeyringError{Reason: ReasonKEK, Detail: "no key-encryption key was given"}
	}
	r := newRing("", opts...)
	if problem := r.options.problem(); problem != "" {
		return nil, &KeyringError{Reason: ReasonOption, Detail: problem}
	}
	r.reopen = func(now time.Time) (*state, error) {
		opened, err := openFiles(fsys, kek)
		if err != nil {
			return nil, err
		}
		if r.policy != "" && opened[0].file.Policy != r.policy {
			return nil, &KeyringError{File: opened[0].file.Name(), Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q here, %q before", opened[0].file.Policy, r.policy)}
		}
		return r.newState(opened, now)
	}
	s, err := r.reopen(r.options.now())
	if err != nil {
		return nil, err
	}
	r.policy = s.policy
	r.put(s)
	return &Keyring{r: r}, nil
}

// EphemeralKeyring makes a keyring of fresh keys that are in memory only: what
// is sealed with it is lost with the process. It is for tests and
// demonstrations. The error is a *[KeyringError] for a name that no keyset file
// could have.
func EphemeralKeyring(policy string, zones ...string) (*Keyring, error) {
	if err := keyfile.CheckNames(policy, zones); err != nil {
		return nil, keyringError(err)
	}
	r := newRing(policy)
	now := r.options.now()
	var opened []openedFile
	for _, zone := range zones {
		for u := UseUnknown + 1; u.valid(); u++ {
			if u.kind().IsPublic {
				continue // the private keyset has both halves
			}
			if fips140.Enforced() && u.forbidden() {
				return nil, &KeyringError{File: keyfile.FileName(zone, u.String()), Reason: ReasonMode}
			}
			f, h, err := freshFile(policy, zone, u, now)
			if err != nil {
				return nil, &KeyringError{File: keyfile.FileName(zone, u.String()), Reason: ReasonKeys, Detail: err.Error()}
			}
			opened = append(opened, openedFile{f, u, func() handle { return h }})
		}
	}
	s, err := r.newState(opened, now)
	if err != nil {
		return nil, err
	}
	r.put(s)
	return &Keyring{r: r}, nil
}

// Policy returns the name of the policy whose keys these are.
func (r Keyring) Policy() string {
	if r.r == nil {
		return ""
	}
	return r.r.policy
}

// Zones returns the names of the zones the keyring holds keys of, also public
// keys alone, sorted. A zone all of whose keys are destroyed is not among them.
func (r Keyring) Zones() []string {
	if r.r == nil {
		return nil
	}
	return r.r.state.Load().names()
}

// Has reports whether the keyring holds keys of the zone for the use that open or
// match something, so that a program can refuse to start instead of failing at the
// first record. Whoever holds private keys also has the public halves.
func (r Keyring) Has(zone string, use Use) bool {
	if r.r == nil {
		return false
	}
	z := r.r.state.Load().zones[zone]
	return z != nil && z.has(use)
}

// Format prints the type and the policy for every verb.
func (r Keyring) Format(s fmt.State, _ rune) { io.WriteString(s, r.GoString()) }

// GoString returns the type and the policy.
func (r Keyring) GoString() string { return "keyring(" + r.Policy() + ")" }

// LogValue logs the type and the policy.
func (r Keyring) LogValue() slog.Value { return slog.StringValue(r.GoString()) }

func newRing(policy string, opts ...Option) *ring {
	r := &ring{policy: policy}
	r.options = options{now: time.Now, ledger: new(memoryLedger), warn: func(Warning) {}}
	for _, o := range opts {
		o(&r.options)
	}
	r.counts = &counts{policy: policy, ledger: r.options.ledger, warn: r.options.warn}
	return r
}

// closed makes what embeds it fail in every encoder: keys that leave through an
// encoder by mistake are lost, and a silent omission would hide the mistake.
type closed struct{}

var errClosed = errors.New("crypto: keys are never encoded: CreateKeyring writes them encrypted, OpenKeyring reads them")

// MarshalText fails: keys are never encoded.
func (closed) MarshalText() ([]byte, error) { return nil, errClosed }

// MarshalBinary fails: keys are never encoded.
func (closed) MarshalBinary() ([]byte, error) { return nil, errClosed }

// MarshalJSON fails: keys are never encoded.
func (closed) MarshalJSON() ([]byte, error) { return nil, errClosed }

// MarshalYAML fails: keys are never encoded.
func (closed) MarshalYAML() (any, error) { return nil, errClosed }

// GobEncode fails: keys are never encoded.
func (closed) GobEncode() ([]byte, error) { return nil, errClosed }

// UnmarshalText fails: keys are never decoded.
func (closed) UnmarshalText([]byte) error { return errClosed }

// UnmarshalBinary fails: keys are never decoded.
func (closed) UnmarshalBinary([]byte) error { return errClosed }

// UnmarshalJSON fails: keys are never decoded.
func (closed) UnmarshalJSON([]byte) error { return errClosed }

// GobDecode fails: keys are never decoded.
func (closed) GobDecode([]byte) error { return errClosed }
