package jp

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTable counts the municipalities. The numbers are those of the Ministry
// of Internal Affairs and Communications: cities, towns, villages.
func TestTable(t *testing.T) {
	want := [...][3]int{
		{35, 129, 15}, {10, 22, 8}, {14, 15, 4}, {14, 20, 1}, {13, 9, 3}, {13, 19, 3}, {13, 31, 15}, // to Fukushima
		{32, 10, 2}, {14, 11, 0}, {12, 15, 8}, {40, 22, 1}, {37, 16, 1}, {26, 5, 8}, {19, 13, 1}, // to Kanagawa
		{20, 6, 4}, {10, 4, 1}, {11, 8, 0}, {9, 8, 0}, {13, 8, 6}, {19, 23, 35}, {21, 19, 2}, {23, 12, 0}, {38, 14, 2}, // to Aichi
		{14, 15, 0}, {13, 6, 0}, {15, 10, 1}, {33, 9, 1}, {29, 12, 0}, {12, 15, 12}, {9, 20, 1}, // to Wakayama
		{4, 14, 1}, {8, 10, 1}, {15, 10, 2}, {14, 9, 0}, {13, 6, 0}, // to Yamaguchi
		{8, 15, 1}, {8, 9, 0}, {11, 9, 0}, {11, 17, 6}, // to Kochi
		{29, 29, 2}, {10, 10, 0}, {13, 8, 0}, {14, 23, 8}, {14, 3, 1}, {9, 14, 3}, {19, 20, 4}, {11, 11, 19}, // to Okinawa
	}
	var total [3]int
	for i, p := range prefectures {
		got := [3]int{len(strings.Fields(p.cities))}
		for line := range strings.Lines(p.districts) {
			district, towns, _ := strings.Cut(line, ":")
			if district != "" && !strings.HasSuffix(district, "郡") {
				t.Errorf("%s: %q is no district", p.name, district)
			}
			for town := range strings.FieldsSeq(towns) {
				switch {
				case strings.HasSuffix(town, "町"):
					got[1]++
				case strings.HasSuffix(town, "村"):
					got[2]++
				default:
					t.Errorf("%s: %q is neither town nor village", p.name, town)
				}
			}
		}
		if got != want[i] {
			t.Errorf("%s: %v cities, towns, villages, want %v", p.name, got, want[i])
		}
		for j := range total {
			total[j] += got[j]
		}
	}
	if wantTotal := [3]int{792, 743, 183}; total != wantTotal {
		t.Errorf("in all %v, want %v", total, wantTotal)
	}
	if n := len(strings.Fields(prefectures[12].wards)); n != 23 {
		t.Errorf("%d special wards, want 23", n)
	}
}

// TestGazetteer checks what locate relies on: the last hit is the whole name.
func TestGazetteer(t *testing.T) {
	g := gazetteer()
	longest := 0
	for form, p := range g {
		longest = max(longest, utf8.RuneCountInString(form))
		for i := range form {
			if q, ok := g[form[:i]]; ok && q.name != p.prefecture {
				t.Errorf("%s is the begin of %s", form[:i], form)
			}
		}
		if p.name == "" && form != "府中市" && form != "伊達市" {
			t.Errorf("%s is in doubt, and the documentation does not say so", form)
		}
		if p.name != "" {
			if got := Municipality(p.name).String(); got != p.name {
				t.Errorf("Municipality(%s) = %q, want the same", p.name, got)
			}
		}
	}
	if longest != maxPlace {
		t.Errorf("the longest name has %d characters, want maxPlace = %d", longest, maxPlace)
	}
}
