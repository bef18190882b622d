package policyfile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/policy/presets"
)

// FuzzLoad feeds the decoder anything. It must not panic, what it reports must
// be drawable and point into the file, and what it accepts must survive the
// compiled form.
func FuzzLoad(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		tree := fstest.MapFS{
			"sekisho.yaml": {Data: data},
			"base.yaml":    {Data: []byte("sekisho: 1\nclasses: [1, 2]\nzones: {ward: {holds: 2}}\n")},
		}
		p, err := policyfile.LoadFS(tree, "sekisho.yaml")
		if err != nil {
			checkDrawable(t, err, data)
			return
		}
		if err := p.Check(); err != nil {
			t.Fatalf("loads, but does not pass Check: %v", err)
		}
		encoded := p.Encode()
		q, err := policy.Decode(encoded)
		if err != nil {
			t.Fatalf("the compiled form does not decode: %v\n%s", err, encoded)
		}
		if err := q.Check(); err != nil {
			t.Fatalf("the compiled form does not pass Check: %v", err)
		}
		if again := q.Encode(); !bytes.Equal(encoded, again) {
			t.Fatalf("the compiled form changed:\n%s\n%s", encoded, again)
		}
	})
}

func addSeeds(f *testing.F) {
	f.Helper()
	err := fs.WalkDir(presets.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(presets.FS(), path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	full, err := os.ReadFile("testdata/full/sekisho.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	paths, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(unescape(archive.Files[0].Data))
	}
}

func checkDrawable(t *testing.T, err error, data []byte) {
	t.Helper()
	var all *policyfile.Error
	if !errors.As(err, &all) {
		t.Fatalf("not a *policyfile.Error but %T: %v", err, err)
	}
	lines := bytes.Count(data, []byte("\n")) + 1
	for _, p := range all.Problems {
		if p.Msg == "" || strings.ContainsAny(p.Error(), "\n\x00\x1b") {
			t.Errorf("message %q", p.Error())
		}
		if p.Pos.File == "sekisho.yaml" && p.Pos.Line > lines {
			t.Errorf("line %d of %d", p.Pos.Line, lines)
		}
	}
	drawn := policyfile.Render(err)
	if drawn == "" || strings.ContainsAny(drawn, "\x00\x1b\r") {
		t.Errorf("drawn as %q", drawn)
	}
}
