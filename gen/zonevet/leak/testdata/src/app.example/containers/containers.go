// Package containers: slices, maps, arrays, channels, holders.
package containers

import (
	"container/list"
	"context"
	"log"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"app.example/people"
)

func slice(p *people.Person) {
	s := []string{"a"}
	s = append(s, p.Name)
	log.Print(s[0])                 // want `people\.Person\.Name`
	log.Print(strings.Join(s, ",")) // want `people\.Person\.Name`
	log.Print(len(s), cap(s))
}

func labelledSlice(p *people.Person) {
	log.Print(p.Tags)    // want `people\.Person\.Tags`
	log.Print(p.Tags[1]) // want `people\.Person\.Tags`
}

func array(p *people.Person) {
	var a [2]string
	a[1] = p.Name
	log.Print(a) // want `people\.Person\.Name`
}

func mapValues(p *people.Person) {
	m := map[string]string{}
	m["name"] = p.Name
	for k, v := range m {
		log.Print(k)
		log.Print(v) // want `people\.Person\.Name`
	}
	log.Print(m["name"]) // want `people\.Person\.Name`
	if v, ok := m["x"]; ok {
		log.Print(v) // want `people\.Person\.Name`
	}
}

func mapKeys(p *people.Person) {
	m := map[string]int{p.Name: 1}
	for k, n := range m {
		log.Print(n)
		log.Print(k) // want `people\.Person\.Name`
	}
	for k := range maps.Keys(m) {
		log.Print(k) // want `people\.Person\.Name`
	}
	log.Print(slices.Sorted(maps.Keys(m))) // want `people\.Person\.Name`
	for _, k := range slices.Collect(maps.Keys(m)) {
		log.Print(k) // want `people\.Person\.Name`
	}
	log.Print(len(m))
}

func counters(ps []people.Person) {
	n := map[string]int{}
	for _, p := range ps {
		n[p.City]++
	}
	log.Print(n)
}

func channel(p *people.Person) {
	c := make(chan string, 1)
	c <- p.Name
	log.Print(<-c) // want `people\.Person\.Name`
	select {
	case v := <-c:
		log.Print(v) // want `people\.Person\.Name`
	case c <- "x":
	}
	log.Print(len(c))
}

func channelOfPeople(c chan people.Person) {
	for p := range c {
		log.Print(p.Name) // want `people\.Person\.Name`
		log.Print(p)
	}
}

func values(p *people.Person) {
	ctx := context.WithValue(context.Background(), "k", p.Name)
	log.Print(ctx.Value("k")) // want `people\.Person\.Name`
	var m sync.Map
	m.Store("k", p.Name)
	v, _ := m.Load("k")
	log.Print(v) // want `people\.Person\.Name`
	var a atomic.Value
	a.Store(p.Name)
	log.Print(a.Load()) // want `people\.Person\.Name`
	var ptr atomic.Pointer[string]
	ptr.Store(&p.Name)
	log.Print(*ptr.Load()) // want `people\.Person\.Name`
	pool := sync.Pool{}
	pool.Put(p.Name)
	log.Print(pool.Get()) // want `people\.Person\.Name`
	l := list.New()
	l.PushBack(p.Name)
	log.Print(l.Front().Value) // want `people\.Person\.Name`
}

func cleanValues(p *people.Person) {
	ctx := context.WithValue(context.Background(), "k", p)
	log.Print(ctx.Value("k")) // the record itself prints its label
	var m sync.Map
	m.Store("k", p.City)
	v, _ := m.Load("k")
	log.Print(v)
}

type cache struct {
	mu    sync.Mutex
	names map[string]string
	hits  int
}

func (c *cache) put(p *people.Person) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names[p.City] = p.Name
	c.hits++
}

func useCache(p *people.Person) {
	c := &cache{names: map[string]string{}}
	c.put(p)
	log.Print(c.hits)
	log.Print(c.names["x"]) // want `people\.Person\.Name`
}

var last string

func remember(p *people.Person) { last = p.Name }

func recall() {
	log.Print(last) // want `people\.Person\.Name`
}

// Known miss: one method keeps it, another prints it, and nobody calls both.
type store struct{ byName map[string]int }

func (s *store) keep(p *people.Person) { s.byName[p.Name]++ }

func (s *store) dump() {
	for name := range s.byName {
		log.Print(name)
	}
}

func both(s *store, p *people.Person) {
	s.keep(p)
	s.dump() // want `people\.Person\.Name`
}
