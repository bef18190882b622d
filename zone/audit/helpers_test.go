package audit_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/audit"
	"golang.org/x/mod/sumdb/note"
)

const origin = "city.example/audit"

// digest has the form of the digest of a policy.
var digest = "sha256:" + strings.Repeat("0123456789abcdef", 4)

// noon is the time of entries that a test makes up.
var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// options are those of a small log with a new key.
func options(tb testing.TB) audit.Options {
	tb.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		tb.Fatal(err)
	}
	signer, err1 := note.NewSigner(secret)
	verifier, err2 := note.NewVerifier(public)
	if err1 != nil || err2 != nil {
		tb.Fatal(err1, err2)
	}
	return audit.Options{Origin: origin, Signer: signer, Verifiers: note.VerifierList(verifier), SegmentEntries: 4}
}

func reading(opt audit.Options) audit.ReadOptions {
	return audit.ReadOptions{Origin: opt.Origin, Verifiers: opt.Verifiers}
}

func open(tb testing.TB, dir string, opt audit.Options) *audit.Log {
	tb.Helper()
	l, err := audit.Open(dir, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

func closeLog(tb testing.TB, l *audit.Log) {
	tb.Helper()
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
}

func begin(id string) zone.BeginEntry {
	return zone.BeginEntry{
		ID: id, At: noon, Policy: "hospital", Digest: digest, Route: "ward→billing", From: "ward", To: "billing", Clause: "7(3)①",
		Principal: zone.Principal{ID: "s-1204", Organisation: "city", Kind: zone.Person, Roles: []string{"levy"}},
		MFA:       true, Purpose: "invoice", Approvers: []string{"s-7", "s-9"},
	}
}

func end(id string, records int64) zone.EndEntry {
	return zone.EndEntry{
		ID: id, At: noon.Add(time.Minute), Route: "ward→billing", Outcome: zone.Committed, Records: records,
		Counts:  []zone.Count{{Type: "example.com/ward.Patient", View: "PatientBilling", Records: records, Parts: 1}},
		Refused: []zone.RefusedCount{{Code: zone.ReasonLimit, Records: 2}},
	}
}

func refusal(id string) zone.RefusalEntry {
	return zone.RefusalEntry{
		ID: id, At: noon, Policy: "hospital", Digest: digest, Route: "ward→billing (study)", From: "ward", To: "billing", Clause: "9",
		Codes: []zone.ReasonCode{zone.ReasonPrincipal, zone.ReasonMFA},
	}
}

// cross writes a begin and an end.
func cross(tb testing.TB, l *audit.Log, id string, records int64) {
	tb.Helper()
	if err := l.Begin(context.Background(), begin(id)); err != nil {
		tb.Fatal(err)
	}
	if err := l.End(context.Background(), end(id, records)); err != nil {
		tb.Fatal(err)
	}
}

// crossings writes several, numbered from 0.
func crossings(tb testing.TB, l *audit.Log, n int) {
	tb.Helper()
	for i := range n {
		cross(tb, l, fmt.Sprint("X", i), int64(i))
	}
}

func verify(tb testing.TB, dir string, opt audit.Options, kept ...[]byte) *audit.Report {
	tb.Helper()
	r, err := audit.Verify(context.Background(), dir, reading(opt), kept...)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// sound verifies a folder in which nothing may be wrong.
func sound(tb testing.TB, dir string, opt audit.Options, kept ...[]byte) *audit.Report {
	tb.Helper()
	r := verify(tb, dir, opt, kept...)
	for _, f := range r.Findings {
		tb.Error(f)
	}
	return r
}

// kinds returns the kinds of all entries in a folder, in the order of the
// reader.
func kinds(tb testing.TB, dir string, opt audit.Options) []string {
	tb.Helper()
	var kinds []string
	for _, r := range records(tb, dir, opt) {
		kinds = append(kinds, r.Kind())
	}
	return kinds
}

func records(tb testing.TB, dir string, opt audit.Options) []audit.Record {
	tb.Helper()
	r, err := audit.OpenReader(dir, reading(opt))
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	var all []audit.Record
	for record, err := range r.Records(context.Background()) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, record)
	}
	return all
}

// snapshot is a folder as it was at a time: contents by path.
type snapshot map[string][]byte

func take(tb testing.TB, dir string) snapshot {
	tb.Helper()
	s := make(snapshot)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			s[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// lay puts the snapshot into a folder, which it empties before.
func (s snapshot) lay(tb testing.TB, dir string) {
	tb.Helper()
	if err := os.RemoveAll(dir); err != nil {
		tb.Fatal(err)
	}
	for name, data := range s {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// write writes the files of the snapshot and leaves others.
func (s snapshot) write(tb testing.TB, dir string) {
	tb.Helper()
	for name, data := range s {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// both knows the keys of two logs.
type both struct{ a, b audit.Options }

func (k both) Verifier(name string, hash uint32) (note.Verifier, error) {
	if v, err := k.a.Verifiers.Verifier(name, hash); err == nil {
		return v, nil
	}
	return k.b.Verifiers.Verifier(name, hash)
}
