package classify_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify"
)

// masks has what each mask promises.
var masks = []struct {
	name  string
	mask  func(string) string
	shows int  // runes of the value at most
	head  bool // of the begin and not of the end
	short int  // a value with fewer runes is hidden
}{
	{"Last4", classify.Last4, 4, false, 8},
	{"Last2", classify.Last2, 2, false, 5},
	{"Initial", classify.Initial, 1, true, 2},
	{"Redact", classify.Redact, 0, false, 1 << 30},
}

var maskInputs = []struct{ in, last4, last2, initial string }{
	{"", "****", "****", "****"},
	{"1", "****", "****", "****"},
	{"12", "****", "****", "1****"},
	{"1234", "****", "****", "1****"},
	{"12345", "****", "****45", "1****"},
	{"1234567", "****", "****67", "1****"},
	{"12345678", "****5678", "****78", "1****"},
	{"090-1234-5678", "****5678", "****78", "0****"},
	{"山田太郎", "****", "****", "山****"},
	{"０９０１２３４５６７８", "****５６７８", "****７８", "０****"},
	{"****", "****", "****", "****"},
	{"\xff\xfe12345678", "****5678", "****78", "*****"},
	{"12345678\xff", "****678*", "****8*", "1****"},
	{"12345\n\u202e78", "****\u002a*78", "****78", "1****"},
	{"\U000e0001abcdefg", "****defg", "****fg", "*****"},
}

func TestMasks(t *testing.T) {
	for _, test := range maskInputs {
		for _, m := range []struct {
			name      string
			got, want string
		}{
			{"Last4", classify.Last4(test.in), test.last4},
			{"Last2", classify.Last2(test.in), test.last2},
			{"Initial", classify.Initial(test.in), test.initial},
			{"Redact", classify.Redact(test.in), "****"},
		} {
			if m.got != m.want {
				t.Errorf("%s(%q) = %q, want %q", m.name, test.in, m.got, m.want)
			}
		}
	}
}

func FuzzMasks(f *testing.F) {
	for _, test := range maskInputs {
		f.Add(test.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		runes := []rune(s)
		for _, m := range masks {
			got := m.mask(s)
			if !utf8.ValidString(got) {
				t.Fatalf("%s(%q) = %q is not UTF-8", m.name, s, got)
			}
			if again := m.mask(got); again != got {
				t.Fatalf("%s(%q) = %q, and of that %q: want the same", m.name, s, got, again)
			}
			if len(runes) < m.short {
				if got != "****" {
					t.Fatalf("%s(%q) = %q, want a short value hidden", m.name, s, got)
				}
				continue
			}
			if s == "****" {
				continue
			}
			shown, ok := strings.CutPrefix(got, "****")
			from := len(runes) - m.shows
			if m.head {
				shown, ok = strings.CutSuffix(got, "****")
				from = 0
			}
			if !ok || utf8.RuneCountInString(shown) != m.shows {
				t.Fatalf("%s(%q) = %q, want %d characters beside ****", m.name, s, got, m.shows)
			}
			for i, r := range []rune(shown) {
				if r != '*' && r != runes[from+i] {
					t.Fatalf("%s(%q) = %q shows what is not there", m.name, s, got)
				}
			}
		}
	})
}

// TestMaskDependsOnWhatItShows: two values with the same characters to show
// have the same mask, so nothing else of them gets through.
func TestMaskDependsOnWhatItShows(t *testing.T) {
	for n := 8; n < 200; n++ {
		if got := classify.Last4(strings.Repeat("x", n-4) + "5678"); got != "****5678" {
			t.Fatalf("Last4 of %d characters = %q, want ****5678", n, got)
		}
	}
}
