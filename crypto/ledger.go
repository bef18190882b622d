package crypto

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/internal/flock"
)

// FileLedger is a [Ledger] in a folder of its own: a small file for each key,
// locked while it changes, so that the processes of one machine share it. It
// holds no key material. Whoever can write to the folder can make it forget:
// protect it as the log is protected.
type FileLedger struct {
	root     *os.Root
	machines uint64
}

// OpenLedger opens the folder dir, which it makes if its parent exists. Where
// several machines seal with the same keys and each has a ledger of its own,
// machines is how many: a use on this one counts that many times, so that the sum
// over all stays below [UseLimit]. Close it when the keyring is not used any more.
func OpenLedger(dir string, machines int) (*FileLedger, error) {
	if machines < 1 || machines > 1024 {
		return nil, fmt.Errorf("crypto: ledger %q: %d machines: want 1 to 1024", dir, machines)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("crypto: ledger: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("crypto: ledger: %w", err)
	}
	return &FileLedger{root: root, machines: uint64(machines)}, nil
}

// Close closes the folder.
func (l *FileLedger) Close() error { return l.root.Close() }

// entry is a file of the ledger.
type entry struct {
	Format int    `json:"sekisho-uses"`
	Policy string `json:"policy"`
	Zone   string `json:"zone"`
	Key    uint32 `json:"key"`
	Uses   uint64 `json:"uses"`
}

const entryLimit = 4 << 10

func entryName(zone string, key uint32) string { return fmt.Sprintf("%s.%d.uses", zone, key) }

// Reserve adds n uses to the key's file. The error names the file.
func (l *FileLedger) Reserve(policy, zone string, key uint32, n uint64) (uint64, error) {
	if err := keyfile.CheckNames(policy, []string{zone}); err != nil {
		return 0, keyringError(err)
	}
	unlock, err := flock.Lock(l.root, ".lock")
	if err != nil {
		return 0, fmt.Errorf("crypto: ledger: %w", err)
	}
	defer unlock()
	e, err := l.read(policy, zone, key)
	if err != nil {
		return 0, err
	}
	if n > math.MaxUint64/l.machines || e.Uses > math.MaxUint64-n*l.machines {
		return 0, fmt.Errorf("crypto: ledger: %s: the count is full", entryName(zone, key))
	}
	e.Uses += n * l.machines
	return e.Uses, l.write(e)
}

// Uses returns how many uses of the key were reserved, over all machines; 0 when
// the ledger does not know it.
func (l *FileLedger) Uses(policy, zone string, key uint32) (uint64, error) {
	e, err := l.read(policy, zone, key)
	if err != nil {
		return 0, err
	}
	return e.Uses, nil
}

// read returns the entry of a key, a new one when there is none.
func (l *FileLedger) read(policy, zone string, key uint32) (*entry, error) {
	name := entryName(zone, key)
	fresh := &entry{Format: 1, Policy: policy, Zone: zone, Key: key}
	f, err := l.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, fmt.Errorf("crypto: ledger: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, entryLimit))
	if err != nil {
		return nil, fmt.Errorf("crypto: ledger: %w", err)
	}
	e := new(entry)
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("crypto: ledger: %s: not a file of the ledger: restore it, or rotate the key and remove it", name)
	}
	if canonical, err := e.encode(); err != nil || !bytes.Equal(canonical, data) || e.Format != fresh.Format {
		return nil, fmt.Errorf("crypto: ledger: %s: not a file of the ledger as it was written: restore it, or rotate the key and remove it", name)
	}
	if e.Policy != policy || e.Zone != zone || e.Key != key {
		return nil, fmt.Errorf("crypto: ledger: %s: it counts another key: keep a ledger for each policy", name)
	}
	return e, nil
}

func (e *entry) encode() ([]byte, error) {
	b, err := json.Marshal(e)
	return append(b, '\n'), err
}

// write replaces the file of a key and makes that durable.
func (l *FileLedger) write(e *entry) error {
	data, err := e.encode()
	if err != nil {
		return fmt.Errorf("crypto: ledger: %w", err)
	}
	name := entryName(e.Zone, e.Key)
	if err := keyfile.WriteFile(l.root, name, data); err != nil {
		return fmt.Errorf("crypto: ledger: %s: %w", name, err)
	}
	return nil
}
