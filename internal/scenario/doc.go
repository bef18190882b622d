// Package scenario runs the specification of the product: small user modules,
// one txtar file each, with what the generator and the command must do to them.
//
// # A scenario file
//
// The comment of the archive is prose. Its first line is the kind, a colon and
// one sentence; the lines after it say what is shown and why it must be so.
//
//	golden: A telephone number is masked on its way to LGWAN.
//
//	The category brings its mask; the tag does not repeat it. Clause 7(3)① …
//	-- sekisho.yaml --
//	…
//	-- insured/insured.go --
//	…
//	-- main.go --
//	…
//	-- want/insured/zone_gen.go --
//	…
//	-- want/stdout --
//	…
//
// The files are a user's module, except those under want/, which are what must
// come out. The module file is supplied: module example.com/app, the
// requirements of this repository, and this repository itself. A scenario that
// brings a go.mod keeps its module path and gets the same requirements added.
// Files that end in _test.go are kept but not compiled.
//
// Paths in what comes out are relative to the root of the user's module.
//
// # Kinds
//
// golden: generation succeeds without a word. Each file want/PATH equals the
// generated file PATH as a whole; generated files that are not under want/ are
// not compared. Every generated Go file is gofmt-clean, and the module with them
// compiles. If there is a main.go (package main, at the root), the program is
// run, must exit with 0 and must print want/stdout. Only one program is linked
// for all scenarios, so packages must not print or fail while they are being
// initialised; a panic, an os.Exit and the working folder are each scenario's
// own. Package paths in the output come out as in a program of its own.
//
// diagnostic: generation fails. What it says equals want/stderr as a whole.
//
// must-not-compile: generation succeeds, and then the type checker reports
// exactly the errors that the comments of the form
//
//	v.ToInternet(x /* ERROR "does not implement" */)
//
// foretell, and no others. The comment stands after the token at which the error
// is reported; its string is a regular expression that matches a part of the
// message, in which a dot also matches the end of a line. Several comments may
// follow one token. Files with such comments are there already while the
// generator works, as they are when somebody regenerates a tree that does not
// compile. The messages are those of go/types.
//
// command: want/session is what somebody sees who types the lines that begin
// with "$ ":
//
//	$ sekisho gen ./...
//	insured/zone_gen.go
//	$ sekisho gen -check ./...
//	2> insured/insured.go:9:2: …
//	[exit 1]
//
// Standard output stands as it is, standard error behind "2> ", and an exit code
// other than 0 in brackets. (A line of standard output that looks like one of
// these stands behind "1> ".) Words are separated by blanks and may be quoted
// with ' or ". Before the command there may be assignments (LANG=ja), after it
// "< FILE" for standard input. Besides sekisho there are cat FILE, cp FROM TO,
// rm PATH, ls DIR, and edit FILE OLD NEW, which replaces the one place where OLD
// stands. Other files under want/ equal the files of the module when the session
// is over. The environment of a session is LANG=en, TZ=UTC, PATH and HOME, and
// what the go command needs.
//
// # Running them
//
//	var update = flag.Bool("update", false, "rewrite what the scenarios want")
//
//	func TestScenarios(t *testing.T) {
//		s := scenario.Suite{Generate: generate, Command: command, Update: *update}
//		s.Run(t, "testdata/*.txtar")
//	}
//
// Every file is a subtest, so -run TestScenarios/NAME runs one. With Update, the
// files under want/ that a scenario has are rewritten (write an empty one to get
// it filled), as are want/stdout, want/stderr and the output in want/session;
// ERROR comments are never rewritten, and a scenario that fails in another way
// is left alone. Read the difference before it is committed: it is a change of
// the specification.
package scenario
