// Package command is the sekisho command: it turns arguments into calls of
// the packages that do the work, and their results into text for people.
//
// Main takes its arguments and streams as values and returns the exit code,
// so that tests run the very command that users run.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

// Exit codes.
const (
	fine     = 0 // nothing to complain about
	findings = 1 // the command ran and found something
	failed   = 2 // the command could not run
)

// Process is what a command gets from the outside.
type Process struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dir            string           // working directory; the process's own when empty
	Env            []string         // environment
	Now            func() time.Time // the clock; time.Now when nil
}

// command is one sub-command.
type command struct {
	name  string
	args  string // as usage shows them
	short string
	run   func(*call) int
}

// commands is a function because help refers back to the list.
func commands() []command {
	return []command{
		{"init", "[-preset NAME] [-zones DIR]", "write a policy file and the zones package for this module", runInit},
		{"gen", "[-check] [-tags LIST] [-policy FILE] [PACKAGES]", "write views, crossings and refusals", runGen},

		{"check", "[PACKAGES]", "prove the policies and check that generated code is current", runCheck},
		{"explain", "[-policy FILE] TYPE [ZONE [PACKAGES]]", "say what happens to each field on the way to a zone, and why", runExplain},
		{"policy", "show|lint|prove|digest|compile [FILE|PRESET…], diff OLD NEW, schema, presets", "read, prove and compare policies", runPolicy},
		{"keys", "SUB-COMMAND [ARGUMENTS]", "look after keys: create, rotate, destroy, back up, restore", runKeys},
		{"parcel", "SUB-COMMAND [ARGUMENTS]", "look at parcels, open them, seal files", runParcel},
		{"scan", "[-patch] [PACKAGES]", "propose labels for a code base that has none", runScan},
		{"vet", "[-json] [-sarif FILE] [-baseline FILE [-update]] [-fix|-diff|-allowances] [-std] [-tags LIST] [PACKAGES]", "find what the types cannot keep from happening", runVet},
		{"version", "", "print the version", runVersion},
		{"help", "[COMMAND]", "print this text", runHelp},
	}
}

// call is one run of a sub-command.
type call struct {
	Process
	ctx   context.Context
	cmd   command
	flags *flag.FlagSet
	lang  *string
}

// Main runs the command and returns its exit code: 0 fine, 1 findings, 2 could
// not run.
func Main(ctx context.Context, p Process) int {
	if len(p.Args) == 0 {
		fmt.Fprint(p.Stderr, usage())
		return failed
	}
	name := p.Args[0]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	for _, cmd := range commands() {
		if cmd.name == name {
			return start(ctx, p, cmd).run()
		}
	}
	fmt.Fprintf(p.Stderr, "sekisho: there is no command %q; \"sekisho help\" lists them\n", p.Args[0])
	return failed
}

// start prepares a call. Sub-commands add flags of their own before parse.
func start(ctx context.Context, p Process, cmd command) *call {
	c := &call{Process: p, ctx: ctx, cmd: cmd, flags: flag.NewFlagSet("sekisho "+cmd.name, flag.ContinueOnError)}
	c.flags.SetOutput(p.Stderr)
	c.lang = c.flags.String("lang", "", "language of titles, ja or en; by default that of LANG")
	c.flags.Usage = func() {
		fmt.Fprintf(p.Stderr, "usage: sekisho %s %s\n\n%s.\n\n", cmd.name, cmd.args, capital(cmd.short))
		c.flags.PrintDefaults()
	}
	return c
}

func (c *call) run() int { return c.cmd.run(c) }

// parse reads the flags, which may stand before and between the arguments.
func (c *call) parse() (args []string, code int, ok bool) {
	rest := c.Args[1:]
	for {
		if err := c.flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, fine, false
			}
			return nil, failed, false
		}
		rest = c.flags.Args()
		if len(rest) == 0 {
			if lang := *c.lang; lang != "" && lang != "ja" && lang != "en" {
				return nil, c.misuse("-lang is ja or en, not %q", lang), false
			}
			return args, fine, true
		}
		args = append(args, rest[0])
		rest = rest[1:]
	}
}

// fail reports why the command could not run.
func (c *call) fail(err error) int {
	text := policyfile.Render(err)
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	fmt.Fprintf(c.Stderr, "sekisho %s: %s", c.cmd.name, text)
	return failed
}

// misuse reports wrong arguments.
func (c *call) misuse(format string, args ...any) int {
	fmt.Fprintf(c.Stderr, "sekisho %s: %s\nusage: %s\n", c.cmd.name, fmt.Sprintf(format, args...), strings.TrimSpace("sekisho "+c.cmd.name+" "+c.cmd.args))
	return failed
}

// language returns the language that titles are shown in.
func (c *call) language() string {
	if *c.lang != "" {
		return *c.lang
	}
	for _, name := range []string{"LC_ALL=", "LC_MESSAGES=", "LANG="} {
		for _, kv := range c.Env {
			if v, ok := strings.CutPrefix(kv, name); ok && v != "" {
				if strings.HasPrefix(v, "ja") {
					return "ja"
				}
				return "en"
			}
		}
	}
	return "en"
}

// dir returns the working directory.
func (c *call) dir() string {
	if c.Dir != "" {
		return c.Dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	return dir
}

func runHelp(c *call) int {
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	for _, cmd := range commands() {
		if len(args) > 0 && cmd.name == args[0] && cmd.name != "help" {
			p := c.Process
			p.Args = []string{cmd.name, "-h"}
			p.Stderr = c.Stdout
			return start(c.ctx, p, cmd).run()
		}
	}
	if len(args) > 0 && args[0] != "help" {
		return c.misuse("there is no command %q; \"sekisho help\" lists them", args[0])
	}
	fmt.Fprint(c.Stdout, usage())
	return fine
}

func usage() string {
	var b strings.Builder
	b.WriteString("sekisho keeps data in its zone: it generates the permitted crossings and says why others do not exist.\n\nusage: sekisho COMMAND [ARGUMENTS]\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(&b, "  %-8s %s\n", cmd.name, cmd.short)
	}
	b.WriteString("\nExit codes: 0 fine, 1 findings, 2 could not run. \"sekisho help COMMAND\" tells more.\n")
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
