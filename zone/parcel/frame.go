package parcel

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// The sizes of the body. They belong to the format: [streamAlgorithm] stands
// for them in the header.
//
// Segments are small so that the two buffers that Tink has for each stand in the
// processor's nearest memory; pieces are large so that a piece is worth a
// goroutine and a key of its own.
const (
	keySize     = 32       // bytes of the stream key
	segmentSize = 16 << 10 // ciphertext of one AES-GCM call
	saltSize    = 40       // what stands before the first segment of a piece: one byte, the salt, the nonce prefix
	tagSize     = 16       // of AES-GCM, per segment
	segments    = 64       // of a full piece
	sealedSize  = segments * segmentSize
	pieceSize   = sealedSize - saltSize - segments*tagSize // plaintext of a full piece: 1,047,512 bytes
	frameSize   = 8 + 4 + 1
)

// streamAlgorithm names how the body is encrypted: Tink's AES-256-GCM-HKDF
// streams with SHA-256, 32-byte derived keys and segments of 16 KiB, one stream
// for each piece of 64 segments.
const streamAlgorithm = "AES-256-GCM-HKDF-SHA256-16KiB-1MiB"

// frame is what stands before a piece in the clear. All of it is associated
// data of the piece.
type frame struct {
	index  uint64
	length int // of the ciphertext
	final  bool
}

// append appends the frame's encoding to b.
func (f frame) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, f.index)
	b = binary.BigEndian.AppendUint32(b, uint32(f.length))
	if f.final {
		return append(b, 1)
	}
	return append(b, 0)
}

// parseFrame reads a frame. It reports false for one that no writer writes: a
// flag that is neither 0 nor 1, a length that no piece has, a piece that is not
// full and not the last.
func parseFrame(b []byte) (frame, bool) {
	if len(b) != frameSize {
		return frame{}, false
	}
	length := binary.BigEndian.Uint32(b[8:])
	if b[12] > 1 || length > sealedSize {
		return frame{}, false
	}
	f := frame{index: binary.BigEndian.Uint64(b), length: int(length), final: b[12] == 1}
	if n := plainLen(f.length); n <= 0 || sealedLen(n) != f.length {
		return frame{}, false
	}
	return f, f.final || f.length == sealedSize
}

// sealedLen is the length of the ciphertext of n bytes.
func sealedLen(n int) int {
	return saltSize + n + tagSize*max(1, (saltSize+n+segmentSize-tagSize-1)/(segmentSize-tagSize))
}

// plainLen is the length of the plaintext of a ciphertext; it is that only
// where sealedLen of it is n again.
func plainLen(n int) int {
	return n - saltSize - tagSize*((n+segmentSize-1)/segmentSize)
}

// bodyKey encrypts and decrypts the pieces of one parcel. It is safe for use by
// many goroutines.
type bodyKey struct {
	stream *subtle.AESGCMHKDF
	lines  [sha256.Size]byte // hash of the two lines
}

// newBodyKey takes the stream key and the two lines with their line feeds.
func newBodyKey(key []byte, lines ...[]byte) (*bodyKey, error) {
	if len(key) != keySize {
		return nil, errors.New("the stream key has a wrong length")
	}
	stream, err := subtle.NewAESGCMHKDF(key, "SHA256", keySize, segmentSize, 0)
	if err != nil {
		return nil, errors.New("the stream cannot be made")
	}
	k := &bodyKey{stream: stream}
	h := sha256.New()
	for _, line := range lines {
		h.Write(line)
	}
	h.Sum(k.lines[:0])
	return k, nil
}

// domainPiece begins the associated data of every piece.
const domainPiece = "sekisho parcel 1 piece\n"

// associated returns the associated data of the piece with the frame.
func (k *bodyKey) associated(frame []byte) []byte {
	b := make([]byte, 0, len(domainPiece)+sha256.Size+frameSize)
	b = append(b, domainPiece...)
	b = append(b, k.lines[:]...)
	return append(b, frame...)
}

// seal encrypts plain as the piece with the frame f, and writes frame and
// ciphertext to w.
func (k *bodyKey) seal(w io.Writer, f frame, plain []byte) error {
	var room [frameSize]byte
	head := f.append(room[:0])
	if _, err := w.Write(head); err != nil {
		return err
	}
	enc, err := k.stream.NewEncryptingWriter(w, k.associated(head))
	if err != nil {
		return err
	}
	if _, err := enc.Write(plain); err != nil {
		return err
	}
	return enc.Close()
}

var errAltered = errors.New("parcel: the piece does not authenticate")

// open decrypts the piece with the frame into plain, whose length is that of
// the plaintext. The error says nothing but that it did not work.
func (k *bodyKey) open(plain, head, sealed []byte) error {
	dec, err := k.stream.NewDecryptingReader(bytes.NewReader(sealed), k.associated(head))
	if err != nil {
		return errAltered
	}
	if _, err := io.ReadFull(dec, plain); err != nil {
		return errAltered
	}
	// The reader has now authenticated the segment in which plain ends; that
	// it was the last one shows in that there is nothing more.
	var more [1]byte
	if n, err := dec.Read(more[:]); n != 0 || err != io.EOF {
		return errAltered
	}
	return nil
}
