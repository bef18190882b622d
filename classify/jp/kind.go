package jp

// kind tells the types of identifiers apart.
type kind uint8

const (
	individual kind = iota + 1
	corporate
	insurer
	insured
	institution
	localGovernment
)

// kinds says, for each kind, its Go type and how many digits it has.
var kinds = [...]struct {
	name    string
	lengths [2]int // the second is 0 where there is but one
	want    string // the lengths in words
	base    string // the lengths without the check digit, in words
}{
	individual:      {"IndividualNumber", [2]int{12}, "12 digits", "11 digits"},
	corporate:       {"CorporateNumber", [2]int{13}, "13 digits", "12 digits"},
	insurer:         {"InsurerNumber", [2]int{8, 6}, "8 digits, or 6 of national health insurance", "7 digits, or 5 of national health insurance"},
	insured:         {"InsuredNumber", [2]int{8}, "8 digits", "7 digits"},
	institution:     {"InstitutionCode", [2]int{10}, "10 digits", "9 digits"},
	localGovernment: {"LocalGovernmentCode", [2]int{6}, "6 digits", "5 digits"},
}

// The phantom parameters of number.
type (
	individualKind      struct{}
	corporateKind       struct{}
	insurerKind         struct{}
	insuredKind         struct{}
	institutionKind     struct{}
	localGovernmentKind struct{}
)

func (individualKind) kind() kind      { return individual }
func (corporateKind) kind() kind       { return corporate }
func (insurerKind) kind() kind         { return insurer }
func (insuredKind) kind() kind         { return insured }
func (institutionKind) kind() kind     { return institution }
func (localGovernmentKind) kind() kind { return localGovernment }

// hasLength reports whether an identifier of this kind can have n digits.
func (k kind) hasLength(n int) bool {
	l := kinds[k].lengths
	return n == l[0] || n == l[1] && n != 0
}

// leads reports whether the check digit is the first digit and not the last.
func (k kind) leads() bool { return k == corporate }

// check says what is wrong with the digits, or reasonNone.
func (k kind) check(d *digits) Reason {
	switch {
	case d.n == 0:
		return ReasonEmpty
	case !k.hasLength(d.n):
		return ReasonLength
	case k == individual && d.repeated():
		return ReasonRepeated
	}
	base, given := d.buf[:d.n-1], d.buf[d.n-1]
	if k.leads() {
		base, given = d.buf[1:d.n], d.buf[0]
	}
	if k.checkDigit(base) != given {
		return ReasonCheckDigit
	}
	return reasonNone
}

// checkDigit returns the check digit of the base digits, in ASCII as they are.
func (k kind) checkDigit(base []byte) byte {
	switch k {
	case individual:
		return individualCheck(base)
	case corporate:
		return corporateCheck(base)
	case localGovernment:
		return localGovernmentCheck(base)
	}
	return mod10w21(base)
}

// individualCheck is the rule of article 5 of ministerial ordinance 85 of 2014
// (総務省令): 11 less the weighted sum modulo 11, and 0 when the remainder is 0
// or 1. The weights from the right are 2 to 7, then 2 to 6.
func individualCheck(base []byte) byte {
	sum := 0
	for i := range base {
		fromRight := len(base) - i
		weight := fromRight + 1
		if fromRight > 6 {
			weight = fromRight - 5
		}
		sum += int(base[i]-'0') * weight
	}
	r := sum % 11
	if r <= 1 {
		return '0'
	}
	return byte('0' + 11 - r)
}

// corporateCheck is the rule of ministerial ordinance 70 of 2014 (財務省令): 9
// less the weighted sum modulo 9. The weights from the right are 1, 2, 1, 2 …
func corporateCheck(base []byte) byte {
	sum := 0
	for i := range base {
		weight := 1
		if (len(base)-i)%2 == 0 {
			weight = 2
		}
		sum += int(base[i]-'0') * weight
	}
	return byte('0' + 9 - sum%9)
}

// mod10w21 is the rule of the verification numbers (検証番号) of health
// insurance: from the right multiply by 2, 1, 2, 1 …, add the digits of the
// products, take the sum from the next multiple of ten.
func mod10w21(base []byte) byte {
	sum := 0
	for i := range base {
		p := int(base[i] - '0')
		if (len(base)-i)%2 == 1 {
			p *= 2
		}
		sum += p/10 + p%10
	}
	return byte('0' + (10-sum%10)%10)
}

// localGovernmentCheck is the rule of the codes of local governments (全国地方
// 公共団体コード): weights 6 to 2 from the left, 11 less the sum modulo 11, and
// of that the last digit; so a remainder of 0 gives 1 and one of 1 gives 0.
func localGovernmentCheck(base []byte) byte {
	sum := 0
	for i := range base {
		sum += int(base[i]-'0') * (6 - i)
	}
	return byte('0' + (11-sum%11)%10)
}
