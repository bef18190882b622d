package intake_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/examples/kouki/intake"
)

// member is what the example makes of a row.
type member struct {
	number jp.IndividualNumber
	kana   string
	birth  time.Time
}

func ExampleReader() {
	delivered, _ := japanese.ShiftJIS.NewEncoder().String("" +
		"個人番号,カナ氏名,生年月日\r\n" +
		"1234-5678-9018,ﾔﾏﾀﾞ ﾀﾛｳ,S12.03.04\r\n" +
		"123456789012,ﾔﾏﾀﾞ ﾊﾅｺ,昭和12年2月30日\r\n" +
		"\"123456789000,ﾔﾏﾀﾞ ｼﾞﾛｳ,19370304\r\n" +
		"123456789000,ﾔﾏﾀﾞ ｻﾌﾞﾛｳ,昭和１２年３月４日\r\n")

	var correction strings.Builder
	in, err := intake.NewReader(strings.NewReader(delivered), intake.Config{
		Charset: intake.CP932,
		Layout:  intake.Layout{{Name: "個人番号", Max: 14}, {Name: "カナ氏名", Max: 40}, {Name: "生年月日", Max: 16}},
		Aside:   &correction,
		Report:  func(e *intake.RowError) { fmt.Println(e) },
	}, func(row *intake.Row) member {
		return member{
			number: intake.Value(row, "個人番号", jp.ParseIndividualNumber),
			kana:   row.Kana("カナ氏名"),
			birth:  row.Date("生年月日"),
		}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	for m := range in.Rows() {
		fmt.Println(m.number, m.kana, m.birth.Format(time.DateOnly))
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Printf("%+v\n", in.Counts())
	fmt.Println(strings.Count(correction.String(), "\n"), "lines to correct, with the header")
	// Output:
	// jp.IndividualNumber ヤマダ　タロウ 1937-03-04
	// line 3: 個人番号 (column 1) is refused: wrong check digit; 生年月日 (column 3) names a day that is not in the calendar
	// line 4: the row has a quote that is never closed
	// jp.IndividualNumber ヤマダ　サブロウ 1937-03-04
	// {Rows:4 Good:2 Aside:2 Blank:0 Lines:5}
	// 3 lines to correct, with the header
}

func ExampleParseDate() {
	for _, text := range []string{"19370304", "S12.03.04", "昭和12年3月4日", "昭和64年1月8日"} {
		day, err := intake.ParseDate(text)
		fmt.Println(day.Format(time.DateOnly), err)
	}
	// Output:
	// 1937-03-04 <nil>
	// 1937-03-04 <nil>
	// 1937-03-04 <nil>
	// 0001-01-01 names a day outside the era it names
}

func ExampleKatakana() {
	fmt.Println(intake.Katakana("ｶﾞｯｺｳ ﾊﾅｺ"))
	// Output:
	// ガッコウ　ハナコ
}
