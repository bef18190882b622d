// Package sighted sees the policy.
package sighted // want `the policy fixture labels vendor\.example/pb\.Citizen, but package other\.example/blindly, which imports vendor\.example/pb, does not have it in sight: import _ "app\.example/zones" there`

import (
	_ "app.example/zones"

	"other.example/blindly"
)

func run() { blindly.Run() }
