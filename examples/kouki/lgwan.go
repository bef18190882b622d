package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/examples/kouki/insured"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/parcel"
)

// lgwan is the program that runs in the LGWAN zone. It has no keys of the My
// Number zone, so what is sealed stays sealed.
type lgwan struct {
	border   *zone.Border
	register *parcel.FileRegister // of the parcels that were received
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

func openLGWAN(dir string, ring *crypto.Keyring) (*lgwan, error) {
	l := &lgwan{cells: map[cell]*figure{}, log: &journal{}}
	var err error
	if l.border, err = zones.Open(zone.WithKeys(ring), zone.WithAudit(l.log), zone.WithApprovals(chief{})); err != nil {
		return nil, err
	}
	l.register, err = parcel.OpenRegister(filepath.Join(dir, "lgwan.received"))
	return l, err
}

// receive opens the parcel of accounts and works on each. The same parcel a second
// time is refused.
func (l *lgwan) receive(ctx context.Context, path string, w io.Writer) error {
	label, err := l.open(ctx, path)
	if err != nil {
		return err
	}
	_, again := l.open(ctx, path)
	var replay *parcel.ReplayError
	if !errors.As(again, &replay) {
		return fmt.Errorf("the parcel opens twice: %v", again)
	}
	fmt.Fprintf(w, "LGWAN zone: %d accounts received in levy.parcel, for %s, from %s, at most class %s in clear, %s under seal.\n  the same parcel again is refused: it was received before\n\n",
		l.accounts, label.To, label.From, label.Class, label.SealedClass)
	return nil
}

func (l *lgwan) open(ctx context.Context, path string) (parcel.Header, error) {
	f, err := os.Open(path)
	if err != nil {
		return parcel.Header{}, err
	}
	defer f.Close()
	r, err := parcel.Open[insured.InsuredLGWAN, zones.MyNumberToLGWAN](ctx, l.border, l.register, f)
	if err != nil {
		return parcel.Header{}, err
	}
	defer r.Close()
	for account, err := range r.All() {
		if err != nil {
			return r.Header(), err
		}
		l.assess(account)
	}
	return r.Header(), r.Finish()
}

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
	x, err := zone.Cross[zones.LGWANToInternet](zone.WithEvidence(ctx, official(zones.PurposePublication)), l.border)
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
