package driver

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// key is what a finding is known by in a baseline: all but where it stands. The
// message has the label and the exit, so they need no field of their own.
type key struct {
	Check   string
	Package string
	Object  string
	Finding string // the message without line numbers
	Ordinal int    // of equal ones in one declaration, from 1
}

// Fingerprint identifies the finding over changes of the lines around it: the
// baseline's key, hashed.
func (f *Finding) Fingerprint() string {
	data, err := json.Marshal([]any{f.key.Check, f.key.Package, f.key.Object, f.key.Finding, f.key.Ordinal})
	if err != nil {
		return "" // strings and a number do not fail
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// Baseline is the findings that are known.
type Baseline struct {
	entries map[entry]int // how often
}

// entry is a key without its ordinal, as the file has it.
type entry struct {
	Check   string `json:"check"`
	Package string `json:"package"`
	Object  string `json:"object,omitempty"`
	Finding string `json:"finding"`
}

// counted is a line of the file.
type counted struct {
	entry
	Times int `json:"times"`
}

// file is the whole of it.
type file struct {
	Sekisho  int       `json:"sekisho"` // version of the format
	Note     string    `json:"note"`
	Findings []counted `json:"findings"`
}

const baselineVersion = 1

// NewBaseline returns a baseline of all findings.
func NewBaseline(found []*Finding) *Baseline {
	b := &Baseline{entries: map[entry]int{}}
	for _, f := range found {
		b.entries[f.key.entry()]++
	}
	return b
}

func (k key) entry() entry { return entry{k.Check, k.Package, k.Object, k.Finding} }

// ReadBaseline reads a file. The error is fs.ErrNotExist where there is none.
func ReadBaseline(name string) (*Baseline, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%s is no baseline: %w", name, err)
	}
	if f.Sekisho != baselineVersion {
		return nil, fmt.Errorf("%s is a baseline of version %d, want %d: make it anew with -update", name, f.Sekisho, baselineVersion)
	}
	b := &Baseline{entries: map[entry]int{}}
	for _, c := range f.Findings {
		if c.Times < 1 || b.entries[c.entry] > 0 {
			return nil, fmt.Errorf("%s is no baseline: an entry of package %s stands twice or counts nothing: restore it from version control", name, c.Package)
		}
		b.entries[c.entry] = c.Times
	}
	return b, nil
}

// Write puts the baseline into a file, in one step.
func (b *Baseline) Write(name string) error {
	f := file{Sekisho: baselineVersion, Note: "findings of sekisho vet that were there when it came; only ever made smaller, by sekisho vet -baseline -update", Findings: []counted{}}
	for e, n := range b.entries {
		f.Findings = append(f.Findings, counted{e, n})
	}
	slices.SortFunc(f.Findings, func(x, y counted) int {
		return cmp.Or(cmp.Compare(x.Package, y.Package), cmp.Compare(x.Check, y.Check), cmp.Compare(x.Object, y.Object), cmp.Compare(x.Finding, y.Finding))
	})
	data, err := json.MarshalIndent(f, "", "\t")
	if err != nil {
		return err
	}
	name, err = filepath.Abs(name)
	if err != nil {
		return err
	}
	return writeFile(name, append(data, '\n'))
}

// Len is how many findings it has.
func (b *Baseline) Len() int {
	n := 0
	for _, times := range b.entries {
		n += times
	}
	return n
}

// Mark marks the findings that the baseline knows.
func (b *Baseline) Mark(found []*Finding) {
	for _, f := range found {
		f.Known = f.key.Ordinal <= b.entries[f.key.entry()]
	}
}

// Gone is what the baseline has and was not found, as a line of text each. The
// packages are those that were looked at; entries of others stay.
func (b *Baseline) Gone(found []*Finding, packages []string) []string {
	var gone []string
	for e, times := range b.gone(found, packages) {
		where := e.Package
		if e.Object != "" {
			where += ": " + e.Object
		}
		gone = append(gone, fmt.Sprintf("%s: %s: %s (%d)", where, e.Check, e.Finding, times))
	}
	slices.Sort(gone)
	return gone
}

func (b *Baseline) gone(found []*Finding, packages []string) map[entry]int {
	now := NewBaseline(found)
	gone := map[entry]int{}
	for e, times := range b.entries {
		if n := times - now.entries[e]; n > 0 && slices.Contains(packages, e.Package) {
			gone[e] = n
		}
	}
	return gone
}

// Shrink takes out what is gone.
func (b *Baseline) Shrink(found []*Finding, packages []string) {
	for e, n := range b.gone(found, packages) {
		if b.entries[e] -= n; b.entries[e] == 0 {
			delete(b.entries, e)
		}
	}
}

// NoBaseline reports whether an error of ReadBaseline is that there is none.
func NoBaseline(err error) bool { return errors.Is(err, fs.ErrNotExist) }
