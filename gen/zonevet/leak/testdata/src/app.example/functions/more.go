package functions

import (
	"log"

	"app.example/people"
)

func ping(n int, s string) string {
	if n == 0 {
		return s
	}
	return pong(n-1, s)
}

func acrossFiles(p *people.Person) {
	log.Print(pong(3, p.Name)) // want `people\.Person\.Name`
	log.Print(pong(3, p.City))
}
