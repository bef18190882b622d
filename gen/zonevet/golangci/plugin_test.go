package golangci_test

import (
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/sekisho-go/sekisho/gen/zonevet"
	"github.com/sekisho-go/sekisho/gen/zonevet/golangci"
)

func TestPlugin(t *testing.T) {
	build, err := register.GetPlugin(golangci.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		settings any
		want     int
		err      string
	}{
		{nil, len(zonevet.Suite()), ""},
		{map[string]any{}, len(zonevet.Suite()), ""},
		{map[string]any{"checks": []string{"leak", "crossing"}}, 2, ""},
		{map[string]any{"checks": []string{"leek"}}, 0, `there is no check "leek": want some of `},
		{map[string]any{"cheks": []string{"leak"}}, 0, "unknown field"},
	} {
		p, err := build(tt.settings)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v: err = %v, want %q", tt.settings, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", tt.settings, err)
			continue
		}
		list, err := p.BuildAnalyzers()
		if err != nil || len(list) != tt.want || p.GetLoadMode() != register.LoadModeTypesInfo {
			t.Errorf("%v: %d analyzers, %v, %s; want %d", tt.settings, len(list), err, p.GetLoadMode(), tt.want)
		}
	}
}
