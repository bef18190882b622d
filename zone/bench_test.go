package zone_test

import (
	"context"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// BenchmarkRecord crosses the record of eight fields; the parts of it follow,
// and then the limit: one seal and one token with buffers reused and nothing
// else.
func BenchmarkRecord(b *testing.B) {
	border, _ := open(b, nil)
	p := aPatient()
	run := func(name string, border *zone.Border, f func(x *zone.Crossing[WardToBilling]) error) {
		b.Run(name, func(b *testing.B) {
			x := zonetest.Cross[WardToBilling](b, border, PurposeInvoice)
			b.ReportAllocs()
			for b.Loop() {
				if err := f(x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	cross := func(x *zone.Crossing[WardToBilling]) error { _, err := p.ToBilling(x); return err }
	run("cross", border, cross)
	limited, _ := open(b, func(p *policy.Policy) { p.Routes[0].Limit = &policy.Limit{Records: 1 << 40, Per: "24h"} })
	run("cross/limited", limited, cross)
	run("admit", border, func(x *zone.Crossing[WardToBilling]) error { return x.Admit(patientToBilling) })
	run("token", border, func(x *zone.Crossing[WardToBilling]) error {
		_, err := zone.Token[Ward](x, patientToBillingNumber, p.Number)
		return err
	})
	run("seal", border, func(x *zone.Crossing[WardToBilling]) error {
		w := zone.Scratch()
		defer w.Release()
		w.String(p.Name)
		w.String(p.Address)
		w.String(p.Diagnosis)
		w.String(p.Insurer)
		_, err := zone.Seal[PatientBillingSealed, Ward](x, patientToBillingSealed, p.Number, w)
		return err
	})
	b.Run("parallel", func(b *testing.B) {
		x := zonetest.Cross[WardToBilling](b, border, PurposeInvoice)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := p.ToBilling(x); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("limit", func(b *testing.B) { benchmarkLimit(b, p) })
}

// benchmarkLimit is what cannot be saved: the two cryptographic calls.
func benchmarkLimit(b *testing.B, p *Patient) {
	ring, err := crypto.EphemeralKeyring("hospital", "ward")
	if err != nil {
		b.Fatal(err)
	}
	k, err := crypto.KeysOf[Ward](ring)
	if err != nil {
		b.Fatal(err)
	}
	plain := []byte(p.Name + p.Address + p.Diagnosis + p.Insurer + "llll")
	ad := crypto.AppendAD(nil, "hospital", patientType, "PatientBilling", "Sealed", p.Number)
	number := []byte(p.Number)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := crypto.Seal[PatientBillingSealed](k, plain, ad); err != nil {
			b.Fatal(err)
		}
		if _, err := crypto.MakeToken[WardToBilling](k, patientToBillingNumber, number); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCross is a whole crossing of one record, with an audit log that costs
// nothing.
func BenchmarkCross(b *testing.B) {
	border, _ := open(b, nil, zone.WithAudit(discard{}))
	p := aPatient()
	ctx := invoice()
	b.ReportAllocs()
	for b.Loop() {
		x, err := zone.Cross[WardToBilling](ctx, border)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.ToBilling(x); err != nil {
			b.Fatal(err)
		}
		if err := x.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is an audit log that takes everything.
type discard struct{}

func (discard) Begin(context.Context, zone.BeginEntry) error    { return nil }
func (discard) End(context.Context, zone.EndEntry) error        { return nil }
func (discard) Refuse(context.Context, zone.RefusalEntry) error { return nil }
