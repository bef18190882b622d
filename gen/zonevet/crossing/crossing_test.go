package crossing_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/crossing"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
)

func Test(t *testing.T) { vettest.Run(t, crossing.About, crossing.Analyzer) }
