package zone_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// tightening is an overlay that encrypts phones.
func tightening() *policy.Policy {
	return &policy.Policy{
		Format: policy.Format, Name: "standard", Overlay: true, Classes: []string{"1", "2", "3"},
		Routes: []policy.Route{{
			From: "ward", To: "billing", Clause: "S-4",
			Rules: []policy.Rule{{Category: "phone", Action: classify.ActionEncrypt}},
		}},
	}
}

func TestOpenBorderRefuses(t *testing.T) {
	good := zonetest.Compile(hospital())
	ring := func(policy string) *crypto.Keyring {
		r, err := crypto.EphemeralKeyring(policy, "ward")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	changed := func(change func(*policy.Policy)) zone.Compiled {
		p := hospital()
		change(p)
		return zonetest.Compile(p)
	}
	loosening := tightening()
	loosening.Routes[0].Rules = []policy.Rule{{Category: "social-number", Action: classify.ActionPass}}
	audit := zone.WithAudit(new(zonetest.Recorder))
	tests := []struct {
		name, want string
		compiled   zone.Compiled
		opts       []zone.Option
	}{
		{"no audit log", "no border without an audit log", good, nil},
		{"no JSON", "does not decode", zone.Compiled{}, []zone.Option{audit}},
		{"JSON of something else", "does not decode", zone.Compiled{JSON: `{"zones":1}`, Digest: good.Digest}, []zone.Option{audit}},
		{"edited JSON", "edited by hand", zone.Compiled{JSON: strings.Replace(good.JSON, `"encrypt"`, `"pass"`, 1), Digest: good.Digest}, []zone.Option{audit}},
		{"digest of another policy", "edited by hand", zone.Compiled{JSON: good.JSON, Digest: "sha256:00"}, []zone.Option{audit}},
		{"no digest", "edited by hand", zone.Compiled{JSON: good.JSON}, []zone.Option{audit}},
		{"a route to nowhere", "does not pass its checks", changed(func(p *policy.Policy) { p.Routes[0].To = "nowhere" }), []zone.Option{audit}},
		{"a limit without a period", "hospital", changed(func(p *policy.Policy) { p.Routes[0].Limit = &policy.Limit{Records: 1, Per: "day"} }), []zone.Option{audit}},
		{"keys of another policy", `policy "clinic"`, good, []zone.Option{audit, zone.WithKeys(ring("clinic"))}},
		{"an overlay that loosens", `overlay 1 ("standard")`, good, []zone.Option{audit, zone.WithOverlay(zonetest.Compile(loosening))}},
		{"an edited overlay", "compiled overlay 2", good, []zone.Option{audit, zone.WithOverlay(zonetest.Compile(tightening()), zone.Compiled{JSON: zonetest.Compile(tightening()).JSON})}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := zone.OpenBorder(tt.compiled, tt.opts...)
			if err == nil || b != nil {
				t.Fatalf("got a border and %v, want an error with %q", err, tt.want)
			}
			if tt.name == "a limit without a period" {
				tt.want = "limit" // found by the policy's own check or by the border
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q", err, tt.want)
			}
		})
	}
}

func TestBorderNamesThePolicyInForce(t *testing.T) {
	plain, _ := open(t, nil)
	met, _ := open(t, nil, zone.WithOverlay(zonetest.Compile(tightening())))
	name, digest := plain.Policy()
	metName, metDigest := met.Policy()
	if name != "hospital" || metName != "hospital" {
		t.Errorf("the borders are of %q and %q, want hospital", name, metName)
	}
	if digest != hospital().Digest() || metDigest == digest {
		t.Errorf("digest %s without and %s with an overlay, want that of the policy and another", digest, metDigest)
	}
	if got := fmt.Sprintf("%v %+v %#v", plain, plain, plain); got != "zone.Border(hospital) zone.Border(hospital) zone.Border(hospital)" {
		t.Errorf("a border prints as %s", got)
	}
}
