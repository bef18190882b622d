//go:build !unix

package flock

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// wait is how long another process may hold the lock: what is done under it takes
// milliseconds. A process that died in between leaves the file, and somebody has
// to remove it.
const wait = 10 * time.Second

func lock(root *os.Root, name string) (func() error, error) {
	name += ".held"
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			return func() error { return root.Remove(name) }, nil
		}
		if !errors.Is(err, fs.ErrExist) || time.Since(began) > wait {
			return nil, err
		}
	}
}
