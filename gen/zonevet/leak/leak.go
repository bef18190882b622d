package leak

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/flow"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
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
	table, err := tables.New(tables.Config{})
	if err != nil {
		return nil, err
	}
	report := check.NewReporter(pass, About, info.Allowances)
	findings, notices := flow.Analyze(pass, info, table)
	for _, n := range notices {
		report.Report(analysis.Diagnostic{Pos: n.Pos, Message: n.Msg})
	}
	for i := range findings {
		report.Report(diagnostic(pass, &findings[i]))
	}
	report.Finish()
	return nil, nil
}

// exits are the sinks as messages name them, and what is better there.
var exits = map[string]struct{ name, remedy string }{
	"log":       {"a log", "log the record itself, which prints its label, or a count or a token"},
	"stdout":    {"the output of the program", "print the record itself, which prints its label, or a count or a token"},
	"error":     {"an error", "say which record or row it is, without the value; errors get into logs and to users"},
	"panic":     {"a panic", "say what is wrong without the value; what panics gets into logs"},
	"file":      {"a file that is of no zone", "use an endpoint of its zone, or let it cross first"},
	"http":      {"HTTP without a zone", "use an endpoint of its zone, or let it cross first"},
	"net":       {"the net without a zone", "use an endpoint of its zone, or let it cross first"},
	"sql":       {"the text of a query", "bind it as a parameter; query texts get into logs"},
	"exec":      {"another program", "hand it over by an endpoint of its zone; arguments and environment can be read by others"},
	"telemetry": {"telemetry", "record a count or a token"},
	"cloud":     {"a cloud service", "let it cross to the zone of the service and hand over the view"},
	"test":      {"the output of a test", "use made-up data"},
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
