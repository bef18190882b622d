package custody_test

import (
	"bytes"
	standard "crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/signature/ed25519"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

func export(t testing.TB, f *custody.Folder, zone string, n int) *custody.Export {
	t.Helper()
	e, err := f.ExportPublic(act(n), zone)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func take(f *custody.Folder, n int, e *custody.Export) (*custody.Change, error) {
	return f.ImportPublic(act(n), custody.Import{File: bytes.NewReader(e.Data), Fingerprint: e.Fingerprint})
}

// far returns an empty folder, as it is in another building.
func far(t testing.TB, o custody.Options) (*custody.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	o.Policy = "kouki"
	f, err := custody.Open(dir, folderKEK, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, dir
}

// imported returns a folder with the public keys of mynumber.
func imported(t testing.TB) (*custody.Folder, string) {
	t.Helper()
	home, _ := created(t, custody.Options{})
	f, dir := far(t, custody.Options{})
	must(t)(take(f, 1, export(t, home, "mynumber", 1)))
	return f, dir
}

func TestExportAndImport(t *testing.T) {
	home, homeDir := created(t, custody.Options{})
	e := export(t, home, "mynumber", 1)
	if e.Fingerprint != custody.Fingerprint(e.Data) || len(strings.Fields(e.Fingerprint)) != 16 {
		t.Errorf("fingerprint = %q", e.Fingerprint)
	}
	there, dir := far(t, custody.Options{})
	grouped := strings.ToUpper(strings.ReplaceAll(e.Fingerprint, " ", "-")) // as somebody wrote it down
	c := must(t)(there.ImportPublic(act(1), custody.Import{File: bytes.NewReader(e.Data), Fingerprint: grouped}))
	if len(c.Keys) != 2 || names(contents(t, dir)) != "[mynumber.box-public.keyset mynumber.verify.keyset]" {
		t.Errorf("importing did %+v; files %s", c, names(contents(t, dir)))
	}

	public, err := crypto.PublicKeysOf[myNumber](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	box, err := crypto.SealBox(public, []byte("for mynumber"), []byte("info"))
	if err != nil {
		t.Fatal(err)
	}
	keys := keysOf[myNumber](t, homeDir)
	if got, err := crypto.OpenBox(keys, box, []byte("info")); err != nil || string(got) != "for mynumber" {
		t.Errorf("OpenBox = %q, %v", got, err)
	}
	signature, err := crypto.Sign(keys, []byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	if err := crypto.Verify(public, signature, []byte("message")); err != nil {
		t.Error(err)
	}
	if bytes.Contains(e.Data, []byte("witness")) {
		t.Error("the export shows witnesses")
	}
	// Once more does nothing.
	if c := must(t)(take(there, 2, e)); len(c.Keys) != 0 {
		t.Errorf("importing again did %+v", c)
	}
}

// After rotations at home, what was signed before still verifies.
func TestImportFollowsRotation(t *testing.T) {
	home, homeDir := created(t, custody.Options{})
	there, dir := far(t, custody.Options{})
	first := export(t, home, "mynumber", 1)
	must(t)(take(there, 1, first))
	old, err := crypto.Sign(keysOf[myNumber](t, homeDir), []byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	must(t)(home.Stage(act(2), "mynumber", crypto.UseSign))
	staged := export(t, home, "mynumber", 2)
	must(t)(take(there, 2, staged))
	must(t)(home.Rotate(act(3), "mynumber", crypto.UseSign))
	fresh, err := crypto.Sign(keysOf[myNumber](t, homeDir), []byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := crypto.PublicKeysOf[myNumber](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range [][]byte{old, fresh} { // the staged key was imported in time
		if err := crypto.Verify(public, s, []byte("m")); err != nil {
			t.Error(err)
		}
	}
	last := export(t, home, "mynumber", 3)
	c := must(t)(take(there, 3, last))
	if got := states(t, there, "mynumber", crypto.UseVerify); got != "retired active" || len(c.Keys) != 2 {
		t.Errorf("verify keys are %s after %+v", got, c)
	}
	before := contents(t, dir)
	for name, e := range map[string]*custody.Export{"first": first, "staged": staged} {
		_, err := take(there, 4, e)
		if err == nil {
			t.Errorf("the %s export was imported over the last one", name)
		}
		refused(t, err, custody.ReasonOlder)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("refused imports changed the folder (-before +after):\n%s", diff)
	}
}

// A key that was disabled here is not brought back by an import.
func TestImportKeepsDisabled(t *testing.T) {
	home, _ := created(t, custody.Options{})
	there, _ := far(t, custody.Options{})
	must(t)(home.Rotate(act(1), "mynumber", crypto.UseSign))
	must(t)(take(there, 1, export(t, home, "mynumber", 1)))
	must(t)(there.Disable(act(2), "mynumber", crypto.UseVerify, id(t, there, "mynumber", crypto.UseVerify, custody.StateRetired)))
	must(t)(home.Rotate(act(3), "mynumber", crypto.UseSign))
	must(t)(take(there, 3, export(t, home, "mynumber", 3)))
	if got := states(t, there, "mynumber", crypto.UseVerify); got != "disabled retired active" {
		t.Errorf("verify keys are %s", got)
	}
}

func TestDestroyedKeysAreExportedAsSuch(t *testing.T) {
	home, _ := created(t, custody.Options{})
	there, dir := far(t, custody.Options{})
	must(t)(take(there, 1, export(t, home, "mynumber", 1)))
	first := id(t, home, "mynumber", crypto.UseSign, custody.StateActive)
	must(t)(home.Rotate(act(2), "mynumber", crypto.UseSign))
	if _, err := home.Destroy(act(3), custody.Destruction{Zone: "mynumber", Use: crypto.UseSign, ID: first}); err != nil {
		t.Fatal(err)
	}
	must(t)(take(there, 4, export(t, home, "mynumber", 4)))
	if got := states(t, there, "mynumber", crypto.UseVerify); got != "destroyed active" {
		t.Errorf("verify keys are %s", got)
	}
	ring(t, dir)
}

func TestImportRefuses(t *testing.T) {
	home, _ := created(t, custody.Options{})
	e := export(t, home, "mynumber", 1)
	t.Run("another fingerprint", func(t *testing.T) {
		there, dir := far(t, custody.Options{})
		for _, fp := range []string{"", strings.Repeat("0", 64), e.Fingerprint[:60], custody.Fingerprint(nil)} {
			_, err := there.ImportPublic(act(1), custody.Import{File: bytes.NewReader(e.Data), Fingerprint: fp})
			refused(t, err, custody.ReasonFingerprint)
		}
		if got := contents(t, dir); len(got) > 0 {
			t.Errorf("files are left: %s", names(got))
		}
	})
	t.Run("private keys are here", func(t *testing.T) {
		_, err := take(home, 1, e)
		refused(t, err, custody.ReasonPrivate)
	})
	t.Run("private keys for an imported zone", func(t *testing.T) {
		there, _ := far(t, custody.Options{})
		must(t)(take(there, 1, e))
		_, err := there.Create(act(2), custody.Creation{Zones: []string{"mynumber"}})
		refused(t, err, custody.ReasonPrivate)
	})
	t.Run("somebody else's keys of that name", func(t *testing.T) {
		there, _ := far(t, custody.Options{})
		must(t)(take(there, 1, e))
		stranger, _ := created(t, custody.Options{})
		_, err := take(there, 2, export(t, stranger, "mynumber", 2))
		refused(t, err, custody.ReasonOlder)
	})
	t.Run("another policy", func(t *testing.T) {
		other, dir := far(t, custody.Options{})
		other.Close()
		g, err := custody.Open(dir, folderKEK, custody.Options{Policy: "zeimu"})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		_, err = take(g, 1, e)
		refused(t, err, custody.ReasonPolicy)
		_, err = g.ImportPublic(act(1), custody.Import{File: bytes.NewReader(e.Data), Fingerprint: e.Fingerprint, FromPolicy: "nikoku"})
		refused(t, err, custody.ReasonPolicy)
		c, err := g.ImportPublic(act(1), custody.Import{File: bytes.NewReader(e.Data), Fingerprint: e.Fingerprint, FromPolicy: "kouki"})
		if err != nil || c.Policy != "zeimu" {
			t.Errorf("import from a named policy: %+v, %v", c, err)
		}
	})
	t.Run("nothing to export", func(t *testing.T) {
		there, _ := far(t, custody.Options{})
		must(t)(take(there, 1, e))
		_, err := there.ExportPublic(act(2), "mynumber")
		refused(t, err, custody.ReasonNothing)
	})
}

// Another key under the id of one that is known here.
func TestImportComparesKeys(t *testing.T) {
	home, _ := created(t, custody.Options{})
	there, dir := far(t, custody.Options{})
	e := export(t, home, "mynumber", 1)
	must(t)(take(there, 1, e))
	before := contents(t, dir)
	p, err := ed25519.NewParameters(ed25519.VariantTink)
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := standard.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key := id(t, there, "mynumber", crypto.UseVerify, custody.StateActive)
	k, err := ed25519.NewPublicKey(public, key, p)
	if err != nil {
		t.Fatal(err)
	}
	m := keyset.NewManager()
	if _, err := m.AddKey(k); err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrimary(key); err != nil {
		t.Fatal(err)
	}
	h, err := m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := h.WriteWithNoSecrets(keyset.NewBinaryWriter(&buf)); err != nil {
		t.Fatal(err)
	}
	data := edited(t, e.Data, func(m map[string]any) { m["keysets"].([]any)[1].(map[string]any)["keyset"] = buf.Bytes() })
	_, err = there.ImportPublic(act(2), custody.Import{File: bytes.NewReader(data), Fingerprint: custody.Fingerprint(data)})
	refused(t, err, custody.ReasonOlder)
	if !strings.Contains(err.Error(), "another key") {
		t.Errorf("err = %v", err)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder was changed (-before +after):\n%s", diff)
	}
}

// The fingerprint is all that vouches for an export; what is inside is checked
// all the same, for somebody may read out the fingerprint of anything.
func TestImportChecksWhatIsInside(t *testing.T) {
	home, _ := created(t, custody.Options{})
	e := export(t, home, "mynumber", 1)
	for name, edit := range map[string]func(map[string]any){
		"a private use":        func(m map[string]any) { m["keysets"].([]any)[0].(map[string]any)["use"] = "box" },
		"one keyset twice":     func(m map[string]any) { m["keysets"].([]any)[1] = m["keysets"].([]any)[0] },
		"no keysets":           func(m map[string]any) { m["keysets"] = []any{} },
		"swapped keysets":      swapUses,
		"no keys":              func(m map[string]any) { m["keysets"].([]any)[0].(map[string]any)["keyset"] = "" },
		"a path for a zone":    func(m map[string]any) { m["zone"] = "../x" },
		"no policy":            func(m map[string]any) { m["policy"] = "" },
		"no name":              func(m map[string]any) { m["by"] = "a b" },
		"another format":       func(m map[string]any) { m["sekisho-public"] = 2 },
		"a key of no state":    func(m map[string]any) { firstKey(m)["state"] = "lost" },
		"a key that is next":   func(m map[string]any) { firstKey(m)["state"] = "next" },
		"another algorithm":    func(m map[string]any) { firstKey(m)["algorithm"] = "HPKE-X-WING-AES-256-GCM" },
		"a key that is not in": func(m map[string]any) { firstKey(m)["id"] = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			there, dir := far(t, custody.Options{})
			data := edited(t, e.Data, edit)
			_, err := there.ImportPublic(act(1), custody.Import{File: bytes.NewReader(data), Fingerprint: custody.Fingerprint(data)})
			var e *custody.Error
			var k *crypto.KeyringError
			if !errors.As(err, &e) && !errors.As(err, &k) {
				t.Fatalf("err = %v, want a typed one", err)
			}
			if got := contents(t, dir); len(got) > 0 {
				t.Errorf("files are left: %s", names(got))
			}
		})
	}
}

func firstKey(m map[string]any) map[string]any {
	return m["keysets"].([]any)[0].(map[string]any)["keys"].([]any)[0].(map[string]any)
}

func swapUses(m map[string]any) {
	a, b := m["keysets"].([]any)[0].(map[string]any), m["keysets"].([]any)[1].(map[string]any)
	a["use"], b["use"] = b["use"], a["use"]
}

// edited changes a field of a document and writes it in its canonical order.
func edited(t testing.TB, data []byte, edit func(map[string]any)) []byte {
	t.Helper()
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	edit(m)
	again, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var p custody.Public
	if err := json.Unmarshal(again, &p); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}
