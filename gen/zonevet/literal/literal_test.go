package literal_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/vettest"
	"github.com/sekisho-go/sekisho/gen/zonevet/literal"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func Test(t *testing.T) { vettest.Run(t, literal.About, literal.Analyzer) }

func numbers() *literal.Numbers {
	return literal.NewNumbers([]*policy.Policy{{
		Name: "app", Classes: []string{"public", "secret"},
		Categories: []policy.Category{
			{Name: "individual-number", Class: "secret", Check: "jp.individual-number"},
			{Name: "pan", Class: "secret"},
		},
	}})
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		text, context string
		want          []int // offsets
		why           string
	}{
		{"246813579021", "", nil, "no word"},
		{"246813579021", "my_number", []int{0}, "a word of a name"},
		{"246813579021", "MyNumberCard", []int{0}, "words in a name"},
		{"246813579021", "dummyNumberOfRows", nil, "other words"},
		{"my number 246813579021", "", []int{10}, "in the text"},
		{"my number 246813579021 and 314159265352", "", []int{10, 27}, "both"},
		{"my number 12 246813579021", "", []int{13}, "beside another number"},
		{"マイナンバー：２４６８－１３５７－９０２１", "", []int{21}, "full width"},
		{"my number 246813579021.5", "", nil, "a decimal"},
		{"my number 2468135790215", "", nil, "a longer number"},
		{"my number #246813579021", "", nil, "an anchor"},
		{"my number 2468--1357-9021", "", nil, "two separators"},
		{"4532015112830366", "span", nil, "a word in a word"},
		{"4532015112830366", "Pan", []int{0}, "a card"},
		{"9532015112830361", "pan", nil, "no network has the digit"},
		{"4242424242424242", "pan", nil, "an example"},
		{"4532015112830366", "fake pan", nil, "made up"},
	} {
		var got []int
		for _, f := range numbers().Find(tt.text, tt.context) {
			got = append(got, f.Offset)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: Find(%q, %q) (-want +got):\n%s", tt.why, tt.text, tt.context, diff)
		}
	}
}

// Numbers that mean nothing are quiet, however many there are: no word, nothing
// found.
func TestRandomNumbersAreQuiet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := numbers()
	for range 20_000 {
		if found := n.Find(fmt.Sprintf("%012d", r.Int64N(1_000_000_000_000)), "order number of the batch"); found != nil {
			t.Fatalf("found %v", found)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("マイナンバー：２４６８－１３５７－９０２１", "x")
	f.Add("pan 4532-0151-1283-0366", "")
	f.Add("1 2 3 - 4 --5", "my number")
	f.Add("7\xff", "bytes that are no UTF-8")
	n := numbers()
	f.Fuzz(func(t *testing.T, text, context string) {
		for _, found := range n.Find(text, context) {
			if found.Offset < 0 || found.Offset >= len(text) {
				t.Fatalf("offset %d of a text of %d bytes", found.Offset, len(text))
			}
		}
	})
}
