package custody_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// union returns a folder with the keys of one zone and two tenants.
func union(t testing.TB) (*custody.Folder, string) {
	t.Helper()
	f, dir := small(t)
	must(t)(f.Create(act(0), custody.Creation{Zones: []string{"mynumber"}, Uses: []crypto.Use{crypto.UseTenant}}))
	s := tenants(t, f, dir, folderKEK, 0)
	if err := errors.Join(s.Create("131016"), s.Create("131024")); err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// tenants opens the tenants of a folder as a program does, on a day.
func tenants(t testing.TB, f *custody.Folder, dir string, kek tink.AEAD, n int) *tenant.Set {
	t.Helper()
	now := func() time.Time { return day(n) }
	r, err := crypto.OpenKeyring(os.DirFS(dir), kek, crypto.WithClock(now))
	if err != nil {
		t.Fatal(err)
	}
	s, err := tenant.Open(dir, r, kek, tenant.WithClock(now), tenant.WithBackups(f.TenantBackups))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// token is what a tenant's keys make of a value, or why they make nothing.
func token(t testing.TB, s *tenant.Set, name string) (string, error) {
	t.Helper()
	r, err := s.Keyring(name)
	if err != nil {
		return "", err
	}
	k, err := crypto.KeysOf[myNumber](r)
	if err != nil {
		t.Fatal(err)
	}
	x, err := crypto.MakeIndex[group](k, crypto.NewScope("r", "T", "f"), []byte("value"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := x.MarshalText()
	return string(text), err
}

func destroyTenant(t testing.TB, s *tenant.Set, name string) tenant.Certificate {
	t.Helper()
	c, err := s.Destroy(name, "k.sato")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func isDestroyed(t testing.TB, s *tenant.Set, name string) {
	t.Helper()
	var e *tenant.DestroyedError
	if _, err := token(t, s, name); !errors.As(err, &e) {
		t.Errorf("the keys of %s: err = %v, want that they were destroyed", name, err)
	}
}

func refusedTenant(t testing.TB, what string, err error, reason crypto.Reason) {
	t.Helper()
	var e *tenant.FileError
	if !errors.As(err, &e) || e.Reason != reason {
		t.Errorf("%s: err = %v, want a *tenant.FileError for reason %v", what, err, reason)
	}
}

// A backup carries the tenants: those that live open elsewhere what they made here,
// and one that was destroyed stays so.
func TestTenantsComeBack(t *testing.T) {
	f, dir := union(t)
	s := tenants(t, f, dir, folderKEK, 1)
	want, err := token(t, s, "131016")
	if err != nil {
		t.Fatal(err)
	}
	destroyTenant(t, s, "131024")
	data := backup(t, f, 2)

	to := t.TempDir()
	g, err := custody.Open(to, newKEK, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	r, err := g.Restore(act(3), bytes.NewReader(data), backupKEK)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Restored) != 5 || !slices.Equal(r.Backup.Tenants, []string{"131016"}) || len(r.ErasedTenants)+len(r.Undone) > 0 {
		t.Errorf("restoring did %+v", r)
	}
	there := tenants(t, g, to, newKEK, 3)
	if got, err := token(t, there, "131016"); got != want || err != nil {
		t.Errorf("restored, the tenant makes %s, %v, want %s", got, err, want)
	}
	isDestroyed(t, there, "131024")
	// The other folder's files are under another key-encryption key, and of one key.
	d, err := custody.Drill(act(4), bytes.NewReader(data), backupKEK, os.DirFS(to), nil)
	if err != nil || !d.OK() || len(d.Tenants) != 1 {
		t.Errorf("drill against what was restored = %+v, %v", d, err)
	}
	info, err := custody.InspectBackup(bytes.NewReader(data))
	if err != nil || !slices.Equal(info.Tenants, []string{"131016"}) {
		t.Errorf("InspectBackup = %+v, %v", info, err)
	}
}

// Restoring never touches a good file, brings back what is missing or damaged, and
// resurrects nobody.
func TestRestoreTenants(t *testing.T) {
	f, dir := union(t)
	data := backup(t, f, 1)
	good := contents(t, dir)
	s := tenants(t, f, dir, folderKEK, 2)
	first, err := token(t, s, "131016")
	if err != nil {
		t.Fatal(err)
	}
	destroyTenant(t, s, "131024")
	gone := contents(t, dir)
	const lives, dead, certificate = "131016.tenant", "131024.tenant", "131024.tenant.erasure"
	for _, tc := range []struct {
		name   string
		change func(map[string]string)
		want   string // restored, replaced, erased
	}{
		{"everything is good", func(map[string]string) {}, "[] [] []"},
		{"a file is gone", func(m map[string]string) { delete(m, lives) }, "[131016.tenant] [] []"},
		{"a file is damaged", func(m map[string]string) { m[lives] = m[lives][1:] }, "[] [131016.tenant] []"},
		{"a file was renamed", func(m map[string]string) { m[lives] = good[dead] }, "[] [131016.tenant] []"},
		{"the tombstone is gone", func(m map[string]string) { delete(m, dead) }, "[131024.tenant] [] [131024]"},
		{"the tombstone is damaged", func(m map[string]string) { m[dead] = "{" }, "[] [131024.tenant] [131024]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := maps.Clone(gone)
			tc.change(files)
			at := put(t, files)
			r, err := restore(t, at, data)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(r.Restored, r.Replaced, r.ErasedTenants); got != tc.want {
				t.Errorf("restored, replaced, erased: %s, want %s", got, tc.want)
			}
			after := contents(t, at)
			if files[lives] == gone[lives] && after[lives] != gone[lives] || files[dead] == gone[dead] && after[dead] != gone[dead] {
				t.Error("a good file was touched")
			}
			aside := ""
			for name, text := range after {
				if strings.HasSuffix(name, ".damaged") {
					aside += text
				}
			}
			want := ""
			for _, name := range r.Replaced {
				want += files[name]
			}
			if aside != want {
				t.Errorf("kept aside: %q, want %q", aside, want)
			}
			there := tenants(t, reopened(t, at, folderKEK), at, folderKEK, 31)
			if got, err := token(t, there, "131016"); got != first || err != nil {
				t.Errorf("the tenant makes %s, %v, want %s", got, err, first)
			}
			isDestroyed(t, there, "131024")
			c := destroyTenant(t, there, "131024") // its certificate is the same, and what was kept aside is no key of it
			if !c.Destroyed.Equal(day(2)) || c.By != "k.sato" {
				t.Errorf("the certificate is now %+v", c)
			}
		})
	}
	for _, tc := range []struct {
		name   string
		change func(map[string]string)
		reason crypto.Reason
	}{
		{"a certificate that is none", func(m map[string]string) { delete(m, dead); m[certificate] = m[certificate][1:] }, crypto.ReasonMalformed},
		{"a certificate of another tenant", func(m map[string]string) {
			delete(m, dead)
			m[certificate] = strings.Replace(m[certificate], "131024", "131025", 1)
		}, crypto.ReasonMalformed},
		{"a certificate of another policy", func(m map[string]string) {
			delete(m, dead)
			m[certificate] = strings.Replace(m[certificate], "kouki", "kokuho", 1)
		}, crypto.ReasonPolicy},
		{"a tombstone that was not sealed here", func(m map[string]string) { m[dead] = strings.Replace(m[dead], "k.sato", "k.kato", 1) }, crypto.ReasonLocked},
		{"a tenant under another key", func(m map[string]string) { m[lives] = strings.Replace(m[lives], "2026", "2025", 1) }, crypto.ReasonLocked},
		{"a tenant of another policy", func(m map[string]string) { m[lives] = strings.Replace(m[lives], "kouki", "kokuho", 1) }, crypto.ReasonPolicy},
		{"a later format", func(m map[string]string) {
			m[lives] = strings.Replace(m[lives], `"sekisho-tenant": 1`, `"sekisho-tenant": 2`, 1)
		}, crypto.ReasonFormat},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := maps.Clone(gone)
			delete(files, "mynumber.seal.keyset") // which stays away too
			tc.change(files)
			at := put(t, files)
			_, err := restore(t, at, data)
			refusedTenant(t, "Restore", err, tc.reason)
			if diff := cmp.Diff(files, contents(t, at)); diff != "" {
				t.Errorf("the folder was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// A file that was put back after its tenant was destroyed is not touched and told.
func TestRestoreTellsWhatWasUndone(t *testing.T) {
	f, dir := union(t)
	before := contents(t, dir)
	destroyTenant(t, tenants(t, f, dir, folderKEK, 1), "131024")
	data := backup(t, f, 2)
	at := put(t, before)
	r, err := restore(t, at, data)
	if err != nil || !slices.Equal(r.Undone, []string{"131024"}) || contents(t, at)["131024.tenant"] != before["131024.tenant"] {
		t.Errorf("restoring did %+v, %v", r, err)
	}
}

func TestDrillTenants(t *testing.T) {
	f, dir := union(t)
	data := backup(t, f, 1)
	drill := func(dir string) *custody.DrillReport {
		t.Helper()
		r, err := custody.Drill(act(5), bytes.NewReader(data), backupKEK, os.DirFS(dir), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	check := func(what string, r *custody.DrillReport, ok bool, want string) {
		t.Helper()
		var got []string
		for _, one := range r.Tenants {
			got = append(got, one.Tenant+" "+string(one.Result))
			if (one.Result != custody.ResultOpens) != strings.Contains(one.Consequence, "lost for ever") {
				t.Errorf("%s: %+v", what, one)
			}
		}
		if r.OK() != ok || fmt.Sprint(got) != want {
			t.Errorf("%s: OK is %t, tenants are %v, problems %v, want %t, %s", what, r.OK(), got, r.Problems, ok, want)
		}
	}
	check("as it was", drill(dir), true, "[131016 opens 131024 opens]")
	alone, err := custody.Drill(act(5), bytes.NewReader(data), backupKEK, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	check("alone", alone, true, "[131016 opens 131024 opens]")

	if err := tenants(t, f, dir, folderKEK, 2).Create("131032"); err != nil {
		t.Fatal(err)
	}
	check("one more", drill(dir), false, "[131016 opens 131024 opens 131032 missing]")
	destroyTenant(t, tenants(t, f, dir, folderKEK, 2), "131032")
	check("and destroyed", drill(dir), true, "[131016 opens 131024 opens]")

	// A tenant of the same name and age in another folder has another key.
	_, other := union(t)
	files := contents(t, dir)
	files["131024.tenant"] = contents(t, other)["131024.tenant"]
	check("another key", drill(put(t, files)), false, "[131016 opens 131024 fails]")
	files["131024.tenant"] = "{"
	r := drill(put(t, files))
	check("damaged", r, false, "[131016 opens]")
	if len(r.Problems) != 1 || r.Problems[0].File != "131024.tenant" {
		t.Errorf("problems = %+v", r.Problems)
	}
	files["131024.tenant"] = strings.Replace(contents(t, dir)["131024.tenant"], "kouki", "kokuho", 1)
	check("of another policy", drill(put(t, files)), false, "[131016 opens]")
}

// The certificate names the backups that still hold the key, until they are gone.
func TestTenantCertificate(t *testing.T) {
	f, dir := union(t)
	var buf bytes.Buffer
	b, err := f.Backup(act(1), &buf, backupKEK, custodians)
	if err != nil || !slices.Equal(b.Tenants, []string{"131016", "131024"}) {
		t.Fatalf("backup = %+v, %v", b, err)
	}
	s := tenants(t, f, dir, folderKEK, 2)
	c := destroyTenant(t, s, "131024")
	backup(t, f, 3) // does not hold it
	want := []tenant.BackupRef{{ID: b.ID, Made: b.Made, Custodians: custodians}}
	if diff := cmp.Diff(want, c.Backups); diff != "" || c.Complete() || !strings.Contains(c.Text(), "THESE STILL HOLD THE KEY") || !strings.Contains(c.Text(), b.ID) {
		t.Errorf("certificate (-want +got):\n%s\n%s", diff, c.Text())
	}
	data, err := c.Encode()
	if err != nil || contents(t, dir)["131024.tenant.erasure"] != string(data) {
		t.Errorf("the certificate in the folder is not the one that was returned: %v", err)
	}
	if _, err := f.BackupDestroyed(act(4), b.ID); err != nil {
		t.Fatal(err)
	}
	if c := destroyTenant(t, s, "131024"); !c.Complete() || !strings.Contains(c.Text(), "none on record") || !c.Destroyed.Equal(day(2)) {
		t.Errorf("the certificate is now %+v", c)
	}
	// A list of backups that was changed certifies nothing, and nothing is destroyed.
	files := contents(t, dir)
	files["backups.json"] = strings.Replace(files["backups.json"], `"131016"`, `"131017"`, 1)
	at := put(t, files)
	there := tenants(t, reopened(t, at, folderKEK), at, folderKEK, 5)
	_, err = there.Destroy("131016", "k.sato")
	refused(t, err, custody.ReasonMalformed)
	if _, err := token(t, there, "131016"); err != nil {
		t.Error(err)
	}
	_, err = reopened(t, dir, nil).TenantBackups("131016")
	broken(t, err, "", crypto.ReasonKEK)
}

// What a crash or a restoration left aside of a file goes before its key does.
func TestDestroyTenantSweeps(t *testing.T) {
	f, dir := union(t)
	files := contents(t, dir)
	for _, name := range []string{".131024.tenant.X.damaged", ".131024.tenant.X.tmp", ".131016.tenant.X.damaged"} {
		files[name] = files["131024.tenant"]
	}
	at := put(t, files)
	destroyTenant(t, tenants(t, f, at, folderKEK, 1), "131024")
	var left []string
	for name := range contents(t, at) {
		if strings.HasPrefix(name, ".") {
			left = append(left, name)
		}
	}
	if fmt.Sprint(left) != "[.131016.tenant.X.damaged]" {
		t.Errorf("left: %v", left)
	}
}

func TestStatusOfTenants(t *testing.T) {
	f, dir := union(t)
	check := func(what string, f *custody.Folder, verified bool, problems int, want string) {
		t.Helper()
		s := status(t, f, 5)
		var got []string
		for _, one := range s.Tenants {
			got = append(got, fmt.Sprintf("%s %t %d %.6s", one.Name, one.Destroyed.IsZero(), len(one.Backups), one.Next.Do))
		}
		if s.Verified != verified || len(s.Problems) != problems || strings.Join(got, ", ") != want {
			t.Errorf("%s: verified is %t, tenants are %s, problems %+v", what, s.Verified, strings.Join(got, ", "), s.Problems)
		}
	}
	check("new", f, true, 0, "131016 true 0 back u, 131024 true 0 back u")
	backup(t, f, 1)
	saved := contents(t, dir)
	check("with a backup", f, true, 0, "131016 true 1 , 131024 true 1 ")
	check("without a key-encryption key", reopened(t, dir, nil), false, 0, "131016 true 1 , 131024 true 1 ")
	destroyTenant(t, tenants(t, f, dir, folderKEK, 2), "131024")
	check("destroyed", f, true, 0, "131016 true 1 , 131024 false 1 destro")

	files := maps.Clone(saved)
	delete(files, "131016.tenant")
	lost := put(t, files)
	g := reopened(t, lost, folderKEK)
	check("lost", g, false, 1, "131024 true 1 ")
	refusedTenant(t, "making a tenant anew that was lost", tenants(t, g, lost, folderKEK, 3).Create("131016"), crypto.ReasonUnreadable)
	files["131016.tenant"] = strings.Replace(saved["131016.tenant"], `"witness": "`, `"witness": "A`, 1)
	check("damaged", reopened(t, put(t, files), folderKEK), false, 1, "131024 true 1 ")
}

// What cannot be read is not left out of a backup in silence.
func TestBackupRefusesDamagedTenants(t *testing.T) {
	_, dir := union(t)
	good := contents(t, dir)
	at := strings.Index(good["131016.tenant"], `"witness": "`) + len(`"witness": "`)
	for what, tc := range map[string]struct {
		file   string
		reason crypto.Reason
	}{
		"cut":               {good["131016.tenant"][:40], crypto.ReasonMalformed},
		"another witness":   {flipLetter(good["131016.tenant"], at), crypto.ReasonKeys},
		"another policy":    {strings.Replace(good["131016.tenant"], "kouki", "kokuho", 1), crypto.ReasonPolicy},
		"a tenant's header": {strings.Replace(good["131024.tenant"], "131024", "131016", 1), crypto.ReasonLocked},
	} {
		files := maps.Clone(good)
		files["131016.tenant"] = tc.file
		f := reopened(t, put(t, files), folderKEK)
		var buf bytes.Buffer
		_, err := f.Backup(act(1), &buf, backupKEK, custodians)
		refusedTenant(t, what, err, tc.reason)
		if buf.Len() > 0 {
			t.Errorf("%s: %d bytes were written", what, buf.Len())
		}
	}
}

// Every change of a bit of the part of a backup that is about tenants is found,
// and so are tenants that change places or are left out.
func TestTenantBackupMutations(t *testing.T) {
	f, dir := union(t)
	destroyTenant(t, tenants(t, f, dir, folderKEK, 1), "131024")
	data := backup(t, f, 2)
	at := bytes.Index(data, []byte(`"tenants"`))
	mutations(data[at:], func(what string, n int, mutated []byte) {
		_, err := custody.Drill(act(3), bytes.NewReader(append(bytes.Clone(data[:at]), mutated...)), backupKEK, nil, nil)
		var e *tenant.FileError
		if !errors.As(err, &e) {
			typed(t, what, at+n, err)
		}
	})
	for what, change := range map[string]func(list []any) []any{
		"left out":    func(list []any) []any { return list[:1] },
		"none":        func([]any) []any { return []any{} },
		"twice":       func(list []any) []any { return append(list, list[0]) },
		"other order": func(list []any) []any { return []any{list[1], list[0]} },
	} {
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		doc["tenants"] = change(doc["tenants"].([]any))
		_, err := custody.Drill(act(3), bytes.NewReader(spelled(t, data, doc)), backupKEK, nil, nil)
		if err == nil {
			t.Errorf("tenants %s: the backup opens", what)
		}
	}
}

// spelled writes a changed backup in the spelling of backups: the list of its
// tenants is the last field.
func spelled(t testing.TB, data []byte, doc map[string]any) []byte {
	t.Helper()
	type file struct {
		Format    any `json:"sekisho-tenant"`
		Policy    any `json:"policy"`
		Tenant    any `json:"tenant"`
		Created   any `json:"created"`
		Destroyed any `json:"destroyed,omitempty"`
		By        any `json:"by,omitempty"`
		Digest    any `json:"sha256,omitempty"`
		Witness   any `json:"witness,omitempty"`
		Keyset    any `json:"keyset,omitempty"`
		Seal      any `json:"seal,omitempty"`
	}
	raw, err := json.Marshal(doc["tenants"])
	if err != nil {
		t.Fatal(err)
	}
	var list []file
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	start := data[:bytes.Index(data, []byte(",\n  \"tenants\""))]
	if len(list) == 0 {
		return append(bytes.Clone(start), "\n}\n"...)
	}
	text, err := json.MarshalIndent(list, "  ", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(bytes.Clone(start), ",\n  \"tenants\": %s\n}\n", text)
}

// The helper above spells as backups do: what was not changed opens.
func TestSpelled(t *testing.T) {
	f, dir := union(t)
	destroyTenant(t, tenants(t, f, dir, folderKEK, 1), "131024")
	data := backup(t, f, 2)
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(data), string(spelled(t, data, doc))); diff != "" {
		t.Error(diff)
	}
}

// After a crash while tenants are restored every file is as it was or whole, the
// same call completes it, and nobody is resurrected.
func TestCrashesOfTenants(t *testing.T) {
	f, dir := union(t)
	data := backup(t, f, 1)
	s := tenants(t, f, dir, folderKEK, 2)
	want, err := token(t, s, "131016")
	if err != nil {
		t.Fatal(err)
	}
	destroyTenant(t, s, "131024")
	files := contents(t, dir)
	files["131016.tenant"] = "{"
	delete(files, "131024.tenant")
	do := func(f *custody.Folder) error {
		_, err := f.Restore(act(3), bytes.NewReader(data), backupKEK)
		return err
	}
	crashes(t, files, do, func(dir string, _ error) {
		for name, text := range contents(t, dir) {
			if strings.HasSuffix(name, ".tenant") && !strings.HasPrefix(name, ".") && text != files[name] {
				if _, err := tenant.ReadFile(custody.Pass, os.DirFS(dir), name); err != nil {
					t.Error(err)
				}
			}
		}
		g := reopened(t, dir, folderKEK)
		if err := do(g); err != nil {
			t.Errorf("again: %v", err)
		}
		there := tenants(t, g, dir, folderKEK, 4)
		if got, err := token(t, there, "131016"); got != want || err != nil {
			t.Errorf("the tenant makes %s, %v, want %s", got, err, want)
		}
		isDestroyed(t, there, "131024")
		for name := range contents(t, dir) {
			if strings.HasSuffix(name, ".tmp") {
				t.Errorf("%s is left", filepath.Base(name))
			}
		}
	})
}
