package factbytes

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoundTrip(t *testing.T) {
	var w Writer
	w.Strings([]string{"a", "b", "a", ""})
	w.Uint(1 << 40)
	w.Bool(true)
	w.String("b")
	r := NewReader(w.Bytes())
	if diff := cmp.Diff([]string{"a", "b", "a", ""}, r.Strings()); diff != "" {
		t.Errorf("strings (-want +got):\n%s", diff)
	}
	if n, b, s := r.Uint(), r.Bool(), r.String(); n != 1<<40 || !b || s != "b" || !r.Done() {
		t.Errorf("read %d %v %q, done %v, %v", n, b, s, r.Done(), r.Err())
	}
}

func FuzzReader(f *testing.F) {
	var w Writer
	w.Strings([]string{"x", "x", "y"})
	f.Add(w.Bytes())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(data)
		list := r.Strings()
		if r.Err() != nil {
			return
		}
		var w Writer
		w.Strings(list)
		again := NewReader(w.Bytes())
		if diff := cmp.Diff(list, again.Strings()); diff != "" {
			t.Error(diff)
		}
		if !bytes.Equal(w.Bytes(), func() []byte { var w2 Writer; w2.Strings(list); return w2.Bytes() }()) {
			t.Error("the same list gives different bytes")
		}
	})
}
