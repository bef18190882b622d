package jp

// IndividualNumber is an individual number (個人番号, My Number) of the Act on
// the Use of Numbers to Identify a Specific Individual: 12 digits, the last a
// check digit by article 5 of ministerial ordinance 85 of 2014 (総務省令). Under
// the act neither it nor anything derived from it by rule may be used outside
// the tasks that the act lists.
//
// It is closed; see the package comment. It comes to be by
// [ParseIndividualNumber], [CompleteIndividualNumber], Restore or SQL, so a
// present one has a right check digit.
type IndividualNumber struct{ number[individualKind] }

// ParseIndividualNumber parses an individual number in any spelling of the
// package comment. The error is a [*ParseError]; twelve equal digits are one
// even where the check digit agrees.
func ParseIndividualNumber(s string) (IndividualNumber, error) {
	n, err := parse[individualKind](s)
	return IndividualNumber{n}, err
}

// CompleteIndividualNumber adds the check digit to the first 11 digits. It is
// for makers of synthetic data and for the body that issues the numbers: a
// number made here may be a living person's.
func CompleteIndividualNumber(base11 string) (IndividualNumber, error) {
	n, err := complete[individualKind](base11)
	return IndividualNumber{n}, err
}

// Equal reports whether n and o are the same number, or both absent.
func (n IndividualNumber) Equal(o IndividualNumber) bool { return n == o }

// CorporateNumber is a corporate number (法人番号) of the National Tax Agency:
// 13 digits, the first a check digit by ministerial ordinance 70 of 2014 (財務
// 省令). The numbers are public; that a record has one need not be.
//
// It is closed; see the package comment.
type CorporateNumber struct{ number[corporateKind] }

// ParseCorporateNumber parses a corporate number in any spelling of the
// package comment. The error is a [*ParseError].
func ParseCorporateNumber(s string) (CorporateNumber, error) {
	n, err := parse[corporateKind](s)
	return CorporateNumber{n}, err
}

// CompleteCorporateNumber puts the check digit before the last 12 digits. It
// is for makers of synthetic data and for the body that issues the numbers.
func CompleteCorporateNumber(base12 string) (CorporateNumber, error) {
	n, err := complete[corporateKind](base12)
	return CorporateNumber{n}, err
}

// Equal reports whether n and o are the same number, or both absent.
func (n CorporateNumber) Equal(o CorporateNumber) bool { return n == o }

// InsurerNumber is the number of a health insurer (保険者番号): 8 digits, or 6
// of national health insurance (国民健康保険), the last a verification number.
// The form with 8 starts with the number of the law, 39 for the medical care
// of the elderly. The two forms are different values.
//
// Nobody may ask for it together with the number of the insured except for
// the business of the insurance, since 1 October 2020. It is closed; see the
// package comment.
type InsurerNumber struct{ number[insurerKind] }

// ParseInsurerNumber parses the number of an insurer in any spelling of the
// package comment. The error is a [*ParseError]. The blanks that fill a field
// of 8 in claims files must be removed before.
func ParseInsurerNumber(s string) (InsurerNumber, error) {
	n, err := parse[insurerKind](s)
	return InsurerNumber{n}, err
}

// CompleteInsurerNumber adds the verification number to the first 7 digits,
// or to the first 5 of national health insurance. It is for makers of
// synthetic data and for bodies that issue the numbers.
func CompleteInsurerNumber(base string) (InsurerNumber, error) {
	n, err := complete[insurerKind](base)
	return InsurerNumber{n}, err
}

// Equal reports whether n and o are the same number, or both absent.
func (n InsurerNumber) Equal(o InsurerNumber) bool { return n == o }

// InsuredNumber is the number of a person insured by the medical care system
// for the elderly aged 75 and over (後期高齢者医療 被保険者番号): 8 digits, the
// last a verification number.
//
// Nobody may ask for it except for the business of the insurance, since 1
// October 2020. It is closed; see the package comment.
type InsuredNumber struct{ number[insuredKind] }

// ParseInsuredNumber parses the number of an insured person in any spelling of
// the package comment. The error is a [*ParseError].
func ParseInsuredNumber(s string) (InsuredNumber, error) {
	n, err := parse[insuredKind](s)
	return InsuredNumber{n}, err
}

// CompleteInsuredNumber adds the verification number to the first 7 digits. It
// is for makers of synthetic data and for bodies that issue the numbers.
func CompleteInsuredNumber(base7 string) (InsuredNumber, error) {
	n, err := complete[insuredKind](base7)
	return InsuredNumber{n}, err
}

// Equal reports whether n and o are the same number, or both absent.
func (n InsuredNumber) Equal(o InsuredNumber) bool { return n == o }

// InstitutionCode is the code of a medical institution (医療機関コード) with
// prefecture and fee table: 10 digits, the last a verification number over
// the nine before. The form of 7 digits lacks what the check needs and is not
// accepted.
//
// It is closed; see the package comment.
type InstitutionCode struct{ number[institutionKind] }

// ParseInstitutionCode parses the code of a medical institution in any
// spelling of the package comment. The error is a [*ParseError].
func ParseInstitutionCode(s string) (InstitutionCode, error) {
	n, err := parse[institutionKind](s)
	return InstitutionCode{n}, err
}

// CompleteInstitutionCode adds the verification number to the first 9 digits.
// It is for makers of synthetic data and for bodies that issue the codes.
func CompleteInstitutionCode(base9 string) (InstitutionCode, error) {
	n, err := complete[institutionKind](base9)
	return InstitutionCode{n}, err
}

// Equal reports whether n and o are the same code, or both absent.
func (n InstitutionCode) Equal(o InstitutionCode) bool { return n == o }

// LocalGovernmentCode is the code of a prefecture or municipality (全国地方公共
// 団体コード): 6 digits, the last a check digit. The codes are public; which
// municipality a record belongs to need not be.
//
// It is closed; see the package comment.
type LocalGovernmentCode struct {
	number[localGovernmentKind]
}

// ParseLocalGovernmentCode parses the code of a local government in any
// spelling of the package comment. The error is a [*ParseError]. The form of 5
// digits without the check digit is not accepted.
func ParseLocalGovernmentCode(s string) (LocalGovernmentCode, error) {
	n, err := parse[localGovernmentKind](s)
	return LocalGovernmentCode{n}, err
}

// CompleteLocalGovernmentCode adds the check digit to the first 5 digits, the
// form in which statistics have the code.
func CompleteLocalGovernmentCode(base5 string) (LocalGovernmentCode, error) {
	n, err := complete[localGovernmentKind](base5)
	return LocalGovernmentCode{n}, err
}

// Equal reports whether c and o are the same code, or both absent.
func (c LocalGovernmentCode) Equal(o LocalGovernmentCode) bool { return c == o }
