package kek

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	protocol      = 1             // the number of the protocol between Exec and Serve
	messageLimit  = 4 * sizeLimit // bytes of a request or an answer, base64 and all
	saidLimit     = 300           // bytes of what another program says that stand in an error
	opEncrypt     = "encrypt"
	opDecrypt     = "decrypt"
	fieldProtocol = "sekisho-kek"
)

// request is one JSON object on the standard input of a program.
type request struct {
	Protocol int    `json:"sekisho-kek"`
	Op       string `json:"op"`
	Data     []byte `json:"data"`
	AD       []byte `json:"associated-data"`
}

// answer is one JSON object on its standard output: data or an error.
type answer struct {
	Protocol int     `json:"sekisho-kek"`
	Data     *[]byte `json:"data,omitempty"`
	Error    string  `json:"error,omitempty"`
}

// fields is a JSON object without nesting. Programs in other languages speak
// the protocol, so white space and the order of the fields are theirs; but no
// field is doubled, none has a name that differs in case only, and nothing
// follows the object.
type fields map[string]any // string or json.Number

func parseFields(data []byte) (fields, error) {
	if len(data) > messageLimit {
		return nil, fmt.Errorf("longer than %d bytes", messageLimit)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	f := make(fields)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errors.New("not a JSON object")
		}
		value, err := d.Token()
		if err != nil {
			return nil, errors.New("not a JSON object")
		}
		key, ok := name.(string)
		if !ok || f[key] != nil {
			return nil, fmt.Errorf("field %q is there twice", clip(key))
		}
		switch value.(type) {
		case string, json.Number:
			f[key] = value
		default:
			return nil, fmt.Errorf("field %q is neither text nor a number", clip(key))
		}
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, errors.New("not a JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON object")
	}
	return f, nil
}

// take returns the field called name and removes it, so that what is left was
// not asked for.
func (f fields) take(name string) (any, error) {
	value, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("field %q is missing", name)
	}
	delete(f, name)
	return value, nil
}

func (f fields) text(name string) (string, error) {
	value, err := f.take(name)
	if err != nil {
		return "", err
	}
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("field %q is not text", name)
	}
	return s, nil
}

func (f fields) bytes(name string) ([]byte, error) {
	s, err := f.text(name)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(s, "\r\n") { // base64 would skip them
		return nil, fmt.Errorf("field %q is not base64", name)
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("field %q is not base64", name)
	}
	if len(b) > sizeLimit {
		clear(b)
		return nil, fmt.Errorf("field %q has more than %d bytes", name, sizeLimit)
	}
	return b, nil
}

func (f fields) protocol() error {
	value, err := f.take(fieldProtocol)
	if err != nil {
		return err
	}
	if value != json.Number("1") {
		return fmt.Errorf("field %q: want the number %d", fieldProtocol, protocol)
	}
	return nil
}

func (f fields) end() error {
	for name := range f {
		return fmt.Errorf("field %q is unknown", clip(name))
	}
	return nil
}

func decodeRequest(data []byte) (*request, error) {
	f, err := parseFields(data)
	if err != nil {
		return nil, err
	}
	r := &request{Protocol: protocol}
	if err := f.protocol(); err != nil {
		return nil, err
	}
	if r.Op, err = f.text("op"); err != nil {
		return nil, err
	}
	if r.Op != opEncrypt && r.Op != opDecrypt {
		return nil, fmt.Errorf("op %q: want %s or %s", clip(r.Op), opEncrypt, opDecrypt)
	}
	if r.Data, err = f.bytes("data"); err != nil {
		return nil, err
	}
	if r.AD, err = f.bytes("associated-data"); err != nil {
		return nil, err
	}
	return r, f.end()
}

func decodeAnswer(data []byte) (*answer, error) {
	f, err := parseFields(data)
	if err != nil {
		return nil, err
	}
	a := &answer{Protocol: protocol}
	if err := f.protocol(); err != nil {
		return nil, err
	}
	if _, refused := f["error"]; refused {
		if a.Error, err = f.text("error"); err != nil {
			return nil, err
		}
		if a.Error == "" {
			return nil, errors.New(`field "error" is empty`)
		}
		return a, f.end()
	}
	b, err := f.bytes("data")
	if err != nil {
		return nil, err
	}
	a.Data = &b
	return a, f.end()
}

// said makes one short line of what another program or key said. What repeats
// a part of a secret is withheld.
func said(text string, secrets ...[]byte) string {
	one := squash(text)
	if len(one) > saidLimit {
		one = strings.ToValidUTF8(one[:saidLimit], "") + "…"
	}
	for _, secret := range secrets {
		if repeats(one, secret) {
			return "what it said is withheld, because it repeats a part of the data"
		}
	}
	return one
}

// squash puts text on one line and leaves out what does not print.
func squash(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
}

// window is how many bytes in a row are a repetition and no accident.
const window = 8

// repeats reports whether window bytes in a row of secret, or all of a shorter
// one, stand in text: as they are, in base64 or in hexadecimal.
func repeats(text string, secret []byte) bool {
	if len(secret) == 0 {
		return false
	}
	found := shares(text, secret, window) || shares(text, []byte(squash(string(secret))), window) ||
		shares(strings.ToLower(text), hex.AppendEncode(nil, secret), 2*window)
	for skip := range min(3, len(secret)) { // base64 looks different at each of three offsets
		found = found || shares(text, base64.RawStdEncoding.AppendEncode(nil, secret[skip:]), window) ||
			shares(text, base64.RawURLEncoding.AppendEncode(nil, secret[skip:]), window)
	}
	return found
}

// shares reports whether n bytes in a row of form, or all of a shorter one,
// stand in text.
func shares(text string, form []byte, n int) bool {
	n = min(n, len(form))
	for i := 0; n > 0 && i+n <= len(text); i++ {
		if bytes.Contains(form, []byte(text[i:i+n])) {
			return true
		}
	}
	return false
}

// clip keeps a name that is far too long from filling the error.
func clip(name string) string {
	const limit = 64
	if len(name) > limit {
		return strings.ToValidUTF8(name[:limit], "") + "…"
	}
	return name
}
