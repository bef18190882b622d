package driver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/internal/directive"
)

// goPackage is what the go command says about a package.
type goPackage struct {
	ImportPath, Dir                                              string
	GoFiles, CgoFiles, TestGoFiles, XTestGoFiles, IgnoredGoFiles []string
	Error                                                        *struct{ Err string }
}

// list asks the go command for packages.
func (cfg Config) list(ctx context.Context) ([]goPackage, error) {
	args := []string{"list", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles,Error"}
	if cfg.Tags != "" {
		args = append(args, "-tags="+cfg.Tags)
	}
	if len(cfg.Patterns) == 0 {
		cfg.Patterns = []string{"./..."}
	}
	cmd := exec.CommandContext(ctx, "go", append(args, cfg.Patterns...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = cfg.Dir, cfg.Env, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go list could not run: %s", strings.Join(strings.Fields(stderr.String()), " "))
	}
	var list []goPackage
	for dec := json.NewDecoder(&stdout); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		if p.Dir == "" && p.Error != nil {
			return nil, fmt.Errorf("go list could not run: %s", p.Error.Err)
		}
		list = append(list, p)
	}
}

// Packages are the import paths of the packages that a run looks at, external
// tests with the name that go vet gives them.
func Packages(ctx context.Context, cfg Config) ([]string, error) {
	list, err := cfg.list(ctx)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, p := range list {
		paths = append(paths, p.ImportPath)
		if len(p.XTestGoFiles) > 0 {
			paths = append(paths, p.ImportPath+"_test")
		}
	}
	return paths, nil
}

// Allowance is one finding that the source accepts.
type Allowance struct {
	Check, Reason string
	Place         Place
	Since         time.Time // when the line was last changed, by version control; zero where there is none
}

// Age says how long an allowance has stood, for people: "12 days", "new" of one
// that is not committed, "" where nobody knows.
func (a Allowance) Age(now time.Time) string {
	if a.Since.IsZero() {
		return ""
	}
	switch days := int(now.Sub(a.Since).Hours() / 24); {
	case days < 1:
		return "new"
	case days == 1:
		return "1 day"
	default:
		return strconv.Itoa(days) + " days"
	}
}

// Allowances lists the //zone:allow directives of packages, also of files that
// build tags leave out, by file and line. An allowance that names no check that
// there is, is in the list: what is wrong with it the analyzer says.
func Allowances(ctx context.Context, cfg Config) ([]Allowance, error) {
	list, err := cfg.list(ctx)
	if err != nil {
		return nil, err
	}
	var all []Allowance
	for _, p := range list {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles) {
			found, err := allowancesIn(filepath.Join(p.Dir, name))
			if err != nil {
				return nil, err
			}
			if len(found) > 0 {
				cfg.blame(ctx, p.Dir, name, found)
			}
			for i := range found {
				found[i].Place.File = relative(cfg.Dir, found[i].Place.File)
			}
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, func(a, b Allowance) int {
		return cmp.Or(cmp.Compare(a.Place.File, b.Place.File), cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column))
	})
	return all, nil
}

// allowancesIn reads those of one file. A file that does not parse has those up
// to where it does not.
func allowancesIn(name string) ([]Allowance, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if f == nil {
		return nil, err
	}
	var all []Allowance
	for _, g := range f.Comments {
		for _, c := range g.List {
			if d, ok, err := directive.Parse(c.Text); err == nil && ok && d.Kind == directive.Allow {
				pos := fset.Position(c.Pos())
				all = append(all, Allowance{Check: d.Check, Reason: d.Reason, Place: Place{pos.Filename, pos.Line, pos.Column}})
			}
		}
	}
	return all, nil
}

// blame asks git when lines were changed. Without git, outside of a repository
// and for files that it does not know, nobody knows.
func (cfg Config) blame(ctx context.Context, dir, name string, found []Allowance) {
	args := []string{"blame", "--porcelain"}
	for _, a := range found {
		args = append(args, fmt.Sprintf("-L%d,%d", a.Place.Line, a.Place.Line))
	}
	cmd := exec.CommandContext(ctx, "git", append(args, "--", name)...)
	cmd.Dir, cmd.Env = dir, cfg.Env
	out, err := cmd.Output()
	if err != nil {
		return
	}
	times := map[string]time.Time{} // by commit: its header is written once
	at := map[int]string{}          // commit by line
	commit := ""
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "\t") || len(fields) == 0:
		case len(fields) >= 3 && len(fields[0]) >= 40:
			commit = fields[0]
			if n, err := strconv.Atoi(fields[2]); err == nil {
				at[n] = commit
			}
		case fields[0] == "author-time" && len(fields) == 2:
			if sec, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				times[commit] = time.Unix(sec, 0).UTC()
			}
		}
	}
	for i := range found {
		found[i].Since = times[at[found[i].Place.Line]]
	}
}

// Files lists the Go files of packages, tests and those that build tags leave out
// among them, and the .sql files beside them, sorted.
func Files(ctx context.Context, cfg Config) ([]string, error) {
	list, err := cfg.list(ctx)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, p := range list {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles) {
			files = append(files, filepath.Join(p.Dir, name))
		}
		sql, err := filepath.Glob(filepath.Join(p.Dir, "*.sql"))
		if err != nil {
			return nil, err
		}
		files = append(files, sql...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}
