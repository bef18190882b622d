package leak

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/flow"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// About describes the check.
var About = &check.Check{
	ID:       "ZN1001",
	Name:     "leak",
	Title:    "report labelled data on its way out of the program by a sink that may not have it",
	Severity: check.Error,
	CWE:      "CWE-532",
	Why: `A zone keeps data by its types: nothing takes a record out of memory that is not an endpoint of its zone.
A field of it is text, though, and text goes anywhere: into a log that is shipped to another zone, into an error
that a user sees, into a file, a query, the arguments of a program. The check follows the data from the labelled
field through variables, containers, closures and functions, also those of other packages, to such a sink, and
compares its class with the ceiling that the policy gives the sink (the lowest class where it says nothing).`,
	Bad: `func greet(p *insured.Insured) error {
	log.Printf("greeting %s", p.Name)
	return fmt.Errorf("no letter for %s", p.Name)
}`,
	Good: `func greet(p *insured.Insured) error {
	log.Printf("greeting %v", p) // prints insured.Insured(mynumber, 3B)
	return fmt.Errorf("no letter for record %d", row)
}`,
	Remedy: `Say what happened without the value: give the record itself, which prints its type, zone and class; a count, a row,
a token. Where the data is meant to go out, let it cross to a view, or use an endpoint of its zone.`,
	Allow: `Where the value is none (it is made up, or known to all), say so on the line or above the statement:

	//zone:allow leak the demo prints the persons that it made up`,
}

// Analyzer finds labelled data that reaches a sink above its ceiling.
var Analyzer = &analysis.Analyzer{
	Name:      About.Name,
	Doc:       About.Doc(),
	URL:       About.URL(),
	Requires:  []*analysis.Analyzer{labels.Analyzer},
	FactTypes: []analysis.Fact{new(flow.Fact)},
	Run:       run,
}

func run(pass *analysis.Pass) (any, error) {
	info := pass.ResultOf[labels.Analyzer].(*labels.Info)
	if info.Std || flow.IsRuntime(pass.Pkg.Path()) {
		return nil, nil
	}
	var vets []policy.Vet
	tests := false
	for _, p := range info.Policies {
		v := p.VetInForce()
		vets = append(vets, v)
		tests = tests || v.Tests.Leak.On
	}
	table, err := tables.New(vets...)
	if err != nil {
		return nil, err
	}
	inTests := func(file string) bool { return !tests && strings.HasSuffix(file, "_test.go") }
	report := check.NewReporter(pass, About, slices.DeleteFunc(slices.Clone(info.Allowances), func(a *check.Allowance) bool { return inTests(a.File) }))
	findings, notices := flow.Analyze(pass, info, table)
	for _, n := range notices {
		report.Report(analysis.Diagnostic{Pos: n.Pos, Message: n.Msg})
	}
	for i := range findings {
		if f := &findings[i]; !inTests(pass.Fset.Position(f.Pos).Filename) {
			report.Report(diagnostic(pass, f))
		}
	}
	unmatched(pass, table, report)
	report.Finish()
	return nil, nil
}

// unmatched reports the entries of policies (vet:) that name a function which a
// package does not have: in the package itself, and where it is imported.
func unmatched(pass *analysis.Pass, table *tables.Table, report *check.Reporter) {
	look := func(pkg *types.Package, pos token.Pos) {
		if !table.Names(pkg.Path()) {
			return
		}
		for _, c := range table.Unmatched(pkg.Path(), functionsOf(pkg)) {
			report.Report(analysis.Diagnostic{Pos: pos, Message: fmt.Sprintf(
				"the policy names %s in its section vet:, but package %s has no such function: mend the entry or remove it", c, pkg.Path())})
		}
	}
	if len(pass.Files) > 0 {
		look(pass.Pkg, pass.Files[0].Name.Pos())
	}
	for _, f := range pass.Files {
		if strings.HasSuffix(pass.Fset.Position(f.Package).Filename, "_test.go") {
			continue
		}
		for _, spec := range f.Imports {
			if name := pass.TypesInfo.PkgNameOf(spec); name != nil {
				look(name.Imported(), spec.Pos())
			}
		}
	}
}

// functionsOf lists the functions and methods of a package, by receiver and
// name.
func functionsOf(pkg *types.Package) (list [][2]string) {
	for _, name := range pkg.Scope().Names() {
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			list = append(list, [2]string{"", name})
		case *types.TypeName:
			t := obj.Type()
			if !types.IsInterface(t) {
				t = types.NewPointer(t)
			}
			for m := range types.NewMethodSet(t).Methods() {
				list = append(list, [2]string{name, m.Obj().Name()})
			}
		}
	}
	return list
}

// exits are the sinks as messages name them, and what is better there.
var exits = map[string]struct{ name, remedy string }{
	"log":        {"a log", "log the record itself, which prints its label, or a count or a token"},
	"stdout":     {"the output of the program", "print the record itself, which prints its label, or a count or a token"},
	"error":      {"an error", "say which record or row it is, without the value; errors get into logs and to users"},
	"panic":      {"a panic", "say what is wrong without the value; what panics gets into logs"},
	"file":       {"a file that is of no zone", "use an endpoint of its zone, or let it cross first"},
	"http":       {"HTTP without a zone", "use an endpoint of its zone, or let it cross first"},
	"net":        {"the net without a zone", "use an endpoint of its zone, or let it cross first"},
	"sql":        {"the text of a query", "bind it as a parameter; query texts get into logs"},
	"exec":       {"another program", "hand it over by an endpoint of its zone; arguments and environment can be read by others"},
	"telemetry":  {"telemetry", "record a count or a token"},
	"cloud":      {"a cloud service", "let it cross to the zone of the service and hand over the view"},
	"test":       {"the output of a test", "use made-up data"},
	"template":   {"a template", "let it cross to the zone of the reader and give the view"},
	"encode":     {"an encoder", "use an endpoint of its zone, or let it cross first"},
	"unanalyzed": {"code that is not analyzed, and the policy is strict", "tell the policy (vet:) what the function does"},
}

// maxOthers bounds how many further labels a message lists.
const maxOthers = 3

func diagnostic(pass *analysis.Pass, f *flow.Finding) analysis.Diagnostic {
	first, verb := f.Labels[0], "reaches"
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", first.Of, first)
	if others := f.Labels[1:]; len(others) > 0 {
		verb = "reach"
		var names []string
		for _, l := range others[:min(len(others), maxOthers)] {
			names = append(names, l.Of)
		}
		fmt.Fprintf(&b, " and %s", strings.Join(names, ", "))
		if n := len(others) - maxOthers; n > 0 {
			fmt.Fprintf(&b, " and %d more", n)
		}
	}
	if f.Via != "" {
		fmt.Fprintf(&b, ", read at %s,", f.Via)
	}
	if f.Into != nil {
		fmt.Fprintf(&b, " %s put into %s, which is of class %s only: mask or generalise it first, or give the field its class", isAre(verb), f.Into.Of, f.Ceiling)
	} else if zone, ok := strings.CutPrefix(f.Class, "zone "); ok {
		fmt.Fprintf(&b, " %s an endpoint of zone %s, but lives in %s", verb, zone, first.Zone)
		if f.Where != "" {
			fmt.Fprintf(&b, ", by way of %s", f.Where)
		}
		b.WriteString(": let it cross first and hand over the view")
	} else {
		exit, ok := exits[f.Class]
		if !ok {
			exit = struct{ name, remedy string }{"the sink " + f.Class, "use an endpoint of its zone, or let it cross first"}
		}
		fmt.Fprintf(&b, " %s %s, whose ceiling is class %s", verb, exit.name, f.Ceiling)
		if f.Where != "" {
			fmt.Fprintf(&b, ", by way of %s", f.Where)
		}
		fmt.Fprintf(&b, ": %s", exit.remedy)
	}
	d := analysis.Diagnostic{Pos: f.Pos, Message: b.String()}
	if f.Via == "" && f.Source.IsValid() && pass.Fset.Position(f.Source).Line != pass.Fset.Position(f.Pos).Line {
		d.Related = []analysis.RelatedInformation{{Pos: f.Source, Message: first.Of + " is read here"}}
	}
	return d
}

func isAre(verb string) string {
	if verb == "reach" {
		return "are"
	}
	return "is"
}
