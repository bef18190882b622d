package flock_test

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho-go/sekisho/internal/flock"
)

// Several holders add to a number in a file: none of them reads what another is
// about to replace. Each Lock opens the file itself, as another process would.
func TestLock(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.WriteFile("n", []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				unlock, err := flock.Lock(root, ".lock")
				if err != nil {
					t.Error(err)
					return
				}
				data, _ := root.ReadFile("n")
				n, _ := strconv.Atoi(string(data))
				root.WriteFile("n", []byte(strconv.Itoa(n+1)), 0o600)
				if err := unlock(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if data, _ := root.ReadFile("n"); string(data) != "400" {
		t.Errorf("8 holders added 50 times each and the number is %s", data)
	}
}

func TestLockNeedsAFolder(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, err := flock.Lock(root, "none/.lock"); err == nil || !strings.Contains(err.Error(), ".lock") {
		t.Errorf("err = %v, want one that names the lock", err)
	}
}
