//go:build unix

package audit

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock called name in the folder root if nobody has it. A
// process that ends gives back what it holds.
func tryLock(root *os.Root, name string) (unlock func() error, held bool, err error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return f.Close, true, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, nil
	}
	return nil, false, &os.PathError{Op: "lock", Path: name, Err: err}
}

// checksMode: the mode of a file says who may read it.
const checksMode = true

// syncFolder makes what was renamed in a folder durable.
func syncFolder(root *os.Root) error {
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
