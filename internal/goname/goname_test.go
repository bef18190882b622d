package goname_test

import (
	"go/token"
	"testing"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestNames(t *testing.T) {
	p := &policy.Policy{Zones: []policy.Zone{{Name: "ward", Go: "Ward"}, {Name: "lab", Go: "Lab"}}}
	plain, named := &policy.Route{From: "ward", To: "lab"}, &policy.Route{From: "ward", To: "lab", Name: "night-shift"}
	for _, tc := range []struct{ got, want string }{
		{goname.Camel("mailing"), "Mailing"},
		{goname.Camel("age-band-5"), "AgeBand5"},
		{goname.Camel(""), ""},
		{goname.LowerFirst("Insured"), "insured"},
		{goname.LowerFirst("IDCard"), "idCard"},
		{goname.LowerFirst("ID"), "id"},
		{goname.LowerFirst(""), ""},
		{goname.RouteType(p, plain), "WardToLab"},
		{goname.RouteType(p, named), "WardToLabNightShift"},
		{goname.Suffix(p, named), "LabNightShift"},
		{goname.ClauseIdent("7(3)①"), "7_3_1"},
		{goname.ClauseIdent("第７条（３）"), "第_7条_3"},
		{goname.ClauseIdent("4.2"), "4_2"},
		{goname.ClauseIdent("※"), ""},
		{goname.RefusedByClause("7(3)①"), "RefusedByClause7_3_1"},
		{goname.RefusedNoRoute(&p.Zones[0], &p.Zones[1]), "RefusedNoRouteWardToLab"},
		{goname.RefusedOnRoute(p, named), "RefusedOnWardToLabNightShift"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// FuzzClauseIdent: whatever a clause is called, the type named after it is an
// identifier.
func FuzzClauseIdent(f *testing.F) {
	for _, seed := range []string{"7(3)①", "第7条第3項", "", "½", "a\x00b", "IV.ii"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, clause string) {
		if name := goname.RefusedByClause(clause); !token.IsIdentifier(name) {
			t.Errorf("clause %q gives %q, which is no identifier", clause, name)
		}
	})
}
