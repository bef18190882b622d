package keyfile

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// Names returns the names of the keyset files in the root of fsys, sorted.
func Names(fsys fs.FS) ([]string, error) {
	if fsys == nil {
		return nil, &Error{Reason: Unreadable, Detail: "no folder was given"}
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, &Error{Reason: Unreadable, Err: err}
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), Suffix) && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Read reads and decodes the file called name.
func Read(fsys fs.FS, name string) (*File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, &Error{File: name, Reason: Unreadable, Err: err}
	}
	if !info.Mode().IsRegular() { // before it is opened: a pipe would wait for ever
		return nil, &Error{File: name, Reason: Unreadable, Detail: "not a plain file"}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, &Error{File: name, Reason: Unreadable, Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, Limit+1))
	if err != nil {
		return nil, &Error{File: name, Reason: Unreadable, Err: err}
	}
	return Decode(name, data)
}

// ReadAll reads the headers of all files of the folder, which must be those of
// one policy.
func ReadAll(fsys fs.FS) ([]*File, error) {
	names, err := Names(fsys)
	if err != nil {
		return nil, err
	}
	var files []*File
	for _, name := range names {
		f, err := Read(fsys, name)
		if err != nil {
			return nil, err
		}
		if len(files) > 0 && f.Policy != files[0].Policy {
			return nil, f.refuse(Policy, "policy %q here, %q in %q", f.Policy, files[0].Policy, files[0].Name())
		}
		files = append(files, f)
	}
	return files, nil
}

// Disk is the folder that files are written to: an *os.Root. It is an interface
// so that a test can be a disk that fails.
type Disk interface {
	// The methods are those of *os.Root.
	Open(name string) (*os.File, error)                                 // to read
	OpenFile(name string, flag int, perm os.FileMode) (*os.File, error) // to write
	Rename(oldname, newname string) error                               // replaces what is there
	Link(oldname, newname string) error                                 // fails when something is there
	Remove(name string) error                                           // of a file
	Lstat(name string) (fs.FileInfo, error)                             // whether something is there
}

// Staging is files on their way into a folder: all are written and synced under
// temporary names before the first gets its own.
type Staging struct {
	root   Disk
	link   func(oldname, newname string) error
	staged []staged
}

// staged is one file of a Staging.
type staged struct {
	name, temp string
	published  bool // name is ours to take back
}

// NewStaging returns an empty staging into root.
func NewStaging(root Disk) *Staging { return &Staging{root: root, link: root.Link} }

// Stage writes the file under a temporary name and makes it durable. Its name
// must be free.
func (s *Staging) Stage(f *File) error {
	name := f.Name()
	if err := absent(s.root, name); errors.Is(err, fs.ErrExist) {
		return &Error{File: name, Reason: Exists}
	} else if err != nil {
		return &Error{File: name, Reason: Unwritable, Err: err}
	}
	data, err := f.checked()
	if err != nil {
		return &Error{File: name, Reason: Unwritable, Err: err}
	}
	temp := tempName(name)
	s.staged = append(s.staged, staged{name: name, temp: temp})
	if err := writeSynced(s.root, temp, data); err != nil {
		return &Error{File: name, Reason: Unwritable, Err: err}
	}
	return nil
}

// Publish gives all staged files their names and makes the names durable.
func (s *Staging) Publish() error {
	for i := range s.staged {
		one := &s.staged[i]
		err := s.rename(one)
		if errors.Is(err, fs.ErrExist) {
			return &Error{File: one.name, Reason: Exists, Err: err}
		}
		if err != nil {
			return &Error{File: one.name, Reason: Unwritable, Err: err}
		}
	}
	if err := syncFolder(s.root); err != nil {
		return &Error{Reason: Unwritable, Err: err}
	}
	return nil
}

// rename gives a file its name unless the name is taken. A plain rename would
// replace a file that somebody else put there a moment ago; a hard link does not.
func (s *Staging) rename(one *staged) error {
	err := s.link(one.temp, one.name)
	if err == nil {
		one.published = true
		return s.root.Remove(one.temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links: look, then rename.
	if err := absent(s.root, one.name); err != nil {
		return err
	}
	err = s.root.Rename(one.temp, one.name)
	one.published = err == nil
	return err
}

// Abort takes back what was written. It does its best: the error that made it
// necessary is the one to report.
func (s *Staging) Abort() {
	for _, one := range s.staged {
		if one.published {
			s.root.Remove(one.name)
		}
		s.root.Remove(one.temp)
	}
	syncFolder(s.root)
}

// Replace puts the file in the place of the one of its name: whoever reads sees
// the old one or the new one whole, also after a crash.
func Replace(root Disk, f *File) error {
	data, err := f.checked()
	if err == nil {
		err = WriteFile(root, f.Name(), data)
	}
	if err != nil {
		return &Error{File: f.Name(), Reason: Unwritable, Err: err}
	}
	return nil
}

// WriteFile writes data, readable by its owner only, into the place of the file of
// that name, whole and durable.
func WriteFile(root Disk, name string, data []byte) error {
	temp := tempName(name)
	err := writeSynced(root, temp, data)
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		root.Remove(temp)
		return err
	}
	return syncFolder(root)
}

func tempName(name string) string { return "." + name + "." + rand.Text() + ".tmp" }

func writeSynced(root Disk, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// absent returns nil when there is nothing called name, fs.ErrExist when there is.
func absent(root Disk, name string) error {
	_, err := root.Lstat(name)
	if err == nil {
		return fs.ErrExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func syncFolder(root Disk) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there; NTFS journals names itself
	}
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
