package zonevet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// Suite returns all analyzers, in the order in which help lists them.
func Suite() []*analysis.Analyzer {
	return append([]*analysis.Analyzer{
		labels.Analyzer,
	}, contracts()...)
}
