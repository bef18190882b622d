// Package generics: type parameters.
package generics

import (
	"fmt"
	"log"

	"app.example/helpers"
	"app.example/people"
)

type Box[T any] struct {
	v    T
	size int
}

func (b *Box[T]) Put(v T) { b.v = v }

func (b *Box[T]) Get() T { return b.v }

func box(p *people.Person) {
	var b Box[string]
	b.Put(p.Name)
	log.Print(b.Get()) // want `people\.Person\.Name`
	log.Print(b.size)
	var c Box[people.Raw]
	log.Print(c)            // want `people\.Raw\.Name`
	log.Print(c.Get().Name) // want `people\.Raw\.Name`
	log.Print(c.Get().City)
	var d Box[*people.Person]
	log.Print(d)
	log.Print(d.Get())
}

func Show[T any](v T) { fmt.Println(v) }

func First[T any](list ...T) T { return list[0] }

func Text[S ~string](s S) string { return string(s) }

func calls(p *people.Person, r people.Raw) {
	Show(p.Name) // want `people\.Person\.Name`
	Show(r)      // want `people\.Raw\.Name`
	Show(p)
	Show(p.City)
	log.Print(First("a", p.Name))            // want `people\.Person\.Name`
	log.Print(Text(people.Nickname(p.Name))) // want `people\.`
	log.Print(First(1, 2))
}

func mapped(ps []people.Person) {
	log.Print(helpers.Map(ps, func(p people.Person) string { return p.Name })) // want `people\.Person\.Name`
	log.Print(helpers.Map(ps, func(p people.Person) int { return len(p.Name) }))
}
