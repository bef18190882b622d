// Package interfaces: interfaces of the module, errors, methods that print.
package interfaces

import (
	"errors"
	"fmt"
	"log"

	"app.example/helpers"
	"app.example/people"
)

type store interface{ Put(name string) }

type logging struct{}

func (logging) Put(name string) { log.Print(name) }

type memory struct{ names []string }

func (m *memory) Put(name string) { m.names = append(m.names, name) }

func any1(s store, p *people.Person) {
	s.Put(p.Name) // want `people\.Person\.Name .* by way of`
	s.Put(p.City)
}

func only(p *people.Person) {
	var s store = &memory{}
	s.Put(p.Name)
}

func imported(s helpers.Sayer, p *people.Person) {
	s.Say(p.Name) // want `people\.Person\.Name`
	s.Say("hello")
	var m helpers.Sayer = helpers.Mute{}
	m.Say(p.Name)
}

func wrapped(p *people.Person) error {
	if p.Name == "" {
		return errors.New("no name")
	}
	err := fmt.Errorf("no letter for %s", p.Name) // want `people\.Person\.Name .* reaches an error`
	log.Print(err)                                // once is enough
	return err
}

func helped(p *people.Person) error {
	return helpers.Wrap(p.Name) // want `people\.Person\.Name .* reaches an error.* by way of helpers\.Wrap, fmt\.Errorf`
}

type badValue struct {
	Field string
	Value string
}

func (e *badValue) Error() string { return "bad " + e.Field + ": " + e.Value }

type badField struct {
	Field string
	Value string
}

func (e *badField) Error() string { return "bad " + e.Field }

func custom(p *people.Person) {
	var err error = &badValue{"name", p.Name}
	log.Print(err)         // want `people\.Person\.Name`
	log.Print(err.Error()) // want `people\.Person\.Name`
	err = &badField{"name", p.Name}
	log.Print(err)
	log.Print(err.Error())
	var bad *badField
	if errors.As(err, &bad) {
		log.Print(bad.Field)
	}
}

type secret string

func (secret) String() string { return "***" }

type open string

func (o open) String() string { return "<" + string(o) + ">" }

func stringers(p *people.Person) {
	log.Print(secret(p.Name))
	log.Print(open(p.Name)) // want `people\.Person\.Name`
	var s fmt.Stringer = open(p.Name)
	log.Print(s.String()) // want `people\.Person\.Name`
	s = secret(p.Name)
	log.Print(s.String())
}

func panics(p *people.Person) {
	defer func() { recover() }()
	panic("bad name: " + p.Name) // want `people\.Person\.Name .* reaches a panic`
}

func panicsQuietly(p *people.Person) {
	panic(p)
}
