// Package leak reports labelled data on its way out of the program by a sink
// that may not have it.
//
// # Analyzer leak
//
// A zone keeps data by its types: nothing takes a record out of memory that is
// not an endpoint of its zone. A field of it is text, though, and text goes
// anywhere: into a log that is shipped to another zone, into an error that a
// user sees, into a file, a query, the arguments of a program. The check follows
// the data from the labelled field through variables, containers, closures and
// functions, also those of other packages, to such a sink.
//
// Found:
//
//	func greet(p *insured.Insured) error {
//		log.Printf("greeting %s", p.Name)
//		return fmt.Errorf("no letter for %s", p.Name)
//	}
//
// Right:
//
//	func greet(p *insured.Insured) error {
//		log.Printf("greeting %v", p) // prints insured.Insured(mynumber, 3B)
//		return fmt.Errorf("no letter for record %d", row)
//	}
//
// # Sinks
//
// A sink is a way out of the program that is of no zone. Each has a ceiling, the
// highest class that may get there: what the policy says under sinks:, and the
// lowest class where it says nothing.
//
//	log        log, log/slog, syslog, zap, zerolog, logrus, klog, glog, logr
//	stdout     fmt.Print, print, and what is written to os.Stdout and os.Stderr
//	error      errors.New, fmt.Errorf, pkg/errors, the status of gRPC
//	panic      panic
//	file       os.WriteFile and what is written to an *os.File; names of files
//	http       requests, responses, headers, cookies
//	net        what is written to connections, mail
//	sql        the text of queries; not what is bound to them
//	exec       arguments, environment and input of programs
//	telemetry  attributes, events and baggage of OpenTelemetry, labels of pprof
//	cloud      calls of the clients of AWS, Google Cloud and Azure
//	test       the output of tests; no ceiling unless the policy gives one
//
// Findings in test files count only where the policy says so (vet: tests: leak:
// true), because the records of tests are made up.
//
// What the policy tells of functions in its section vet: is added: sources whose
// results are labelled, sinks and endpoints of zones, propagators, and cleaners
// that bring data down to a class. An entry that names a function which is not
// there is reported. A strict policy also wants to know of data that is given to
// code of which nothing is known.
//
// A labelled field of a lower class is a sink too: what is put there is treated
// as less than it is from then on.
//
// What has been reported as part of an error is not reported again when the
// error is logged.
//
// # What is data
//
// What is read from a labelled field, a value of a labelled scalar type, and
// what Reveal of a closed identifier returns. Numbers, dates and truth values
// are data when they stand in a labelled field. Not data any more are lengths,
// comparisons, sums over several values, hashes, the results of masks and
// crossings, and values that were overwritten with a constant.
//
// A record as a whole shows nothing where its generated methods are asked; where
// they are not (in an unexported field of another struct, under %p and under %w
// outside of Errorf, before code is generated) everything in it counts. A method
// String, Error, Format, LogValue or Marshal… that was written by hand counts for
// what it shows.
//
// # What is not found
//
//   - Data that passes through a call which nothing is known of: a method of
//     an interface of the standard library that is not in the tables, a function
//     in assembly, a plugin.
//   - Numbers that were reckoned from several values; text that was taken apart
//     into numbers.
//   - Which element of a container it is: one labelled element makes all
//     labelled.
//   - What a method keeps in an object and another takes out of it again, where
//     no function calls both: the object is followed, the program is not run.
//   - What is bound to a query: where it goes, the handle's type does not tell.
//
// # Allowing
//
// Where the value is none (it is made up, or known to all), say so on the line
// or above the statement, with the reason:
//
//	//zone:allow leak the demo prints the persons that it made up
package leak
