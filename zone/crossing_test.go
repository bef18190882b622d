package zone_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// wantRefusal checks that err is a refusal for exactly one reason.
func wantRefusal(t *testing.T, err error, code zone.ReasonCode) {
	t.Helper()
	if d := cmp.Diff([]zone.ReasonCode{code}, codes(t, err)); d != "" {
		t.Errorf("%v: reasons (-want +got):\n%s", err, d)
	}
}

// limited is a change to records per hour on the plain road.
func limited(records int64) func(*policy.Policy) {
	return func(p *policy.Policy) { p.Routes[0].Limit = &policy.Limit{Records: records, Per: "1h"} }
}

func TestCommit(t *testing.T) {
	border, log := open(t, nil)
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	for range 3 {
		if _, err := aPatient().ToBilling(x); err != nil {
			t.Fatal(err)
		}
	}
	want := []zone.Count{{Type: patientType, View: "PatientBilling", Records: 3}}
	if d := cmp.Diff(want, x.Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if err := x.Commit(); err != nil {
		t.Fatal(err)
	}
	x.Abort()
	entry := []zone.EndEntry{{ID: x.ID(), At: monday, Route: "ward→billing", Outcome: zone.Committed, Records: 3, Counts: want}}
	if d := cmp.Diff(entry, log.Ends()); d != "" {
		t.Errorf("end entries (-want +got):\n%s", d)
	}
	wantRefusal(t, x.Commit(), zone.ReasonEnded)
	if len(log.Ends()) != 1 {
		t.Error("a second Commit is recorded")
	}
}

func TestNothingCrossesAfterTheEnd(t *testing.T) {
	for _, end := range []struct {
		name string
		end  func(*zone.Crossing[WardToBilling])
	}{
		{"commit", func(x *zone.Crossing[WardToBilling]) { _ = x.Commit() }},
		{"abort", func(x *zone.Crossing[WardToBilling]) { x.Abort() }},
		{"abort twice", func(x *zone.Crossing[WardToBilling]) { x.Abort(); x.Abort() }},
	} {
		t.Run(end.name, func(t *testing.T) {
			border, log := open(t, nil)
			x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
			if _, err := aPatient().ToBilling(x); err != nil {
				t.Fatal(err)
			}
			part := zone.Part(x, "Field", "id")
			end.end(x)
			w := zone.Scratch()
			defer w.Release()
			_, seal := zone.Seal[PatientBillingSealed, Ward](x, patientToBillingSealed, "id", w)
			_, token := zone.Token[Ward](x, patientToBillingNumber, "v")
			for _, err := range []error{x.Admit(patientToBilling), part.Admit(patientToBilling), seal, token, x.Commit()} {
				wantRefusal(t, err, zone.ReasonEnded)
			}
			if n := x.Counts()[0].Records; n != 1 || len(log.Ends()) != 1 || log.Ends()[0].Records != 1 {
				t.Errorf("counted %d records and recorded %+v", n, log.Ends())
			}
		})
	}
}

func TestCrossingThatNeverBegan(t *testing.T) {
	w := zone.Scratch()
	defer w.Release()
	for _, x := range []*zone.Crossing[WardToBilling]{nil, {}, zone.Part[WardToBilling](nil, "F", "id"), zone.Part(new(zone.Crossing[WardToBilling]), "F", "id")} {
		x.Abort()
		_, seal := zone.Seal[PatientBillingSealed, Ward](x, patientToBillingSealed, "id", w)
		_, token := zone.Token[Ward](x, patientToBillingNumber, "v")
		for _, err := range []error{x.Admit(patientToBilling), x.Admit(nil), x.Commit(), seal, token} {
			wantRefusal(t, err, zone.ReasonEnded)
		}
		if x.ID() != "" || !x.Time().IsZero() || x.Counts() != nil {
			t.Errorf("a crossing that never began has ID %q, time %v and counts %v", x.ID(), x.Time(), x.Counts())
		}
	}
	border, _ := open(t, nil)
	wantRefusal(t, zonetest.Cross[WardToBilling](t, border, PurposeInvoice).Admit(nil), zone.ReasonEnded)
}

func TestAbortIsRecorded(t *testing.T) {
	border, log := open(t, limited(2))
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	for range 2 {
		if err := x.Admit(patientToBilling); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, x.Admit(patientToBilling), zone.ReasonLimit)
	x.Abort()
	end := log.Ends()[0]
	want := zone.EndEntry{
		ID: x.ID(), At: monday, Route: "ward→billing", Outcome: zone.Aborted, Records: 2,
		Counts:  []zone.Count{{Type: patientType, View: "PatientBilling", Records: 2}},
		Refused: []zone.RefusedCount{{Code: zone.ReasonLimit, Records: 1}},
	}
	if d := cmp.Diff(want, end); d != "" {
		t.Errorf("end entry (-want +got):\n%s", d)
	}
	if _, err := zone.Cross[WardToBilling](invoice(), border); err == nil {
		t.Error("records of an aborted crossing do not count against the limit, although views of them were made")
	}
}

func TestCommitFailsClosed(t *testing.T) {
	border, log := open(t, nil)
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	broken := errors.New("disk is full")
	log.FailEnd(broken)
	err := x.Commit()
	wantRefusal(t, err, zone.ReasonAudit)
	if !errors.Is(err, broken) {
		t.Errorf("%v does not wrap the audit log's error", err)
	}
	log.FailEnd(nil)
	x.Abort()
	wantRefusal(t, x.Commit(), zone.ReasonEnded)
	if len(log.Ends()) != 0 || len(log.Unended()) != 1 {
		t.Errorf("the log has ends %v and unended %v, want one crossing without an end", log.Ends(), log.Unended())
	}
}

func TestCancelledContext(t *testing.T) {
	border, log := open(t, nil)
	ctx, cancel := context.WithCancel(invoice())
	x, err := zone.Cross[WardToBilling](ctx, border)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Admit(patientToBilling); err != nil {
		t.Fatal(err)
	}
	cancel()
	for _, err := range []error{x.Admit(patientToBilling), zone.Part(x, "F", "id").Admit(patientToBilling), x.Commit()} {
		wantRefusal(t, err, zone.ReasonCancelled)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v is no context.Canceled", err)
		}
	}
	if end := log.Ends(); len(end) != 1 || end[0].Outcome != zone.Aborted || end[0].Records != 1 {
		t.Errorf("recorded %+v, want the crossing aborted with one record", end)
	}
}

func TestParts(t *testing.T) {
	border, log := open(t, limited(1))
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	if err := x.Admit(patientToBilling); err != nil {
		t.Fatal(err)
	}
	part := zone.PartAt(x, "Members", "id", 0)
	for range 3 {
		if err := part.Admit(patientToBilling); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, part.Commit(), zone.ReasonEnded)
	part.Abort()
	if !part.Time().Equal(x.Time()) || part.ID() != x.ID() {
		t.Error("a part has another time or ID than its crossing")
	}
	if err := x.Commit(); err != nil {
		t.Fatalf("ending a part ended the crossing: %v", err)
	}
	want := []zone.Count{{Type: patientType, View: "PatientBilling", Records: 1, Parts: 3}}
	if d := cmp.Diff(want, log.Ends()[0].Counts); d != "" || log.Ends()[0].Records != 1 {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

// TestManyTypes has more types than a crossing has room for at first.
func TestManyTypes(t *testing.T) {
	border, log := open(t, nil)
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	const types = 50
	var wg sync.WaitGroup
	transits := make([]*zone.Transit[WardToBilling], types)
	for i := range transits {
		transits[i] = zone.NewTransit[WardToBilling]("hospital", fmt.Sprintf("example.com/t.T%02d", i), "V", "")
	}
	for worker := range 8 {
		wg.Go(func() {
			for i := range transits {
				tr := transits[(i*7+worker)%types]
				if err := x.Admit(tr); err != nil {
					t.Error(err)
				}
				if err := zone.Part(x, "F", "").Admit(tr); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := x.Commit(); err != nil {
		t.Fatal(err)
	}
	counts := log.Ends()[0].Counts
	if len(counts) != types {
		t.Fatalf("recorded %d types, want %d", len(counts), types)
	}
	for i, c := range counts {
		if want := (zone.Count{Type: fmt.Sprintf("example.com/t.T%02d", i), View: "V", Records: 8, Parts: 8}); c != want {
			t.Errorf("recorded %+v, want %+v", c, want)
		}
	}
}

// TestEndIsExact ends crossings while others admit: every record that was
// admitted is in the end entry, and no other.
func TestEndIsExact(t *testing.T) {
	border, log := open(t, func(p *policy.Policy) { p.Routes[0].Limit = &policy.Limit{Records: 1 << 40, Per: "1h"} })
	for round := range 50 {
		x, err := zone.Cross[WardToBilling](invoice(), border)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		admitted := int64(0)
		for range 4 {
			wg.Go(func() {
				n := int64(0)
				for range 200 {
					if x.Admit(patientToBilling) != nil {
						break
					}
					n++
				}
				mu.Lock()
				admitted += n
				mu.Unlock()
			})
		}
		if round%2 == 0 {
			wg.Go(x.Abort)
		} else {
			wg.Go(func() { _ = x.Commit() })
		}
		wg.Wait()
		if got := log.Ends()[round].Records; got != admitted {
			t.Fatalf("round %d: recorded %d records, and %d were admitted", round, got, admitted)
		}
	}
}

func TestLimitIsExactInParallel(t *testing.T) {
	const limit, workers = 1000, 8
	border, _ := open(t, limited(limit))
	var wg sync.WaitGroup
	var mu sync.Mutex
	admitted := 0
	for range workers {
		x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
		wg.Go(func() {
			n := 0
			for range limit {
				if _, err := aPatient().ToBilling(x); err != nil {
					wantRefusal(t, err, zone.ReasonLimit)
					break
				}
				n++
			}
			mu.Lock()
			admitted += n
			mu.Unlock()
		})
	}
	wg.Wait()
	if admitted != limit {
		t.Errorf("%d records crossed, want %d", admitted, limit)
	}
}

func TestLimitSlides(t *testing.T) {
	clock := zonetest.NewClock(monday)
	border, _ := open(t, limited(10), zone.WithClock(clock.Now))
	cross := func(n int) error {
		x, err := zone.Cross[WardToBilling](invoice(), border)
		if err != nil {
			return err
		}
		defer x.Abort()
		for range n {
			if err := x.Admit(patientToBilling); err != nil {
				return err
			}
		}
		return x.Commit()
	}
	step := func(what string, advance time.Duration, n int, want bool) {
		t.Helper()
		clock.Advance(advance)
		if err := cross(n); (err == nil) != want {
			t.Errorf("%s: %v, want it to cross: %v", what, err, want)
		}
	}
	step("six at 0:00", 0, 6, true)
	step("four at 0:30", 30*time.Minute, 4, true)
	step("one more at 0:59", 29*time.Minute, 1, false)
	step("six at 1:00, when the first six are an hour old", time.Minute, 6, true)
	step("one more", 0, 1, false)
	step("with the clock set back", -45*time.Minute, 1, false)
	step("four at 1:30", 75*time.Minute, 4, true)
	step("ten at 4:00", 150*time.Minute, 10, true)

	clock.Advance(30 * time.Minute)
	err := cross(1)
	if refusal, ok := errors.AsType[*zone.RefusalError](err); !ok || !strings.Contains(refusal.Reasons[0].Remedy, "2025-12-01T14:00:00Z") {
		t.Errorf("%v does not say when there is room again", err)
	}
}

func TestLimitSlidesUnderAnOpenCrossing(t *testing.T) {
	clock := zonetest.NewClock(monday)
	border, _ := open(t, limited(2), zone.WithClock(clock.Now))
	first := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	second := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	for range 2 {
		if err := first.Admit(patientToBilling); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, second.Admit(patientToBilling), zone.ReasonLimit)
	clock.Advance(2 * time.Hour)
	wantRefusal(t, second.Admit(patientToBilling), zone.ReasonLimit) // first is open still
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, second.Admit(patientToBilling), zone.ReasonLimit)
	clock.Advance(time.Hour)
	if err := second.Admit(patientToBilling); err != nil {
		t.Errorf("an hour after the first ended: %v", err)
	}
}

func TestLimitHoldsOverARestart(t *testing.T) {
	clock := zonetest.NewClock(monday)
	log := new(zonetest.Recorder)
	restart := func() *zone.Border {
		b, _ := open(t, limited(3), zone.WithClock(clock.Now), zone.WithAudit(log))
		return b
	}
	x := zonetest.Cross[WardToBilling](t, restart(), PurposeInvoice)
	for range 2 {
		if err := x.Admit(patientToBilling); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Commit(); err != nil {
		t.Fatal(err)
	}
	clock.Advance(30 * time.Minute)
	again := restart()
	y := zonetest.Cross[WardToBilling](t, again, PurposeInvoice)
	if err := y.Admit(patientToBilling); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, y.Admit(patientToBilling), zone.ReasonLimit)
	clock.Advance(30 * time.Minute)
	for range 2 {
		if err := y.Admit(patientToBilling); err != nil {
			t.Errorf("an hour after the first records: %v", err)
		}
	}

	log.FailPast(errors.New("log is locked"))
	_, err := zone.Cross[WardToBilling](invoice(), restart())
	wantRefusal(t, err, zone.ReasonAudit)
}

func TestApprovalsCoverTypesAndNumbers(t *testing.T) {
	ctx := zone.WithEvidence(context.Background(), zonetest.Evidence("research"))
	records := zone.NewTransit[WardToBillingStudy]("hospital", "example.com/t.Record", "V", "")
	letters := zone.NewTransit[WardToBillingStudy]("hospital", "example.com/t.Letter", "V", "")
	board := zonetest.Approvals()
	board.Give(
		zone.Approval{Approver: "a", Types: []string{"example.com/t.Record"}, Records: 5},
		zone.Approval{Approver: "b", Records: 3},
		zone.Approval{Approver: "b", Types: []string{"example.com/t.Record"}, Records: 4},
	)
	border, log := open(t, nil, zone.WithApprovals(board))
	x, err := zone.Cross[WardToBillingStudy](ctx, border)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 { // both agree on four
		if err := x.Admit(records); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, x.Admit(records), zone.ReasonApprovals)
	wantRefusal(t, x.Admit(letters), zone.ReasonApprovals)
	if err := zone.Part(x, "F", "").Admit(letters); err != nil {
		t.Errorf("a part needs approval of its own: %v", err)
	}
	if err := x.Commit(); err != nil {
		t.Fatal(err)
	}
	if end := log.Ends()[0]; end.Records != 4 || len(end.Refused) != 1 || end.Refused[0].Records != 2 {
		t.Errorf("recorded %+v", end)
	}
}

func TestAdmitComparesWithThePolicyInForce(t *testing.T) {
	decision := func(change func(*zone.Decision)) zone.Decision {
		d := zone.Decision{Field: "Phone", Class: "3", Categories: []string{"phone"}, Action: classify.ActionMask, With: "last4", Result: "2"}
		change(&d)
		return d
	}
	is := func(action classify.Action) zone.Decision {
		return decision(func(d *zone.Decision) { d.Action, d.With, d.Result = action, "", "3" })
	}
	plain := func(class string, action classify.Action, result string) zone.Decision {
		return zone.Decision{Field: "Phone", Class: class, Action: action, Result: result}
	}
	plainSealed := func(class, by string) zone.Decision {
		return zone.Decision{Field: "S", Class: class, Sealed: by, Action: classify.ActionPass, Result: class}
	}
	tests := []struct {
		name     string
		decision zone.Decision
		change   func(*policy.Policy)
		overlay  *policy.Policy
		want     string // in the refusal; empty: admitted
	}{
		{name: "as the policy says", decision: decision(func(*zone.Decision) {})},
		{name: "token where a mask is asked for, of a class that the far zone does not hold", decision: is(classify.ActionToken), want: "holds"},
		{name: "encrypt where a mask is asked for", decision: is(classify.ActionEncrypt)},
		{name: "drop where a mask is asked for", decision: is(classify.ActionDrop)},
		{name: "refuse", decision: is(classify.ActionRefuse)},
		{name: "pass where a mask is asked for", decision: is(classify.ActionPass), want: "says mask"},
		{name: "no action", decision: is(classify.ActionUnknown), want: "no action"},
		{name: "an action of a later version", decision: is(classify.ActionRefuse + 1), want: "no action"},
		{name: "another mask", decision: decision(func(d *zone.Decision) { d.With = "last2" }), want: "action mask"},
		{name: "a mask without a function", decision: decision(func(d *zone.Decision) { d.With = "" }), want: "action mask"},
		{name: "a lower class afterwards", decision: decision(func(d *zone.Decision) { d.Result = "1" }), want: "still 2"},
		{name: "a higher class afterwards", decision: decision(func(d *zone.Decision) { d.Result = "3" })},
		{name: "an unknown class afterwards", decision: decision(func(d *zone.Decision) { d.Result = "9" }), want: `class afterwards, "9"`},
		{name: "an unknown class before", decision: decision(func(d *zone.Decision) { d.Class = "9" }), want: `class "9"`},
		{name: "an unknown category", decision: decision(func(d *zone.Decision) { d.Categories = []string{"fax"} }), want: `category "fax"`},
		{name: "a category that hides another", decision: decision(func(d *zone.Decision) { d.Categories = []string{"name", "phone"} }), want: "says encrypt"},
		{name: "a class that is too low for the category", decision: decision(func(d *zone.Decision) { d.Class, d.Action, d.Result = "1", classify.ActionPass, "1" }), want: "says mask"},
		{name: "the category was raised", decision: plain("3", classify.ActionEncrypt, "2"), want: "still 3"},
		{name: "encrypted, and more secret since", decision: zone.Decision{Field: "F", Class: "2", Categories: []string{"name"}, Action: classify.ActionEncrypt, Result: "2"}, want: "still 3"},
		{name: "no rule for the class", decision: plain("2", classify.ActionPass, "2"), change: func(p *policy.Policy) {
			r := &p.Routes[0]
			for i := range r.Rules {
				if r.Rules[i].Class == "2" {
					r.Rules[i].Action = classify.ActionDrop
				}
			}
		}, want: "says drop"},
		{name: "what stays is dropped", decision: zone.Decision{Field: "N", Class: "3", Categories: []string{"social-number"}, Action: classify.ActionDrop}},
		{name: "what stays is tokenised", decision: zone.Decision{Field: "N", Class: "3", Categories: []string{"social-number"}, Action: classify.ActionToken, Result: "3"}, want: "says drop"},
		{name: "an overlay encrypts", decision: decision(func(*zone.Decision) {}), overlay: tightening(), want: "(standard, clause S-4) says encrypt"},
		{name: "generated with the overlay", decision: is(classify.ActionEncrypt), overlay: tightening()},
		{name: "sealed before and opened", decision: plainSealed("2", "billing")},
		{name: "sealed before and opened where its class may not be", decision: plainSealed("3", "billing"), want: "holds"},
		{name: "sealed elsewhere and opened", decision: plainSealed("3", "public"), want: "says encrypt"},
		{name: "sealed elsewhere and carried on", decision: zone.Decision{Field: "S", Class: "3", Categories: []string{"name"}, Sealed: "public", Action: classify.ActionEncrypt, Result: "3"}},
		{name: "tokens that match over fields", decision: zone.Decision{Field: "N", Class: "3", Categories: []string{"patient-number"}, Action: classify.ActionToken, Scope: "category", Result: "2"}, want: "per field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var opts []zone.Option
			if tt.overlay != nil {
				opts = append(opts, zone.WithOverlay(zonetest.Compile(tt.overlay)))
			}
			border, _ := open(t, tt.change, opts...)
			x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
			transit := zone.NewTransit[WardToBilling]("hospital", "example.com/t.T", "V", "", tt.decision)
			for _, c := range []*zone.Crossing[WardToBilling]{x, x, zone.Part(x, "F", "id")} {
				err := c.Admit(transit)
				if tt.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					continue
				}
				wantRefusal(t, err, zone.ReasonStale)
				if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "regenerate") {
					t.Errorf("%q does not say %q and to regenerate", err, tt.want)
				}
			}
		})
	}
}

func TestAdmitListsEveryStaleField(t *testing.T) {
	border, _ := open(t, nil)
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	loose := func(field string) zone.Decision {
		return zone.Decision{Field: field, Class: "3", Action: classify.ActionPass, Result: "3"}
	}
	err := x.Admit(zone.NewTransit[WardToBilling]("hospital", "example.com/t.T", "V", "", loose("A"), loose("B")))
	if d := cmp.Diff([]zone.ReasonCode{zone.ReasonStale, zone.ReasonStale}, codes(t, err)); d != "" {
		t.Error(d)
	}
	if !strings.Contains(err.Error(), "field A") || !strings.Contains(err.Error(), "field B") || !strings.Contains(err.Error(), "t.T on ward→billing") {
		t.Errorf("%q does not name type, route and both fields", err)
	}
	x.Abort()
	if counts := x.Counts(); counts != nil {
		t.Errorf("refused records are counted: %v", counts)
	}
}

func TestAdmitRefusesAnotherPolicy(t *testing.T) {
	border, _ := open(t, nil)
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	err := x.Admit(zone.NewTransit[WardToBilling]("clinic", "example.com/t.T", "V", ""))
	wantRefusal(t, err, zone.ReasonStale)
	if !strings.Contains(err.Error(), `"clinic"`) {
		t.Errorf("%q does not name the policy", err)
	}
}

// TestVerdictIsPerBorder uses one transit with two borders in turn.
func TestVerdictIsPerBorder(t *testing.T) {
	lenient, _ := open(t, nil)
	strict, _ := open(t, nil, zone.WithOverlay(zonetest.Compile(tightening())))
	var wg sync.WaitGroup
	for range 4 {
		x := zonetest.Cross[WardToBilling](t, lenient, PurposeInvoice)
		y := zonetest.Cross[WardToBilling](t, strict, PurposeInvoice)
		wg.Go(func() {
			for range 100 {
				if err := x.Admit(patientToBilling); err != nil {
					t.Errorf("the lenient border: %v", err)
				}
			}
		})
		wg.Go(func() {
			for range 100 {
				if err := y.Admit(patientToBilling); err == nil {
					t.Error("the strict border admits")
				}
			}
		})
	}
	wg.Wait()
}
