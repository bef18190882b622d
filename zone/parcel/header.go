package parcel

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/zone/internal/packing"
)

const (
	formatNumber = 1
	headerLimit  = 64 << 10 // bytes of line 1 with its line feed
	linesLimit   = 16 << 10 // bytes of line 2 with its line feed
	nameLimit    = 512      // bytes of a name in the header
)

// Payload is what a parcel carries.
type Payload string

// The payloads.
const (
	Records Payload = "records" // views of one type, packed
	Bytes   Payload = "file"    // the bytes of one file
)

// Header is the label of a parcel: its first line, which anybody can read. The
// keys of line 1 are those of the struct tags, in this order, without blanks;
// those marked omitempty are left out where they have no value.
//
// A header says the truth as far as the signature was verified, which [Open]
// and its like do; [Inspect] alone does not.
type Header struct {
	Format   int       `json:"sekisho-parcel"` // 1
	ID       string    `json:"id"`             // 128 random bits as 32 hexadecimal digits, in lower case
	Policy   string    `json:"policy"`         // name of the policy that it was sealed under
	Digest   string    `json:"digest"`         // of that policy, overlays included: "sha256:" and 64 hexadecimal digits
	Route    string    `json:"route"`          // key of the route in the policy: "ward→billing"
	From     string    `json:"from"`           // zone that it leaves
	To       string    `json:"to"`             // zone that it is for
	Clause   string    `json:"clause,omitempty"`
	Crossing string    `json:"crossing,omitempty"` // ID in the audit log of the sender
	SealedAt time.Time `json:"sealed-at"`          // RFC 3339, UTC, whole seconds
	Expires  time.Time `json:"expires"`            // the same; it does not open afterwards

	Class       string  `json:"class"`                  // the highest class of what is in clear once it is open
	SealedClass string  `json:"sealed-class,omitempty"` // the highest class of what stays sealed also then
	Integrity   string  `json:"integrity,omitempty"`    // the lowest level of integrity, where the policy's labels have one
	Payload     Payload `json:"payload"`
	Type        string  `json:"type,omitempty"` // of records: qualified name of the view
	// Schema is, of records, what there is in one: "Shapes" in the documentation
	// of package wire.
	Schema json.RawMessage `json:"schema,omitempty"`
	Count  *int64          `json:"count,omitempty"` // of records: how many, where that was known beforehand
	File   *File           `json:"file,omitempty"`  // of a file

	Box    Key    `json:"box"`    // the key of zone To that the stream key is wrapped for
	Sign   Key    `json:"sign"`   // the key of zone From that it is signed with
	Stream string `json:"stream"` // how the body is encrypted
}

// File is what the header says of a file.
type File struct {
	Name  string `json:"name"`            // without folders
	Size  *int64 `json:"size,omitempty"`  // in bytes, where it was known beforehand
	Media string `json:"media,omitempty"` // media type (RFC 6838)
}

// Key is a public key by its number in the keyset of its zone.
type Key struct {
	Algorithm string `json:"alg"`
	ID        uint32 `json:"key"`
}

// malformedHeader is a MalformedError of line 1.
func malformedHeader(format string, args ...any) error {
	return &MalformedError{"header", fmt.Sprintf(format, args...)}
}

// marshal writes JSON as both lines have it: nothing is escaped that need not
// be, and nothing follows.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// line returns line 1 with its line feed.
func (h *Header) line() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	line, err := marshal(h)
	if err != nil {
		return nil, malformedHeader("it does not encode")
	}
	if len(line) > headerLimit {
		return nil, malformedHeader("it has %d bytes, and at most %d are readable: shorten names", len(line), headerLimit)
	}
	return line, nil
}

// parseHeader reads line 1 with its line feed. There is one spelling of a
// header: what does not encode to the same bytes is refused, so that two
// readers never see two labels.
func parseHeader(line []byte) (*Header, error) {
	// The number is looked at first and alone: a later format need not have the
	// fields of this one.
	var number struct {
		Format int `json:"sekisho-parcel"`
	}
	if err := json.Unmarshal(line, &number); err != nil || number.Format < 1 || !bytes.HasPrefix(line, []byte(magic)) {
		return nil, malformedHeader("no JSON object that begins with a \"sekisho-parcel\" number")
	}
	if number.Format != formatNumber {
		return nil, &FormatError{Format: number.Format}
	}
	h := new(Header)
	if err := json.Unmarshal(line, h); err != nil {
		return nil, malformedHeader("a field has a wrong type")
	}
	if canonical, err := marshal(h); err != nil || !bytes.Equal(canonical, line) {
		return nil, malformedHeader("a field is unknown, doubled, missing or out of order, or the spelling was changed")
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	return h, nil
}

// magic is how every parcel begins.
const magic = `{"sekisho-parcel":`

// check wants what every header has.
func (h *Header) check() error {
	switch {
	case h.Format != formatNumber:
		return &FormatError{Format: h.Format}
	case !isHex(h.ID, 16):
		return malformedHeader("the id is not 32 hexadecimal digits")
	case !strings.HasPrefix(h.Digest, "sha256:") || !isHex(h.Digest[7:], 32):
		return malformedHeader("the digest is not sha256 and 64 hexadecimal digits")
	case !whole(h.SealedAt) || !whole(h.Expires) || !h.Expires.After(h.SealedAt):
		return malformedHeader("sealed-at and expires are not two whole seconds in UTC, one after the other")
	case h.Expires.Sub(h.SealedAt) > maxLifetime:
		return malformedHeader("it expires more than 366 days after it was sealed: a register would have to remember it for longer")
	case h.Box.ID == 0 || h.Sign.ID == 0:
		return malformedHeader("a key has no number")
	}
	for _, name := range []string{h.Policy, h.Route, h.From, h.To, h.Class, h.Box.Algorithm, h.Sign.Algorithm, h.Stream} {
		if name == "" || !readable(name) {
			return malformedHeader("a name is empty, too long or not readable")
		}
	}
	for _, name := range []string{h.Clause, h.Crossing, h.SealedClass, h.Integrity} {
		if !readable(name) {
			return malformedHeader("a name is too long or not readable")
		}
	}
	switch h.Payload {
	case Records:
		return h.checkRecords()
	case Bytes:
		return h.checkFile()
	}
	return malformedHeader("the payload is neither records nor a file")
}

func (h *Header) checkRecords() error {
	if h.Type == "" || !readable(h.Type) || h.File != nil || h.Count != nil && *h.Count < 0 {
		return malformedHeader("records without a type, with a file or with a negative count")
	}
	schema, err := packing.ParseSchema(h.Schema)
	if err != nil || !legible(string(h.Schema)) || bytes.Contains(h.Schema, []byte(`\u`)) {
		return malformedHeader("the schema is none, or not readable")
	}
	if schema.Type() != h.Type || schema.Class() != h.Class {
		return malformedHeader("the schema is of another type or class")
	}
	return nil
}

func (h *Header) checkFile() error {
	if h.File == nil || h.Type != "" || h.Schema != nil || h.Count != nil {
		return malformedHeader("a file without its name, or with a type, a schema or a count")
	}
	if err := checkFileName(h.File.Name); err != nil {
		return err
	}
	if !readable(h.File.Media) || h.File.Size != nil && *h.File.Size < 0 {
		return malformedHeader("the media type is not readable or the size is negative")
	}
	return nil
}

// checkFileName wants a name that leads into no other folder, on any system.
func checkFileName(name string) error {
	if name == "" || !readable(name) || len(name) > 255 || strings.ContainsAny(name, `/\:`) || strings.Trim(name, ". ") == "" {
		return malformedHeader("the file has no name, or one with a folder, a colon or a control character in it")
	}
	return nil
}

// readable reports whether names can stand in a line that people look at: valid
// UTF-8 without control and format characters, which could make a terminal show
// something else, and without the separators of lines and paragraphs.
func readable(names ...string) bool {
	for _, name := range names {
		if len(name) > nameLimit || !legible(name) {
			return false
		}
	}
	return true
}

func legible(s string) bool {
	hidden := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
	return utf8.ValidString(s) && !strings.ContainsFunc(s, hidden)
}

func isHex(s string, bytes int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == bytes && strings.ToLower(s) == s
}

// whole reports whether t is a whole second, in UTC, that RFC 3339 can write.
func whole(t time.Time) bool {
	return t.Nanosecond() == 0 && t.Location() == time.UTC && t.Year() >= 1970 && t.Year() <= 9999
}

// keyLine is line 2.
type keyLine struct {
	Key       string `json:"key"`       // the wrapped stream key, base64 (RFC 4648, section 4)
	Signature string `json:"signature"` // the same, of the signature
}

// line returns line 2 with its line feed.
func newKeyLine(wrapped, signature []byte) ([]byte, error) {
	line, err := marshal(keyLine{base64.StdEncoding.EncodeToString(wrapped), base64.StdEncoding.EncodeToString(signature)})
	if err == nil && len(line) > linesLimit {
		err = fmt.Errorf("parcel: the wrapped key and the signature have %d bytes, and at most %d are readable", len(line), linesLimit)
	}
	return line, err
}

// parseKeyLine reads line 2 with its line feed; it too has one spelling.
func parseKeyLine(line []byte) (wrapped, signature []byte, err error) {
	var l keyLine
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, nil, &MalformedError{"key line", "no JSON object with a key and a signature"}
	}
	wrapped, err1 := base64.StdEncoding.DecodeString(l.Key)
	signature, err2 := base64.StdEncoding.DecodeString(l.Signature)
	if err1 != nil || err2 != nil || len(wrapped) == 0 || len(signature) == 0 {
		return nil, nil, &MalformedError{"key line", "the key or the signature is missing or not base64"}
	}
	if canonical, err := newKeyLine(wrapped, signature); err != nil || !bytes.Equal(canonical, line) {
		return nil, nil, &MalformedError{"key line", "a field is unknown or doubled, or the spelling was changed"}
	}
	return wrapped, signature, nil
}

// The domains that keep what is signed and wrapped here apart from anything
// else that the same keys might be used for.
const (
	domainKey       = "sekisho parcel 1 key\n"
	domainSignature = "sekisho parcel 1 signature\n"
)

// boxInfo is what the wrapped key is bound to.
func boxInfo(line1 []byte) []byte { return append([]byte(domainKey), line1...) }

// signed is what the signature is over: line 1 has one line feed, its last
// byte, so that it is clear where the wrapped key begins.
func signed(line1, wrapped []byte) []byte {
	return append(append([]byte(domainSignature), line1...), wrapped...)
}
