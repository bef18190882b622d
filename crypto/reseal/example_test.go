package reseal_test

import (
	"context"
	"fmt"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/reseal"
)

// A column gets an index to be searched by. The table is one in memory here; SQL is
// the store for those of a database.
func ExampleRun() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber") // in earnest: crypto.OpenKeyring
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		fmt.Println(err)
		return
	}
	names := crypto.NewColumn[myNumber, name]("kouki", "insured", "name")
	store := &memory{rows: make(map[string]map[string]any)}
	for _, id := range []string{"1", "2", "3"} {
		sealed, err := names.Seal(keys, id, []byte("甲野 花子"))
		if err != nil {
			fmt.Println(err)
			return
		}
		store.rows[id] = map[string]any{"name_sealed": sealed.Bytes(), "name_index": nil}
	}

	index := reseal.Column{Name: "name_index", Form: reseal.FormIndex, Of: "name_sealed"}
	census, err := reseal.Count(context.Background(), store, []reseal.Column{index}, reseal.Options{})
	fmt.Println("without an index:", census.Columns["name_index"].Missing, err)
	work := []reseal.Work{reseal.Index(ring, names, "name_sealed", "name_index", nil)}
	report, err := reseal.Run(context.Background(), store, work, nil, reseal.Options{}) // in earnest: reseal.File
	fmt.Println("written:", report.Changed, "of", report.Rows, err)
	census, err = reseal.Count(context.Background(), store, []reseal.Column{index}, reseal.Options{})
	primary, _ := keys.Primary(crypto.UseIndex)
	fmt.Println("left:", census.Columns["name_index"].Left(primary), err)
	// Output:
	// without an index: 3 <nil>
	// written: 3 of 3 <nil>
	// left: 0 <nil>
}
