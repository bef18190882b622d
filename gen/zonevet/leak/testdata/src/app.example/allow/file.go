//zone:allow leak this whole file prints persons that it made up

package allow

import (
	"log"

	"app.example/people"
)

func everything(p *people.Person) {
	log.Print(p.Name)
	if p.City != "" {
		log.Print(p.Phone)
	}
}
