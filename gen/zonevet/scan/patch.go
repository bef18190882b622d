package scan

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strconv"
	"strings"
)

// Tagged returns a Go file with the proposals for it written as struct tags. The
// lines stay where they are. Proposals of columns change nothing.
func Tagged(src []byte, proposals []Proposal) []byte {
	list := slices.DeleteFunc(slices.Clone(proposals), func(p Proposal) bool { return p.sql })
	slices.SortFunc(list, func(a, b Proposal) int { return b.at - a.at }) // from the end, so that offsets hold
	out := slices.Clone(src)
	for _, p := range list {
		label := `classify:"` + p.Category + `"`
		tag := " `" + label + "`"
		if p.end > p.at {
			present, err := strconv.Unquote(string(src[p.at:p.end]))
			if err != nil || strings.Contains(present, "`") {
				continue
			}
			tag = "`" + strings.TrimSpace(label+" "+present) + "`"
		}
		out = slices.Replace(out, p.at, p.end, []byte(tag)...)
	}
	if clean, err := format.Source(src); err != nil || !bytes.Equal(clean, src) {
		return out // what was not formatted stays as it is
	}
	if clean, err := format.Source(out); err == nil && bytes.Count(clean, []byte("\n")) == bytes.Count(out, []byte("\n")) {
		return clean
	}
	return out
}

// context is how many lines a patch shows around a change.
const context = 3

// Patch writes the change of a file as a unified diff, as git apply and patch -p1
// take it. Both versions have the same number of lines; equal ones give nothing.
func Patch(name string, before, after []byte) string {
	old, now := strings.SplitAfter(string(before), "\n"), strings.SplitAfter(string(after), "\n")
	if len(old) != len(now) {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(old); {
		if old[i] == now[i] {
			i++
			continue
		}
		last := i // the last changed line of the hunk
		for j := i; j < len(old) && j <= last+2*context; j++ {
			if old[j] != now[j] {
				last = j
			}
		}
		from, to := max(0, i-context), min(lines(old), last+1+context)
		if b.Len() == 0 {
			fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
		}
		fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n", from+1, to-from, from+1, to-from)
		hunk(&b, old[from:to], now[from:to])
		i = last + 1
	}
	return b.String()
}

// lines is how many lines there are; behind the last line end there is none.
func lines(list []string) int {
	if list[len(list)-1] == "" {
		return len(list) - 1
	}
	return len(list)
}

// hunk writes runs of changed lines, first the old ones, then the new ones.
func hunk(b *strings.Builder, old, now []string) {
	put := func(mark, line string) {
		b.WriteString(mark + line)
		if !strings.HasSuffix(line, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
	for i := 0; i < len(old); {
		j := i
		for j < len(old) && old[j] != now[j] {
			j++
		}
		for k := i; k < j; k++ {
			put("-", old[k])
		}
		for k := i; k < j; k++ {
			put("+", now[k])
		}
		if i == j {
			put(" ", old[i])
			j++
		}
		i = j
	}
}
