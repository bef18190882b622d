package scenario

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// diff shows where two texts differ: everything between the first and the last
// different line, with a little around it.
func diff(want, got string) string {
	const around = 3
	a, b := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var sb strings.Builder
	from := max(0, start-around)
	fmt.Fprintf(&sb, "@@ line %d @@\n", from+1)
	write := func(mark string, lines []string) {
		for _, line := range lines {
			if line != "" {
				sb.WriteString(mark + strings.TrimSuffix(line, "\n") + "\n")
			}
		}
	}
	write("  ", a[from:start])
	write("- ", a[start:len(a)-end])
	write("+ ", b[start:len(b)-end])
	write("  ", a[len(a)-end:min(len(a), len(a)-end+around)])
	return sb.String()
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
