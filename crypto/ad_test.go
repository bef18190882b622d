package crypto_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
)

func TestAppendAD(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tc := range []struct {
		reason string
		parts  []string
		want   string
	}{
		{"no parts, no bytes", nil, ""},
		{"an empty part is not the absence of a part", []string{""}, "\x00"},
		{"length, then bytes", []string{"a", "bc"}, "\x01a\x02bc"},
		{"a length over 127 takes two bytes", []string{long}, "\xc8\x01" + long},
		{"lengths count bytes, not characters", []string{"区"}, "\x03区"},
	} {
		if diff := cmp.Diff(tc.want, string(crypto.AppendAD(nil, tc.parts...))); diff != "" {
			t.Errorf("%s: AppendAD(%q) (-want +got):\n%s", tc.reason, tc.parts, diff)
		}
	}
}

func TestAppendADIsInjective(t *testing.T) {
	same := func(a, b []string) bool {
		return slices.Equal(a, b) == bytes.Equal(crypto.AppendAD(nil, a...), crypto.AppendAD(nil, b...))
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	// Random lists are hardly ever close to each other; these are.
	lists := [][]string{nil, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"a\x01b"}, {"\x01a"}, {"\x00"}}
	for i, a := range lists {
		for _, b := range lists[i+1:] {
			if !same(a, b) {
				t.Errorf("AppendAD(%q) and AppendAD(%q) are the same", a, b)
			}
		}
	}
}

func TestAppendADContinues(t *testing.T) {
	joined := func(a, b []string) bool {
		return bytes.Equal(crypto.AppendAD(nil, slices.Concat(a, b)...), crypto.AppendAD(crypto.AppendAD(nil, a...), b...))
	}
	if err := quick.Check(joined, nil); err != nil {
		t.Error(err)
	}
}
