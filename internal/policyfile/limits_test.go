package policyfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sekisho-go/sekisho/internal/policyfile"
)

// TestHostileFiles loads files that are made to cost more than they are worth.
// Each must be refused, and soon.
func TestHostileFiles(t *testing.T) {
	const head = "sekisho: 1\nname: test\n"
	const most, line = 1 << 20, 1 << 16
	tests := []struct {
		name, text, want string
	}{
		{"too large", head + strings.Repeat("# comment\n", most/10), "more than 1048576 bytes"},
		{"a long line", head + "# " + strings.Repeat("-", line), "a line of 65538 bytes"},
		{"brackets", head + "classes: " + strings.Repeat("[", line/2), "deep"},
		{"brackets on many lines", head + "classes: " + strings.Repeat(" [\n", most/4), "deep"},
		{"brackets that close", head + "classes: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "deep"},
		{"keys within keys", strings.Repeat("? ", line/3), "deep"},
		{"entries on one line", head + "classes: [" + strings.Repeat("!x 1,", line/8) + "]", "the tag !x"},
		{"many wrong entries", head + "classes: [" + strings.Repeat("{},\n  ", most/8) + "]", "wants a class name"},
		{"many keys", head + manyKeys(most/16), "has no key"},
		{"the same key", head + strings.Repeat("name: test\n", most/16), "is here twice"},
		{"a long key", head + strings.Repeat("k", line/2) + ": 1\n", "has no key"},
		{"a long value", head + "edition: 2025-11\ngo: {zones: " + strings.Repeat("k", line/2) + "}\n", "no classes"},
		{"aliases", head + "classes: &a [" + strings.Repeat("1, ", 1000) + "1]\n" + manyAliases(10000), "anchor"},
		{"a long list", head + "zones: {ward: {holds: 1}}\nclasses: [" + strings.Repeat("1,\n  ", most/8) + "1]", "given twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := fstest.MapFS{"sekisho.yaml": {Data: []byte(test.text)}}
			began := time.Now()
			_, err := policyfile.LoadFS(tree, "sekisho.yaml")
			var all *policyfile.Error
			if !errors.As(err, &all) {
				t.Fatalf("got %v, want a *policyfile.Error", err)
			}
			drawn := policyfile.Render(err)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if !strings.Contains(drawn, test.want) {
				t.Errorf("the message has no %q:\n%.2000s", test.want, drawn)
			}
			if len(all.Problems) > 200 || len(drawn) > 1<<20 {
				t.Errorf("%d problems in %d bytes", len(all.Problems), len(drawn))
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "key%d: 1\n", i)
	}
	return b.String()
}

func manyAliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "key%d: *a\n", i)
	}
	return b.String()
}
