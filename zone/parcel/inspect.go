package parcel

import (
	"bufio"
	"io"

	"github.com/sekisho-go/sekisho/crypto"
)

// Inspection is what can be seen of a parcel without a key. Nothing of it is
// verified, see [Verify].
type Inspection struct {
	Header  Header
	Pieces  uint64 // how many there are, up to the problem where there is one
	Size    int64  // of the whole parcel in bytes, as far as it was read
	Problem error  // why the parcel cannot open: a [*TruncatedError], an [*OrderError], an [*AlteredError], a [*TrailingError]; nil when nothing shows

	label *label
}

// ReadHeader reads the first line of a parcel, and somewhat more of src. Nothing
// of it is verified. Errors are those of [Inspect].
func ReadHeader(src io.Reader) (Header, error) {
	line, err := readLine(bufio.NewReaderSize(src, headerLimit), "header", headerLimit)
	if err != nil {
		return Header{}, err
	}
	h, err := parseHeader(line)
	if err != nil {
		return Header{}, err
	}
	return *h, nil
}

// Inspect reads a parcel and looks at its label and its structure. It decrypts
// nothing. The error says why there is no label: a [*MalformedError], a
// [*FormatError], a [*TruncatedError], or what src says.
func Inspect(src io.Reader) (*Inspection, error) {
	counted := &counter{src: src}
	l, err := readLabel(counted)
	if err != nil {
		return nil, err
	}
	in := &Inspection{Header: *l.header, label: l}
	err = in.structure(&bodyReader{src: l.src})
	in.Size = counted.n
	return in, err
}

// structure reads frames and steps over what they frame.
func (in *Inspection) structure(r *bodyReader) error {
	p := newPiece()
	defer p.release()
	for {
		place := r.place
		err := r.fetch(p)
		if err == nil || err == io.EOF {
			in.Pieces++
			if p.frame.index != place {
				in.Problem = &OrderError{Place: place, Piece: p.frame.index}
				return nil
			}
		}
		if err == nil {
			continue
		}
		if err == io.EOF {
			err = r.trailing()
		}
		if structural(err) {
			in.Problem, err = err, nil
		}
		return err
	}
}

// structural reports whether an error is about the parcel, and not about where
// it is read from.
func structural(err error) bool {
	switch err.(type) {
	case *TruncatedError, *AlteredError, *TrailingError:
		return true
	}
	return false
}

// Verify verifies the signature over the label of an inspected parcel with the
// public keys of the zone that it says it left. It returns nil, a
// [*SenderError], also for the keys of another zone than that, an
// [*AlteredError] or a [*KeysError]. The body needs the keys of the zone that it
// is for. Of keys that were asked for by name (package byname) it cannot know the
// zone: ask for those of the zone in the header.
func Verify[From crypto.Zone](in *Inspection, keys *crypto.PublicKeys[From]) error {
	var from From
	if name := from.ZoneName(); name != "" && name != in.Header.From {
		return &SenderError{Zone: name}
	}
	r := receiver{
		from:   in.Header.From,
		known:  func() uint32 { return signer(keys) },
		verify: func(signature, message []byte) error { return crypto.Verify(keys, signature, message) },
	}
	return r.authenticate(in.label)
}

// counter counts what is read.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.src.Read(b)
	c.n += int64(n)
	return n, err
}
