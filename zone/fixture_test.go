package zone_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// This file is what the generator would write for a ward that bills: the zones
// package first, then a labelled type with its view and crossing methods.

type (
	Ward    struct{}
	Billing struct{}
	Public  struct{}
)

func (Ward) ZoneName() string    { return "ward" }
func (Billing) ZoneName() string { return "billing" }
func (Public) ZoneName() string  { return "public" }

type (
	WardToBilling      struct{ zone.Road[Ward, Billing] }
	WardToBillingStudy struct{ zone.Road[Ward, Billing] }
	BillingToWard      struct{ zone.Road[Billing, Ward] }
)

func (WardToBilling) RouteName() string      { return "ward→billing" }
func (WardToBillingStudy) RouteName() string { return "ward→billing (study)" }
func (BillingToWard) RouteName() string      { return "billing→ward" }

const PurposeInvoice zone.Purpose = "invoice"

// hospital is the policy of the fixture, new for each caller, who may change it.
func hospital() *policy.Policy {
	pass := classify.ActionPass
	return &policy.Policy{
		Format: policy.Format, Name: "hospital", Edition: "2025-11",
		Go:      policy.GoNames{Zones: "./zones"},
		Classes: []string{"1", "2", "3"},
		Categories: []policy.Category{
			{Name: "address", Class: "3"},
			{Name: "birth-date", Class: "3", Generalise: "age-band-5", Becomes: "1"},
			{Name: "diagnosis", Class: "3"},
			{Name: "insurer", Class: "3"},
			{Name: "name", Class: "3"},
			{Name: "patient-number", Class: "3"},
			{Name: "phone", Class: "3", Mask: "last4", Becomes: "2"},
			{Name: "social-number", Class: "3", Stays: "ward"},
		},
		Zones: []policy.Zone{
			{Name: "ward", Go: "Ward", Holds: "3"},
			{Name: "billing", Go: "Billing", Holds: "2", Carries: "3"},
			{Name: "public", Go: "Public", Holds: "1"},
		},
		Purposes: []policy.Purpose{{Name: "invoice"}, {Name: "research"}},
		Routes: []policy.Route{{
			From: "ward", To: "billing", Clause: "7(3)",
			Rules: []policy.Rule{
				{Category: "patient-number", Action: classify.ActionToken, As: "2"},
				{Category: "phone", Action: classify.ActionMask},
				{Category: "birth-date", Action: classify.ActionGeneralise},
				{Category: "social-number", Action: classify.ActionDrop},
				{Class: "3", Action: classify.ActionEncrypt}, {Class: "2", Action: pass}, {Class: "1", Action: pass},
			},
			Require: policy.Require{Principal: true, MFA: true, Purpose: []string{"invoice"}},
		}, {
			Name: "study", From: "ward", To: "billing", Clause: "9", Until: "2027-03-31", Approver: "board",
			Endpoints: []policy.Endpoint{{Address: "192.0.2.1", Port: 443, System: "study"}},
			Rules: []policy.Rule{
				{Category: "birth-date", Action: classify.ActionGeneralise},
				{Class: "3", Action: classify.ActionDrop}, {Class: "2", Action: pass}, {Class: "1", Action: pass},
			},
			Require: policy.Require{Principal: true, MFA: true, Purpose: []string{"research"}, Approvals: 2},
		}, {
			From: "billing", To: "ward", Clause: "7(4)",
			Rules:   []policy.Rule{{Class: "3", Action: pass}, {Class: "2", Action: pass}, {Class: "1", Action: pass}},
			Require: policy.Require{Principal: true},
		}},
		Closed: []policy.Closed{{From: "ward", To: "public", Clause: "7(1)"}},
	}
}

// Patient has the eight fields that the figures of this module are about: four
// encrypted with 136 bytes together, a token, a mask, a generalised one, and
// one that passes.
type Patient struct {
	zone.Home[Ward]
	Number    string    `classify:"patient-number,id"`
	Name      string    `classify:"name"`
	Address   string    `classify:"address"`
	Diagnosis string    `classify:"diagnosis"`
	Insurer   string    `classify:"insurer"`
	Phone     string    `classify:"phone"`
	BirthDate time.Time `classify:"birth-date"`
	Area      string    `classify:"1"`
}

type PatientBilling struct {
	zone.Home[Billing]
	Number    crypto.Token[WardToBilling] `classify:"patient-number,class=2,token"`
	Phone     string                      `classify:"2"`
	BirthDate classify.AgeBand            `classify:"1"`
	Area      string                      `classify:"1"`
	Sealed    crypto.Sealed[Ward, PatientBillingSealed]
}

// PatientBillingSealed is the name of the group of encrypted fields.
type PatientBillingSealed struct{}

const (
	patientType   = "example.com/hospital/record.Patient"
	patientDigest = "sha256:0"
)

var (
	patientToBilling = zone.NewTransit[WardToBilling]("hospital", patientType, "PatientBilling", patientDigest,
		zone.Decision{Field: "Number", Class: "3", Categories: []string{"patient-number"}, Action: classify.ActionToken, Result: "2"},
		zone.Decision{Field: "Name", Class: "3", Categories: []string{"name"}, Action: classify.ActionEncrypt, Result: "3"},
		zone.Decision{Field: "Address", Class: "3", Categories: []string{"address"}, Action: classify.ActionEncrypt, Result: "3"},
		zone.Decision{Field: "Diagnosis", Class: "3", Categories: []string{"diagnosis"}, Action: classify.ActionEncrypt, Result: "3"},
		zone.Decision{Field: "Insurer", Class: "3", Categories: []string{"insurer"}, Action: classify.ActionEncrypt, Result: "3"},
		zone.Decision{Field: "Phone", Class: "3", Categories: []string{"phone"}, Action: classify.ActionMask, With: "last4", Result: "2"},
		zone.Decision{Field: "BirthDate", Class: "3", Categories: []string{"birth-date"}, Action: classify.ActionGeneralise, With: "age-band-5", Result: "1"},
		zone.Decision{Field: "Area", Class: "1", Action: classify.ActionPass, Result: "1"},
	)
	patientToBillingNumber = crypto.NewScope("hospital", "ward→billing", patientType, "Number")
	patientToBillingSealed = zone.NewAD("hospital", patientType, "PatientBilling", "Sealed")
	patientFromBilling     = zone.NewTransit[BillingToWard]("hospital", patientType+"Billing", "Patient", patientDigest,
		zone.Decision{Field: "Number", Class: "2", Categories: []string{"patient-number"}, Action: classify.ActionDrop},
		zone.Decision{Field: "Phone", Class: "2", Action: classify.ActionDrop},
		zone.Decision{Field: "BirthDate", Class: "1", Action: classify.ActionDrop},
		zone.Decision{Field: "Area", Class: "1", Action: classify.ActionPass, Result: "1"},
		zone.Decision{Field: "Sealed", Class: "3", Categories: []string{"address", "diagnosis", "insurer", "name"}, Sealed: "ward", Action: classify.ActionPass, Result: "3"},
	)
)

func (v *Patient) ToBilling(x *zone.Crossing[WardToBilling]) (*PatientBilling, error) {
	if err := x.Admit(patientToBilling); err != nil {
		return nil, err
	}
	out := &PatientBilling{Phone: classify.Last4(v.Phone), BirthDate: classify.AgeBand5(v.BirthDate, x.Time()), Area: v.Area}
	var err error
	if out.Number, err = zone.Token[Ward](x, patientToBillingNumber, v.Number); err != nil {
		return nil, patientToBilling.Fail("Number", err)
	}
	w := zone.Scratch()
	defer w.Release()
	w.String(v.Name)
	w.String(v.Address)
	w.String(v.Diagnosis)
	w.String(v.Insurer)
	if out.Sealed, err = zone.Seal[PatientBillingSealed, Ward](x, patientToBillingSealed, v.Number, w); err != nil {
		return nil, patientToBilling.Fail("Sealed", err)
	}
	return out, nil
}

func (v *PatientBilling) ToWard(x *zone.Crossing[BillingToWard], kept *Patient) (*Patient, error) {
	if err := x.Admit(patientFromBilling); err != nil {
		return nil, err
	}
	if err := zone.Match[Ward](x, patientToBillingNumber, kept.Number, v.Number); err != nil {
		return nil, patientFromBilling.Fail("Number", err)
	}
	out := *kept
	out.Area = v.Area
	r, err := zone.Open[PatientBillingSealed, Ward](x, patientToBillingSealed, kept.Number, v.Sealed)
	if err != nil {
		return nil, patientFromBilling.Fail("Sealed", err)
	}
	out.Name, out.Address, out.Diagnosis, out.Insurer = r.String(), r.String(), r.String(), r.String()
	if err := r.Close(); err != nil {
		return nil, patientFromBilling.Fail("Sealed", err)
	}
	return &out, nil
}

func (Patient) Format(s fmt.State, verb rune) {
	zone.FormatClosed(s, verb, "record.Patient", "ward", "3")
}
func (Patient) GoString() string     { return zone.GoStringClosed("record.Patient", "ward", "3") }
func (Patient) LogValue() slog.Value { return zone.LogClosed("record.Patient", "ward", "3") }
func (Patient) MarshalJSON() ([]byte, error) {
	return nil, zone.EncodeClosed("record.Patient", "ward", "json")
}
func (Patient) MarshalText() ([]byte, error) {
	return nil, zone.EncodeClosed("record.Patient", "ward", "text")
}
func (Patient) MarshalBinary() ([]byte, error) {
	return nil, zone.EncodeClosed("record.Patient", "ward", "binary")
}
func (Patient) GobEncode() ([]byte, error) {
	return nil, zone.EncodeClosed("record.Patient", "ward", "gob")
}
func (Patient) MarshalXML(*xml.Encoder, xml.StartElement) error {
	return zone.EncodeClosed("record.Patient", "ward", "xml")
}

// canaries are the values of aPatient: none of them may be in any output.
var canaries = []string{"P-0099-CANARY", "CANARYNAME", "CANARYSTREET", "CANARYDISEASE", "CANARYINSURER", "CANARY-555-0123", "1931-08-05"}

// aPatient has 136 bytes to encrypt.
func aPatient() *Patient {
	pad := func(s string, n int) string { return fmt.Sprintf("%-*s", n, s)[:n] }
	return &Patient{
		Number:    "P-0099-CANARY",
		Name:      pad("CANARYNAME", 24),
		Address:   pad("CANARYSTREET", 60),
		Diagnosis: pad("CANARYDISEASE", 32),
		Insurer:   pad("CANARYINSURER", 20),
		Phone:     "CANARY-555-0123",
		BirthDate: time.Date(1931, 8, 5, 0, 0, 0, 0, time.UTC),
		Area:      "north",
	}
}

// monday is when the tests' clocks begin.
var monday = time.Date(2025, 12, 1, 9, 0, 0, 0, time.UTC)

// open opens a border for a changed hospital.
func open(tb testing.TB, change func(*policy.Policy), opts ...zone.Option) (*zone.Border, *zonetest.Recorder) {
	tb.Helper()
	p := hospital()
	if change != nil {
		change(p)
	}
	clock := zonetest.NewClock(monday)
	return zonetest.Border(tb, zonetest.Compile(p), append([]zone.Option{zone.WithClock(clock.Now)}, opts...)...)
}

// invoice is a context with evidence for the plain road.
func invoice() context.Context {
	return zone.WithEvidence(context.Background(), zonetest.Evidence(PurposeInvoice))
}
