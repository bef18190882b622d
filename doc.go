// Package sekisho is the map of the module; it exports nothing.
//
// sekisho (関所, the checkpoint on the road between two provinces) is a library
// and a code generator for programs whose data lives in zones: places with
// rules of their own. An organisation writes its security policy into one file,
// developers label their Go types, and the generator writes, for each labelled
// type and each zone it may reach, a view and the one method that gets there.
// Where there is no way, there is a compile error, and it names the clause of
// the written policy.
//
// # What an application imports
//
//   - classify: what data is. Classes, labels, the tag grammar, masks and
//     generalisations. Standard library only. classify/jp holds the Japanese
//     identifiers as closed value types.
//   - crypto: keys by zone and use, sealed values, tokens. Stands on Tink.
//   - zone: where data may be. Home, routes, crossings, the border. zone/policy
//     is the policy model; zone/wire is the codec that generated code uses;
//     zone/zonetest is for tests of code that crosses.
//
// # What only the build uses
//
//   - gen: the generator. gen/cmd/sekisho is the command.
//   - internal: parsers, the loaded model, the emitter, the test harness and the
//     house rules. The comment of internal/policyfile is the guide to policy
//     files.
//
// # What to read first
//
//   - README.md, then examples/kouki: three zones of a Japanese public body, end
//     to end.
//   - CONTRIBUTING.md: the laws of the layout, and how they are tested.
//   - SECURITY.md: what is promised and what is not.
//
// The run-time packages never import the build-time ones. A program that uses
// generated code links neither the generator nor its dependencies.
package sekisho
