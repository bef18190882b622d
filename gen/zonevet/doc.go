// Package zonevet is the analyzer: it finds what the types cannot keep from
// happening. It runs under the go command,
//
//	go vet -vettool=$(go tool -n sekisho) ./...
//
// and needs no configuration: labels are types and tags, and the policy is a
// constant of the generated zones package.
//
// # Rooms
//
// Each check has a folder of its own, named like the check, with a doc.go that
// is its manual page, an exported Analyzer and fixtures below testdata. [Suite]
// lists them. What they share is in internal:
//
//   - internal/labels: what a value is. Its Analyzer is required by every
//     check and gives a *labels.Info: the policies in sight, the label of each
//     field, scalar and type, closed types, generated files, allowances.
//   - internal/check: what a check says of itself (one check.Check value, from
//     which all its documentation comes), and check.Reporter, through which it
//     reports: it sets category and page, leaves out what //zone:allow accepts
//     and reports allowances that accept nothing.
//   - internal/tables: what functions of the standard library and of
//     well-known modules do with data: sinks, flows, writers; and what
//     policies tell of functions in their section vet:.
//   - internal/flow: follows labelled data from function to function, by
//     summaries that travel as facts. The check leak reports what it finds.
//   - internal/factbytes: how facts are written: bytes in a fixed order.
//
// A check begins like this:
//
//	var About = &check.Check{ID: "ZN2001", Name: "forge", …}
//
//	var Analyzer = &analysis.Analyzer{
//		Name: About.Name, Doc: About.Doc(), URL: About.URL(),
//		Requires: []*analysis.Analyzer{labels.Analyzer, inspect.Analyzer},
//		Run:      run,
//	}
//
//	func run(pass *analysis.Pass) (any, error) {
//		info := pass.ResultOf[labels.Analyzer].(*labels.Info)
//		if info.Std {
//			return nil, nil
//		}
//		report := check.NewReporter(pass, About, info.Allowances)
//		… report.Report(analysis.Diagnostic{Pos: …, Message: …}) …
//		report.Finish()
//		return nil, nil
//	}
//
// # Laws of the analyzer
//
//   - Nothing is read but the package, export data and facts: the go command
//     caches by these.
//   - Facts are byte strings in a fixed order, and only where there is something
//     to say.
//   - Nothing is printed. What is found is reported in the order of the source.
//   - The standard library is not analyzed: tables say what it does.
package zonevet
