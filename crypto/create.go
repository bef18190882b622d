package crypto

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// CreateKeyring writes a keyset of one fresh key for each zone and use into the
// folder dir, encrypted with kek, the key-encryption key: files called
// <zone>.<use>.keyset, readable by their owner only. The folder is made if its
// parent exists. It may hold keysets of other zones of the same policy; nothing
// in it is ever overwritten.
//
// All files are written and synced under temporary names before the first gets
// its own, and a failure takes everything back. A crash may leave temporary
// files, which are encrypted and which nothing reads, or some of the keysets,
// each of them whole.
//
// kek is tested first: it must decrypt what it encrypts and must refuse other
// associated data. Errors are *[KeyringError].
func CreateKeyring(dir, policy string, zones []string, kek tink.AEAD) error {
	if err := checkNames(policy, zones); err != nil {
		return err
	}
	if err := testKEK(kek, policy); err != nil {
		return err
	}
	made := true
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		made = false
	} else if err != nil {
		return &KeyringError{Reason: ReasonUnwritable, Err: err}
	}
	err := createIn(dir, policy, zones, kek)
	if err != nil && made {
		os.Remove(dir) // it is empty: createIn took its files back
	}
	return err
}

func createIn(dir, policy string, zones []string, kek tink.AEAD) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return &KeyringError{Reason: ReasonUnwritable, Err: err}
	}
	defer root.Close()
	if err := checkFolder(root, policy); err != nil {
		return err
	}
	c := creation{root: root, link: root.Link}
	created := time.Now().UTC().Format(time.RFC3339)
	for _, zone := range zones {
		for use := UseUnknown + 1; use.valid(); use++ {
			f := &keysetFile{
				Format: fileFormat, Policy: policy, Zone: zone, Use: use.String(),
				Metadata: map[string]string{"created": created},
			}
			if err := c.stage(f, use, kek); err != nil {
				c.abort()
				return err
			}
		}
	}
	if err := c.publish(); err != nil {
		c.abort()
		return err
	}
	return nil
}

// creation is files on their way into the folder.
type creation struct {
	root   *os.Root
	link   func(oldname, newname string) error
	staged []staged
}

// staged is one file of a creation.
type staged struct {
	name, temp string
	published  bool // name is ours to take back
}

// stage writes the file under a temporary name and makes it durable.
func (c *creation) stage(f *keysetFile, use Use, kek tink.AEAD) error {
	name := fileName(f.Zone, use)
	refuse := func(r Reason, err error) error { return &KeyringError{File: name, Reason: r, Err: err} }
	if err := absent(c.root, name); errors.Is(err, fs.ErrExist) {
		return refuse(ReasonExists, nil)
	} else if err != nil {
		return refuse(ReasonUnwritable, err)
	}
	h, err := use.generate()
	if err != nil {
		return refuse(ReasonKeys, err)
	}
	if err := f.lock(h, kek); err != nil {
		return refuse(ReasonKEK, err)
	}
	data, err := f.encode()
	if err != nil {
		return refuse(ReasonUnwritable, err)
	}
	temp := "." + name + "." + rand.Text() + ".tmp"
	c.staged = append(c.staged, staged{name: name, temp: temp})
	if err := writeSynced(c.root, temp, data); err != nil {
		return refuse(ReasonUnwritable, err)
	}
	return nil
}

func writeSynced(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// publish gives all staged files their names and makes the names durable.
func (c *creation) publish() error {
	for i := range c.staged {
		s := &c.staged[i]
		err := c.rename(s)
		if errors.Is(err, fs.ErrExist) {
			return &KeyringError{File: s.name, Reason: ReasonExists, Err: err}
		}
		if err != nil {
			return &KeyringError{File: s.name, Reason: ReasonUnwritable, Err: err}
		}
	}
	if err := syncFolder(c.root); err != nil {
		return &KeyringError{Reason: ReasonUnwritable, Err: err}
	}
	return nil
}

// rename gives s its name unless the name is taken. A plain rename would replace
// a file that somebody else put there a moment ago; a hard link does not.
func (c *creation) rename(s *staged) error {
	err := c.link(s.temp, s.name)
	if err == nil {
		s.published = true
		return c.root.Remove(s.temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links: look, then rename.
	if err := absent(c.root, s.name); err != nil {
		return err
	}
	err = c.root.Rename(s.temp, s.name)
	s.published = err == nil
	return err
}

// absent returns nil when there is nothing called name, fs.ErrExist when there is.
func absent(root *os.Root, name string) error {
	_, err := root.Lstat(name)
	if err == nil {
		return fs.ErrExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// abort takes back what was written. It does its best: the error that made it
// necessary is the one to report.
func (c *creation) abort() {
	for _, s := range c.staged {
		if s.published {
			c.root.Remove(s.name)
		}
		c.root.Remove(s.temp)
	}
	syncFolder(c.root)
}

func syncFolder(root *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there; NTFS journals names itself
	}
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// checkFolder refuses a folder that could not be opened as a keyring after new
// files were added. The headers of the files that are there say enough.
func checkFolder(root *os.Root, policy string) error {
	names, err := keysetNames(root.FS())
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := readFile(root.FS(), name)
		if err != nil {
			return err
		}
		f, _, err := decodeFile(name, data)
		if err != nil {
			return err
		}
		if f.Policy != policy {
			return &KeyringError{File: name, Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q here, want %q", f.Policy, policy)}
		}
	}
	return nil
}

// testKEK sends a random value of no meaning through kek. What kek says when it
// fails may be shown here: it has not seen a key.
func testKEK(kek tink.AEAD, policy string) error {
	refuse := func(r Reason, detail string, err error) error {
		return &KeyringError{Reason: r, Detail: detail, Err: err}
	}
	if kek == nil {
		return refuse(ReasonKEK, "no key-encryption key was given", nil)
	}
	probe, ad := []byte(rand.Text()), AppendAD(nil, policy, "self-test")
	ct, err := kek.Encrypt(probe, ad)
	if err != nil {
		return refuse(ReasonKEK, "it does not encrypt", err)
	}
	again, err := kek.Decrypt(ct, ad)
	if err != nil {
		return refuse(ReasonKEK, "it does not decrypt what it encrypted", err)
	}
	if !bytes.Equal(again, probe) || strings.Contains(string(ct), string(probe)) {
		return refuse(ReasonKEK, fmt.Sprintf("%T does not encrypt", kek), nil)
	}
	if !refusesOther(kek, ct, ad) {
		return refuse(ReasonUnbound, fmt.Sprintf("%T", kek), nil)
	}
	return nil
}
