package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/kek"
)

// keyFolder is the keys of one zone's program: a folder, and beside it the key
// that opens it. In a real installation the two zones' folders are on two
// networks, and an HSM or a key management service is in the place of the file.
type keyFolder struct {
	zone   string
	dir    string
	kek    tink.AEAD
	folder *custody.Folder
}

// makeKeys makes the keys of a zone, or opens those of an earlier run.
func makeKeys(dir, zone string) (*keyFolder, error) {
	k := &keyFolder{zone: zone, dir: filepath.Join(dir, zone+".keys")}
	path := filepath.Join(dir, zone+".kek")
	var err error
	if k.kek, err = kek.OpenFile(path); errors.Is(err, fs.ErrNotExist) {
		k.kek, err = kek.CreateFile(path)
	}
	if err != nil {
		return nil, err
	}
	if k.folder, err = custody.Make(k.dir, k.kek, custody.Options{Policy: "kouki"}); err != nil {
		return nil, err
	}
	if _, err := k.folder.Create(keeper(), custody.Creation{Zones: []string{zone}}); err != nil {
		k.folder.Close()
		return nil, err
	}
	return k, nil
}

// exchangeKeys gives each side the public keys of the other: to seal for it, and
// to verify what it signed. The file goes one way and its fingerprint another, by
// telephone in a real installation.
func exchangeKeys(a, b *keyFolder) error {
	for _, way := range [][2]*keyFolder{{a, b}, {b, a}} {
		public, err := way[0].folder.ExportPublic(keeper(), way[0].zone)
		if err != nil {
			return err
		}
		if _, err := way[1].folder.ImportPublic(keeper(), custody.Import{
			File: bytes.NewReader(public.Data), Fingerprint: public.Fingerprint,
		}); err != nil {
			return err
		}
	}
	return nil
}

// open opens the keyring, as each program does when it starts.
func (k *keyFolder) open() (*crypto.Keyring, error) {
	return crypto.OpenKeyring(os.DirFS(k.dir), k.kek)
}

// keeper is who looks after the keys.
func keeper() custody.Act { return custody.Act{By: "s-0003", At: time.Now()} }

// openKeys makes and exchanges the keys of the two zones and opens both rings.
func openKeys(dir string) (ward, office *crypto.Keyring, err error) {
	a, err := makeKeys(dir, "mynumber")
	if err != nil {
		return nil, nil, err
	}
	defer a.folder.Close()
	b, err := makeKeys(dir, "lgwan")
	if err != nil {
		return nil, nil, err
	}
	defer b.folder.Close()
	if err := exchangeKeys(a, b); err != nil {
		return nil, nil, err
	}
	if ward, err = a.open(); err != nil {
		return nil, nil, err
	}
	office, err = b.open()
	return ward, office, err
}
