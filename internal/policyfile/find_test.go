package policyfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

func TestFind(t *testing.T) {
	const policyText, module = "sekisho: 1\n", "module example.com/app\n"
	tests := []struct {
		name   string
		files  map[string]string
		from   string
		want   string // "" where there is none
		reason string
	}{
		{"here", map[string]string{"app/sekisho.yaml": policyText, "app/go.mod": module}, "app", "app/sekisho.yaml", "the folder itself comes first"},
		{"above", map[string]string{"app/sekisho.yaml": policyText, "app/go.mod": module, "app/internal/web/x.go": ""}, "app/internal/web", "app/sekisho.yaml", "a package uses the policy of its module"},
		{"nearest", map[string]string{"app/sekisho.yaml": policyText, "app/web/sekisho.yaml": policyText, "app/go.mod": module}, "app/web", "app/web/sekisho.yaml", "the nearest counts"},
		{"beside modules", map[string]string{"sekisho.yaml": policyText, "app/go.mod": module, "app/web/x.go": ""}, "app/web", "sekisho.yaml", "modules beside one another share a policy"},
		{"too far", map[string]string{"sekisho.yaml": policyText, "group/app/go.mod": module, "group/app/web/x.go": ""}, "group/app/web", "", "two levels above a module is somebody else's"},
		{"a folder of that name", map[string]string{"app/sekisho.yaml/x": "", "app/go.mod": module}, "app", "", "a folder is no policy"},
		{"other ending", map[string]string{"app/sekisho.yml": policyText, "app/go.mod": module}, "app", "", "one name only, and the message says so"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range test.files {
				write(t, filepath.Join(root, filepath.FromSlash(name)), text)
			}
			got, err := policyfile.Find(filepath.Join(root, filepath.FromSlash(test.from)))
			if test.want == "" {
				if !errors.Is(err, fs.ErrNotExist) {
					t.Fatalf("found %q, %v; want fs.ErrNotExist: %s", got, err, test.reason)
				}
				if test.name == "other ending" && !strings.Contains(err.Error(), "sekisho.yml must be called sekisho.yaml") {
					t.Errorf("%v: want it to say what the file must be called", err)
				}
				return
			}
			if want := filepath.Join(root, filepath.FromSlash(test.want)); err != nil || got != want {
				t.Errorf("found %q, %v; want %q: %s", got, err, want, test.reason)
			}
		})
	}
}

func TestFindKeepsPathsRelative(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "sekisho.yaml"), "sekisho: 1\n")
	if err := os.MkdirAll(filepath.Join(root, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "a", "b"))
	got, err := policyfile.Find(".")
	if want := filepath.Join("..", "..", "sekisho.yaml"); err != nil || got != want {
		t.Errorf("found %q, %v; want %q", got, err, want)
	}
}
