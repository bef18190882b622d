package kek

import (
	"encoding/json"
	"io"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// The exit codes of a program that speaks the protocol of [Exec].
const (
	ExitDone    = 0 // the answer has the data
	ExitRefused = 1 // the answer says why it was refused
	ExitFailed  = 2 // there was no request, or nobody to answer to
)

// Serve reads one request from in, lets kek do what it asks, writes one answer
// to out, and returns the exit code for os.Exit. It is the other side of
// [Exec]; the protocol is in the package's guide. in is read to its end.
//
// What kek says when it refuses is put into the answer, in one line and
// shortened, unless it repeats a part of the data.
func Serve(kek tink.AEAD, in io.Reader, out io.Writer) int {
	data, err := io.ReadAll(io.LimitReader(in, messageLimit+1))
	defer clear(data)
	if err != nil {
		return reply(out, &answer{Error: "the request cannot be read"}, ExitFailed)
	}
	r, err := decodeRequest(data)
	if err != nil {
		return reply(out, &answer{Error: "not a request: " + err.Error()}, ExitFailed)
	}
	defer clear(r.Data)
	if kek == nil {
		return reply(out, &answer{Error: "no key-encryption key"}, ExitFailed)
	}
	do, secret := kek.Encrypt, r.Data
	if r.Op == opDecrypt {
		do, secret = kek.Decrypt, nil // a ciphertext is not secret
	}
	result, err := do(r.Data, r.AD)
	if err != nil {
		return reply(out, &answer{Error: "cannot " + r.Op + ": " + said(err.Error(), secret)}, ExitRefused)
	}
	if r.Op == opDecrypt {
		defer clear(result)
	}
	if len(result) > sizeLimit {
		return reply(out, &answer{Error: "cannot " + r.Op + ": the result is too long"}, ExitRefused)
	}
	return reply(out, &answer{Data: &result}, ExitDone)
}

func reply(out io.Writer, a *answer, exit int) int {
	a.Protocol = protocol
	if a.Data != nil && *a.Data == nil {
		a.Data = &[]byte{} // an empty plaintext is data too
	}
	line, err := json.Marshal(a)
	if err != nil {
		return ExitFailed
	}
	defer clear(line)
	if _, err := out.Write(append(line, '\n')); err != nil {
		return ExitFailed
	}
	return exit
}
