package command

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sekisho-go/sekisho/gen"
)

func runGen(c *call) int {
	check := c.flags.Bool("check", false, "write nothing; report files that are not current and exit with 1")
	tags := c.flags.String("tags", "", "comma-separated build tags to load the packages with")
	file := c.flags.String("policy", "", "policy file for all packages, instead of the nearest sekisho.yaml above each")
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	cfg := c.config(args)
	cfg.Policy = *file
	if *tags != "" {
		cfg.Tags = strings.Split(*tags, ",")
	}
	return c.generate(cfg, *check)
}

// config is the generator's configuration for packages.
func (c *call) config(patterns []string) gen.Config {
	return gen.Config{Dir: c.dir(), Patterns: patterns, Env: c.Env}
}

// generate runs the generator and writes its files, or says which are stale.
func (c *call) generate(cfg gen.Config, check bool) int {
	res, err := gen.Generate(c.ctx, cfg)
	if err != nil {
		return c.fail(err)
	}
	if len(res.Diagnostics) > 0 {
		fmt.Fprint(c.Stderr, gen.Render(c.dir(), res.Diagnostics))
		return findings
	}
	if check {
		stale, err := res.Stale()
		if err != nil {
			return c.fail(err)
		}
		for _, f := range stale {
			fmt.Fprintf(c.Stdout, "%s is not what the policy and the labels say; run: %s\n", c.rel(f.Path), strings.Join(append([]string{"sekisho gen"}, cfg.Patterns...), " "))
		}
		if len(stale) > 0 {
			return findings
		}
		return fine
	}
	written, err := res.Write()
	if err != nil {
		return c.fail(err)
	}
	for _, f := range written {
		verb := "wrote"
		if f.Content == nil {
			verb = "removed"
		}
		fmt.Fprintln(c.Stdout, verb, c.rel(f.Path))
	}
	return fine
}

// rel shortens a path for people.
func (c *call) rel(path string) string {
	if rel, err := filepath.Rel(c.dir(), path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}
