package audit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A frame is one piece of a segment:
//
//	length of the payload   4 bytes, big-endian
//	kind                    1 byte
//	payload
//	CRC-32C of all before   4 bytes, big-endian
//
// The sum finds accidents and says where they are. What protects against
// somebody who can compute a sum is the tree.
const (
	frameHeader     = 'H' // first in a segment
	frameEntry      = 'E' // an entry
	frameCheckpoint = 'C' // a checkpoint over all entries so far
	frameOverhead   = 9
	maxFrame        = maxEntry
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends a frame to b.
func appendFrame(b []byte, kind byte, payload []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	b = append(b, kind)
	b = append(b, payload...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// What is wrong with a frame.
var (
	errShort  = errors.New("the file ends in the middle of a frame")
	errLength = errors.New("the length of a frame is not possible")
	errSum    = errors.New("a frame does not have the sum it claims")
)

// frames reads frames one after the other.
type frames struct {
	r      *bufio.Reader
	offset int64 // of the next frame
	buf    []byte
}

func newFrames(r io.Reader) *frames { return &frames{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next frame; its payload is good until the next call. The
// error is io.EOF behind the last frame. The offset stays where the frame is
// that could not be read.
func (f *frames) next() (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return 0, nil, short(err)
	}
	n := int(binary.BigEndian.Uint32(head[:4]))
	if n > maxFrame {
		return 0, nil, errLength
	}
	f.buf = append(f.buf[:0], head[:]...)
	f.buf = append(f.buf, make([]byte, n+4)...)
	if _, err := io.ReadFull(f.r, f.buf[5:]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, short(err)
	}
	sum := binary.BigEndian.Uint32(f.buf[5+n:])
	if crc32.Checksum(f.buf[:5+n], castagnoli) != sum {
		return 0, nil, errSum
	}
	f.offset += int64(n + frameOverhead)
	return head[4], f.buf[5 : 5+n], nil
}

func short(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errShort
	}
	return err
}
