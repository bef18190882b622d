// Package golangci makes the checks of sekisho a linter of golangci-lint, by its
// system of module plugins. It is a module of its own, so that nobody else
// fetches what registers plugins.
//
// Two files say what is wanted, both beside this one as examples: custom-gcl.yml
// (golangci-lint custom builds a golangci-lint with the plugin by it) and
// golangci.yml, which switches the linter on:
//
//	golangci-lint custom
//	./custom-gcl run
//
// The settings are a list of checks; without one all of them run:
//
//	settings: {checks: [leak, crossing]}
//
// What //zone:allow accepts is left out here too, for the analyzers do it
// themselves. Exclusions of golangci-lint work as well, but no auditor sees them.
package golangci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet"
)

// Name is what the linter is called in the configuration of golangci-lint.
const Name = "sekisho"

// registered is how golangci-lint finds a plugin: it imports the package and
// looks for the name.
var registered = func() bool { register.Plugin(Name, New); return true }()

// Settings are what the configuration says of the linter.
type Settings struct {
	Checks []string `json:"checks"` // names of checks; all where it is empty
}

// Plugin is the linter.
type Plugin struct{ settings Settings }

// New returns the linter for what the configuration says. Unknown settings and
// checks that do not exist are an error.
func New(raw any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	p := &Plugin{s}
	if _, err := p.BuildAnalyzers(); err != nil {
		return nil, err
	}
	return p, nil
}

// BuildAnalyzers returns the checks that were asked for.
func (p *Plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	all := zonevet.Suite()
	if len(p.settings.Checks) == 0 {
		return all, nil
	}
	var asked []*analysis.Analyzer
	for _, name := range p.settings.Checks {
		i := slices.IndexFunc(all, func(a *analysis.Analyzer) bool { return a.Name == name })
		if i < 0 {
			var names []string
			for _, a := range all {
				names = append(names, a.Name)
			}
			return nil, fmt.Errorf("%s: there is no check %q: want some of %s", Name, name, strings.Join(names, ", "))
		}
		asked = append(asked, all[i])
	}
	return asked, nil
}

// GetLoadMode says that the checks need types.
func (p *Plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
