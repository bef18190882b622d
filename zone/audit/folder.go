package audit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/internal/flock"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	lockName   = ".lock"        // in the folder: logs are being handed out; in a log: a process writes it
	ackedName  = "acknowledged" // in a log: how many entries callers were told are durable
	logPrefix  = "log-"
	newPrefix  = ".new-" // a log that is being made
	tmpSuffix  = ".tmp"  // a file that is being made
	segSuffix  = ".entries"
	hashSuffix = ".hashes"
)

// sublog is one log of a folder: that of one process at a time.
type sublog struct {
	root   *os.Root
	name   string
	origin string
}

// sublogs returns the names of the logs in a folder, sorted.
func sublogs(root *os.Root) ([]string, error) {
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range list {
		if e.IsDir() && strings.HasPrefix(e.Name(), logPrefix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// openSublog opens the folder of a log.
func openSublog(root *os.Root, origin, name string) (*sublog, error) {
	sub, err := root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &sublog{root: sub, name: name, origin: originOf(origin, name)}, nil
}

func originOf(folder, name string) string { return folder + "/" + strings.TrimPrefix(name, logPrefix) }

// segments returns the numbers of the segments in a log, sorted.
func (s *sublog) segments() ([]int64, error) {
	list, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, e := range list {
		digits, _ := strings.CutSuffix(e.Name(), segSuffix)
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && e.Name() == segmentName(n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func segmentName(n int64) string { return fmt.Sprintf("%012d%s", n, segSuffix) }
func hashesName(n int64) string  { return fmt.Sprintf("%012d%s", n, hashSuffix) }

// scan begins to read a segment, as long as it is now: then what a process is
// writing meanwhile is one batch at most. The caller closes the file.
func (s *sublog) scan(number int64, keep bool) (*scan, *os.File, error) {
	f, err := s.root.Open(segmentName(number))
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	sc, err := newScan(io.NewSectionReader(f, 0, info.Size()), number, s.origin, keep)
	if err != nil {
		f.Close()
		return nil, nil, s.damage(segmentName(number), 0, 0, err)
	}
	sc.size = info.Size()
	return sc, f, nil
}

// damage is the error of something that is not as it was acknowledged.
func (s *sublog) damage(file string, offset, entry int64, why error) *DamageError {
	return &DamageError{Log: s.name, File: file, Offset: offset, Entry: entry, Why: why.Error()}
}

// leaves returns the hashes of the entries of a segment, from the file that is
// written when it is full, or from the entries.
func (s *sublog) leaves(number int64) ([]tlog.Hash, error) {
	if data, err := s.root.ReadFile(hashesName(number)); err == nil {
		return splitHashes(data), nil
	}
	sc, f, err := s.scan(number, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var leaves []tlog.Hash
	for {
		entries, err := sc.batch()
		if err != nil {
			return leaves, nil // how far they are good is for the caller to know
		}
		for _, e := range entries {
			leaves = append(leaves, e.hash)
		}
	}
}

func splitHashes(data []byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(data)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], data[i*tlog.HashSize:])
	}
	return hashes
}

// acked reads how many entries were acknowledged. A process that writes the log
// may be replacing the number this moment, so what is not one is read again.
func (s *sublog) acked() (int64, error) {
	for try := 0; ; try++ {
		data, err := s.root.ReadFile(ackedName)
		if err != nil {
			return 0, err
		}
		digits, _, _ := strings.Cut(string(data), " ")
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n >= 0 && string(data) == ackedText(n) {
			return n, nil
		}
		if try == 5 {
			return 0, s.damage(ackedName, 0, 0, errors.New("the file is not a number and its sum"))
		}
		time.Sleep(time.Millisecond)
	}
}

// ackedText spells the number in a form of one length, which a disk writes
// whole or not at all.
func ackedText(n int64) string {
	digits := fmt.Sprintf("%020d", n)
	return fmt.Sprintf("%s %08x\n", digits, crc32.Checksum([]byte(digits), castagnoli))
}

// makeFolder opens a folder, which it makes, durably, if it is not there.
func makeFolder(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	above, err := os.OpenRoot(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(syncFolder(above), above.Close()); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// claim gives this process a log of its own: one that nobody writes, or a new
// one.
func claim(root *os.Root, opt *Options) (s *sublog, release func() error, err error) {
	unlock, err := flock.Lock(root, lockName)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	names, err := sublogs(root)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if s, err = openSublog(root, opt.Origin, name); err != nil {
			return nil, nil, err
		}
		release, held, err := tryLock(s.root, lockName)
		if held {
			return s, release, nil
		}
		s.root.Close()
		if err != nil {
			return nil, nil, err
		}
	}
	name, err := create(root, opt)
	if err != nil {
		return nil, nil, err
	}
	if s, err = openSublog(root, opt.Origin, name); err != nil {
		return nil, nil, err
	}
	release, held, err := tryLock(s.root, lockName)
	if err == nil && !held {
		err = errors.New("somebody else holds a log that was just made")
	}
	if err != nil {
		s.root.Close()
		return nil, nil, err
	}
	return s, release, nil
}

// create makes a log without entries. It has its name only when it is whole. The
// caller holds the lock of the folder, so what another process left half made
// is left for good, and removed.
func create(root *os.Root, opt *Options) (name string, err error) {
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return "", err
	}
	for _, e := range list {
		if strings.HasPrefix(e.Name(), newPrefix) {
			if err := root.RemoveAll(e.Name()); err != nil {
				return "", err
			}
		}
	}
	id := strings.ToLower(rand.Text())
	name = logPrefix + id
	if err := root.Mkdir(newPrefix+id, 0o700); err != nil {
		return "", err
	}
	sub, err := root.OpenRoot(newPrefix + id)
	if err != nil {
		return "", err
	}
	defer sub.Close()
	h := header{origin: originOf(opt.Origin, name), per: int64(opt.SegmentEntries)}
	hash, err := h.tree.root()
	if err != nil {
		return "", err
	}
	if h.note, err = (Checkpoint{Origin: h.origin, Root: hash}).sign(opt.Signer); err != nil {
		return "", err
	}
	if err := writeFile(sub, ackedName, []byte(ackedText(0))); err != nil {
		return "", err
	}
	if err := writeFile(sub, segmentName(0), appendFrame(nil, frameHeader, h.encode())); err != nil {
		return "", err
	}
	if err := root.Rename(newPrefix+id, name); err != nil {
		return "", err
	}
	return name, syncFolder(root)
}

// writeFile makes a file that is there whole and durable, or not at all.
func writeFile(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name+tmpSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := root.Rename(name+tmpSuffix, name); err != nil {
		return err
	}
	return syncFolder(root)
}
