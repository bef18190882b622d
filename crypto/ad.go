package crypto

import "github.com/sekisho-go/sekisho/crypto/internal/keyfile"

// AppendAD appends the canonical form of parts to b and returns the longer
// slice: for each part its length in bytes as an unsigned varint, then its
// bytes. Two different lists of parts never give the same bytes, so a value
// cannot be moved from ("ab", "c") to ("a", "bc"). The form of a list followed
// by the form of another is the form of the two lists joined, so a prefix that
// does not change can be computed once and extended for each record.
//
// It is used for the associated data of everything that is sealed and never
// fails. It does not allocate when b has room.
func AppendAD(b []byte, parts ...string) []byte { return keyfile.AppendAD(b, parts...) }
