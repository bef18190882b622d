package parcel

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sekisho-go/sekisho/internal/flock"
)

// FileRegister is a [Register] in a folder of its own, which the processes of
// one machine share. It holds numbers of parcels and no data; who can write to
// the folder can make it forget.
//
// Its file is only ever appended to, a line for each step, and synced before a
// step counts. A line that a crash cut short does not count and is taken off by
// the next who appends. A line that was changed makes the register refuse
// everything: a register that may have forgotten is none.
//
// What expired days ago is left out when the file is written anew, which happens
// when that halves it.
type FileRegister struct {
	root  *os.Root
	clock func() time.Time

	mu    sync.Mutex
	first string // line of the file that was read; a file that was written anew has another
	size  int64  // how much of it was read
	lines int    // steps in it
	patch int    // number of lines below which writing it anew is not tried
	known map[receiptKey]entry
}

type receiptKey struct{ from, id string }

type entry struct {
	state   State
	expires time.Time
}

const (
	registerFile = "receipts"
	registerLock = ".lock"

	// forgetAfter is how much longer than a parcel lives its receipt is kept,
	// because clocks differ, and move.
	forgetAfter = 48 * time.Hour

	// rewriteAt is the number of lines below which a file is never written
	// anew.
	rewriteAt = 1000
)

// OpenRegister opens the folder dir, which it makes if its parent exists. Close
// it when nothing is received any more.
func OpenRegister(dir string) (*FileRegister, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("parcel: register: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("parcel: register: %w", err)
	}
	r := &FileRegister{root: root, clock: time.Now}
	err = r.locked(func(f *os.File) error { return nil })
	if err != nil {
		root.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the folder.
func (r *FileRegister) Close() error { return r.root.Close() }

// Unfinished returns what was begun and not finished, sorted by zone and number:
// what is being received now, and where a receiver was stopped.
func (r *FileRegister) Unfinished() ([]Receipt, error) {
	var list []Receipt
	err := r.locked(func(*os.File) error {
		for k, e := range r.known {
			if e.state == StateBegun {
				list = append(list, Receipt{From: k.from, ID: k.id, Expires: e.expires})
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Receipt) int { return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.ID, b.ID)) })
	return list, err
}

// Begin implements [Register].
func (r *FileRegister) Begin(_ context.Context, receipt Receipt) error {
	if err := checkReceipt(receipt); err != nil {
		return err
	}
	return r.locked(func(f *os.File) error {
		switch e := r.known[receiptKey{receipt.From, receipt.ID}]; {
		case e.state == StateFinished, e.state == StateBegun && !receipt.Resume:
			return &ReplayError{ID: receipt.ID, State: e.state}
		}
		return r.append(f, StateBegun, receipt)
	})
}

// Finish implements [Register].
func (r *FileRegister) Finish(_ context.Context, receipt Receipt) error {
	if err := checkReceipt(receipt); err != nil {
		return err
	}
	return r.locked(func(f *os.File) error {
		switch e := r.known[receiptKey{receipt.From, receipt.ID}]; e.state {
		case StateFinished:
			return nil
		case StateUnknown:
			return &StateError{"the register does not know the parcel: it was not begun, or it is another register"}
		}
		return r.append(f, StateFinished, receipt)
	})
}

// checkReceipt wants what a line can hold.
func checkReceipt(r Receipt) error {
	if r.From == "" || strings.ContainsAny(r.From, " \n") || !readable(r.From) || !isHex(r.ID, 16) {
		return &StateError{"the receipt has no zone or no number"}
	}
	return nil
}

// locked calls f with the file, read to its end, while no other process has it.
func (r *FileRegister) locked(f func(*os.File) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	unlock, err := flock.Lock(r.root, registerLock)
	if err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	defer unlock()
	file, err := r.root.OpenFile(registerFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	defer file.Close()
	if err := r.read(file); err != nil {
		return err
	}
	return f(file)
}

// read reads what others appended since, or all of a file that was written
// anew. What follows the last line that counts is taken off.
func (r *FileRegister) read(file *os.File) error {
	first, err := firstLine(file)
	if err != nil {
		return err
	}
	if first == "" {
		if first, err = r.found(file); err != nil {
			return err
		}
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	if r.first != first || info.Size() < r.size {
		r.first, r.known, r.size, r.lines, r.patch = first, make(map[receiptKey]entry), int64(len(first)), 0, 0
	}
	data, err := io.ReadAll(io.NewSectionReader(file, r.size, info.Size()-r.size))
	if err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	for len(data) > 0 {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole || !r.take(string(line)) {
			if len(rest) > 0 {
				at := r.lines + 2
				r.first = ""
				return fmt.Errorf("parcel: register: line %d is not as it was written: restore the file, or begin a new register when every parcel sealed until now has expired", at)
			}
			return r.cut(file)
		}
		r.size += int64(len(line)) + 1
		r.lines++
		data = rest
	}
	return nil
}

// firstPrefix begins the first line of the file, which a random number ends.
const (
	firstPrefix = "sekisho-register 1 "
	firstLength = len(firstPrefix) + 32 + 1
)

func newFirstLine() string {
	var id [16]byte
	rand.Read(id[:])
	return firstPrefix + hex.EncodeToString(id[:]) + "\n"
}

// firstLine returns the first line, and "" when the file is empty or a crash cut
// its first line short.
func firstLine(file *os.File) (string, error) {
	b := make([]byte, firstLength)
	n, err := file.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("parcel: register: %w", err)
	}
	line := string(b[:n])
	if id, ok := strings.CutPrefix(line, firstPrefix); ok && n == firstLength && id[32] == '\n' && isHex(id[:32], 16) {
		return line, nil
	}
	if cut := strings.TrimRight(line, "\x00"); len(cut) < firstLength && (strings.HasPrefix(firstPrefix, cut) || strings.HasPrefix(cut, firstPrefix)) {
		return "", nil
	}
	return "", errors.New("parcel: register: the file is none of a register: give the register a folder of its own")
}

// found makes a file that has nothing yet into one of a register.
func (r *FileRegister) found(file *os.File) (string, error) {
	first := newFirstLine()
	if err := file.Truncate(0); err != nil {
		return "", fmt.Errorf("parcel: register: %w", err)
	}
	if _, err := file.WriteAt([]byte(first), 0); err != nil {
		return "", fmt.Errorf("parcel: register: %w", err)
	}
	if err := syncFile(file); err != nil {
		return "", err
	}
	return first, syncFolder(r.root)
}

// cut takes a line off that a crash cut short.
func (r *FileRegister) cut(file *os.File) error {
	if err := file.Truncate(r.size); err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	return syncFile(file)
}

// take enters a line into what is known, and reports whether it is one.
func (r *FileRegister) take(line string) bool {
	s, receipt, ok := parseReceipt(line)
	if !ok {
		return false
	}
	k := receiptKey{receipt.From, receipt.ID}
	r.known[k] = entry{s, receipt.Expires}
	return true
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// formatReceipt returns the line of a step, with its line feed:
//
//	begun ward 0123456789abcdef0123456789abcdef 1798761600 1a2b3c4d
func formatReceipt(s State, r Receipt) string {
	line := s.String() + " " + r.From + " " + r.ID + " " + strconv.FormatInt(r.Expires.Unix(), 10)
	return fmt.Sprintf("%s %08x\n", line, crc32.Checksum([]byte(line), castagnoli))
}

// parseReceipt reads a line without its line feed.
func parseReceipt(line string) (State, Receipt, bool) {
	parts := strings.Split(line, " ")
	if len(parts) != 5 {
		return 0, Receipt{}, false
	}
	seconds, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return 0, Receipt{}, false
	}
	r := Receipt{From: parts[1], ID: parts[2], Expires: time.Unix(seconds, 0).UTC()}
	for _, s := range []State{StateBegun, StateFinished} {
		if checkReceipt(r) == nil && formatReceipt(s, r) == line+"\n" {
			return s, r, true
		}
	}
	return 0, Receipt{}, false
}

// append adds a line and makes it durable before it counts.
func (r *FileRegister) append(file *os.File, s State, receipt Receipt) error {
	line := formatReceipt(s, receipt)
	if _, err := file.WriteAt([]byte(line), r.size); err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	if err := syncFile(file); err != nil {
		return err
	}
	r.take(strings.TrimSuffix(line, "\n"))
	r.size += int64(len(line))
	r.lines++
	return r.rewrite()
}

// rewrite writes the file anew, with one line for each receipt that has not
// expired, when that halves it.
func (r *FileRegister) rewrite() error {
	if r.lines < max(rewriteAt, r.patch) {
		return nil
	}
	now := r.clock()
	var keep []receiptKey
	for k, e := range r.known {
		if e.expires.Add(forgetAfter).After(now) {
			keep = append(keep, k)
		}
	}
	if len(keep) > r.lines/2 {
		r.patch = r.lines + r.lines/4
		return nil
	}
	slices.SortFunc(keep, func(a, b receiptKey) int { return cmp.Or(strings.Compare(a.from, b.from), strings.Compare(a.id, b.id)) })
	data := newFirstLine()
	var b strings.Builder
	for _, k := range keep {
		b.WriteString(formatReceipt(r.known[k].state, Receipt{From: k.from, ID: k.id, Expires: r.known[k].expires}))
	}
	return r.replace([]byte(data + b.String()))
}

// replace puts a file with the data in the place of the file.
func (r *FileRegister) replace(data []byte) error {
	const temporary = registerFile + ".new"
	file, err := r.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	_, err = file.Write(data)
	if err == nil {
		err = syncFile(file)
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = r.root.Rename(temporary, registerFile)
	}
	if err != nil {
		r.root.Remove(temporary)
		return fmt.Errorf("parcel: register: %w", err)
	}
	return syncFolder(r.root)
}

func syncFile(file *os.File) error {
	if err := file.Sync(); err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	return nil
}

// syncFolder makes the name of the file durable. Where folders cannot be synced
// the system has no such notion.
func syncFolder(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return fmt.Errorf("parcel: register: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return fmt.Errorf("parcel: register: %w", err)
	}
	return nil
}
