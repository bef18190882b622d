package tests

import (
	"log"
	"testing"

	"app.example/people"
)

func TestQuiet(t *testing.T) {
	p := &people.Person{Name: "nobody"}
	log.Print(p.Name)
	t.Log(p.Name)
	//zone:allow leak the check does not look here, so that this is not unused
	found(p)
}
