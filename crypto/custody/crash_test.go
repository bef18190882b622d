package custody_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// crashing is a disk that stops working at one of its operations, and does
// nothing from then on, as when the machine loses its power.
type crashing struct {
	keyfile.Disk
	left int  // operations until then
	how  how  // how that one ends
	dead bool // it has happened
}

// how is how the last operation of a disk ends.
type how int

const (
	without how = iota // it has no effect
	after              // it has its effect, and nobody hears of it
	halfway            // a file is there and what was to be written is not
	hows
)

var errCrash = errors.New("the disk is gone")

// step reports whether the operation is done, and what the caller hears.
func (c *crashing) step() (do bool, err error) {
	if c.dead {
		return false, errCrash
	}
	if c.left--; c.left >= 0 {
		return true, nil
	}
	c.dead = true
	return c.how != without, errCrash
}

func (c *crashing) Open(name string) (*os.File, error) {
	if _, err := c.step(); err != nil {
		return nil, err
	}
	return c.Disk.Open(name)
}

func (c *crashing) OpenFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	do, err := c.step()
	if !do {
		return nil, err
	}
	f, opened := c.Disk.OpenFile(name, flag, perm)
	if err == nil || opened != nil {
		return f, opened
	}
	f.Close()
	if c.how == halfway {
		return c.Disk.OpenFile(name, os.O_RDONLY, 0) // every write fails
	}
	return nil, err
}

func (c *crashing) Rename(oldname, newname string) error {
	return c.effect(func() error { return c.Disk.Rename(oldname, newname) })
}

func (c *crashing) Link(oldname, newname string) error {
	return c.effect(func() error { return c.Disk.Link(oldname, newname) })
}

func (c *crashing) Remove(name string) error {
	return c.effect(func() error { return c.Disk.Remove(name) })
}

func (c *crashing) effect(f func() error) error {
	do, err := c.step()
	if do {
		return errors.Join(f(), err)
	}
	return err
}

func (c *crashing) Lstat(name string) (fs.FileInfo, error) {
	if _, err := c.step(); err != nil {
		return nil, err
	}
	return c.Disk.Lstat(name)
}

// summary is the states of the keys of every keyset.
func summary(t testing.TB, dir string) map[string]string {
	t.Helper()
	s, err := reopened(t, dir, folderKEK).Status(day(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		t.Fatalf("after a crash: %+v", p)
	}
	m := make(map[string]string)
	for _, k := range s.Keys {
		m[k.Zone+"."+k.Use] += string(k.State) + " "
	}
	return m
}

// crashes runs do on a copy of a folder once for each operation of the disk and
// each way it can end. Each time it hands to check the folder that is left, and
// the error.
func crashes(t *testing.T, good map[string]string, do func(*custody.Folder) error, check func(dir string, err error)) {
	t.Helper()
	for h := range hows {
		for n := 0; ; n++ {
			dir := put(t, good)
			f := reopened(t, dir, folderKEK)
			disk := &crashing{left: n, how: h}
			f.WriteTo(func(d keyfile.Disk) keyfile.Disk { disk.Disk = d; return disk })
			err := do(f)
			f.Close()
			if !disk.dead {
				if err != nil {
					t.Fatalf("without a crash: %v", err)
				}
				if n == 0 {
					t.Fatal("the disk was not used")
				}
				check(dir, err)
				break
			}
			check(dir, err)
			if t.Failed() {
				t.Fatalf("after a crash at operation %d, way %d, with err = %v", n, h, err)
			}
		}
	}
}

// TestCrashes holds every change of one keyset: after a crash there is what was
// before or what is after, programs open the folder, and the next change clears
// up.
func TestCrashes(t *testing.T) {
	good := inAllStates(t)
	const zone, use = "mynumber", crypto.UseSeal
	f := reopened(t, put(t, good), folderKEK)
	retired, disabled := id(t, f, zone, use, custody.StateRetired), id(t, f, zone, use, custody.StateDisabled)
	for _, tc := range []struct {
		name  string
		do    func(*custody.Folder) error
		after string
	}{
		{"rotate", func(f *custody.Folder) error { _, err := f.Rotate(act(9), zone, use); return err }, "destroyed disabled retired retired active "},
		{"disable", func(f *custody.Folder) error { _, err := f.Disable(act(9), zone, use, retired); return err }, "destroyed disabled disabled active next "},
		{"enable", func(f *custody.Folder) error { _, err := f.Enable(act(9), zone, use, disabled); return err }, "destroyed retired retired active next "},
		{"destroy", func(f *custody.Folder) error {
			_, err := f.Destroy(act(9), custody.Destruction{Zone: zone, Use: use, ID: retired})
			return err
		}, "destroyed disabled destroyed active next "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := summary(t, put(t, good))
			want := maps.Clone(before)
			want["mynumber.seal"] = tc.after
			crashes(t, good, tc.do, func(dir string, err error) {
				got := summary(t, dir)
				if !maps.Equal(got, before) && !maps.Equal(got, want) {
					t.Errorf("the keys are %v, neither as before nor as after", got)
				}
				if err == nil && !maps.Equal(got, want) {
					t.Errorf("no error, and the keys are %v", got)
				}
				ring(t, dir)
				settled(t, dir, maps.Equal(got, want))
			})
		})
	}
}

// settled lets the next change clear up, and checks that nothing of the last one
// is left but, after a destruction, its certificate.
func settled(t *testing.T, dir string, done bool) {
	t.Helper()
	g := reopened(t, dir, folderKEK)
	if _, err := g.Backups(act(10)); err != nil {
		t.Fatal(err)
	}
	certificates := 0
	destroyed := strings.Count(summary(t, dir)["mynumber.seal"], "destroyed")
	for name, data := range contents(t, dir) {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s is left", name)
		}
		if strings.HasSuffix(name, ".erasure") {
			certificates++
			if _, err := g.VerifyCertificate([]byte(data)); err != nil {
				t.Error(err)
			}
		}
	}
	if certificates != destroyed {
		t.Errorf("%d certificates and %d destroyed keys (the change was made: %t)", certificates, destroyed, done)
	}
}

// What writes several files leaves whole files, and completes them when it is
// called again.
func TestCrashesOfMany(t *testing.T) {
	home, homeDir := far(t, custody.Options{})
	few := []crypto.Use{crypto.UseSeal, crypto.UseBox, crypto.UseSign}
	must(t)(home.Create(act(0), custody.Creation{Zones: []string{"mynumber"}, Uses: few}))
	good := contents(t, homeDir)
	var saved bytes.Buffer
	if _, err := home.Backup(act(1), &saved, backupKEK, custodians); err != nil {
		t.Fatal(err)
	}
	first := export(t, home, "mynumber", 1)
	must(t)(home.Rotate(act(2), "mynumber", crypto.UseSign))
	must(t)(home.Rotate(act(2), "mynumber", crypto.UseBox))
	second := export(t, home, "mynumber", 2)
	there, thereDir := far(t, custody.Options{})
	must(t)(take(there, 1, first))

	damaged := maps.Clone(good)
	delete(damaged, "mynumber.seal.keyset")
	damaged["mynumber.box.keyset"] = "{"
	for _, tc := range []struct {
		name string
		from map[string]string
		do   func(*custody.Folder) error
	}{
		{"create", map[string]string{}, func(f *custody.Folder) error {
			_, err := f.Create(act(1), custody.Creation{Zones: []string{"a", "b"}, Uses: few[:2], Missing: true})
			return err
		}},
		{"import", map[string]string{}, func(f *custody.Folder) error { _, err := take(f, 1, first); return err }},
		{"import again", contents(t, thereDir), func(f *custody.Folder) error { _, err := take(f, 3, second); return err }},
		{"restore", map[string]string{}, func(f *custody.Folder) error {
			_, err := f.Restore(act(1), bytes.NewReader(saved.Bytes()), backupKEK)
			return err
		}},
		{"complete", damaged, func(f *custody.Folder) error {
			_, err := f.Restore(act(1), bytes.NewReader(saved.Bytes()), backupKEK)
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			once := put(t, tc.from)
			if err := tc.do(reopened(t, once, folderKEK)); err != nil {
				t.Fatal(err)
			}
			want := summary(t, once)
			crashes(t, tc.from, tc.do, func(dir string, _ error) {
				for name, data := range contents(t, dir) {
					if strings.HasPrefix(name, ".") || data == tc.from[name] {
						continue
					}
					if strings.HasSuffix(name, ".keyset") {
						if _, err := keyfile.Decode(name, []byte(data)); err != nil {
							t.Errorf("%s is neither as before nor whole: %v", name, err)
						}
					}
				}
				if err := tc.do(reopened(t, dir, folderKEK)); err != nil {
					t.Errorf("again: %v", err)
				}
				if got := summary(t, dir); !maps.Equal(got, want) {
					t.Errorf("completed: the keys are %v, want %v", got, want)
				}
			})
		})
	}
}

// A backup that nobody got is on record or was not written: never the other way
// round.
func TestCrashesOfBackup(t *testing.T) {
	_, dir := created(t, custody.Options{})
	var written *bytes.Buffer
	crashes(t, contents(t, dir), func(f *custody.Folder) error {
		written = new(bytes.Buffer)
		_, err := f.Backup(act(1), written, backupKEK, custodians)
		return err
	}, func(dir string, err error) {
		list, err2 := reopened(t, dir, folderKEK).Backups(act(2))
		if err2 != nil {
			t.Error(err2)
		}
		if written.Len() > 0 && len(list) != 1 {
			t.Errorf("a backup was written and %d are on record", len(list))
		}
		if err == nil && written.Len() == 0 {
			t.Error("no error and no backup")
		}
	})
}

// A temporary file of a keyset that is not there may belong to a program that is
// making it.
func TestStrangersFilesStay(t *testing.T) {
	f, dir := created(t, custody.Options{})
	for _, name := range []string{".internet.seal.keyset.ABC.tmp", "notes.tmp", ".lgwan.seal.keyset.ABC.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	var left []string
	for name := range contents(t, dir) {
		if strings.HasSuffix(name, ".tmp") {
			left = append(left, name)
		}
	}
	slices.Sort(left)
	if want := "[.internet.seal.keyset.ABC.tmp notes.tmp]"; fmt.Sprint(left) != want {
		t.Errorf("left: %v, want %s", left, want)
	}
}
