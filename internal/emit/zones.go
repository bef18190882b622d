package emit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Zones writes the package that holds the zones, routes, purposes and
// refusals of a policy, and the compiled policy itself. It depends on nothing
// but the policy.
func Zones(p *policy.Policy, importPath, name string) ([]byte, error) {
	if err := distinct(p); err != nil {
		return nil, err
	}
	f := newFile(importPath, name, importPath, p, nil)
	for i := range p.Zones {
		f.zoneType(&p.Zones[i])
	}
	for i := range p.Routes {
		f.routeType(&p.Routes[i])
	}
	f.purposes()
	f.refusals()
	f.compiled()
	doc := fmt.Sprintf("Package %s holds the zones of the policy %q", name, p.Name)
	if p.Edition != "" {
		doc += ", edition " + p.Edition
	}
	return f.render(wrapComment(doc + ": where data may be, the permitted routes between these places, and the compiled policy that a border enforces."))
}

// distinct reports two parts of a policy that would have one name in Go.
func distinct(p *policy.Policy) error {
	was := map[string]string{"Open": "the function Open", "Policy": "the function Policy", "PolicyDigest": "the constant PolicyDigest"}
	var errs []error
	add := func(name, what, remedy string) {
		if other, ok := was[name]; ok {
			errs = append(errs, fmt.Errorf("the zones package cannot declare %s for %s: it is the name of %s; %s", name, what, other, remedy))
			return
		}
		was[name] = what
	}
	for i := range p.Zones {
		z := &p.Zones[i]
		add(z.Go, "the zone "+z.Name, "give the zone another name in Go (go:)")
	}
	for i := range p.Routes {
		add(goname.RouteType(p, &p.Routes[i]), "the route "+p.Routes[i].Key(), "give a zone another name in Go (go:), or the route another name")
	}
	for _, u := range p.Purposes {
		add("Purpose"+goname.Camel(u.Name), "the purpose "+u.Name, "rename one of the two")
	}
	return errors.Join(errs...)
}

// wrapComment wraps text that becomes one comment.
func wrapComment(s string) string {
	return "// " + strings.ReplaceAll(wrap(s), "\n", "\n// ")
}

// titled puts the titles of a policy entry in brackets behind its name.
func titled(t policy.Text) string {
	var langs, parts []string
	for l := range t {
		langs = append(langs, l)
	}
	slices.Sort(langs)
	for _, l := range langs {
		parts = append(parts, t[l])
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

func (f *file) zoneType(z *policy.Zone) {
	holds := fmt.Sprintf("It holds data up to class %s", z.Holds)
	if c := z.CarriesClass(); c != z.Holds {
		holds += fmt.Sprintf(" in clear and up to class %s sealed", c)
	}
	f.decl(fmt.Sprintf("%s is the zone %s%s. %s.", z.Go, z.Name, titled(z.Title), holds), jen.Type().Id(z.Go).Struct())
	f.decl("ZoneName returns "+quote(z.Name)+".",
		jen.Func().Params(jen.Id(z.Go)).Id("ZoneName").Params().String().Block(jen.Return(jen.Lit(z.Name))))
}

func quote(s string) string { return `"` + s + `"` }

func (f *file) routeType(r *policy.Route) {
	name := goname.RouteType(f.policy, r)
	from, _ := f.policy.Zone(r.From)
	to, _ := f.policy.Zone(r.To)
	doc := fmt.Sprintf("%s is the route %s%s", name, r.Key(), titled(r.Title))
	if r.Clause != "" {
		doc += ", clause " + r.Clause
	}
	if r.Until != "" {
		doc += ", open until " + r.Until
	}
	f.decl(doc+".", jen.Type().Id(name).Struct(jen.Qual(zonePath, "Road").Types(jen.Id(from.Go), jen.Id(to.Go))))
	f.decl("RouteName returns "+quote(r.Key())+".",
		jen.Func().Params(jen.Id(name)).Id("RouteName").Params().String().Block(jen.Return(jen.Lit(r.Key()))))
}

func (f *file) purposes() {
	if len(f.policy.Purposes) == 0 {
		return
	}
	var defs []jen.Code
	for _, p := range f.policy.Purposes {
		name := "Purpose" + goname.Camel(p.Name)
		defs = append(defs,
			jen.Comment(fmt.Sprintf("// %s is the purpose %s%s.", name, p.Name, titled(p.Title))),
			jen.Id(name).Qual(zonePath, "Purpose").Op("=").Lit(p.Name))
	}
	f.decl("The purposes for which data may cross.", jen.Const().Defs(defs...))
}

// refusals writes one interface for each clause and for each pair of zones
// without a route. Nobody can implement them, so a method that wants one
// cannot be called, and the compile error shows its name.
func (f *file) refusals() {
	docs := map[string]string{}
	var names []string
	add := func(name, doc string) {
		if _, ok := docs[name]; !ok {
			names = append(names, name)
			docs[name] = doc
		}
	}
	for _, clause := range clauses(f.policy) {
		add(goname.RefusedByClause(clause), "a way that clause "+clause+" of the written policy does not permit")
	}
	for i := range f.policy.Zones {
		for j := range f.policy.Zones {
			from, to := &f.policy.Zones[i], &f.policy.Zones[j]
			if i != j && !f.routed(from, to) {
				add(goname.RefusedNoRoute(from, to), fmt.Sprintf("the missing way from %s to %s: the policy has no route there and no clause that says why", from.Name, to.Name))
			}
		}
	}
	for i := range f.policy.Routes {
		if r := &f.policy.Routes[i]; r.Clause == "" {
			add(goname.RefusedOnRoute(f.policy, r), "a record that may not take the route "+r.Key())
		}
	}
	for _, name := range names {
		f.decl(fmt.Sprintf("%s stands for %s. No value of it exists.", name, docs[name]),
			jen.Type().Id(name).Interface(jen.Qual(zonePath, "Refused")))
	}
}

// routed reports whether the policy says something about the way between two
// zones: a route, or a clause that closes it.
func (f *file) routed(from, to *policy.Zone) bool {
	if closed, ok := f.policy.ClosedRoad(from.Name, to.Name); ok && closed.Clause != "" {
		return true
	}
	return slices.ContainsFunc(f.policy.RoutesFrom(from.Name), func(r *policy.Route) bool { return r.To == to.Name })
}

// clauses returns every clause that the policy mentions, sorted.
func clauses(p *policy.Policy) []string {
	var out []string
	for _, q := range append([]*policy.Policy{p}, p.Overlays...) {
		for _, r := range q.Routes {
			out = append(out, r.Clause)
			for _, rule := range r.Rules {
				out = append(out, rule.Clause)
			}
		}
		for _, c := range q.Closed {
			out = append(out, c.Clause)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(c string) bool { return c == "" })
}

// compiled writes the policy as a constant and the function that opens a
// border under it.
func (f *file) compiled() {
	f.decl("PolicyDigest identifies the compiled policy.", jen.Const().Id("PolicyDigest").Op("=").Lit(f.policy.Digest()))
	f.decl("policyJSON is the compiled policy in its canonical form.", jen.Const().Id("policyJSON").Op("=").Op(rawString(string(f.policy.Encode()))))
	f.decl("Policy returns the compiled policy.", jen.Func().Id("Policy").Params().Qual(zonePath, "Compiled").Block(
		jen.Return(jen.Qual(zonePath, "Compiled").Values(jen.Dict{
			jen.Id("JSON"):   jen.Id("policyJSON"),
			jen.Id("Digest"): jen.Id("PolicyDigest"),
		}))))
	f.decl("Open returns a border that enforces the policy. The options give it keys, an audit log and, where there is one, a stricter overlay.",
		jen.Func().Id("Open").Params(jen.Id("opts").Op("...").Qual(zonePath, "Option")).Params(jen.Op("*").Qual(zonePath, "Border"), jen.Error()).Block(
			jen.Return(jen.Qual(zonePath, "OpenBorder").Call(jen.Id("Policy").Call(), jen.Id("opts").Op("...")))))
}

// rawString writes a long string so that a person can read it in a diff.
func rawString(s string) string {
	if strings.ContainsAny(s, "`\r") {
		return fmt.Sprintf("%q", s)
	}
	return "`" + s + "`"
}
