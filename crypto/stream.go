package crypto

import (
	"errors"
	"fmt"
	"io"
)

// EncryptTo returns a writer that encrypts what is written to it into w, under
// the primary stream key of zone Z, in segments of 1 MiB (Tink's AES-GCM-HKDF
// streaming: each stream has a key of its own). Ad is bound and must be given to
// [DecryptFrom] again. What was written is complete when Close returns nil; a
// stream that was not closed does not open to its end. Memory is one segment.
//
// It is for files and backups that stay under the zone's own keys. What goes to
// another zone goes as a parcel. The error is a *[NoKeysError] when k holds no
// stream keys, a *[PeriodError] when the key's time to produce is over.
func EncryptTo[Z Zone](k *Keys[Z], w io.Writer, ad []byte) (io.WriteCloser, error) {
	z := k.held()
	if z == nil || z.encryptTo == nil {
		return nil, z.missing(nameOf[Z](), UseStream)
	}
	if err := z.mayProduce(UseStream); err != nil {
		return nil, err
	}
	out, err := z.encryptTo(w, ad)
	if err != nil {
		return nil, fmt.Errorf("crypto: stream in zone %q: the writer does not take the first bytes", z.zone)
	}
	return out, nil
}

// DecryptFrom returns a reader of what was encrypted into r. It yields no byte of
// a segment before the segment is authenticated, and io.EOF only at the end that
// the writer closed: a stream that was cut, changed or put together from others
// fails with an *[OpenError]. Errors of r are passed on. The error of DecryptFrom
// itself is a *[NoKeysError] when k holds no stream keys.
func DecryptFrom[Z Zone](k *Keys[Z], r io.Reader, ad []byte) (io.Reader, error) {
	z := k.held()
	if z == nil || z.decryptFrom == nil {
		return nil, z.missing(nameOf[Z](), UseStream)
	}
	if z.life.over.Load() {
		return nil, &StaleError{Zone: z.zone}
	}
	src := &source{r: r}
	in, err := z.decryptFrom(src, ad)
	if err != nil {
		return nil, &OpenError{Zone: z.zone}
	}
	return &stream{z: z, src: src, in: in}, nil
}

// source remembers what the reader beneath a stream failed with, which Tink does
// not pass on.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// stream gives the errors of a decrypting reader their types.
type stream struct {
	z   *zoneKeys
	src *source
	in  io.Reader
	err error
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.z.life.over.Load() {
		s.err = &StaleError{Zone: s.z.zone}
		return 0, s.err
	}
	n, err := s.in.Read(p)
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF:
		s.err = io.EOF
	case s.src.err != nil:
		s.err = s.src.err
	default:
		s.err = &OpenError{Zone: s.z.zone}
	}
	return n, s.err
}
