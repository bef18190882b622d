package zone_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// codes returns the reasons of a refusal, in order.
func codes(t *testing.T, err error) (codes []zone.ReasonCode) {
	t.Helper()
	refusal, ok := errors.AsType[*zone.RefusalError](err)
	if !ok {
		t.Fatalf("got %T (%v), want a *zone.RefusalError", err, err)
	}
	for _, r := range refusal.Reasons {
		codes = append(codes, r.Code)
		if r.Text == "" || r.Remedy == "" {
			t.Errorf("reason %s has text %q and remedy %q, want both", r.Code, r.Text, r.Remedy)
		}
		if !refusal.Has(r.Code) {
			t.Errorf("Has(%s) is false for one of its reasons", r.Code)
		}
		if !strings.Contains(err.Error(), r.Text) || !strings.Contains(err.Error(), r.Remedy) {
			t.Errorf("%q leaves out reason %+v", err, r)
		}
	}
	if refusal.Has("no such code") {
		t.Error("Has is true for a reason that is not there")
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("%q has more than one line", err)
	}
	return codes
}

func TestCrossRecordsItsBegin(t *testing.T) {
	border, log := open(t, nil)
	x, err := zone.Cross[WardToBilling](invoice(), border)
	if err != nil {
		t.Fatal(err)
	}
	_, digest := border.Policy()
	want := []zone.BeginEntry{{
		ID: x.ID(), At: monday, Policy: "hospital", Digest: digest,
		Route: "ward→billing", From: "ward", To: "billing", Clause: "7(3)",
		Principal: zone.Principal{ID: "tester", Kind: zone.Person}, MFA: true, Purpose: PurposeInvoice,
	}}
	if d := cmp.Diff(want, log.Begins()); d != "" {
		t.Errorf("begin entries (-want +got):\n%s", d)
	}
	if !x.Time().Equal(monday) || len(x.ID()) < 20 {
		t.Errorf("the crossing has time %v and ID %q", x.Time(), x.ID())
	}
	y, err := zone.Cross[WardToBilling](invoice(), border)
	if err != nil || y.ID() == x.ID() {
		t.Errorf("a second crossing has ID %q after %q, %v", y.ID(), x.ID(), err)
	}
}

func TestCrossRefuses(t *testing.T) {
	const person = zone.Person
	full := zonetest.Evidence(PurposeInvoice)
	with := func(change func(*zone.Evidence)) *zone.Evidence {
		e := full
		change(&e)
		return &e
	}
	principal := func(p zone.Principal) *zone.Evidence {
		return with(func(e *zone.Evidence) { e.Principal = p })
	}
	one := func(c ...zone.ReasonCode) []zone.ReasonCode { return c }
	tests := []struct {
		name     string
		evidence *zone.Evidence // nil: none in the context
		change   func(*policy.Policy)
		want     []zone.ReasonCode
		hidden   string // must be in neither error nor entry
	}{
		{name: "no evidence at all", want: one(zone.ReasonPrincipal, zone.ReasonMFA, zone.ReasonPurpose)},
		{name: "empty evidence", evidence: new(zone.Evidence), want: one(zone.ReasonPrincipal, zone.ReasonMFA, zone.ReasonPurpose)},
		{name: "nobody", evidence: principal(zone.Principal{}), want: one(zone.ReasonPrincipal)},
		{name: "one factor", evidence: with(func(e *zone.Evidence) { e.MFA = false }), want: one(zone.ReasonMFA)},
		{name: "no purpose", evidence: with(func(e *zone.Evidence) { e.Purpose = "" }), want: one(zone.ReasonPurpose)},
		{name: "purpose of another road", evidence: with(func(e *zone.Evidence) { e.Purpose = "research" }), want: one(zone.ReasonPurpose)},
		{name: "free text as purpose", evidence: with(func(e *zone.Evidence) { e.Purpose = "for Ms CANARY" }), want: one(zone.ReasonPurpose), hidden: "CANARY"},
		{name: "principal of no kind", evidence: principal(zone.Principal{ID: "u-1"}), want: one(zone.ReasonPrincipal)},
		{name: "principal of an unknown kind", evidence: principal(zone.Principal{ID: "u-1", Kind: 9}), want: one(zone.ReasonPrincipal)},
		{name: "principal with a name", evidence: principal(zone.Principal{ID: "Jane CANARY", Kind: person}), want: one(zone.ReasonPrincipal), hidden: "CANARY"},
		{name: "principal in another script", evidence: principal(zone.Principal{ID: "佐藤", Kind: person}), want: one(zone.ReasonPrincipal), hidden: "佐藤"},
		{name: "principal with a line break", evidence: principal(zone.Principal{ID: "u\nCANARY", Kind: person}), want: one(zone.ReasonPrincipal), hidden: "CANARY"},
		{name: "principal of 65 bytes", evidence: principal(zone.Principal{ID: strings.Repeat("u", 65), Kind: person}), want: one(zone.ReasonPrincipal), hidden: "uuuuu"},
		{name: "organisation with blanks", evidence: principal(zone.Principal{ID: "u", Kind: person, Organisation: "City CANARY"}), want: one(zone.ReasonPrincipal), hidden: "CANARY"},
		{name: "role with blanks", evidence: principal(zone.Principal{ID: "u", Kind: person, Roles: []string{"ok", "of CANARY"}}), want: one(zone.ReasonPrincipal), hidden: "CANARY"},
		{name: "empty role", evidence: principal(zone.Principal{ID: "u", Kind: person, Roles: []string{""}}), want: one(zone.ReasonPrincipal)},
		{name: "the day after the last", evidence: &full, change: func(p *policy.Policy) {
			p.Routes[0].Name, p.Routes[0].Until = "", monday.AddDate(0, 0, -1).Format(time.DateOnly)
		}, want: one(zone.ReasonUntil)},
		{name: "a route that the policy no longer has", evidence: &full, change: func(p *policy.Policy) { p.Routes = p.Routes[1:] }, want: one(zone.ReasonRoute)},
		{name: "everything at once", evidence: &zone.Evidence{Principal: zone.Principal{ID: "a b", Kind: person}, Purpose: "CANARY"}, change: func(p *policy.Policy) {
			r := &p.Routes[0]
			r.Until, r.Require.Approvals = monday.AddDate(0, 0, -1).Format(time.DateOnly), 1
		}, want: one(zone.ReasonUntil, zone.ReasonPrincipal, zone.ReasonMFA, zone.ReasonPurpose, zone.ReasonApprovals), hidden: "CANARY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			border, log := open(t, tt.change)
			ctx := context.Background()
			if tt.evidence != nil {
				ctx = zone.WithEvidence(ctx, *tt.evidence)
			}
			x, err := zone.Cross[WardToBilling](ctx, border)
			if x != nil {
				t.Fatal("it crosses")
			}
			if d := cmp.Diff(tt.want, codes(t, err)); d != "" {
				t.Fatalf("reasons of %q (-want +got):\n%s", err, d)
			}
			entries := log.Refusals()
			if len(entries) != 1 || len(log.Begins()) != 0 {
				t.Fatalf("recorded %d refusals and %d begins, want 1 and none", len(entries), len(log.Begins()))
			}
			if d := cmp.Diff(tt.want, entries[0].Codes); d != "" {
				t.Errorf("recorded reasons (-want +got):\n%s", d)
			}
			if entries[0].Route != "ward→billing" || entries[0].ID == "" || !entries[0].At.Equal(monday) || entries[0].Policy != "hospital" {
				t.Errorf("recorded %+v", entries[0])
			}
			if shown := err.Error() + cmp.Diff(zone.RefusalEntry{}, entries[0]); tt.hidden != "" && strings.Contains(shown, tt.hidden) {
				t.Errorf("what must not be shown is: %s", shown)
			}
		})
	}
}

func TestCrossAllowsWhatIsNotAskedFor(t *testing.T) {
	border, log := open(t, func(p *policy.Policy) { p.Routes[2].Require = policy.Require{} })
	for _, ctx := range []context.Context{context.Background(), invoice(), nil} {
		if _, err := zone.Cross[BillingToWard](ctx, border); err != nil {
			t.Errorf("refused: %v", err)
		}
	}
	free := zone.WithEvidence(context.Background(), zone.Evidence{Purpose: "free text"})
	if _, err := zone.Cross[BillingToWard](free, border); err == nil {
		t.Error("a purpose that the policy does not know crosses, where none is asked for")
	}
	if got := log.Begins()[0].Principal; !cmp.Equal(got, zone.Principal{}) {
		t.Errorf("recorded principal %+v, want none", got)
	}
}

func TestLastDayIsADayOfTheClock(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	evening := time.Date(2025, 12, 1, 20, 0, 0, 0, time.UTC) // the second in Tokyo
	until := func(p *policy.Policy) { p.Routes[0].Until = "2025-12-01" }
	for _, tt := range []struct {
		in   *time.Location
		open bool
	}{{time.UTC, true}, {tokyo, false}} {
		border, _ := open(t, until, zone.WithClock(func() time.Time { return evening.In(tt.in) }))
		if _, err := zone.Cross[WardToBilling](invoice(), border); (err == nil) != tt.open {
			t.Errorf("in %v: %v, want open %v", tt.in, err, tt.open)
		}
	}
}

func TestCrossFailsClosed(t *testing.T) {
	broken := errors.New("disk is\nfull")
	t.Run("no border", func(t *testing.T) {
		_, err := zone.Cross[WardToBilling](invoice(), nil)
		if got := codes(t, err); got[0] != zone.ReasonRoute {
			t.Errorf("got %v", got)
		}
	})
	t.Run("begin is not recorded", func(t *testing.T) {
		border, log := open(t, nil)
		log.FailBegin(broken)
		x, err := zone.Cross[WardToBilling](invoice(), border)
		if d := cmp.Diff([]zone.ReasonCode{zone.ReasonAudit}, codes(t, err)); d != "" || x != nil || !errors.Is(err, broken) {
			t.Errorf("got %v, %v, want a refusal by the audit log that wraps its error", x, err)
		}
	})
	t.Run("refusal is not recorded", func(t *testing.T) {
		border, log := open(t, nil)
		log.FailRefuse(broken)
		_, err := zone.Cross[WardToBilling](context.Background(), border)
		got := codes(t, err)
		if got[len(got)-1] != zone.ReasonAudit || !errors.Is(err, broken) {
			t.Errorf("got %v, want the audit log among the reasons", err)
		}
	})
	t.Run("context is done", func(t *testing.T) {
		border, log := open(t, nil)
		ctx, cancel := context.WithCancel(invoice())
		cancel()
		_, err := zone.Cross[WardToBilling](ctx, border)
		if d := cmp.Diff([]zone.ReasonCode{zone.ReasonCancelled}, codes(t, err)); d != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if len(log.Refusals()) != 1 {
			t.Error("the refusal is not recorded when the context is done")
		}
	})
	t.Run("route of another zone under a known name", func(t *testing.T) {
		border, _ := open(t, nil)
		_, err := zone.Cross[disguised](invoice(), border)
		if d := cmp.Diff([]zone.ReasonCode{zone.ReasonRoute}, codes(t, err)); d != "" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("route types without a value", func(t *testing.T) {
		border, _ := open(t, nil)
		_, err := zone.Cross[zone.Route](invoice(), border)
		_, err2 := zone.Cross[*WardToBilling](invoice(), border)
		for _, err := range []error{err, err2} {
			if d := cmp.Diff([]zone.ReasonCode{zone.ReasonRoute}, codes(t, err)); d != "" {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("an overlay closes the road", func(t *testing.T) {
		o := &policy.Policy{Format: policy.Format, Name: "standard", Overlay: true, Classes: []string{"1", "2", "3"},
			Closed: []policy.Closed{{From: "ward", To: "billing", Clause: "S-1"}}}
		border, _ := open(t, nil, zone.WithOverlay(zonetest.Compile(o)))
		_, err := zone.Cross[WardToBilling](invoice(), border)
		if d := cmp.Diff([]zone.ReasonCode{zone.ReasonRoute}, codes(t, err)); d != "" || !strings.Contains(err.Error(), "S-1") {
			t.Errorf("got %v, want a refusal that names clause S-1", err)
		}
	})
	t.Run("an overlay asks for more", func(t *testing.T) {
		o := tightening()
		o.Routes[0].Rules, o.Routes[0].Require.Approvals = nil, 1
		border, _ := open(t, nil, zone.WithOverlay(zonetest.Compile(o)))
		_, err := zone.Cross[WardToBilling](invoice(), border)
		if d := cmp.Diff([]zone.ReasonCode{zone.ReasonApprovals}, codes(t, err)); d != "" {
			t.Errorf("got %v", err)
		}
	})
}

// disguised is a route written by hand under the name of one that exists.
type disguised struct{ zone.Road[Ward, Public] }

func (disguised) RouteName() string { return "ward→billing" }

func TestEvidenceIsCopied(t *testing.T) {
	roles := []string{"doctor"}
	ctx := zone.WithEvidence(context.Background(), zone.Evidence{Principal: zone.Principal{ID: "u", Kind: zone.Service, Roles: roles}})
	roles[0] = "director"
	first, _ := zone.EvidenceFrom(ctx)
	if first.Principal.Roles[0] != "doctor" {
		t.Error("evidence changed after it was put into the context")
	}
	first.Principal.Roles[0] = "director"
	if again, _ := zone.EvidenceFrom(ctx); again.Principal.Roles[0] != "doctor" {
		t.Error("evidence changed through what EvidenceFrom returned")
	}
	if _, ok := zone.EvidenceFrom(context.Background()); ok {
		t.Error("there is evidence where none was put")
	}
}

func TestApprovals(t *testing.T) {
	ctx := zone.WithEvidence(context.Background(), zonetest.Evidence("research"))
	hour := monday.Add(time.Hour)
	tests := []struct {
		name  string
		given []zone.Approval
		want  bool
	}{
		{"none", nil, false},
		{"one of two", []zone.Approval{{Approver: "a"}}, false},
		{"two", []zone.Approval{{Approver: "a"}, {Approver: "b"}}, true},
		{"three", []zone.Approval{{Approver: "a"}, {Approver: "b"}, {Approver: "c"}}, true},
		{"one twice", []zone.Approval{{Approver: "a"}, {Approver: "a"}}, false},
		{"one in two spellings", []zone.Approval{{Approver: "anna"}, {Approver: "ANNA"}}, false},
		{"the requester herself", []zone.Approval{{Approver: "a"}, {Approver: "tester"}}, false},
		{"the requester in capitals", []zone.Approval{{Approver: "a"}, {Approver: "TESTER"}}, false},
		{"nobody", []zone.Approval{{Approver: "a"}, {}}, false},
		{"one that is no identifier", []zone.Approval{{Approver: "a"}, {Approver: "b c"}}, false},
		{"expired", []zone.Approval{{Approver: "a"}, {Approver: "b", Expires: monday}}, false},
		{"not yet expired", []zone.Approval{{Approver: "a"}, {Approver: "b", Expires: hour}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			board := zonetest.Approvals()
			board.Give(tt.given...)
			border, log := open(t, nil, zone.WithApprovals(board))
			x, err := zone.Cross[WardToBillingStudy](ctx, border)
			if (err == nil) != tt.want {
				t.Fatalf("got %v, want it to cross: %v", err, tt.want)
			}
			q := board.Queries()
			if len(q) != 1 || q[0].Needed != 2 || q[0].Route != "ward→billing (study)" || q[0].Principal.ID != "tester" || q[0].Purpose != "research" {
				t.Errorf("asked %+v", q)
			}
			if err != nil {
				if d := cmp.Diff([]zone.ReasonCode{zone.ReasonApprovals}, codes(t, err)); d != "" {
					t.Error(d)
				}
				return
			}
			if b := log.Begins()[0]; len(b.Approvers) != len(tt.given) || b.ID != x.ID() || q[0].Crossing != x.ID() {
				t.Errorf("recorded %+v after asking %+v", b, q[0])
			}
		})
	}
}

func TestApprovalsFailClosed(t *testing.T) {
	ctx := zone.WithEvidence(context.Background(), zonetest.Evidence("research"))
	border, _ := open(t, nil)
	_, err := zone.Cross[WardToBillingStudy](ctx, border)
	if !strings.Contains(err.Error(), "zone.WithApprovals") {
		t.Errorf("without a verifier: %v", err)
	}
	codes(t, err)

	board := zonetest.Approvals("a", "b")
	broken := errors.New("workflow is down")
	board.Fail(broken)
	border, _ = open(t, nil, zone.WithApprovals(board))
	_, err = zone.Cross[WardToBillingStudy](ctx, border)
	if d := cmp.Diff([]zone.ReasonCode{zone.ReasonApprovals}, codes(t, err)); d != "" || !errors.Is(err, broken) {
		t.Errorf("with a verifier that fails: %v", err)
	}
}
