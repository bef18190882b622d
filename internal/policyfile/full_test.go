package policyfile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

// TestFull loads a file that has every key and compares the whole model.
func TestFull(t *testing.T) {
	p, err := policyfile.Load("testdata/full/sekisho.yaml")
	if err != nil {
		t.Fatal("\n" + policyfile.Render(err))
	}
	var got bytes.Buffer
	if err := json.Indent(&got, p.Encode(), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	const golden = "testdata/full/want.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the model (-want +got):\n%s", diff)
	}
}
