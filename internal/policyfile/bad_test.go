package policyfile_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

var update = flag.Bool("update", false, "write what the tests get into the files that say what they want")

// leastBad is how many wrong policies the table has at least: a message that
// nobody looks at gets worse.
const leastBad = 60

// TestBadPolicies loads each wrong policy of testdata/bad and compares the
// whole message. An archive has a comment that says what is wrong, the file
// sekisho.yaml, files it refers to, and the message as "want".
func TestBadPolicies(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < leastBad {
		t.Errorf("%d wrong policies in testdata/bad, want %d at least", len(paths), leastBad)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, want := splitWant(archive)
			_, err = policyfile.LoadFS(files, "sekisho.yaml")
			if err == nil {
				t.Fatalf("loads, and should not: %s", archive.Comment)
			}
			var problems *policyfile.Error
			if !errors.As(err, &problems) {
				t.Fatalf("not a *policyfile.Error but %T: %v", err, err)
			}
			got := policyfile.Render(err)
			if *update {
				writeWant(t, path, archive, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("message (-want +got); run the test with -update and read it:\n%s", diff)
			}
			checkForm(t, problems)
		})
	}
}

// checkForm holds every problem against the rules for messages.
func checkForm(t *testing.T, all *policyfile.Error) {
	t.Helper()
	for _, p := range all.Problems {
		line := p.Error()
		if strings.ContainsAny(line, "\n\r\t") {
			t.Errorf("more than one line: %q", line)
		}
		if strings.HasSuffix(line, ".") {
			t.Errorf("ends with a full stop: %q", line)
		}
		if p.Msg == "" || p.Remedy == "" {
			t.Errorf("message %q with remedy %q: want both", p.Msg, p.Remedy)
		}
		if first := p.Msg[0]; first >= 'A' && first <= 'Z' && !strings.HasPrefix(p.Msg, "YAML") {
			t.Errorf("begins with a capital letter: %q", p.Msg)
		}
		if p.Pos.Line > 0 && strings.TrimSpace(p.Line) != "" && p.Pos.Col > len([]rune(p.Line))+1 {
			t.Errorf("column %d is outside of the line %q", p.Pos.Col, p.Line)
		}
	}
}

// splitWant separates the policy files from the wanted message. In archives
// the escapes ‹tab›, ‹cr› and ‹xNN› stand for bytes that editors and version
// control do not keep.
func splitWant(a *txtar.Archive) (files fs.FS, want string) {
	policies := new(txtar.Archive)
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		f.Data = unescape(f.Data)
		policies.Files = append(policies.Files, f)
	}
	fsys, err := txtar.FS(policies)
	if err != nil {
		panic(err)
	}
	return fsys, want
}

var unescaper = strings.NewReplacer("‹tab›", "\t", "‹cr›", "\r", "‹bom›", "\uFEFF", "‹x01›", "\x01", "‹xff›", "\xFF", "‹rlo›", "\u202E", "‹ls›", "\u2028")

func unescape(b []byte) []byte { return []byte(unescaper.Replace(string(b))) }

func writeWant(t *testing.T, path string, a *txtar.Archive, got string) {
	t.Helper()
	kept := &txtar.Archive{Comment: a.Comment}
	original, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range original.Files {
		if f.Name != "want" {
			kept.Files = append(kept.Files, f)
		}
	}
	kept.Files = append(kept.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(path, txtar.Format(kept), 0o644); err != nil {
		t.Fatal(err)
	}
}
