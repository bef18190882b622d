// Package driver runs the analyzer over packages as "sekisho vet" does, and
// makes of its findings what people and other programs read.
//
// # How it runs
//
// The findings are those of go vet: [Run] calls it with this very program as its
// tool, so the go command does the work it does best, keeps its cache, and knows
// about modules, workspaces, vendored trees, build tags and cgo. What a package
// and its tests both report is one finding. Two things are added that go vet
// cannot see: a zones package that is older than its policy file, and the policy
// itself in packages that do not import it, where there is one policy.
//
// # Baseline
//
// An old system begins with findings. A [Baseline] is a file of those that are
// known; a run then fails for new ones only. It is keyed by check, package,
// enclosing declaration, what is said and how often, and by no line numbers, so
// that code may move. It only shrinks: [Baseline.Shrink] takes out what is no
// longer found, and nothing puts anything in.
package driver

import (
	"github.com/sekisho-go/sekisho/gen/zonevet/crossing"
	"github.com/sekisho-go/sekisho/gen/zonevet/forge"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/keys"
	"github.com/sekisho-go/sekisho/gen/zonevet/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/leak"
	"github.com/sekisho-go/sekisho/gen/zonevet/literal"
	"github.com/sekisho-go/sekisho/gen/zonevet/placement"
	"github.com/sekisho-go/sekisho/gen/zonevet/stale"
)

// checks are the manual pages of all checks.
func checks() []*check.Check {
	return []*check.Check{leak.About, labels.About, forge.About, placement.About, stale.About, crossing.About, keys.About, literal.About}
}

// checkNamed finds the page of a check, nil for one of others.
func checkNamed(name string) *check.Check {
	for _, c := range checks() {
		if c.Name == name {
			return c
		}
	}
	return nil
}
