package audit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/audit"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

type wardToBilling struct{ zone.Road[ward, billing] }

func (wardToBilling) RouteName() string { return "ward→billing" }

// limited is a policy with a route over which three records cross a day.
func limited() *policy.Policy {
	return &policy.Policy{
		Format: policy.Format, Name: "hospital", Edition: "2025-11", Go: policy.GoNames{Zones: "./zones"},
		Classes:  []string{"1"},
		Zones:    []policy.Zone{{Name: "ward", Go: "Ward", Holds: "1"}, {Name: "billing", Go: "Billing", Holds: "1"}},
		Purposes: []policy.Purpose{{Name: "invoice"}},
		Routes: []policy.Route{{
			From: "ward", To: "billing", Clause: "7(3)",
			Rules:   []policy.Rule{{Class: "1", Action: classify.ActionPass}},
			Require: policy.Require{Principal: true, MFA: true, Purpose: []string{"invoice"}},
			Limit:   &policy.Limit{Records: 3, Per: "24h"},
		}},
	}
}

// A border writes the log and refuses what the log remembers, also after a
// restart and when the log fails.
func TestBorder(t *testing.T) {
	dir, opt, fail := t.TempDir(), options(t), ""
	compiled := zonetest.Compile(limited())
	transit := zone.NewTransit[wardToBilling]("hospital", "example.com/ward.Patient", "PatientBilling", compiled.Digest)
	ctx := zone.WithEvidence(context.Background(), zonetest.Evidence("invoice"))
	opened := func(l *audit.Log) *zone.Border {
		b, err := zone.OpenBorder(compiled, zone.WithAudit(l))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	refused := func(b *zone.Border, want zone.ReasonCode) {
		t.Helper()
		var r *zone.RefusalError
		if _, err := zone.Cross[wardToBilling](ctx, b); !errors.As(err, &r) || r.Reasons[0].Code != want {
			t.Fatalf("err = %v, want a refusal for reason %s", err, want)
		}
	}
	for range 3 {
		l := open(t, dir, opt)
		x, err := zone.Cross[wardToBilling](ctx, opened(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(x.Admit(transit), x.Commit()); err != nil {
			t.Fatal(err)
		}
		closeLog(t, l)
	}
	l := open(t, dir, opt.WithDisk(failingWith(&fail)))
	b := opened(l)
	refused(b, zone.ReasonLimit)
	r := sound(t, dir, opt)
	if got := records(t, dir, opt); len(got) != 7 || got[6].Refusal == nil || len(r.Incomplete) != 0 {
		t.Errorf("%d entries, %d incomplete, want three crossings and a refusal", len(got), len(r.Incomplete))
	}
	closeLog(t, l)

	l = open(t, t.TempDir(), opt.WithDisk(failingWith(&fail)))
	b = opened(l)
	fail = "sync"
	refused(b, zone.ReasonAudit)
	refused(b, zone.ReasonAudit)
}
