package zone_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
)

// An index whose value was taken away tells what it was to whoever has another
// row of it: it goes with the value, as [crypto.Column.Reindex] has it.
func TestResealLeavesNoIndex(t *testing.T) {
	ring, err := crypto.EphemeralKeyring("hospital", "ward")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := crypto.KeysOf[Ward](ring)
	if err != nil {
		t.Fatal(err)
	}
	of, ad := zone.NewIndexed("hospital", "app.Patient", "Name", "3"), zone.NewAD("hospital", "app.Patient", "app.PatientBilling", "Name")
	index, err := crypto.MakeIndex[string](keys, crypto.NewScope("hospital", "index", "app.Patient", "Name"), []byte("Sato"))
	if err != nil {
		t.Fatal(err)
	}
	var absent crypto.Sealed[Ward, string]
	for _, want := range []bool{true, false} {
		changed, err := zone.ResealIndexed(zone.NewResealing(keys), ad, "1", &absent, of, &index)
		if err != nil || changed != want || !index.IsZero() || !absent.IsZero() {
			t.Errorf("changed: %v, %v, index left: %v, want %v", changed, err, !index.IsZero(), want)
		}
	}
}
