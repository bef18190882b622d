package parcel

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
)

// cuts returns where the lines and the pieces of a parcel begin, and its end.
func cuts(t testing.TB, data []byte) []int {
	t.Helper()
	first := bytes.IndexByte(data, '\n') + 1
	at := first + bytes.IndexByte(data[first:], '\n') + 1
	list := []int{0, first}
	for at < len(data) {
		list = append(list, at)
		at += frameSize + int(binary.BigEndian.Uint32(data[at+8:]))
	}
	return append(list, at)
}

// flips are what is done to each byte: single bits at both ends, one in the
// middle, and all of them.
var flips = []byte{0x01, 0x10, 0x80, 0xff}

// TestEveryByteOfTheLines flips each byte of header, wrapped key and signature:
// nothing is opened, and where what is left is still a header, it is known to be
// altered before anything else is believed.
func TestEveryByteOfTheLines(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, []byte("record"))
	at := cuts(t, data)
	altered := 0
	for i := range at[2] {
		for _, flip := range flips {
			bad := bytes.Clone(data)
			bad[i] ^= flip
			records, err := e.open(bad)
			if !refused(err) || len(records) > 0 {
				t.Fatalf("byte %d ^ %#x: %d records, err = %v (%T)", i, flip, len(records), err, err)
			}
			var sender *SenderError
			if _, perr := readLabel(bytes.NewReader(bad)); perr == nil && !errors.As(err, &sender) {
				if e := wantError[*AlteredError](t, "a header that still reads", err); e.Part != PartLines {
					t.Errorf("byte %d: %v, want that the lines are altered", i, err)
				}
				altered++
			}
		}
	}
	if altered < 200 {
		t.Errorf("only %d changes left something that reads: the test tests nothing", altered)
	}
}

// body returns the pieces of a parcel and what reads them, without the lines:
// mutations are many, and signatures slow.
func body(t testing.TB, records ...[]byte) (k *bodyKey, data []byte) {
	t.Helper()
	k = benchKey(t)
	var b bytes.Buffer
	w := newBodyWriter(context.Background(), &b, k, 1)
	for _, record := range records {
		if err := w.add(record); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, w)
	return k, b.Bytes()
}

func readBody(k *bodyKey, data []byte, workers int) ([][]byte, error) {
	return all(newBodyReader(context.Background(), bytes.NewReader(data), k, workers, MaxRecord))
}

// frames returns where pieces begin, and the end.
func frames(data []byte) (list []int) {
	at := 0
	for at < len(data) {
		list = append(list, at)
		at += frameSize + int(binary.BigEndian.Uint32(data[at+8:]))
	}
	return append(list, at)
}

// TestEveryByteOfASmallBody flips every bit of a body of one piece.
func TestEveryByteOfASmallBody(t *testing.T) {
	k, data := body(t, pattern(20, 1), pattern(300, 2))
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			records, err := readBody(k, bad, 1)
			if len(records) > 0 {
				t.Fatalf("byte %d, bit %d: %d records of a piece that is altered", i, bit, len(records))
			}
			checkBodyError(t, i, bad, err)
		}
	}
}

// checkBodyError wants the error that a flipped bit at place i must give: where
// a length was made larger there is nothing to tell it from a cut.
func checkBodyError(t *testing.T, i int, bad []byte, err error) {
	t.Helper()
	var cut *TruncatedError
	if in := i % (1 << 40); in >= 8 && in < 12 && errors.As(err, &cut) {
		return
	}
	wantError[*AlteredError](t, "a flipped bit", err)
}

// TestBytesOfALargeBody flips bits in frames and at both ends of the pieces of a
// body of three. What came before the piece is read, nothing after it.
func TestBytesOfALargeBody(t *testing.T) {
	var records [][]byte
	for i := range 5 {
		records = append(records, pattern(pieceSize/2, byte(i)))
	}
	k, data := body(t, records...)
	at := frames(data)
	if len(at) != 4 {
		t.Fatalf("%d pieces, want 3", len(at)-1)
	}
	step := 5
	if testing.Short() || raceEnabled {
		step = 53
	}
	for piece := range 3 {
		begin, end := at[piece], at[piece+1]
		whole := 2 * piece // records before the piece, of which the last may reach into it
		for i := begin; i < end; i++ {
			if i == begin+frameSize+1024 {
				i = end - 1024
			}
			if i >= begin+frameSize && (i-begin)%step != 0 {
				continue
			}
			bad := data[:] // flipped back below: a copy for each would be gigabytes
			bad[i] ^= 0x40
			got, err := readBody(k, bad, 1+i%2)
			bad[i] ^= 0x40
			var cut *TruncatedError
			if errors.As(err, &cut) && i-begin >= 8 && i-begin < 12 && piece == 2 {
				continue
			}
			if e := wantError[*AlteredError](t, "a flipped bit", err); e.Piece != uint64(piece) {
				t.Fatalf("byte %d of piece %d: %v", i-begin, piece, err)
			}
			if len(got) > whole || !same(got, records[:len(got)]) {
				t.Fatalf("byte %d of piece %d: %d records, want at most %d", i-begin, piece, len(got), whole)
			}
		}
	}
}

// TestEveryTruncation cuts a small parcel at every length, and a large one at all
// lengths near a boundary and some between.
func TestEveryTruncation(t *testing.T) {
	e := newEnds(t)
	small := e.seal(t, pattern(50, 1))
	for n := range small {
		_, err := e.open(small[:n])
		var bad *MalformedError
		if n == 0 && errors.As(err, &bad) {
			continue // nothing at all is no parcel
		}
		wantError[*TruncatedError](t, "a cut parcel", err)
	}

	k, data := body(t, pattern(pieceSize-1000, 1), pattern(2*pieceSize, 2), pattern(5, 3))
	try := func(n int) {
		if n < 0 || n >= len(data) {
			return
		}
		records, err := readBody(k, data[:n], 1+n%3)
		if e := wantError[*TruncatedError](t, "a cut body", err); n < frames(data)[e.Piece] || n >= frames(data)[e.Piece+1] {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		if len(records) == 3 {
			t.Fatalf("cut after %d bytes: all records", n)
		}
	}
	for _, at := range frames(data) {
		for d := -40; d < 80; d++ {
			try(at + d)
		}
	}
	for n := 0; n < len(data); n += 99991 {
		try(n)
	}
}

// TestPiecesMoved reorders, repeats, takes out and splices pieces.
func TestPiecesMoved(t *testing.T) {
	k, data := body(t, pattern(3*pieceSize+5, 1))
	at := frames(data)
	piece := func(i int) []byte { return data[at[i]:at[i+1]] }
	_, other := body(t, pattern(3*pieceSize+5, 1)) // the same key: what differs is the salt
	foreign, err := newBodyKey(bytes.Repeat([]byte{7}, keySize), []byte("another header\n"), []byte("line\n"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := newBodyWriter(context.Background(), &b, foreign, 1)
	w.add(pattern(3*pieceSize+5, 1))
	finish(t, w)

	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, c := range []struct {
		name  string
		data  []byte
		check func(err error) bool
	}{
		{"as it was", data, func(err error) bool { return err == nil }},
		{"swapped", join(piece(1), piece(0), piece(2), piece(3)), isOrder(0, 1)},
		{"swapped later", join(piece(0), piece(2), piece(1), piece(3)), isOrder(1, 2)},
		{"repeated", join(piece(0), piece(0), piece(1), piece(2), piece(3)), isOrder(1, 0)},
		{"taken out", join(piece(0), piece(2), piece(3)), isOrder(1, 2)},
		{"the first taken out", join(piece(1), piece(2), piece(3)), isOrder(0, 1)},
		{"the last first", join(piece(3), piece(0), piece(1), piece(2)), isOrder(0, 3)},
		{"the last too early", join(piece(0), piece(3)), isOrder(1, 3)},
		{"the last missing", join(piece(0), piece(1), piece(2)), isTruncated(3)},
		{"the last twice", join(piece(0), piece(1), piece(2), piece(3), piece(3)), is[*TrailingError]},
		{"something after the end", append(bytes.Clone(data), 0), is[*TrailingError]},
		{"a line feed after the end", append(bytes.Clone(data), '\n'), is[*TrailingError]},
		{"a piece of a parcel with the same key but another header", join(piece(0), b.Bytes()[at[1]:at[2]], piece(2), piece(3)), isAltered(1)},
		{"all pieces of such a parcel", b.Bytes(), isAltered(0)},
		{"a piece with the frame of another", join(piece(0), piece(1)[:frameSize], piece(2)[frameSize:], piece(2), piece(3)), isAltered(1)},
		{"the last piece said not to be", join(piece(0), piece(1), piece(2), flagged(piece(3), 0)), isAltered(3)},
		{"a piece said to be the last", join(piece(0), flagged(piece(1), 1), piece(2), piece(3)), isAltered(1)},
		{"spliced from a parcel that is the same but for its salt", join(piece(0), other[at[1]:at[2]], piece(2), piece(3)), func(err error) bool { return err == nil }},
	} {
		for workers := 1; workers <= 3; workers++ {
			_, err := readBody(k, c.data, workers)
			if !c.check(err) {
				t.Errorf("%s, %d workers: err = %v (%T)", c.name, workers, err, err)
			}
		}
	}
}

func flagged(piece []byte, flag byte) []byte {
	b := bytes.Clone(piece)
	b[frameSize-1] = flag
	return b
}

func is[E error](err error) bool { var e E; return errors.As(err, &e) }

func isOrder(place, piece uint64) func(error) bool {
	return func(err error) bool {
		var e *OrderError
		return errors.As(err, &e) && e.Place == place && e.Piece == piece
	}
}

func isAltered(piece uint64) func(error) bool {
	return func(err error) bool {
		var e *AlteredError
		return errors.As(err, &e) && e.Piece == piece && (e.Part == PartPiece || e.Part == PartFrame)
	}
}

func isTruncated(piece uint64) func(error) bool {
	return func(err error) bool { var e *TruncatedError; return errors.As(err, &e) && e.Piece == piece }
}

// TestLinesOfAnother gives a parcel the lines, or a line, of another that the
// same sender sealed for the same zone.
func TestLinesOfAnother(t *testing.T) {
	e := newEnds(t)
	a, b := e.seal(t, []byte("a")), e.seal(t, []byte("b"))
	at, bt := cuts(t, a), cuts(t, b)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	_, err := e.open(join(a[:at[2]], b[bt[2]:]))
	wantError[*AlteredError](t, "the body of another", err)
	_, err = e.open(join(a[:at[1]], b[bt[1]:]))
	wantError[*AlteredError](t, "the key and the body of another", err)
	_, err = e.open(join(a[:at[1]], b[bt[1]:bt[2]], a[at[2]:]))
	wantError[*AlteredError](t, "the key of another", err)
}

// TestSignedAgain: who holds another zone's sign key cannot make the parcel his
// own, because the wrapped key is bound to the header.
func TestSignedAgain(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, []byte("record"))
	l, err := readLabel(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	l.header.Class = "1" // the thief says it may go further
	line1, err := l.header.line()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := e.s.sign(signed(line1, l.wrapped)) // even with the sender's own key
	if err != nil {
		t.Fatal(err)
	}
	line2, err := newKeyLine(l.wrapped, signature)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.open(bytes.Join([][]byte{line1, line2, data[cuts(t, data)[2]:]}, nil))
	wantError[*RecipientError](t, "a wrapped key under another header", err)
}

func TestOtherKeys(t *testing.T) {
	one := must[*crypto.Keyring](t)(crypto.EphemeralKeyring("hospital", "ward", "billing"))
	two := must[*crypto.Keyring](t)(crypto.EphemeralKeyring("hospital", "ward", "billing"))
	e := endsOf(t, one, one)
	data := e.seal(t, []byte("record"))

	e.r = endsOf(t, one, two).r
	_, err := e.open(data)
	if got := wantError[*SenderError](t, "a sender whose keys are not here", err); got.KeyID == 0 || got.Zone != "ward" {
		t.Errorf("%v: want zone and key", err)
	}
	e.r.verify, e.r.known = endsOf(t, one, one).r.verify, endsOf(t, one, one).r.known
	_, err = e.open(data)
	if got := wantError[*RecipientError](t, "a recipient with other keys", err); got.KeyID == 0 || got.Zone != "billing" {
		t.Errorf("%v: want zone and key", err)
	}

	e = endsOf(t, one, one)
	e.r.from = "lab"
	_, err = e.open(data)
	wantError[*SenderError](t, "another zone was expected", err)
	e = endsOf(t, one, one)
	e.r.to = "lab"
	_, err = e.open(data)
	wantError[*RecipientError](t, "it is for another zone", err)
}

func TestTimes(t *testing.T) {
	e := newEnds(t)
	var b bytes.Buffer
	w := e.begin(t, &b, WithLifetime(time.Hour))
	finish(t, w)
	for _, c := range []struct {
		name string
		now  time.Time
		skew time.Duration
		is   func(error) bool
	}{
		{"at once", monday, 0, nil},
		{"a second early", monday.Add(-time.Second), 0, is[*FutureError]},
		{"early within the skew", monday.Add(-time.Minute), time.Minute, nil},
		{"earlier than the skew", monday.Add(-time.Minute - time.Second), time.Minute, is[*FutureError]},
		{"in the last second", monday.Add(time.Hour - time.Second), 0, nil},
		{"when it expires", monday.Add(time.Hour), 0, is[*ExpiredError]},
		{"late within the skew", monday.Add(time.Hour + 59*time.Second), time.Minute, nil},
		{"later than the skew", monday.Add(time.Hour + time.Minute), time.Minute, is[*ExpiredError]},
		{"a skew is a day at most", monday.Add(26 * time.Hour), 1000 * time.Hour, is[*ExpiredError]},
	} {
		_, err := e.receive(bytes.NewReader(b.Bytes()), func(w *wanted) { w.now = c.now }, WithSkew(c.skew))
		if c.is == nil && err != nil || c.is != nil && !c.is(err) {
			t.Errorf("%s: err = %v (%T)", c.name, err, err)
		}
	}
}

func TestNotAParcel(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t)
	line := string(data[:cuts(t, data)[1]])
	for _, c := range []struct {
		name, text string
		is         func(error) bool
	}{
		{"nothing", "", is[*MalformedError]},
		{"something else", "PK\x03\x04…", is[*MalformedError]},
		{"a long line", magic + strings.Repeat("1", headerLimit), is[*MalformedError]},
		{"the beginning", magic[:5], is[*TruncatedError]},
		{"another format", strings.Replace(line, ":1,", ":2,", 1), is[*FormatError]},
		{"no format", strings.Replace(line, ":1,", ":0,", 1), is[*MalformedError]},
		{"a blank", strings.Replace(line, `,"id"`, `, "id"`, 1), is[*MalformedError]},
		{"an unknown field", strings.Replace(line, `,"id"`, `,"x":1,"id"`, 1), is[*MalformedError]},
		{"a field twice", strings.Replace(line, `,"policy":"hospital"`, `,"policy":"hospital","policy":"hospital"`, 1), is[*MalformedError]},
		{"fields in another order", strings.Replace(line, `"from":"ward","to":"billing"`, `"to":"billing","from":"ward"`, 1), is[*MalformedError]},
		{"an escape that need not be", strings.Replace(line, `"hospital"`, `"h\u006fspital"`, 1), is[*MalformedError]},
		{"a path", strings.Replace(line, `診療 2026.csv`, `../etc`, 1), is[*MalformedError]},
		{"a fraction of a second", strings.Replace(line, `09:30:00Z`, `09:30:00.5Z`, 1), is[*MalformedError]},
		{"another zone of time", strings.Replace(line, `09:30:00Z`, `18:30:00+09:00`, 1), is[*MalformedError]},
		{"a control character", strings.Replace(line, `診療`, `\u001b[2J`, 1), is[*MalformedError]},
		{"text that runs backwards", strings.Replace(line, `診療`, "\u202e", 1), is[*MalformedError]},
	} {
		if c.text == line {
			t.Errorf("%s: nothing is changed", c.name)
		}
		_, err := e.open([]byte(c.text))
		if !c.is(err) {
			t.Errorf("%s: err = %v (%T)", c.name, err, err)
		}
	}
	bad := *testHeader()
	bad.File = &File{Name: "a/b"}
	if _, err := bad.line(); err == nil {
		t.Error("a header with a path in it is written")
	}
}
