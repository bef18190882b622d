package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// keysCommand is a sub-command of "sekisho keys".
type keysCommand struct {
	name  string
	args  string // as usage shows them
	short string
	flags string // names of the flags it has besides those of all; "by" first in what is put on record
	run   func(*keysCall, []string) int
}

// keysCommands are the sub-commands of "sekisho keys", in the order of a key's
// life.
func keysCommands() []keysCommand {
	return []keysCommand{
		{"kek", "SPEC", "make a key-encryption key: file:PATH or passphrase:PATH", "", keysKEK},
		{"create", "[-zone ZONE…] [-use USE…] [-missing]", "make the keys of the policy's zones", "by policy zone use missing", keysCreate},
		{"status", "[-ledger DIR]", "list the keys, what has to be done with them, and until when", "policy ledger", keysStatus},
		{"rotate", "[-stage] -zone ZONE -use USE", "make a fresh key active and retire the one that was", "by policy zone use stage", keysRotate},
		{"retire", "-zone ZONE -use USE -id KEY", "let a staged or disabled key open only", "by policy zone use id", keysMove},
		{"disable", "-zone ZONE -use USE -id KEY", "suspend a staged or retired key: it does nothing", "by policy zone use id", keysMove},
		{"enable", "-zone ZONE -use USE -id KEY", "let a disabled key open again", "by policy zone use id", keysMove},
		{"destroy", "-zone ZONE -use USE -id KEY -confirm KEY [-last KEYSET]", "destroy a key for ever and certify it", "by policy zone use id confirm last ledger out", keysDestroy},
		{"certificate", "FILE", "show a certificate of erasure and verify its signature", "", keysCertificate},
		{"export-public", "-zone ZONE [-out FILE]", "write a zone's public keys into a file for other places", "by policy zone out", keysExport},
		{"import-public", "-fingerprint FINGERPRINT FILE", "take over the public keys of a zone elsewhere", "by policy fingerprint from-policy", keysImport},
		{"backup", "-share NAME=SPEC… -out FILE, or -destroyed BACKUP", "back up all keys under a key-encryption key of two people", "by policy share out destroyed", keysBackup},
		{"restore", "-share NAME=SPEC… FILE", "bring back keys from a backup: all, or what is missing or damaged", "by policy share", keysRestore},
		{"drill", "-share NAME=SPEC… [-samples FILE] [-alone] FILE", "prove from a backup that what is stored still opens", "by share samples alone", keysDrill},
		{"tenant create", "[-zone ZONE…] TENANT", "make a tenant's own key, and the tenant keys of zones that have none", "by policy zone", keysTenantCreate},
		{"tenant list", "", "list the tenants", "", keysTenantList},
		{"tenant destroy", "-confirm TENANT TENANT", "destroy a tenant's key for ever, with all its data, and certify it", "by policy confirm-tenant out", keysTenantDestroy},
	}
}

// keysCall is one run of a sub-command.
type keysCall struct {
	*call
	dirFlag, kekFlag, by, passphrases        string
	policyFile, ledger, out, last, destroyed string
	fingerprint, fromPolicy, samples         string
	zones, uses, shares                      []string
	id, confirm                              uint64
	confirmName                              string
	json, stage, missing, alone              bool

	opened tink.AEAD     // the key-encryption key, once it was
	lines  *bufio.Reader // where passphrases are read, once it was asked for
}

func runKeys(c *call) int {
	if len(c.Args) > 1 {
		for _, sub := range keysCommands() {
			words := strings.Fields(sub.name)
			if len(c.Args) > len(words) && slices.Equal(c.Args[1:1+len(words)], words) {
				p := c.Process
				p.Args = c.Args[len(words):]
				k := &keysCall{call: start(c.ctx, p, command{name: "keys " + sub.name, args: sub.args, short: sub.short})}
				k.register(sub.flags)
				args, code, ok := k.parse()
				if !ok {
					return code
				}
				if strings.HasPrefix(sub.flags, "by ") && k.by == "" {
					return k.misuse("who does it? give -by NAME")
				}
				return sub.run(k, args)
			}
		}
	}
	c.flags.Usage = func() { fmt.Fprint(c.Stderr, keysUsage()) }
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if len(args) == 0 {
		return c.misuse("which sub-command?")
	}
	return c.misuse("there is no sub-command %q", args[0])
}

func keysUsage() string {
	var b strings.Builder
	b.WriteString("usage: sekisho keys SUB-COMMAND [ARGUMENTS]\n\nLook after the keys of a folder, from their creation to the proof that they are gone.\n\n")
	for _, sub := range keysCommands() {
		fmt.Fprintf(&b, "  %-14s %s\n", sub.name, sub.short)
	}
	b.WriteString(`
The key-encryption key is file:PATH, passphrase:PATH or exec:COMMAND ARGUMENTS, after -kek
or in SEKISHO_KEK. Passphrases are asked for at the terminal and never stand on a command
line. Without a terminal they are read from the file after -passphrases or in
SEKISHO_PASSPHRASES, one in each line, in the order in which they are asked for; "-" is the
standard input.

"sekisho keys SUB-COMMAND -h" tells more.
`)
	return b.String()
}

// register gives the call the flags that its sub-command has.
func (k *keysCall) register(names string) {
	f := k.flags
	f.StringVar(&k.dirFlag, "dir", "keys", "`folder` of the keys")
	f.StringVar(&k.kekFlag, "kek", "", "`SPEC` of the key-encryption key: file:PATH, passphrase:PATH or exec:COMMAND ARGUMENTS; by default that in SEKISHO_KEK")
	f.StringVar(&k.passphrases, "passphrases", "", "`file` with passphrases, a line for each that is asked for, instead of the terminal; \"-\" is the standard input; by default that in SEKISHO_PASSPHRASES")
	f.BoolVar(&k.json, "json", false, "print JSON")
	all := map[string]func(){
		"by":     func() { f.StringVar(&k.by, "by", "", "`name` of who does it, for the records: ASCII without blanks") },
		"policy": func() { f.StringVar(&k.policyFile, "policy", "", "policy `file`, instead of the nearest sekisho.yaml") },
		"zone":   func() { f.Func("zone", "`zone` whose keys it is about", appendTo(&k.zones)) },
		"use": func() {
			f.Func("use", "`use` of the keys: seal, token, index, stream, box, sign, tenant", appendTo(&k.uses))
		},
		"id":      func() { f.Func("id", "id of the `key`, as status shows it", keyID(&k.id)) },
		"confirm": func() { f.Func("confirm", "the id of the `key` once more: there is no way back", keyID(&k.confirm)) },
		"confirm-tenant": func() {
			f.StringVar(&k.confirmName, "confirm", "", "the name of the `tenant` once more: there is no way back")
		},
		"last": func() {
			f.StringVar(&k.last, "last", "", "the `keyset`, as ZONE.USE, when it is its last key: all that is under it is lost")
		},
		"missing": func() {
			f.BoolVar(&k.missing, "missing", false, "make keysets anew that were there and are lost: what is under them stays lost")
		},
		"stage": func() {
			f.BoolVar(&k.stage, "stage", false, "hand the key out first: it opens, and the next rotation puts it to use")
		},
		"ledger": func() { f.StringVar(&k.ledger, "ledger", "", "`folder` in which the uses of keys are counted") },
		"out":    func() { f.StringVar(&k.out, "out", "", "`file` to write; one that is there is left as it is") },
		"fingerprint": func() {
			f.StringVar(&k.fingerprint, "fingerprint", "", "`fingerprint` of the file, as the zone's people read it out")
		},
		"from-policy": func() {
			f.StringVar(&k.fromPolicy, "from-policy", "", "`name` of the policy of the zone's people, where it is another than here")
		},
		"share": func() {
			f.Func("share", "`NAME=SPEC`: a custodian and the key-encryption key that this person holds; two, both needed, or three to five, any two of them needed", appendTo(&k.shares))
		},
		"destroyed": func() {
			f.StringVar(&k.destroyed, "destroyed", "", "put on record that all copies of the `backup` of this id are destroyed")
		},
		"samples": func() {
			f.StringVar(&k.samples, "samples", "", "`file` of stored values to open, a JSON object in each line: zone, use, sealed, ad")
		},
		"alone": func() {
			f.BoolVar(&k.alone, "alone", false, "measure the backup against itself, where there is no folder any more")
		},
	}
	for _, name := range strings.Fields(names) {
		all[name]()
	}
}

func appendTo(list *[]string) func(string) error {
	return func(s string) error {
		*list = append(*list, s)
		return nil
	}
}

func keyID(id *uint64) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil || n == 0 {
			return errors.New("want the number of a key, as status shows it")
		}
		*id = n
		return nil
	}
}

// now returns the time, in the location whose calendar counts.
func (k *keysCall) now() time.Time {
	if k.Now != nil {
		return k.Now()
	}
	return time.Now()
}

// act is who does it, and when.
func (k *keysCall) act() custody.Act { return custody.Act{By: k.by, At: k.now()} }

// path returns a path that was given relative to the working directory.
func (k *keysCall) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(k.dir(), p)
}

// env returns the value of a variable.
func (k *keysCall) env(name string) string {
	value := ""
	for _, kv := range k.Env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// keyset returns the one zone and use that a sub-command is about.
func (k *keysCall) keyset() (zone string, use crypto.Use, code int, ok bool) {
	if len(k.zones) != 1 || len(k.uses) != 1 {
		return "", 0, k.misuse("want one -zone and one -use"), false
	}
	use, known := crypto.ParseUse(k.uses[0])
	if !known {
		return "", 0, k.misuse("there is no use %q of keys", k.uses[0]), false
	}
	return k.zones[0], use, fine, true
}

// noArgs complains about arguments where there are none.
func (k *keysCall) noArgs(args []string) (code int, ok bool) {
	if len(args) > 0 {
		return k.misuse("unexpected argument %q", args[0]), false
	}
	return fine, true
}

// policyOr returns the policy that applies, nil when there is none and none is
// needed.
func (k *keysCall) policyOr(needed bool) (*policy.Policy, error) {
	file := k.policyFile
	if file == "" {
		found, err := policyfile.Find(k.dir())
		if errors.Is(err, fs.ErrNotExist) && !needed {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		file = found
	}
	return k.policy(file)
}

// options joins the policy and the ledger to the keys.
func (k *keysCall) options(p *policy.Policy) (custody.Options, func(), error) {
	o, done := custody.Options{}, func() {}
	if p != nil {
		o.Policy, o.Until = p.Name, k.until(p.AlgorithmsInForce())
		o.Plan = func(use crypto.Use, created time.Time) (custody.Plan, error) {
			plan, err := p.KeyPlan(use.String(), created)
			return custody.Plan(plan), err
		}
	}
	if k.ledger == "" {
		return o, done, nil
	}
	dir := k.path(k.ledger)
	if _, err := os.Stat(dir); err != nil {
		return o, done, err // opening would make it, and say that nothing was used
	}
	l, err := crypto.OpenLedger(dir, 1)
	if err != nil {
		return o, done, err
	}
	o.Uses = l.Uses
	return o, func() { l.Close() }, nil
}

// until gives the ends of the days on which algorithms fall out, where the office
// is: the policy counts days by the calendar of the time it is asked for.
func (k *keysCall) until(a *policy.Algorithms) func(string) (produce, consume time.Time, listed bool) {
	here := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		year, month, day := t.UTC().Date()
		return time.Date(year, month, day+1, 0, 0, 0, 0, k.now().Location()).Add(-time.Nanosecond)
	}
	return func(algorithm string) (produce, consume time.Time, listed bool) {
		produce, consume, listed = a.Until(algorithm)
		return here(produce), here(consume), listed
	}
}

// folder opens the folder of the keys. Close it with done.
func (k *keysCall) folder(p *policy.Policy, kek tink.AEAD, make bool) (f *custody.Folder, done func(), err error) {
	o, close, err := k.options(p)
	if err != nil {
		return nil, nil, err
	}
	open := custody.Open
	if make {
		open = custody.Make
	}
	dir := k.path(k.dirFlag)
	f, err = open(dir, kek, o)
	if errors.Is(err, fs.ErrNotExist) && !make {
		err = fmt.Errorf("there is no folder %s: give -dir, or make keys with \"sekisho keys create\"", k.rel(dir))
	}
	if err != nil {
		close()
		return nil, nil, err
	}
	return f, func() {
		f.Close()
		close()
		if make {
			os.Remove(dir) // when nothing came of it, it is empty; otherwise this does nothing
		}
	}, nil
}

// with opens policy, key-encryption key and folder, and does something with them.
// planned is for what makes keys: it needs the policy.
func (k *keysCall) with(planned bool, do func(*custody.Folder, *policy.Policy) (any, error)) int {
	p, err := k.policyOr(planned)
	if err != nil {
		return k.fail(err)
	}
	if k.opened, err = k.openKEK(); err != nil {
		return k.fail(err)
	}
	f, done, err := k.folder(p, k.opened, false)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	result, err := do(f, p)
	if err != nil {
		return k.fail(err)
	}
	return k.print(result)
}

// print shows what was done.
func (k *keysCall) print(result any) int {
	if k.json {
		b, err := json.MarshalIndent(result, "", "  ")
		if err != nil {
			return k.fail(err)
		}
		fmt.Fprintf(k.Stdout, "%s\n", b)
		return fine
	}
	if c, ok := result.(*custody.Change); ok {
		k.change(c)
	}
	return fine
}

// actions are the commands' words as people see them when it is done.
var actions = map[string]string{
	"create": "made", "rotate": "rotated", "stage": "staged", "retire": "retired", "disable": "disabled", "enable": "enabled",
	"import-public": "imported", "restore": "restored",
}

// change shows what became of keys.
func (k *keysCall) change(c *custody.Change) {
	for _, one := range c.Keys {
		from := string(one.From) + " → "
		if one.From == custody.StateNone {
			from = ""
		}
		fmt.Fprintf(k.Stdout, "%s %s.%s key %d: %s%s, %s", actions[c.Action], one.Zone, one.Use, one.ID, from, one.To, one.Algorithm)
		if one.To == custody.StateActive || one.To == custody.StateNext {
			fmt.Fprintf(k.Stdout, ", makes until %s", k.lastDay(one.ProduceUntil))
		}
		fmt.Fprintf(k.Stdout, ", opens until %s\n", k.lastDay(one.ConsumeUntil))
	}
	for _, name := range c.Kept {
		fmt.Fprintf(k.Stdout, "%s is there and stays as it is\n", name)
	}
	if len(c.Keys) == 0 && len(c.Kept) == 0 {
		fmt.Fprintln(k.Stdout, "nothing had to be done")
	}
}

// lastDay shows the last day before a time.
func (k *keysCall) lastDay(t time.Time) string {
	if t.IsZero() {
		return "no end"
	}
	return t.Add(-time.Nanosecond).In(k.now().Location()).Format(time.DateOnly)
}

// writeNew writes a file that is not there yet.
func (k *keysCall) writeNew(name string, mode os.FileMode, write func(*os.File) error) error {
	f, err := os.OpenFile(k.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and is left as it is: choose another name", name)
	}
	if err != nil {
		return err
	}
	err = write(f)
	return errors.Join(err, f.Sync(), f.Close())
}

// withContext is the context of the call, never nil.
func (k *keysCall) context() context.Context {
	if k.ctx != nil {
		return k.ctx
	}
	return context.Background()
}
