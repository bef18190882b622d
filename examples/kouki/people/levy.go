package people

// Reduction is how much of the per-head part of the premium is waived for a household with little income (軽減区分).
type Reduction string

// The reductions (軽減区分), as the file has them.
const (
	NoReduction Reduction = "なし" // none
	TwoTenths   Reduction = "2割" // two tenths
	FiveTenths  Reduction = "5割" // five tenths
	SevenTenths Reduction = "7割" // seven tenths
)

// Amounts of the levy in yen, and rates in parts of 100,000 of income (Ibaraki, fiscal 2026 and 2027).
const (
	perHead      = 49_500
	incomeRate   = 9_320
	premiumCap   = 850_000
	childPerHead = 1_400
	childRate    = 280
	childCap     = 21_000
	rateUnit     = 100_000

	basicDeduction = 430_000 // 基礎控除
	elderDeduction = 150_000 // taken off pension income where a reduction is judged
	fivePerPerson  = 305_000
	twoPerPerson   = 560_000

	deductedFrom = 180_000 // the least pension a year from which premiums are deducted
	careFee      = 80_000  // a usual long-term care premium, which counts against half of the pension
)

// A Levy is one person's premium of a year, and the incomes it follows from, in yen.
type Levy struct {
	TotalIncome   int64 // 総所得金額等
	BaseIncome    int64 // 旧ただし書所得: total income less the basic deduction
	TaxableIncome int64 // 課税所得
	PerHead       int64 // 均等割額, reduced
	IncomeBased   int64 // 所得割額
	Child         int64 // 子ども・子育て支援納付金分
	Premium       int64 // 年間保険料, with the child-support part
	Reduction     Reduction
	Burden        int  // 一部負担金割合: 1, 2 or 3 tenths
	ByPension     bool // 特別徴収
}

// levy assesses a household of one, over 65, from a year's pension and other income in yen.
func levy(pension, other int64) Levy {
	l := Levy{TotalIncome: pensionIncome(pension) + other}
	l.BaseIncome = max(0, l.TotalIncome-basicDeduction)
	l.Reduction = reduction(max(0, pensionIncome(pension)-elderDeduction) + other)
	l.PerHead = l.Reduction.of(perHead)
	l.IncomeBased = l.BaseIncome * incomeRate / rateUnit
	l.Child = min(childCap, hundreds(l.Reduction.of(childPerHead)+l.BaseIncome*childRate/rateUnit))
	l.Premium = min(premiumCap, hundreds(l.PerHead+l.IncomeBased)) + l.Child
	l.TaxableIncome = max(0, l.BaseIncome-l.Premium) / 1000 * 1000
	l.Burden = burden(l.TaxableIncome, pension+other)
	l.ByPension = pension >= deductedFrom && (l.Premium+careFee)*2 <= pension
	return l
}

// pensionIncome is what is left of a pension after the deduction for those of 65 and over (公的年金等控除).
func pensionIncome(pension int64) int64 {
	switch {
	case pension <= 3_300_000:
		return max(0, pension-1_100_000)
	case pension <= 4_100_000:
		return pension*75/100 - 275_000
	case pension <= 7_700_000:
		return pension*85/100 - 685_000
	}
	return pension*95/100 - 1_455_000
}

// reduction judges the income of a household of one.
func reduction(income int64) Reduction {
	switch {
	case income <= basicDeduction:
		return SevenTenths
	case income <= basicDeduction+fivePerPerson:
		return FiveTenths
	case income <= basicDeduction+twoPerPerson:
		return TwoTenths
	}
	return NoReduction
}

// of returns what is left of an amount.
func (r Reduction) of(amount int64) int64 {
	switch r {
	case SevenTenths:
		return amount * 3 / 10
	case FiveTenths:
		return amount * 5 / 10
	case TwoTenths:
		return amount * 8 / 10
	}
	return amount
}

// burden returns the tenths of the cost of treatment the patient pays.
func burden(taxable, receipts int64) int {
	switch {
	case taxable >= 1_450_000:
		return 3
	case taxable >= 280_000 && receipts >= 2_000_000:
		return 2
	}
	return 1
}

// hundreds rounds down to 100 yen.
func hundreds(yen int64) int64 { return yen / 100 * 100 }
