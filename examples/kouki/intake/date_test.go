package intake_test

import (
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/examples/kouki/intake"
)

func TestParseDate(t *testing.T) {
	tests := []struct{ text, want, reason string }{
		{"19370304", "1937-03-04", "basic"},
		{"1937-03-04", "1937-03-04", "extended"},
		{"S12.03.04", "1937-03-04", "era letter"},
		{"S12.3.4", "1937-03-04", "era letter, one digit"},
		{"昭和12年3月4日", "1937-03-04", "era name"},
		{"昭和１２年３月４日", "1937-03-04", "full-width digits"},
		{"Ｓ１２．０３．０４", "1937-03-04", "full-width throughout"},
		{"１９３７－０３－０４", "1937-03-04", "full-width, with the hyphen CP932 has"},
		{"昭和12年03月04日", "1937-03-04", "leading zeros"},
		{"令和元年5月1日", "2019-05-01", "first year by its name"},
		{"令和1年5月1日", "2019-05-01", "first year by its number"},
		{"昭和3年2月29日", "1928-02-29", "leap day"},
		{"20000229", "2000-02-29", "leap day of a century divisible by 400"},

		{"M6.01.01", "1873-01-01", "first Gregorian day"},
		{"M45.07.30", "1912-07-30", "the day belongs to both eras"},
		{"T01.07.30", "1912-07-30", "the day belongs to both eras"},
		{"T15.12.25", "1926-12-25", "the day belongs to both eras"},
		{"S01.12.25", "1926-12-25", "the day belongs to both eras"},
		{"S64.01.07", "1989-01-07", "last day of Showa"},
		{"H01.01.08", "1989-01-08", "first day of Heisei"},
		{"H31.04.30", "2019-04-30", "last day of Heisei"},
		{"R01.05.01", "2019-05-01", "first day of Reiwa"},
	}
	for _, tt := range tests {
		got, err := intake.ParseDate(tt.text)
		if err != nil || got.Format("2006-01-02T15:04:05Z07:00") != tt.want+"T00:00:00Z" {
			t.Errorf("ParseDate(%q) = %v, %v, want %s (%s)", tt.text, got, err, tt.want, tt.reason)
		}
	}
}

func TestParseDateRefuses(t *testing.T) {
	const (
		form     = "is no date: want YYYYMMDD, YYYY-MM-DD, S12.03.04 or 昭和12年3月4日"
		calendar = "names a day that is not in the calendar"
		era      = "names a day outside the era it names"
		years    = "names a day before 1873 or after 2199"
	)
	tests := []struct{ text, want string }{
		{"", form}, {" ", form}, {"S", form}, {"昭和", form}, {"x", form},
		{"1937030", form}, {"193703040", form}, {"1937-3-4", form}, {"1937/03/04", form}, {"+9370304", form}, {"-9370304", form},
		{"1937-03-04 ", form}, {"1937-03-0x", form}, {"19-370304", form}, {"----------", form},
		{"S12.03", form}, {"S12.03.04.", form}, {"S12.03.04x", form}, {"S.03.04", form}, {"S012.03.04", form}, {"S00.03.04", form},
		{"S-1.03.04", form}, {"s12.03.04", form}, {"X12.03.04", form}, {"昭和12.03.04", form}, {"S12年3月4日", form}, {"昭和年3月4日", form},
		{"昭和12年3月", form}, {"昭和12年3月4", form}, {"昭和12年3月4日生", form}, {"昭和元.03.04", form}, {"元年3月4日", form},
		{"昭和一二年三月四日", form}, {"紀元2597年3月4日", form},
		{"19370229", calendar}, {"19000229", calendar}, {"19371301", calendar}, {"19370432", calendar}, {"19370400", calendar},
		{"19370004", calendar}, {"昭和12年2月29日", calendar}, {"S12.13.01", calendar}, {"S12.00.01", calendar}, {"S99.99.99", calendar},
		{"00000000", calendar}, {"99999999", calendar}, // fillers for "no date" are not dates
		{"18721231", years}, {"22000101", years},
		{"M5.12.31", era}, {"M45.07.31", era}, {"T1.07.29", era}, {"T15.12.26", era}, {"S1.12.24", era}, {"S64.01.08", era}, {"S65.01.01", era},
		{"H1.01.07", era}, {"H31.05.01", era}, {"R1.04.30", era}, {"明治元年10月23日", era},
	}
	for _, tt := range tests {
		got, err := intake.ParseDate(tt.text)
		if err == nil || err.Error() != tt.want || !got.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v, want error %q", tt.text, got, err, tt.want)
		}
	}
}

// FuzzParseDate looks for panics, for a date whose own forms are not read back as the same day, and for an error that
// says something of its own.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"19370304", "1937-03-04", "S12.03.04", "昭和12年3月4日", "令和元年5月1日", "Ｓ１２．０３．０４", "M45.07.30", "00000000", "S", "昭和"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := intake.ParseDate(s)
		if err != nil {
			if text := err.Error(); !strings.HasPrefix(text, "is no date: want") && !strings.HasPrefix(text, "names a day ") {
				t.Errorf("the error is not one of the four: %q", text)
			}
			return
		}
		for _, layout := range []string{"20060102", "2006-01-02"} {
			if again, err := intake.ParseDate(got.Format(layout)); err != nil || !again.Equal(got) {
				t.Errorf("%v read back as %v, %v", got, again, err)
			}
		}
	})
}
