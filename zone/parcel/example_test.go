package parcel_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/parcel"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// Persons go from the zone mynumber to the zone lgwan. The two sides are two
// processes; here they share a keyring and a buffer.
func Example() {
	ring, err := crypto.EphemeralKeyring("specimen", "mynumber", "lgwan")
	if err != nil {
		panic(err)
	}
	border, err := zones.Open(zone.WithKeys(ring), zone.WithAudit(new(zonetest.Recorder)))
	if err != nil {
		panic(err)
	}
	var carried bytes.Buffer
	if err := sendPersons(border, &carried); err != nil {
		panic(err)
	}
	if err := receivePersons(border, &carried); err != nil {
		panic(err)
	}
	// Output:
	// specimen.PersonLGWAN(lgwan, 3C) lives in 朝霧市
	// 1 of class 3C over mynumber→lgwan
}

func sendPersons(border *zone.Border, carried *bytes.Buffer) error {
	ctx := zone.WithEvidence(context.Background(), zone.Evidence{
		Principal: zone.Principal{ID: "u-1042", Kind: zone.Person},
		MFA:       true,
		Purpose:   zones.PurposeLevy,
	})
	x, err := zone.Cross[zones.MyNumberToLGWAN](ctx, border)
	if err != nil {
		return err
	}
	defer x.Abort()
	w, err := parcel.Create[specimen.PersonLGWAN](x, carried, parcel.WithCount(1))
	if err != nil {
		return err
	}
	defer w.Abort()
	person := &specimen.Person{InsuredNumber: "12345674", Name: "国立 花子", Municipality: "朝霧市"}
	view, err := person.ToLGWAN(x)
	if err != nil {
		return err
	}
	if err := w.Add(view); err != nil {
		return err
	}
	return w.Close()
}

func receivePersons(border *zone.Border, carried *bytes.Buffer) error {
	dir, err := os.MkdirTemp("", "received")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	register, err := parcel.OpenRegister(dir)
	if err != nil {
		return err
	}
	defer register.Close()

	r, err := parcel.Open[specimen.PersonLGWAN, zones.MyNumberToLGWAN](context.Background(), border, register, carried)
	if err != nil {
		return err
	}
	defer r.Close()
	for view, err := range r.All() {
		if err != nil {
			return err // undo what came of the views before
		}
		fmt.Println(view, "lives in", view.Municipality)
	}
	h := r.Header()
	fmt.Println(*h.Count, "of class", h.Class, "over", h.Route)
	return r.Finish()
}

// What a label says, anybody who has the parcel can see.
func ExampleInspect() {
	f, err := os.Open("testdata/views.parcel")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	in, err := parcel.Inspect(f)
	if err != nil {
		panic(err)
	}
	h := in.Header
	fmt.Println(h.Type, "for zone", h.To+", class", h.Class+", sealed at", h.SealedAt)
	fmt.Println("whole as far as can be seen:", in.Problem == nil)
	// Output:
	// example.com/clinic.VisitBilling for zone billing, class 2, sealed at 2026-11-23 09:29:00 +0000 UTC
	// whole as far as can be seen: true
}
