package classify_test

import (
	"fmt"
	"time"

	"github.com/sekisho-go/sekisho/classify"
)

func ExampleParseTag() {
	tag, err := classify.ParseTag("phone,mask=last4,integrity=2")
	fmt.Println(tag.Names, tag.Mask, tag.Integrity, err)

	_, err = classify.ParseTag("phone,hide")
	fmt.Println(err)
	// Output:
	// [phone] last4 2 <nil>
	// classify: tag, offset 6: unknown option "hide": want class=, integrity=, availability=, action=, mask=, generalise=, id, column, index or token
}

func ExampleLookupTag() {
	for _, structTag := range []string{
		`json:"name" classify:"name"`,
		`json:"name"`,
		`json:"name" classify: "name"`, // package reflect finds no label here, and no error
	} {
		tag, found, err := classify.LookupTag(structTag)
		fmt.Println(tag, found, err)
	}
	// Output:
	// name true <nil>
	//  false <nil>
	//  false classify: tag, offset 20: malformed struct tag: want key:"value" without blanks around the colon
}

func ExampleLabel_Join() {
	classes, err := classify.NewScale("1", "2", "3C", "3B", "3A")
	if err != nil {
		panic(err)
	}
	phone, _ := classes.Level("3C")
	name, _ := classes.Level("3B")
	row := classify.Label{Class: phone, Categories: []string{"phone"}}.Join(
		classify.Label{Class: name, Categories: []string{"name"}})
	fmt.Println(classes.Name(row.Class), row.Categories)
	// Output: 3B [name phone]
}

func ExampleStricter() {
	fmt.Println(classify.Stricter(classify.ActionMask, classify.ActionDrop))
	// Output: drop
}

func ExampleFuncName() {
	for _, name := range []string{"last4", "age-band-5", "jp.municipality", "example.com/app/mask.Postal"} {
		pkg, fn, err := classify.FuncName(name)
		fmt.Println(pkg, fn, err)
	}
	// Output:
	// github.com/sekisho-go/sekisho/classify Last4 <nil>
	// github.com/sekisho-go/sekisho/classify AgeBand5 <nil>
	// github.com/sekisho-go/sekisho/classify/jp Municipality <nil>
	// example.com/app/mask Postal <nil>
}

func ExampleLast4() {
	fmt.Println(classify.Last4("090-1234-5678"), classify.Last4("5678"))
	// Output: ****5678 ****
}

func ExampleAgeBand5() {
	birth := time.Date(1950, time.April, 1, 0, 0, 0, 0, time.UTC)
	asOf := time.Date(2025, time.November, 1, 0, 0, 0, 0, time.UTC)
	fmt.Println(classify.AgeBand5(birth, asOf), classify.AgeBand5(asOf, birth))
	// Output: 75-79 unknown
}

func ExampleThousand() {
	fmt.Println(classify.Thousand(48_620), classify.TenThousand(48_620))
	// Output: 49000 50000
}
