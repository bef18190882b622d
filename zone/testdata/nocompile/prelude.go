// Package nocompile is what every program in this folder is compiled with.
package nocompile

import (
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
)

type (
	Ward    struct{}
	Billing struct{}
	Public  struct{}
)

func (Ward) ZoneName() string    { return "ward" }
func (Billing) ZoneName() string { return "billing" }
func (Public) ZoneName() string  { return "public" }

type (
	WardToBilling   struct{ zone.Road[Ward, Billing] }
	BillingToWard   struct{ zone.Road[Billing, Ward] }
	BillingToPublic struct{ zone.Road[Billing, Public] }
)

func (WardToBilling) RouteName() string   { return "ward→billing" }
func (BillingToWard) RouteName() string   { return "billing→ward" }
func (BillingToPublic) RouteName() string { return "billing→public" }

type RefusedByClause7_1 interface{ zone.Refused }

type Patient struct {
	zone.Home[Ward]
	Name string
}

type PatientBilling struct {
	zone.Home[Billing]
	Name   crypto.Token[WardToBilling]
	Sealed crypto.Sealed[Ward, Group]
}

type (
	Group struct{}
	Other struct{}
)

func (v *Patient) ToBilling(x *zone.Crossing[WardToBilling]) (*PatientBilling, error) {
	return nil, nil
}

// ToPublic does not exist.
func (*Patient) ToPublic(RefusedByClause7_1) {}

func Put[Z zone.Zone](to Z, v zone.In[Z]) {}

var (
	ad    *zone.AD
	scope crypto.Scope
	pad   *zone.Pad
)

// All of this compiles.
func permitted(p *Patient, x *zone.Crossing[WardToBilling], back *zone.Crossing[BillingToWard]) {
	Put(Ward{}, p)
	Put(Ward{}, *p)
	v, _ := p.ToBilling(x)
	Put(Billing{}, v)
	s, _ := zone.Seal[Group, Ward](x, ad, "id", pad)
	k, _ := zone.Token[Ward](x, scope, p.Name)
	_ = zone.Match[Ward](back, scope, p.Name, k)
	_, _ = zone.Open[Group, Ward](back, ad, []byte("id"), s)
	_ = k == v.Name
}
