package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/sekisho-go/sekisho/examples/kouki/insured"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone"
)

// lgwan is the program that runs in the LGWAN zone. It has no keys of the My
// Number zone, so what is sealed stays sealed.
type lgwan struct {
	accounts int
	letters  int
	cells    map[cell]*figure
	back     []*insured.InsuredLGWANMailing
	log      *journal
}

// cell is what the statistic is broken down by.
type cell struct{ municipality, ageBand string }

type figure struct {
	persons int
	premium int64
}

func newLGWAN() *lgwan { return &lgwan{cells: map[cell]*figure{}, log: &journal{}} }

// assess does the levy's work on one account: it is known by its token, its
// premium is in clear, and who it is about is not.
func (l *lgwan) assess(a *insured.InsuredLGWAN) {
	l.accounts++
	c := cell{a.Municipality, a.BirthDate.String()}
	if l.cells[c] == nil {
		l.cells[c] = &figure{}
	}
	l.cells[c].persons++
	l.cells[c].premium += a.Premium
}

// Letters that come back: one in undeliverableEvery, and no more than most, so
// that the example needs the same memory whatever its size.
const (
	undeliverableEvery = 400
	most               = 25
)

// send mails a letter and reports whether it will come back.
func (l *lgwan) send(letter *insured.InsuredLGWANMailing) bool {
	l.letters++
	if l.letters%undeliverableEvery != 1 || len(l.back) == most {
		return false
	}
	l.back = append(l.back, letter)
	return true
}

// undeliverable returns the letters that came back, with the address that the
// person has since told the office.
func (l *lgwan) undeliverable() []*insured.InsuredLGWANMailing {
	for _, letter := range l.back {
		letter.Address += "　転居先１－２－３"
	}
	return l.back
}

// smallest is the least number of persons that a published figure may be
// about: fewer could be found in it.
const smallest = 10

// publish reckons the statistic and lets it cross to the internet zone.
func (l *lgwan) publish(ctx context.Context) ([]*insured.StatisticInternet, error) {
	border, err := zones.Open(zone.WithAudit(l.log), zone.WithApprovals(chief{}))
	if err != nil {
		return nil, err
	}
	x, err := zone.Cross[zones.LGWANToInternet](zone.WithEvidence(ctx, official(zones.PurposePublication)), border)
	if err != nil {
		return nil, err
	}
	defer x.Abort()
	var out []*insured.StatisticInternet
	for _, c := range l.sorted() {
		f := l.cells[c]
		if f.persons < smallest {
			continue
		}
		s := &insured.Statistic{Municipality: c.municipality, AgeBand: c.ageBand, Persons: f.persons, MeanPremium: f.premium / int64(f.persons)}
		public, err := s.ToInternet(x)
		if err != nil {
			return nil, err
		}
		out = append(out, public)
	}
	return out, x.Commit()
}

// sorted returns the cells in their order.
func (l *lgwan) sorted() []cell {
	var cells []cell
	for c := range l.cells {
		cells = append(cells, c)
	}
	slices.SortFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.municipality, b.municipality), cmp.Compare(a.ageBand, b.ageBand))
	})
	return cells
}
