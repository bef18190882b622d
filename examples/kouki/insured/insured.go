// Package insured holds the labelled types of the example: who is insured, as
// the My Number zone knows it, and the statistics that are made for the public.
package insured

import (
	"time"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone"
)

// Insured is an insured person, as a municipality delivers it.
//
//zone:views lgwan mailing internet
type Insured struct {
	zone.Home[zones.MyNumber]

	IndividualNumber jp.IndividualNumber `classify:"individual-number"`
	InsurerNumber    jp.InsurerNumber    `classify:"insurer-number"`
	InsuredNumber    jp.InsuredNumber    `classify:"insured-number,id"`

	Name       string    `classify:"name"`
	NameKana   string    `classify:"name-kana"`
	BirthDate  time.Time `classify:"birth-date"`
	Sex        string    `classify:"sex"`
	PostalCode string    `classify:"postal-code"`
	Address    string    `classify:"address"`
	Phone      string    `classify:"phone"`

	QualifiedOn time.Time `classify:"qualification-date"`
	Copayment   int       `classify:"copayment-rate"`
	Income      int64     `classify:"income"`
	Premium     int64     `classify:"premium"`
	Reduction   string    `classify:"reduction"`

	Municipality string `classify:"municipality"`
}

// Statistic is a figure about a municipality. It is reckoned in the LGWAN zone
// from what crossed there, and made for publication.
//
//zone:views internet
type Statistic struct {
	zone.Home[zones.LGWAN]

	Municipality string `classify:"municipality"`
	AgeBand      string `classify:"statistic"`
	Persons      int    `classify:"statistic"`
	MeanPremium  int64  `classify:"statistic"`
}
