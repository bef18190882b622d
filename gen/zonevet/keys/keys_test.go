package keys_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
	"github.com/sekisho-go/sekisho/gen/zonevet/keys"
)

func Test(t *testing.T) { vettest.Run(t, keys.About, keys.Analyzer) }
