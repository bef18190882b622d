package command

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// keysCreate makes the keys of the policy's zones, or of those that are named.
func keysCreate(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	p, err := k.policyOr(true)
	if err != nil {
		return k.fail(err)
	}
	c := custody.Creation{Missing: k.missing}
	for _, name := range k.uses {
		use, known := crypto.ParseUse(name)
		if !known {
			return k.misuse("there is no use %q of keys", name)
		}
		c.Uses = append(c.Uses, use)
	}
	kek, err := k.openKEK()
	if err != nil {
		return k.fail(err)
	}
	f, done, err := k.folder(p, kek, true)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	if c.Zones, err = k.zonesOf(p, f); err != nil {
		return k.fail(err)
	}
	change, err := f.Create(k.act(), c)
	if err != nil {
		return k.fail(err)
	}
	return k.print(change)
}

// zonesOf returns the zones that are named, or all of the policy but those that
// are elsewhere: their public keys were imported.
func (k *keysCall) zonesOf(p *policy.Policy, f *custody.Folder) ([]string, error) {
	for _, name := range k.zones {
		if _, known := p.Zone(name); !known {
			return nil, fmt.Errorf("the policy %s has no zone %q", p.Name, name)
		}
	}
	if len(k.zones) > 0 {
		return k.zones, nil
	}
	s, err := f.Status(k.now())
	if err != nil {
		return nil, err
	}
	elsewhere := make(map[string]bool)
	for _, one := range s.Keys {
		elsewhere[one.Zone] = elsewhere[one.Zone] || one.Use == crypto.UseVerify.String() || one.Use == crypto.UseBoxPublic.String()
	}
	var all []string
	for i := range p.Zones {
		if !elsewhere[p.Zones[i].Name] {
			all = append(all, p.Zones[i].Name)
		}
	}
	return all, nil
}

func keysRotate(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	zone, use, code, ok := k.keyset()
	if !ok {
		return code
	}
	return k.with(true, func(f *custody.Folder, _ *policy.Policy) (any, error) {
		if k.stage {
			return f.Stage(k.act(), zone, use)
		}
		return f.Rotate(k.act(), zone, use)
	})
}

// keysMove retires, disables or enables a key.
func keysMove(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	zone, use, code, ok := k.keyset()
	if !ok {
		return code
	}
	if k.id == 0 {
		return k.misuse("which key? give -id")
	}
	return k.with(false, func(f *custody.Folder, _ *policy.Policy) (any, error) {
		move := map[string]func(custody.Act, string, crypto.Use, uint32) (*custody.Change, error){
			"retire": f.Retire, "disable": f.Disable, "enable": f.Enable}[k.Args[0]]
		return move(k.act(), zone, use, uint32(k.id))
	})
}

// keysDestroy destroys a key when its id was given twice.
func keysDestroy(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	zone, use, code, ok := k.keyset()
	if !ok {
		return code
	}
	if k.id == 0 {
		return k.misuse("which key? give -id")
	}
	if k.confirm != k.id {
		return k.fail(fmt.Errorf("this destroys key %d (%s of zone %s) for ever, and with it what opens with nothing else: give -confirm %d if that is what you want", k.id, use, zone, k.id))
	}
	if k.out != "" {
		if _, err := os.Lstat(k.path(k.out)); err == nil {
			return k.fail(fmt.Errorf("%s is there already and is left as it is: choose another name", k.out))
		}
	}
	return k.with(false, func(f *custody.Folder, _ *policy.Policy) (any, error) {
		c, err := f.Destroy(k.act(), custody.Destruction{Zone: zone, Use: use, ID: uint32(k.id), Last: k.last})
		if c == nil {
			return nil, err
		}
		if k.out != "" {
			data, err2 := c.Encode()
			err = errors.Join(err, err2, k.writeNew(k.out, 0o644, func(w *os.File) error { _, err := w.Write(data); return err }))
		}
		if !k.json || err != nil { // what cannot be stored is at least shown
			fmt.Fprint(k.Stdout, c.Text())
		}
		return c, err
	})
}

// keysCertificate shows a certificate. That its zone did not sign it is a
// finding.
func keysCertificate(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one FILE")
	}
	data, err := os.ReadFile(k.path(args[0]))
	if err != nil {
		return k.fail(err)
	}
	if k.opened, err = k.openKEK(); err != nil {
		return k.fail(err)
	}
	f, done, err := k.folder(nil, k.opened, false)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	if k.ofTenant(data) {
		return k.tenantCertificate(f, data)
	}
	c, err := f.VerifyCertificate(data)
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
	var unsigned *custody.Error
	if err != nil && errors.As(err, &unsigned) && (unsigned.Reason == custody.ReasonSignature || unsigned.Reason == custody.ReasonNoKeyset) {
		fmt.Fprintf(k.Stderr, "sekisho keys certificate: NOT VERIFIED: %v\n", err)
		return findings
	}
	if err != nil {
		return k.fail(err)
	}
	if !k.json {
		fmt.Fprintln(k.Stdout, "\nThe signature is good: key "+strconv.FormatUint(uint64(c.Signer), 10)+" of zone "+c.Zone+".")
	}
	return fine
}
