package zonevet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/crossing"
	"github.com/sekisho-go/sekisho/gen/zonevet/forge"
	"github.com/sekisho-go/sekisho/gen/zonevet/keys"
	"github.com/sekisho-go/sekisho/gen/zonevet/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/literal"
	"github.com/sekisho-go/sekisho/gen/zonevet/placement"
	"github.com/sekisho-go/sekisho/gen/zonevet/stale"
)

// contracts are the checks that look at what is written down and do not follow
// values: syntax, types and facts are enough for them.
func contracts() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		labels.Analyzer,
		forge.Analyzer,
		placement.Analyzer,
		stale.Analyzer,
		crossing.Analyzer,
		keys.Analyzer,
		literal.Analyzer,
	}
}
