package custody_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho-go/sekisho/crypto/custody"
)

// What a decoder takes is what it would write: one spelling.
func FuzzDocuments(f *testing.F) {
	for i, name := range []string{"backup.json", "certificate.json", "public.json", "keys/backups.json"} {
		data, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), data)
		f.Add(uint8(i), bytes.Replace(data, []byte(": 1"), []byte(": 2"), 1))
		f.Add(uint8(i), data[:len(data)/2])
	}
	decoders := []func([]byte) (any, error){
		func(b []byte) (any, error) { return custody.DecodeBackup(b) },
		func(b []byte) (any, error) { return custody.DecodeCertificate(b) },
		func(b []byte) (any, error) { return custody.DecodePublic(b) },
		custody.DecodeLedger,
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		doc, err := decoders[int(which)%len(decoders)](data)
		if err != nil {
			typed(t, "fuzzed", 0, err)
			return
		}
		if again, err := custody.Encode(doc); err != nil || !bytes.Equal(again, data) {
			t.Errorf("decoded, and encoded to something else: %v", err)
		}
		if c, ok := doc.(*custody.Certificate); ok && c.Text() == "" {
			t.Error("a certificate without text")
		}
	})
}

// Whatever the samples are, the drill reports or refuses.
func FuzzSamples(f *testing.F) {
	backup, err := os.ReadFile(filepath.Join(golden, "backup.json"))
	if err != nil {
		f.Fatal(err)
	}
	samples, err := os.ReadFile(filepath.Join(golden, "samples.jsonl"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(samples)
	f.Add(bytes.Replace(samples, []byte("seal"), []byte("stream"), 1))
	f.Add([]byte(`{"zone":"mynumber","use":"box","sealed":"AQAAAAAA"}`))
	f.Fuzz(func(t *testing.T, samples []byte) {
		if _, err := custody.Drill(act(1), bytes.NewReader(backup), backupKEK, nil, bytes.NewReader(samples)); err != nil {
			typed(t, "fuzzed", 0, err)
		}
	})
}
