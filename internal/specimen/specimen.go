// Package specimen holds the labelled record that promises are tested on: how
// fast a crossing is, how much it allocates, and that nothing prints a value
// of it. It is generated like anybody's code.
package specimen

import (
	"time"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
)

// Person has the eight fields by which crossings are measured: four that are
// encrypted, one token, one mask, one that is generalised and one that passes.
//
//zone:views lgwan internet
type Person struct {
	zone.Home[zones.MyNumber]

	InsuredNumber string    `classify:"insured-number,id"`
	Name          string    `classify:"name"`
	Kana          string    `classify:"name-kana"`
	Address       string    `classify:"address"`
	Account       string    `classify:"3B"`
	Phone         string    `classify:"phone"`
	BirthDate     time.Time `classify:"birth-date"`
	Municipality  string    `classify:"municipality"`
}

// Household holds records and closed identifiers in the ways that a leak could
// find them by.
//
//zone:views lgwan
type Household struct {
	zone.Home[zones.MyNumber]

	Number  jp.IndividualNumber `classify:"individual-number"`
	Head    Person
	Members []Person
	Spouse  *Person
	ByRole  map[string]Person `classify:"1"`
	Memo    string            `classify:"3B"`
}
