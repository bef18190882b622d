// Package blindly uses a type that only the policy labels, and does not see it.
package blindly

import (
	"log"

	"vendor.example/pb"
)

func read() *pb.Citizen { return nil }

func Run() { log.Print(read().FullName) }
