package labels_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
	"github.com/sekisho-go/sekisho/gen/zonevet/labels"
)

func Test(t *testing.T) { vettest.Run(t, labels.About, labels.Analyzer) }
