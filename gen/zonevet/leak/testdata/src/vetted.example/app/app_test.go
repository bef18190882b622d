package app

import (
	"log"
	"testing"

	"vetted.example/data"
)

func TestX(t *testing.T) { show(t, &data.Patient{Name: "x"}) }

func show(t *testing.T, p *data.Patient) {
	log.Print(p.Name) // want `data\.Patient\.Name`
	t.Log(p.Name)
}
