package kek

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// disk is a file of one door, seen from the folder it is in. A link that leads
// out of that folder is not followed; one that stays inside is, because that is
// how secrets are mounted into containers.
type disk struct {
	door, path string
	limit      int64 // bytes
}

func (d disk) refuse(r Reason, detail string, err error) error {
	return &Error{Door: d.door, Path: d.path, Reason: r, Detail: detail, Err: err}
}

func (d disk) folder(r Reason) (*os.Root, string, error) {
	name := filepath.Base(d.path)
	if d.path == "" || os.IsPathSeparator(d.path[len(d.path)-1]) || name == "." || name == ".." {
		return nil, "", d.refuse(ReasonNotFile, "a path of a file is wanted", nil)
	}
	root, err := os.OpenRoot(filepath.Dir(d.path))
	if err != nil {
		return nil, "", d.refuse(r, "", err)
	}
	return root, name, nil
}

// read returns the content, after check has seen what the file system says of
// the very file that is read.
func (d disk) read(check func(fs.FileInfo) error) ([]byte, error) {
	root, name, err := d.folder(ReasonUnreadable)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		if link, e := root.Lstat(name); e == nil && link.Mode()&fs.ModeSymlink != 0 {
			return nil, d.refuse(ReasonNotFile, "a link that leads out of its folder or nowhere", nil)
		}
		return nil, d.refuse(ReasonUnreadable, "", err)
	}
	if !info.Mode().IsRegular() { // before it is opened: a pipe would wait for ever
		return nil, d.refuse(ReasonNotFile, "it is a "+kindOf(info.Mode()), nil)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, d.refuse(ReasonUnreadable, "", err)
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, d.refuse(ReasonUnreadable, "", err)
	}
	if !info.Mode().IsRegular() { // it was exchanged in between
		return nil, d.refuse(ReasonNotFile, "it is a "+kindOf(info.Mode()), nil)
	}
	if err := check(info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, d.limit+1))
	if err != nil {
		return nil, d.refuse(ReasonUnreadable, "", err)
	}
	if int64(len(data)) > d.limit {
		clear(data)
		return nil, d.refuse(ReasonMalformed, fmt.Sprintf("longer than %d bytes", d.limit), nil)
	}
	return data, nil
}

func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "folder"
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// writeNew creates the file with mode 0600, whole and durable or not at all. It
// never replaces one that is there.
func (d disk) writeNew(data []byte) error {
	root, name, err := d.folder(ReasonUnwritable)
	if err != nil {
		return err
	}
	defer root.Close()
	temp := "." + name + "." + rand.Text() + ".tmp"
	defer root.Remove(temp)
	if err := writeSynced(root, temp, data); err != nil {
		return d.refuse(ReasonUnwritable, "", err)
	}
	if err := publish(root, temp, name, root.Link); errors.Is(err, fs.ErrExist) {
		return d.refuse(ReasonExists, "", nil)
	} else if err != nil {
		return d.refuse(ReasonUnwritable, "", err)
	}
	if err := syncFolder(root); err != nil {
		return d.refuse(ReasonUnwritable, "", err)
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

// publish gives temp its name unless the name is taken, in which case the error
// is fs.ErrExist. A plain rename would replace what is there; a hard link does
// not.
func publish(root *os.Root, temp, name string, link func(oldname, newname string) error) error {
	err := link(temp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links: look, then rename.
	if _, err := root.Lstat(name); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return root.Rename(temp, name)
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

// anyFile is a check that finds nothing: the file is no secret.
func anyFile(fs.FileInfo) error { return nil }
