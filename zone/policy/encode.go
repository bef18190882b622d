package policy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// MaxEncoded is the size in bytes above which Decode does not read.
const MaxEncoded = 4 << 20

// maxDepth bounds the nesting of what Decode reads; overlays of overlays are
// what nests.
const maxDepth = 64

// Encode gives the policy as compact JSON in its one canonical form: members
// in the order of the types, lists without an order of their own sorted by
// name, nothing empty. Positions are left out, so that two files that say the
// same encode the same. It returns nil when a rule has no action, which Check
// reports.
func (p *Policy) Encode() []byte {
	if p == nil {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the constant is read by people; it is never put into a page unescaped
	if err := enc.Encode(p.canonical()); err != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Digest names the policy by the SHA-256 of Encode: "sha256:" and 64 hex
// digits. It is empty when Encode is nil, so that two policies that cannot be
// encoded never have the same digest as a good one.
func (p *Policy) Digest() string {
	encoded := p.Encode()
	if encoded == nil {
		return ""
	}
	sum := sha256.Sum256(encoded)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// canonical is a copy of p in which all that has no order is sorted.
func (p *Policy) canonical() *Policy {
	c := *p
	c.Classes = list(p.Classes)
	c.Zones = list(p.Zones)
	c.Categories = sortedBy(p.Categories, func(c Category) string { return c.Name })
	c.Purposes = sortedBy(p.Purposes, func(c Purpose) string { return c.Name })
	c.Sinks = sortedBy(p.Sinks, func(c Sink) string { return c.Name })
	c.Types = sortedBy(p.Types, func(c Type) string { return c.Name })
	c.Mappings = sortedBy(p.Mappings, func(c Mapping) string { return c.Scheme })
	c.Routes = list(p.Routes)
	for i := range c.Routes {
		r := &c.Routes[i]
		r.Rules = list(r.Rules)
		r.Require.Purpose = slices.Clone(r.Require.Purpose)
		slices.Sort(r.Require.Purpose)
	}
	for i := range c.Types {
		c.Types[i].Fields = list(sortedBy(c.Types[i].Fields, func(f Field) string { return f.Name }))
	}
	c.Algorithms, c.Keys, c.Vet = p.Algorithms.canonical(), p.Keys.canonical(), p.Vet.canonical()
	c.Overlays = nil
	for _, o := range p.Overlays {
		if o != nil {
			c.Overlays = append(c.Overlays, o.canonical())
		}
	}
	return &c
}

// list is a copy that is never nil: an empty list is written [], not null.
func list[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }

// sortedBy is a copy in the order of a key; equal keys keep their order.
func sortedBy[T any](s []T, key func(T) string) []T {
	c := slices.Clone(s)
	slices.SortStableFunc(c, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	return c
}

// Decode reads what Encode writes, and the same with other white space and
// order. It is strict: unknown and repeated members, members in other letter
// case, null, text that is not UTF-8, anything behind the object, another
// format number and more than MaxEncoded bytes are errors. It does not check
// what the policy says: a decoded policy is used after [Policy.Check].
func Decode(data []byte) (*Policy, error) {
	if len(data) > MaxEncoded {
		return nil, fmt.Errorf("policy: compiled policy has %d bytes, want at most %d", len(data), MaxEncoded)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("policy: compiled policy is not UTF-8")
	}
	if err := checkMembers(data); err != nil {
		return nil, fmt.Errorf("policy: compiled policy: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	p := new(Policy)
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("policy: compiled policy: %v", err)
	}
	for _, q := range p.parts() {
		if q.Format != Format {
			return nil, fmt.Errorf("policy: compiled policy has format %d, want %d: regenerate with this version", q.Format, Format)
		}
	}
	return p, nil
}

// checkMembers walks the JSON for what encoding/json lets pass: members that
// are given twice, members whose name differs in letter case, null, and text
// behind the value.
func checkMembers(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := checkValue(dec, "", 0); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("there is something behind the object")
	}
	return nil
}

// checkValue walks one value, which is the named member of its object.
func checkValue(dec *json.Decoder, member string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return fmt.Errorf("at byte %d: %v", dec.InputOffset(), err)
	}
	switch token {
	case nil:
		return fmt.Errorf("at byte %d: null, want a value or no member", dec.InputOffset())
	case json.Delim('{'):
		return checkObject(dec, member, depth)
	case json.Delim('['):
		for dec.More() {
			if err := checkValue(dec, "", depth+1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	}
	if err != nil {
		return fmt.Errorf("at byte %d: %v", dec.InputOffset(), err)
	}
	return nil
}

// checkObject walks the members of an object whose brace is read.
func checkObject(dec *json.Decoder, member string, depth int) error {
	free := member == "title" || member == "classes" // these have names of the writer's choice
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return fmt.Errorf("at byte %d: %v", dec.InputOffset(), err)
		}
		name, _ := token.(string)
		if seen[name] {
			return fmt.Errorf("at byte %d: member %q is given twice", dec.InputOffset(), name)
		}
		seen[name] = true
		if !free && !lowerCase(name) {
			return fmt.Errorf("at byte %d: unknown member %q", dec.InputOffset(), name)
		}
		if err := checkValue(dec, name, depth+1); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("at byte %d: %v", dec.InputOffset(), err)
	}
	return nil
}

// lowerCase reports whether s is small ASCII letters only, as all members are.
func lowerCase(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}
