package crypto

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/sekisho-go/sekisho/crypto/internal/door"
)

// Zone is what a zone type is, seen from here: an empty struct that knows the
// zone's name. The generator writes zone types.
type Zone interface {
	// ZoneName returns the zone's name as the policy has it; it is asked of a
	// zero value.
	ZoneName() string
}

// Route is what a route type is, seen from here: an empty struct that knows the
// route's name. The generator writes route types.
type Route interface {
	// RouteName returns the route's name; it is asked of a zero value.
	RouteName() string
}

// Keys is the keys of zone Z. It is closed to fmt, slog and encoders, and code
// that cannot name Z cannot name its keys. Keys are made by [KeysOf]; the zero
// value holds no keys and every operation with it fails.
type Keys[Z Zone] struct {
	closed
	_ [0]*Z     // Keys of two zones do not convert into each other
	_ [0]func() // not comparable: == says nothing about the keys and would not be constant-time if it did
	z *zoneKeys
}

// KeysOf returns the keys of zone Z that are in force now. The error is a
// *[NoKeysError] when the keyring holds none, or public ones only, and a
// *[StaleError] when they are older than their grace ([WithRefresh]). It is
// called once for a crossing, not once for a record and not once for ever: what
// was rotated, retired or destroyed since is seen here.
func KeysOf[Z Zone](r *Keyring) (*Keys[Z], error) {
	z, err := r.zone(nameOf[Z]())
	if err != nil {
		return nil, err
	}
	return keys[Z](z)
}

// Primary returns the id of the key that makes what is new for the use, and
// false when there is none.
func (k *Keys[Z]) Primary(use Use) (id uint32, ok bool) {
	z := k.held()
	if z == nil || !use.valid() || !z.has(use) {
		return 0, false
	}
	return z.primary[z.holder(use)], true
}

// PublicKeys is the public keys of zone Z: what others need to seal for it and to
// verify what it signed. It is made by [PublicKeysOf]; the zero value holds no
// keys and every operation with it fails.
type PublicKeys[Z Zone] struct {
	closed
	_ [0]*PublicKeys[Z] // Keys do not convert into PublicKeys, nor, which would be worse, PublicKeys into Keys
	_ [0]func()
	z *zoneKeys
}

// PublicKeysOf returns the public keys of zone Z that are in force now: the public
// halves of its private keys where the keyring holds those, else the ones that were
// imported. Errors are those of [KeysOf].
func PublicKeysOf[Z Zone](r *Keyring) (*PublicKeys[Z], error) {
	z, err := r.zone(nameOf[Z]())
	if err != nil {
		return nil, err
	}
	return publicKeys[Z](z)
}

func keys[Z Zone](z *zoneKeys) (*Keys[Z], error) {
	if !z.private() {
		return nil, &NoKeysError{Zone: z.zone}
	}
	return &Keys[Z]{z: z}, nil
}

func publicKeys[Z Zone](z *zoneKeys) (*PublicKeys[Z], error) {
	if !z.public() {
		return nil, &NoKeysError{Zone: z.zone, Use: UseBoxPublic}
	}
	return &PublicKeys[Z]{z: z}, nil
}

// KeysByName and PublicKeysByName are for package byname: nobody else can make a
// door.Pass.
func KeysByName(r *Keyring, pass door.Pass, zone string) (*Keys[door.Zone], error) {
	if !pass.Issued() {
		return nil, &NoKeysError{Zone: zone}
	}
	z, err := r.zone(zone)
	if err != nil {
		return nil, err
	}
	return keys[door.Zone](z)
}

// PublicKeysByName is [KeysByName] for public keys.
func PublicKeysByName(r *Keyring, pass door.Pass, zone string) (*PublicKeys[door.Zone], error) {
	if !pass.Issued() {
		return nil, &NoKeysError{Zone: zone, Use: UseBoxPublic}
	}
	z, err := r.zone(zone)
	if err != nil {
		return nil, err
	}
	return publicKeys[door.Zone](z)
}

// Format prints the type and the zone for every verb.
func (k Keys[Z]) Format(s fmt.State, _ rune) { io.WriteString(s, k.GoString()) }

// GoString returns the type and the zone.
func (k Keys[Z]) GoString() string { return "keys(" + k.held().name(nameOf[Z]()) + ")" }

// LogValue logs the type and the zone.
func (k Keys[Z]) LogValue() slog.Value { return slog.StringValue(k.GoString()) }

// Primary returns the id of the key that the zone uses now for the use, which is
// [UseBoxPublic] or [UseVerify], and false when there is none.
func (k *PublicKeys[Z]) Primary(use Use) (id uint32, ok bool) {
	z := k.held()
	if z == nil || use != UseBoxPublic && use != UseVerify || !z.has(use) {
		return 0, false
	}
	return z.primary[z.holder(use)], true
}

// Format prints the type and the zone for every verb.
func (k PublicKeys[Z]) Format(s fmt.State, _ rune) { io.WriteString(s, k.GoString()) }

// GoString returns the type and the zone.
func (k PublicKeys[Z]) GoString() string { return "public-keys(" + k.held().name(nameOf[Z]()) + ")" }

// LogValue logs the type and the zone.
func (k PublicKeys[Z]) LogValue() slog.Value { return slog.StringValue(k.GoString()) }

// held returns the zone's keys, or nil when k is nil or the zero value.
func (k *PublicKeys[Z]) held() *zoneKeys {
	if k == nil {
		return nil
	}
	return k.z
}

// held returns the zone's keys, or nil when k is nil or the zero value.
func (k *Keys[Z]) held() *zoneKeys {
	if k == nil {
		return nil
	}
	return k.z
}

// name returns the zone's name: that of the type, or for keys that were asked for by
// name, that name.
func (z *zoneKeys) name(ofType string) string {
	if z == nil {
		return ofType
	}
	return z.zone
}

// nameOf returns the name of a zone type, empty when Z is an interface or a
// pointer type, which has no value that could be asked: its zero value is nil
// and calling a method on it panics.
func nameOf[Z Zone]() (name string) {
	defer func() {
		if recover() != nil {
			name = ""
		}
	}()
	var z Z
	return z.ZoneName()
}

// routeOf is nameOf for routes.
func routeOf[R Route]() (name string) {
	defer func() {
		if recover() != nil {
			name = ""
		}
	}()
	var r R
	return r.RouteName()
}
