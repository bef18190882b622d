// Package concurrency: goroutines that hand values over.
package concurrency

import (
	"log"
	"sync"

	"app.example/people"
)

func pipeline(ps []people.Person) {
	names := make(chan string)
	go produce(ps, names)
	for n := range names {
		log.Print(n) // want `people\.Person\.Name`
	}
}

func produce(ps []people.Person, out chan<- string) {
	defer close(out)
	for _, p := range ps {
		out <- p.Name
	}
}

func workers(ps []people.Person) {
	var wg sync.WaitGroup
	results := make([]string, len(ps))
	for i := range ps {
		wg.Go(func() { results[i] = ps[i].Name })
	}
	wg.Wait()
	log.Print(len(results))
	log.Print(results) // want `people\.Person\.Name`
}

func counted(ps []people.Person) {
	n := make(chan int)
	go func() {
		for _, p := range ps {
			n <- len(p.Name)
		}
		close(n)
	}()
	for x := range n {
		log.Print(x)
	}
}
