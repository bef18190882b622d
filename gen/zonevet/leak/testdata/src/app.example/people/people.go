// Package people has the labelled types of the fixtures.
package people

import (
	"time"

	"app.example/zones"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/zone"
)

// Person has code generated for it.
type Person struct {
	zone.Home[zones.Ward]

	Name   string              `classify:"name"`
	Phone  string              `classify:"phone"`
	Birth  time.Time           `classify:"birth-date"`
	Amount int64               `classify:"amount"`
	Number jp.IndividualNumber `classify:"individual-number"`
	Tags   []string            `classify:"name"`
	City   string              `classify:"1"`
}

// Raw has none: nothing closes it.
type Raw struct {
	zone.Home[zones.Ward]

	Name string `classify:"name"`
	City string `classify:"1"`
}

// Statistic may show nothing of a person.
type Statistic struct {
	zone.Home[zones.Ward]

	City  string `classify:"1"`
	Phone string `classify:"phone"`
}

// Family holds people.
type Family struct {
	zone.Home[zones.Ward]

	Head    Person
	Members []*Person
}

// Nickname is a labelled scalar.
//
//classify:label name
type Nickname string

// FullName is an accessor.
func (p *Person) FullName() string { return "Dr. " + p.Name }

// Town is an accessor of nothing secret.
func (p *Person) Town() string { return p.City }

// First returns a name by a named result.
func (f *Family) First() (name string, ok bool) {
	name = f.Head.Name
	return name, true
}
