package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sekisho-go/sekisho/zone"

	"github.com/sekisho-go/sekisho/examples/kouki/zones"
)

// run is the day of the union, from delivery to publication.
func run(ctx context.Context, o options, stdout io.Writer, p progress) error {
	dir, cleanUp, err := folder(o.keep)
	if err != nil {
		return err
	}
	defer cleanUp()
	started := time.Now()

	file, err := deliver(dir, o, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "A municipality delivers %d persons: CP932, CRLF, %d columns, %.1f MB.\n\n", o.persons, file.columns, float64(file.bytes)/1e6)

	wardKeys, officeKeys, err := openKeys(dir)
	if err != nil {
		return err
	}
	ward, err := openMyNumber(dir, wardKeys)
	if err != nil {
		return err
	}
	office, err := openLGWAN(dir, officeKeys)
	if err != nil {
		return err
	}
	defer office.register.Close()
	if err := ward.crossAll(ctx, file, office, o, p); err != nil {
		return err
	}
	ward.reportBadRows(stdout)
	if err := office.receive(ctx, ward.parcel(), stdout); err != nil {
		return err
	}

	returned, err := ward.takeBack(ctx, office.undeliverable())
	if err != nil {
		return err
	}
	published, err := office.publish(ctx)
	if err != nil {
		return err
	}
	if err := whoSeesWhat(stdout); err != nil {
		return err
	}
	if err := refusedAttempts(ctx, stdout, ward); err != nil {
		return err
	}
	fmt.Fprint(stdout, cannotBeWritten())
	summary{ward: ward, office: office, returned: returned, published: published, took: time.Since(started)}.print(stdout)
	return nil
}

// folder is where the My Number zone keeps its files.
func folder(keep string) (dir string, cleanUp func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err = os.MkdirTemp("", "kouki-")
	return dir, func() { os.RemoveAll(dir) }, err
}

// official is the evidence of a member of staff who signed in with two
// factors. A real program takes it from the session, in a middleware.
func official(purpose zone.Purpose) zone.Evidence {
	//zone:allow crossing nobody signs in to the example; a real program takes the principal from its session
	return zone.Evidence{
		Principal: zone.Principal{ID: "s-1024", Organisation: "kouki", Kind: zone.Person, Roles: []string{"levy"}},
		MFA:       true,
		Purpose:   purpose,
	}
}

// chief approves what a route wants approved, with her own signature in a real
// program.
type chief struct{}

func (chief) Approvers(_ context.Context, q zone.ApprovalQuery) ([]zone.Approval, error) {
	if q.Purpose != zones.PurposeMailing && q.Purpose != zones.PurposePublication {
		return nil, nil
	}
	return []zone.Approval{{Approver: "s-0007"}}, nil
}
