package jp_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/sekisho-go/sekisho/classify/jp"
)

// MyNumber is a zone. Real ones are generated from the policy.
type MyNumber struct{}

// ZoneName returns the name of the zone.
func (MyNumber) ZoneName() string { return "mynumber" }

func Example() {
	n, err := jp.ParseIndividualNumber("１２３４－５６７８－９０１８")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, jsonErr := json.Marshal(map[string]any{"number": n})

	fmt.Println(n)
	fmt.Printf("%+v\n", struct{ Number any }{n})
	fmt.Println(jsonErr)
	fmt.Println(n.Reveal(MyNumber{}))
	// Output:
	// jp.IndividualNumber
	// {Number:jp.IndividualNumber}
	// json: error calling MarshalJSON for type jp.IndividualNumber: jp.IndividualNumber is closed to JSON: ask by zone (Reveal, Restore, SQL), or let a view of a zone cross
	// 123456789018
}

func ExampleParseIndividualNumber() {
	_, err := jp.ParseIndividualNumber("123456789017")
	fmt.Println(err)
	// Output: jp: IndividualNumber: wrong check digit: compare it with the document it was copied from
}

func ExampleCompleteInsuredNumber() {
	n, err := jp.CompleteInsuredNumber("1234567")
	fmt.Println(n.Reveal(MyNumber{}), err)
	// Output: 12345674 <nil>
}

func ExampleIndividualNumber_slog() {
	n, _ := jp.ParseIndividualNumber("123456789018")
	h := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	slog.New(h).Info("received", "number", n)
	// Output: level=INFO msg=received number=jp.IndividualNumber
}

func ExampleSQLValue() {
	var n jp.IndividualNumber
	column := n.SQL(MyNumber{})
	if err := column.Scan("123456789018"); err != nil { // as rows.Scan does
		fmt.Println(err)
	}
	argument, err := column.Value() // as db.Exec does
	fmt.Println(argument, err, n)
	// Output: 123456789018 <nil> jp.IndividualNumber
}

func ExampleMunicipality() {
	for _, address := range []string{
		"茨城県水戸市中央一丁目４番１号",
		"茨城県大洗町磯浜町6881-275",
		"神奈川県横浜市中区本町6-50-10",
		"茨城県中央町1-2",
	} {
		fmt.Println(jp.Municipality(address))
	}
	// Output:
	// 茨城県水戸市
	// 茨城県東茨城郡大洗町
	// 神奈川県横浜市
	// 茨城県
}

func ExamplePostalArea() {
	fmt.Println(jp.PostalArea("〒310-8610"))
	// Output: 310-****
}
