// Package foreign: types that only the policy labels.
package foreign

import (
	"log"

	"app.example/blind"
	_ "app.example/zones"

	"vendor.example/pb"
)

func found(c *pb.Citizen) {
	log.Print(c.FullName)      // want `pb\.Citizen\.FullName \(name, class 3\)`
	log.Print(c.GetFullName()) // want `pb\.Citizen\.FullName`
	log.Print(c)               // want `pb\.Citizen\.FullName`
	blind.Note(c)              // want `pb\.Citizen\.FullName .* by way of blind\.Note, log\.Print`
	log.Print(blind.Name(c))   // want `pb\.Citizen\.FullName`
	log.Print(c.Village)
	blind.NoteVillage(c)
}
