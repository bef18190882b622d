// Package policyfile reads policy files: strict YAML in, a checked
// policy.Policy out, and every problem at once with its line, a caret and the
// remedy.
package policyfile
