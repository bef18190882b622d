package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/sekisho-go/sekisho/zone/policy"
)

func runVersion(c *call) int {
	if _, code, ok := c.parse(); !ok {
		return code
	}
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintf(c.Stdout, "sekisho %s, policy format %d, %s\n", version, policy.Format, runtime.Version())
	return fine
}
