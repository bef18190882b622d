package load_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestArchives loads every archive and compares what was found (want.model)
// and what was reported (want.problems), both whole.
func TestArchives(t *testing.T) {
	for _, kind := range []string{"model", "problems"} {
		for _, file := range archives(t, kind) {
			t.Run(kind+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				t.Parallel()
				a, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				m := newModule(t, a)
				r := m.load(t)
				found, reported := "", m.complaints(r)
				if kind == "model" {
					found = m.describe(r)
				}
				if *update {
					setWant(t, file, a, "want.model", found)
					setWant(t, file, a, "want.problems", reported)
					return
				}
				if diff := cmp.Diff(want(a, "want.model"), found); diff != "" {
					t.Errorf("model, want -, got +:\n%s", diff)
				}
				if diff := cmp.Diff(want(a, "want.problems"), reported); diff != "" {
					t.Errorf("problems, want -, got +:\n%s", diff)
				}
			})
		}
	}
}
