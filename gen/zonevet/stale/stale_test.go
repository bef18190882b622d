package stale_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
	"github.com/sekisho-go/sekisho/gen/zonevet/stale"
)

func Test(t *testing.T) { vettest.Run(t, stale.About, stale.Analyzer) }

// A generated file that somebody changed, if only by a comment.
func TestEdited(t *testing.T) {
	files := vettest.Files(t, filepath.Join("testdata", "stale.txtar"))
	for name := range files {
		if !strings.HasPrefix(name, "edited/") && name != "sekisho.yaml" {
			delete(files, name)
		}
	}
	dir := vettest.Module(t, files)
	name := filepath.Join(dir, "edited", "zone_gen.go")
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new string }{
		{"line ends of another system", "\n", "\r\n"},
		{"a comment", "package edited", "package edited // want `zone_gen.go was changed after it was generated; run: sekisho gen ./...`"},
	} {
		text := strings.ReplaceAll(string(src), tt.old, tt.new)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Run(tt.name, func(t *testing.T) { analysistest.Run(t, dir, stale.Analyzer, "./edited") })
	}
}
