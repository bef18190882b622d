package kek_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

func TestFile(t *testing.T) {
	created, path := newFile(t)
	wantAlone(t, path)
	line := string(readFile(t, path))
	if !regexp.MustCompile(`^sekisho-secret-kek:1:[A-Za-z0-9_-]{48}\n$`).MatchString(line) {
		t.Errorf("the file is not the one line it is said to be: %d bytes", len(line))
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	opened, err := kek.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantSameKey(t, created, opened)

	other, _ := newFile(t)
	ct, err := other.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := opened.Decrypt(ct, nil)
	wantReason(t, "another key", got, err, kek.ReasonLocked)
}

func TestFileIsNotOverwritten(t *testing.T) {
	_, path := newFile(t)
	before := readFile(t, path)
	got, err := kek.CreateFile(path)
	wantReason(t, "CreateFile", got, err, kek.ReasonExists)
	if string(readFile(t, path)) != string(before) {
		t.Error("the file was changed")
	}
	wantAlone(t, path)

	// A dangling link is something, too: nothing is written through it.
	link := filepath.Join(t.TempDir(), "link")
	target := filepath.Join(t.TempDir(), "target")
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no links here: ", err)
	}
	got, err = kek.CreateFile(link)
	wantReason(t, "CreateFile over a link", got, err, kek.ReasonExists)
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file was written through a link")
	}
}

// TestFileMutations opens every damaged form of a key file: none is taken for
// another key, and no error repeats the key.
func TestFileMutations(t *testing.T) {
	_, path := newFile(t)
	line := readFile(t, path)
	key := strings.TrimSpace(strings.TrimPrefix(string(line), "sekisho-secret-kek:1:"))
	mutations(line, func(what string, bad []byte) {
		overwrite(t, path, bad)
		got, err := kek.OpenFile(path)
		e := wantReason(t, what, got, err, kek.ReasonMalformed)
		for i := 0; i+8 <= len(key); i++ {
			if strings.Contains(e.Error(), key[i:i+8]) {
				t.Fatalf("%s: the error repeats the key", what)
			}
		}
	})
	// A line end inside base64, where decoders skip it.
	overwrite(t, path, []byte("sekisho-secret-kek:1:"+key[:47]+"\n\n"))
	got, err := kek.OpenFile(path)
	wantReason(t, "a line end inside", got, err, kek.ReasonMalformed)
	// A key of another length, with everything else right, is none.
	overwrite(t, path, []byte("sekisho-secret-kek:1:"+base64.RawURLEncoding.EncodeToString(make([]byte, 20))+"\n"))
	got, err = kek.OpenFile(path)
	wantReason(t, "a short key", got, err, kek.ReasonMalformed)
}

func TestFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing on Windows")
	}
	_, path := newFile(t)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o440} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		got, err := kek.OpenFile(path)
		e := wantReason(t, mode.String(), got, err, kek.ReasonExposed)
		if !strings.Contains(e.Error(), "chmod 600") || !strings.Contains(e.Error(), path) {
			t.Errorf("err = %v, want the file and the remedy in it", e)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := kek.OpenFile(path); err != nil {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	if err := os.Chown(path, 12345, 0); err != nil {
		t.Skip("this file system knows no owners: ", err)
	}
	got, err := kek.OpenFile(path)
	wantReason(t, "somebody else's file", got, err, kek.ReasonOwner)
}

func TestFileLinks(t *testing.T) {
	_, path := newFile(t)
	dir := filepath.Dir(path)
	// As secrets are mounted into containers: key → ..data/key, ..data → a folder.
	inside := filepath.Join(dir, "inside")
	if err := os.Symlink(filepath.Base(path), inside); err != nil {
		t.Skip("no links here: ", err)
	}
	if _, err := kek.OpenFile(inside); err != nil {
		t.Errorf("a link within its folder: %v", err)
	}
	for name, target := range map[string]string{
		"absolute": path,
		"out":      filepath.Join("..", filepath.Base(dir), filepath.Base(path)),
		"dangling": "nothing",
	} {
		link := filepath.Join(dir, name)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		got, err := kek.OpenFile(link)
		wantReason(t, name, got, err, kek.ReasonNotFile)
	}
}

func TestFileIsAFile(t *testing.T) {
	dir := t.TempDir()
	got, err := kek.OpenFile(dir)
	wantReason(t, "a folder", got, err, kek.ReasonNotFile)
	for _, path := range []string{"", ".", "..", dir + string(os.PathSeparator)} {
		got, err := kek.OpenFile(path)
		wantReason(t, "OpenFile "+path, got, err, kek.ReasonNotFile)
		got, err = kek.CreateFile(path)
		wantReason(t, "CreateFile "+path, got, err, kek.ReasonNotFile)
	}
	got, err = kek.OpenFile(filepath.Join(dir, "nothing"))
	if e := wantReason(t, "no file", got, err, kek.ReasonUnreadable); !errors.Is(e, fs.ErrNotExist) {
		t.Errorf("err = %v, want it to lead to fs.ErrNotExist", e)
	}
	got, err = kek.CreateFile(filepath.Join(dir, "nowhere", "key"))
	wantReason(t, "no folder", got, err, kek.ReasonUnwritable)
}
