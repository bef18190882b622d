package audit_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho-go/sekisho/zone/audit"
)

// What decodes has one spelling, and that is what was decoded.
func FuzzDecodeEntry(f *testing.F) {
	for _, e := range samples() {
		data, err := e.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"time":"0001-01-01T00:00:00Z","recovery":{"cut":1,"digest":"sha256:"}}`))
	f.Add([]byte(`{"time":"2026-04-01T12:00:00Z","end":{"id":"\u0041"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := audit.DecodeEntry(data)
		if err != nil {
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%q is spelled %q, %v", data, again, err)
		}
	})
}

func FuzzHeader(f *testing.F) {
	for _, frames := range segmentsOf(f) {
		f.Add(frames[0][5 : len(frames[0])-4])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if again, err := audit.DecodeHeader(data); err == nil && !bytes.Equal(again, data) {
			t.Errorf("%q is spelled %q", data, again)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	f.Add(audit.Checkpoint{Origin: origin, Size: 12}.Text())
	f.Add("a\n-1\nAAAA\n")
	f.Add("a\n00\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := audit.ParseCheckpoint(text); err == nil && c.Text() != text {
			t.Errorf("%q is spelled %q", text, c.Text())
		}
	})
}

// Whatever stands in the last segment: it is opened with the entries that were
// acknowledged, or refused as damaged, and read without a panic.
func FuzzSegment(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "log")
	var last write
	opt := lazily(options(f), &last)
	l := open(f, dir, opt)
	crossings(f, l, 1)
	kept := l.Checkpoint()
	closeLog(f, l)
	whole := take(f, dir)
	segment := filepath.Join(l.Name(), "000000000000.entries")
	f.Add([]byte{}, 0)
	f.Add(audit.Frame('E', []byte("{}")), 0)
	f.Add(audit.Frame('C', kept), 0)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, 3)
	f.Fuzz(func(t *testing.T, tail []byte, cut int) {
		s := snapshot{}
		for name, data := range whole {
			s[name] = data
		}
		good := whole[segment]
		if cut > 0 && cut < len(good) {
			good = good[:len(good)-cut]
		}
		s[segment] = append(bytes.Clone(good), tail...)
		s.lay(t, dir)
		if _, err := audit.Verify(context.Background(), dir, reading(opt), kept); err != nil {
			t.Fatal(err)
		}
		l, err := audit.Open(dir, opt)
		if err != nil {
			var damage *audit.DamageError
			if !errors.As(err, &damage) {
				t.Fatal(err)
			}
			return
		}
		l.Close()
		if r := sound(t, dir, opt, kept); r.Logs[0].Size < 2 {
			t.Errorf("%d entries, want the two that were acknowledged", r.Logs[0].Size)
		}
	})
}

// segmentsOf returns the frames of the segments of a small log.
func segmentsOf(tb testing.TB) [][][]byte {
	tb.Helper()
	dir := tb.TempDir()
	l := open(tb, dir, options(tb))
	crossings(tb, l, 4)
	closeLog(tb, l)
	var all [][][]byte
	for _, name := range []string{"000000000000.entries", "000000000001.entries", "000000000002.entries"} {
		data, err := os.ReadFile(filepath.Join(dir, l.Name(), name))
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, splitFrames(data))
	}
	return all
}
