package jp_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
)

// fullWidth returns s with full-width digits.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

// separated returns s with sep between groups of four.
func separated(s, sep string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return b.String()
}

var separators = []string{" ", "-", "\u00a0", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\u3000", "ー", "－", "ｰ"}

func TestSpellings(t *testing.T) {
	for _, v := range vectors {
		want, err := v.kind.parse(v.number)
		if err != nil {
			t.Fatal(err)
		}
		for _, sep := range separators {
			for _, s := range []string{separated(v.number, sep), separated(fullWidth(v.number), sep), v.number[:1] + sep + fullWidth(v.number[1:])} {
				got, err := v.kind.parse(s)
				if err != nil {
					t.Errorf("Parse%s(%q): %v", v.kind.name, s, err)
					continue
				}
				if got.Reveal(zone{}) != want.Reveal(zone{}) {
					t.Errorf("Parse%s(%q) gives another value", v.kind.name, s)
				}
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct {
		kind   kind
		in     string
		reason jp.Reason
		msg    string
	}{
		{individual, "", jp.ReasonEmpty, "jp: IndividualNumber: empty: want 12 digits"},
		{individual, "12345678901", jp.ReasonLength, "jp: IndividualNumber: wrong length: want 12 digits"},
		{individual, "1234567890180", jp.ReasonLength, "jp: IndividualNumber: wrong length: want 12 digits"},
		{individual, "12345678901800000000", jp.ReasonLength, "jp: IndividualNumber: wrong length: want 12 digits"},
		{individual, "123456789017", jp.ReasonCheckDigit, "jp: IndividualNumber: wrong check digit: compare it with the document it was copied from"},
		{individual, "000000000000", jp.ReasonRepeated, "jp: IndividualNumber: one digit repeated: compare it with the document it was copied from"},
		{individual, " 123456789018", jp.ReasonSeparator, "jp: IndividualNumber: blank or hyphen that is not between two digits: want 12 digits"},
		{individual, "123456789018-", jp.ReasonSeparator, "jp: IndividualNumber: blank or hyphen that is not between two digits: want 12 digits"},
		{individual, "1234--56789018", jp.ReasonSeparator, "jp: IndividualNumber: blank or hyphen that is not between two digits: want 12 digits"},
		{individual, "-", jp.ReasonSeparator, "jp: IndividualNumber: blank or hyphen that is not between two digits: want 12 digits"},
		{individual, "12345678901B", jp.ReasonCharacter, "jp: IndividualNumber: character that is neither digit, blank nor hyphen: want 12 digits"},
		{individual, "12345678901\n8", jp.ReasonCharacter, "jp: IndividualNumber: character that is neither digit, blank nor hyphen: want 12 digits"},
		{individual, "12345678901\xff", jp.ReasonCharacter, "jp: IndividualNumber: character that is neither digit, blank nor hyphen: want 12 digits"},
		{individual, "١٢٣٤٥٦٧٨٩٠١٨", jp.ReasonCharacter, "jp: IndividualNumber: character that is neither digit, blank nor hyphen: want 12 digits"},
		{corporate, "9700110005901", jp.ReasonCheckDigit, "jp: CorporateNumber: wrong check digit: compare it with the document it was copied from"},
		{corporate, "0700110005901", jp.ReasonCheckDigit, "jp: CorporateNumber: wrong check digit: compare it with the document it was copied from"},
		{corporate, "700110005901", jp.ReasonLength, "jp: CorporateNumber: wrong length: want 13 digits"},
		{insurer, "3312001", jp.ReasonLength, "jp: InsurerNumber: wrong length: want 8 digits, or 6 of national health insurance"},
		{insurer, "  138057", jp.ReasonSeparator, "jp: InsurerNumber: blank or hyphen that is not between two digits: want 8 digits, or 6 of national health insurance"},
		{insurer, "33120016", jp.ReasonCheckDigit, "jp: InsurerNumber: wrong check digit: compare it with the document it was copied from"},
		{insured, "12345675", jp.ReasonCheckDigit, "jp: InsuredNumber: wrong check digit: compare it with the document it was copied from"},
		{insured, "123456", jp.ReasonLength, "jp: InsuredNumber: wrong length: want 8 digits"},
		{institution, "1113719", jp.ReasonLength, "jp: InstitutionCode: wrong length: want 10 digits"},
		{institution, "0110113710", jp.ReasonCheckDigit, "jp: InstitutionCode: wrong check digit: compare it with the document it was copied from"},
		{localGovernment, "08201", jp.ReasonLength, "jp: LocalGovernmentCode: wrong length: want 6 digits"},
		{localGovernment, "012130", jp.ReasonCheckDigit, "jp: LocalGovernmentCode: wrong check digit: compare it with the document it was copied from"},
		{localGovernment, "012051", jp.ReasonCheckDigit, "jp: LocalGovernmentCode: wrong check digit: compare it with the document it was copied from"},
	} {
		got, err := test.kind.parse(test.in)
		bad, ok := errors.AsType[*jp.ParseError](err)
		if !ok || bad.Type != test.kind.name || bad.Reason != test.reason || err.Error() != test.msg {
			t.Errorf("Parse%s(%q):\n got %v\nwant %s", test.kind.name, test.in, err, test.msg)
		}
		if got.Reveal(zone{}) != "" {
			t.Errorf("Parse%s(%q) gives a value beside the error", test.kind.name, test.in)
		}
	}
}

func TestCompleteErrors(t *testing.T) {
	for _, test := range []struct {
		kind kind
		in   string
		msg  string
	}{
		{individual, "", "jp: IndividualNumber: empty: want 11 digits"},
		{individual, "123456789018", "jp: IndividualNumber: wrong length: want 11 digits"},
		{individual, "00000000000", "jp: IndividualNumber: one digit repeated: compare it with the document it was copied from"},
		{corporate, "8700110005901", "jp: CorporateNumber: wrong length: want 12 digits"},
		{insurer, "331200", "jp: InsurerNumber: wrong length: want 7 digits, or 5 of national health insurance"},
		{insured, "1234567x", "jp: InsuredNumber: character that is neither digit, blank nor hyphen: want 7 digits"},
		{institution, "01101137", "jp: InstitutionCode: wrong length: want 9 digits"},
		{localGovernment, "0820 ", "jp: LocalGovernmentCode: blank or hyphen that is not between two digits: want 5 digits"},
	} {
		_, err := test.kind.complete(test.in)
		if err == nil || err.Error() != test.msg {
			t.Errorf("Complete%s(%q):\n got %v\nwant %s", test.kind.name, test.in, err, test.msg)
		}
	}
}

// TestRepeated: some of these have a right check digit.
func TestRepeated(t *testing.T) {
	for d := '0'; d <= '9'; d++ {
		s := strings.Repeat(string(d), 12)
		_, err := jp.ParseIndividualNumber(s)
		if bad, ok := errors.AsType[*jp.ParseError](err); !ok || bad.Reason != jp.ReasonRepeated {
			t.Errorf("ParseIndividualNumber of %c twelve times: %v, want %v", d, err, jp.ReasonRepeated)
		}
	}
}

// TestMutations changes each digit in each way. The rule of individual numbers
// misses slips between remainders 0 and 1, and that of corporate numbers
// those of a 0 and a 9; mod10w21 and the rest of them miss none.
func TestMutations(t *testing.T) {
	for _, v := range vectors {
		missed := 0
		for i := range v.number {
			for d := byte('0'); d <= '9'; d++ {
				if d == v.number[i] {
					continue
				}
				mutated := v.number[:i] + string(d) + v.number[i+1:]
				if got, err := v.kind.parse(mutated); err == nil {
					missed++
					if got.Reveal(zone{}) != mutated {
						t.Errorf("Parse%s(%s) gives another number", v.kind.name, mutated)
					}
				}
			}
		}
		limit := map[string]int{individual.name: 24, corporate.name: 13, localGovernment.name: 6}[v.kind.name]
		if missed > limit {
			t.Errorf("%s %s: %d slips of one digit pass, want at most %d", v.kind.name, v.number, missed, limit)
		}
	}
}

// TestErrorsHaveNoInput puts canaries through every way in.
func TestErrorsHaveNoInput(t *testing.T) {
	canaries := []string{
		"123456789017", "1234-5678-9017", fullWidth("123456789017"), "qzxwvj123456789017", "12345678", "9876543210", "987654",
		"9876543210123", " 123456789018", "123456789018 ", "qzxwvj", "\xff\xfeqzxwvj", strings.Repeat("123456789018", 50),
	}
	check := func(what, canary string, err error) {
		t.Helper()
		if err == nil {
			return
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			text := fmt.Sprintf(verb, err)
			runes := []rune(canary)
			for i := range len(runes) - 3 {
				if piece := string(runes[i : i+4]); strings.Contains(text, piece) {
					t.Errorf("%s(%q): error shows %q: %s", what, canary, piece, text)
					return
				}
			}
		}
	}
	for _, k := range kinds {
		for _, canary := range canaries {
			_, err := k.parse(canary)
			check("Parse"+k.name, canary, err)
			_, err = k.complete(canary)
			check("Complete"+k.name, canary, err)
			v := k.absent()
			check("Restore", canary, v.Restore(zone{}, canary))
			check("Restore without zone", canary, v.Restore(nil, canary))
			check("Scan", canary, v.(sql.Scanner).Scan(canary))
			column := v.(interface {
				SQL(classify.Zone) jp.SQLValue
			}).SQL(zone{})
			check("SQL.Scan", canary, column.Scan(canary))
			check("SQL.Scan of bytes", canary, column.Scan([]byte(canary)))
			check("UnmarshalJSON", canary, v.(interface{ UnmarshalJSON([]byte) error }).UnmarshalJSON([]byte(canary)))
			check("UnmarshalText", canary, v.(interface{ UnmarshalText([]byte) error }).UnmarshalText([]byte(canary)))
		}
		v := k.absent().(interface {
			SQL(classify.Zone) jp.SQLValue
		})
		check("SQL.Scan of a number", "123456789018", v.SQL(zone{}).Scan(int64(123456789018)))
		var place jp.MunicipalityName
		check("MunicipalityName", "大工町中央1-4-1", place.UnmarshalText([]byte("大工町中央1-4-1")))
	}
}

func TestRestore(t *testing.T) {
	for _, v := range vectors {
		got := v.kind.absent()
		if err := got.Restore(zone{}, v.number); err != nil || got.Reveal(zone{}) != v.number {
			t.Errorf("%s: Restore: %v", v.kind.name, err)
		}
		for _, s := range []string{separated(v.number, "-"), fullWidth(v.number), v.number + " ", v.number[1:], "x"} {
			err := got.Restore(zone{}, s)
			if _, ok := errors.AsType[*jp.ParseError](err); !ok || got.Reveal(zone{}) != v.number {
				t.Errorf("%s: Restore of %q: %v, want a ParseError and no change", v.kind.name, s, err)
			}
		}
		if err := got.Restore(nil, v.number); err == nil || got.Reveal(zone{}) != v.number {
			t.Errorf("%s: Restore without a zone: %v, want an error and no change", v.kind.name, err)
		}
		if got.Reveal(nil) != "" {
			t.Errorf("%s: Reveal without a zone reveals", v.kind.name)
		}
		if err := got.Restore(zone{}, ""); err != nil || got.Reveal(zone{}) != "" {
			t.Errorf("%s: Restore of nothing: %v", v.kind.name, err)
		}
	}
}

// TestComparable checks == and map keys, the zero value, and that a value of
// another type or another process does not reveal.
func TestComparable(t *testing.T) {
	seen := make(map[jp.InsuredNumber]string)
	for i := range 5000 {
		base := fmt.Sprintf("%07d", i*1999)
		a, err := jp.CompleteInsuredNumber(base)
		if err != nil {
			t.Fatal(err)
		}
		canonical := a.Reveal(zone{})
		b, err := jp.ParseInsuredNumber(separated(fullWidth(canonical), "－"))
		if err != nil || a != b || !a.Equal(b) || !cmp.Equal(a, b) {
			t.Fatalf("two spellings of one number differ: %v", err)
		}
		if other, ok := seen[a]; ok {
			t.Fatalf("%s and %s are one map key", other, canonical)
		}
		seen[b] = canonical
	}
	for n, canonical := range seen {
		if n.Reveal(zone{}) != canonical || n.IsZero() {
			t.Fatalf("%s reveals as %s", canonical, n.Reveal(zone{}))
		}
	}
	var absent jp.InsuredNumber
	if !absent.IsZero() || absent.Reveal(zone{}) != "" || !absent.Equal(jp.InsuredNumber{}) {
		t.Error("the zero value is not absent")
	}
}

func TestSQL(t *testing.T) {
	n, err := jp.ParseIndividualNumber("123456789018")
	if err != nil {
		t.Fatal(err)
	}
	var _ driver.Valuer = n.SQL(zone{})
	var _ sql.Scanner = n.SQL(zone{})
	if v, err := n.SQL(zone{}).Value(); err != nil || v != "123456789018" {
		t.Errorf("Value = %v, want the number", err)
	}
	var back jp.IndividualNumber
	for _, src := range []any{"123456789018", []byte("123456789018"), "123456789018    "} {
		back = jp.IndividualNumber{}
		if err := back.SQL(zone{}).Scan(src); err != nil || back != n {
			t.Errorf("Scan of a %T: %v", src, err)
		}
	}
	for _, src := range []any{int64(123456789018), 1.5, true, "1234-5678-9018", "123456789017"} {
		if err := back.SQL(zone{}).Scan(src); err == nil || back != n {
			t.Errorf("Scan of a %T: no error, or changed", src)
		}
	}
	for _, src := range []any{nil, "", []byte{}, "            "} {
		back = n
		if err := back.SQL(zone{}).Scan(src); err != nil || !back.IsZero() {
			t.Errorf("Scan of nothing as %T: %v", src, err)
		}
	}
	if v, err := back.SQL(zone{}).Value(); err != nil || v != nil {
		t.Errorf("Value of an absent number = %v, %v, want NULL", v, err)
	}
	if _, err := n.SQL(nil).Value(); err == nil {
		t.Error("Value without a zone: no error")
	}
	if err := n.SQL(nil).Scan("123456789018"); err == nil {
		t.Error("Scan without a zone: no error")
	}
	if _, err := (jp.SQLValue{}).Value(); err == nil {
		t.Error("Value of the zero SQLValue: no error")
	}
	if err := (jp.SQLValue{}).Scan("123456789018"); err == nil {
		t.Error("Scan into the zero SQLValue: no error")
	}
}

func TestReasonString(t *testing.T) {
	if got := jp.Reason(99).String(); got != "no reason" {
		t.Errorf("Reason(99) = %q", got)
	}
}

// fuzzParse checks a parser on any input: it gives a value that comes back
// from its canonical form, or a ParseError that does not have the input.
func fuzzParse(f *testing.F, k kind) {
	for _, v := range vectors {
		f.Add(v.number)
		f.Add(separated(fullWidth(v.number), "－"))
	}
	f.Add("")
	f.Add("ー1")
	f.Add("1\xff")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := k.parse(s)
		if err != nil {
			bad, ok := errors.AsType[*jp.ParseError](err)
			if !ok || bad.Type != k.name {
				t.Fatalf("Parse%s(%q): %#v: want a ParseError", k.name, s, err)
			}
			if v.Reveal(zone{}) != "" {
				t.Fatalf("Parse%s(%q) gives a value beside the error", k.name, s)
			}
			return
		}
		canonical := v.Reveal(zone{})
		digits := strings.Map(func(r rune) rune {
			switch {
			case '０' <= r && r <= '９':
				return r - '０' + '0'
			case '0' <= r && r <= '9':
				return r
			}
			return -1
		}, s)
		if canonical != digits {
			t.Fatalf("Parse%s(%q) reveals %q, want %q", k.name, s, canonical, digits)
		}
		back := k.absent()
		if err := back.Restore(zone{}, canonical); err != nil || back.Reveal(zone{}) != canonical {
			t.Fatalf("Restore of %q: %v", canonical, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", v, v, v); strings.Contains(text, canonical) {
			t.Fatalf("Parse%s(%q) prints as %s", k.name, s, text)
		}
	})
}

func FuzzParseIndividualNumber(f *testing.F)    { fuzzParse(f, individual) }
func FuzzParseCorporateNumber(f *testing.F)     { fuzzParse(f, corporate) }
func FuzzParseInsurerNumber(f *testing.F)       { fuzzParse(f, insurer) }
func FuzzParseInsuredNumber(f *testing.F)       { fuzzParse(f, insured) }
func FuzzParseInstitutionCode(f *testing.F)     { fuzzParse(f, institution) }
func FuzzParseLocalGovernmentCode(f *testing.F) { fuzzParse(f, localGovernment) }

func TestAllocations(t *testing.T) {
	a, err := jp.ParseIndividualNumber("123456789018")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := jp.ParseIndividualNumber("621498320257")
	m := map[jp.IndividualNumber]int{a: 1, b: 2}
	var sink int
	for _, test := range []struct {
		what string
		most float64
		f    func()
	}{
		{"parsing ASCII", 1, func() { jp.ParseIndividualNumber("1234-5678-9018") }},
		{"parsing full width", 1, func() { jp.ParseIndividualNumber("１２３４　５６７８　９０１８") }},
		{"comparison", 0, func() {
			if a == b {
				sink++
			}
		}},
		{"look-up by hash", 0, func() { sink += m[a] }},
		{"revealing", 1, func() { sink += len(a.Reveal(zone{})) }},
		{"the municipality of an address", 0, func() { jp.Municipality("茨城県水戸市中央一丁目４番１号") }},
	} {
		if got := testing.AllocsPerRun(200, test.f); got > test.most {
			t.Errorf("%s: %v allocations, want at most %v", test.what, got, test.most)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		jp.ParseIndividualNumber("1234-5678-9018")
	}
}

func BenchmarkReveal(b *testing.B) {
	b.ReportAllocs()
	n, _ := jp.ParseIndividualNumber("1234-5678-9018")
	var z classify.Zone = zone{}
	for b.Loop() {
		n.Reveal(z)
	}
}

func BenchmarkMunicipality(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		jp.Municipality("茨城県水戸市中央一丁目４番１号")
	}
}
