//go:build !unix

package audit

import (
	"errors"
	"io/fs"
	"os"
)

// tryLock takes the lock called name in the folder root if nobody has it. A
// process that died leaves the file, and its log is not written again until
// somebody removes it: the next process gets a log of its own.
func tryLock(root *os.Root, name string) (unlock func() error, held bool, err error) {
	name += ".held"
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	f.Close()
	return func() error { return root.Remove(name) }, true, nil
}

// checksMode: the mode of a file does not say who may read it.
const checksMode = false

// syncFolder has nothing to do where folders cannot be synced.
func syncFolder(*os.Root) error { return nil }
