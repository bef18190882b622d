// Package flock keeps processes of one machine from changing a folder at the same
// time.
package flock

import "os"

// Lock waits until nobody else holds the lock called name in the folder root, and
// returns the function that gives it back. The file of that name stays behind:
// removing it would let two processes hold two locks of one name. A process that
// ends gives back what it holds.
func Lock(root *os.Root, name string) (unlock func() error, err error) {
	return lock(root, name)
}
