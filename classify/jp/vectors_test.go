package jp_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
)

// zone is a zone for tests.
type zone struct{}

func (zone) ZoneName() string { return "test" }

// kind is one of the six types behind functions of one shape, so that a table
// can say which.
type kind struct {
	name     string
	parse    func(string) (classify.Value, error)
	complete func(string) (classify.Value, error)
	absent   func() classify.Value
}

// kindOf makes a kind of the functions of type T.
func kindOf[T any, P interface {
	*T
	classify.Value
}](name string, parse, complete func(string) (T, error)) kind {
	pointer := func(f func(string) (T, error)) func(string) (classify.Value, error) {
		return func(s string) (classify.Value, error) {
			v, err := f(s)
			return P(&v), err
		}
	}
	return kind{name, pointer(parse), pointer(complete), func() classify.Value { return P(new(T)) }}
}

var (
	individual      = kindOf("IndividualNumber", jp.ParseIndividualNumber, jp.CompleteIndividualNumber)
	corporate       = kindOf("CorporateNumber", jp.ParseCorporateNumber, jp.CompleteCorporateNumber)
	insurer         = kindOf("InsurerNumber", jp.ParseInsurerNumber, jp.CompleteInsurerNumber)
	insured         = kindOf("InsuredNumber", jp.ParseInsuredNumber, jp.CompleteInsuredNumber)
	institution     = kindOf("InstitutionCode", jp.ParseInstitutionCode, jp.CompleteInstitutionCode)
	localGovernment = kindOf("LocalGovernmentCode", jp.ParseLocalGovernmentCode, jp.CompleteLocalGovernmentCode)

	kinds = []kind{individual, corporate, insurer, insured, institution, localGovernment}
)

// vectors are worked examples: ordinances, public samples, and the edges of
// the formulas.
var vectors = []struct {
	kind   kind
	number string
	reason string
}{
	{individual, "123456789018", "worked example, sum 212, remainder 3"},
	{individual, "621498320257", "sum 180, remainder 4"},
	{individual, "983205673214", "sum 238, remainder 7"},
	{individual, "379474484458", "sum 245, remainder 3"},
	{individual, "454972364860", "sum 220, remainder 0 gives 0"},
	{individual, "507957100721", "sum 175, remainder 10 gives 1"},
	{individual, "123456789000", "sum 210, remainder 1 gives 0"},
	{corporate, "8700110005901", "worked example, sum 37, remainder 1"},
	{corporate, "7000012050002", "public sample"},
	{corporate, "5835678256246", "public sample"},
	{insurer, "33120015", "worked example, sum 15"},
	{insurer, "138057", "national health insurance"},
	{insurer, "39082011", "medical care for the elderly, sum 29"},
	{insurer, "39082029", "the same, next municipality"},
	{insurer, "39082037", "the same, third municipality"},
	{insured, "12345674", "worked example, sum 26"},
	{insured, "99999997", "all nines"},
	{insured, "00000018", "leading zeros"},
	{insured, "09000001", "one of a pair that the check cannot tell apart"},
	{insured, "90000001", "the other"},
	{institution, "0110113719", "worked example, sum 21"},
	{localGovernment, "080004", "a prefecture, sum 40, remainder 7"},
	{localGovernment, "082015", "a city, sum 50, remainder 6"},
	{localGovernment, "131016", "a ward of Tokyo, sum 27, remainder 5"},
	{localGovernment, "011002", "a designated city"},
	{localGovernment, "472018", "a city in Okinawa"},
	{localGovernment, "012131", "remainder 0 gives 1"},
	{localGovernment, "012050", "remainder 1 gives 0"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		got, err := v.kind.parse(v.number)
		if err != nil {
			t.Errorf("Parse%s, %s: %v", v.kind.name, v.reason, err)
			continue
		}
		if s := got.Reveal(zone{}); s != v.number {
			t.Errorf("Parse%s, %s: revealed %s, want %s", v.kind.name, v.reason, s, v.number)
		}
		base := v.number[:len(v.number)-1]
		if v.kind.name == corporate.name {
			base = v.number[1:]
		}
		got, err = v.kind.complete(base)
		if err != nil {
			t.Errorf("Complete%s, %s: %v", v.kind.name, v.reason, err)
			continue
		}
		if s := got.Reveal(zone{}); s != v.number {
			t.Errorf("Complete%s, %s: revealed %s, want %s", v.kind.name, v.reason, s, v.number)
		}
	}
}
