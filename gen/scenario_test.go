package gen_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"testing"

	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/internal/command"
	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/internal/scenario"
)

var update = flag.Bool("update", false, "rewrite what the scenarios want")

// TestScenarios is the specification of the generator and of the command, one
// file a scenario.
func TestScenarios(t *testing.T) {
	s := scenario.Suite{Generate: generate, Command: run, Update: *update}
	s.Run(t, "testdata/*.txtar")
}

var errDiagnosed = errors.New("there are diagnostics")

func generate(ctx context.Context, dir string) (map[string][]byte, string, error) {
	res, err := gen.Generate(ctx, gen.Config{Dir: dir})
	if err != nil {
		return nil, policyfile.Render(err), err
	}
	if len(res.Diagnostics) > 0 {
		return nil, gen.Render(dir, res.Diagnostics), errDiagnosed
	}
	files := map[string][]byte{}
	for _, f := range res.Files {
		rel, err := filepath.Rel(dir, f.Path)
		if err != nil {
			return nil, "", err
		}
		files[filepath.ToSlash(rel)] = f.Content
	}
	return files, "", nil
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer, dir string, env []string) int {
	return command.Main(context.Background(), command.Process{Args: args, Stdin: stdin, Stdout: stdout, Stderr: stderr, Dir: dir, Env: env})
}
