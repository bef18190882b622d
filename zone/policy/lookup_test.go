package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestLookUps(t *testing.T) {
	p := kouki()
	if got := p.Scale().Names(); !cmp.Equal(got, p.Classes) {
		t.Errorf("scale %q", got)
	}
	if p.IntegrityScale().Len() != 2 || p.AvailabilityScale().Len() != 2 {
		t.Error("levels are not 1 and 2")
	}
	p.Integrity, p.Availability = []string{"1", "2A", "2B"}, []string{"low"}
	if p.IntegrityScale().Highest() != 3 || p.AvailabilityScale().Name(1) != "low" {
		t.Error("levels are not the policy's")
	}
	// Without overlays a look-up gives what stands in the policy.
	if z, ok := p.Zone("lgwan"); !ok || z != &p.Zones[1] || z.CarriesClass() != "3B" {
		t.Errorf("zone %v %v", z, ok)
	}
	if z, _ := p.Zone("internet"); z.CarriesClass() != "3B" {
		t.Error("the internet carries something else")
	}
	if k, ok := p.Category("name"); !ok || k != &p.Categories[4] {
		t.Errorf("category %v %v", k, ok)
	}
	if r, ok := p.Route("mynumber", "lgwan", "mailing"); !ok || r != &p.Routes[1] || r.Key() != "mynumber→lgwan (mailing)" {
		t.Errorf("route %v %v", r, ok)
	}
	if c, ok := p.ClosedRoad("mynumber", "internet"); !ok || c != &p.Closed[0] {
		t.Errorf("closed %v %v", c, ok)
	}
	if class, _ := p.SinkCeiling("log"); class != "1" {
		t.Errorf("log takes %q", class)
	}
	if class, pos := p.SinkCeiling("fax"); class != "1" || !pos.IsZero() {
		t.Errorf("fax takes %q", class)
	}
	for _, name := range []string{"", "MYNUMBER", "nowhere"} {
		_, zone := p.Zone(name)
		_, category := p.Category(name)
		_, route := p.Route("mynumber", name, "")
		_, closed := p.ClosedRoad(name, "internet")
		if zone || category || route || closed || len(p.RoutesFrom(name)) > 0 {
			t.Errorf("%q is found", name)
		}
	}
	if class, _ := (&policy.Policy{}).SinkCeiling("log"); class != "" {
		t.Errorf("a policy without classes takes %q", class)
	}
	// A closed road has no plain route, whatever stands under routes.
	p.Closed = append(p.Closed, policy.Closed{From: "mynumber", To: "lgwan", Clause: "9"})
	if _, ok := p.Route("mynumber", "lgwan", ""); ok {
		t.Error("a closed road is open")
	}
	if _, ok := p.Route("mynumber", "lgwan", "mailing"); !ok {
		t.Error("an exception to a closed road is not open")
	}
	if d := p.Decide(&p.Routes[0], classify.Label{Class: 1}, classify.Tag{}); d.Action != refuse || d.Clause != "9" {
		t.Errorf("a closed road: %v %q", d.Action, d.Clause)
	}
}

func TestRouteOpen(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	r := policy.Route{Until: "2027-03-31"}
	for _, tt := range []struct {
		at   time.Time
		want bool
	}{
		{time.Date(2027, 3, 31, 23, 59, 59, 999, tokyo), true},
		{time.Date(2027, 4, 1, 0, 0, 0, 0, tokyo), false},
		{time.Date(2027, 3, 31, 15, 0, 0, 0, time.UTC), true},            // April already in Tokyo, and the caller asked in UTC
		{time.Date(2027, 3, 31, 15, 0, 0, 0, time.UTC).In(tokyo), false}, // the same instant, asked in Tokyo
		{time.Date(2020, 1, 1, 0, 0, 0, 0, tokyo), true},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, tokyo), false},
	} {
		if got := r.Open(tt.at); got != tt.want {
			t.Errorf("open at %v: %v", tt.at, got)
		}
	}
	if !(&policy.Route{}).Open(someDay) || (&policy.Route{Until: "soon"}).Open(someDay) || (&policy.Route{Until: "2027-3-31"}).Open(someDay) {
		t.Error("a route without a date is open, one with a date that is none is closed")
	}
}

// Evidence and limits of two policies: both hold.
func TestTightening(t *testing.T) {
	met := func(a, b policy.Route) (*policy.Route, bool) {
		a.From, a.To, b.From, b.To = "a", "b", "a", "b"
		p := &policy.Policy{Classes: []string{"x"}, Zones: []policy.Zone{{Name: "a"}, {Name: "b"}}, Routes: []policy.Route{a},
			Overlays: []*policy.Policy{{Overlay: true, Routes: []policy.Route{b}}}}
		return p.Route("a", "b", "")
	}
	limit := func(n int64, per string) *policy.Limit { return &policy.Limit{Records: n, Per: per} }
	for _, tt := range []struct{ a, b, want *policy.Limit }{
		{nil, nil, nil},
		{limit(5, "1h"), nil, limit(5, "1h")},
		{nil, limit(5, "1h"), limit(5, "1h")},
		{limit(5, "1h"), limit(3, "1h"), limit(3, "1h")},
		{limit(5, "24h"), limit(100, "48h"), limit(5, "48h")},
		{limit(100, "48h"), limit(5, "24h"), limit(5, "48h")},
		{limit(5, "x"), limit(7, "24h"), limit(5, "24h")},
	} {
		r, ok := met(policy.Route{Limit: tt.a}, policy.Route{Limit: tt.b})
		if !ok || !cmp.Equal(r.Limit, tt.want) {
			t.Errorf("%v and %v: %v", tt.a, tt.b, r.Limit)
		}
	}
	at := func(e ...policy.Endpoint) []policy.Endpoint { return e }
	wide, host := policy.Endpoint{Address: "10.0.0.0/8"}, policy.Endpoint{Address: "10.1.2.3", Port: 443, Protocol: "tcp"}
	name := policy.Endpoint{Address: "www.example", Port: 443}
	for _, tt := range []struct{ a, b, want []policy.Endpoint }{
		{nil, nil, nil},
		{at(wide), nil, at(wide)},
		{nil, at(host), at(host)},
		{at(wide), at(host), at(host)},
		{at(host, name), at(wide, wide), at(host)},
		{at(name), at(policy.Endpoint{Address: "WWW.example"}), at(name)},
		{at(policy.Endpoint{Address: "10.1.0.0/16"}), at(wide), at(policy.Endpoint{Address: "10.1.0.0/16"})},
		{at(policy.Endpoint{Address: "2001:db8::1"}), at(policy.Endpoint{Address: "2001:db8::/32"}), at(policy.Endpoint{Address: "2001:db8::1"})},
		{at(wide), at(name), nil},
		{at(policy.Endpoint{Address: "10.1.2.3", Protocol: "udp"}), at(wide), nil},
		{at(policy.Endpoint{Address: "10.1.2.3", Port: 80}), at(host), nil},
		{at(policy.Endpoint{Address: "fe80::1%eth0"}), at(policy.Endpoint{Address: "fe80::/10"}), nil},
	} {
		r, ok := met(policy.Route{Endpoints: tt.a}, policy.Route{Endpoints: tt.b})
		if shut := tt.want == nil && len(tt.a) > 0; ok == shut || ok && !cmp.Equal(r.Endpoints, tt.want) {
			t.Errorf("%v and %v: %v %v", tt.a, tt.b, ok, r)
		}
	}
	if _, ok := met(policy.Route{Require: policy.Require{Purpose: []string{"x"}}}, policy.Route{Require: policy.Require{Purpose: []string{"y"}}}); ok {
		t.Error("a road without a common purpose is open")
	}
	r, _ := met(policy.Route{Until: "2027-01-01", Approver: "head"}, policy.Route{Until: "2028-01-01", Clause: "7", Approver: "other"})
	if r.Until != "2027-01-01" || r.Clause != "7" || r.Approver != "head" {
		t.Errorf("%+v", r)
	}
}

// A zone takes from an overlay what the policy under it leaves open.
func TestZoneOfOverlay(t *testing.T) {
	p := &policy.Policy{Classes: []string{"x", "y"}, Zones: []policy.Zone{{Name: "a"}},
		Overlays: []*policy.Policy{{Overlay: true, Zones: []policy.Zone{{Name: "a", Go: "A", Holds: "x", Networks: []string{"10.0.0.0/8"}}}}, nil}}
	want := &policy.Zone{Name: "a", Go: "A", Holds: "x", Networks: []string{"10.0.0.0/8"}}
	if z, ok := p.Zone("a"); !ok || !cmp.Equal(z, want) {
		t.Errorf("got %+v", z)
	}
}

// Two organisations without a common purpose meet, and the road is shut.
func TestMeetWithoutCommonPurpose(t *testing.T) {
	a, b := ward(), ward()
	b.Name = "other"
	for i, p := range []*policy.Policy{a, b} {
		p.Purposes = []policy.Purpose{{Name: []string{"care", "billing"}[i]}}
		p.Routes[1].Require.Purpose = []string{p.Purposes[0].Name}
	}
	met, err := policy.Meet(a, b)
	if err != nil {
		t.Fatal(err)
	}
	d := met.Decide(&a.Routes[1], classify.Label{Class: 1}, classify.Tag{})
	if d.Action != refuse || d.By != "other" || d.Why != "no purpose is permitted by both policies" {
		t.Errorf("%v by %s: %s", d.Action, d.By, d.Why)
	}
	if len(met.RoutesFrom("lab")) != 1 {
		t.Error("the road is listed")
	}
}
