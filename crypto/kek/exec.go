package kek

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// Command is a program that speaks the protocol of [Exec].
type Command struct {
	Name    string        // a path, or a name that is looked up in PATH
	Args    []string      // its arguments; no shell looks at them
	Timeout time.Duration // for one request; 0 stands for 30 seconds
}

const (
	defaultTimeout = 30 * time.Second
	drainTimeout   = 2 * time.Second // for a program's children that keep its output open
	stderrLimit    = 64 << 10        // bytes of its standard error that are looked at
)

// Exec returns a key-encryption key that another program has: a client of a key
// management service, of Vault, or of an HSM, which need not be linked into this
// one. The program is started for each request, with the environment of this
// process, and gets the request on its standard input; see the package's guide
// for the protocol. When ctx is done, requests fail; nil never is.
//
// The program sees the keysets in clear when it encrypts and decrypts: it is to
// be trusted like this one. What it writes to its standard error stands in the
// error, in one line and shortened, unless it repeats a part of the data. Errors
// are *[Error].
func Exec(ctx context.Context, c Command) (tink.AEAD, error) {
	path, err := exec.LookPath(c.Name)
	if err != nil {
		return nil, &Error{Door: "exec", Path: c.Name, Reason: ReasonProgram, Err: err}
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if c.Timeout < 0 {
		return nil, &Error{Door: "exec", Path: c.Name, Reason: ReasonTimeout, Detail: "a timeout below zero"}
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	r := &runner{ctx: ctx, path: path, args: append([]string(nil), c.Args...), timeout: c.Timeout}
	return &programKEK{door{
		name:    "exec",
		encrypt: func(plaintext, ad []byte) ([]byte, error) { return r.ask(opEncrypt, plaintext, ad) },
		decrypt: func(ciphertext, ad []byte) ([]byte, error) { return r.ask(opDecrypt, ciphertext, ad) },
	}}, nil
}

// runner starts the program. It has the context because tink.AEAD has none.
type runner struct {
	ctx     context.Context
	path    string
	args    []string
	timeout time.Duration
}

func (r *runner) refuse(reason Reason, detail string, err error) error {
	return &Error{Door: "exec", Path: r.path, Reason: reason, Detail: detail, Err: err}
}

// ask runs the program once. Of the causes of a failure only those go into the
// error that have not seen the data.
func (r *runner) ask(op string, data, ad []byte) ([]byte, error) {
	if len(data) > sizeLimit || len(ad) > sizeLimit {
		return nil, r.refuse(ReasonTooLong, fmt.Sprintf("want at most %d bytes", sizeLimit), nil)
	}
	req, err := json.Marshal(request{Protocol: protocol, Op: op, Data: notNil(data), AD: notNil(ad)})
	if err != nil {
		return nil, r.refuse(ReasonProgram, "the request", nil)
	}
	defer clear(req)
	ctx, cancel := context.WithTimeout(r.ctx, r.timeout)
	defer cancel()
	// Room for the answer at once: a buffer that grows leaves copies behind.
	stdout, stderr := bounded{limit: messageLimit}, bounded{limit: stderrLimit, drop: true}
	stdout.buf.Grow(2*len(req) + 4096)
	defer stdout.clear()
	defer stderr.clear()
	cmd := exec.CommandContext(ctx, r.path, r.args...)
	cmd.Stdin = bytes.NewReader(req)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = drainTimeout
	ranErr := cmd.Run()

	if r.ctx.Err() != nil {
		return nil, r.refuse(ReasonProgram, "it was given up", r.ctx.Err())
	}
	if ctx.Err() != nil {
		return nil, r.refuse(ReasonTimeout, fmt.Sprintf("%v", r.timeout), context.DeadlineExceeded)
	}
	if op == opDecrypt {
		data = nil // a ciphertext is not secret
	}
	return r.result(ranErr, stdout.Bytes(), stderr.String(), data)
}

// result makes something of how the program ended, what it answered and what it
// said. secret is what it must not repeat.
func (r *runner) result(ranErr error, out []byte, stderr string, secret []byte) ([]byte, error) {
	a, err := decodeAnswer(out)
	secrets := [][]byte{secret}
	if err == nil && a.Data != nil {
		secrets = append(secrets, *a.Data)
	}
	words := said(stderr, secrets...)
	var exit *exec.ExitError
	if ranErr != nil && !errors.As(ranErr, &exit) {
		return nil, r.refuse(ReasonProgram, words, ranErr)
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil, r.refuse(ReasonProgram, join(state(ranErr), "no answer", words), nil)
	}
	switch {
	case err != nil:
		return nil, r.refuse(ReasonProgram, join(state(ranErr), "not an answer", err.Error(), words), nil)
	case a.Data == nil:
		return nil, r.refuse(ReasonRefused, join(said(a.Error, secret), words), nil)
	case ranErr != nil:
		clear(*a.Data)
		return nil, r.refuse(ReasonProgram, join(state(ranErr), "yet it answered with data", words), nil)
	}
	return *a.Data, nil
}

func state(err error) string {
	if err == nil {
		return ""
	}
	return err.Error() // "exit status 2", "signal: killed"
}

func join(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, ": ")
}

// notNil gives an empty slice its own spelling: null is none of the protocol.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// bounded keeps the first bytes that are written to it. What is too much fails,
// which ends the program, or is dropped.
type bounded struct {
	buf   bytes.Buffer
	limit int
	drop  bool
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	room := b.limit - b.buf.Len()
	if len(p) <= room {
		return b.buf.Write(p)
	}
	b.buf.Write(p[:room])
	if b.drop {
		return len(p), nil
	}
	return room, fmt.Errorf("more than %d bytes", b.limit)
}

func (b *bounded) Bytes() []byte  { return b.buf.Bytes() }
func (b *bounded) String() string { return b.buf.String() }
func (b *bounded) clear()         { clear(b.buf.Bytes()) }
