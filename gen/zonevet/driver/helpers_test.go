package driver_test

import (
	stderrors "errors"
	"os/exec"
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/driver"
)

func errors(errs ...error) error { return stderrors.Join(errs...) }

// vendor copies what the module needs into it.
func vendor(t *testing.T, cfg driver.Config) {
	t.Helper()
	for _, args := range [][]string{{"mod", "tidy"}, {"mod", "vendor"}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = cfg.Dir, append(cfg.Env, "GOPROXY=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
}
