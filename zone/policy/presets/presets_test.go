package presets_test

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/sekisho-go/sekisho/zone/policy/presets"
)

// What the presets say is tested where policy files are read; here is only that
// they are there.
func TestNamesAreFiles(t *testing.T) {
	names := presets.Names()
	if !slices.IsSorted(names) || !slices.Contains(names, "jp/alpha") || !slices.Contains(names, "cardholder") {
		t.Errorf("names %q: want them sorted, with jp/alpha and cardholder", names)
	}
	for _, name := range names {
		data, err := fs.ReadFile(presets.FS(), name+".yaml")
		if err != nil || len(data) == 0 {
			t.Errorf("preset %s: %d bytes, %v", name, len(data), err)
		}
	}
	if _, err := fs.Stat(presets.FS(), "sekisho.schema.json"); err == nil {
		t.Error("the schema is embedded: programs that carry presets have no use for it")
	}
}
