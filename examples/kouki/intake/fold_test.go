package intake_test

import (
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho-go/sekisho/examples/kouki/intake"
)

func TestFold(t *testing.T) {
	// Left what JIS tables and UTF-8 files have, right what CP932 stands for.
	tests := []struct{ text, want string }{
		{"\u301C", "\uFF5E"}, {"\u2212", "\uFF0D"}, {"\u2016", "\u2225"}, {"\u2014", "\u2015"},
		{"\u00A2", "\uFFE0"}, {"\u00A3", "\uFFE1"}, {"\u00AC", "\uFFE2"},
		{"\uFF5E\uFF0D\u2225\u2015", "\uFF5E\uFF0D\u2225\u2015"},
		{"東雲1\u22122\u2013ー-｡ｱ", "東雲1\uFF0D2\u2013ー-｡ｱ"},
	}
	for _, tt := range tests {
		if got := intake.Fold(tt.text); got != tt.want {
			t.Errorf("Fold(%+q) = %+q, want %+q", tt.text, got, tt.want)
		}
	}
}

// TestFoldIsWhatCP932Has: the right side of the table is what CP932 bytes are read as, and it can be written.
func TestFoldIsWhatCP932Has(t *testing.T) {
	for text, raw := range map[string]string{
		"\u301C": "\x81\x60", "\u2212": "\x81\x7C", "\u2016": "\x81\x61", "\u2014": "\x81\x5C",
		"\u00A2": "\x81\x91", "\u00A3": "\x81\x92", "\u00AC": "\x81\xCA",
	} {
		if _, err := japanese.ShiftJIS.NewEncoder().String(text); err == nil {
			t.Errorf("%+q can be written without Fold: the table has a line too many", text)
		}
		if got, err := japanese.ShiftJIS.NewEncoder().String(intake.Fold(text)); err != nil || got != raw {
			t.Errorf("%+q is written as % x, %v, want % x", text, got, err, raw)
		}
		if got := one(t, intake.CP932, raw); got != intake.Fold(text) {
			t.Errorf("% x in a CP932 file is read as %+q, want %+q", raw, got, intake.Fold(text))
		}
		if got := one(t, intake.UTF8, text); got != intake.Fold(text) {
			t.Errorf("%+q in a UTF-8 file is read as %+q, want %+q", text, got, intake.Fold(text))
		}
	}
}

func TestKatakana(t *testing.T) {
	tests := []struct {
		text, want string
		kana       bool
	}{
		{"ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ", true},
		{"ｶﾞｯｺｳ ﾊﾅｺ", "ガッコウ　ハナコ", true},
		{"ﾊﾟﾋﾞｳﾞｧｰ･ﾝ", "パビヴァー・ン", true},
		{"ヤマダ　タロウ", "ヤマダ　タロウ", true},
		{"ヤマダ タロウ", "ヤマダ　タロウ", true},
		{"カ\u3099", "ガ", true},
		{"ｱﾞ", "ア\u3099", false}, // no such letter
		{"ﾔﾏﾀﾞ-ﾀﾛｳ", "ヤマダ-タロウ", false},
		{"やまだ", "やまだ", false},
		{"山田", "山田", false},
		{"｢ｱ｣", "「ア」", false},
		{"Ａ", "Ａ", false},
		{"", "", false},
	}
	for _, tt := range tests {
		got := intake.Katakana(tt.text)
		if got != tt.want || intake.IsKatakana(got) != tt.kana {
			t.Errorf("Katakana(%q) = %q, kana %v, want %q, kana %v", tt.text, got, intake.IsKatakana(got), tt.want, tt.kana)
		}
	}
}
