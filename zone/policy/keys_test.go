package policy_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// keyed is ward with algorithms and keys.
func keyed() *policy.Policy {
	p := ward()
	p.Algorithms = cryptography()
	p.Keys = &policy.Keys{Periods: []policy.Period{
		{Use: "box", Produce: "30y", Consume: "30y"}, {Use: "seal", Produce: "2y", Consume: "5y"}, {Use: "sign", Produce: "3y"}, {Use: "stream", Consume: "6m"},
	}}
	return p
}

func TestKeyPlan(t *testing.T) {
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 10, 30, 0, 0, tokyo) }
	dayEnd := func(y int) time.Time { return time.Date(y, 12, 31, 23, 59, 59, 999999999, tokyo) }
	tests := []struct {
		name    string
		use     string
		created time.Time
		set     func(*policy.Policy)
		want    policy.KeyPlan
	}{
		{"both periods", "seal", at(2026, 11, 23), nil, policy.KeyPlan{Algorithm: "AES-256-GCM", ProduceUntil: at(2028, 11, 23), ConsumeUntil: at(2031, 11, 23)}},
		{"using has no end", "sign", at(2026, 11, 23), nil, policy.KeyPlan{Algorithm: "Ed25519", ProduceUntil: at(2029, 11, 23)}},
		{"making ends with using", "stream", at(2026, 8, 31), nil, policy.KeyPlan{Algorithm: "AES-256-GCM-HKDF-SHA256", ProduceUntil: at(2027, 2, 28), ConsumeUntil: at(2027, 2, 28)}},
		{"no period and no end", "token", at(2026, 11, 23), nil, policy.KeyPlan{Algorithm: "AES-256-CMAC-PRF"}},
		{"29 February", "sign", at(2028, 2, 29), nil, policy.KeyPlan{Algorithm: "Ed25519", ProduceUntil: at(2031, 2, 28)}},
		{"the algorithm falls out first", "box", at(2026, 11, 23), nil, policy.KeyPlan{Algorithm: "HPKE-X25519-HKDF-SHA256-AES-256-GCM", ProduceUntil: dayEnd(2050), ConsumeUntil: at(2056, 11, 23)}},
		{"the hybrid", "box", at(2026, 11, 23), func(p *policy.Policy) { p.Algorithms, p.Keys.Box = nil, policy.BoxXWing }, policy.KeyPlan{Algorithm: "HPKE-X-WING-AES-256-GCM", ProduceUntil: at(2056, 11, 23), ConsumeUntil: at(2056, 11, 23)}},
		{"an overlay", "seal", at(2026, 1, 31), func(p *policy.Policy) {
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Keys: &policy.Keys{Periods: []policy.Period{{Use: "seal", Produce: "1y1m", Consume: "1826d"}}}}}
		}, policy.KeyPlan{Algorithm: "AES-256-GCM", ProduceUntil: at(2027, 2, 28), ConsumeUntil: at(2031, 1, 31)}},
		{"nothing is said", "tenant", at(2026, 11, 23), func(p *policy.Policy) { p.Algorithms, p.Keys = nil, nil }, policy.KeyPlan{Algorithm: "HKDF-SHA256-PRF"}},
	}
	for _, tt := range tests {
		p := keyed()
		if tt.set != nil {
			tt.set(p)
		}
		mustCheck(t, p)
		got, err := p.KeyPlan(tt.use, tt.created)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

func TestKeyPlanRefuses(t *testing.T) {
	p := keyed()
	if _, err := p.KeyPlan("master", someDay); err == nil || err.Error() != `policy: no use of keys "master": the uses are seal, token, index, stream, box, sign, tenant` {
		t.Errorf("a use that there is not: %v", err)
	}
	p.Keys.Box = policy.BoxXWing // its parts are not all listed
	plan, err := p.KeyPlan("box", someDay)
	if e, ok := errors.AsType[*policy.AlgorithmError](err); !ok || e.Reason != policy.AlgorithmNotListed || plan != (policy.KeyPlan{}) {
		t.Errorf("the hybrid: %+v %v", plan, err)
	}
	_, err = p.KeyPlan("sign", time.Date(2051, 1, 1, 0, 0, 0, 0, tokyo))
	if e, ok := errors.AsType[*policy.AlgorithmError](err); !ok || e.Reason != policy.AlgorithmProduceEnded || e.Last != "2050-12-31" {
		t.Errorf("after its end: %v", err)
	}
	p.Keys.Periods[1].Produce = "for ever" // Check reports it; here it is over at once
	if plan, err := p.KeyPlan("seal", someDay); err != nil || !plan.ProduceUntil.Equal(someDay) {
		t.Errorf("a period that is none: %+v %v", plan, err)
	}
}

func TestKeysInForce(t *testing.T) {
	p := keyed()
	p.Overlays = []*policy.Policy{
		{Format: 1, Name: "o", Overlay: true, Keys: &policy.Keys{Box: policy.BoxXWing, Periods: []policy.Period{{Use: "seal", Produce: "24m", Consume: "3y"}, {Use: "index", Produce: "90d"}}}},
		{Format: 1, Name: "silent", Overlay: true},
	}
	want := policy.Keys{Box: policy.BoxXWing, Periods: []policy.Period{
		{Use: "seal", Produce: "2y", Consume: "3y"}, {Use: "index", Produce: "90d"}, {Use: "stream", Consume: "6m"}, {Use: "box", Produce: "30y", Consume: "30y"}, {Use: "sign", Produce: "3y"},
	}}
	if diff := cmp.Diff(want, p.KeysInForce()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(policy.Keys{Box: policy.BoxX25519}, ward().KeysInForce()); diff != "" {
		t.Errorf("nothing is said (-want +got)\n%s", diff)
	}
}

func TestPeriodGrammar(t *testing.T) {
	for text, good := range map[string]bool{
		"2y": true, "18m": true, "90d": true, "1y6m": true, "1y6m1d": true, "1y1d": true, "0y1d": true, "100y": true, "36500d": true, "007d": true,
		"":   true, // leaves it open
		"0d": false, "0y0m0d": false, "100y1d": false, "99999d": false, "2": false, "y": false, "-1y": false, "+1y": false, "1.5y": false, "2 y": false, "1m1y": false, "1y1y": false,
		"24h": false, "1y6": false, "１y": false, "1Y": false, "000001d": false, "18446744073709551617d": false, "2y ": false, "1_0y": false,
	} {
		p := ward()
		p.Keys = &policy.Keys{Periods: []policy.Period{{Use: "seal", Produce: text, Consume: "100y"}}}
		if err := p.Check(); (err == nil) != good {
			t.Errorf("%q: %v, want good %v", text, err, good)
		}
	}
}
