package load_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/internal/load"
)

// manyTypes is a module with labelled types of eight fields each, and a method
// with a body for each, in packages of fifty types.
func manyTypes(n int) *txtar.Archive {
	a := new(txtar.Archive)
	for p := range (n + 49) / 50 {
		var b strings.Builder
		fmt.Fprintf(&b, "package p%d\n\nimport (\n\t\"fmt\"\n\t\"time\"\n\n\t\"example.com/app/zones\"\n\n\t\"github.com/sekisho-go/sekisho/zone\"\n)\n", p)
		for i := range min(50, n-p*50) {
			fmt.Fprintf(&b, `
// Record%[1]d is a record.
type Record%[1]d struct {
	zone.Home[zones.Ward]
	Number string            `+"`classify:\"patient-number,id\"`"+`
	Name   string            `+"`classify:\"name\"`"+`
	Phone  []string          `+"`classify:\"phone\"`"+`
	Birth  time.Time         `+"`classify:\"birth-date\"`"+`
	Notes  map[string]string `+"`classify:\"secret\"`"+`
	Office *int              `+"`classify:\"public\"`"+`
	Next   *Record%[1]d
	Last   []Record%[2]d
}

// Describe has a body that the loader need not check.
func (r *Record%[1]d) Describe() string {
	var out []string
	for k, v := range r.Notes {
		out = append(out, fmt.Sprintf("%%s=%%s", k, v))
	}
	if r.Birth.IsZero() || len(out) > 10 {
		return fmt.Sprint(len(out))
	}
	return out[0]
}
`, i, max(i-1, 0))
		}
		a.Files = append(a.Files, txtar.File{Name: fmt.Sprintf("p%d/p.go", p), Data: []byte(b.String())})
	}
	return a
}

// BenchmarkLoad compares the loader with bare packages.Load of the same
// module, which is the limit that it is measured against: once with the zones
// package overlaid, as the generator has to, which makes go/packages check
// everything from source, and once with it on disk.
func BenchmarkLoad(b *testing.B) {
	const n = 1000
	m := newModule(b, manyTypes(n))
	if r := m.load(b); len(r.Diagnostics) > 0 { // and fill the cache of the go command
		b.Fatal(r.Diagnostics[0])
	}
	bare := func(b *testing.B, overlay map[string][]byte) {
		for b.Loop() {
			list, err := packages.Load(&packages.Config{
				Mode: packages.LoadSyntax | packages.NeedModule, Dir: m.dir, Env: m.cfg.Env, Overlay: overlay,
			}, m.cfg.Patterns...)
			if err != nil {
				b.Fatal(err)
			}
			if len(list) == 0 || list[0].IllTyped {
				b.Fatal("the module does not type-check")
			}
		}
	}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			r, err := load.Load(context.Background(), m.cfg)
			if err != nil {
				b.Fatal(err)
			}
			count := 0
			for _, p := range r.Packages {
				count += len(p.Types)
			}
			if count != n {
				b.Fatalf("%d types, want %d", count, n)
			}
		}
	})
	b.Run("bare/overlay", func(b *testing.B) { bare(b, m.cfg.Overlay) })
	for name, content := range m.cfg.Overlay {
		write(b, name, content)
	}
	b.Run("bare/disk", func(b *testing.B) { bare(b, nil) })
}
