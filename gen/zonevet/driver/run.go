package driver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/internal/policyfile"
)

// Config says what to look at.
type Config struct {
	Dir      string   // where patterns are relative to
	Env      []string // of the go command; the process's own by default
	Patterns []string // packages as the go command takes them; "./..." by default
	Tags     string   // build tags, separated by commas
	Tool     string   // program that is the vet tool: this one
	Std      bool     // run the checks of go vet itself as well
}

// Error says why the analyzer could not run: a package that does not compile, a
// pattern that matches nothing.
type Error struct {
	Output string // what the go command said
}

// Error returns what the go command said, on one line.
func (e *Error) Error() string {
	return "go vet could not run: " + strings.Join(strings.Fields(e.Output), " ")
}

// Run returns the findings of all packages, by file and place.
func Run(ctx context.Context, cfg Config) ([]*Finding, error) {
	if len(cfg.Patterns) == 0 {
		cfg.Patterns = []string{"./..."}
	}
	files := policies(ctx, cfg)
	args := append([]string{"-vettool=" + cfg.Tool}, cfg.policyFlags(files)...)
	found, err := cfg.vet(ctx, args)
	if err != nil {
		return nil, err
	}
	if cfg.Std {
		more, err := cfg.vet(ctx, nil)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	old, err := stalePolicies(files)
	if err != nil {
		return nil, err
	}
	found = unique(append(found, old...))
	complete(cfg.Dir, found)
	return found, nil
}

// Fix lets go vet write the suggested fixes into the files, or with diff show
// them. It returns whether a diff was shown.
func Fix(ctx context.Context, cfg Config, diff bool, stdout, stderr io.Writer) (bool, error) {
	if len(cfg.Patterns) == 0 {
		cfg.Patterns = []string{"./..."}
	}
	how := []string{"-fix"}
	if diff {
		how = []string{"-fix", "-diff"}
	}
	shown := false
	for _, tool := range [][]string{append([]string{"-vettool=" + cfg.Tool}, cfg.policyFlags(policies(ctx, cfg))...), nil} {
		if tool == nil && !cfg.Std {
			continue
		}
		var out, errs bytes.Buffer
		err := cfg.command(ctx, append(slices.Clone(how), tool...), &out, &errs)
		stdout.Write(out.Bytes())
		if err != nil && out.Len() == 0 {
			return shown, &Error{errs.String()}
		}
		stderr.Write(errs.Bytes())
		shown = shown || out.Len() > 0
	}
	return shown, nil
}

// command runs go vet.
func (cfg Config) command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	all := append([]string{"vet"}, args...)
	if cfg.Tags != "" {
		all = append(all, "-tags="+cfg.Tags)
	}
	cmd := exec.CommandContext(ctx, "go", append(all, cfg.Patterns...)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = cfg.Dir, cfg.Env, stdout, stderr
	return cmd.Run()
}

// vet runs go vet and reads its findings.
func (cfg Config) vet(ctx context.Context, args []string) ([]*Finding, error) {
	var stdout, stderr bytes.Buffer
	err := cfg.command(ctx, append([]string{"-json"}, args...), &stdout, &stderr)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &Error{cmp.Or(stderr.String(), stdout.String())}
	}
	return decode(stdout.Bytes())
}

// report is what go vet -json writes: by package and analyzer either
// diagnostics or an error.
type report map[string]map[string]json.RawMessage

type diagnostic struct {
	Category string `json:"category"`
	Posn     string `json:"posn"`
	End      string `json:"end"`
	Message  string `json:"message"`
	Related  []struct {
		Posn    string `json:"posn"`
		Message string `json:"message"`
	} `json:"related"`
	Fixes []struct {
		Message string `json:"message"`
	} `json:"suggested_fixes"`
}

// decode reads the output of go vet -json: one object for each package, with
// lines of comment between them.
func decode(out []byte) ([]*Finding, error) {
	var text bytes.Buffer
	for line := range bytes.Lines(out) {
		if line[0] != '#' {
			text.Write(line)
		}
	}
	var found []*Finding
	for dec := json.NewDecoder(&text); ; {
		var r report
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("the output of go vet cannot be read: %w", err)
		}
		for pkg, analyzers := range r {
			for name, raw := range analyzers {
				var list []diagnostic
				if err := json.Unmarshal(raw, &list); err != nil {
					var failed struct {
						Error string `json:"error"`
					}
					if json.Unmarshal(raw, &failed) == nil && failed.Error != "" {
						return nil, &Error{pkg + ": " + name + ": " + failed.Error}
					}
					return nil, fmt.Errorf("the output of go vet cannot be read: %w", err)
				}
				for _, d := range list {
					found = append(found, newFinding(pkg, name, d))
				}
			}
		}
	}
}

// policies are the policy files that the packages are under. Where there is none
// the analyzer still finds what needs none.
func policies(ctx context.Context, cfg Config) []string {
	files, err := gen.PolicyFiles(ctx, gen.Config{Dir: cfg.Dir, Patterns: cfg.Patterns, Env: cfg.Env})
	if err != nil {
		return nil
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// policyFlags give the policy to every package, where there is one policy. It
// stands in a file whose name is its digest: the go command caches by flags.
func (cfg Config) policyFlags(files []string) []string {
	if len(files) != 1 {
		return nil
	}
	p, err := policyfile.Load(files[0])
	if err != nil {
		return nil // the generator says what is wrong with it
	}
	cache := cfg.cacheDir()
	digest := p.Digest()
	name := filepath.Join(cache, "sekisho", "vet", strings.NewReplacer(":", "-", "/", "-").Replace(digest)+".json")
	if data, err := os.ReadFile(name); err != nil || !bytes.Equal(data, p.Encode()) {
		if err := writeFile(name, p.Encode()); err != nil {
			return nil // packages that import the zones see the policy all the same
		}
	}
	return []string{"-zones.policy=" + name, "-zones.sum=" + digest}
}

// cacheDir is where the user's programs keep what they can make again.
func (cfg Config) cacheDir() string {
	for _, place := range [...]struct{ variable, below string }{{"XDG_CACHE_HOME=", ""}, {"LocalAppData=", ""}, {"HOME=", ".cache"}} {
		for _, kv := range cfg.Env {
			if dir, ok := strings.CutPrefix(kv, place.variable); ok && filepath.IsAbs(dir) {
				return filepath.Join(dir, place.below)
			}
		}
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return dir
	}
	return os.TempDir()
}

// writeFile puts a file in place in one step.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// stalePolicies finds zones packages that are not what their policy files say.
func stalePolicies(files []string) ([]*Finding, error) {
	var found []*Finding
	for _, file := range files {
		res, err := gen.Zones(file)
		if err != nil {
			return nil, err
		}
		stale, err := res.Stale()
		if err != nil {
			return nil, err
		}
		for _, f := range stale {
			c := checkNamed("stale")
			found = append(found, &Finding{
				Check: c.Name, ID: c.ID, Severity: c.Severity, URL: c.URL(), Package: filepath.Base(filepath.Dir(f.Path)),
				Place:   Place{File: file, Line: 1, Column: 1},
				Message: "the zones package " + filepath.Base(filepath.Dir(f.Path)) + " is not what this policy says; run: sekisho gen ./...",
			})
		}
	}
	return found, nil
}
