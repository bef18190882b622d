package command

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/term"

	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/kek"
)

// programTimeout is how long a program that holds a key-encryption key may take
// for one request: it may ask a person or a device.
const programTimeout = 2 * time.Minute

// keysKEK makes a key-encryption key.
func keysKEK(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one SPEC")
	}
	spec, err := k.spec(args[0])
	if err != nil {
		return k.fail(err)
	}
	if _, err := spec.Create(k.kekOptions()); err != nil {
		return k.fail(err)
	}
	fmt.Fprintf(k.Stdout, "made %s\nKeep a copy where the keys are not: without it all keys under it are lost.\n", args[0])
	return fine
}

// openKEK opens the key-encryption key of the folder.
func (k *keysCall) openKEK() (tink.AEAD, error) {
	text := k.kekText()
	if text == "" {
		return nil, errors.New("which key-encryption key? give -kek, or set SEKISHO_KEK")
	}
	return k.openSpec(text)
}

// kekText is the key-encryption key that was named, empty when none was.
func (k *keysCall) kekText() string {
	if k.kekFlag != "" {
		return k.kekFlag
	}
	return k.env("SEKISHO_KEK")
}

func (k *keysCall) openSpec(text string) (tink.AEAD, error) {
	spec, err := k.spec(text)
	if err != nil {
		return nil, err
	}
	return spec.Open(k.kekOptions())
}

// spec reads a key-encryption key. Paths are relative to the working directory;
// a program without a path is found as the system finds programs.
func (k *keysCall) spec(text string) (kek.Spec, error) {
	spec, err := kek.Parse(text)
	if err == nil && (spec.Door != kek.DoorExec || strings.ContainsRune(filepath.ToSlash(spec.Path), '/')) {
		spec.Path = k.path(spec.Path)
	}
	return spec, err
}

func (k *keysCall) kekOptions() kek.Options {
	return kek.Options{Passphrase: k.passphrase, Context: k.context(), Timeout: programTimeout}
}

// passphrase asks for a passphrase: at the terminal, without showing it, or in
// the file that was named.
func (k *keysCall) passphrase(path string, create bool) ([]byte, error) {
	source := k.passphrases
	if source == "" {
		source = k.env("SEKISHO_PASSPHRASES")
	}
	if source != "" || k.lines != nil {
		return k.nextLine(source)
	}
	tty, ok := k.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(tty.Fd())) {
		return nil, fmt.Errorf("the passphrase of %s cannot be asked for without a terminal: give -passphrases FILE", k.rel(path))
	}
	p, err := k.ask(tty, fmt.Sprintf("passphrase of %s: ", k.rel(path)))
	if err != nil || !create {
		return p, err
	}
	again, err := k.ask(tty, "the same once more: ")
	defer clear(again)
	if err == nil && !bytes.Equal(p, again) {
		err = errors.New("the two passphrases are not the same")
	}
	if err != nil {
		clear(p)
		return nil, err
	}
	return p, nil
}

// ask reads a line from the terminal without showing it. When the call ends in
// between, the terminal shows what is typed again.
func (k *keysCall) ask(tty *os.File, prompt string) ([]byte, error) {
	fmt.Fprint(k.Stderr, prompt)
	defer fmt.Fprintln(k.Stderr)
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return nil, err
	}
	type answer struct {
		p   []byte
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		p, err := term.ReadPassword(int(tty.Fd()))
		answers <- answer{p, err}
	}()
	select {
	case a := <-answers:
		return a.p, a.err
	case <-k.context().Done():
		return nil, errors.Join(context.Cause(k.context()), term.Restore(int(tty.Fd()), before))
	}
}

// nextLine reads the next passphrase from where they stand. A file that others
// may read gives none.
func (k *keysCall) nextLine(source string) ([]byte, error) {
	if k.lines == nil && source == "-" {
		k.lines = bufio.NewReader(k.Stdin)
	}
	if k.lines == nil {
		f, err := os.Open(k.path(source))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("others than its owner may use %s: chmod 600 it", source)
		}
		data, err := io.ReadAll(io.LimitReader(f, 1<<16))
		if err != nil {
			return nil, err
		}
		k.lines = bufio.NewReader(bytes.NewReader(data))
	}
	line, err := k.lines.ReadBytes('\n')
	if len(line) == 0 && err != nil {
		return nil, fmt.Errorf("no line is left with a passphrase in %s", source)
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// share is a custodian of a backup and how this person's key-encryption key is
// opened.
type share struct{ name, spec string }

// openShares opens the key-encryption key of a backup: of two people, both; of
// three to five, any two. Of a backup that is there, custodians are those of its
// header, and any two are enough when it has more.
func (k *keysCall) openShares(custodians []string) (tink.AEAD, []string, error) {
	var given []share
	byName := make(map[string]string)
	for _, s := range k.shares {
		name, spec, ok := strings.Cut(s, "=")
		if !ok || name == "" || spec == "" || byName[name] != "" {
			return nil, nil, fmt.Errorf("share %q: want NAME=SPEC, each name once", s)
		}
		given, byName[name] = append(given, share{name, spec}), spec
	}
	if custodians == nil {
		for _, s := range given {
			custodians = append(custodians, s.name)
		}
	}
	for _, s := range given {
		if !contains(custodians, s.name) {
			return nil, nil, fmt.Errorf("%s is no custodian of this backup: they are %s", s.name, strings.Join(custodians, ", "))
		}
	}
	if len(custodians) < 2 || len(custodians) > 5 {
		return nil, nil, fmt.Errorf("%d shares: want two, or three to five of which any two are enough", len(custodians))
	}
	holders := make([]kek.Holder, len(custodians))
	for i, name := range custodians {
		holders[i].Name = name
		if spec := byName[name]; spec != "" {
			opened, err := k.openSpec(spec)
			if err != nil {
				return nil, nil, fmt.Errorf("share of %s: %w", name, err)
			}
			holders[i].KEK = opened
		} else if len(custodians) == 2 {
			return nil, nil, fmt.Errorf("the share of %s is needed too", name)
		}
	}
	if len(holders) == 2 {
		both, err := kek.Both(holders[0].KEK, holders[1].KEK)
		return both, custodians, err
	}
	any, err := kek.AnyTwo(holders...)
	return any, custodians, err
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// backupFile reads a backup and opens its key-encryption key.
func (k *keysCall) backupFile(name string) ([]byte, tink.AEAD, error) {
	data, err := os.ReadFile(k.path(name))
	if err != nil {
		return nil, nil, err
	}
	info, err := custody.InspectBackup(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	opened, _, err := k.openShares(info.Custodians)
	return data, opened, err
}
