// Peer does with the old module of Tink, github.com/google/tink/go, what the
// tests of package oldtink ask: it reads an exchange on standard input, makes
// keyset and output of the cases that have none, opens those of the others, and
// writes the exchange on standard output. It links nothing of this library and
// nothing of the new Tink; the package comment of oldtink says why.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/tink/go/aead"
	aeadsubtle "github.com/google/tink/go/aead/subtle"
	"github.com/google/tink/go/core/registry"
	"github.com/google/tink/go/hybrid"
	"github.com/google/tink/go/keyset"
	"github.com/google/tink/go/prf"
	tinkpb "github.com/google/tink/go/proto/tink_go_proto"
	"github.com/google/tink/go/signature"
	"github.com/google/tink/go/streamingaead"
	"github.com/google/tink/go/tink"
	"google.golang.org/protobuf/proto"

	"github.com/sekisho-go/sekisho/benchmarks/oldtink"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(2)
	}
}

// run fails when the exchange as a whole is no good; what is wrong with a case
// to be opened is written into the case.
func run(in io.Reader, out io.Writer) error {
	var x oldtink.Exchange
	if err := json.NewDecoder(in).Decode(&x); err != nil {
		return err
	}
	kek, err := aeadsubtle.NewAESGCM(x.KEK)
	if err != nil {
		return err
	}
	for i := range x.Cases {
		c := &x.Cases[i]
		if len(c.Keyset) == 0 {
			if err := fill(c, kek); err != nil {
				return fmt.Errorf("case %d, %s: %v", i, c.Algorithm, err)
			}
		} else if err := open(c, kek); err != nil {
			c.Err = err.Error()
		}
	}
	return json.NewEncoder(out).Encode(x)
}

var templates = map[oldtink.Algorithm]func() *tinkpb.KeyTemplate{
	oldtink.AEAD:      aead.AES256GCMKeyTemplate,
	oldtink.PRF:       prf.AESCMACPRFKeyTemplate,
	oldtink.Stream4KB: streamingaead.AES256GCMHKDF4KBKeyTemplate,
	oldtink.Stream1MB: streamingaead.AES256GCMHKDF1MBKeyTemplate,
	oldtink.HPKE:      hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template,
	oldtink.Signature: signature.ED25519KeyTemplate,
}

// fill makes a keyset, an output, and after it, where the case asks for one, a
// newer key.
func fill(c *oldtink.Case, kek tink.AEAD) error {
	template := templates[c.Algorithm]
	if template == nil {
		return errors.New("no such algorithm")
	}
	h, err := generate(template(), c.KeyID, kek)
	if err != nil {
		return err
	}
	c.KeyID = h.KeysetInfo().GetPrimaryKeyId()
	if c.Output, err = produce(c, h); err != nil {
		return err
	}
	if c.Rotated {
		m := keyset.NewManagerFromHandle(h)
		if err := m.Rotate(template()); err != nil {
			return err
		}
		if h, err = m.Handle(); err != nil {
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

// generate makes a keyset of one key. Where the id matters the keyset is put
// together here, by the protocol buffers of the old module, and read by its
// reader.
func generate(template *tinkpb.KeyTemplate, id uint32, kek tink.AEAD) (*keyset.Handle, error) {
	if id == 0 {
		return keyset.NewHandle(template)
	}
	data, err := registry.NewKeyData(template)
	if err != nil {
		return nil, err
	}
	clear, err := proto.Marshal(&tinkpb.Keyset{PrimaryKeyId: id, Key: []*tinkpb.Keyset_Key{{
		KeyData: data, Status: tinkpb.KeyStatusType_ENABLED, KeyId: id, OutputPrefixType: template.GetOutputPrefixType(),
	}}})
	if err != nil {
		return nil, err
	}
	ad := binary.BigEndian.AppendUint64([]byte(rand.Text()), uint64(id))
	ct, err := kek.Encrypt(clear, ad)
	if err != nil {
		return nil, err
	}
	return keyset.ReadWithAssociatedData(&keyset.MemReaderWriter{EncryptedKeyset: &tinkpb.EncryptedKeyset{EncryptedKeyset: ct}}, kek, ad)
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

func read(c *oldtink.Case, kek tink.AEAD) (*keyset.Handle, error) {
	var r keyset.Reader = keyset.NewBinaryReader(bytes.NewReader(c.Keyset))
	if c.JSON {
		r = keyset.NewJSONReader(bytes.NewReader(c.Keyset))
	}
	if len(c.KeysetAD) == 0 {
		return keyset.Read(r, kek)
	}
	return keyset.ReadWithAssociatedData(r, kek, c.KeysetAD)
}

// produce makes the output of a case under the primary key.
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
	return nil, errors.New("no such algorithm")
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

// open opens the keyset and, with it, the output.
func open(c *oldtink.Case, kek tink.AEAD) error {
	h, err := read(c, kek)
	if err != nil {
		return fmt.Errorf("the keyset: %v", err)
	}
	if c.Algorithm == oldtink.Signature {
		return verify(c)
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
		return errors.New("the output: it opens to something else")
	}
	return nil
}

func verify(c *oldtink.Case) error {
	h, err := keyset.ReadWithNoSecrets(keyset.NewBinaryReader(bytes.NewReader(c.Public)))
	if err != nil {
		return fmt.Errorf("the public keyset: %v", err)
	}
	v, err := signature.NewVerifier(h)
	if err != nil {
		return err
	}
	return v.Verify(c.Output, c.Input)
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
			return nil, errors.New("no key of this id")
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
	return nil, errors.New("no such algorithm")
}
