package placement_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
	"github.com/sekisho-go/sekisho/gen/zonevet/placement"
)

func Test(t *testing.T) { vettest.Run(t, placement.About, placement.Analyzer) }
