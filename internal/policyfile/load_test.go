package policyfile_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

func TestPresetsLoad(t *testing.T) {
	p, err := policyfile.LoadPreset("jp/alpha")
	if err != nil {
		t.Fatal("\n" + policyfile.Render(err))
	}
	if _, ok := p.Route("mynumber", "lgwan", ""); !ok {
		t.Error("jp/alpha has no road from mynumber to lgwan")
	}
}
