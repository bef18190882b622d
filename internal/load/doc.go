// Package load reads the Go packages of a module and finds what is labelled in
// them: structs with a [zone.Home] or classify tags, types that the policy
// labels from outside, and named scalar types with a label directive.
//
// # How it reads
//
// One call of the go command lists the packages asked for and everything they
// import. Packages of the main module are then parsed and type-checked from
// source, without the bodies of functions, since only declarations can carry
// labels; all others come from export data, which the go command keeps in its
// cache.
//
// Code that is still to be generated is missing while the loader runs, and the
// code that is there may be stale or broken. Therefore the loader sets the
// build tag that generated files exclude themselves under, leaves out every
// file with the name of a generated one, and does not mind type errors, except
// where the type of a labelled field cannot be known: see [Result.Unresolved].
//
// Files that are generated but must be seen are given in [Config.Overlay]: the
// zones package always, the output of an earlier pass where hand-written
// structs hold generated views. Overlaid files take part whatever their build
// constraint says about the tag.
//
// # What it reports
//
// Everything at once, in the order of the source, each problem with the
// position of the field, the path that leads to it, and the remedy. The
// [Result] is useful in spite of problems, for tools that only explain; code
// must not be generated from it.
//
// [zone.Home]: https://pkg.go.dev/github.com/sekisho-go/sekisho/zone#Home
package load
