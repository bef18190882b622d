package keyfile

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Suffix is how the name of every keyset file ends.
const Suffix = ".keyset"

const (
	nameLimit   = 64  // bytes of a zone name
	policyLimit = 128 // bytes of a policy name
)

// FileName returns the name of the file of a zone and use.
func FileName(zone, use string) string { return zone + "." + use + Suffix }

// CheckZone wants a name that is a file name everywhere and has no dot, which
// separates the zone from the use.
func CheckZone(name string) error {
	ok := name != "" && len(name) <= nameLimit && name[0] != '-'
	for _, c := range []byte(name) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return fmt.Errorf("zone name %q: want 1 to %d of a-z, A-Z, 0-9, - and _, not beginning with -", clip(name), nameLimit)
	}
	return nil
}

// CheckPolicy wants the name of a policy to be a printable line.
func CheckPolicy(name string) error {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || len(name) > policyLimit || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return fmt.Errorf("policy name %q: want 1 to %d bytes of printable UTF-8", clip(name), policyLimit)
	}
	return nil
}

// CheckNames checks the policy's name and the zones', which must also be
// different file names on systems that do not tell A from a.
func CheckNames(policy string, zones []string) error {
	if err := CheckPolicy(policy); err != nil {
		return &Error{Reason: Name, Detail: err.Error()}
	}
	if len(zones) == 0 {
		return &Error{Reason: Name, Detail: "no zone was named"}
	}
	seen := make(map[string]string)
	for _, zone := range zones {
		if err := CheckZone(zone); err != nil {
			return &Error{Reason: Name, Detail: err.Error()}
		}
		folded := strings.ToLower(zone)
		if first, ok := seen[folded]; ok {
			return &Error{Reason: Name, Detail: fmt.Sprintf("zones %q and %q have one file name", first, zone)}
		}
		seen[folded] = zone
	}
	return nil
}

// clip keeps a name that is far too long from filling the error.
func clip(name string) string {
	if len(name) > policyLimit {
		return name[:policyLimit] + "…"
	}
	return name
}

// AppendAD appends the canonical form of a list of parts: for each its length
// as an unsigned varint, then its bytes.
func AppendAD(b []byte, parts ...string) []byte {
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}
