package audit_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sekisho-go/sekisho/zone/audit"
	"golang.org/x/mod/sumdb/note"
)

// A log is opened with a key; a checkpoint goes to somebody else; later the
// folder is held against it.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	public, err := audit.CreateKey(filepath.Join(dir, "key"), "city.example/audit")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := audit.ReadKey(filepath.Join(dir, "key"))
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		log.Fatal(err)
	}
	l, err := audit.Open(filepath.Join(dir, "log"), audit.Options{
		Origin: "city.example/audit", Signer: signer, Verifiers: note.VerifierList(verifier),
	})
	if err != nil {
		log.Fatal(err)
	}
	// A border does this: zones.Open(zone.WithAudit(l), …).
	if err := l.Begin(context.Background(), begin("EXAMPLE")); err != nil {
		log.Fatal(err)
	}
	kept := l.Checkpoint() // to the security officer
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}

	report, err := audit.Verify(context.Background(), filepath.Join(dir, "log"),
		audit.ReadOptions{Origin: "city.example/audit", Verifiers: note.VerifierList(verifier)}, kept)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Err(), report.Logs[0].Size, report.Logs[0].Kept)
	for _, r := range report.Incomplete {
		fmt.Println(r.Begin.ID, "of", r.Begin.Principal.ID, "has no end")
	}
	// Output:
	// <nil> 1 1
	// EXAMPLE of s-1204 has no end
}
