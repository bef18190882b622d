package audit

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// frontier is the right edge of a Merkle tree: the hashes of the largest
// complete subtrees that the entries so far fall into, one for each bit that is
// set in their number. Together they are all that it takes to add entries and
// to compute the hash of the tree, however big it is.
type frontier struct {
	size int64
	at   [63]tlog.Hash // by level
}

// ReadHashes implements tlog.HashReader for the hashes of the edge.
func (f *frontier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		if f.size>>level&1 == 0 || n != f.size>>level-1 {
			return nil, fmt.Errorf("audit: internal error: hash %d of level %d is not on the edge of %d entries", n, level, f.size)
		}
		out[i] = f.at[level]
	}
	return out, nil
}

// add adds the hash of the next entry.
func (f *frontier) add(h tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(f.size, h, f)
	if err != nil {
		return err
	}
	f.at[len(hashes)-1] = hashes[len(hashes)-1]
	f.size++
	return nil
}

// root returns the hash of the tree.
func (f *frontier) root() (tlog.Hash, error) { return tlog.TreeHash(f.size, f) }

// edge returns the hashes of the edge, the highest level first, and takes them
// back.
func (f *frontier) edge() []tlog.Hash {
	var hashes []tlog.Hash
	for level := len(f.at) - 1; level >= 0; level-- {
		if f.size>>level&1 == 1 {
			hashes = append(hashes, f.at[level])
		}
	}
	return hashes
}

// edgeOf undoes edge.
func edgeOf(size int64, hashes []tlog.Hash) (frontier, error) {
	f := frontier{size: size}
	for level := len(f.at) - 1; level >= 0; level-- {
		if size>>level&1 == 0 {
			continue
		}
		if len(hashes) == 0 {
			return frontier{}, errors.New("too few hashes for the edge of the tree")
		}
		f.at[level], hashes = hashes[0], hashes[1:]
	}
	if len(hashes) > 0 {
		return frontier{}, errors.New("too many hashes for the edge of the tree")
	}
	return f, nil
}

// subtree returns the hash of the complete subtree over leaves, whose number is
// a power of two.
func subtree(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	half := len(leaves) / 2
	return tlog.NodeHash(subtree(leaves[:half]), subtree(leaves[half:]))
}
