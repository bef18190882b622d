package packing

import (
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/zone/wire"
)

// printerOf is a printer of a record, and the schema's text.
func printerOf(t *testing.T, shape string, record []byte) (*printer, *Schema) {
	t.Helper()
	s, err := ParseSchema([]byte(`{"type":"example.com/app.V","zone":"lab","class":"public","fields":[{"name":"F","type":"` + shape + `"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return &printer{record: record, r: wire.NewReader(record), deepest: maxDepth, most: 1 << 20}, s
}

// A record of a few bytes does not become as much JSON as there is memory: the
// names in its schema are written again and again.
func TestNamesAreBounded(t *testing.T) {
	name := strings.Repeat("A", 32<<10)
	var w wire.Writer
	w.Count(1000)
	for range 1000 {
		w.Bool(true)
	}
	p, s := printerOf(t, "[]{"+name+":bool}", w.Bytes())
	p.structure(s.root.members)
	if p.err == nil || !strings.Contains(p.err.Error(), "bytes of JSON") {
		t.Errorf("err = %.100v, want one about the length", p.err)
	}
	if most := p.most + len(name) + 100; len(p.out) > most {
		t.Errorf("%d bytes were written, want %d at most", len(p.out), most)
	}
}

// Each list looks at what its elements need at least, which must not be counted
// over all their fields each time.
func TestShapesAreMeasuredOnce(t *testing.T) {
	var w wire.Writer
	w.Count(500)
	for range 500 {
		w.Count(0)
	}
	p, s := printerOf(t, "[][]{A:bool,B:[2]{C:float}}", w.Bytes())
	p.structure(s.root.members)
	if p.err != nil || len(p.least) != 2 {
		t.Errorf("%d shapes were measured, want 2; err = %v", len(p.least), p.err)
	}
}
