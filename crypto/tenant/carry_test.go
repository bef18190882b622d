package tenant_test

import (
	"os"
	"testing"

	"github.com/sekisho-go/sekisho/crypto/internal/door"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// A pass that was made up opens nothing: files as such are for package custody.
func TestMadeUpPass(t *testing.T) {
	fsys, kek := os.DirFS("testdata/kouki"), new(zeroKEK)
	f, err := tenant.ReadFile(door.NewPass(), fsys, "131016.tenant")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Open(door.NewPass(), kek, nil); err != nil {
		t.Fatal(err)
	}
	var none door.Pass
	for what, do := range map[string]func() error{
		"FileNames": func() error { _, err := tenant.FileNames(none, fsys); return err },
		"ReadFile":  func() error { _, err := tenant.ReadFile(none, fsys, "131016.tenant"); return err },
		"Open":      func() error { return f.Open(none, kek, nil) },
		"Move":      func() error { _, err := f.Move(none, kek, nil, kek, []byte("x")); return err },
		"ErasedBefore": func() error {
			_, err := tenant.ErasedBefore(none, fsys, "kouki", "131024", kek)
			return err
		},
	} {
		wantError[*tenant.FileError](t, what, do())
	}
}
