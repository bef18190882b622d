// Package policyfile reads policy files: strict YAML in, a checked
// [policy.Policy] out. It is for tools. Programs never parse YAML; they carry
// the compiled policy that the tools made of it.
//
//	path, err := policyfile.Find(dir)     // sekisho.yaml, from a package upwards
//	p, err := policyfile.Load(path)       // with what it extends and its overlays
//	if err != nil {
//		fmt.Fprint(os.Stderr, policyfile.Render(err))
//	}
//
// # Problems
//
// A policy is read to its end before anything is reported, and everything that
// is wrong is reported at once, as an *[Error] of [Problem] values. Each has a
// position, the line itself, what was wanted and a remedy. [Render] draws them:
//
//	sekisho.yaml:14:34: category "name" stays in ward, and the rule says token
//	   14 |       - {category: name, action: token, as: "1"}
//	      |                                  ^^^^^
//	  and sekisho.yaml:5:3:
//	    5 |   name: {class: "2", stays: ward}
//	      |   ^
//	  fix: nothing that is derived from it may leave either: say drop or refuse
//
// A policy holds rules, not data, so its lines may be shown to anybody who may
// read the policy.
//
// # What is refused
//
// Auditors read policies, and two readers must read the same. Refused are
// unknown and repeated keys, aliases, anchors, merge keys, tags, directives and
// second documents; unquoted words that YAML readers disagree on (no, on, 1.0,
// 010); text that is not UTF-8, control characters and characters that turn the
// direction of writing around; files of more than 1 MiB, lines of more than 64
// KiB and more than 12 levels of nesting. Accepted are the spellings that only
// one thing can be meant by: class 2 without quotes is the class "2", and an
// unquoted date is a date. Full-width colons and spaces, and tabs, get a message
// of their own.
//
// # A policy file
//
//	sekisho: 1                                # number of the format
//	name: clinic                              # appears in audit entries
//	go: {zones: ./zones}                      # where the generated package goes
//	classes: [public, internal, secret]       # lowest first
//	categories:                               # what a label can say, beside the classes
//	  name:  {class: secret, mask: initial}
//	  phone: {class: internal, mask: last4, becomes: public}
//	zones:
//	  ward: {holds: secret}
//	  lab:  {holds: internal, carries: secret}   # more in sealed form than in clear
//	purposes:
//	  diagnosis: {en: diagnosis}
//	routes:
//	  - from: ward
//	    to: lab
//	    clause: "4.2"                         # of the written policy
//	    rules:                                # a category before a class, then the strictest
//	      - {category: phone, action: mask}
//	      - {class: secret, action: encrypt}
//	      - {class: internal, action: pass}
//	      - {class: public, action: pass}
//	    require: {principal: true, mfa: true, purpose: [diagnosis]}
//	    limit: {records: 10000, per: 24h}
//	closed:
//	  - {from: lab, to: ward, clause: "4.3", title: {en: results go by paper}}
//
// A struct of a package that cannot carry tags is labelled here, with what a tag
// would say, field by field. Unexported fields are named too and can only be
// dropped:
//
//	types:
//	  example.com/app/pb.Patient:
//	    Name: name
//	    Phone: phone,action=drop
//	    unknownFields: secret,action=drop
//
// Which algorithms are permitted and until when, and how long keys serve. Days
// are the last ones; m is a month here:
//
//	algorithms:
//	  source: our security standard, annex 3
//	  strength:                                # of at most so many bits
//	    - {bits: 128, produce: 2050-12-31, consume: 2060-12-31}
//	  listed:
//	    AES-256: {bits: 256}
//	    AES-256-GCM: {of: [AES-256]}           # as strong as the weakest of its parts
//	keys:
//	  box: x-wing                              # or x25519
//	  periods:
//	    seal: {produce: 2y, consume: 5y}       # both from the day that a key is made
//
// What the analyzer is told beside labels. Sinks are the highest class that each
// unzoned exit may show, the lowest unless it is given. A function is named by
// package (with /... all below it), receiver if it is a method, and its name or an
// expression for names in quotes, from ^ to $; positions count from 0:
//
//	sinks: {log: internal, telemetry: public}
//	vet:
//	  sources:
//	    - {package: example.com/app/db, receiver: Store, function: Load, results: [0], label: name}
//	  sinks:                                   # which sink it is, or the zone of which it is an endpoint
//	    - {package: example.com/app/audit, function: Printf, args: [1], reads: format, sink: log}
//	    - {package: example.com/app/lab, receiver: Client, matching: "^Send.*$", zone: lab}
//	  propagators:
//	    - {package: example.com/app/text, function: Wide, args: [0], results: [0]}
//	  cleaners:
//	    - {package: example.com/app/mask, function: Initial, as: public, reason: one letter is left}
//	  tests: {leak: false, literal: true}      # which findings count in _test.go files
//	  strict: true                             # labelled data given to code that is not analysed
//	  budgets: {function: 2000000}             # steps, after which the analyzer gives up and says so
//
// # Files that extend others
//
//	extends: [jp/alpha, ./shared/base.yaml]
//
// An entry is the name of a preset (see package presets) or a path relative to
// the file, with slashes. Parents are read depth first, each once, and laid over
// one another in that order, the file itself last:
//
//   - an entry of categories, zones, purposes, sinks, types and mappings replaces
//     the inherited entry of the same name, a route the one with the same from,
//     to and name, a closed road the one with the same from and to. It replaces
//     it whole: every entry can be read in one place;
//   - a period of strength replaces the inherited one for as many bits, a listed
//     algorithm the one of its name, the periods of a use of keys those of it;
//   - what a list of vet says of a function replaces all that is inherited of it
//     in that list; each switch and budget replaces the inherited one;
//   - classes, integrity and availability replace the inherited list;
//   - name, edition and overlay are never inherited;
//   - remove takes inherited entries away before the file adds its own.
//
// Roads from and to a zone go with the zone. To remove what is not there is an
// error, as it is a misunderstanding:
//
//	remove:
//	  zones: [sns]
//	  categories: [checkup]
//	  routes: [{from: lgwan, to: mynumber, name: eltax}]
//
// # Overlays
//
//	overlays: [./standard.yaml]
//
// An overlay (overlay: true) tightens. It is read and checked alone and then met
// with the policy, by [policy.Policy.With]; where it would loosen a decision both
// lines are shown. It need not repeat what it does not change: classes may be
// left out, and in a zone or category everything but what is tightened. Overlays
// of a parent bind its children. An overlay has no overlays of its own.
//
// # The schema
//
// [Schema] describes the same files in JSON Schema for editors. It is written
// from the table that the decoder reads by (table.go) and committed beside the
// presets. A policy names it in its first line:
//
//	# yaml-language-server: $schema=https://raw.githubusercontent.com/sekisho-go/sekisho/main/zone/policy/presets/sekisho.schema.json
//
// The decoder is the stricter of the two: a file that an editor accepts may still
// name a class that does not exist.
package policyfile
