package custody_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/kek"
)

var custodians = []string{"sato", "suzuki"}

func backup(t testing.TB, f *custody.Folder, n int) []byte {
	t.Helper()
	var buf bytes.Buffer
	if _, err := f.Backup(act(n), &buf, backupKEK, custodians); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// newKEK is the key-encryption key of the place that a backup is restored to.
const newKEK fixedKEK = 'n'

func restore(t testing.TB, dir string, data []byte) (*custody.Restoration, error) {
	t.Helper()
	f, err := custody.Make(dir, folderKEK, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Restore(act(30), bytes.NewReader(data), backupKEK)
}

func TestBackupAndRestore(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := sealed(t, dir, "old")
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	fresh := sealed(t, dir, "new")
	data := backup(t, f, 2)

	to := filepath.Join(t.TempDir(), "restored")
	g, err := custody.Make(to, newKEK, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	r, err := g.Restore(act(30), bytes.NewReader(data), backupKEK)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Restored) != 12 || len(r.Keys) != 13 || len(r.Kept)+len(r.Replaced)+len(r.Erased) != 0 || r.Policy != "kouki" || r.Backup.Custodians[1] != "suzuki" {
		t.Errorf("restoring did %+v", r)
	}
	ring, err := crypto.OpenKeyring(os.DirFS(to), newKEK, crypto.WithClock(func() time.Time { return day(3) }))
	if err != nil {
		t.Fatal(err)
	}
	k, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]crypto.Sealed[myNumber, group]{"old": old, "new": fresh} {
		if got, err := crypto.Open(k, s, []byte("ad")); err != nil || string(got) != want {
			t.Errorf("Open = %q, %v, want %q", got, err, want)
		}
	}
	// The folder knows the backup it came from.
	list, err := g.Backups(act(31))
	if err != nil || len(list) != 1 || list[0].ID != r.Backup.ID || len(list[0].Keys) != 13 {
		t.Errorf("backups on record: %+v, %v", list, err)
	}
}

// A restored folder knows all backups that were on record, so that certificates
// name them.
func TestRestoreRemembersEarlierBackups(t *testing.T) {
	f, _ := created(t, custody.Options{})
	backup(t, f, 1)
	data := backup(t, f, 2)
	dir := t.TempDir()
	if _, err := restore(t, dir, data); err != nil {
		t.Fatal(err)
	}
	list, err := reopened(t, dir, folderKEK).Backups(act(31))
	if err != nil || len(list) != 2 || !list[0].Made.Equal(day(1)) || !list[1].Made.Equal(day(2)) {
		t.Errorf("backups on record: %+v, %v", list, err)
	}
}

// Two people hold the key of a backup; neither opens it alone.
func TestBackupOfTwo(t *testing.T) {
	f, _ := created(t, custody.Options{})
	a, b := fixedKEK('1'), fixedKEK('2')
	both, err := kek.Both(a, b)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if _, err := f.Backup(act(1), &buf, both, custodians); err != nil {
		t.Fatal(err)
	}
	again, err := kek.Both(b, a)
	if err != nil {
		t.Fatal(err)
	}
	for name, alone := range map[string]tink.AEAD{"the first": a, "the second": b, "both in another order": again, "nobody": nil} {
		_, err := custody.Drill(act(2), bytes.NewReader(buf.Bytes()), alone, nil, nil)
		if err == nil {
			t.Errorf("%s opens the backup", name)
			continue
		}
		refused(t, err, custody.ReasonLocked)
	}
	if r, err := custody.Drill(act(2), bytes.NewReader(buf.Bytes()), both, nil, nil); err != nil || !r.OK() {
		t.Errorf("both together: %+v, %v", r, err)
	}
	info, err := custody.InspectBackup(bytes.NewReader(buf.Bytes()))
	if err != nil || info.Custodians[0] != "sato" || len(info.Keys) != 12 {
		t.Errorf("InspectBackup = %+v, %v", info, err)
	}
}

func TestBackupRefuses(t *testing.T) {
	f, dir := created(t, custody.Options{})
	before := contents(t, dir)
	for _, tc := range []struct {
		name   string
		kek    tink.AEAD
		people []string
		want   func(error)
	}{
		{"one custodian", backupKEK, []string{"sato"}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"no custodian", backupKEK, nil, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"one custodian twice", backupKEK, []string{"sato", "sato"}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"a custodian without a name", backupKEK, []string{"sato", ""}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"the key-encryption key of the folder", folderKEK, custodians, func(err error) { refused(t, err, custody.ReasonSame) }},
		{"no key-encryption key", nil, custodians, func(err error) { broken(t, err, "", crypto.ReasonKEK) }},
		{"one that ignores associated data", deafKEK{}, custodians, func(err error) { broken(t, err, "", crypto.ReasonUnbound) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var buf bytes.Buffer
			_, err := f.Backup(act(1), &buf, tc.kek, tc.people)
			tc.want(err)
			if buf.Len() > 0 {
				t.Errorf("%d bytes were written", buf.Len())
			}
		})
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder was changed (-before +after):\n%s", diff)
	}

	// What could not be written whole stays on record.
	_, err := f.Backup(act(1), failingWriter{}, backupKEK, custodians)
	refused(t, err, custody.ReasonUnwritable)
	if list, err := f.Backups(act(2)); err != nil || len(list) != 1 {
		t.Errorf("backups on record: %+v, %v", list, err)
	}
	// A folder with a damaged keyset is not backed up: the damage would be hidden.
	if err := os.WriteFile(filepath.Join(dir, "lgwan.seal.keyset"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = f.Backup(act(1), new(bytes.Buffer), backupKEK, custodians)
	broken(t, err, "lgwan.seal.keyset", crypto.ReasonMalformed)

	empty, _ := far(t, custody.Options{})
	_, err = empty.Backup(act(1), new(bytes.Buffer), backupKEK, custodians)
	refused(t, err, custody.ReasonNothing)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, iotest.ErrTimeout }

// Restoring completes a folder: what is missing or damaged comes back, what is
// good stays, also when it is newer.
func TestRestoreCompletes(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := sealed(t, dir, "old")
	data := backup(t, f, 1)
	must(t)(f.Rotate(act(2), "mynumber", crypto.UseSeal))
	newer := contents(t, dir)
	damaged := newer["lgwan.token.keyset"][:100]
	os.Remove(filepath.Join(dir, "lgwan.seal.keyset"))
	os.Remove(filepath.Join(dir, "backups.json"))
	if err := os.WriteFile(filepath.Join(dir, "lgwan.token.keyset"), []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := restore(t, dir, data)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(r.Restored, r.Replaced, len(r.Kept)) != "[lgwan.seal.keyset] [lgwan.token.keyset] 10" {
		t.Errorf("restoring did %+v", r)
	}
	after := contents(t, dir)
	aside := ""
	for name, data := range after {
		if strings.HasSuffix(name, ".damaged") {
			aside = data
		}
	}
	if aside != damaged {
		t.Errorf("the damaged file is not kept: %s", names(after))
	}
	if after["mynumber.seal.keyset"] != newer["mynumber.seal.keyset"] {
		t.Error("a good file was touched")
	}
	opensTo(t, dir, old, "old")
	if r, err := restore(t, dir, data); err != nil || len(r.Restored)+len(r.Replaced) != 0 || len(r.Kept) != 12 {
		t.Errorf("restoring again did %+v, %v", r, err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	f, dir := created(t, custody.Options{})
	data := backup(t, f, 1)
	before := contents(t, dir)
	os.Remove(filepath.Join(dir, "lgwan.seal.keyset"))
	delete(before, "lgwan.seal.keyset")

	g := reopened(t, dir, newKEK)
	_, err := g.Restore(act(2), bytes.NewReader(data), backupKEK)
	broken(t, err, "lgwan.box.keyset", crypto.ReasonLocked)
	_, err = f.Restore(act(2), bytes.NewReader(data), newKEK)
	refused(t, err, custody.ReasonLocked)
	_, err = f.Restore(act(2), bytes.NewReader(data), nil)
	refused(t, err, custody.ReasonLocked)
	_, err = f.Restore(act(2), iotest.ErrReader(iotest.ErrTimeout), backupKEK)
	refused(t, err, custody.ReasonUnreadable)
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder was changed (-before +after):\n%s", diff)
	}

	other, err := custody.Open(t.TempDir(), folderKEK, custody.Options{Policy: "zeimu"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = other.Restore(act(2), bytes.NewReader(data), backupKEK)
	refused(t, err, custody.ReasonPolicy)
}

// A backup does not bring back what was destroyed with a certificate.
func TestRestoreDoesNotResurrect(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := sealed(t, dir, "old")
	first := backup(t, f, 1) // the key is active in it
	must(t)(f.Rotate(act(2), "mynumber", crypto.UseSeal))
	fresh := sealed(t, dir, "new")
	second := backup(t, f, 3) // the key is retired in it
	if _, err := f.Destroy(act(4), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: old.KeyID()}); err != nil {
		t.Fatal(err)
	}
	files := contents(t, dir)
	delete(files, "mynumber.seal.keyset")

	dir = put(t, files)
	r, err := restore(t, dir, second)
	if err != nil {
		t.Fatal(err)
	}
	if want := []custody.KeyRef{{Zone: "mynumber", Use: "seal", ID: old.KeyID()}}; !cmp.Equal(want, r.Erased) {
		t.Errorf("erased = %v, want %v", r.Erased, want)
	}
	opensTo(t, dir, fresh, "new")
	opensNot(t, dir, old)
	if s, err := reopened(t, dir, folderKEK).Status(day(5)); err != nil || !s.Keys[6].Destroyed.Equal(day(4)) {
		t.Errorf("the key was destroyed at %v, want the time of the certificate", s.Keys[6].Destroyed)
	}

	dir = put(t, files)
	if _, err := restore(t, dir, first); err != nil {
		t.Fatal(err)
	}
	// The key that came after it is in no file now, and the status says so.
	s := status(t, reopened(t, dir, folderKEK), 5)
	if len(s.Problems) != 1 || s.Problems[0].File != "mynumber.seal.keyset" {
		t.Errorf("problems = %+v", s.Problems)
	}
	if k := of(t, s, "mynumber", "seal", custody.StateDestroyed); k.ID != old.KeyID() {
		t.Errorf("key %d is destroyed, want %d", k.ID, old.KeyID())
	}
	opensNot(t, dir, old)
}

// A damaged list of backups is kept aside, and the backup's own takes its place.
func TestRestoreLedger(t *testing.T) {
	f, dir := created(t, custody.Options{})
	backup(t, f, 1)
	data := backup(t, f, 2)
	path := filepath.Join(dir, "backups.json")
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Rotate(act(3), "mynumber", crypto.UseSeal); err != nil {
		t.Fatalf("a rotation does not need the list: %v", err)
	}
	if _, err := restore(t, dir, data); err != nil {
		t.Fatal(err)
	}
	if list, err := f.Backups(act(31)); err != nil || len(list) != 2 {
		t.Errorf("backups on record: %+v, %v", list, err)
	}
	for name, data := range contents(t, dir) {
		if strings.HasPrefix(name, ".backups.json.") && data == "damaged" {
			return
		}
	}
	t.Errorf("the damaged list is not kept: %s", names(contents(t, dir)))
}

// A crash in the middle of a destruction, and damage to the keyset on top of it:
// the certificate that is not settled is not in the way.
func TestRestoreAfterCrashAndDamage(t *testing.T) {
	f, dir := created(t, custody.Options{})
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	data := backup(t, f, 2)
	key := id(t, f, "mynumber", crypto.UseSeal, custody.StateRetired)
	if _, err := f.Destroy(act(3), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: key}); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("mynumber.seal.%d.erasure", key)
	files := contents(t, dir)
	files["."+name+".pending"] = files[name]
	delete(files, name)
	files["mynumber.seal.keyset"] = "damaged"
	dir = put(t, files)
	if r, err := restore(t, dir, data); err != nil || len(r.Replaced) != 1 {
		t.Fatalf("restoring did %+v, %v", r, err)
	}
	ring(t, dir)
}

// When the erased key was the active one, the youngest that opens takes its place.
func TestRestoreWithoutTheActiveKey(t *testing.T) {
	f, dir := created(t, custody.Options{})
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	active := id(t, f, "mynumber", crypto.UseSeal, custody.StateActive)
	data := backup(t, f, 2)
	must(t)(f.Rotate(act(3), "mynumber", crypto.UseSeal))
	if _, err := f.Destroy(act(4), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: active}); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "mynumber.seal.keyset"))
	if _, err := restore(t, dir, data); err != nil {
		t.Fatal(err)
	}
	if got := states(t, f, "mynumber", crypto.UseSeal); got != "active destroyed" {
		t.Errorf("keys are %s", got)
	}
	ring(t, dir)
}

func TestDrill(t *testing.T) {
	f, dir := created(t, custody.Options{})
	s := sealed(t, dir, "value")
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	must(t)(f.Disable(act(2), "mynumber", crypto.UseSeal, s.KeyID()))
	k := keysOf[myNumber](t, dir)
	public, err := crypto.PublicKeysOf[myNumber](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	box, err := crypto.SealBox(public, []byte("x"), []byte("info"))
	if err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	w, err := crypto.EncryptTo(k, &stream, []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("x"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	line := func(use string, sealed []byte, ad string) string {
		return fmt.Sprintf(`{"zone":"mynumber","use":%q,"sealed":%q,"ad":%q}`+"\n", use, base64.StdEncoding.EncodeToString(sealed), base64.StdEncoding.EncodeToString([]byte(ad)))
	}
	text, _ := s.MarshalText()
	samples := line("seal", s.Bytes(), "ad") +
		fmt.Sprintf(`{"zone":"mynumber","use":"seal","sealed":%q,"ad":"YWQ="}`, text) + "\n\n" +
		line("box", box, "info") + line("stream", stream.Bytes(), "ad") +
		line("seal", s.Bytes(), "another") + line("box", s.Bytes(), "ad")

	data := backup(t, f, 3)
	before := contents(t, dir)
	r, err := custody.Drill(act(4), bytes.NewReader(data), backupKEK, os.DirFS(dir), strings.NewReader(samples))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Keys) != 13 || r.Keys[0].Result != custody.ResultOpens || r.By != "k.sato" {
		t.Errorf("drill = %+v", r)
	}
	var got []string
	for _, s := range r.Samples {
		got = append(got, fmt.Sprintf("%d %s", s.Line, s.Result))
	}
	if want := "[1 opens 2 opens 4 opens 5 opens 6 fails 7 missing]"; fmt.Sprint(got) != want {
		t.Errorf("samples = %v, want %s", got, want)
	}
	if r.OK() || !strings.Contains(r.Samples[4].Consequence, "reportable") {
		t.Errorf("a sample that fails does not fail the drill: %+v", r.Samples[4])
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the drill changed the folder (-before +after):\n%s", diff)
	}
}

// A backup that is older than a key fails the drill, and says what that means.
func TestDrillFindsWhatIsMissing(t *testing.T) {
	f, dir := created(t, custody.Options{})
	data := backup(t, f, 1)
	drill := func() *custody.DrillReport {
		t.Helper()
		r, err := custody.Drill(act(5), bytes.NewReader(data), backupKEK, os.DirFS(dir), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := drill(); !r.OK() {
		t.Fatalf("drill = %+v", r)
	}
	must(t)(f.Rotate(act(2), "mynumber", crypto.UseStream))
	r := drill()
	missing := 0
	for _, k := range r.Keys {
		if k.Result == custody.ResultMissing {
			missing++
			if k.Use != "stream" || !strings.Contains(k.Consequence, "lost for ever") {
				t.Errorf("missing: %+v", k)
			}
		}
	}
	if missing != 1 || r.OK() {
		t.Errorf("drill = %+v, want one key missing", r)
	}

	// Another folder's keys are not in it, whatever their names.
	stranger, strangers := created(t, custody.Options{})
	_ = stranger
	if r, err := custody.Drill(act(5), bytes.NewReader(data), backupKEK, os.DirFS(strangers), nil); err != nil || r.OK() {
		t.Errorf("drill against another folder = %+v, %v", r, err)
	}
	// A header with another witness: the backup's key of that id is another key.
	files := contents(t, dir)
	cut := strings.Index(files["lgwan.seal.keyset"], `"witness": "`) + len(`"witness": "`) + 10
	files["lgwan.seal.keyset"] = flipLetter(files["lgwan.seal.keyset"], cut)
	r, err := custody.Drill(act(5), bytes.NewReader(data), backupKEK, os.DirFS(put(t, files)), nil)
	if err != nil || !hasResult(r, custody.ResultFails) {
		t.Errorf("drill against another witness = %+v, %v", r, err)
	}
	// A damaged file in the folder is a problem, and not a reason to say nothing.
	files["lgwan.seal.keyset"] = "{"
	r, err = custody.Drill(act(5), bytes.NewReader(data), backupKEK, os.DirFS(put(t, files)), nil)
	if err != nil || len(r.Problems) != 1 || r.OK() {
		t.Errorf("drill with a damaged file = %+v, %v", r, err)
	}
}

func hasResult(r *custody.DrillReport, want custody.Result) bool {
	for _, k := range r.Keys {
		if k.Result == want {
			return true
		}
	}
	return false
}

// flipLetter changes one letter of base64 into another.
func flipLetter(s string, at int) string {
	b := []byte(s)
	if b[at]++; b[at] == 'Z'+1 || b[at] == 'z'+1 || b[at] == '9'+1 || b[at] == '+'+1 {
		b[at] = 'A'
	}
	return string(b)
}

func TestDrillRefusesSamples(t *testing.T) {
	f, _ := created(t, custody.Options{})
	data := backup(t, f, 1)
	for name, line := range map[string]string{
		"no JSON":          "x",
		"an unknown field": `{"zone":"mynumber","use":"seal","sealed":"AAAA","ad":"","plain":"x"}`,
		"a token":          `{"zone":"mynumber","use":"token","sealed":"AAAA","ad":""}`,
		"no base64":        `{"zone":"mynumber","use":"seal","sealed":"~","ad":""}`,
		"nothing sealed":   `{"zone":"mynumber","use":"seal","sealed":"","ad":""}`,
		"two objects":      `{"zone":"m","use":"seal","sealed":"AAAA","ad":""} {}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := custody.Drill(act(1), bytes.NewReader(data), backupKEK, nil, strings.NewReader(line))
			refused(t, err, custody.ReasonMalformed)
			if strings.Contains(err.Error(), "plain") || strings.Contains(err.Error(), "AAAA") {
				t.Errorf("err = %v shows the input", err)
			}
		})
	}
	_, err := custody.Drill(act(1), bytes.NewReader(data), backupKEK, nil, iotest.ErrReader(iotest.ErrTimeout))
	refused(t, err, custody.ReasonUnreadable)
	if !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("err = %v, want what the reader said in it", err)
	}
	_, err = custody.Drill(custody.Act{}, bytes.NewReader(data), backupKEK, nil, nil)
	refused(t, err, custody.ReasonOperator)
}
