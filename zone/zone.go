package zone

import "github.com/sekisho-go/sekisho/crypto"

// Zone is the type of a place where data can be. The generated zones package
// has one empty struct per zone of the policy; ZoneName returns the zone's name
// in the policy file.
//
// A zone is used as a type argument. It must be a struct type, not a pointer
// or an interface: its methods are called on the zero value.
type Zone interface {
	// ZoneName returns the zone's name in the policy file.
	ZoneName() string
}

// Home says where a struct lives. Embedded in a labelled struct it takes no
// bytes and makes the struct, and a pointer to it, a value of [In][Z].
type Home[Z Zone] struct{}

func (Home[Z]) home(Z) {}

func (Home[Z]) labelled() {}

// Labelled is any value that lives in a zone, whichever. Code that must treat
// all labelled values alike, a logger or a test helper, recognises them by it.
//
// The interface is sealed: its method comes from [Home] only.
type Labelled interface{ labelled() }

// In is any value that lives in zone Z. What takes data out of memory into a
// zone (an endpoint, a parcel) takes In of that zone, so a value of another
// zone does not compile.
//
// The interface is sealed: its method comes from [Home] only.
type In[Z Zone] interface{ home(Z) }

// Refused is what a refusal embeds: the generated package has one interface
// per clause that forbids a road, named after it, and the method that would
// lead there takes that interface and returns nothing. No type declares the
// method, so a call with a crossing does not compile and the compiler's
// message names the clause.
type Refused interface{ refused() }

// Route is the type of a permitted direction between two zones. The generated
// zones package has one per route of the policy and none for a road that is
// closed.
//
// The interface is sealed: its unexported methods come from [Road] only.
type Route interface {
	// RouteName is the route's key in the policy: "ward→billing", or
	// "ward→billing (name)" where the policy names it.
	RouteName() string
	// FromZone returns the name of the zone that the route leaves.
	FromZone() string
	// ToZone returns the name of the zone that the route enters.
	ToZone() string

	road()
	openKeys(*crypto.Keyring) (from, to ownKeys)
}

// Leaving is a route out of zone Z: the one over which Z's data may be sealed
// and tokenised.
type Leaving[Z Zone] interface {
	Route
	from(Z)
}

// Entering is a route into zone Z: the one over which what was sealed in Z may
// be opened again.
type Entering[Z Zone] interface {
	Route
	to(Z)
}

// Road is the direction from one zone to another. It is embedded in generated
// route types and is what a crossing learns the two zones and their keys from.
type Road[From, To Zone] struct{}

// FromZone returns the name of the zone that the road leaves.
func (Road[From, To]) FromZone() string {
	var z From
	return z.ZoneName()
}

// ToZone returns the name of the zone that the road enters.
func (Road[From, To]) ToZone() string {
	var z To
	return z.ZoneName()
}

func (Road[From, To]) road() {}

func (Road[From, To]) from(From) {}

func (Road[From, To]) to(To) {}

// openKeys is the only place where a zone's type and its keys meet. It hangs
// on Road because only there both zone types are known; a Crossing keeps the
// typed pointers as any, and Seal, Open and Token assert them back.
func (Road[From, To]) openKeys(r *crypto.Keyring) (from, to ownKeys) {
	return keysOf[From](r), keysOf[To](r)
}

// ownKeys are the keys of one zone, or why there are none. That a process
// lacks the keys of a zone is no error until something needs them: the far
// side of a road has none of the near side's.
type ownKeys struct {
	typed any // *crypto.Keys[Z]
	err   error
}

func keysOf[Z Zone](r *crypto.Keyring) ownKeys {
	if r == nil {
		return ownKeys{}
	}
	k, err := crypto.KeysOf[Z](r)
	if err != nil {
		return ownKeys{err: err}
	}
	return ownKeys{typed: k}
}
