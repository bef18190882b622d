package load

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

func TestIncludeAlways(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"//go:build !sekisho_gen\n\npackage p\n", "//                     \n\npackage p\n"},
		{"// Generated.\r\n//go:build !sekisho_gen\r\n\r\npackage p", "// Generated.\r\n//                      \n\r\npackage p"},
		{"package p\n\n//go:build !sekisho_gen\n", "package p\n\n//go:build !sekisho_gen\n"},
		{"//go:build linux\n\npackage p\n", "//go:build linux\n\npackage p\n"},
		{"", ""},
	} {
		got := string(includeAlways([]byte(tc.in)))
		if got != tc.want {
			t.Errorf("includeAlways(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

// FuzzIncludeAlways checks that nothing but the constraint changes.
func FuzzIncludeAlways(f *testing.F) {
	for _, s := range []string{"//go:build !sekisho_gen\npackage p\n", "package p", "//go:build !sekisho_gen", "\n\n", "//go:build !sekisho_gen\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		before := bytes.Clone(in)
		out := includeAlways(in)
		if !bytes.Equal(in, before) {
			t.Fatal("the input was changed")
		}
		if len(out) != len(in) || bytes.Count(out, []byte("\n")) != bytes.Count(in, []byte("\n")) {
			t.Fatalf("%q became %q: positions moved", in, out)
		}
	})
}

// FuzzLiteralOffset checks the place in a literal against what is left of it.
func FuzzLiteralOffset(f *testing.F) {
	f.Add(`json:"日本" classify:"name"`, 20)
	f.Add("\x00\\\t", 1)
	f.Fuzz(func(t *testing.T, value string, offset int) {
		quoted := strconv.Quote(value)
		literal := quoted[1 : len(quoted)-1]
		at := literalOffset(literal, offset)
		if at < 0 || at > len(literal) {
			t.Fatalf("offset %d in %q is %d, outside", offset, literal, at)
		}
		if offset < 0 || offset > len(value) {
			return
		}
		rest, err := strconv.Unquote(`"` + literal[at:] + `"`)
		// In the middle of a character the next one counts.
		if err != nil || !strings.HasSuffix(value, rest) || len(value)-len(rest)-offset > 3 {
			t.Fatalf("offset %d in %q is %d, where %q is left (%v)", offset, literal, at, rest, err)
		}
	})
}

func TestImportable(t *testing.T) {
	for _, tc := range []struct {
		path, from string
		want       bool
	}{
		{"time", "example.com/app", true},
		{"internal/abi", "example.com/app", false},
		{"vendor/golang.org/x/net/idna", "example.com/app", false},
		{"example.com/app/internal/x", "example.com/app", true},
		{"example.com/app/internal/x", "example.com/app/y/z", true},
		{"example.com/app/internal/x", "example.com/apple", false},
		{"example.com/app/internal", "example.com/app/y", true},
		{"example.com/app/y/internal/x", "example.com/app/z", false},
		{"example.com/internals/x", "example.org", true},
	} {
		if got := importable(tc.path, tc.from); got != tc.want {
			t.Errorf("importable(%q, %q) = %v, want %v", tc.path, tc.from, got, tc.want)
		}
	}
}
