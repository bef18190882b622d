package jp_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify/jp"
)

var addresses = []struct{ address, municipality, prefecture, reason string }{
	{"茨城県水戸市中央一丁目４番１号", "茨城県水戸市", "茨城県", "plain"},
	{"茨城県 水戸市　中央1-4-1", "茨城県水戸市", "茨城県", "blanks"},
	{"〒310-8610 茨城県水戸市中央1-4-1", "茨城県水戸市", "茨城県", "postal code"},
	{"〒３１０－８６１０　茨城県水戸市中央", "茨城県水戸市", "茨城県", "full-width postal code"},
	{"水戸市中央1-4-1", "茨城県水戸市", "茨城県", "no prefecture"},
	{"三重県四日市市諏訪町1-5", "三重県四日市市", "三重県", "市 inside"},
	{"四日市市諏訪町", "三重県四日市市", "三重県", "the same, no prefecture"},
	{"広島県廿日市市下平良1-11-1", "広島県廿日市市", "広島県", "市 inside"},
	{"石川県野々市市三納", "石川県野々市市", "石川県", "市 inside"},
	{"千葉県市川市八幡1-1-1", "千葉県市川市", "千葉県", "市 first"},
	{"千葉県市原市国分寺台", "千葉県市原市", "千葉県", "市 first"},
	{"兵庫県神崎郡市川町西川辺", "兵庫県神崎郡市川町", "兵庫県", "市 first, in a district"},
	{"山梨県西八代郡市川三郷町市川大門", "山梨県西八代郡市川三郷町", "山梨県", "市 first, in a district"},
	{"栃木県芳賀郡市貝町市塙", "栃木県芳賀郡市貝町", "栃木県", "市 first, in a district"},
	{"富山県中新川郡上市町法音寺", "富山県中新川郡上市町", "富山県", "市 inside a town"},
	{"奈良県吉野郡下市町下市", "奈良県吉野郡下市町", "奈良県", "市 inside a town"},
	{"奈良県高市郡明日香村岡", "奈良県高市郡明日香村", "奈良県", "市 in the district"},
	{"北海道余市郡余市町朝日町", "北海道余市郡余市町", "北海道", "市 in district and town"},
	{"奈良県大和郡山市北郡山町248-4", "奈良県大和郡山市", "奈良県", "郡 in a city"},
	{"福島県郡山市朝日1-23-7", "福島県郡山市", "福島県", "郡 first"},
	{"岐阜県郡上市八幡町島谷", "岐阜県郡上市", "岐阜県", "郡 first"},
	{"福岡県小郡市小郡", "福岡県小郡市", "福岡県", "郡 inside"},
	{"愛知県蒲郡市旭町", "愛知県蒲郡市", "愛知県", "郡 inside"},
	{"兵庫県赤穂郡上郡町大持", "兵庫県赤穂郡上郡町", "兵庫県", "郡 in a town"},
	{"東京都町田市森野2-2-22", "東京都町田市", "東京都", "町 first"},
	{"新潟県十日町市千歳町", "新潟県十日町市", "新潟県", "町 inside"},
	{"長野県大町市大町", "長野県大町市", "長野県", "町 inside"},
	{"佐賀県杵島郡大町町大町", "佐賀県杵島郡大町町", "佐賀県", "町 twice"},
	{"東京都東村山市本町1-2-3", "東京都東村山市", "東京都", "村 inside"},
	{"東京都武蔵村山市本町", "東京都武蔵村山市", "東京都", "村 inside"},
	{"東京都羽村市緑ヶ丘", "東京都羽村市", "東京都", "村 inside"},
	{"新潟県村上市三之町", "新潟県村上市", "新潟県", "村 first"},
	{"宮城県柴田郡村田町大字村田", "宮城県柴田郡村田町", "宮城県", "村 in a town"},
	{"群馬県佐波郡玉村町下新田", "群馬県佐波郡玉村町", "群馬県", "村 in a town"},
	{"福島県田村郡三春町字大町", "福島県田村郡三春町", "福島県", "村 in the district"},
	{"山形県西村山郡河北町谷地", "山形県西村山郡河北町", "山形県", "村 in the district"},
	{"沖縄県国頭郡東村字平良", "沖縄県国頭郡東村", "沖縄県", "a short village"},
	{"東京都千代田区千代田1-1", "東京都千代田区", "東京都", "special ward"},
	{"東京都港区芝公園", "東京都港区", "東京都", "special ward of one character"},
	{"東京都北区王子本町", "東京都北区", "東京都", "special ward of one character"},
	{"東京都八丈町大賀郷", "東京都八丈町", "東京都", "island, no district"},
	{"東京都八丈島八丈町大賀郷", "東京都", "東京都", "island named twice"},
	{"神奈川県横浜市中区本町6-50-10", "神奈川県横浜市", "神奈川県", "ward of a designated city"},
	{"横浜市中区本町6-50-10", "神奈川県横浜市", "神奈川県", "the same, no prefecture"},
	{"京都市左京区吉田本町", "京都府京都市", "京都府", "city named as its prefecture"},
	{"京都府京都市中京区", "京都府京都市", "京都府", "the same"},
	{"大阪府堺市堺区南瓦町", "大阪府堺市", "大阪府", "city of one character"},
	{"三重県津市西丸之内", "三重県津市", "三重県", "city of one character"},
	{"茨城県龍ヶ崎市3710", "茨城県龍ケ崎市", "茨城県", "ヶ for ケ"},
	{"埼玉県鶴ケ島市三ツ木", "埼玉県鶴ヶ島市", "埼玉県", "ケ for ヶ"},
	{"茨城県東茨城郡大洗町磯浜町6881-275", "茨城県東茨城郡大洗町", "茨城県", "town"},
	{"茨城県大洗町磯浜町6881-275", "茨城県東茨城郡大洗町", "茨城県", "town without its district"},
	{"東茨城郡大洗町磯浜町", "茨城県東茨城郡大洗町", "茨城県", "town without its prefecture"},
	{"大洗町磯浜町", "", "", "town with neither: a street could have that name"},
	{"東京都府中市宮西町", "東京都府中市", "東京都", "name of two cities"},
	{"府中市宮西町", "", "", "name of two cities, no prefecture"},
	{"伊達市保原町", "", "", "name of two cities, no prefecture"},
	{"茨城県中央町1-2", "茨城県", "茨城県", "no municipality, a street"},
	{"福島県大字郡山字本町1", "福島県", "福島県", "no municipality, a hamlet"},
	{"茨城県那珂湊市釈迦町", "茨城県", "茨城県", "merged in 1994"},
	{"茨城県", "茨城県", "茨城県", "prefecture alone"},
	{"茨城", "", "", "no prefecture"},
	{"中央区日本橋", "", "", "ward with no city"},
	{"本町1丁目2番3号", "", "", "street alone"},
	{"", "", "", "nothing"},
	{"〒310-8610", "", "", "postal code alone"},
	{"1600 Pennsylvania Avenue", "", "", "elsewhere"},
	{"\xff\xfe茨城県水戸市", "", "", "not UTF-8"},
	{"茨城県\xff水戸市", "茨城県", "茨城県", "not UTF-8 later"},
	{"携帯 090-1234-5678 茨城県水戸市", "", "", "something else first"},
}

func TestAddresses(t *testing.T) {
	for _, test := range addresses {
		if got := jp.Municipality(test.address).String(); got != test.municipality {
			t.Errorf("Municipality(%q) = %q, want %q: %s", test.address, got, test.municipality, test.reason)
		}
		if got := jp.Prefecture(test.address).String(); got != test.prefecture {
			t.Errorf("Prefecture(%q) = %q, want %q: %s", test.address, got, test.prefecture, test.reason)
		}
	}
}

func TestPlaceText(t *testing.T) {
	for _, test := range addresses {
		m, p := jp.Municipality(test.address), jp.Prefecture(test.address)
		var m2, m3 jp.MunicipalityName
		var p2, p3 jp.PrefectureName
		column, err := m.Value()
		if err == nil {
			err = m2.Scan(column)
		}
		if err != nil || m2 != m || !cmp.Equal(m, m2) || m.IsZero() != (column == nil) {
			t.Errorf("column of %v: %v, %v, %v", m, column, m2, err)
		}
		column, err = p.Value()
		if err == nil {
			err = p2.Scan(column)
		}
		if err != nil || p2 != p || !cmp.Equal(p, p2) || p.IsZero() != (column == nil) {
			t.Errorf("column of %v: %v, %v, %v", p, column, p2, err)
		}
		text, err := json.Marshal([]any{m, p})
		if err == nil {
			err = json.Unmarshal(text, &[]any{&m3, &p3})
		}
		if err != nil || m3 != m || p3 != p {
			t.Errorf("JSON %s gives %v, %v, %v", text, m3, p3, err)
		}
	}
	m, p := jp.Municipality("茨城県水戸市"), jp.Prefecture("茨城県")
	for _, text := range []string{"水戸市", "茨城県水戸市中央", " 茨城県水戸市", "茨城県龍ヶ崎市", "x"} {
		for _, s := range []sql.Scanner{&m, &p} {
			before := fmt.Sprint(s)
			err := s.Scan([]byte(text))
			if err == nil || strings.Contains(err.Error(), text+" ") || fmt.Sprint(s) != before {
				t.Errorf("%T scans %q: %v, %v", s, text, s, err)
			}
			if err := s.Scan(1); err == nil || fmt.Sprint(s) != before {
				t.Errorf("%T scans an int: %v, %v", s, s, err)
			}
		}
	}
}

func TestPostalArea(t *testing.T) {
	const hidden = "***-****"
	for _, test := range []struct{ in, want string }{
		{"310-8610", "310-****"},
		{"3108610", "310-****"},
		{"〒310-8610", "310-****"},
		{" 〒 ３１０－８６１０ ", "310-****"},
		{"310ー8610", "310-****"},
		{"310", hidden},
		{"310-861", hidden},
		{"310-86100", hidden},
		{"310-8610 水戸市", hidden},
		{"310--8610", hidden},
		{"", hidden},
		{"〒", hidden},
		{"\xff3108610", hidden},
		{"310-****", hidden},
	} {
		if got := jp.PostalArea(test.in); got != test.want {
			t.Errorf("PostalArea(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// FuzzPlaces: whatever the address, the result is a name of the table that
// the address itself has, and never a piece of anything else.
func FuzzPlaces(f *testing.F) {
	for _, test := range addresses {
		f.Add(test.address)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, p := jp.Municipality(s), jp.Prefecture(s)
		var again jp.MunicipalityName
		if err := again.UnmarshalText([]byte(m.String())); err != nil || again != m {
			t.Fatalf("Municipality(%q) = %q, which is no name: %v", s, m, err)
		}
		if !strings.HasPrefix(m.String(), p.String()) || m.IsZero() != p.IsZero() {
			t.Fatalf("%q: municipality %q, prefecture %q", s, m, p)
		}
		// The address may lack the prefecture, and of a town the district.
		name := strings.TrimPrefix(m.String(), p.String())
		if _, town, ok := strings.Cut(name, "郡"); ok && town != "" && !strings.HasSuffix(town, "市") {
			name = town
		}
		fold := func(s string) string {
			return strings.NewReplacer("ヶ", "ケ", " ", "", "\u3000", "", "\t", "", "\u00a0", "").Replace(s)
		}
		if !strings.Contains(fold(s), fold(name)) {
			t.Fatalf("Municipality(%q) = %q, which is not there", s, m)
		}
		area := jp.PostalArea(s)
		if utf8.RuneCountInString(area) != 8 || !strings.HasSuffix(area, "-****") {
			t.Fatalf("PostalArea(%q) = %q", s, area)
		}
	})
}
