package kek

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	keyFilePrefix = "sekisho-secret-kek:1:"
	keyFileSum    = 4 // bytes of SHA-256, so that a damaged file is not taken for another key
	keyFileText   = (keySize + keyFileSum) / 3 * 4
	keyFileSize   = len(keyFilePrefix) + keyFileText + 1
)

// CreateFile makes a key of 32 random bytes, writes it into a new file at path
// with mode 0600, and returns the key-encryption key. A file that is there is
// never overwritten, and a crash leaves the whole file or none.
//
// The file is one line: the word sekisho-secret-kek, the format number 1, and
// the key with four bytes of its SHA-256 in base64 (RFC 4648, section 5), with
// colons between. Whoever can read it has the key: keep it apart from the keys
// it encrypts and from their backup. Errors are *[Error].
func CreateFile(path string) (tink.AEAD, error) {
	key := make([]byte, keySize)
	defer clear(key)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	line := encodeKeyFile(key)
	defer clear(line)
	kek, err := newKeyFile(path, bytes.Clone(key))
	if err != nil {
		return nil, err
	}
	if err := keyFileAt(path).writeNew(line); err != nil {
		return nil, err
	}
	return kek, nil
}

// OpenFile returns the key-encryption key in the file at path, which
// [CreateFile] wrote. On Unix it refuses a file that anybody but its owner may
// read or write, and one that belongs to neither this account nor root. A link
// is followed within its folder only. Errors are *[Error].
func OpenFile(path string) (tink.AEAD, error) {
	d := keyFileAt(path)
	line, err := d.read(d.private)
	if err != nil {
		return nil, err
	}
	defer clear(line)
	key, err := decodeKeyFile(line)
	if err != nil {
		return nil, d.refuse(ReasonMalformed, err.Error(), nil)
	}
	return newKeyFile(path, key)
}

func keyFileAt(path string) disk {
	return disk{door: "file", path: path, limit: int64(keyFileSize)}
}

func newKeyFile(path string, key []byte) (tink.AEAD, error) {
	a, err := gcm("file", path, key)
	if err != nil {
		return nil, err
	}
	return &keyFileKEK{aeadDoor("file", path, a)}, nil
}

func keySum(key []byte) []byte {
	h := sha256.New()
	h.Write([]byte(keyFilePrefix))
	h.Write(key)
	return h.Sum(nil)[:keyFileSum]
}

func encodeKeyFile(key []byte) []byte {
	raw := append(bytes.Clone(key), keySum(key)...)
	defer clear(raw)
	line := make([]byte, keyFileSize)
	n := copy(line, keyFilePrefix)
	base64.RawURLEncoding.Encode(line[n:], raw)
	line[keyFileSize-1] = '\n'
	return line
}

// decodeKeyFile returns the key in line. There is one spelling of a key; errors
// do not repeat it.
func decodeKeyFile(line []byte) ([]byte, error) {
	if !bytes.HasPrefix(line, []byte(keyFilePrefix)) {
		return nil, fmt.Errorf("it does not begin with %s", strings.TrimSuffix(keyFilePrefix, ":"))
	}
	if len(line) != keyFileSize || line[keyFileSize-1] != '\n' {
		return nil, fmt.Errorf("%d bytes, want one line of %d", len(line), keyFileSize)
	}
	text := line[len(keyFilePrefix) : keyFileSize-1]
	if bytes.ContainsAny(text, "\r\n") { // base64 would skip them
		return nil, fmt.Errorf("more than one line")
	}
	raw := make([]byte, keySize+keyFileSum)
	if _, err := base64.RawURLEncoding.Strict().Decode(raw, text); err != nil {
		clear(raw)
		return nil, fmt.Errorf("not base64")
	}
	if subtle.ConstantTimeCompare(keySum(raw[:keySize]), raw[keySize:]) != 1 {
		clear(raw)
		return nil, fmt.Errorf("the checksum is wrong")
	}
	return raw[:keySize:keySize], nil
}
