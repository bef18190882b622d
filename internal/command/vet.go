package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/sekisho-go/sekisho/gen/zonevet/driver"
)

// vetFlags are the flags of "sekisho vet".
type vetFlags struct {
	json, fix, diff, update, allowances, std bool
	sarif, baseline                          string
}

func runVet(c *call) int {
	var f vetFlags
	c.flags.BoolVar(&f.json, "json", false, "write the findings as JSON")
	c.flags.StringVar(&f.sarif, "sarif", "", "write the findings as SARIF 2.1.0 into `FILE`, too; - is standard output")
	c.flags.BoolVar(&f.fix, "fix", false, "write the suggested fixes into the files")
	c.flags.BoolVar(&f.diff, "diff", false, "show the suggested fixes as a patch and write nothing")
	c.flags.StringVar(&f.baseline, "baseline", "", "report only what this `FILE` does not know")
	c.flags.BoolVar(&f.update, "update", false, "with -baseline: make the file if there is none, else take out what is gone")
	c.flags.BoolVar(&f.allowances, "allowances", false, "list what //zone:allow accepts, with reason and age, and report nothing")
	c.flags.BoolVar(&f.std, "std", false, "run the checks of go vet itself as well")
	tags := c.flags.String("tags", "", "comma-separated build tags to load the packages with")
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if msg := f.misused(); msg != "" {
		return c.misuse("%s", msg)
	}
	tool, err := os.Executable()
	if err != nil {
		return c.fail(err)
	}
	cfg := driver.Config{Dir: c.dir(), Env: c.Env, Patterns: args, Tags: *tags, Tool: tool, Std: f.std}
	switch {
	case f.allowances:
		return c.listAllowances(cfg)
	case f.fix || f.diff:
		shown, err := driver.Fix(c.ctx, cfg, f.diff, c.Stdout, c.Stderr)
		if err != nil {
			return c.vetFailed(err)
		}
		if shown {
			return findings
		}
		return fine
	}
	return c.runChecks(cfg, f)
}

// misused says what is wrong with the flags together.
func (f vetFlags) misused() string {
	reports := f.json || f.sarif != "" || f.baseline != ""
	switch {
	case f.update && f.baseline == "":
		return "-update is for -baseline FILE"
	case f.allowances && (reports || f.fix || f.diff || f.std):
		return "-allowances lists allowances and goes with -tags only"
	case (f.fix || f.diff) && reports:
		return "-fix and -diff report nothing: run them apart from -json, -sarif and -baseline"
	case f.json && f.sarif == "-":
		return "-json and -sarif - both write to standard output"
	}
	return ""
}

// vetFailed shows what the go command said, as it said it.
func (c *call) vetFailed(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		fmt.Fprintf(c.Stderr, "sekisho vet: go vet could not run\n%s", e.Output)
		return failed
	}
	return c.fail(err)
}

// runChecks runs the checks and reports.
func (c *call) runChecks(cfg driver.Config, f vetFlags) int {
	found, err := driver.Run(c.ctx, cfg)
	if err != nil {
		return c.vetFailed(err)
	}
	code := fine
	if f.baseline != "" {
		if code, err = c.baseline(cfg, f, found); err != nil {
			return c.vetFailed(err)
		}
	}
	if f.sarif != "" {
		if err := c.writeSARIF(cfg, f, found); err != nil {
			return c.vetFailed(err)
		}
	}
	switch {
	case f.json:
		if err := driver.WriteJSON(c.Stdout, found); err != nil {
			return c.fail(err)
		}
	case f.sarif != "-":
		driver.WriteText(c.Stdout, found)
	}
	if driver.New(found) > 0 {
		return findings
	}
	return code
}

// baseline compares findings with a file of known ones, which it makes and makes
// smaller when it is told to. That it has what is gone is a finding: it would let
// the same back in.
func (c *call) baseline(cfg driver.Config, f vetFlags, found []*driver.Finding) (int, error) {
	name := c.path(f.baseline)
	b, err := driver.ReadBaseline(name)
	if driver.NoBaseline(err) && f.update {
		b = driver.NewBaseline(found)
		b.Mark(found)
		fmt.Fprintf(c.Stderr, "sekisho vet: made %s with %d findings\n", c.rel(name), b.Len())
		return fine, b.Write(name)
	}
	if driver.NoBaseline(err) {
		return failed, fmt.Errorf("there is no baseline %s: make it with -update", c.rel(name))
	}
	if err != nil {
		return failed, err
	}
	b.Mark(found)
	packages, err := driver.Packages(c.ctx, cfg)
	if err != nil {
		return failed, err
	}
	gone := b.Gone(found, packages)
	if len(gone) == 0 {
		return fine, nil
	}
	if f.update {
		before := b.Len()
		b.Shrink(found, packages)
		fmt.Fprintf(c.Stderr, "sekisho vet: %s had %d findings and has %d\n", c.rel(name), before, b.Len())
		return fine, b.Write(name)
	}
	for _, line := range gone {
		fmt.Fprintf(c.Stderr, "%s: no longer found: %s\n", c.rel(name), line)
	}
	fmt.Fprintf(c.Stderr, "sekisho vet: run it with -update, so that these do not come back unseen\n")
	return findings, nil
}

// path is a path as the user gave it, from the working directory.
func (c *call) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir(), name)
}

func (c *call) writeSARIF(cfg driver.Config, f vetFlags, found []*driver.Finding) error {
	allowances, err := driver.Allowances(c.ctx, cfg)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return driver.WriteSARIF(w, found, allowances, f.baseline != "") }
	if f.sarif == "-" {
		return write(c.Stdout)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return os.WriteFile(c.path(f.sarif), b.Bytes(), 0o644)
}

// listAllowances writes the allowances as a table.
func (c *call) listAllowances(cfg driver.Config) int {
	list, err := driver.Allowances(c.ctx, cfg)
	if err != nil {
		return c.fail(err)
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 8, 2, ' ', 0)
	for _, a := range list {
		age := a.Age(now())
		if age == "" {
			age = "-"
		}
		fmt.Fprintf(w, "%s:%d\t%s\t%s\t%s\n", a.Place.File, a.Place.Line, a.Check, age, a.Reason)
	}
	if err := w.Flush(); err != nil {
		return c.fail(err)
	}
	return fine
}
