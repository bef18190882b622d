package tenant_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// certified returns a set with a tenant that lives and one that was destroyed, and
// the certificate.
func certified(t testing.TB) (*office, *tenant.Set, []string, []byte) {
	t.Helper()
	o := newOffice(t, "mynumber")
	ref := tenant.BackupRef{ID: "ONE", Made: o.clock.now().UTC(), Custodians: []string{"sato", "suzuki"}}
	backups := func(name string) ([]tenant.BackupRef, error) {
		if strings.HasSuffix(name, "1") {
			return []tenant.BackupRef{ref}, nil
		}
		return nil, nil
	}
	plain := o.set(o.ring())
	names := create(t, plain, 2)
	s := o.set(o.ring(), tenant.WithBackups(backups))
	c, err := s.Destroy(names[1], "甲野 花子")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Backups) != 1 || c.Complete() || !strings.Contains(c.Text(), "ONE of 2026-04-01") {
		t.Errorf("certificate = %+v\n%s", c, c.Text())
	}
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return o, s, names, data
}

func TestVerifyCertificate(t *testing.T) {
	_, s, names, data := certified(t)
	c, err := s.VerifyCertificate(data)
	if err != nil || c.Tenant != names[1] || c.By != "甲野 花子" {
		t.Errorf("VerifyCertificate = %+v, %v", c, err)
	}
	for what, change := range map[string][2]string{
		"of another person":   {"甲野 花子", "乙野 花子"},
		"of another time":     {`"destroyed": "2026`, `"destroyed": "2027`},
		"of another age":      {`"created": "2026`, `"created": "2025`},
		"of another file":     {`"sha256": "`, `"sha256": "` + strings.Repeat("0", 64)},
		"of one who lives":    {names[1], names[0]},
		"of another policy":   {"kouki", "kokuho"},
		"with a field more":   {`"by"`, "\"x\": 1,\n  \"by\""},
		"of a later format":   {`erasure": 1`, `erasure": 2`},
		"with another type":   {`"limits": [`, `"limits": [1,`},
		"that is none":        {"{", "["},
		"of a bad name":       {names[1], "甲野"},
		"without an ending":   {"\n}\n", ""},
		"of a tenant unheard": {names[1], "999999"},
	} {
		bad := bytes.Replace(data, []byte(change[0]), []byte(change[1]), 1)
		if what == "of another file" {
			at := bytes.Index(data, []byte(change[0])) + len(change[0])
			bad = append(append(bytes.Clone(data[:at]), strings.Repeat("0", 64)...), data[at+64:]...)
		}
		if bytes.Equal(bad, data) {
			t.Fatalf("%s: nothing was changed", what)
		}
		_, err := s.VerifyCertificate(bad)
		var file *tenant.FileError
		var unknown *tenant.UnknownError
		if !errors.As(err, &file) && !errors.As(err, &unknown) {
			t.Errorf("a certificate %s: err = %v, want a typed one", what, err)
		}
	}
}

// A list of backups that cannot be read certifies nothing, and nothing is destroyed
// or made.
func TestBackupsCannotBeRead(t *testing.T) {
	o := newOffice(t, "mynumber")
	broken := errors.New("the list of backups is broken")
	s := o.set(o.ring(), tenant.WithBackups(func(string) ([]tenant.BackupRef, error) { return nil, broken }))
	if err := s.Create("131016"); !errors.Is(err, broken) {
		t.Errorf("Create: %v", err)
	}
	n := create(t, o.set(o.ring()), 1)[0]
	if _, err := s.Destroy(n, "test"); !errors.Is(err, broken) {
		t.Errorf("Destroy: %v", err)
	}
	keyring(t, s, n)
}

// A certificate that could not be kept is had by destroying again.
func TestCertificateCannotBeKept(t *testing.T) {
	o := newOffice(t, "mynumber")
	s := o.set(o.ring())
	n := create(t, s, 1)[0]
	inTheWay := filepath.Join(o.tenants, n+".tenant.erasure")
	if err := os.Mkdir(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := s.Destroy(n, "test")
	if e := wantError[*tenant.FileError](t, "Destroy", err); e != nil && e.Reason != crypto.ReasonUnwritable {
		t.Errorf("Destroy: %v", err)
	}
	_, err = s.Keyring(n)
	wantError[*tenant.DestroyedError](t, "Keyring", err)
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	c, err := s.Destroy(n, "somebody else")
	if err != nil || c.By != "test" {
		t.Errorf("Destroy again = %+v, %v", c, err)
	}
}

// FuzzCertificate verifies arbitrary bytes: what verifies has the facts of the
// tombstone and is spelled as it was written.
func FuzzCertificate(f *testing.F) {
	_, s, names, data := certified(f)
	f.Add(data)
	f.Add(bytes.Replace(data, []byte(`: 1`), []byte(`: 2`), 1))
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, bad []byte) {
		c, err := s.VerifyCertificate(bad)
		if err != nil {
			return
		}
		again, err := c.Encode()
		if err != nil || !bytes.Equal(again, bad) || c.Tenant != names[1] || c.By != "甲野 花子" {
			t.Errorf("verified: %+v", c)
		}
	})
}
