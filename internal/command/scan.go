package command

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/gen/zonevet/driver"
	"github.com/sekisho-go/sekisho/gen/zonevet/scan"
	"github.com/sekisho-go/sekisho/internal/policyfile"
)

func runScan(c *call) int {
	patch := c.flags.Bool("patch", false, "write the proposals as a patch of struct tags, for git apply")
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	files, err := driver.Files(c.ctx, driver.Config{Dir: c.dir(), Env: c.Env, Patterns: args})
	if err != nil {
		return c.fail(err)
	}
	s := scan.New(c.known(args))
	var all []scan.Proposal
	diffs := ""
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			return c.fail(err)
		}
		var found []scan.Proposal
		if filepath.Ext(name) == ".sql" {
			found = s.SQL(c.rel(name), string(src))
		} else if found = s.File(c.rel(name), src); *patch {
			diffs += scan.Patch(c.rel(name), src, scan.Tagged(src, found))
		}
		all = append(all, found...)
	}
	if *patch {
		fmt.Fprint(c.Stdout, diffs)
		return fine
	}
	scan.Sort(all)
	w := tabwriter.NewWriter(c.Stdout, 0, 8, 2, ' ', 0)
	for _, p := range all {
		fmt.Fprintf(w, "%s:%d\t%s.%s\t%s\t%s\n", p.File, p.Line, p.Owner, p.Field, p.Category, p.Why)
	}
	if err := w.Flush(); err != nil {
		return c.fail(err)
	}
	fmt.Fprintf(c.Stderr, "sekisho scan: %d proposals; judge each, and see sekisho scan -patch\n", len(all))
	return fine
}

// known are the categories that the policies have which the packages are under; nil
// where there is no policy yet.
func (c *call) known(patterns []string) []string {
	files, err := gen.PolicyFiles(c.ctx, gen.Config{Dir: c.dir(), Patterns: patterns, Env: c.Env})
	if err != nil {
		return nil
	}
	var names []string
	for _, file := range files {
		p, err := policyfile.Load(file)
		if err != nil {
			return nil
		}
		for _, category := range p.Categories {
			names = append(names, category.Name)
		}
	}
	return names
}
