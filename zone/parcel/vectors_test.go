package parcel

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	tinkhpke "github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/signature"
	tinked25519 "github.com/tink-crypto/tink-go/v2/signature/ed25519"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
)

// Test vectors: parcels in files, with the private keys that open them, for
// whoever writes a reader in another language. They are opened here twice, by
// this package with Tink's primitives and by a reader that follows the format
// page with the standard library. -update makes new ones, because parcels are
// random; the format is the same.

var update = flag.Bool("update", false, "write new test vectors")

// vectors is testdata/vectors.json.
type vectors struct {
	About   []string `json:"about"`
	Vectors []vector `json:"vectors"`
}

type vector struct {
	Name    string `json:"name"`
	File    string `json:"file"` // the parcel
	Comment string `json:"comment"`

	BoxAlgorithm  string  `json:"box-algorithm"`
	BoxKey        uint32  `json:"box-key"`         // its id
	BoxPrivate    hexData `json:"box-private-key"` // of X25519 the scalar, of X-Wing the seed
	SignKey       uint32  `json:"sign-key"`        // its id
	SignSeed      hexData `json:"sign-seed"`       // RFC 8032, 5.1.5: the private key
	SignPublic    hexData `json:"sign-public-key"`
	Header        string  `json:"header"` // line 1 without its line feed
	Wrapped       hexData `json:"wrapped-key"`
	Signature     hexData `json:"signature"`
	StreamKey     hexData `json:"stream-key"`
	LinesHash     hexData `json:"lines-sha256"`
	Pieces        int     `json:"pieces"`
	FirstPieceKey hexData `json:"first-piece-key"` // the derived key of piece 0

	Records  []hexData         `json:"records,omitempty"`
	JSON     []json.RawMessage `json:"json,omitempty"`    // of views: what the records say
	Pattern  []int             `json:"pattern,omitempty"` // instead of Records: lengths; byte i of each is (7i + i/256) mod 256, rounded down
	Refusals []refusal         `json:"refusals,omitempty"`
}

// refusal is a change of the parcel that must not open.
type refusal struct {
	Offset *int   `json:"offset,omitempty"` // the byte there is changed
	Xor    byte   `json:"xor,omitempty"`    // with this
	Length *int   `json:"length,omitempty"` // or the parcel is cut to this length
	Append string `json:"append,omitempty"` // or this follows it
	Why    string `json:"why"`
}

type hexData []byte

func (h hexData) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexData) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}

func (v *vector) records() (list [][]byte) {
	for _, r := range v.Records {
		list = append(list, r)
	}
	for _, n := range v.Pattern {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(7*i + i/256)
		}
		list = append(list, b)
	}
	return list
}

// tinkEnds are the ends of a vector on Tink's primitives.
func (v *vector) tinkEnds(t testing.TB) *ends {
	t.Helper()
	kem := tinkhpke.DHKEM_X25519_HKDF_SHA256
	if v.BoxAlgorithm == boxXWing {
		kem = tinkhpke.X_WING
	}
	token := insecuresecretdataaccess.Token{}
	params := must[*tinkhpke.Parameters](t)(tinkhpke.NewParameters(tinkhpke.ParametersOpts{KEMID: kem, KDFID: tinkhpke.HKDFSHA256, AEADID: tinkhpke.AES256GCM, Variant: tinkhpke.VariantTink}))
	box := handleOf(t, v.BoxKey, must[*tinkhpke.PrivateKey](t)(tinkhpke.NewPrivateKey(secretdata.NewBytesFromData(v.BoxPrivate, token), v.BoxKey, params)))
	edParams := must[tinked25519.Parameters](t)(tinked25519.NewParameters(tinked25519.VariantTink))
	sign := handleOf(t, v.SignKey, must[*tinked25519.PrivateKey](t)(tinked25519.NewPrivateKey(secretdata.NewBytesFromData(v.SignSeed, token), v.SignKey, edParams)))

	encrypt, err1 := hybrid.NewHybridEncrypt(must[*keyset.Handle](t)(box.Public()))
	decrypt, err2 := hybrid.NewHybridDecrypt(box)
	signer, err3 := signature.NewSigner(sign)
	verifier, err4 := signature.NewVerifier(must[*keyset.Handle](t)(sign.Public()))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return &ends{
		s: sender{from: "ward", to: "billing", box: encrypt.Encrypt, sign: signer.Sign},
		r: receiver{
			from: "ward", to: "billing", known: func() uint32 { return v.SignKey },
			opens: func(b, info []byte) ([]byte, error) {
				key, err := decrypt.Decrypt(b, info)
				if err != nil {
					return nil, &crypto.OpenError{Zone: "billing"}
				}
				return key, nil
			},
			verify: func(signature, message []byte) error {
				if verifier.Verify(signature, message) != nil {
					return &crypto.SignatureError{Zone: "ward"}
				}
				return nil
			},
		},
	}
}

func handleOf(t testing.TB, id uint32, k key.Key) *keyset.Handle {
	t.Helper()
	m := keyset.NewManager()
	must[uint32](t)(m.AddKey(k))
	if err := m.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	return must[*keyset.Handle](t)(m.Handle())
}

func readVectors(t testing.TB) *vectors {
	t.Helper()
	all := new(vectors)
	if err := json.Unmarshal(must[[]byte](t)(os.ReadFile("testdata/vectors.json")), all); err != nil {
		t.Fatal(err)
	}
	if len(all.Vectors) < 5 {
		t.Fatalf("%d vectors", len(all.Vectors))
	}
	return all
}

// TestVectors opens the vectors with this package.
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	for _, v := range readVectors(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			data := must[[]byte](t)(os.ReadFile(filepath.Join("testdata", v.File)))
			e := v.tinkEnds(t)
			payload := must[*label](t)(readLabel(bytes.NewReader(data))).header.Payload
			read := func(data []byte) ([][]byte, *Header, error) {
				in, err := e.receive(bytes.NewReader(data), func(w *wanted) { w.payload, w.now = payload, monday })
				if err != nil {
					return nil, nil, err
				}
				records, err := all(in.body)
				return records, in.header, err
			}
			got, h, err := read(data)
			if err != nil || !same(got, v.records()) {
				t.Fatalf("%d records, same: %t, %v", len(got), same(got, v.records()), err)
			}
			if h.Payload == Records {
				v.checkJSON(t, h, got)
			}
			for _, r := range v.Refusals {
				_, _, err := read(r.apply(data))
				if name := strings.TrimPrefix(fmt.Sprintf("%T", err), "*parcel."); name != r.Why {
					t.Errorf("%+v: %s, want %s", r, name, r.Why)
				}
			}
		})
	}
}

func (v *vector) checkJSON(t *testing.T, h *Header, records [][]byte) {
	t.Helper()
	schema := must[*packing.Schema](t)(packing.ParseSchema(h.Schema))
	if len(v.JSON) != len(records) {
		t.Fatalf("%d records and %d that are said in JSON", len(records), len(v.JSON))
	}
	for i, record := range records {
		text := must[[]byte](t)(schema.AppendJSON(nil, record))
		var got, want any
		if err := errors.Join(json.Unmarshal(text, &got), json.Unmarshal(v.JSON[i], &want)); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("record %d (-want +got):\n%s", i, d)
		}
	}
}

func (r *refusal) apply(data []byte) []byte {
	bad := bytes.Clone(data)
	switch {
	case r.Offset != nil:
		bad[*r.Offset] ^= r.Xor
	case r.Length != nil:
		bad = bad[:*r.Length]
	}
	return append(bad, r.Append...)
}

// TestVectorsElsewhere opens the vectors with the reader below.
func TestVectorsElsewhere(t *testing.T) {
	for _, v := range readVectors(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			data := must[[]byte](t)(os.ReadFile(filepath.Join("testdata", v.File)))
			p := &elsewhere{boxAlgorithm: v.BoxAlgorithm, boxPrivate: v.BoxPrivate, signPublic: v.SignPublic}
			got, err := p.open(data)
			if err != nil || !same(got, v.records()) {
				t.Fatalf("%d records, same: %t, %v", len(got), same(got, v.records()), err)
			}
			want := elsewhere{
				boxAlgorithm: v.BoxAlgorithm, boxPrivate: v.BoxPrivate, signPublic: v.SignPublic,
				header: v.Header, wrapped: v.Wrapped, signature: v.Signature, streamKey: v.StreamKey,
				hash: v.LinesHash, pieces: v.Pieces, firstKey: v.FirstPieceKey,
			}
			if !reflect.DeepEqual(*p, want) {
				t.Errorf("in between: got %x\nwant %x", *p, want)
			}
			for _, r := range v.Refusals {
				if _, err := p.open(r.apply(data)); err == nil {
					t.Errorf("%+v: opens", r)
				}
			}
		})
	}
}

// elsewhere is a reader of parcels as the format page describes them, as
// somebody would write it who has that page and a standard library. It takes
// nothing of this package.
type elsewhere struct {
	boxAlgorithm           string
	boxPrivate, signPublic []byte

	header                                        string
	wrapped, signature, streamKey, hash, firstKey []byte
	pieces                                        int
}

func (p *elsewhere) open(data []byte) ([][]byte, error) {
	line1, rest, ok1 := bytes.Cut(data, []byte("\n"))
	line2, body, ok2 := bytes.Cut(rest, []byte("\n"))
	if !ok1 || !ok2 {
		return nil, errors.New("there are no two lines")
	}
	p.header = string(line1)
	lines := data[:len(line1)+len(line2)+2]
	hash := sha256.Sum256(lines)
	p.hash, p.pieces = hash[:], 0
	if err := p.key(lines[:len(line1)+1], line2); err != nil {
		return nil, err
	}
	var plain []byte
	for final := false; !final; p.pieces++ {
		if len(body) < 13 {
			return nil, errors.New("no frame")
		}
		n := int(binary.BigEndian.Uint32(body[8:]))
		final = body[12] == 1
		if binary.BigEndian.Uint64(body) != uint64(p.pieces) || body[12] > 1 || len(body) < 13+n || n > 1<<20 || !final && n != 1<<20 {
			return nil, errors.New("a frame that cannot be")
		}
		piece, err := p.piece(body[:13], body[13:13+n])
		if err != nil {
			return nil, err
		}
		plain, body = append(plain, piece...), body[13+n:]
	}
	if len(body) > 0 {
		return nil, errors.New("something follows")
	}
	return p.records(plain)
}

// key verifies the signature and unwraps the stream key.
func (p *elsewhere) key(line1, line2 []byte) (err error) {
	var fields struct{ Key, Signature []byte }
	if err := json.Unmarshal(line2, &fields); err != nil {
		return err
	}
	var header struct {
		Format    int `json:"sekisho-parcel"`
		Box, Sign struct{ Key uint32 }
	}
	if err := json.Unmarshal(line1, &header); err != nil {
		return err
	}
	p.wrapped, p.signature = fields.Key, fields.Signature
	if again := fmt.Sprintf(`{"key":%q,"signature":%q}`, base64.StdEncoding.EncodeToString(p.wrapped), base64.StdEncoding.EncodeToString(p.signature)); again != string(line2) || header.Format != 1 {
		return errors.New("another spelling or format")
	}
	if binary.BigEndian.Uint32(p.wrapped[1:]) != header.Box.Key || binary.BigEndian.Uint32(p.signature[1:]) != header.Sign.Key || p.wrapped[0] != 1 || p.signature[0] != 1 {
		return errors.New("other keys than in the header")
	}
	message := append(append([]byte("sekisho parcel 1 signature\n"), line1...), p.wrapped...)
	if !ed25519.Verify(p.signPublic, message, p.signature[5:]) {
		return errors.New("the signature does not verify")
	}
	kem := uint16(0x0020)
	if p.boxAlgorithm == "HPKE-X-WING-AES-256-GCM" {
		kem = 0x647a
	}
	k, err := hpke.NewKEM(kem)
	if err != nil {
		return err
	}
	private, err := k.NewPrivateKey(p.boxPrivate)
	if err != nil {
		return err
	}
	p.streamKey, err = hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte("sekisho parcel 1 key\n"), line1...), p.wrapped[5:])
	return err
}

// piece decrypts one piece.
func (p *elsewhere) piece(frame, ct []byte) (plain []byte, err error) {
	if len(ct) < 57 || ct[0] != 0x28 {
		return nil, errors.New("a piece that is too short")
	}
	info := "sekisho parcel 1 piece\n" + string(p.hash) + string(frame)
	key, err := hkdf.Key(sha256.New, p.streamKey, ct[1:33], info, 32)
	if err != nil {
		return nil, err
	}
	if p.pieces == 0 {
		p.firstKey = key
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	prefix, ct := ct[33:40], ct[40:]
	for i, room := uint32(0), 16384-40; ; i, room = i+1, 16384 {
		nonce := binary.BigEndian.AppendUint32(bytes.Clone(prefix), i)
		n := min(room, len(ct))
		last := byte(0)
		if n == len(ct) {
			last = 1
		}
		if plain, err = gcm.Open(plain, append(nonce, last), ct[:n], nil); err != nil {
			return nil, err
		}
		if ct = ct[n:]; last == 1 {
			return plain, nil
		}
	}
}

// records takes the plaintext apart.
func (p *elsewhere) records(plain []byte) (list [][]byte, err error) {
	for {
		if len(plain) < 4 {
			return nil, errors.New("no length")
		}
		n := binary.BigEndian.Uint32(plain)
		if plain = plain[4:]; n == 0xffffffff {
			break
		}
		if uint64(n) > uint64(len(plain)) {
			return nil, errors.New("a record that is cut")
		}
		list, plain = append(list, plain[:n]), plain[n:]
	}
	if len(plain) != 8 || binary.BigEndian.Uint64(plain) != uint64(len(list)) {
		return nil, errors.New("the end mark does not fit")
	}
	return list, nil
}

// visitSchema is the schema of the views in the vectors.
const visitSchema = `{"type":"example.com/clinic.VisitBilling","zone":"billing","class":"2","fields":[` +
	`{"name":"Ward","type":"string","class":"1"},` +
	`{"name":"Days","type":"int","class":"2","integrity":"2"},` +
	`{"name":"Codes","type":"[]string","class":"2","categories":["procedure"]},` +
	`{"name":"Insured","type":"bool","class":"2"}]}`

// writeVectors makes new vectors.
func writeVectors(t *testing.T) {
	t.Helper()
	out := &vectors{About: []string{
		"Parcels with the private keys that open them. The keys are for these files only.",
		"The format is described in the documentation of the Go package zone/parcel.",
		"Bytes are hexadecimal. Refusals are changes of the file upon which a reader must fail; why is how the Go package names it.",
	}}
	box, seed := sha256.Sum256([]byte("test vectors: box")), sha256.Sum256([]byte("test vectors: sign"))
	visit := func(ward, days, codes, insured string) hexData {
		return hexData(ward + days + codes + insured)
	}
	small := []hexData{hexData("first"), {}, hexData("第三の記録")}
	for _, v := range []vector{
		{Name: "empty", Comment: "a file without a byte", BoxAlgorithm: boxX25519},
		{Name: "small", Comment: "three records, the second of them empty", BoxAlgorithm: boxX25519, Records: small},
		{Name: "x-wing", Comment: "the same with the hybrid box", BoxAlgorithm: boxXWing, Records: small},
		{Name: "views", Comment: "two views; their form is described in package zone/wire", BoxAlgorithm: boxX25519,
			Records: []hexData{visit("\x02A3", "\x06", "\x02\x04K920\x04K561", "\x01"), visit("\x06北棟", "\x01", "\x00", "\x00")},
			JSON:    []json.RawMessage{[]byte(`{"Ward":"A3","Days":3,"Codes":["K920","K561"],"Insured":true}`), []byte(`{"Ward":"北棟","Days":-1,"Codes":[],"Insured":false}`)}},
		{Name: "segments", Comment: "one piece of several segments, the last of them of one byte", BoxAlgorithm: boxX25519, Pattern: []int{16384 - 40 - 16 + 16384 - 16 + 1 - 4 - 12}},
		{Name: "pieces", Comment: "two pieces; the second record spans them", BoxAlgorithm: boxX25519, Pattern: []int{1000, 1047512, 5}},
	} {
		v.BoxKey, v.BoxPrivate, v.SignKey, v.SignSeed = 0x01020304, box[:], 0xa1b2c3d4, seed[:]
		v.SignPublic = hexData(ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
		v.File = v.Name + ".parcel"
		v.write(t)
		out.Vectors = append(out.Vectors, v)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := errors.Join(enc.Encode(out), os.WriteFile("testdata/vectors.json", b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// write writes the parcel of a vector and fills in what comes of it.
func (v *vector) write(t *testing.T) {
	t.Helper()
	h := testHeader()
	if v.JSON != nil {
		count := int64(len(v.Records))
		h.Payload, h.File, h.Type, h.Schema, h.Integrity, h.Count = Records, nil, "example.com/clinic.VisitBilling", json.RawMessage(visitSchema), "2", &count
	}
	var b bytes.Buffer
	o := must[*createOptions](t)(newCreateOptions([]CreateOption{WithLifetime(maxLifetime)}))
	w := must[*bodyWriter](t)(v.tinkEnds(t).s.begin(t.Context(), h, monday.Add(-time.Minute), &b, o))
	for _, record := range v.records() {
		if err := w.add(record); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, w)
	if err := os.WriteFile(filepath.Join("testdata", v.File), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	p := &elsewhere{boxAlgorithm: v.BoxAlgorithm, boxPrivate: v.BoxPrivate, signPublic: v.SignPublic}
	if _, err := p.open(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	v.Header, v.Wrapped, v.Signature, v.StreamKey, v.LinesHash, v.Pieces, v.FirstPieceKey = p.header, p.wrapped, p.signature, p.streamKey, p.hash, p.pieces, p.firstKey
	at := cuts(t, b.Bytes())
	n := func(n int) *int { return &n }
	v.Refusals = []refusal{
		{Offset: n(strings.Index(v.Header, "hospital")), Xor: 1, Why: "AlteredError"},
		{Offset: n(1), Xor: 1, Why: "MalformedError"},
		{Offset: n(at[2] + 7), Xor: 1, Why: "AlteredError"},
		{Offset: n(at[2] + 12), Xor: 2, Why: "AlteredError"},
		{Offset: n(at[2] + 20), Xor: 0x80, Why: "AlteredError"},
		{Offset: n(len(b.Bytes()) - 1), Xor: 1, Why: "AlteredError"},
		{Length: n(len(b.Bytes()) - 1), Why: "TruncatedError"},
		{Length: n(at[len(at)-2]), Why: "TruncatedError"},
		{Length: n(at[1]), Why: "TruncatedError"},
		{Append: "\n", Why: "TrailingError"},
	}
}
