package forge_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/forge"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
)

func Test(t *testing.T) { vettest.Run(t, forge.About, forge.Analyzer) }
