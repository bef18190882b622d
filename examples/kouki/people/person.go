package people

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// MaxPersons is how many persons of one seed have numbers of their own: an insured number has seven digits of choice.
const MaxPersons = 10_000_000

// Sexes as the file has them.
const (
	Male   = "男" // a man
	Female = "女" // a woman
)

// Why a person is insured (資格取得事由).
const (
	ByAge        = "年齢到達" // the 75th birthday
	ByDisability = "障害認定" // recognised between 65 and 74
	ByMoving     = "転入"   // from another prefecture
)

// A Person is one synthetic insured person. The fields are what the municipality's system knows, before any style of
// writing. Days are at midnight UTC.
type Person struct {
	InsurerNumber    string // 8 digits with check digit
	InsuredNumber    string // 8 digits with check digit
	IndividualNumber string // 12 digits with check digit
	Name             string // family name, ideographic space, given name
	Kana             string // its reading in full-width katakana
	Birth            time.Time
	Sex              string // Male or Female
	PostalCode       string // 7 digits
	Address          string // from the prefecture to the house number, in full width
	Building         string // "" where there is none
	Phone            string // digits with hyphens, "" for a few
	Qualified        time.Time
	Reason           string    // ByAge, ByDisability or ByMoving
	Lost             time.Time // zero for nearly all
	Levy

	place int // which municipality
}

// AsOf returns the day for which persons are made: 1 April 2026, when fiscal 2026 begins. Who is 75 is so on that day.
func AsOf() time.Time { return time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC) }

// begin is the day the system began: nobody is insured since before.
var begin = time.Date(2008, time.April, 1, 0, 0, 0, 0, time.UTC)

// Make yields the first n persons of a seed, one at a time. Person i depends on the seed and i only. Above MaxPersons,
// numbers repeat.
func Make(seed uint64, n int) iter.Seq[Person] {
	return func(yield func(Person) bool) {
		m := newMaker(seed)
		for i := range n {
			if !yield(m.person(uint64(i))) {
				return
			}
		}
	}
}

// A maker makes the persons of one seed.
type maker struct {
	seed    uint64
	pcg     rand.PCG
	rand    *rand.Rand
	insured shuffle
	citizen shuffle
	weights int
}

func newMaker(seed uint64) *maker {
	m := &maker{seed: seed}
	m.rand = rand.New(&m.pcg)
	m.pcg.Seed(seed, 0)
	m.insured = newShuffle(m.rand, MaxPersons)
	m.citizen = newShuffle(m.rand, 100_000_000_000)
	for _, p := range places {
		m.weights += p.weight
	}
	return m
}

// person makes person i.
func (m *maker) person(i uint64) Person {
	m.pcg.Seed(m.seed, (i+1)*0x9E3779B97F4A7C15) // odd factor: another stream for each i, far from its neighbours'
	p := Person{place: m.place()}
	p.InsurerNumber = insurerNumber(places[p.place].code)
	p.InsuredNumber = insuredNumber(m.insured.at(i))
	p.IndividualNumber = individualNumber(m.citizen.at(i))
	if p.IndividualNumber == "" {
		p.IndividualNumber = individualNumber(m.citizen.at(i + MaxPersons))
	}
	m.name(&p)
	m.qualification(&p)
	m.contact(&p)
	m.income(&p)
	return p
}

// place draws a municipality by its weight.
func (m *maker) place() int {
	n := m.rand.IntN(m.weights)
	for i, p := range places {
		if n -= p.weight; n < 0 {
			return i
		}
	}
	return 0 // not reached: the weights add up
}

// name draws sex and name. Three of five are women, as in this age group.
func (m *maker) name(p *Person) {
	given := men
	p.Sex = Male
	if m.chance(60) {
		given = women
		p.Sex = Female
	}
	f, g := pick(m, families), pick(m, given)
	p.Name = f.kanji + "　" + g.kanji
	p.Kana = f.kana + "　" + g.kana
}

// qualification draws the day of birth and since when and why the person is insured.
func (m *maker) qualification(p *Person) {
	today := AsOf()
	p.Reason = ByAge
	switch {
	case m.chance(2):
		p.Reason = ByDisability
		p.Birth = today.AddDate(-65-m.rand.IntN(9), 0, -1-m.rand.IntN(360))
		from := p.Birth.AddDate(65, 0, 0)
		p.Qualified = m.between(from, today)
	default:
		// Fewer the older: the lesser of two draws over 30 years.
		years := min(m.rand.IntN(30), m.rand.IntN(30))
		p.Birth = today.AddDate(-75-years, 0, -m.rand.IntN(365))
		p.Qualified = p.Birth.AddDate(75, 0, 0)
		if m.chance(4) {
			p.Reason = ByMoving
			p.Qualified = m.between(p.Qualified, today)
		}
	}
	if p.Qualified.Before(begin) {
		p.Qualified = begin
	}
	if m.chance(1) {
		p.Lost = m.between(later(p.Qualified, today.AddDate(-1, 0, 0)), today)
	}
}

// contact draws postal code, address and telephone.
func (m *maker) contact(p *Person) {
	at := places[p.place]
	q := m.rand.IntN(len(quarters))
	p.PostalCode = fmt.Sprintf("%s%02d%02d", at.post, p.place+1, q+1)
	town := prefecture + at.name + quarters[q]
	a, b, c := 1+m.rand.IntN(9), 1+m.rand.IntN(30), 1+m.rand.IntN(20)
	switch m.rand.IntN(3) {
	case 0:
		p.Address = wide(fmt.Sprintf("%s%d丁目%d番%d号", town, a, b, c))
	case 1:
		p.Address = wide(fmt.Sprintf("%s%d-%d-%d", town, a, b, c))
	default:
		p.Address = wide(fmt.Sprintf("%s%d番地", town, 100+m.rand.IntN(3900)))
	}
	if m.chance(12) {
		p.Building = pick(m, buildings) + wide(fmt.Sprintf("%d号室", 100*(1+m.rand.IntN(4))+1+m.rand.IntN(12)))
	}
	switch n := m.rand.IntN(100); {
	case n < 70:
		// The exchange fills up to six digits with the area code and begins with a zero, as none does.
		exchange := fmt.Sprintf("%0*d", 6-len(at.area), m.rand.IntN(pow10(5-len(at.area))))
		p.Phone = fmt.Sprintf("%s-%s-%04d", at.area, exchange, m.rand.IntN(10_000))
	case n < 97:
		p.Phone = fmt.Sprintf("0%d0-0%03d-%04d", 7+m.rand.IntN(3), m.rand.IntN(1000), m.rand.IntN(10_000))
	}
}

// income draws a pension and perhaps other income and assesses the levy.
func (m *maker) income(p *Person) {
	pension := int64(m.rand.IntN(900_000) + 300_000)
	if m.chance(55) {
		pension = int64(m.rand.IntN(1_900_000) + 900_000)
	}
	var other int64
	switch n := m.rand.IntN(1000); {
	case n < 3:
		other = int64(m.rand.IntN(30_000_000))
	case n < 90:
		other = int64(m.rand.IntN(3_000_000))
	}
	p.Levy = levy(pension, other)
	if p.Qualified.After(AsOf().AddDate(0, -6, 0)) || m.chance(8) {
		p.ByPension = false // deduction takes half a year to begin, and one may ask to pay directly
	}
}

// chance is true in so many of a hundred draws.
func (m *maker) chance(percent int) bool { return m.rand.IntN(100) < percent }

// between draws a day from a up to but not including b; it is a when there is none.
func (m *maker) between(a, b time.Time) time.Time {
	days := int(b.Sub(a) / (24 * time.Hour))
	if days <= 0 {
		return a
	}
	return a.AddDate(0, 0, m.rand.IntN(days))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func pick[T any](m *maker, list []T) T { return list[m.rand.IntN(len(list))] }

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}
