package parcel

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// hospital is a policy in which the parcels of the tests are fine.
func hospital() *policy.Policy {
	return &policy.Policy{
		Format: policy.Format, Name: "hospital", Classes: []string{"1", "2", "3"},
		Zones: []policy.Zone{{Name: "ward", Holds: "3"}, {Name: "billing", Holds: "2", Carries: "3"}, {Name: "public", Holds: "1"}},
		Routes: []policy.Route{{
			From: "ward", To: "billing", Clause: "7(3)",
			Rules: []policy.Rule{
				{Class: "3", Action: classify.ActionEncrypt}, {Class: "2", Action: classify.ActionPass}, {Class: "1", Action: classify.ActionPass},
			},
		}},
		Closed: []policy.Closed{{From: "ward", To: "public", Clause: "7(1)"}},
	}
}

// TestPolicyInForce holds headers against the receiver's policy, whatever the
// sender's was.
func TestPolicyInForce(t *testing.T) {
	for _, c := range []struct {
		name   string
		header func(*Header)
		policy func(*policy.Policy)
		clause string
		why    string // "" where it opens
	}{
		{"fine", nil, nil, "", ""},
		{"the highest classes that fit", func(h *Header) { h.Class, h.SealedClass = "2", "3" }, nil, "", ""},
		{"a class above what the zone holds", func(h *Header) { h.Class = "3" }, nil, "7(3)", "billing holds 2 at most"},
		{"a sealed class above what the zone carries", func(h *Header) { h.SealedClass = "3" }, func(p *policy.Policy) { p.Zones[1].Carries = "2" }, "7(3)", "carries sealed 2 at most"},
		{"a class that does not exist", func(h *Header) { h.Class = "9" }, nil, "7(3)", "class 9"},
		{"another name", func(h *Header) { h.Policy = "clinic" }, nil, "", `policy "hospital" is in force here`},
		{"no such road", nil, func(p *policy.Policy) {
			p.Routes, p.Closed = nil, []policy.Closed{{From: "ward", To: "billing", Clause: "8"}}
		}, "8", "no open route"},
		{"a road by another name", func(h *Header) { h.Route = "ward→billing (study)" }, nil, "", "no open route"},
		{"a road between others", nil, func(p *policy.Policy) { p.Routes[0].To = "public" }, "", "no open route"},
		{"over since yesterday", nil, func(p *policy.Policy) { p.Routes[0].Until = "2026-11-22" }, "7(3)", "last day"},
		{"open to the end of today", nil, func(p *policy.Policy) { p.Routes[0].Until = "2026-11-23" }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, p := testHeader(), hospital()
			h.From, h.To, h.Stream, h.SealedAt, h.Expires = "ward", "billing", streamAlgorithm, monday, monday.Add(DefaultLifetime)
			if c.header != nil {
				c.header(h)
			}
			if c.policy != nil {
				c.policy(p)
			}
			w := &wanted{payload: Bytes, policy: p, digest: h.Digest, now: monday}
			err := w.check(h, "billing", newOpenOptions(nil))
			if c.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := wantError[*PolicyError](t, c.name, err); !strings.Contains(e.Detail, c.why) || e.Clause != c.clause {
				t.Errorf("%v, clause %q: want %q, clause %q", e, e.Clause, c.why, c.clause)
			}
		})
	}
}

func TestRoute(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, []byte("record"))
	_, err := e.receive(bytes.NewReader(data), func(w *wanted) { w.route = "ward→billing (study)" })
	if e := wantError[*RouteError](t, "another road", err); e.Got != "ward→billing" {
		t.Errorf("%v", e)
	}
	_, err = e.receive(bytes.NewReader(data), func(w *wanted) { w.payload = Records })
	wantError[*SchemaError](t, "another payload", err)
	_, err = e.receive(bytes.NewReader(data), func(w *wanted) { w.register = nil })
	wantError[*StateError](t, "no register", err)
}

// TestUnknownStream: an algorithm of the body that is to come is none of ours,
// and says so.
func TestUnknownStream(t *testing.T) {
	e := newEnds(t)
	h := testHeader()
	o, _ := newCreateOptions(nil)
	var b bytes.Buffer
	if _, err := e.s.begin(t.Context(), h, monday, &b, o); err != nil {
		t.Fatal(err)
	}
	h.Stream = "AEGIS"
	line1, line2, err := e.s.lines(h, make([]byte, keySize))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.open(append(line1, line2...))
	if e := wantError[*FormatError](t, "another stream", err); e.Algorithm != "stream" {
		t.Errorf("%v", e)
	}
}

// TestCount: what the header announces and what comes must be the same.
func TestCount(t *testing.T) {
	e := newEnds(t)
	in := must[*incoming](t)(e.receive(bytes.NewReader(e.seal(t, []byte("one"), []byte("two"))), nil))
	three := int64(3)
	in.header.Count = &three // signed by a sender that counts wrong
	var err error
	for err == nil {
		_, err = in.next()
	}
	if e := wantError[*CountError](t, "another count", err); e.Announced != 3 || e.Marked != 2 || e.Read != 2 {
		t.Errorf("%+v", e)
	}
	wantError[*StateError](t, "finishing it", in.Finish())
}
