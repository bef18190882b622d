package custody

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// DrillReport says what a backup is worth. It holds no key material, and nothing
// of what was opened.
type DrillReport struct {
	Backup   BackupInfo    `json:"backup"`
	At       time.Time     `json:"at"`
	By       string        `json:"by"`
	Keys     []DrillKey    `json:"keys"`
	Tenants  []DrillTenant `json:"tenants,omitempty"` // those that live
	Samples  []DrillSample `json:"samples,omitempty"`
	Problems []Problem     `json:"problems,omitempty"` // files of the folder that cannot be read
}

// DrillKey is what the backup has of one key.
type DrillKey struct {
	KeyRef
	State       State  `json:"state"`
	Result      Result `json:"result"`
	Consequence string `json:"consequence,omitempty"` // what would follow if the folder were lost today
}

// DrillSample is what became of one sample.
type DrillSample struct {
	Line        int    `json:"line"`
	Zone        string `json:"zone"`
	Use         string `json:"use"`
	Key         uint32 `json:"key,omitempty"` // that it names; streams name none
	Result      Result `json:"result"`
	Consequence string `json:"consequence,omitempty"`
}

// Result is what a drill found.
type Result string

// The results.
const (
	ResultOpens   Result = "opens"   // what was made with the key opens with the backup's
	ResultThere   Result = "there"   // a public key: it is in the backup
	ResultMissing Result = "missing" // the backup does not have the key
	ResultFails   Result = "fails"   // the backup has another key, or the sample does not open
)

// OK reports whether the backup would give back all there is.
func (r *DrillReport) OK() bool {
	return len(r.Problems) == 0 && len(r.Keys) > 0 &&
		!slices.ContainsFunc(r.Keys, func(k DrillKey) bool { return k.Result == ResultMissing || k.Result == ResultFails }) &&
		!slices.ContainsFunc(r.Tenants, func(t DrillTenant) bool { return t.Result != ResultOpens }) &&
		!slices.ContainsFunc(r.Samples, func(s DrillSample) bool { return s.Result != ResultOpens })
}

// Drill proves from a backup that what is stored still opens, without restoring
// it: keys are in memory only, and nothing is written. For every key in the
// headers of folder, the live keyset files, that is not destroyed, the backup's
// key must open the witness in the live header; a key without one, a public key,
// must be there. The key of every tenant that lives there must be the one that is
// in the backup: it made the witness in the live file. Without a folder (nil) the backup is measured against itself,
// which shows that it opens, not that it is complete.
//
// Samples, if not nil, are values as they are stored, a JSON object in each line:
//
//	{"zone":"mynumber","use":"seal","sealed":"AZBxo…","ad":"a291a2k="}
//
// Use is seal, box or stream. Sealed is base64, of the URL or the standard
// alphabet, with padding or without; ad is the associated data (the info of a
// box) in standard base64. What a sample opens to is cleared and not shown.
//
// The error is for a backup that does not open at all, and for samples that are
// none; what is missing or fails stands in the report.
func Drill(act Act, r io.Reader, kek tink.AEAD, folder fs.FS, samples io.Reader) (*DrillReport, error) {
	if err := act.check(); err != nil {
		return nil, err
	}
	b, err := openBackup(r, kek)
	if err != nil {
		return nil, err
	}
	report := &DrillReport{At: keyfile.Now(act.At), By: act.By}
	report.Backup = b.info()
	if err := report.keys(b, folder); err != nil {
		return nil, err
	}
	if err := report.tenants(b, folder); err != nil {
		return nil, err
	}
	if samples != nil {
		if err := report.samples(b, samples); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// keys holds every key of the folder against the backup.
func (r *DrillReport) keys(b *openedBackup, folder fs.FS) error {
	if folder == nil {
		for i := range b.Files {
			r.keyset(b, &b.Files[i])
		}
		return nil
	}
	names, err := keyfile.Names(folder)
	if err != nil {
		return keyringError(err)
	}
	for _, name := range names {
		file, err := keyfile.Read(folder, name)
		if err == nil && file.Policy != b.Policy {
			err = &Error{What: name, Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q, the backup's is %q", file.Policy, b.Policy)}
		}
		if err != nil {
			r.Problems = append(r.Problems, Problem{File: name, Error: keyringError(err).Error()})
			continue
		}
		r.keyset(b, file)
	}
	return nil
}

// keyset holds the keys of a live keyset file against the backup's.
func (r *DrillReport) keyset(b *openedBackup, file *keyfile.File) {
	saved := b.find(file.Zone, file.Use)
	for _, k := range live(file) {
		one := DrillKey{KeyRef: KeyRef{file.Zone, file.Use, k.ID}, State: State(k.State), Result: ResultOpens}
		if keyOf(saved.keys, k.ID) == nil {
			one.Result = ResultMissing
		} else if made, err := file.CheckWitness(saved.keys, k.ID); err != nil {
			one.Result = ResultFails
		} else if !made {
			one.Result = ResultThere
		}
		if one.Result == ResultMissing || one.Result == ResultFails {
			one.Consequence = consequence(file.Use)
		}
		r.Keys = append(r.Keys, one)
	}
}

// find returns a keyset of the backup, without keys when it has none.
func (b *openedBackup) find(zone, use string) opened {
	for i := range b.Files {
		if b.Files[i].Zone == zone && b.Files[i].Use == use {
			return opened{&b.Files[i], b.keys[i]}
		}
	}
	return opened{}
}

// consequence says what the loss of a key of a use means.
func consequence(use string) string {
	switch use {
	case "seal", "stream", "box":
		return "if the folder is lost, what was encrypted with this key is lost for ever; such a loss is itself a reportable event"
	case "token", "index":
		return "if the folder is lost, no value finds its " + use + " of this key again: what was joined or found by it is lost until all are made anew"
	case "tenant":
		return "if the folder is lost, the keys of all tenants derived from this key are lost, and all that was encrypted with them; such a loss is itself a reportable event"
	case "sign":
		return "if the folder is lost, the zone signs nothing until all others have imported a new key"
	}
	return "if the folder is lost, the public key must be imported again from the zone that has the private one"
}

// sample is a line of the samples.
type sample struct {
	Zone   string `json:"zone"`
	Use    string `json:"use"`
	Sealed string `json:"sealed"`
	AD     []byte `json:"ad"`
}

const sampleLimit = 64 << 20 // bytes of a line

// samples opens every sample with the keys of the backup.
func (r *DrillReport) samples(b *openedBackup, samples io.Reader) error {
	lines := bufio.NewScanner(samples)
	lines.Buffer(nil, sampleLimit)
	number := 0
	for lines.Scan() {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		refuse := func(detail string) error {
			return &Error{What: fmt.Sprintf("samples, line %d", number), Reason: ReasonMalformed, Detail: detail}
		}
		var s sample
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil || d.More() {
			return refuse(`want one object with "zone", "use", "sealed" and "ad"`)
		}
		sealed, ok := anyBase64(s.Sealed)
		if !ok || len(sealed) == 0 {
			return refuse(`"sealed" is not base64`)
		}
		if !slices.Contains([]string{"seal", "box", "stream"}, s.Use) {
			return refuse(`"use" is not seal, box or stream: nothing else opens`)
		}
		one := DrillSample{Line: number, Zone: s.Zone, Use: s.Use, Result: ResultOpens}
		if s.Use != "stream" {
			one.Key = crypto.KeyID(sealed)
		}
		saved := b.find(s.Zone, s.Use)
		if saved.keys == nil || one.Key != 0 && keyOf(saved.keys, one.Key) == nil {
			one.Result = ResultMissing
		} else if !opens(saved.keys, s.Use, sealed, s.AD) {
			one.Result = ResultFails
		}
		if one.Result != ResultOpens {
			one.Consequence = consequence(s.Use)
		}
		r.Samples = append(r.Samples, one)
	}
	if err := lines.Err(); err != nil {
		return &Error{What: "samples", Reason: ReasonUnreadable, Err: err}
	}
	return nil
}

// enabled returns the keys with those that are disabled enabled: a drill asks
// whether they are there.
func enabled(h *keyset.Handle) (*keyset.Handle, error) {
	m := keyset.NewManagerFromHandle(h)
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, err
		}
		if err := m.Enable(e.KeyID()); err != nil {
			return nil, err
		}
	}
	return m.Handle()
}

// opens reports whether a sample opens. What is in it is cleared.
func opens(h *keyset.Handle, use string, sealed, ad []byte) bool {
	decrypt := func() ([]byte, error) {
		h, err := enabled(h)
		if err != nil {
			return nil, err
		}
		switch use {
		case "seal":
			a, err := aead.New(h)
			if err != nil {
				return nil, err
			}
			return a.Decrypt(sealed, ad)
		case "box":
			d, err := hybrid.NewHybridDecrypt(h)
			if err != nil {
				return nil, err
			}
			return d.Decrypt(sealed, ad)
		}
		s, err := streamingaead.New(h)
		if err != nil {
			return nil, err
		}
		in, err := s.NewDecryptingReader(bytes.NewReader(sealed), ad)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(in)
	}
	plaintext, err := decrypt()
	clear(plaintext)
	return err == nil
}

// anyBase64 reads base64 of either alphabet, with padding or without.
func anyBase64(s string) ([]byte, bool) {
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	data, err := base64.RawURLEncoding.DecodeString(s)
	return data, err == nil && !strings.ContainsAny(s, "\r\n")
}
