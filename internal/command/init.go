package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy/presets"
)

func runInit(c *call) int {
	preset := c.flags.String("preset", "jp/alpha", "preset that the policy starts from; \"sekisho policy presets\" lists them")
	zones := c.flags.String("zones", "./zones", "folder of the zones package, relative to the policy file")
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if len(args) > 0 {
		return c.misuse("unexpected argument %q", args[0])
	}
	if err := startsPolicy(*preset); err != nil {
		return c.fail(err)
	}
	module, err := moduleName(c.dir())
	if err != nil {
		return c.fail(err)
	}
	path := filepath.Join(c.dir(), policyfile.Filename)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return c.fail(fmt.Errorf("%s is there already and is left as it is", c.rel(path)))
	}
	if err != nil {
		return c.fail(err)
	}
	_, err = f.WriteString(firstPolicy(module, *preset, *zones))
	if err := errors.Join(err, f.Close()); err != nil {
		return c.fail(err)
	}
	written, err := writeZones(path)
	if err != nil {
		os.Remove(path) // so that init can be run again
		return c.fail(err)
	}
	fmt.Fprintln(c.Stdout, "wrote", c.rel(path))
	for _, f := range written {
		fmt.Fprintln(c.Stdout, "wrote", c.rel(f.Path))
	}
	fmt.Fprint(c.Stdout, nextSteps)
	return fine
}

// startsPolicy reports why a preset cannot be what a policy starts from.
func startsPolicy(preset string) error {
	_, err := policyfile.LoadPreset(preset)
	if err == nil || !slices.Contains(presets.Names(), preset) {
		return err
	}
	var whole []string
	for _, name := range presets.Names() {
		if _, err := policyfile.LoadPreset(name); err == nil {
			whole = append(whole, name)
		}
	}
	return fmt.Errorf("preset %q is a part that policies extend and no whole policy: start from one of %s", preset, strings.Join(whole, ", "))
}

func writeZones(path string) ([]gen.File, error) {
	res, err := gen.Zones(path)
	if err != nil {
		return nil, err
	}
	return res.Write()
}

const nextSteps = `
Next:
  1. go get -tool github.com/sekisho-go/sekisho/gen/cmd/sekisho
  2. read the policy (go tool sekisho policy show) and change what your organisation decides otherwise
  3. label a struct: embed zone.Home[...] and give each field classify:"..."
  4. go tool sekisho gen ./... && go mod tidy
`

// moduleName returns the last element of the module's path, for a name that
// appears in every audit entry.
func moduleName(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		data, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil {
			name := notName.ReplaceAllString(strings.ToLower(filepath.Base(modfile.ModulePath(data))), "-")
			return strings.Trim(name, "-"), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if at == filepath.Dir(at) {
			return "", errors.New("this folder is in no Go module: run \"go mod init\" first")
		}
	}
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// firstPolicy is a policy file that works and says how to go on.
func firstPolicy(module, preset, zones string) string {
	return fmt.Sprintf(`# The security policy of %[1]s as data. Each entry here replaces the entry of the
# same name in the preset as a whole; everything else comes from the preset.
# "sekisho policy show" prints what is in force and every name that a label can say,
# "sekisho policy prove" proves it, "sekisho policy schema" prints all keys for editors.
# The format: go doc github.com/sekisho-go/sekisho/internal/policyfile
sekisho: 1
name: %[1]s
extends: [%[2]s]
go: {zones: %[3]s}

# categories:
#   staff-number: {class: "2", title: {en: staff number}}
#
# routes:
#   - from: …
#     to: …
#     clause: the paragraph of the written policy that this road carries out
#     rules:
#       - {category: …, action: drop}
#       - {class: …, action: pass}
`, module, preset, zones)
}
