package people_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/examples/kouki/intake"
	"github.com/sekisho-go/sekisho/examples/kouki/people"
)

var comparePersons = cmpopts.IgnoreUnexported(people.Person{})

func TestMakeIsDeterministic(t *testing.T) {
	long, short := slices.Collect(people.Make(7, 1000)), slices.Collect(people.Make(7, 10))
	if diff := cmp.Diff(long[:10], short, comparePersons); diff != "" {
		t.Errorf("the first ten depend on how many are made (-1000 +10):\n%s", diff)
	}
	other := slices.Collect(people.Make(8, 1000))
	same := 0
	for i := range other {
		if other[i].IndividualNumber == long[i].IndividualNumber || other[i].Name == long[i].Name && other[i].Birth.Equal(long[i].Birth) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 1000 persons are the same in two seeds", same)
	}
	for range people.Make(7, 1000) {
		break // a loop may end early
	}
}

// TestNumbers checks the check digits twice: by classify/jp, and by the rules written down once more (ministerial
// ordinance 85 of 2014, article 5, with weights from the left; the sum of digits of 2, 1, 2, 1 … for the insurance).
func TestNumbers(t *testing.T) {
	individual, insured := map[string]bool{}, map[string]bool{}
	for p := range people.Make(1, 20_000) {
		if _, err := jp.ParseIndividualNumber(p.IndividualNumber); err != nil || !individualChecks(p.IndividualNumber) {
			t.Fatalf("individual number %s: %v", p.IndividualNumber, err)
		}
		if _, err := jp.ParseInsuredNumber(p.InsuredNumber); err != nil || len(p.InsuredNumber) != 8 || !insuranceChecks(p.InsuredNumber) {
			t.Fatalf("insured number %s: %v", p.InsuredNumber, err)
		}
		if _, err := jp.ParseInsurerNumber(p.InsurerNumber); err != nil || !insuranceChecks(p.InsurerNumber) || !strings.HasPrefix(p.InsurerNumber, "3908") {
			t.Fatalf("insurer number %s: %v", p.InsurerNumber, err)
		}
		individual[p.IndividualNumber], insured[p.InsuredNumber] = true, true
	}
	if len(individual) != 20_000 || len(insured) != 20_000 {
		t.Errorf("%d individual and %d insured numbers for 20000 persons", len(individual), len(insured))
	}
}

func individualChecks(n string) bool {
	sum := 0
	for i, weight := range []int{6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
		sum += int(n[i]-'0') * weight
	}
	want := 11 - sum%11
	if want > 9 {
		want = 0
	}
	return len(n) == 12 && int(n[11]-'0') == want
}

func insuranceChecks(n string) bool {
	sum := 0
	for i := range n {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 1 {
			d = []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}[d]
		}
		sum += d
	}
	return sum%10 == 0
}

// unassigned is the telephone numbers nobody can have: an exchange number, and the digit after 0A0, begin with a zero.
var unassigned = regexp.MustCompile(`^(029-0\d\d-\d{4}|02[89]\d-0\d-\d{4}|0[789]0-0\d{3}-\d{4})$`)

var postal = regexp.MustCompile(`^3[01]\d{5}$`)

func TestPersons(t *testing.T) {
	var age, disabled, lost, threeTenths, pension, noPhone int
	municipalities := map[string]int{}
	for p := range people.Make(2, 20_000) {
		checkPerson(t, p)
		if years := yearsOld(p.Birth); years >= 75 {
			age++
		}
		if p.Reason == people.ByDisability {
			disabled++
		}
		municipalities[p.InsurerNumber]++
		lost += count(!p.Lost.IsZero())
		threeTenths += count(p.Burden == 3)
		pension += count(p.ByPension)
		noPhone += count(p.Phone == "")
	}
	if len(municipalities) != 44 {
		t.Errorf("%d municipalities, want 44", len(municipalities))
	}
	for what, r := range map[string][3]int{
		"75 and over":     {age, 19_000, 19_999},
		"disabled":        {disabled, 200, 800},
		"lost":            {lost, 100, 400},
		"paying 30 %":     {threeTenths, 200, 2_000},
		"paying by levy":  {pension, 13_000, 19_000},
		"without a phone": {noPhone, 300, 1_000},
	} {
		if r[0] < r[1] || r[0] > r[2] {
			t.Errorf("%s: %d of 20000, want %d to %d", what, r[0], r[1], r[2])
		}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func yearsOld(birth time.Time) int {
	years := people.AsOf().Year() - birth.Year()
	if birth.AddDate(years, 0, 0).After(people.AsOf()) {
		years--
	}
	return years
}

// checkPerson checks what holds for every person.
func checkPerson(t *testing.T, p people.Person) {
	t.Helper()
	years := yearsOld(p.Birth)
	start := time.Date(2008, time.April, 1, 0, 0, 0, 0, time.UTC)
	for what, ok := range map[string]bool{
		"age":         years >= 75 && years <= 105 || p.Reason == people.ByDisability && years >= 65 && years < 75,
		"since":       !p.Qualified.Before(start) && !p.Qualified.After(people.AsOf()) && !p.Qualified.Before(p.Birth.AddDate(65, 0, 0)),
		"birthday":    p.Reason != people.ByAge || p.Qualified.Equal(p.Birth.AddDate(75, 0, 0)) || p.Qualified.Equal(start),
		"until":       p.Lost.IsZero() || !p.Lost.Before(p.Qualified) && !p.Lost.After(people.AsOf()),
		"kana":        intake.IsKatakana(p.Kana),
		"name":        strings.Count(p.Name, "　") == 1 && strings.Count(p.Kana, "　") == 1,
		"sex":         p.Sex == people.Male || p.Sex == people.Female,
		"postal code": postal.MatchString(p.PostalCode),
		"address":     strings.HasPrefix(p.Address, "茨城県"),
		"phone":       p.Phone == "" || unassigned.MatchString(p.Phone),
		"burden":      p.Burden >= 1 && p.Burden <= 3,
		"premium":     p.Premium >= 15_200 && p.Premium <= 871_000 && p.Premium%100 == 0,
		"incomes":     p.BaseIncome <= p.TotalIncome && p.TaxableIncome <= p.BaseIncome && p.TaxableIncome%1000 == 0,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, p)
		}
	}
}

func TestTextsAreCP932(t *testing.T) {
	encoder := japanese.ShiftJIS.NewEncoder()
	for p := range people.Make(3, 20_000) {
		for _, text := range []string{p.Name, p.Kana, p.Address, p.Building} {
			if _, err := encoder.String(text); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
	}
}

func ExampleMake() {
	for p := range people.Make(1, 3) {
		fmt.Println(p.InsurerNumber, p.Name, p.Kana, p.Birth.Format(time.DateOnly), p.Premium)
	}
	// Output:
	// 39083043 小松崎　茂雄 コマツザキ　シゲオ 1940-07-30 134300
	// 39083043 新井　恵子 アライ　ケイコ 1948-01-14 15200
	// 39082045 高橋　トシ タカハシ　トシ 1924-09-19 15200
}
