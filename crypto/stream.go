package crypto

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// EncryptTo returns a writer that encrypts what is written to it into w, under
// the primary stream key of zone Z, in segments of 1 MiB (Tink's AES-GCM-HKDF
// streaming: each stream has a key of its own). Ad is bound and must be given to
// [DecryptFrom] again. What was written is complete when Close returns nil; a
// stream that was not closed does not open to its end, and one in which a Write
// failed cannot be closed. Memory is one segment.
//
// It is for files and backups that stay under the zone's own keys. What goes to
// another zone goes as a parcel. The error is a *[NoKeysError] when k holds no
// stream keys, a *[PeriodError] when the key's time to produce is over, or wraps
// that of w. Write and Close pass on the errors of w, and fail with a *[StaleError]
// when the keys have become older than their grace.
func EncryptTo[Z Zone](k *Keys[Z], w io.Writer, ad []byte) (io.WriteCloser, error) {
	z := k.held()
	if z == nil || z.encryptTo == nil {
		return nil, z.missing(nameOf[Z](), UseStream)
	}
	if err := z.mayProduce(UseStream); err != nil {
		return nil, err
	}
	out, err := z.encryptTo(sink{w}, ad)
	if err != nil {
		return nil, fmt.Errorf("crypto: stream in zone %q: the writer does not take the first bytes: %w", z.zone, err)
	}
	return &streamWriter{z: z, write: out.Write, finish: out.Close}, nil
}

// DecryptFrom returns a reader of what was encrypted into r. It yields no byte of
// a segment before the segment is authenticated, and io.EOF only at the end that
// the writer closed: a stream that was cut, changed or put together from others
// fails with an *[OpenError]. A stream does not name its key: one under a key that
// is gone, or whose time to consume is over, fails with it too. Errors of r are
// passed on. The error of DecryptFrom itself is a *[NoKeysError] when k holds no
// stream keys, a *[PeriodError] when the time to consume of all of them is over, a
// *[StaleError] when they are older than their grace, which Read fails with too.
func DecryptFrom[Z Zone](k *Keys[Z], r io.Reader, ad []byte) (io.Reader, error) {
	z := k.held()
	if z == nil || z.decryptFrom == nil {
		return nil, z.missing(nameOf[Z](), UseStream)
	}
	if err := z.stale(); err != nil {
		return nil, err
	}
	src := &source{r: r}
	in, err := z.decryptFrom(src, ad)
	if err != nil {
		return nil, &OpenError{Zone: z.zone}
	}
	return &streamReader{z: z, src: src, read: in.Read}, nil
}

// sink wants w to take all or to say why not: Tink does not count.
type sink struct{ w io.Writer }

func (s sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil && n != len(p) {
		err = io.ErrShortWrite
	}
	return n, err
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

// streamWriter is Tink's writer in two functions: it holds the stream's key and a
// segment in the clear, which must not print. What fails once has failed: Tink's
// writer would go on, and Close would put an end to a stream that lacks a part.
type streamWriter struct {
	closed
	z      *zoneKeys
	write  func([]byte) (int, error)
	finish func() error
	done   bool
	err    error
}

var errStreamDone = errors.New("crypto: the stream is closed: nothing more can be written to it")

func (s *streamWriter) Write(p []byte) (int, error) {
	if err := s.ready(); err != nil {
		return 0, err
	}
	if s.done {
		return 0, errStreamDone
	}
	n, err := s.write(p)
	s.err = err
	return n, err
}

// Close writes the last segment. Closing what is closed does nothing.
func (s *streamWriter) Close() error {
	if s.done {
		return nil
	}
	if err := s.ready(); err != nil {
		return err
	}
	s.err = s.finish()
	s.done = s.err == nil
	return s.err
}

func (s *streamWriter) ready() error {
	if s.err == nil && !s.done {
		s.err = s.z.stale()
	}
	return s.err
}

// streamReader is Tink's reader in a function, for the same reason, and gives its
// errors their types.
type streamReader struct {
	closed
	z    *zoneKeys
	src  *source
	read func([]byte) (int, error)
	err  error
}

func (s *streamReader) Read(p []byte) (int, error) {
	if s.err == nil {
		s.err = s.z.stale()
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.read(p)
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
	return 0, s.err
}

// Format prints the type and the zone for every verb.
func (s *streamWriter) Format(f fmt.State, _ rune) { io.WriteString(f, s.GoString()) }

// GoString returns the type and the zone.
func (s *streamWriter) GoString() string { return "stream(" + s.z.zone + ")" }

// LogValue logs the type and the zone.
func (s *streamWriter) LogValue() slog.Value { return slog.StringValue(s.GoString()) }

// Format prints the type and the zone for every verb.
func (s *streamReader) Format(f fmt.State, _ rune) { io.WriteString(f, s.GoString()) }

// GoString returns the type and the zone.
func (s *streamReader) GoString() string { return "stream(" + s.z.zone + ")" }

// LogValue logs the type and the zone.
func (s *streamReader) LogValue() slog.Value { return slog.StringValue(s.GoString()) }
