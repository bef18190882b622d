package classify_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
)

var goodTags = []struct {
	in        string
	want      classify.Tag
	canonical string // in by default
}{
	{in: "name", want: classify.Tag{Names: []string{"name"}}},
	{in: "1", want: classify.Tag{Names: []string{"1"}}},
	{in: "3B,integrity=2,availability=2", want: classify.Tag{Names: []string{"3B"}, Integrity: "2", Availability: "2"}},
	{in: "name,action=drop", want: classify.Tag{Names: []string{"name"}, Action: classify.ActionDrop}},
	{in: "name+address+3A", want: classify.Tag{Names: []string{"name", "address", "3A"}}},
	{in: "id,id", want: classify.Tag{Names: []string{"id"}, ID: true}},
	{in: "insured-number,token,class=3C", canonical: "insured-number,class=3C,token",
		want: classify.Tag{Names: []string{"insured-number"}, Class: "3C", Token: true}},
	{in: "phone,mask=last4", want: classify.Tag{Names: []string{"phone"}, Mask: "last4"}},
	{in: "address,generalise=jp.municipality,column", want: classify.Tag{Names: []string{"address"}, Generalise: "jp.municipality", Column: true}},
	{in: "address,generalise=example.com/a+b/mask.Postal", want: classify.Tag{Names: []string{"address"}, Generalise: "example.com/a+b/mask.Postal"}},
	{in: "name,column,index", want: classify.Tag{Names: []string{"name"}, Column: true, Index: true}},
	{in: "name,index,id,column", canonical: "name,id,column,index", want: classify.Tag{Names: []string{"name"}, ID: true, Column: true, Index: true}},
	{in: "a,token,column,id,generalise=year,mask=redact,action=refuse,availability=1,integrity=2,class=3",
		canonical: "a,class=3,integrity=2,availability=1,action=refuse,mask=redact,generalise=year,id,column,token",
		want: classify.Tag{Names: []string{"a"}, Class: "3", Integrity: "2", Availability: "1", Action: classify.ActionRefuse,
			Mask: "redact", Generalise: "year", ID: true, Column: true, Token: true}},
}

func TestParseTag(t *testing.T) {
	for _, test := range goodTags {
		got, err := classify.ParseTag(test.in)
		if err != nil {
			t.Errorf("ParseTag(%q): %v", test.in, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("ParseTag(%q) (-want +got):\n%s", test.in, diff)
		}
		want := test.canonical
		if want == "" {
			want = test.in
		}
		if got.String() != want {
			t.Errorf("ParseTag(%q).String() = %q, want %q", test.in, got, want)
		}
	}
}

const (
	nameRule   = "letters a-z A-Z, digits and - _ . with a letter or digit first, 64 at most"
	optionList = "class=, integrity=, availability=, action=, mask=, generalise=, id, column, index or token"
)

var long = strings.Repeat("x", 65)

var badTags = []struct{ in, want string }{
	{"", "offset 0: no name: want a category or class first, as in name or 3B,action=drop"},
	{",id", "offset 0: no name: want a category or class first, as in name or 3B,action=drop"},
	{" name", "offset 0: blank in tag: names are joined by + and options by , alone"},
	{"name, id", "offset 5: blank in tag: names are joined by + and options by , alone"},
	{"name\tid", "offset 4: blank in tag: names are joined by + and options by , alone"},
	{"name\x7f", "offset 4: blank in tag: names are joined by + and options by , alone"},
	{"class=3B", `offset 0: option "class=" before any name: want a category or class first`},
	{"name+class=3B", `offset 0: option "name+class=" before any name: want a category or class first`},
	{"+name", "offset 0: empty name: want a category or class on both sides of +"},
	{"name+", "offset 5: empty name: want a category or class on both sides of +"},
	{"name++phone", "offset 5: empty name: want a category or class on both sides of +"},
	{"na/me", `offset 0: name "na/me": want ` + nameRule},
	{"name+-x", `offset 5: name "-x": want ` + nameRule},
	{"名前", `offset 0: name "名前": want ` + nameRule},
	{"name\xff", `offset 0: name "name\xff": want ` + nameRule},
	{long, `offset 0: name "` + long[:64] + `...": want ` + nameRule},
	{"name+phone+name", `offset 11: name "name" given twice`},
	{"name,", "offset 5: empty option: want one of " + optionList + " after the comma"},
	{"name,,id", "offset 5: empty option: want one of " + optionList + " after the comma"},
	{"name,=x", "offset 5: empty option: want one of " + optionList + " after the comma"},
	{"name,omitempty", `offset 5: unknown option "omitempty": want ` + optionList},
	{"name,ID", `offset 5: unknown option "ID": want ` + optionList},
	{"name,generalize=year", `offset 5: unknown option "generalize": want ` + optionList},
	{"name,id,id", "offset 8: option id given twice"},
	{"name,index", "offset 5: option index without column: want column,index, as only what is sealed on its own can be searched"},
	{"name,id,index,token", "offset 8: option index without column: want column,index, as only what is sealed on its own can be searched"},
	{"name,column,index,index", "offset 18: option index given twice"},
	{"name,column,index=hmac", "offset 17: option index takes no value"},
	{"name,column=yes", "offset 11: option column takes no value"},
	{"name,class", "offset 10: option class needs a value, as in class=..."},
	{"name,mask", "offset 9: option mask needs a value, as in mask=..."},
	{"name,class=", `offset 11: option class=: "" is not a name: want ` + nameRule},
	{"name,integrity=a=b", `offset 15: option integrity=: "a=b" is not a name: want ` + nameRule},
	{"name,class=1,class=1", "offset 13: option class= given twice"},
	{"name,action=hide", `offset 12: option action=: unknown action "hide": want pass, generalise, mask, token, encrypt, drop or refuse`},
	{"name,action=unknown", `offset 12: option action=: unknown action "unknown": want pass, generalise, mask, token, encrypt, drop or refuse`},
	{"name,action=drop,action=pass", "offset 17: option action= given twice"},
	{"name,mask=", "offset 10: option mask=: empty name of a function: want one such as last4, jp.municipality or example.com/app/mask.Postal"},
	{"name,mask=Last4", `offset 10: option mask=: function "Last4": want small letters, digits and hyphens with a letter first, as in age-band-5`},
	{"name,mask=last4,mask=last4", "offset 16: option mask= given twice"},
	{"name,generalise=jp.", `offset 16: option generalise=: function "jp.": "" is not the name of an exported Go function`},
}

func TestParseTagErrors(t *testing.T) {
	for _, test := range badTags {
		tag, err := classify.ParseTag(test.in)
		if err == nil {
			t.Errorf("ParseTag(%q) = %q, want error %s", test.in, tag, test.want)
			continue
		}
		if want := "classify: tag, " + test.want; err.Error() != want {
			t.Errorf("ParseTag(%q):\n got %s\nwant %s", test.in, err, want)
		}
		if !reflect.DeepEqual(tag, classify.Tag{}) {
			t.Errorf("ParseTag(%q) gives a tag beside the error", test.in)
		}
	}
}

func FuzzParseTag(f *testing.F) {
	for _, test := range goodTags {
		f.Add(test.in)
	}
	for _, test := range badTags {
		f.Add(test.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tag, err := classify.ParseTag(s)
		if err != nil {
			bad, ok := errors.AsType[*classify.TagError](err)
			if !ok || bad.Offset < 0 || bad.Offset > len(s) {
				t.Fatalf("ParseTag(%q): %#v: want an offset in the tag", s, err)
			}
			return
		}
		canonical := tag.String()
		again, err := classify.ParseTag(canonical)
		if err != nil {
			t.Fatalf("ParseTag(%q), from %q: %v", canonical, s, err)
		}
		if diff := cmp.Diff(tag, again); diff != "" {
			t.Fatalf("ParseTag(%q), from %q (-first +again):\n%s", canonical, s, diff)
		}
		if again.String() != canonical {
			t.Fatalf("canonical form of %q is %q, then %q", s, canonical, again)
		}
	})
}

var structTags = []struct {
	in    string
	want  string // canonical tag; "" for none
	found bool
	err   string
}{
	{in: ``},
	{in: ` `},
	{in: `json:"x"`},
	{in: `classify:"name"`, want: "name", found: true},
	{in: `json:"x,omitempty" classify:"name,id"`, want: "name,id", found: true},
	{in: ` classify:"name"  json:"a\"b" `, want: "name", found: true},
	{in: `json:"classify:"`},
	{in: `classify:""`, err: "offset 10: no name: want a category or class first, as in name or 3B,action=drop"},
	{in: `json:"x" classify:"name,,"`, err: "offset 24: empty option: want one of " + optionList + " after the comma"},
	{in: `classify`, err: `offset 8: malformed struct tag: want key:"value" without blanks around the colon`},
	{in: `classify:name`, err: `offset 8: malformed struct tag: want key:"value" without blanks around the colon`},
	{in: `classify: "name"`, err: `offset 8: malformed struct tag: want key:"value" without blanks around the colon`},
	{in: `classify :"name"`, err: `offset 8: malformed struct tag: want key:"value" without blanks around the colon`},
	{in: `:"name"`, err: `offset 0: malformed struct tag: want key:"value" without blanks around the colon`},
	{in: `classify:"name`, err: "offset 9: malformed struct tag: value is not closed"},
	{in: `classify:"name\"`, err: "offset 9: malformed struct tag: value is not closed"},
	{in: "classify:\"na\nme\"", err: "offset 9: malformed struct tag: value is not a Go string"},
	{in: `json:"x"classify:"name"`, err: `offset 8: malformed struct tag: want a space between key:"value" pairs`},
	{in: `json:"x",classify:"name"`, err: `offset 8: malformed struct tag: want a space between key:"value" pairs`},
	{in: `classify:"name" json:x`, err: `offset 20: malformed struct tag: want key:"value" without blanks around the colon`},
	{in: `classify:"name" classify:"1"`, err: "offset 16: key classify given twice in one struct tag"},
	{in: `Classify:"name"`, err: `offset 0: key "Classify": want classify in small letters`},
	{in: `classify:"na\x6de"`, err: "offset 12: escape sequence in tag: write the name as it is"},
}

func TestLookupTag(t *testing.T) {
	for _, test := range structTags {
		tag, found, err := classify.LookupTag(test.in)
		switch {
		case test.err != "":
			if want := "classify: tag, " + test.err; err == nil || err.Error() != want || found {
				t.Errorf("LookupTag(%s):\n got %v, %v\nwant %s", test.in, found, err, want)
			}
		case err != nil || found != test.found || tag.String() != test.want:
			t.Errorf("LookupTag(%s) = %q, %v, %v, want %q, %v", test.in, tag, found, err, test.want, test.found)
		}
	}
}

// FuzzLookupTag compares with package reflect wherever that finds a tag.
func FuzzLookupTag(f *testing.F) {
	for _, test := range structTags {
		f.Add(test.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tag, found, err := classify.LookupTag(s)
		if err != nil {
			bad, ok := errors.AsType[*classify.TagError](err)
			if !ok || found || bad.Offset < 0 || bad.Offset > len(s) {
				t.Fatalf("LookupTag(%q) = %v, %#v: want none and an offset in the tag", s, found, err)
			}
			return
		}
		value, ok := reflect.StructTag(s).Lookup(classify.TagKey)
		if ok != found {
			t.Fatalf("LookupTag(%q) found %v, reflect %v", s, found, ok)
		}
		if !found {
			return
		}
		if want, err := classify.ParseTag(value); err != nil || want.String() != tag.String() {
			t.Fatalf("LookupTag(%q) = %q, but ParseTag(%q) = %q, %v", s, tag, value, want, err)
		}
	})
}

func TestFuncName(t *testing.T) {
	const here = "github.com/sekisho-go/sekisho/classify"
	for _, test := range []struct{ name, pkg, fn, check string }{
		{"last4", here, "Last4", "ParseLast4"},
		{"age-band-5", here, "AgeBand5", "ParseAgeBand5"},
		{"year", here, "Year", "ParseYear"},
		{"ten-thousand", here, "TenThousand", "ParseTenThousand"},
		{"jp.municipality", here + "/jp", "Municipality", "ParseMunicipality"},
		{"jp.individual-number", here + "/jp", "IndividualNumber", "ParseIndividualNumber"},
		{"example.com/app/mask.Postal", "example.com/app/mask", "Postal", "Postal"},
		{"gopkg.in/mask.v2.Postal", "gopkg.in/mask.v2", "Postal", "Postal"},
		{"mask.Postal_2", "mask", "Postal_2", "Postal_2"},
	} {
		pkg, fn, err := classify.FuncName(test.name)
		if err != nil || pkg != test.pkg || fn != test.fn {
			t.Errorf("FuncName(%q) = %q, %q, %v, want %q, %q", test.name, pkg, fn, err, test.pkg, test.fn)
		}
		pkg, fn, err = classify.CheckName(test.name)
		if err != nil || pkg != test.pkg || fn != test.check {
			t.Errorf("CheckName(%q) = %q, %q, %v, want %q, %q", test.name, pkg, fn, err, test.pkg, test.check)
		}
	}
}

func TestFuncNameErrors(t *testing.T) {
	const (
		camel = "want small letters, digits and hyphens with a letter first, as in age-band-5"
		words = "want words of small letters and digits joined by single hyphens, as in age-band-5"
	)
	for _, test := range []struct{ name, want string }{
		{"", "empty name of a function: want one such as last4, jp.municipality or example.com/app/mask.Postal"},
		{"Last4", `function "Last4": ` + camel},
		{"4last", `function "4last": ` + camel},
		{"last_4", `function "last_4": ` + camel},
		{"last-", `function "last-": ` + words},
		{"a--b", `function "a--b": ` + words},
		{"年", `function "年": ` + camel},
		{"jp.postal_area", `function "jp.postal_area": ` + camel},
		{".year", `function ".year": want a package before the dot, such as jp`},
		{"JP.year", `function "JP.year": "JP" is not a package here: want one such as jp`},
		{"a.b.year", `function "a.b.year": "a.b" is not a package here: want one such as jp`},
		{"example.com/mask", `function "example.com/mask": want the function after the import path, as in example.com/app/mask.Postal`},
		{"example.com/mask.postal", `function "example.com/mask.postal": "postal" is not the name of an exported Go function`},
		{"example.com/mask.Po-stal", `function "example.com/mask.Po-stal": "Po-stal" is not the name of an exported Go function`},
		{"example.com//mask.Postal", `function "example.com//mask.Postal": "example.com//mask" is not an import path`},
		{"../mask.Postal", `function "../mask.Postal": "../mask" is not an import path`},
		{`ma"sk.Postal`, `function "ma\"sk.Postal": "ma\"sk" is not an import path`},
		{".Postal", `function ".Postal": "" is not an import path`},
	} {
		_, _, err := classify.FuncName(test.name)
		if err == nil || err.Error() != test.want {
			t.Errorf("FuncName(%q):\n got %v\nwant %s", test.name, err, test.want)
		}
		_, _, err = classify.CheckName(test.name)
		if want := strings.Replace(test.want, "function", "check", 1); err == nil || err.Error() != want {
			t.Errorf("CheckName(%q):\n got %v\nwant %s", test.name, err, want)
		}
	}
}
