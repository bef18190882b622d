// Package tests: records of tests are made up.
package tests

import (
	"log"

	"app.example/people"
)

func found(p *people.Person) {
	log.Print(p.Name) // want `people\.Person\.Name`
}
