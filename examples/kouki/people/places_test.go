package people_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/examples/kouki/people"
)

func TestMunicipality(t *testing.T) {
	for p := range people.Make(1, 500) {
		name := people.Municipality(p.InsurerNumber)
		if name == "" || len(p.Address) < len("茨城県")+len(name) || p.Address[len("茨城県"):len("茨城県")+len(name)] != name {
			t.Fatalf("a person's insurer number gives the municipality %q, which is not that of the address", name)
		}
	}
	for _, n := range []string{"", "3908", "39082", "390820111", "39089991", "06082011", "12345678"} {
		if name := people.Municipality(n); name != "" {
			t.Errorf("Municipality(%q) = %q, want none", n, name)
		}
	}
}
