package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/crypto/tenant"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// tenantMade is what became of "sekisho keys tenant create".
type tenantMade struct {
	custody.Change
	Tenant string `json:"tenant"`
}

// keysTenantCreate makes a tenant, and the tenant keys of the zones that are named
// where they have none.
func keysTenantCreate(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one TENANT")
	}
	return k.with(len(k.zones) > 0, func(f *custody.Folder, p *policy.Policy) (any, error) {
		made := &tenantMade{Tenant: args[0]}
		if _, err := f.Backups(k.act()); err != nil { // the name of who does it is one, and the folder is in order
			return nil, err
		}
		if len(k.zones) > 0 {
			zones, err := k.zonesOf(p, f)
			if err != nil {
				return nil, err
			}
			change, err := f.Create(k.act(), custody.Creation{Zones: zones, Uses: []crypto.Use{crypto.UseTenant}})
			if err != nil {
				return nil, err
			}
			made.Keys, made.Kept = change.Keys, change.Kept
			if !k.json && len(change.Keys) > 0 {
				change.Kept = nil
				k.change(change)
			}
		}
		s, done, err := k.tenantSet(f)
		if err != nil {
			return nil, err
		}
		defer done()
		if err := s.Create(args[0]); err != nil {
			return nil, err
		}
		if made.Policy, err = f.Policy(); err != nil {
			return nil, err
		}
		made.Action, made.At, made.By = "tenant create", k.now().UTC().Truncate(time.Second), k.by
		if !k.json {
			fmt.Fprintf(k.Stdout, "made tenant %s\nMake a backup before anything is sealed for the tenant: sekisho keys backup\n", args[0])
		}
		return made, nil
	})
}

// keysTenantList lists the tenants. What is wrong is a finding. Without a
// key-encryption key it shows what the headers say.
func keysTenantList(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	var kek tink.AEAD
	if k.kekText() != "" {
		var err error
		if kek, err = k.openKEK(); err != nil {
			return k.fail(err)
		}
	}
	f, done, err := k.folder(nil, kek, false)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	s, err := f.Status(k.now())
	if err != nil {
		return k.fail(err)
	}
	if k.json {
		list := s.Tenants
		if list == nil {
			list = []custody.TenantStatus{}
		}
		if code := k.print(list); code != fine {
			return code
		}
	} else {
		if kek == nil {
			fmt.Fprintln(k.Stdout, "NOT VERIFIED: this is what the headers say; give -kek to open the keys")
		}
		k.tenants(s.Tenants)
	}
	for _, p := range s.Problems {
		fmt.Fprintf(k.Stderr, "sekisho keys tenant list: PROBLEM: %s: %s\n", p.File, p.Error)
	}
	if len(s.Problems) > 0 {
		return findings
	}
	return fine
}

// keysTenantDestroy destroys a tenant's key when its name was given twice, and
// writes the certificate.
func keysTenantDestroy(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one TENANT")
	}
	name := args[0]
	if k.confirmName != name {
		return k.fail(fmt.Errorf("this destroys tenant %q for ever, with all data that was sealed for it: give -confirm %[1]s if that is what you want", name))
	}
	if k.out != "" {
		if _, err := os.Lstat(k.path(k.out)); err == nil {
			return k.fail(fmt.Errorf("%s is there already and is left as it is: choose another name", k.out))
		}
	}
	return k.with(false, func(f *custody.Folder, _ *policy.Policy) (any, error) {
		if _, err := f.Backups(k.act()); err != nil { // as above
			return nil, err
		}
		s, done, err := k.tenantSet(f)
		if err != nil {
			return nil, err
		}
		defer done()
		c, err := s.Destroy(name, k.by)
		if err != nil {
			return nil, err
		}
		if k.out != "" {
			data, err2 := c.Encode()
			err = errors.Join(err2, k.writeNew(k.out, 0o644, func(w *os.File) error { _, err := w.Write(data); return err }))
		}
		if !k.json || err != nil { // what cannot be stored is at least shown
			fmt.Fprint(k.Stdout, c.Text())
		}
		return c, err
	})
}

// ofTenant reports whether a certificate is one about a tenant.
func (k *keysCall) ofTenant(data []byte) bool {
	var head struct {
		Format int `json:"sekisho-tenant-erasure"`
	}
	return json.Unmarshal(data, &head) == nil && head.Format > 0
}

// tenantCertificate shows the certificate of a tenant. That the folder's tombstone
// does not say the same is a finding.
func (k *keysCall) tenantCertificate(f *custody.Folder, data []byte) int {
	s, done, err := k.tenantSet(f)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	c, err := s.VerifyCertificate(data)
	if c == nil {
		return k.fail(err)
	}
	if k.json {
		if code := k.print(c); code != fine {
			return code
		}
	} else {
		fmt.Fprint(k.Stdout, c.Text())
	}
	if err != nil {
		fmt.Fprintf(k.Stderr, "sekisho keys certificate: NOT VERIFIED: %v\n", err)
		return findings
	}
	if !k.json {
		fmt.Fprintln(k.Stdout, "\nThe tombstone in the folder says the same.")
	}
	return fine
}

// tenantSet opens the tenants of the folder.
func (k *keysCall) tenantSet(f *custody.Folder) (s *tenant.Set, done func(), err error) {
	kek, dir := k.opened, k.path(k.dirFlag)
	ring, err := crypto.OpenKeyring(os.DirFS(dir), kek, crypto.WithClock(k.now))
	if err != nil {
		return nil, nil, err
	}
	s, err = tenant.Open(dir, ring, kek, tenant.WithClock(k.now), tenant.WithBackups(f.TenantBackups))
	var none *crypto.NoKeysError
	if errors.As(err, &none) {
		err = errors.New("no zone has keys for tenants: name those that are to have them, \"sekisho keys tenant create -zone ZONE TENANT\"")
	}
	if err != nil {
		return nil, nil, err
	}
	return s, func() { s.Close() }, nil
}

// tenants shows the table of the tenants.
func (k *keysCall) tenants(list []custody.TenantStatus) {
	gone := 0
	for i := range list {
		if !list[i].Destroyed.IsZero() {
			gone++
		}
	}
	fmt.Fprintf(k.Stdout, "%d tenants, and %d that were destroyed\n", len(list)-gone, gone)
	if len(list) == 0 {
		return
	}
	t := tabwriter.NewWriter(k.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "tenant\tcreated\tdestroyed\tbackups\tnext")
	for i := range list {
		one := &list[i]
		destroyed := "-"
		if !one.Destroyed.IsZero() {
			destroyed = k.day(one.Destroyed)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", one.Name, k.day(one.Created), destroyed, len(one.Backups), k.next(one.Next))
	}
	t.Flush()
}
