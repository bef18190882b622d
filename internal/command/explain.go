package command

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/internal/nearest"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func runExplain(c *call) int {
	file := c.flags.String("policy", "", "policy file for all packages, instead of the nearest sekisho.yaml above each")
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if len(args) == 0 {
		return c.misuse("which type?")
	}
	name, zone := args[0], ""
	if len(args) > 1 {
		zone = args[1]
	}
	cfg := c.config(args[min(2, len(args)):])
	cfg.Policy = *file
	plans, err := gen.Plans(c.ctx, cfg)
	if err != nil {
		return c.fail(err)
	}
	found := 0
	for _, p := range plans {
		if ds := gen.Diagnostics(p); len(ds) > 0 {
			fmt.Fprint(c.Stderr, gen.Render(c.dir(), ds))
			return findings
		}
		if _, known := p.Policy.Zone(zone); zone != "" && !known {
			continue
		}
		for _, pkg := range p.Packages {
			for _, r := range pkg.Records {
				if matches(r, name) {
					c.explainRecord(p.Policy, r, zone)
					found++
				}
			}
		}
	}
	if found == 0 {
		return c.fail(notFound(plans, name, zone))
	}
	return fine
}

// notFound says what there is instead of the type, or of the zone.
func notFound(plans []*plan.Plan, name, zone string) error {
	var types, zones []string
	for _, p := range plans {
		for _, pkg := range p.Packages {
			for _, r := range pkg.Records {
				if matches(r, name) {
					for _, z := range p.Policy.Zones {
						zones = append(zones, z.Name)
					}
				}
				if strings.Contains(name, ".") {
					types = append(types, pkg.Name+"."+r.Name)
				} else {
					types = append(types, r.Name)
				}
			}
		}
	}
	if len(zones) > 0 {
		slices.Sort(zones)
		return fmt.Errorf("the policy of %s has no zone %q: the zones are %s", name, zone, strings.Join(slices.Compact(zones), ", "))
	}
	remedy := "say package.Type, as in insured.Insured"
	if len(types) == 0 {
		remedy = "there is none in these packages; one embeds zone.Home[...]"
	} else if near := nearest.Word(name, types); near != "" {
		remedy = "did you mean " + near + "?"
	}
	return fmt.Errorf("no labelled type is called %s: %s", name, remedy)
}

// matches reports whether a type is meant by a name: the bare name, the name
// with its package, or with its import path.
func matches(r *plan.Record, name string) bool {
	full := r.QualifiedName()
	return name == r.Name || name == full || strings.HasSuffix(full, "/"+name)
}

// explainRecord says for one zone, or for each, how the type gets there.
func (c *call) explainRecord(p *policy.Policy, r *plan.Record, zone string) {
	for _, x := range r.Crossings {
		if zone == "" || x.Route.To == zone {
			c.explainCrossing(p, x)
		}
	}
	for _, ret := range r.Returns {
		if zone == "" || ret.Route.To == zone {
			c.explainReturn(p, ret)
		}
	}
	for _, ref := range r.Refusals {
		if zone == "" || ref.To.Name == zone {
			fmt.Fprintf(c.Stdout, "%s in %s does not reach %s: %s\n", r.Name, r.Home.Name, ref.To.Name, ref.Why)
			if ref.Clause != "" {
				fmt.Fprintf(c.Stdout, "  clause %s; a call of %s does not compile and names zones.%s\n", ref.Clause, ref.Method, ref.Type)
			}
			fmt.Fprintln(c.Stdout)
		}
	}
}

// road names a route with its clause and its title.
func (c *call) road(r *policy.Route) string {
	s := r.Key()
	if r.Clause != "" {
		s += ", clause " + r.Clause
	}
	if t := c.title(r.Title); t != "" {
		s += ": " + t
	}
	return s
}

// title picks the language that the user reads, or what there is.
func (c *call) title(t policy.Text) string {
	if s := t[c.language()]; s != "" {
		return s
	}
	if s := t["en"]; s != "" {
		return s
	}
	return t["ja"]
}

func (c *call) explainCrossing(p *policy.Policy, x *plan.Crossing) {
	fmt.Fprintf(c.Stdout, "%s by %s.%s becomes %s\n  %s\n", x.From.Name, x.From.Name, x.Method, x.View.Name, c.road(x.Route))
	c.evidence(x.Route)
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  field\tlabel\taction\tbecomes\twhy")
	for _, m := range x.Moves {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", m.From.Name, label(p, m.From), m.Action, becomes(p, m), why(m))
	}
	t.Flush()
	fmt.Fprintln(c.Stdout)
}

// evidence says what a crossing must show.
func (c *call) evidence(r *policy.Route) {
	var need []string
	if r.Require.Principal {
		need = append(need, "a principal")
	}
	if r.Require.MFA {
		need = append(need, "more than one factor")
	}
	if len(r.Require.Purpose) > 0 {
		need = append(need, "the purpose "+strings.Join(r.Require.Purpose, " or "))
	}
	if n := r.Require.Approvals; n > 0 {
		need = append(need, fmt.Sprintf("%d approval(s)", n))
	}
	if len(need) > 0 {
		fmt.Fprintf(c.Stdout, "  needs %s\n", strings.Join(need, ", "))
	}
	if r.Limit != nil {
		fmt.Fprintf(c.Stdout, "  at most %d records per %s\n", r.Limit.Records, r.Limit.Per)
	}
	if r.Until != "" {
		fmt.Fprintf(c.Stdout, "  open until %s\n", r.Until)
	}
}

func label(p *policy.Policy, f *plan.Field) string {
	if !f.Labelled {
		return "(its own)"
	}
	return strings.Join(append(append([]string{}, f.Label.Categories...), p.Scale().Name(f.Label.Class)), ", ")
}

func becomes(p *policy.Policy, m *plan.Move) string {
	switch {
	case m.Action >= classify.ActionDrop:
		return "-"
	case !m.From.Labelled:
		return "(by its own labels)"
	}
	class := p.Scale().Name(m.Decision.Result.Class)
	if m.Action == classify.ActionEncrypt {
		return "sealed at " + class
	}
	if m.Func != nil {
		return class + " by " + m.Func.Name
	}
	return class
}

func why(m *plan.Move) string {
	if m.Why != "" && m.Why != m.Decision.Why {
		return m.Why
	}
	s := m.Decision.Why
	if at := rulePlace(m.Decision); at != "" {
		s += " (" + at + ")"
	}
	return s
}

// rulePlace is where the rule that decided stands.
func rulePlace(d policy.Decision) string {
	if d.Rule == nil || d.Rule.Pos.IsZero() {
		return ""
	}
	pos := d.Rule.Pos
	if i := strings.LastIndexByte(pos.File, '/'); i >= 0 {
		pos.File = pos.File[i+1:]
	}
	return pos.String()
}

func (c *call) explainReturn(p *policy.Policy, ret *plan.Return) {
	fmt.Fprintf(c.Stdout, "%s by %s.%s comes back as %s\n  %s\n", ret.View.Name, ret.View.Name, ret.Method, ret.Into.Name, c.road(ret.Route))
	c.evidence(ret.Route)
	t := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  field\tlabel\tcomes from\twhy")
	for _, rs := range ret.Restore {
		from := map[plan.Origin]string{plan.FromKept: "the record that stayed", plan.FromView: "the view", plan.FromGroup: "the seal", plan.Hidden: "nowhere"}[rs.From]
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", rs.Into.Name, label(p, rs.Into), from, rs.Why)
	}
	t.Flush()
	fmt.Fprintln(c.Stdout)
}
