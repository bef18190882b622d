package zonevet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/leak"
)

// Suite returns all analyzers, in the order in which help lists them.
func Suite() []*analysis.Analyzer {
	return append([]*analysis.Analyzer{
		labels.Analyzer,
		leak.Analyzer,
	}, contracts()...)
}
