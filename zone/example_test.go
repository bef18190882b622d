package zone_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// The types of these examples (Ward, WardToBilling, Patient, its ToBilling …)
// are what the generator writes; hospital is their policy.

func Example() {
	// Once in a process: the border. A program calls Open of its zones package
	// with keys from a key store and an audit log on a disk.
	ring, err := crypto.EphemeralKeyring("hospital", "ward")
	if err != nil {
		panic(err)
	}
	log := new(zonetest.Recorder)
	border, err := zone.OpenBorder(zonetest.Compile(hospital()), zone.WithKeys(ring), zone.WithAudit(log))
	if err != nil {
		panic(err)
	}

	// Once in a request, where it is authenticated: the evidence.
	ctx := zone.WithEvidence(context.Background(), zone.Evidence{
		Principal: zone.Principal{ID: "u-1042", Kind: zone.Person},
		MFA:       true,
		Purpose:   PurposeInvoice,
	})

	// For each piece of work: a crossing.
	x, err := zone.Cross[WardToBilling](ctx, border)
	if err != nil {
		panic(err)
	}
	defer x.Abort()
	patient := aPatient()
	view, err := patient.ToBilling(x)
	if err != nil {
		panic(err)
	}
	if err := x.Commit(); err != nil {
		panic(err)
	}

	fmt.Println(patient)
	fmt.Println(view.Number, view.Area, view.Sealed)
	fmt.Println(log.Ends()[0].Outcome, log.Ends()[0].Counts[0].Records, "record")
	// Output:
	// record.Patient(ward, 3)
	// token(ward→billing) north sealed(ward)
	// committed 1 record
}

func ExampleCross_refused() {
	border, err := zone.OpenBorder(zonetest.Compile(hospital()), zone.WithAudit(new(zonetest.Recorder)))
	if err != nil {
		panic(err)
	}
	ctx := zone.WithEvidence(context.Background(), zone.Evidence{
		Principal: zone.Principal{ID: "u-1042", Kind: zone.Person},
	})
	_, err = zone.Cross[WardToBilling](ctx, border)
	if refusal, ok := errors.AsType[*zone.RefusalError](err); ok {
		fmt.Println(refusal.Route, "by clause", refusal.Clause)
		for _, r := range refusal.Reasons {
			fmt.Printf("%s: %s\n\t%s\n", r.Code, r.Text, r.Remedy)
		}
	}
	// Output:
	// ward→billing by clause 7(3)
	// mfa: the principal signed in with one factor only
	// 	have them sign in with more than one and say so in zone.Evidence
	// purpose: it shows no purpose
	// 	show one of: invoice
}

func ExampleFormatClosed() {
	p := aPatient()
	fmt.Printf("%v | %+v | %s | %q | %x\n", p, p, *p, *p, *p)
	_, err := json.Marshal(p)
	fmt.Println(errors.As(err, new(*zone.ClosedError)))

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	logger.Info("seen", "patient", p)
	// Output:
	// record.Patient(ward, 3) | record.Patient(ward, 3) | record.Patient(ward, 3) | record.Patient(ward, 3) | record.Patient(ward, 3)
	// true
	// level=INFO msg=seen patient="record.Patient(ward, 3)"
}

func ExampleMatch() {
	border, err := zone.OpenBorder(zonetest.Compile(hospital()),
		zone.WithAudit(new(zonetest.Recorder)), zone.WithKeys(mustKeys("ward")))
	if err != nil {
		panic(err)
	}
	x, err := zone.Cross[WardToBilling](invoice(), border)
	if err != nil {
		panic(err)
	}
	defer x.Abort()
	back, err := zone.Cross[BillingToWard](invoice(), border)
	if err != nil {
		panic(err)
	}
	defer back.Abort()

	token, err := zone.Token[Ward](x, patientToBillingNumber, "P-1")
	if err != nil {
		panic(err)
	}
	fmt.Println(zone.Match[Ward](back, patientToBillingNumber, "P-1", token))
	fmt.Println(zone.Match[Ward](back, patientToBillingNumber, "P-2", token))
	// Output:
	// <nil>
	// zone: billing→ward refused (clause 7(4)): the view was not made of the record at hand (look the record up again by what the view carries)
}

// mustKeys returns fresh keys of zones of the hospital.
func mustKeys(zones ...string) *crypto.Keyring {
	ring, err := crypto.EphemeralKeyring("hospital", zones...)
	if err != nil {
		panic(err)
	}
	return ring
}
