// Package check holds what all checks of the analyzer have in common: how a
// check describes itself, how it reports, and how a finding is allowed.
//
// A check is one [Check] value in its own folder. Its documentation, the
// category and the page of its findings and the rules of other report formats
// all come from that value, so they cannot differ. It reports through a
// [Reporter], which leaves out what the source allows and, at the end, names
// the allowances that allowed nothing.
package check

import (
	"fmt"
	"strings"
)

// Severity says how bad a finding is: what a report sorts by.
type Severity string

// The severities, in the words of SARIF.
const (
	Error   Severity = "error"   // data is or can get where it must not be
	Warning Severity = "warning" // a guarantee is weaker than it looks
	Note    Severity = "note"    // for the reader: nothing is wrong yet
)

// Check describes one check. Every field is filled; the examples are Go, as a
// reader would write it, without a package clause.
type Check struct {
	ID       string   // ZN and four digits, never used again for another check
	Name     string   // one word: what //zone:allow and the flags of go vet call it
	Title    string   // one line, without a full stop
	Severity Severity // of its findings
	CWE      string   // weakness it finds, "CWE-532"; "" where none fits
	Why      string   // why it matters, in terms of zones; paragraphs
	Bad      string   // a program that is found
	Good     string   // the same, right
	Remedy   string   // what to do about a finding
	Allow    string   // when to allow one, and the line to write
}

// page is where the manual page of a check is read.
const page = "https://pkg.go.dev/github.com/sekisho-go/sekisho/gen/zonevet/"

// URL is the page of the check.
func (c *Check) URL() string { return page + c.Name }

// Doc is the manual page as text: the title first, as the flags of go vet and
// help show it.
func (c *Check) Doc() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s %s", c.Title, c.ID, c.Severity)
	if c.CWE != "" {
		fmt.Fprintf(&b, ", %s", c.CWE)
	}
	fmt.Fprintf(&b, "\n\n%s\n\nFound:\n\n%s\n\nRight:\n\n%s\n\n%s\n\n%s", c.Why, indent(c.Bad), indent(c.Good), c.Remedy, c.Allow)
	return b.String()
}

// indent sets code apart from prose.
func indent(code string) string {
	return "\t" + strings.ReplaceAll(strings.Trim(code, "\n"), "\n", "\n\t")
}
