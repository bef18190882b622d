package crypto

import (
	"fmt"
	"io"
	"log/slog"
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

// KeysOf returns the keys of zone Z. The error is a *[NoKeysError] when the
// keyring holds none. It is called once for a crossing, not once for a record.
func KeysOf[Z Zone](r *Keyring) (*Keys[Z], error) {
	zone := nameOf[Z]()
	if r == nil || r.zones[zone] == nil {
		return nil, &NoKeysError{Zone: zone}
	}
	return &Keys[Z]{z: r.zones[zone]}, nil
}

// Format prints the type and the zone for every verb.
func (k Keys[Z]) Format(s fmt.State, _ rune) { io.WriteString(s, k.GoString()) }

// GoString returns the type and the zone.
func (k Keys[Z]) GoString() string { return "keys(" + nameOf[Z]() + ")" }

// LogValue logs the type and the zone.
func (k Keys[Z]) LogValue() slog.Value { return slog.StringValue(k.GoString()) }

// held returns the zone's keys, or nil when k is nil or the zero value.
func (k *Keys[Z]) held() *zoneKeys {
	if k == nil {
		return nil
	}
	return k.z
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
