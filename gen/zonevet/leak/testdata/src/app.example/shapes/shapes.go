// Package shapes has types that hold labelled data in every way.
package shapes

import (
	"sync/atomic"

	"app.example/people"
	"app.example/zones"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"

	"vendor.example/pb"
)

type (
	Pointer *people.Raw
	Slice   []people.Raw
	Array   [2]people.Raw
	Map     map[string]*people.Raw
	Chan    chan people.Raw
	Nested  struct {
		In struct{ deep []map[int]people.Raw }
	}
	Embedding  struct{ people.Raw }
	Box[T any] struct{ v T }
	Instance   Box[*people.Raw]
	Atomic     struct{ p atomic.Pointer[people.Raw] }
	Redefined  people.Raw
	Alias      = people.Raw
	Person     struct{ P *people.Person }
	Scalars    struct{ N []people.Nickname }
	Foreign    struct{ C *pb.Citizen }
	Closed     struct{ N []jp.IndividualNumber }
	Sealed     struct {
		S crypto.Sealed[zones.Ward, people.Raw]
	}
	Nothing struct {
		F func(people.Raw)
		I interface{ Get() people.Raw }
		A any
	}
	Phantom struct {
		C *zone.Crossing[people.Raw]
	}
)

type Recursive struct {
	zone.Home[zones.Ward]

	Name string `classify:"name"`
	Next *Recursive
	Kids map[string][]*Recursive
}

type Mutual struct{ P *Partner }

type Partner struct {
	zone.Home[zones.Ward]

	Name string `classify:"name"`
	M    Mutual
}
