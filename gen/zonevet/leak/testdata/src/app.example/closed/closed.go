// Package closed: what generated code closes, and where it cannot.
package closed

import (
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"log/slog"
	"os"

	"app.example/people"
	"app.example/zones"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/zone"
)

func whole(p *people.Person, ps []people.Person, f people.Family) {
	log.Print(p, *p, ps, f, []any{p}, map[string]*people.Person{"a": p})
	log.Printf("%v %+v %#v %s %d", p, p, p, p, p)
	slog.Info("person", "p", p, slog.Any("q", *p))
	fmt.Println(struct{ P people.Person }{*p})
	json.NewEncoder(os.Stdout).Encode(p)
	gob.NewEncoder(os.Stdout).Encode(*p)
}

type holder struct{ p people.Person }

type pointing struct{ p *people.Person }

func unexported(p *people.Person) {
	log.Print(holder{*p}) // want `people\.Person\.Birth .* and people\.Person\.Name, people\.Person\.Tags, people\.Person\.Amount and 1 more reach a log`
	log.Print(pointing{p})
	b, _ := json.Marshal(holder{*p})
	log.Print(b)
}

func verbs(p *people.Person) {
	log.Printf("%p", *p) // want `people\.Person\.`
	log.Printf("%w", p)  // want `people\.Person\.`
	log.Printf("%p", p)
	log.Printf("%T", *p)
	log.Printf("%*d %p", 3, 4, *p) // want `people\.Person\.`
}

// Raw has no generated code.
func raw(r *people.Raw) {
	log.Print(r)  // want `people\.Raw\.Name`
	log.Print(*r) // want `people\.Raw\.Name`
	log.Print(r.City)
	json.NewEncoder(os.Stdout).Encode(r) // want `people\.Raw\.Name .* reaches the output of the program`
	slog.Info("x", "r", r)               // want `people\.Raw\.Name`
	b, _ := xml.Marshal(r)
	fmt.Printf("%s", b) // want `people\.Raw\.Name`
	b, _ = json.Marshal(struct {
		City string
		r    *people.Raw
		S    *people.Raw `json:"-"`
	}{r.City, r, r})
	fmt.Printf("%s", b)
}

// by hand there is a method, and it shows what it shows.
type shown people.Raw

func (s shown) String() string { return s.City }

type bare people.Raw

func (b bare) String() string { return b.Name }

func byHand(r people.Raw) {
	log.Print(shown(r))
	log.Print(bare(r)) // want `Name`
}

func identifiers(p *people.Person, z classify.Zone) {
	log.Print(p.Number)
	log.Print(p.Number.Reveal(z)) // want `people\.Person\.Number \(individual-number, class 3\)`
	n, err := jp.ParseIndividualNumber("x")
	log.Print(n, err)
	log.Print(n.Reveal(z)) // want `jp\.IndividualNumber \(individual-number, class 3\)`
}

func crossed(p *people.Person, x *zone.Crossing[zones.WardToBilling]) {
	v, err := p.ToBilling(x)
	log.Print(v.Phone, err)
	log.Print(classify.Last4(p.Phone))
}

type page struct{}

// The zone's own endpoint takes what is of its zone.
func (page) Put(v zone.In[zones.Ward]) {}

func endpoint(p *people.Person) {
	page{}.Put(p)
}
