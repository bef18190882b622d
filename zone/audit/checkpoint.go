package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what a signed note of the log says: that the log called Origin
// had Size entries, and which they were. Its text is that of a C2SP checkpoint
// (c2sp.org/tlog-checkpoint) without extension lines.
type Checkpoint struct {
	Origin string    // of one log: the origin of the folder, "/" and the log's name
	Size   int64     // entries
	Root   tlog.Hash // Merkle tree hash of them, RFC 6962 section 2.1
}

// Text returns the text of the checkpoint, which is what is signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// OpenCheckpoint verifies a signed checkpoint with the keys of those who may
// have signed it. A note with further signatures, by keys that are not among
// them, is fine as long as one key is.
func OpenCheckpoint(signed []byte, keys note.Verifiers) (Checkpoint, error) {
	if keys == nil {
		return Checkpoint{}, errors.New("audit: no keys to verify a checkpoint with")
	}
	n, err := note.Open(signed, keys)
	if err != nil {
		var unknown *note.UnverifiedNoteError
		if errors.As(err, &unknown) {
			return Checkpoint{}, errors.New("audit: none of the keys given signed the checkpoint: give the key of its log")
		}
		return Checkpoint{}, errors.New("audit: the checkpoint is not a note with a good signature")
	}
	return parseCheckpoint(n.Text)
}

// parseCheckpoint reads the text of a checkpoint. It takes one spelling.
func parseCheckpoint(text string) (Checkpoint, error) {
	malformed := errors.New("audit: the text of the checkpoint is not an origin, a size and a hash on a line each")
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, malformed
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, malformed
	}
	c := Checkpoint{Origin: lines[0], Size: size}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize || c.Origin == "" {
		return Checkpoint{}, malformed
	}
	copy(c.Root[:], root)
	if c.Text() != text {
		return Checkpoint{}, malformed
	}
	return c, nil
}

// noteText returns the text of a signed note without looking at its signatures.
func noteText(signed []byte) (string, error) {
	i := strings.LastIndex(string(signed), "\n\n")
	if i < 0 {
		return "", errors.New("audit: the checkpoint is not a note")
	}
	return string(signed[:i+1]), nil
}

// sign signs the checkpoint.
func (c Checkpoint) sign(key note.Signer) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, key)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint cannot be signed: %w", err)
	}
	return signed, nil
}

// validOrigin reports whether s can be the origin of a folder.
func validOrigin(s string) bool {
	return s != "" && len(s) <= 128 && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '+' }) < 0
}
