//go:build unix

package keyfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe that somebody put into the folder would be waited for, and with it all
// who want keys.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "a.seal.keyset"), 0o600); err != nil {
		t.Skip(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	done := make(chan error, 2)
	go func() { _, err := Read(os.DirFS(dir), "a.seal.keyset"); done <- err }()
	go func() { _, err := Read(root.FS(), "a.seal.keyset"); done <- err }()
	for range 2 {
		select {
		case err := <-done:
			var e *Error
			if !errors.As(err, &e) || e.Reason != Unreadable || !strings.Contains(e.Detail, "not a plain file") {
				t.Errorf("err = %v, want an *Error that it is no plain file", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it waits for who writes into the pipe")
		}
	}
}
