package people

import "strings"

// A place is an invented municipality.
type place struct {
	code   string // three digits, as in the insurer number
	name   string // as in an address, behind the prefecture
	weight int    // its share of the persons
	post   string // the first three digits of its postal codes
	area   string // the area code of its telephones
}

const prefecture = "茨城県"

// places are 32 cities, ten towns and two villages. No municipality of Japan has one of these names.
var places = []place{
	{"201", "朝霧市", 92, "310", "029"}, {"202", "葦原市", 66, "319", "0294"},
	{"203", "雲雀野市", 51, "300", "029"}, {"204", "桐ヶ沢市", 50, "306", "0280"},
	{"205", "月見里市", 28, "315", "0299"}, {"206", "鶴ヶ浜市", 19, "307", "0296"},
	{"207", "夕凪市", 28, "301", "0297"}, {"208", "藤波市", 16, "304", "0296"},
	{"209", "白露市", 22, "303", "0297"}, {"210", "若梅市", 20, "313", "0294"},
	{"211", "松籟市", 11, "318", "0293"}, {"212", "青柳原市", 16, "319", "0293"},
	{"213", "小夜市", 27, "309", "0296"}, {"214", "星合市", 44, "302", "0297"},
	{"215", "萩野宮市", 28, "300", "029"}, {"216", "蛍沢市", 58, "305", "029"},
	{"217", "柚木原市", 52, "312", "029"}, {"218", "千鳥浜市", 22, "314", "0299"},
	{"219", "苔清水市", 11, "311", "0299"}, {"220", "椿丘市", 18, "302", "0297"},
	{"221", "笹舟市", 16, "319", "0295"}, {"222", "風待市", 19, "311", "029"},
	{"223", "菜花市", 35, "308", "0296"}, {"224", "楓坂市", 18, "306", "0297"},
	{"225", "雪柳市", 15, "300", "0299"}, {"226", "桔梗野市", 14, "300", "029"},
	{"227", "水鏡市", 14, "309", "0296"}, {"228", "鈴鳴市", 25, "314", "0299"},
	{"229", "稲穂市", 13, "311", "0299"}, {"230", "紅葉台市", 18, "311", "0291"},
	{"231", "竹取市", 14, "300", "0297"}, {"232", "花筏市", 17, "319", "0299"},
	{"301", "常夏郡沢渡町", 11, "311", "029"}, {"302", "常夏郡野菊町", 6, "311", "029"},
	{"303", "常夏郡柿ノ木町", 7, "311", "029"}, {"304", "常夏郡露草町", 12, "319", "029"},
	{"305", "常夏郡渡瀬町", 7, "319", "0295"}, {"306", "霞波郡汐見町", 6, "300", "029"},
	{"307", "霞波郡舟引町", 16, "300", "029"}, {"308", "霞波郡葦辺町", 4, "300", "0297"},
	{"309", "霞波郡貝塚浜町", 7, "300", "0296"}, {"310", "霞波郡夕立町", 4, "306", "0280"},
	{"311", "霞波郡蓮根村", 8, "306", "0280"}, {"312", "霞波郡山彦村", 5, "300", "0297"},
}

// quarters are the invented parts of every municipality; the index is part of the postal code.
var quarters = []string{
	"東雲", "花立", "緑川", "柳堤", "日向", "泉台", "桜木", "大欅", "千本杉", "城跡", "鷺沼", "梅が枝", "見晴", "若草", "望月", "新田前",
	"水車", "宮の森", "藤棚", "石畳", "竹の内", "雁金", "浜茄子", "小春", "早苗", "豊穣", "葉桜", "朝顔", "風見", "橋詰",
}

// buildings are where some live; the quotes and commas are what a CSV file must survive.
var buildings = []string{
	"コーポあさがお", "すずかけ荘", "メゾン・ド・ポム", "第２つばめハイツ", "サンライズ\"寿\"", "グリーンコート, 東棟", "高齢者住宅ひだまり", "やすらぎの郷",
}

// Municipality returns the name of the municipality that an insurer number of
// this package belongs to, and "" for any other number.
func Municipality(insurerNumber string) string {
	code, ok := strings.CutPrefix(insurerNumber, insurerPrefix)
	for _, p := range places {
		if ok && len(code) == len(p.code)+1 && strings.HasPrefix(code, p.code) {
			return p.name
		}
	}
	return ""
}
