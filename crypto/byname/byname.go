// Package byname gets keys by a zone's name in place of its type. It is for tools
// that serve every policy and cannot know the zone types of one, such as the
// command sekisho.
//
// It is a dangerous door: with it a program can open what it could not otherwise
// name, and no compile error says so. Applications have no use for it. The house
// rules of this module list who may import it.
package byname

import (
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/door"
)

// Zone stands for the zone that was named, in the types of keys and values.
type Zone = door.Zone

// Keys returns the keys of the zone of that name. Errors are those of
// [crypto.KeysOf].
func Keys(r *crypto.Keyring, zone string) (*crypto.Keys[Zone], error) {
	return crypto.KeysByName(r, door.NewPass(), zone)
}

// PublicKeys returns the public keys of the zone of that name. Errors are those of
// [crypto.PublicKeysOf].
func PublicKeys(r *crypto.Keyring, zone string) (*crypto.PublicKeys[Zone], error) {
	return crypto.PublicKeysByName(r, door.NewPass(), zone)
}
