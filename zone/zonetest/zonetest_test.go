package zonetest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

type (
	near       struct{}
	far        struct{}
	nearToFar  struct{ zone.Road[near, far] }
	signedRoad struct{ zone.Road[near, far] }
)

func (near) ZoneName() string        { return "near" }
func (far) ZoneName() string         { return "far" }
func (nearToFar) RouteName() string  { return "near→far" }
func (signedRoad) RouteName() string { return "near→far (signed)" }

// compiled is a policy with a plain road and one that asks for an approval.
func compiled() zone.Compiled {
	rules := []policy.Rule{{Class: "1", Action: classify.ActionPass}}
	return zonetest.Compile(&policy.Policy{
		Format: policy.Format, Name: "test", Go: policy.GoNames{Zones: "./zones"}, Classes: []string{"1"},
		Zones:    []policy.Zone{{Name: "near", Go: "Near", Holds: "1"}, {Name: "far", Go: "Far", Holds: "1"}},
		Purposes: []policy.Purpose{{Name: "work"}},
		Routes: []policy.Route{
			{From: "near", To: "far", Rules: rules, Require: policy.Require{Principal: true, MFA: true, Purpose: []string{"work"}}},
			{Name: "signed", From: "near", To: "far", Rules: rules, Approver: "head", Until: "2099-12-31",
				Endpoints: []policy.Endpoint{{Address: "192.0.2.1"}}, Require: policy.Require{Approvals: 1}},
		},
	})
}

var transit = zone.NewTransit[nearToFar]("test", "example.com/t.T", "TFar", "")

func TestRecorder(t *testing.T) {
	border, log := zonetest.Border(t, compiled())
	x := zonetest.Cross[nearToFar](t, border, "work")
	if d := cmp.Diff([]string{x.ID()}, log.Unended()); d != "" {
		t.Errorf("unended (-want +got):\n%s", d)
	}
	if err := x.Admit(transit); err != nil {
		t.Fatal(err)
	}
	if err := x.Commit(); err != nil {
		t.Fatal(err)
	}
	if len(log.Begins()) != 1 || len(log.Ends()) != 1 || log.Ends()[0].Records != 1 || log.Unended() != nil {
		t.Errorf("begins %+v, ends %+v, unended %v", log.Begins(), log.Ends(), log.Unended())
	}
	past, err := log.Past(t.Context(), "near→far", time.Now().Add(-time.Hour))
	if err != nil || len(past) != 1 || past[0].Records != 1 {
		t.Errorf("the past is %+v, %v", past, err)
	}
	if past, _ := log.Past(t.Context(), "near→far", time.Now().Add(time.Hour)); past != nil {
		t.Errorf("the past of the future is %+v", past)
	}
	if _, err := zone.Cross[nearToFar](t.Context(), border); err == nil || len(log.Refusals()) != 1 {
		t.Errorf("got %v and refusals %+v, want one", err, log.Refusals())
	}
	log.Begins()[0].ID = "changed"
	if log.Begins()[0].ID != x.ID() {
		t.Error("entries change through what Begins returns")
	}
}

func TestRecorderFails(t *testing.T) {
	broken := errors.New("broken")
	log := new(zonetest.Recorder)
	ctx := t.Context()
	calls := map[string]func() error{
		"begin":  func() error { return log.Begin(ctx, zone.BeginEntry{}) },
		"end":    func() error { return log.End(ctx, zone.EndEntry{}) },
		"refuse": func() error { return log.Refuse(ctx, zone.RefusalEntry{}) },
		"past":   func() error { _, err := log.Past(ctx, "", time.Time{}); return err },
	}
	fail := map[string]func(error){"begin": log.FailBegin, "end": log.FailEnd, "refuse": log.FailRefuse, "past": log.FailPast}
	for name, set := range fail {
		set(broken)
		for other, call := range calls {
			if err := call(); errors.Is(err, broken) != (other == name) {
				t.Errorf("with %s failing, %s returns %v", name, other, err)
			}
		}
		set(nil)
		if err := calls[name](); err != nil {
			t.Errorf("%s does not work again: %v", name, err)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := log.Begin(done, zone.BeginEntry{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin with a context that is done returns %v", err)
	}
}

func TestCrossAbortsAtTheEndOfTheTest(t *testing.T) {
	border, log := zonetest.Border(t, compiled())
	t.Run("", func(t *testing.T) { zonetest.Cross[nearToFar](t, border, "work") })
	if ends := log.Ends(); len(ends) != 1 || ends[0].Outcome != zone.Aborted {
		t.Errorf("ends %+v, want one that is aborted", ends)
	}
}

func TestApprovals(t *testing.T) {
	board := zonetest.Approvals("a")
	border, _ := zonetest.Border(t, compiled(), zone.WithApprovals(board))
	zonetest.Cross[signedRoad](t, border, "work")
	if q := board.Queries(); len(q) != 1 || q[0].Needed != 1 || q[0].Principal.ID != "tester" {
		t.Errorf("asked %+v", q)
	}
	board.Fail(errors.New("down"))
	if _, err := zone.Cross[signedRoad](zone.WithEvidence(t.Context(), zonetest.Evidence("work")), border); err == nil {
		t.Error("it crosses although the approver fails")
	}
}

func TestClock(t *testing.T) {
	start := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	clock := zonetest.NewClock(start)
	border, _ := zonetest.Border(t, compiled(), zone.WithClock(clock.Now))
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() { clock.Advance(time.Minute) })
	}
	wg.Wait()
	if got := zonetest.Cross[nearToFar](t, border, "work").Time(); !got.Equal(start.Add(time.Hour)) {
		t.Errorf("the crossing begins at %v, want an hour after %v", got, start)
	}
}

// stopped is a testing.TB that keeps what it was told and stops by a panic.
type stopped struct {
	testing.TB
	msg string
}

func (s *stopped) Helper()                           {}
func (s *stopped) Fatalf(format string, args ...any) { s.msg = fmt.Sprintf(format, args...); panic(s) }

func TestHelpersEndTheTest(t *testing.T) {
	border, _ := zonetest.Border(t, compiled())
	for name, f := range map[string]func(tb testing.TB){
		"border":     func(tb testing.TB) { zonetest.Border(tb, zone.Compiled{}) },
		"no audit":   func(tb testing.TB) { zonetest.Border(tb, compiled(), zone.WithAudit(nil)) },
		"keys":       func(tb testing.TB) { zonetest.Keys(tb, zone.Compiled{JSON: "{}"}) },
		"no purpose": func(tb testing.TB) { zonetest.Cross[nearToFar](tb, border, "") },
	} {
		tb := &stopped{TB: t}
		func() {
			defer func() {
				if r := recover(); r != nil && r != tb {
					panic(r)
				}
			}()
			f(tb)
		}()
		if tb.msg == "" {
			t.Errorf("%s: the test goes on", name)
		}
	}
}

func ExampleApprovals() {
	board := zonetest.Approvals("s-0007")
	log := new(zonetest.Recorder)
	border, err := zone.OpenBorder(compiled(), zone.WithAudit(log), zone.WithApprovals(board))
	if err != nil {
		panic(err)
	}
	ctx := zone.WithEvidence(context.Background(), zonetest.Evidence("work"))
	x, err := zone.Cross[signedRoad](ctx, border)
	if err != nil {
		panic(err)
	}
	defer x.Abort()
	fmt.Println(log.Begins()[0].Route, "approved by", log.Begins()[0].Approvers)
	// Output: near→far (signed) approved by [s-0007]
}
