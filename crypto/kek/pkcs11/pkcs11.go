// Package pkcs11 opens a key-encryption key in an HSM or a smart card, by way of
// the PKCS#11 library (OASIS PKCS#11 2.40 and 3.x, "Cryptoki") of its maker. The
// key never leaves the token; the token sees each keyset while it encrypts or
// decrypts it.
//
//	key, err := pkcs11.Open(pkcs11.Config{
//		Module: "/usr/lib/softhsm/libsofthsm2.so",
//		Token:  "kouki",
//		Key:    "kouki-kek",
//		PIN:    askForPIN,
//	})
//	defer key.Close()
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), key)
//
// # For the security officer
//
// The key is an AES key of 256 bits that is sensitive and not extractable and
// may encrypt and decrypt. [Create] makes one so, and forbids everything else to
// it. [Open] refuses a key that is shorter, that could be read out of the token,
// and a label that two keys have. The PIN is that of the normal user (CKU_USER);
// the security officer's is never asked for. A wrong PIN is tried once and never
// again by the same value of KEK, so that a program that starts over and over is
// what locks a token, and not a loop in here.
//
// # Associated data
//
// The mechanism is CKM_AES_GCM with a tag of 128 bits: associated data is its
// pAAD, and the token refuses any other. What is encrypted is twelve bytes of
// nonce, the ciphertext, the tag. The nonce is drawn from crypto/rand, 96 random
// bits for each (NIST SP 800-38D, 8.2.2), and given to the token; a token that
// draws its own instead, as some must, writes it back, and that one is stored.
//
// # Why this binding
//
// Two are maintained: github.com/miekg/pkcs11, which is the C interface and
// nothing else, and github.com/ThalesGroup/crypto11 on top of it, which is more
// comfortable. The second ends the program with a panic when a token fails while
// it encrypts, which a keyring must survive, and takes the PIN as a field that
// stays in memory. So this is the first, which has no dependencies either. It
// needs cgo.
//
// # What is not promised
//
//   - Requests go through one session, one after another: a keyring asks its
//     token some twenty times in its life. A session that the token has dropped
//     is opened again once, for which the PIN is asked for again.
//   - The state of being logged in belongs to the process and not to a session:
//     while one KEK is open, another of the same token opens with any PIN.
//   - The library is loaded into the process and stays there after Close.
//   - The library and the binding copy the PIN and the keysets into memory of C,
//     which they free and do not clear.
//   - Uses are not counted; the keyring is far below the limit of 2^32.
package pkcs11

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/miekg/pkcs11"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

const (
	nonceSize = 12  // bytes; NIST SP 800-38D, 8.2
	tagSize   = 128 // bits
	keySize   = 32  // bytes
)

// Config says which key of which token.
type Config struct {
	// Module is the path of the library of the token's maker.
	Module string

	// Token is the label of the token; one token only may have it.
	Token string

	// Key is the label of the key (CKA_LABEL); one AES key only may have it.
	Key string

	// PIN returns the user's PIN. It is called when the token is opened and when
	// it has dropped its session. What it returns is cleared after use.
	PIN func() ([]byte, error)
}

// KEK is a key in a token. It implements tink.AEAD and may be used by many
// goroutines. KEKs are made by [Open] and [Create].
type KEK struct {
	*kek.Service
	token *token
}

// Open opens the token and finds the key. Errors are *kek.Error.
func Open(c Config) (*KEK, error) { return open(c, reading) }

// Create makes a new key in the token and opens it. There must be none with its
// label. Errors are *kek.Error.
func Create(c Config) (*KEK, error) { return open(c, writing) }

// Close ends the session, and with the last session of the process the state of
// being logged in. The KEK cannot be used after it.
func (k *KEK) Close() error { return k.token.close() }

// Flags of a session.
const (
	reading uint = pkcs11.CKF_SERIAL_SESSION
	writing uint = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION
)

func open(c Config, flags uint) (*KEK, error) {
	t := &token{config: c, path: c.Token + "/" + c.Key}
	if c.Module == "" || c.Token == "" || c.Key == "" || c.PIN == nil {
		return nil, t.refuse(kek.ReasonConfig, "the library, the labels of token and key, and a way to the PIN are wanted", nil)
	}
	t.ctx = pkcs11.New(c.Module)
	if t.ctx == nil {
		return nil, t.refuse(kek.ReasonConfig, fmt.Sprintf("no PKCS#11 library at %q", c.Module), nil)
	}
	if err := t.ctx.Initialize(); err != nil && !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		return nil, t.refuse(kek.ReasonUnavailable, "the library does not start", err)
	}
	err := t.findSlot()
	if err == nil {
		err = t.start(flags)
	}
	if err == nil && flags == writing {
		err = t.create()
	}
	if err == nil {
		err = t.findKey()
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return &KEK{kek.NewService("pkcs11", t.path, t, reason), t}, nil
}

// token is an open token and the key in it. The mutex keeps the two calls of an
// operation together: a session has one operation at a time.
type token struct {
	config Config
	path   string // token/key, for errors
	ctx    *pkcs11.Ctx
	slot   uint

	mu      sync.Mutex
	open    bool // session and key are valid
	session pkcs11.SessionHandle
	key     pkcs11.ObjectHandle
	dead    error // why it will not be opened again
}

func (t *token) refuse(r kek.Reason, detail string, err error) error {
	return &kek.Error{Door: "pkcs11", Path: t.path, Reason: r, Detail: detail, Err: err}
}

// findSlot finds the slot of the one token with the label, and asks it whether
// it can do what is needed.
func (t *token) findSlot() error {
	slots, err := t.ctx.GetSlotList(true)
	if err != nil {
		return t.refuse(kek.ReasonUnavailable, "no list of slots", err)
	}
	found := 0
	for _, slot := range slots {
		if info, err := t.ctx.GetTokenInfo(slot); err == nil && info.Label == t.config.Token {
			t.slot = slot
			found++
		}
	}
	if found != 1 {
		return t.refuse(kek.ReasonConfig, fmt.Sprintf("%d tokens with that label among %d, want 1", found, len(slots)), nil)
	}
	const both = pkcs11.CKF_ENCRYPT | pkcs11.CKF_DECRYPT
	info, err := t.ctx.GetMechanismInfo(t.slot, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, nil)})
	if err != nil || info.Flags&both != both {
		return t.refuse(kek.ReasonConfig, "the token has no CKM_AES_GCM", nil)
	}
	return nil
}

// start opens a session and logs in. The caller has the mutex, or is the only
// one.
func (t *token) start(flags uint) error {
	if t.dead != nil {
		return t.dead
	}
	session, err := t.ctx.OpenSession(t.slot, flags)
	if err != nil {
		return t.refuse(kek.ReasonUnavailable, "no session", err)
	}
	if err := t.login(session); err != nil {
		t.ctx.CloseSession(session)
		return err
	}
	t.session = session
	return nil
}

func (t *token) login(session pkcs11.SessionHandle) error {
	pin, err := t.config.PIN()
	defer clear(pin)
	if err != nil {
		return t.refuse(kek.ReasonDenied, "no PIN", err)
	}
	err = t.ctx.Login(session, pkcs11.CKU_USER, string(pin))
	switch {
	case err == nil || is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN):
		return nil
	case is(err, pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE, pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_PIN_EXPIRED):
		t.dead = t.refuse(kek.ReasonDenied, "the PIN; it is not tried again", err)
		return t.dead
	}
	return t.refuse(kek.ReasonUnavailable, "no login", err)
}

// findKey finds the one key with the label and asks the token what it is.
func (t *token) findKey() error {
	keys, err := t.keys()
	if err != nil {
		return t.refuse(kek.ReasonUnavailable, "no search for the key", err)
	}
	if len(keys) != 1 {
		return t.refuse(kek.ReasonConfig, fmt.Sprintf("%d AES keys with that label, want 1", len(keys)), nil)
	}
	attributes, err := t.ctx.GetAttributeValue(t.session, keys[0], []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, nil),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, nil),
		pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, nil),
		pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, nil),
		pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, nil),
	})
	if err != nil || len(attributes) != 5 {
		return t.refuse(kek.ReasonConfig, "the token does not say what the key may do", err)
	}
	is := func(i int) bool { v := attributes[i].Value; return len(v) == 1 && v[0] != 0 }
	switch {
	case number(attributes[0].Value) != keySize:
		return t.refuse(kek.ReasonConfig, fmt.Sprintf("an AES key of %d bits, want 256", 8*number(attributes[0].Value)), nil)
	case !is(1) || is(2):
		return t.refuse(kek.ReasonConfig, "the key can be read out of the token: make one that is sensitive and not extractable", nil)
	case !is(3) || !is(4):
		return t.refuse(kek.ReasonConfig, "the key may not both encrypt and decrypt", nil)
	}
	t.key, t.open = keys[0], true
	return nil
}

// number reads a CK_ULONG, which is of the machine's size and order.
func number(b []byte) uint64 {
	switch len(b) {
	case 4:
		return uint64(binary.NativeEndian.Uint32(b))
	case 8:
		return binary.NativeEndian.Uint64(b)
	}
	return 0
}

// keys returns the AES keys with the label, no more than two: two are too many.
func (t *token) keys() ([]pkcs11.ObjectHandle, error) {
	if err := t.ctx.FindObjectsInit(t.session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, t.config.Key),
	}); err != nil {
		return nil, err
	}
	keys, _, err := t.ctx.FindObjects(t.session, 2)
	return keys, errors.Join(err, t.ctx.FindObjectsFinal(t.session))
}

// create makes the key. The session is one that may write.
func (t *token) create() error {
	if keys, err := t.keys(); err != nil {
		return t.refuse(kek.ReasonUnavailable, "no search for the key", err)
	} else if len(keys) > 0 {
		return t.refuse(kek.ReasonExists, "", nil)
	}
	yes, no := true, false
	_, err := t.ctx.GenerateKey(t.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_KEY_GEN, nil)}, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, t.config.Key),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, keySize),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, yes),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, yes),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, yes),
		pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, no),
		pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, yes),
		pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, yes),
		pkcs11.NewAttribute(pkcs11.CKA_WRAP, no),
		pkcs11.NewAttribute(pkcs11.CKA_UNWRAP, no),
		pkcs11.NewAttribute(pkcs11.CKA_SIGN, no),
		pkcs11.NewAttribute(pkcs11.CKA_VERIFY, no),
		pkcs11.NewAttribute(pkcs11.CKA_DERIVE, no),
		pkcs11.NewAttribute(pkcs11.CKA_MODIFIABLE, no),
	})
	if err != nil {
		return t.refuse(kek.ReasonUnwritable, "the token makes no key", err)
	}
	return nil
}

func (t *token) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead == nil {
		t.dead = t.refuse(kek.ReasonMissing, "it was closed", nil)
	}
	if t.session == 0 {
		return nil
	}
	session := t.session
	t.session, t.open = 0, false
	if err := t.ctx.CloseSession(session); err != nil && !is(err, pkcs11.CKR_SESSION_HANDLE_INVALID) {
		return t.refuse(kek.ReasonUnavailable, "the session does not close", err)
	}
	return nil
}

// Encrypt implements tink.AEAD.
func (t *token) Encrypt(plaintext, ad []byte) ([]byte, error) {
	var out []byte
	err := t.do(func() error {
		nonce := make([]byte, nonceSize)
		rand.Read(nonce) // never fails: crypto/rand ends the program instead
		params := pkcs11.NewGCMParams(nonce, ad, tagSize)
		defer params.Free()
		if err := t.ctx.EncryptInit(t.session, mechanism(params), t.key); err != nil {
			return err
		}
		ct, err := t.ctx.Encrypt(t.session, plaintext)
		if err != nil {
			return err
		}
		used := params.IV() // the token may have drawn its own
		if len(used) != nonceSize {
			return fmt.Errorf("the token used a nonce of %d bytes, want %d", len(used), nonceSize)
		}
		out = append(used, ct...)
		return nil
	})
	return out, err
}

// Decrypt implements tink.AEAD.
func (t *token) Decrypt(ciphertext, ad []byte) ([]byte, error) {
	if len(ciphertext) < nonceSize+tagSize/8 {
		return nil, t.refuse(kek.ReasonLocked, "shorter than a nonce and a tag", nil)
	}
	var out []byte
	err := t.do(func() error {
		params := pkcs11.NewGCMParams(ciphertext[:nonceSize], ad, tagSize)
		defer params.Free()
		if err := t.ctx.DecryptInit(t.session, mechanism(params), t.key); err != nil {
			return err
		}
		plaintext, err := t.ctx.Decrypt(t.session, ciphertext[nonceSize:])
		if err != nil {
			return err
		}
		out = plaintext
		return nil
	})
	if err == nil && out == nil {
		out = []byte{}
	}
	return out, err
}

func mechanism(params *pkcs11.GCMParams) []*pkcs11.Mechanism {
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}
}

// do runs one operation. When the token has dropped the session, or another
// program has logged it out, it is opened again, once.
func (t *token) do(operation func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open {
		err := operation()
		if !is(err, lost...) {
			return err
		}
		t.ctx.CloseSession(t.session)
		t.session, t.open = 0, false
	}
	if t.session == 0 {
		if err := t.start(reading); err != nil {
			return err
		}
	}
	if err := t.findKey(); err != nil {
		return err
	}
	return operation()
}

// lost says that the session is of no more use.
var lost = []uint{
	pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED, pkcs11.CKR_USER_NOT_LOGGED_IN,
	pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_OBJECT_HANDLE_INVALID, pkcs11.CKR_OPERATION_ACTIVE,
	pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_DEVICE_ERROR,
}

// is reports whether err is one of the return values of PKCS#11.
func is(err error, values ...uint) bool {
	var e pkcs11.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, v := range values {
		if uint(e) == v {
			return true
		}
	}
	return false
}

// reason finds out whether the token refused, or was not there to ask.
func reason(err error) kek.Reason {
	switch {
	case is(err, lost...), is(err, pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED, pkcs11.CKR_DEVICE_MEMORY, pkcs11.CKR_HOST_MEMORY):
		return kek.ReasonUnavailable
	case is(err, pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED, pkcs11.CKR_ACTION_PROHIBITED, pkcs11.CKR_PIN_EXPIRED, pkcs11.CKR_PIN_LOCKED):
		return kek.ReasonDenied
	case is(err, pkcs11.CKR_DATA_LEN_RANGE):
		return kek.ReasonTooLong
	}
	return kek.ReasonUnknown // a wrong tag has different names in different tokens
}
