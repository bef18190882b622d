package oldtink_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	aeadsubtle "github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/benchmarks/oldtink"
)

// This file is what folder peer does, with the new module. The two cannot share
// code: their types are not the same types.

func newKEK(t testing.TB, key []byte) tink.AEAD {
	t.Helper()
	kek, err := aeadsubtle.NewAESGCM(key)
	if err != nil {
		t.Fatal(err)
	}
	return kek
}

var templates = map[oldtink.Algorithm]func() *tinkpb.KeyTemplate{
	oldtink.AEAD:      aead.AES256GCMKeyTemplate,
	oldtink.PRF:       prf.AESCMACPRFKeyTemplate,
	oldtink.Stream4KB: streamingaead.AES256GCMHKDF4KBKeyTemplate,
	oldtink.Stream1MB: streamingaead.AES256GCMHKDF1MBKeyTemplate,
	oldtink.HPKE:      hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template,
	oldtink.Signature: signature.ED25519KeyTemplate,
}

// fill makes keyset and output of c with the new module.
func fill(c *oldtink.Case, kek tink.AEAD) error {
	h, err := keyset.NewHandle(templates[c.Algorithm]())
	if err != nil {
		return err
	}
	c.KeyID = h.KeysetInfo().GetPrimaryKeyId()
	if c.Output, err = produce(c, h); err != nil {
		return err
	}
	if c.Rotated {
		if h, err = rotate(c, h); err != nil {
			return err
		}
	}
	if c.Keyset, err = write(c, h, kek); err != nil {
		return err
	}
	if c.Algorithm == oldtink.HPKE || c.Algorithm == oldtink.Signature {
		p, err := h.Public()
		if err != nil {
			return err
		}
		var public bytes.Buffer
		if err := p.WriteWithNoSecrets(keyset.NewBinaryWriter(&public)); err != nil {
			return err
		}
		c.Public = public.Bytes()
	}
	return nil
}

func rotate(c *oldtink.Case, h *keyset.Handle) (*keyset.Handle, error) {
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(templates[c.Algorithm]())
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	return m.Handle()
}

func write(c *oldtink.Case, h *keyset.Handle, kek tink.AEAD) ([]byte, error) {
	var buf bytes.Buffer
	var w keyset.Writer = keyset.NewBinaryWriter(&buf)
	if c.JSON {
		w = keyset.NewJSONWriter(&buf)
	}
	var err error
	if len(c.KeysetAD) == 0 {
		err = h.Write(w, kek)
	} else {
		err = h.WriteWithAssociatedData(w, kek, c.KeysetAD)
	}
	return buf.Bytes(), err
}

func reader(c *oldtink.Case) keyset.Reader {
	if c.JSON {
		return keyset.NewJSONReader(bytes.NewReader(c.Keyset))
	}
	return keyset.NewBinaryReader(bytes.NewReader(c.Keyset))
}

func read(c *oldtink.Case, kek tink.AEAD) (*keyset.Handle, error) {
	if len(c.KeysetAD) == 0 {
		return keyset.Read(reader(c), kek)
	}
	return keyset.ReadWithAssociatedData(reader(c), kek, c.KeysetAD)
}

func produce(c *oldtink.Case, h *keyset.Handle) ([]byte, error) {
	switch c.Algorithm {
	case oldtink.AEAD:
		a, err := aead.New(h)
		if err != nil {
			return nil, err
		}
		return a.Encrypt(c.Input, c.AD)
	case oldtink.PRF:
		set, err := prf.NewPRFSet(h)
		if err != nil {
			return nil, err
		}
		return set.ComputePrimaryPRF(c.Input, 16)
	case oldtink.Stream4KB, oldtink.Stream1MB:
		return encryptStream(c, h)
	case oldtink.HPKE:
		public, err := h.Public()
		if err != nil {
			return nil, err
		}
		e, err := hybrid.NewHybridEncrypt(public)
		if err != nil {
			return nil, err
		}
		return e.Encrypt(c.Input, c.AD)
	case oldtink.Signature:
		s, err := signature.NewSigner(h)
		if err != nil {
			return nil, err
		}
		return s.Sign(c.Input)
	}
	return nil, fmt.Errorf("no algorithm %q", c.Algorithm)
}

func encryptStream(c *oldtink.Case, h *keyset.Handle) ([]byte, error) {
	s, err := streamingaead.New(h)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	w, err := s.NewEncryptingWriter(&buf, c.AD)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(c.Input); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// open opens keyset and output of c with the new module.
func open(c *oldtink.Case, kek tink.AEAD) error {
	h, err := read(c, kek)
	if err != nil {
		return fmt.Errorf("the keyset: %v", err)
	}
	return openWith(c, h)
}

// openWith opens the output of c under the keys of h.
func openWith(c *oldtink.Case, h *keyset.Handle) error {
	if c.Algorithm == oldtink.Signature {
		return verify(c, h)
	}
	got, err := consume(c, h)
	if err != nil {
		return fmt.Errorf("the output: %v", err)
	}
	want := c.Input
	if c.Algorithm == oldtink.PRF {
		want = c.Output
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("the output: it opens to something else")
	}
	return nil
}

// verify wants the signature to hold under the public keyset that was handed
// over and under that of the private one.
func verify(c *oldtink.Case, h *keyset.Handle) error {
	handed, err := keyset.ReadWithNoSecrets(keyset.NewBinaryReader(bytes.NewReader(c.Public)))
	if err != nil {
		return fmt.Errorf("the public keyset: %v", err)
	}
	derived, err := h.Public()
	if err != nil {
		return err
	}
	for _, public := range []*keyset.Handle{handed, derived} {
		v, err := signature.NewVerifier(public)
		if err != nil {
			return err
		}
		if err := v.Verify(c.Output, c.Input); err != nil {
			return fmt.Errorf("the signature: %v", err)
		}
	}
	return nil
}

// consume returns the plaintext of a ciphertext, the output of a PRF.
func consume(c *oldtink.Case, h *keyset.Handle) ([]byte, error) {
	switch c.Algorithm {
	case oldtink.AEAD:
		a, err := aead.New(h)
		if err != nil {
			return nil, err
		}
		return a.Decrypt(c.Output, c.AD)
	case oldtink.PRF:
		set, err := prf.NewPRFSet(h)
		if err != nil {
			return nil, err
		}
		if set.PRFs[c.KeyID] == nil {
			return nil, fmt.Errorf("no key of this id")
		}
		return set.PRFs[c.KeyID].ComputePRF(c.Input, 16)
	case oldtink.Stream4KB, oldtink.Stream1MB:
		s, err := streamingaead.New(h)
		if err != nil {
			return nil, err
		}
		r, err := s.NewDecryptingReader(bytes.NewReader(c.Output), c.AD)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case oldtink.HPKE:
		d, err := hybrid.NewHybridDecrypt(h)
		if err != nil {
			return nil, err
		}
		return d.Decrypt(c.Output, c.AD)
	}
	return nil, fmt.Errorf("no algorithm %q", c.Algorithm)
}
