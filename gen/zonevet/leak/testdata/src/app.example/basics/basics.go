// Package basics: locals, fields, overwriting, dead code, numbers.
package basics

import (
	"fmt"
	"log"
	"strconv"
	"strings"
	"time"

	"app.example/people"
)

func local(p *people.Person) {
	name := p.Name
	log.Println(name) // want `people\.Person\.Name \(name, class 3\) reaches a log, whose ceiling is class 1: log the record itself`
}

func copied(p people.Person) {
	q := p
	r := &q
	log.Print("x" + r.Name + "y") // want `people\.Person\.Name`
}

func branches(p *people.Person, b bool) {
	s := "nobody"
	if b {
		s = p.Name
	}
	log.Print(s) // want `people\.Person\.Name`
}

func loops(ps []people.Person) {
	all := ""
	for _, p := range ps {
		all += p.Name + ","
	}
	log.Print(all) // want `people\.Person\.Name`
}

type row struct {
	name  string
	count int
	inner struct{ phone string }
}

func fields(p *people.Person) {
	r := row{name: p.Name, count: 1}
	r.inner.phone = p.Phone
	log.Print(r.count)
	log.Print(r.name)        // want `people\.Person\.Name`
	log.Print(r.inner.phone) // want `people\.Person\.Phone`
	log.Print(r)             // want `people\.Person\.Name .* and people\.Person\.Phone reach`
}

func numbers(p *people.Person) {
	log.Print(p.Amount)                             // want `people\.Person\.Amount \(amount, class 2\)`
	log.Print(p.Amount * 100)                       // want `people\.Person\.Amount`
	log.Print(strconv.FormatInt(p.Amount, 10))      // want `people\.Person\.Amount`
	log.Print(p.Birth)                              // want `people\.Person\.Birth`
	log.Print("born " + p.Birth.Format("2006"))     // want `people\.Person\.Birth`
	log.Print(strings.ToUpper(fmt.Sprint(p.Birth))) // want `people\.Person\.Birth`
}

func sums(ps []people.Person) {
	var sum int64
	for _, p := range ps {
		sum += p.Amount
	}
	log.Print(sum, sum/int64(len(ps)))
}

func quiet(p *people.Person, now time.Time) {
	log.Print(len(p.Name), p.Name == "", p.Name < "m", p.Birth.Before(now), strings.Contains(p.Name, "x"))
	log.Print(p.City, p.Town())
	log.Printf("%T %p", p, p)
	log.Printf("%T", p.Name)
}

func overwritten(p people.Person) {
	p.Name = "(removed)"
	log.Print(p.Name)
	name := p.Phone
	name = "none"
	log.Print(name)
}

func overwrittenOnOneWay(p people.Person, b bool) {
	if b {
		p.Name = "(removed)"
	}
	log.Print(p.Name) // want `people\.Person\.Name`
}

func overwrittenLater(p people.Person) {
	log.Print(p.Name) // want `people\.Person\.Name`
	p.Name = ""
}

func filledFromAFile(cells []string) {
	p := people.Person{Name: cells[0]}
	log.Print(p.Name) // want `people\.Person\.Name`
}

const debug = false

func dead(p *people.Person) {
	if debug {
		log.Print(p.Name)
	}
	return
	log.Print(p.Name)
}

func namedScalar(n people.Nickname) {
	log.Print(n)         // want `people\.Nickname \(name, class 3\)`
	log.Print(string(n)) // want `people\.Nickname`
	log.Print(len(n))
}

func literal() {
	const nobody people.Nickname = "nobody"
	log.Print(nobody)
}

// The error of a parser quotes what it could not parse.
func parseError(p *people.Person) {
	_, err := strconv.Atoi(p.Phone)
	log.Print(err) // want `people\.Person\.Phone`
}

// Known miss: text taken apart into numbers.
func digits(p *people.Person) {
	n, _ := strconv.Atoi(p.Phone)
	log.Print(n)
}

// A conversion to a type without labels takes them along.
type plain struct {
	Name string
	City string
}

func converted(r people.Raw) {
	type bare people.Raw
	b := bare(r)
	log.Print(b.Name) // want `\.Name`
	log.Print(b.City)
}
