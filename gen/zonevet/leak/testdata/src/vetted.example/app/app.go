// Package app uses them.
package app

import (
	"log"
	"os"
	"sort"

	"vetted.example/data" // want `the policy names vetted\.example/data\.Gone`
)

func sources(db data.DB) {
	name, err := db.Name(3)
	log.Print(err)
	log.Print(name) // want `data\.DB\.Name \(name, class 3\) reaches a log`
	buf := make([]byte, 10)
	n := data.Fill(buf)
	log.Print(n)
	log.Print(string(buf)) // want `data\.Fill \(name, class 3\) reaches a log`
}

func sinks(p *data.Patient, s *data.Sample) {
	data.Ship("there", p.Name) // want `data\.Patient\.Name .* reaches a cloud service`
	data.Ship(p.Name, "there")
	data.PrintInWard(p.Name)
	data.PrintInWard(s.Donor) // want `data\.Sample\.Donor \(name, class 3\) reaches an endpoint of zone ward, but lives in lab`
}

func propagators(p *data.Patient) {
	log.Print(data.OpaqueJoin("a", p.Name)) // want `data\.Patient\.Name .* reaches a log`
	log.Print(data.OpaqueJoin("a", p.Room))
}

func cleaners(p *data.Patient) {
	log.Print(data.Initials(p.Name))
	log.Print(data.Initials(p.Number))   // want `data\.Patient\.Number \(number, class 3\) reaches a log`
	log.Print(data.Half(p.Name, ""))     // want `data\.Patient\.Name \(name, class 2\) reaches a log`
	log.Print(data.Half(p.Room, p.Name)) // want `data\.Patient\.Name \(name, class 3\) reaches a log`
	p.Name = data.Initials(p.Name)
	log.Print(p.Name)
}

func strict(p *data.Patient, f func(string)) {
	f(p.Room)
	g := os.ExpandEnv
	g(p.Name)                      // want `data\.Patient\.Name .* reaches code that is not analyzed`
	sort.Strings([]string{p.Name}) // want `data\.Patient\.Name .* reaches code that is not analyzed, and the policy is strict`
	sort.Strings([]string{p.Room})
}
