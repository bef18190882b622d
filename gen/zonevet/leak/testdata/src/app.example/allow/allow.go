// Package allow: findings that are accepted.
package allow

import (
	"log"

	"app.example/people"
)

func line(p *people.Person) {
	log.Print(p.Name) //zone:allow leak the persons of the demo are made up
	//zone:allow leak the persons of the demo are made up
	log.Print(p.Name)
	log.Print(p.Name) // want `people\.Person\.Name`
	//zone:allow leak nothing is found below // want `this allows a finding of leak, but there is none`
	log.Print(p.City)
}

// whole prints persons that are made up.
//
//zone:allow leak the persons of the demo are made up
func whole(p *people.Person) {
	log.Print(p.Name)
	log.Print(p.Phone)
}

func long(p *people.Person) {
	//zone:allow leak the persons of the demo are made up
	log.Print(
		"a",
		p.Name,
	)
	//zone:allow leak only for the condition // want `this allows a finding of leak, but there is none`
	if p.City != "" {
		log.Print(p.Name) // want `people\.Person\.Name`
	}
}
