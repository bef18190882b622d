package custody

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// backup is a backup of all keysets and tenants of a folder: a header that anybody
// can read, and in it their files, each encrypted under the backup's key-encryption
// key. All of the header, with the headers of all files, is bound to each of
// them.
type backup struct {
	Format     int            `json:"sekisho-backup"`
	ID         string         `json:"id"`
	Policy     string         `json:"policy"`
	Made       time.Time      `json:"made"`
	By         string         `json:"by"`
	Custodians []string       `json:"custodians"`        // who hold the parts of the backup's key-encryption key, in their order
	Earlier    []BackupRecord `json:"earlier,omitempty"` // backups on record when this one was made
	Files      []keyfile.File `json:"files"`
	Tenants    []tenant.File  `json:"tenants,omitempty"`
}

const (
	backupLimit    = 64 << 20 // bytes
	ledgerLimit    = 16 << 20 // bytes
	ledgerName     = "backups.json"
	custodianLimit = 16
)

// BackupRecord is what a folder remembers of a backup.
type BackupRecord struct {
	ID          string    `json:"id"`
	Made        time.Time `json:"made"`
	By          string    `json:"by"`
	Custodians  []string  `json:"custodians"`
	SHA256      string    `json:"sha256"`            // of the file, in hex
	Keys        []KeyRef  `json:"keys"`              // the keys it holds
	Tenants     []string  `json:"tenants,omitempty"` // the tenants whose keys it holds
	Destroyed   time.Time `json:"destroyed,omitzero"`
	DestroyedBy string    `json:"destroyed-by,omitempty"`
}

func (b *BackupRecord) holds(k KeyRef) bool { return slices.Contains(b.Keys, k) }

// Backup writes all keysets of the folder, and the files of the tenants that are in
// it, to w, encrypted under kek, which two
// people should have to hold and which must not be the folder's: package kek has
// Both and AnyTwo. Custodians names them, in their order; they are told to
// whoever restores, and to whoever reads a certificate of erasure.
//
// What is written is opened again first: every key must open its witness. The
// backup is put on record before the first byte is written, so that none is
// forgotten; when w fails, it stays on record and [Folder.BackupDestroyed] is the
// way to say that its remains are gone. The error has ReasonUnwritable then.
func (f *Folder) Backup(act Act, w io.Writer, kek tink.AEAD, custodians []string) (*BackupRecord, error) {
	if err := checkCustodians(custodians); err != nil {
		return nil, err
	}
	var record *BackupRecord
	_, err := f.turn(act, "backup", func(t *turn) error {
		if err := keyfile.TestKEK(kek, t.policy); err != nil {
			return err
		}
		l, err := t.ledger()
		if err != nil {
			return err
		}
		b := &backup{Format: formatNumber, ID: rand.Text(), Policy: t.policy, Made: t.now, By: act.By, Custodians: custodians, Earlier: l.Backups}
		if err := t.fill(b, kek); err != nil {
			return err
		}
		data, err := encode(b)
		if err != nil {
			return err
		}
		if _, err := openBackup(bytes.NewReader(data), kek); err != nil {
			return err
		}
		if len(data) > backupLimit {
			return &Error{What: "backup", Reason: ReasonMalformed, Detail: "the folder is too large for one backup"}
		}
		record = b.record(data)
		l.Backups = append(l.Backups, *record)
		if err := t.putLedger(l); err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return &Error{What: "backup " + b.ID, Reason: ReasonUnwritable, Err: err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return record, nil
}

func checkCustodians(names []string) error {
	refuse := func(detail string) error { return &Error{What: "backup", Reason: ReasonOperator, Detail: detail} }
	if len(names) < 2 || len(names) > custodianLimit {
		return refuse(fmt.Sprintf("%d custodians, want 2 to %d: one person alone must not be enough", len(names), custodianLimit))
	}
	for i, name := range names {
		if detail := checkName(name); detail != "" {
			return refuse("custodian " + detail)
		}
		if slices.Contains(names[:i], name) {
			return refuse(fmt.Sprintf("custodian %q is there twice", name))
		}
	}
	return nil
}

// fill opens all keysets and encrypts them into the backup.
func (t *turn) fill(b *backup, kek tink.AEAD) error {
	files, err := keyfile.ReadAll(t.root.FS())
	if err != nil {
		return err
	}
	keys := make([]*keyset.Handle, len(files))
	held := 0
	for i, f := range files {
		if keys[i], err = f.Unlock(t.kek); err != nil {
			return err
		}
		if err := witnessed(f, keys[i]); err != nil {
			return err
		}
		held += len(live(f))
		bare := *f
		bare.Keyset = nil
		b.Files = append(b.Files, bare)
	}
	if held == 0 {
		return &Error{What: "backup", Reason: ReasonNothing, Detail: "the folder holds no keys"}
	}
	tenants, err := t.fillTenants(b)
	if err != nil {
		return err
	}
	ad, err := b.associatedData()
	if err != nil {
		return err
	}
	if err := tenants(kek, ad); err != nil {
		return err
	}
	for i := range b.Files {
		if keys[i] == nil {
			continue
		}
		var buf bytes.Buffer
		if err := keys[i].WriteWithAssociatedData(keyset.NewBinaryWriter(&buf), kek, ad(b.Files[i].Name())); err != nil {
			return &Error{What: "backup", Reason: ReasonLocked, Detail: "they refused to encrypt the keyset " + b.Files[i].Name()}
		}
		b.Files[i].Keyset = buf.Bytes()
		if h, err := b.Files[i].UnlockWith(t.kek, ad(b.Files[i].Name())); err == nil && h != nil {
			return &Error{What: "backup", Reason: ReasonSame}
		}
	}
	return nil
}

// associatedData returns what is bound to the file of each name: the header of the
// backup and of all files, by its digest, for there may be many thousand tenants;
// then the name.
func (b *backup) associatedData() (func(name string) []byte, error) {
	bare := *b
	bare.Files = slices.Clone(b.Files)
	for i := range bare.Files {
		bare.Files[i].Keyset = nil
	}
	bare.Tenants = slices.Clone(b.Tenants)
	for i := range bare.Tenants {
		bare.Tenants[i] = bare.Tenants[i].Bare()
	}
	header, err := json.Marshal(&bare)
	if err != nil {
		return nil, err
	}
	// A keyset in its folder is bound to what begins with the name of its policy,
	// which is not empty.
	sum := digest(header)
	return func(name string) []byte {
		return keyfile.AppendAD(nil, "", "sekisho backup", sum, name)
	}, nil
}

// record is what the folder remembers of the backup whose bytes are data.
func (b *backup) record(data []byte) *BackupRecord {
	r := &BackupRecord{ID: b.ID, Made: b.Made, By: b.By, Custodians: b.Custodians, SHA256: digest(data), Tenants: b.tenants()}
	for i := range b.Files {
		for _, k := range live(&b.Files[i]) {
			r.Keys = append(r.Keys, KeyRef{b.Files[i].Zone, b.Files[i].Use, k.ID})
		}
	}
	return r
}

// openedBackup is a backup and its keys.
type openedBackup struct {
	backup
	data []byte
	keys []*keyset.Handle // of each file; nil: all are destroyed

	kek tink.AEAD
	ad  func(name string) []byte
}

// decodeBackup decides everything that can be decided without a key.
func decodeBackup(data []byte) (*backup, error) {
	b, err := decode[backup]("backup", "sekisho-backup", data)
	if err != nil {
		return nil, err
	}
	refuse := func(detail string) (*backup, error) {
		return nil, &Error{What: "backup", Reason: ReasonMalformed, Detail: detail}
	}
	if b.ID == "" || keyfile.CheckPolicy(b.Policy) != nil || checkCustodians(b.Custodians) != nil || checkName(b.By) != "" || len(b.Files) == 0 {
		return refuse("a name in its header is none")
	}
	seen := make(map[string]bool)
	for i := range b.Files {
		f := &b.Files[i]
		one, err := f.Encode()
		if err != nil {
			return refuse("a keyset file in it is none")
		}
		if _, err := keyfile.Decode(f.Name(), one); err != nil || f.Policy != b.Policy || seen[f.Name()] {
			return refuse("a keyset file in it is none, is there twice, or is of another policy")
		}
		seen[f.Name()] = true
	}
	if !b.checkTenants() {
		return refuse("a tenant's file in it is none, is there twice, or is of another policy")
	}
	return b, nil
}

// openBackup reads a backup, decrypts all keysets in memory and checks that every
// key opens its witness.
func openBackup(r io.Reader, kek tink.AEAD) (*openedBackup, error) {
	data, err := readAll("backup", r, backupLimit)
	if err != nil {
		return nil, err
	}
	b, err := decodeBackup(data)
	if err != nil {
		return nil, err
	}
	if kek == nil {
		return nil, &Error{What: "backup " + b.ID, Reason: ReasonLocked, Detail: "no key-encryption key was given"}
	}
	ad, err := b.associatedData()
	if err != nil {
		return nil, err
	}
	o := &openedBackup{backup: *b, data: data, kek: kek, ad: ad}
	held := 0
	for i := range b.Files {
		h, err := b.Files[i].UnlockWith(kek, ad(b.Files[i].Name()))
		if err == nil {
			err = witnessed(&b.Files[i], h)
		}
		if err != nil {
			var e *keyfile.Error
			if errors.As(err, &e) && e.Reason == keyfile.Locked {
				err = &Error{What: "backup " + b.ID, Reason: ReasonLocked, Err: e.Err}
			}
			return nil, keyringError(err)
		}
		held += len(live(&b.Files[i]))
		o.keys = append(o.keys, h)
	}
	if held == 0 {
		return nil, &Error{What: "backup " + b.ID, Reason: ReasonMalformed, Detail: "it holds no keys, so nothing vouches for it"}
	}
	return o, b.openTenants(kek, ad)
}

// BackupInfo is what anybody can read of a backup.
type BackupInfo struct {
	ID         string    `json:"id"`
	Policy     string    `json:"policy"`
	Made       time.Time `json:"made"`
	By         string    `json:"by"`
	Custodians []string  `json:"custodians"`
	Keys       []KeyRef  `json:"keys"`
	Tenants    []string  `json:"tenants,omitempty"` // whose keys it holds
}

func (b *backup) info() BackupInfo {
	return BackupInfo{ID: b.ID, Policy: b.Policy, Made: b.Made, By: b.By, Custodians: b.Custodians, Keys: b.record(nil).Keys, Tenants: b.tenants()}
}

// InspectBackup reads the header of a backup: whose key-encryption keys open it.
// Nothing of it is authenticated until it is opened.
func InspectBackup(r io.Reader) (*BackupInfo, error) {
	data, err := readAll("backup", r, backupLimit)
	if err != nil {
		return nil, err
	}
	b, err := decodeBackup(data)
	if err != nil {
		return nil, err
	}
	info := b.info()
	return &info, nil
}

// ledger is the list of backups in a folder.
type ledger struct {
	Format  int            `json:"sekisho-backups"`
	Policy  string         `json:"policy"`
	Backups []BackupRecord `json:"backups"` // by age, the oldest first
	Seal    []byte         `json:"seal"`    // made with the key-encryption key over the rest
}

// sealText is what the seal encrypts: some services refuse to encrypt nothing.
var sealText = []byte("sekisho backups")

func (l *ledger) associatedData() ([]byte, error) {
	bare := *l
	bare.Seal = nil
	data, err := json.Marshal(&bare)
	return keyfile.AppendAD(nil, "", string(sealText), string(data)), err
}

// readLedger reads the list of a folder, without looking at its seal; an empty
// one when there is none.
func readLedger(fsys fs.FS, policy string) (*ledger, error) {
	file, err := fsys.Open(ledgerName)
	if errors.Is(err, fs.ErrNotExist) {
		return &ledger{Format: formatNumber, Policy: policy}, nil
	}
	if err != nil {
		return nil, &Error{What: ledgerName, Reason: ReasonUnreadable, Err: err}
	}
	defer file.Close()
	data, err := readAll(ledgerName, file, ledgerLimit)
	if err != nil {
		return nil, err
	}
	l, err := decode[ledger](ledgerName, "sekisho-backups", data)
	if err != nil {
		return nil, err
	}
	if policy != "" && l.Policy != policy {
		return nil, &Error{What: ledgerName, Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q here, want %q", l.Policy, policy)}
	}
	return l, nil
}

// sealed checks the seal; a list that was never written has none.
func (l *ledger) sealed(kek tink.AEAD) error {
	if l.Seal == nil && len(l.Backups) == 0 {
		return nil
	}
	ad, err := l.associatedData()
	if err != nil {
		return err
	}
	if text, err := kek.Decrypt(l.Seal, ad); err != nil || !bytes.Equal(text, sealText) {
		return &Error{What: ledgerName, Reason: ReasonMalformed, Detail: "its seal is not one of the key-encryption key over it"}
	}
	return nil
}

// ledger reads the list and checks its seal.
func (t *turn) ledger() (*ledger, error) {
	l, err := readLedger(t.root.FS(), t.policy)
	if err != nil {
		return nil, err
	}
	return l, l.sealed(t.kek)
}

// putLedger seals the list and puts it in the place of the one that was there.
func (t *turn) putLedger(l *ledger) error {
	ad, err := l.associatedData()
	if err != nil {
		return err
	}
	if l.Seal, err = t.kek.Encrypt(sealText, ad); err != nil {
		return &keyfile.Error{File: ledgerName, Reason: keyfile.KEK, Err: err}
	}
	data, err := encode(l)
	if err != nil {
		return err
	}
	if err := keyfile.WriteFile(t.disk, ledgerName, data); err != nil {
		return &keyfile.Error{File: ledgerName, Reason: keyfile.Unwritable, Err: err}
	}
	return nil
}

// Backups returns the backups on record, the oldest first. The list is checked
// with the key-encryption key.
func (f *Folder) Backups(act Act) ([]BackupRecord, error) {
	var list []BackupRecord
	_, err := f.turn(act, "backups", func(t *turn) error {
		l, err := t.ledger()
		if err == nil {
			list = l.Backups
		}
		return err
	})
	return list, err
}

// BackupDestroyed puts on record that all copies of a backup are destroyed:
// certificates of erasure do not name it any more from then on.
func (f *Folder) BackupDestroyed(act Act, id string) (*BackupRecord, error) {
	var record *BackupRecord
	_, err := f.turn(act, "backup-destroyed", func(t *turn) error {
		l, err := t.ledger()
		if err != nil {
			return err
		}
		for i := range l.Backups {
			b := &l.Backups[i]
			if b.ID != id {
				continue
			}
			if b.Destroyed.IsZero() {
				b.Destroyed, b.DestroyedBy = t.now, act.By
			}
			record = b
			return t.putLedger(l)
		}
		return &Error{What: fmt.Sprintf("backup %.32q", id), Reason: ReasonNoBackup}
	})
	if err != nil {
		return nil, err
	}
	return record, nil
}
