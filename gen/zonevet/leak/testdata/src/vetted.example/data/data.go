// Package data has functions that the policy knows.
package data // want `the policy names vetted\.example/data\.Gone in its section vet:, but package vetted\.example/data has no such function`

import (
	"vetted.example/zones"

	"github.com/sekisho-go/sekisho/zone"
)

type Patient struct {
	zone.Home[zones.Ward]

	Name   string `classify:"name"`
	Number string `classify:"number"`
	Room   string `classify:"1"`
}

type Sample struct {
	zone.Home[zones.Lab]

	Donor string `classify:"name"`
}

type DB struct{}

func (DB) Name(id int) (string, error) { return "", nil }

func Fill(buf []byte) int { return 0 }

func Ship(where, what string) {}

func PrintInWard(text string) {}

func OpaqueJoin(a, b string) string { return call(a, b) }

var call func(a, b string) string

func Initials(name string) string { return name[:1] }

func Half(name, rest string) string { return name[:len(name)/2] + rest }
