package parcel

import (
	"encoding/binary"
	"io"
	"runtime"
	"sync"
)

// piece is one piece on its way through a writer or a reader. It has one
// buffer, in which the plaintext becomes the ciphertext and the other way round:
// memory is the largest cost of a body beside the cipher. One parcel uses its
// pieces again and again, and wipes them before another gets them.
type piece struct {
	// buf holds, of a piece to seal, headroom and plaintext, and after sealing
	// frame and ciphertext; of a piece to open the ciphertext, then the
	// plaintext.
	buf   []byte
	most  int // how much of buf was ever in use
	out   int // how much of buf is ciphertext, while it is sealed
	head  [frameSize]byte
	frame frame
	done  chan struct{} // one send when it is sealed or opened
	err   error
}

// headroom is what stands before the plaintext of a piece to seal, so that its
// ciphertext, which is longer, never overtakes what is still to be encrypted:
// the frame, the salt and the tags of all segments.
const headroom = frameSize + saltSize + segments*tagSize

// smallBuffer is the length in bytes of the first buffer of a piece: most
// parcels are small.
const smallBuffer = 32 << 10

var pieces = sync.Pool{New: func() any { return &piece{done: make(chan struct{}, 1)} }}

// newPiece returns a piece with an empty buffer.
func newPiece() *piece { return pieces.Get().(*piece) }

// pop takes the last piece off the list, or makes one where there is none.
func pop(list *[]*piece) *piece {
	last := len(*list) - 1
	if last < 0 {
		return newPiece()
	}
	p := (*list)[last]
	*list = (*list)[:last]
	return p
}

// release wipes the piece and gives it back. Nobody may be at work on it.
func (p *piece) release() {
	p.resize(0)
	clear(p.buf[:p.most])
	p.most, p.out, p.err, p.head, p.frame = 0, 0, nil, [frameSize]byte{}, frame{}
	pieces.Put(p)
}

// resize makes buf n bytes long and keeps what is in it.
func (p *piece) resize(n int) {
	p.most = max(p.most, len(p.buf))
	if n > cap(p.buf) {
		size := headroom + pieceSize
		if n <= smallBuffer {
			size = smallBuffer
		}
		old := p.buf
		p.buf = append(make([]byte, 0, size), old...)
		clear(old[:p.most])
		p.most = len(old)
	}
	p.buf = p.buf[:n]
}

// empty makes room for the plaintext of a piece to seal.
func (p *piece) empty() { p.resize(headroom) }

// plain is the plaintext of a piece to seal.
func (p *piece) plain() []byte { return p.buf[headroom:] }

// full reports whether a piece to seal takes no more.
func (p *piece) full() bool { return len(p.buf) == headroom+pieceSize }

// fill appends as much of b to the plaintext as there is room for, and returns
// the rest.
func (p *piece) fill(b []byte) []byte {
	at := len(p.buf)
	n := min(len(b), headroom+pieceSize-at)
	if at+n > cap(p.buf) {
		p.resize(at + n)
	}
	p.buf = p.buf[:at+n]
	copy(p.buf[at:], b[:n])
	return b[n:]
}

// record appends a whole record with its length, if the buffer has room.
func (p *piece) record(b []byte) bool {
	if len(p.buf)+4+len(b) > cap(p.buf) || len(p.buf)+4+len(b) > headroom+pieceSize {
		return false
	}
	p.buf = append(binary.BigEndian.AppendUint32(p.buf, uint32(len(b))), b...)
	return true
}

// seal encrypts the piece in its own buffer.
func (p *piece) seal(k *bodyKey) {
	p.out = 0
	p.err = k.seal((*overlay)(p), p.frame, p.plain())
}

// sealed is the frame and the ciphertext of a piece that was sealed.
func (p *piece) sealed() []byte { return p.buf[:p.out] }

// overlay writes the ciphertext of a piece over its plaintext. Tink's stream
// takes a segment before it writes one, so what is overwritten was taken.
type overlay piece

func (o *overlay) Write(b []byte) (int, error) {
	if len(b) > len(o.buf)-o.out {
		return 0, io.ErrShortBuffer
	}
	o.out += copy(o.buf[o.out:], b)
	return len(b), nil
}

// open decrypts the piece in its own buffer, which its plaintext then fills.
func (p *piece) open(k *bodyKey) {
	n := plainLen(p.frame.length)
	p.err = k.open(p.buf[:n], p.head[:], p.buf)
	p.resize(n)
}

// start does the work in a goroutine of its own, which ends with it: a parcel
// that is left alone leaves nothing behind.
func (p *piece) start(work func(*bodyKey), k *bodyKey) {
	go func() {
		work(k)
		p.done <- struct{}{}
	}()
}

// wait waits for what start began.
func (p *piece) wait() { <-p.done }

// maxWorkers bounds how many pieces of one parcel are worked on at a time when
// nothing else is said, and with that its memory.
const maxWorkers = 4

// workers returns how many pieces to work on at a time.
func workers(asked int) int {
	if asked > 0 {
		return asked
	}
	return min(runtime.GOMAXPROCS(0), maxWorkers)
}
