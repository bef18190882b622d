package kek

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// The doors that a [Spec] can name.
const (
	DoorFile       = "file"       // a key file
	DoorPassphrase = "passphrase" // a passphrase and the file beside it
	DoorExec       = "exec"       // another program
)

// Spec names a key-encryption key, as an operator writes it on a command line or
// into a configuration:
//
//	file:PATH               a key file: OpenFile
//	passphrase:PATH         a passphrase and the file beside it: OpenPassphrase
//	exec:COMMAND ARGUMENTS  another program: Exec
//
// No secret stands in it. Specs are made by [Parse].
type Spec struct {
	Door string   // DoorFile, DoorPassphrase or DoorExec
	Path string   // of the file or the program
	Args []string // of the program
}

// Options is what opening a [Spec] needs besides it. The zero value opens files
// and programs.
type Options struct {
	// Passphrase returns the passphrase for the file at path: it asks at a
	// terminal, or reads a file descriptor or a variable. create is set when the
	// passphrase is a new one, which a person should type twice. What it returns
	// is cleared after use.
	Passphrase func(path string, create bool) ([]byte, error)

	// Iterations is the cost of a new passphrase; see CreatePassphrase.
	Iterations int

	// Context ends programs; nil never does.
	Context context.Context

	// Timeout is a program's for one request; see Command.
	Timeout time.Duration
}

// Parse reads a spec. Paths are taken as they are, blanks and colons included;
// a command is split at blanks, and no shell looks at it: what needs quotes goes
// into a script. Errors are *[Error].
func Parse(text string) (Spec, error) {
	refuse := func(detail string) (Spec, error) {
		return Spec{}, &Error{Reason: ReasonSpec, Detail: detail}
	}
	name, rest, found := strings.Cut(text, ":")
	if !found {
		return refuse(fmt.Sprintf("no colon in %q", clip(text)))
	}
	switch name {
	case DoorFile, DoorPassphrase:
		if rest == "" || strings.ContainsRune(rest, 0) {
			return refuse(name + " needs a path")
		}
		return Spec{Door: name, Path: rest}, nil
	case DoorExec:
		words := strings.Fields(rest)
		if len(words) == 0 {
			return refuse("exec needs a command")
		}
		if strings.ContainsAny(rest, "\"'\x00") {
			return refuse("quotes mean nothing here: put the command into a script and name that")
		}
		return Spec{Door: name, Path: words[0], Args: words[1:]}, nil
	}
	return refuse(fmt.Sprintf("the door %q is unknown", clip(name)))
}

// String returns the spec as [Parse] reads it.
func (s Spec) String() string {
	return s.Door + ":" + strings.Join(append([]string{s.Path}, s.Args...), " ")
}

// Open opens the key-encryption key. Errors are *[Error], or what
// Options.Passphrase returned.
func (s Spec) Open(o Options) (tink.AEAD, error) {
	switch s.Door {
	case DoorFile:
		return OpenFile(s.Path)
	case DoorPassphrase:
		return s.withPassphrase(o, false, func(p []byte) (tink.AEAD, error) { return OpenPassphrase(s.Path, p) })
	case DoorExec:
		return Exec(o.Context, Command{Name: s.Path, Args: s.Args, Timeout: o.Timeout})
	}
	return nil, &Error{Reason: ReasonSpec, Detail: fmt.Sprintf("the door %q is unknown", clip(s.Door))}
}

// Create makes the key-encryption key: a new key file, or a new passphrase with
// its file. A program's key is made where the program has it. Errors are
// *[Error], or what Options.Passphrase returned.
func (s Spec) Create(o Options) (tink.AEAD, error) {
	switch s.Door {
	case DoorFile:
		return CreateFile(s.Path)
	case DoorPassphrase:
		return s.withPassphrase(o, true, func(p []byte) (tink.AEAD, error) { return CreatePassphrase(s.Path, p, o.Iterations) })
	case DoorExec:
		return nil, &Error{Door: s.Door, Path: s.Path, Reason: ReasonSpec, Detail: "the key of a program is made in the service or the device that holds it"}
	}
	return nil, &Error{Reason: ReasonSpec, Detail: fmt.Sprintf("the door %q is unknown", clip(s.Door))}
}

func (s Spec) withPassphrase(o Options, create bool, use func([]byte) (tink.AEAD, error)) (tink.AEAD, error) {
	if o.Passphrase == nil {
		return nil, &Error{Door: s.Door, Path: s.Path, Reason: ReasonMissing, Detail: "nobody can be asked for the passphrase here"}
	}
	p, err := o.Passphrase(s.Path, create)
	defer clear(p)
	if err != nil {
		return nil, err
	}
	return use(p)
}

// Open is [Parse] and [Spec.Open].
func Open(text string, o Options) (tink.AEAD, error) {
	s, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return s.Open(o)
}
