package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/policy/presets"
)

// policyCommands are the sub-commands of "sekisho policy".
var policyCommands = map[string]func(*call, []string) int{
	"show": policyShow, "lint": policyLint, "prove": policyProve, "diff": policyDiff,
	"digest": policyDigest, "compile": policyCompile, "schema": policySchema, "presets": policyPresets,
}

func runPolicy(c *call) int {
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if len(args) == 0 {
		return c.misuse("which sub-command?")
	}
	run := policyCommands[args[0]]
	if run == nil {
		return c.misuse("there is no sub-command %q", args[0])
	}
	return run(c, args[1:])
}

// policies loads what the arguments name: files, or presets by their names;
// without any, the nearest policy file above the working directory.
func (c *call) policies(args []string) (names []string, list []*policy.Policy, err error) {
	if len(args) == 0 {
		file, err := policyfile.Find(c.dir())
		if err != nil {
			return nil, nil, err
		}
		args = []string{file}
	}
	for _, name := range args {
		p, err := c.policy(name)
		if err != nil {
			return nil, nil, err
		}
		names = append(names, c.rel(name))
		list = append(list, p)
	}
	return names, list, nil
}

func (c *call) policy(name string) (*policy.Policy, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir(), path)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && slices.Contains(presets.Names(), name) {
		return policyfile.LoadPreset(name)
	}
	return policyfile.Load(path)
}

// one loads the one policy that a sub-command is about.
func (c *call) one(args []string) (*policy.Policy, int) {
	if len(args) > 1 {
		return nil, c.misuse("one policy at a time")
	}
	_, list, err := c.policies(args)
	if err != nil {
		return nil, c.fail(err)
	}
	return list[0], fine
}

func policyProve(c *call, args []string) int {
	names, list, err := c.policies(args)
	if err != nil {
		return c.fail(err)
	}
	code := fine
	for i, p := range list {
		proof := p.Prove()
		if proof.OK() {
			fmt.Fprintf(c.Stdout, "%s: proved: %d classes and %d categories in %d zones, %d routes, %d decisions, %d states of which %d by compositions of routes; %s\n",
				names[i], proof.Classes, proof.Categories, proof.Zones, proof.Routes, proof.Decisions, proof.States, proof.Compositions, proof.Digest)
			continue
		}
		code = findings
		fmt.Fprintf(c.Stdout, "%s: not proved\n", names[i])
		c.findings(proof.Findings)
	}
	return code
}

func policyLint(c *call, args []string) int {
	names, list, err := c.policies(args)
	if err != nil {
		return c.fail(err)
	}
	code := fine
	for i, p := range list {
		if found := p.Lint(time.Now()); len(found) > 0 {
			code = findings
			fmt.Fprintf(c.Stdout, "%s:\n", names[i])
			c.findings(found)
		}
	}
	return code
}

// findings lists findings: what, where, the chain of routes that shows it, and
// the remedy.
func (c *call) findings(list []policy.Finding) {
	for _, f := range list {
		place := ""
		if !f.Pos.IsZero() {
			f.Pos.File = c.rel(f.Pos.File)
			place = f.Pos.String() + ": "
		}
		fmt.Fprintf(c.Stdout, "  %s%s: %s\n", place, f.Kind, f.Msg)
		if len(f.Witness) > 0 {
			fmt.Fprintf(c.Stdout, "    witness: %s\n", f.Chain())
		}
		if all := strings.Join(f.Subjects, ", "); all != "" && !strings.Contains(f.Msg, all) {
			fmt.Fprintf(c.Stdout, "    true of: %s\n", all)
		}
		if f.Clause != "" {
			fmt.Fprintf(c.Stdout, "    clause: %s\n", f.Clause)
		}
		if f.Remedy != "" {
			fmt.Fprintf(c.Stdout, "    remedy: %s\n", f.Remedy)
		}
	}
}

func policyDiff(c *call, args []string) int {
	if len(args) != 2 {
		return c.misuse("wanted two policies, the old one and the new one")
	}
	_, list, err := c.policies(args)
	if err != nil {
		return c.fail(err)
	}
	changes := policy.Diff(list[0], list[1])
	for _, change := range changes {
		mark := " "
		if change.Opens {
			mark = "!"
		}
		fmt.Fprintln(c.Stdout, mark, change)
	}
	if len(changes) == 0 {
		return fine
	}
	opens := 0
	for _, change := range changes {
		if change.Opens {
			opens++
		}
	}
	fmt.Fprintf(c.Stdout, "%d changes, %d of them (!) open something and want approval\n", len(changes), opens)
	return findings
}

func policyDigest(c *call, args []string) int {
	p, code := c.one(args)
	if p != nil {
		fmt.Fprintln(c.Stdout, p.Digest())
	}
	return code
}

func policyCompile(c *call, args []string) int {
	p, code := c.one(args)
	if p != nil {
		fmt.Fprintf(c.Stdout, "%s\n", p.Encode())
	}
	return code
}

func policySchema(c *call, args []string) int {
	if len(args) > 0 {
		return c.misuse("unexpected argument %q", args[0])
	}
	c.Stdout.Write(policyfile.Schema())
	return fine
}

func policyPresets(c *call, args []string) int {
	if len(args) > 0 {
		return c.misuse("unexpected argument %q", args[0])
	}
	for _, name := range presets.Names() {
		fmt.Fprintln(c.Stdout, name)
	}
	return fine
}

// policyShow prints what is in force once presets and overlays are in.
func policyShow(c *call, args []string) int {
	p, code := c.one(args)
	if p == nil {
		return code
	}
	fmt.Fprintf(c.Stdout, "%s", p.Name)
	if p.Edition != "" {
		fmt.Fprintf(c.Stdout, ", edition %s", p.Edition)
	}
	fmt.Fprintf(c.Stdout, ", %s\nclasses, lowest first: %s\n\n", p.Digest(), strings.Join(p.Classes, " < "))
	c.zones(p)
	c.categories(p)
	c.algorithms(p)
	c.keys(p)
	c.vet(p)
	for i := range p.Routes {
		c.route(p, &p.Routes[i])
	}
	if len(p.Closed) > 0 {
		fmt.Fprintln(c.Stdout, "\nclosed by name; so is every road that is not above:")
	}
	for _, closed := range p.Closed {
		fmt.Fprintf(c.Stdout, "  %s→%s, clause %s: %s\n", closed.From, closed.To, closed.Clause, c.title(closed.Title))
	}
	return fine
}

// zones lists the zones and what may be in them.
func (c *call) zones(p *policy.Policy) {
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "zone\tholds\tcarries sealed\ttitle")
	for i := range p.Zones {
		z, _ := p.Zone(p.Zones[i].Name)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", z.Name, z.Holds, z.CarriesClass(), c.title(z.Title))
	}
	t.Flush()
}

// categories lists the names that a label can say, beside the classes.
func (c *call) categories(p *policy.Policy) {
	if len(p.Categories) == 0 {
		return
	}
	fmt.Fprintln(c.Stdout)
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "category\tclass\tmask\tgeneralise\tstays in\tguessable\ttitle")
	for i := range p.Categories {
		k, _ := p.Category(p.Categories[i].Name)
		guessable := ""
		if k.Guessable {
			guessable = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Name, k.Class, dash(k.Mask), dash(k.Generalise), dash(k.Stays), dash(guessable), c.title(k.Title))
	}
	t.Flush()
}

// algorithms lists what is permitted, and until when.
func (c *call) algorithms(p *policy.Policy) {
	a := p.AlgorithmsInForce()
	if a == nil {
		fmt.Fprintln(c.Stdout, "\nalgorithms: all, without an end")
		return
	}
	source := ""
	if a.Source != "" {
		source = ", by " + a.Source
	}
	fmt.Fprintf(c.Stdout, "\nalgorithms%s\n", source)
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "algorithm\tmakes new until\tis used until\tclause")
	for _, v := range a.Listed {
		produce, consume, listed := a.Until(v.Name)
		if !listed {
			fmt.Fprintf(t, "%s\tnot listed\ta part is not\t%s\n", v.Name, dash(v.Clause))
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", v.Name, lastDay(produce), lastDay(consume), dash(v.Clause))
	}
	t.Flush()
}

// lastDay is the day of an end, in the words of a table.
func lastDay(end time.Time) string {
	if end.IsZero() {
		return "no end"
	}
	return end.Format(time.DateOnly)
}

// keys lists the uses of keys, of what they are and how long they serve.
func (c *call) keys(p *policy.Policy) {
	if p.AlgorithmsInForce() == nil && len(p.KeysInForce().Periods) == 0 && p.KeysInForce().Box == policy.BoxX25519 {
		return
	}
	periods := map[string]policy.Period{}
	for _, v := range p.KeysInForce().Periods {
		periods[v.Use] = v
	}
	fmt.Fprintln(c.Stdout)
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "keys\tof algorithm\tmake new for\tare used for")
	for _, use := range policy.KeyUses() {
		v := periods[use]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", use, p.KeyAlgorithm(use), dash(v.Produce), dash(v.Consume))
	}
	t.Flush()
}

// vet lists the ceilings of sinks and what the analyzer is told, where the
// policy says anything.
func (c *call) vet(p *policy.Policy) {
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	defer t.Flush()
	title := "\nsink\ttakes at most\n"
	for _, name := range policy.SinkClasses() {
		if class, at := p.SinkCeiling(name); !at.IsZero() {
			fmt.Fprintf(t, "%s%s\t%s\n", title, name, class)
			title = ""
		}
	}
	t.Flush()
	if !tellsAnalyzer(p) {
		return
	}
	v := p.VetInForce()
	fmt.Fprintf(t, "\nanalyzer\tfunction\tsays\n")
	for _, s := range v.Sources {
		fmt.Fprintf(t, "source\t%s\tlabel %s\n", s, s.Label)
	}
	for _, s := range v.Sinks {
		fmt.Fprintf(t, "sink\t%s\tto %s\n", s, s.To())
	}
	for _, s := range v.Propagators {
		fmt.Fprintf(t, "propagator\t%s\t-\n", s)
	}
	for _, s := range v.Cleaners {
		fmt.Fprintf(t, "cleaner\t%s\tas %s: %s\n", s, s.As, s.Reason)
	}
	for _, s := range []struct {
		what string
		by   *policy.Switch
	}{{"tests leak", v.Tests.Leak}, {"tests literal", v.Tests.Literal}, {"strict", v.Strict}} {
		word := "off"
		if s.by.On {
			word = "on"
		}
		fmt.Fprintf(t, "%s\t%s\n", s.what, word)
	}
	fmt.Fprintf(t, "budgets\t%d steps in a function, %d in a package\n", v.Budgets.Function, v.Budgets.Package)
}

// tellsAnalyzer reports whether a policy, or one that it is met with, has
// something to say to the analyzer.
func tellsAnalyzer(p *policy.Policy) bool {
	return p.Vet != nil || slices.ContainsFunc(p.Overlays, tellsAnalyzer)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// route shows a road: what it asks for, its rules, and those of each overlay
// that has a say in it.
func (c *call) route(p *policy.Policy, own *policy.Route) {
	r, open := p.Route(own.From, own.To, own.Name)
	if !open {
		fmt.Fprintf(c.Stdout, "\n%s\n  closed by an overlay\n", c.road(own))
		return
	}
	fmt.Fprintf(c.Stdout, "\n%s\n", c.road(r))
	c.evidence(r)
	c.rules(own)
	for _, q := range p.Overlays {
		for i := range q.Routes {
			if o := &q.Routes[i]; o.Key() == own.Key() {
				fmt.Fprintf(c.Stdout, "  and, where it is stricter, by %s\n", q.Name)
				c.rules(o)
			}
		}
	}
}

func (c *call) rules(r *policy.Route) {
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	for _, rule := range r.Rules {
		line := rule.Category + "\t" + rule.Action.String()
		if rule.Category == "" {
			line = "class " + rule.Class + "\t" + rule.Action.String()
		}
		if rule.As != "" {
			line += "\tas " + rule.As
		}
		if rule.With != "" {
			line += "\twith " + rule.With
		}
		fmt.Fprintf(t, "  %s\n", line)
	}
	t.Flush()
}

func runCheck(c *call) int {
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	cfg := c.config(args)
	files, err := gen.PolicyFiles(c.ctx, cfg)
	if err != nil {
		return c.fail(err)
	}
	code = policyProve(c, files)
	if code == failed {
		return code
	}
	return max(code, c.generate(cfg, true))
}
