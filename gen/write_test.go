package gen_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/gen"
)

// A checkout on Windows may end lines with CRLF; a check must not fail there.
func TestStaleForgivesLineEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone_gen.go")
	const want = "package p\n\nvar X int\n"
	for have, stale := range map[string]int{
		want:                                   0,
		strings.ReplaceAll(want, "\n", "\r\n"): 0,
		strings.ReplaceAll(want, "X", "Y"):     1,
		want + "\r":                            1,
	} {
		if err := os.WriteFile(path, []byte(have), 0o600); err != nil {
			t.Fatal(err)
		}
		res := gen.Result{Files: []gen.File{{Path: path, Content: []byte(want)}}}
		got, err := res.Stale()
		if err != nil || len(got) != stale {
			t.Errorf("%q: %d stale files, %v; want %d", have, len(got), err, stale)
		}
	}
}
