package policyfile_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

var models = []string{"cardholder", "jp/alpha", "jp/alpha-prime", "jp/beta", "jp/beta-prime"}

func TestModelsLoad(t *testing.T) {
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			if _, err := policyfile.LoadPreset(name); err != nil {
				t.Fatal("\n" + policyfile.Render(err))
			}
		})
	}
}
