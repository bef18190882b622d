package custody_test

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/kek"
)

// A key is made, rotated, backed up, and destroyed; the certificate names the
// backup that still holds it.
func Example() {
	dir, err := os.MkdirTemp("", "custody")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	open, err := kek.CreateFile(filepath.Join(dir, "kek"))
	if err != nil {
		log.Fatal(err)
	}
	folder, err := custody.Make(filepath.Join(dir, "keys"), open, custody.Options{Policy: "kouki"})
	if err != nil {
		log.Fatal(err)
	}
	defer folder.Close()
	act := custody.Act{By: "k.sato", At: time.Now()}

	change, err := folder.Create(act, custody.Creation{Zones: []string{"mynumber"}, Uses: []crypto.Use{crypto.UseSeal, crypto.UseSign}})
	if err != nil {
		log.Fatal(err)
	}
	first := change.Keys[0].ID
	if _, err := folder.Rotate(act, "mynumber", crypto.UseSeal); err != nil {
		log.Fatal(err)
	}
	sato, err := kek.CreateFile(filepath.Join(dir, "sato"))
	if err != nil {
		log.Fatal(err)
	}
	suzuki, err := kek.CreateFile(filepath.Join(dir, "suzuki"))
	if err != nil {
		log.Fatal(err)
	}
	both, err := kek.Both(sato, suzuki)
	if err != nil {
		log.Fatal(err)
	}
	var backup bytes.Buffer
	if _, err := folder.Backup(act, &backup, both, []string{"sato", "suzuki"}); err != nil {
		log.Fatal(err)
	}
	certificate, err := folder.Destroy(act, custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("complete:", certificate.Complete())
	fmt.Println("ask:", certificate.Backups[0].Custodians)

	report, err := custody.Drill(act, &backup, both, os.DirFS(filepath.Join(dir, "keys")), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the backup gives back all there is:", report.OK())

	// Output:
	// complete: false
	// ask: [sato suzuki]
	// the backup gives back all there is: true
}
