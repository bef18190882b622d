// Package houserules holds the laws of this repository as tests. It has no code
// for anybody to import.
//
// The laws are written down in CONTRIBUTING.md; a test that fails says which one
// and why it exists. Exceptions are tables in the tests, each with its reason,
// and a table entry that nothing needs any more fails too.
//
//   - imports_test.go: who may import whom, over everything a package links.
//   - docs_test.go: package guides, comments on exported names, links in them.
//   - source_test.go: what Go source may not contain, how long it may get.
//   - markdown_test.go: code, commands and links in Markdown.
//   - tree_test.go: what stands at the top, what the module file may say.
//
// Each rule is a function that is first tried on something that breaks it.
package houserules
