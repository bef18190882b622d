package keyfile

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
)

// A witness is something made with a key when the key was made. It is no secret.
// Whoever restores a key from a backup shows with it, without any data of the
// system, that what was made with the key still opens.
type witness interface {
	// make returns the witness of the only key of h.
	make(h *keyset.Handle, ad []byte) ([]byte, error)
	// check fails when the only key of h did not make the witness.
	check(h *keyset.Handle, made, ad []byte) error
}

var witnessText = []byte("sekisho witness")

// witnessAD is not the associated data of anything a program seals: those begin
// with the name of a policy, which is not empty.
func (f *File) witnessAD() []byte {
	return AppendAD(nil, "", string(witnessText), f.Policy, f.Zone, f.Use)
}

// CheckWitness fails when the key of that id in h did not make the witness in
// the file's header. Keys without a witness, which are public ones, are checked
// by nothing; made is false for them.
func (f *File) CheckWitness(h *keyset.Handle, id uint32) (made bool, err error) {
	line, kind := f.Key(id), f.Kind()
	if line == nil || kind.witness == nil || len(line.Witness) == 0 {
		return false, nil
	}
	k, err := keyOf(h, id)
	if err != nil {
		return true, err
	}
	one, err := alone(k)
	if err != nil {
		return true, err
	}
	if err := kind.witness.check(one, line.Witness, f.witnessAD()); err != nil {
		return true, fmt.Errorf("key %d does not open its witness", id)
	}
	return true, nil
}

// AddKey generates a key of the algorithm into m and appends the line about it,
// with its id and witness, to the header. The caller sets the state of m's key
// and of the line alike. It returns the id.
func (f *File) AddKey(m *keyset.Manager, algorithm string, line Key) (uint32, error) {
	a := f.Kind().Algorithm(algorithm)
	if a == nil || a.Parameters == nil {
		return 0, fmt.Errorf("no key of algorithm %q can be made for use %s", algorithm, f.Use)
	}
	p, err := a.Parameters()
	if err != nil {
		return 0, err
	}
	id, err := m.AddNewKeyFromParameters(p)
	if err != nil {
		return 0, fmt.Errorf("generate a key for use %s: %v", f.Use, err)
	}
	if f.Key(id) != nil { // Tink draws ids at random and does not know those of destroyed keys
		return 0, fmt.Errorf("the fresh key has the id of a destroyed one: try again")
	}
	if len(f.Keys) == 0 || line.State == StateActive {
		if err := m.SetPrimary(id); err != nil {
			return 0, err
		}
	}
	h, err := m.Handle()
	if err != nil {
		return 0, err
	}
	k, err := keyOf(h, id)
	if err != nil {
		return 0, err
	}
	line.ID, line.Algorithm = id, algorithm
	if w := f.Kind().witness; w != nil {
		one, err := alone(k)
		if err != nil {
			return 0, err
		}
		if line.Witness, err = w.make(one, f.witnessAD()); err != nil {
			return 0, err
		}
	}
	f.Keys = append(f.Keys, line)
	return id, nil
}

func keyOf(h *keyset.Handle, id uint32) (key.Key, error) {
	if h == nil {
		return nil, fmt.Errorf("key %d is gone", id)
	}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, err
		}
		if e.KeyID() == id {
			return e.Key(), nil
		}
	}
	return nil, fmt.Errorf("key %d is gone", id)
}

// alone returns a keyset of one key.
func alone(k key.Key) (*keyset.Handle, error) {
	m := keyset.NewManager()
	id, err := m.AddKey(k)
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	return m.Handle()
}

func same(got []byte, err error) error {
	if err != nil {
		return err
	}
	if !bytes.Equal(got, witnessText) {
		return fmt.Errorf("it opens to something else")
	}
	return nil
}

type sealWitness struct{}

func (sealWitness) make(h *keyset.Handle, ad []byte) ([]byte, error) {
	a, err := aead.New(h)
	if err != nil {
		return nil, err
	}
	return a.Encrypt(witnessText, ad)
}

func (sealWitness) check(h *keyset.Handle, made, ad []byte) error {
	a, err := aead.New(h)
	if err != nil {
		return err
	}
	return same(a.Decrypt(made, ad))
}

type prfWitness struct{}

const prfWitnessSize = 16

func (prfWitness) make(h *keyset.Handle, ad []byte) ([]byte, error) {
	set, err := prf.NewPRFSet(h)
	if err != nil {
		return nil, err
	}
	return set.ComputePrimaryPRF(ad, prfWitnessSize)
}

func (w prfWitness) check(h *keyset.Handle, made, ad []byte) error {
	again, err := w.make(h, ad)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(again, made) != 1 {
		return fmt.Errorf("it gives something else")
	}
	return nil
}

type streamWitness struct{}

func (streamWitness) make(h *keyset.Handle, ad []byte) ([]byte, error) {
	s, err := streamingaead.New(h)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	w, err := s.NewEncryptingWriter(&buf, ad)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(witnessText); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func (streamWitness) check(h *keyset.Handle, made, ad []byte) error {
	s, err := streamingaead.New(h)
	if err != nil {
		return err
	}
	r, err := s.NewDecryptingReader(bytes.NewReader(made), ad)
	if err != nil {
		return err
	}
	return same(io.ReadAll(r))
}

type boxWitness struct{}

func (boxWitness) make(h *keyset.Handle, ad []byte) ([]byte, error) {
	public, err := h.Public()
	if err != nil {
		return nil, err
	}
	e, err := hybrid.NewHybridEncrypt(public)
	if err != nil {
		return nil, err
	}
	return e.Encrypt(witnessText, ad)
}

func (boxWitness) check(h *keyset.Handle, made, ad []byte) error {
	d, err := hybrid.NewHybridDecrypt(h)
	if err != nil {
		return err
	}
	return same(d.Decrypt(made, ad))
}

type signWitness struct{}

func (signWitness) make(h *keyset.Handle, ad []byte) ([]byte, error) {
	s, err := signature.NewSigner(h)
	if err != nil {
		return nil, err
	}
	return s.Sign(ad)
}

func (signWitness) check(h *keyset.Handle, made, ad []byte) error {
	public, err := h.Public()
	if err != nil {
		return err
	}
	v, err := signature.NewVerifier(public)
	if err != nil {
		return err
	}
	return v.Verify(made, ad)
}
