// Kouki is a later-stage-elderly medical care union in miniature, and the main
// job of this module on real-shaped input: a file of insured persons as a
// municipality delivers it goes through the three zones of a Japanese local
// government, on embedded defaults.
//
//	go run ./examples/kouki [-n 10000] [-seed 1] [-keep DIR]
//
// What happens:
//
//  1. A municipality's file is made (synthetic persons, CP932, some rows bad).
//  2. The My Number zone reads it, sets bad rows aside and holds the others.
//  3. Each person crosses to the LGWAN zone twice: for the premium levy, in a
//     sealed parcel, and by the road for mailings.
//  4. Letters come back as undeliverable: new addresses return to the My
//     Number zone.
//  5. The LGWAN zone reckons a statistic, which crosses to the internet zone.
//  6. Three attempts are refused while running, and two more cannot even be
//     compiled.
//
// All persons are made up. No value of a labelled field is printed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/term"
)

// options are what the command line says.
type options struct {
	persons int
	seed    uint64
	keep    string // folder for the files of the My Number zone; a temporary one by default
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(start(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// start parses the arguments and runs the example. The result is the exit
// code: 0 fine, 1 something went otherwise than it should, 2 could not run.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("kouki", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.persons, "n", 10_000, "how many persons the municipality delivers")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the synthetic persons")
	flags.StringVar(&o.keep, "keep", "", "folder to keep the files of the My Number zone in; a temporary one by default")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if o.persons < 1 || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "kouki: wanted -n of at least 1 and no further arguments")
		return 2
	}
	if err := run(ctx, o, stdout, newProgress(stderr)); err != nil {
		fmt.Fprintln(stderr, "kouki:", err)
		return 1
	}
	return 0
}

// progress is a line on a terminal that says how far the work is; into a pipe
// it writes nothing.
type progress struct{ w io.Writer }

func newProgress(w io.Writer) progress {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return progress{io.Discard}
	}
	return progress{w}
}

// every is how many persons pass between two updates of the line.
const every = 1000

func (p progress) at(what string, n, of int) {
	if n%every == 0 {
		fmt.Fprintf(p.w, "\r\x1b[K%s: %d of %d", what, n, of)
	}
}

func (p progress) done() { fmt.Fprint(p.w, "\r\x1b[K") }
