package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/sekisho-go/sekisho/zone/policy"
)

func runVersion(c *call) int {
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if len(args) > 0 {
		return c.misuse("unexpected argument %q", args[0])
	}
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintf(c.Stdout, "sekisho %s, policy format %d, %s\n", version, policy.Format, runtime.Version())
	return fine
}
