// Package vettool lets a program be the tool of go vet -vettool. The go command
// calls it once for its version, once for its flags and once for each package.
package vettool

import (
	"runtime/debug"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/sekisho-go/sekisho/gen/zonevet"
)

// Asked reports whether the arguments, without the program's name, are those
// that the go command gives to a vet tool: -V=full, -flags, or a configuration
// file *.cfg behind flags.
func Asked(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return args[0] == "-V=full" || args[0] == "-flags" ||
		strings.HasSuffix(args[len(args)-1], ".cfg") && (len(args) == 1 || strings.HasPrefix(args[0], "-"))
}

// gcPercent is how much garbage there may be, in percent of what is alive. The
// process lives for one package: with the usual 100 a quarter of its time would
// go into collecting what dies with it soon.
const gcPercent = 200

// Main analyzes what the arguments of the process name. It does not return.
func Main() {
	debug.SetGCPercent(gcPercent)
	unitchecker.Main(zonevet.Suite()...)
}
