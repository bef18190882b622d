// Package functions: helpers, accessors, closures, defer, go, function values,
// method values, iterators.
package functions

import (
	"errors"
	"iter"
	"log"
	"os"
	"slices"
	"strings"
	"sync"

	"app.example/helpers"
	"app.example/people"
)

func throughHelpers(p *people.Person) {
	helpers.Log(p.Name)                   // want `people\.Person\.Name .* by way of helpers\.Log, log\.Println at helpers/helpers\.go:11`
	helpers.Logf("%s", p.Name)            // want `people\.Person\.Name`
	helpers.Deep(p.Name)                  // want `by way of helpers\.Deep, helpers\.deeper, helpers\.Log, log\.Println`
	log.Print(helpers.Upper(p.Name))      // want `people\.Person\.Name`
	log.Print(helpers.Recurse(2, p.Name)) // want `people\.Person\.Name`
	a, b := helpers.Pair(p.Name, "x")
	log.Print(a)
	log.Print(b) // want `people\.Person\.Name`
	helpers.Log(p)
	helpers.Logf("%v", p)
	log.Print(helpers.Size(p.Name))
	helpers.Log(p.City)
}

func accessors(p *people.Person, f *people.Family) {
	log.Print(p.FullName()) // want `people\.Person\.Name .*, read at people/people\.go:\d+,`
	name, ok := f.First()
	log.Print(ok)
	log.Print(name) // want `people\.Person\.Name`
	log.Print(p.Town())
}

func setters(p *people.Person) {
	var b helpers.Box
	b.Set(p.Name)
	log.Print(b.Get()) // want `people\.Person\.Name`
	log.Print(b.GetNote())
	log.Print(b.Note)
}

func writers(p *people.Person) {
	helpers.Emit(os.Stdout, p.Name) // want `people\.Person\.Name .* reaches the output of the program`
	var b strings.Builder
	helpers.Emit(&b, p.Name)
	log.Print(b.Len())
	log.Print(b.String()) // want `people\.Person\.Name`
}

func closures(p *people.Person) {
	name := p.Name
	func() {
		log.Print(name) // want `people\.Person\.Name`
	}()
	defer func() {
		log.Print(name) // want `people\.Person\.Name`
	}()
	go log.Print(name) // want `people\.Person\.Name`
	count := 0
	inc := func() { count++ }
	inc()
	log.Print(count)
	say := func(s string) { log.Print(s) }
	say(name) // want `people\.Person\.Name`
	say(p.City)
}

func captured(p *people.Person) {
	var kept string
	keep := func() { kept = p.Name }
	keep()
	log.Print(kept) // want `people\.Person\.Name`
}

func later(p *people.Person) {
	var once sync.Once
	once.Do(func() {
		log.Print(p.Name) // want `people\.Person\.Name`
	})
	get := sync.OnceValue(func() string { return p.Name })
	log.Print(get()) // want `people\.Person\.Name`
}

func functionValues(p *people.Person, loud bool) {
	f := quietly
	if loud {
		f = loudly
	}
	f(p.Name) // want `people\.Person\.Name`
	g := p.FullName
	log.Print(g()) // want `people\.Person\.Name`
	h := (*people.Person).FullName
	log.Print(h(p)) // want `people\.Person\.Name`
	table[0](p.Name)
	hook(p.Name) // want `people\.Person\.Name`
}

func loudly(s string) { log.Print(s) }

func quietly(string) {}

// Known miss: functions in tables are not told apart from those nobody knows.
var table = []func(string){loudly}

var hook = loudly

func callbacks(ps []people.Person) {
	var names []string
	for _, p := range ps {
		names = append(names, p.Name)
	}
	helpers.Each(names, func(s string) { log.Print(s) }) // want `people\.Person\.Name`
	helpers.Each(names, func(s string) { log.Print(len(s)) })
	slices.ContainsFunc(names, func(s string) bool {
		log.Print(s) // want `people\.Person\.Name`
		return false
	})
	helpers.Each(names, helpers.Deep) // want `people\.Person\.Name`
	for _, n := range names {
		defer loudly(n) // want `people\.Person\.Name`
	}
	eachName(ps, func(s string) { log.Print(s) }) // want `people\.Person\.Name`
}

func eachName(ps []people.Person, f func(string)) {
	for _, p := range ps {
		f(p.Name)
	}
}

func iterators(ps []people.Person) {
	for name := range all(ps) {
		log.Print(name) // want `people\.Person\.Name`
	}
	for range all(ps) {
		log.Print("one more")
	}
	for i, p := range slices.All(ps) {
		log.Print(i)
		log.Print(p.Name) // want `people\.Person\.Name`
	}
	var kept []string
	for name := range all(ps) {
		kept = append(kept, name)
	}
	log.Print(kept) // want `people\.Person\.Name`
}

func all(ps []people.Person) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, p := range ps {
			if !yield(p.Name) {
				return
			}
		}
	}
}

func named(p *people.Person) (s string, err error) {
	defer func() {
		if s != "" {
			err = errors.New("x")
		}
	}()
	s = p.Name
	return
}

func useNamed(p *people.Person) {
	s, err := named(p)
	log.Print(err)
	log.Print(s) // want `people\.Person\.Name`
}

func even(n int, s string) string {
	if n == 0 {
		return s
	}
	return odd(n-1, s)
}

func odd(n int, s string) string { return even(n-1, s) }

func mutual(p *people.Person) {
	log.Print(even(4, p.Name)) // want `people\.Person\.Name`
	log.Print(even(4, p.City))
}

func pong(n int, s string) string { return ping(n, s) }
