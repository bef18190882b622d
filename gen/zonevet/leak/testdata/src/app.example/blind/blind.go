// Package blind has no policy in sight.
package blind

import (
	"log"

	"vendor.example/pb"
)

func Note(c *pb.Citizen) { log.Print(c.FullName) }

func NoteVillage(c *pb.Citizen) { log.Print(c.Village) }

func Name(c *pb.Citizen) string { return c.FullName }
