package command

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// keysExport writes the public keys of a zone, and shows their fingerprint.
func keysExport(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	if len(k.zones) != 1 {
		return k.misuse("want one -zone")
	}
	if k.out == "" {
		k.out = k.zones[0] + ".public.json"
	}
	return k.with(false, func(f *custody.Folder, _ *policy.Policy) (any, error) {
		e, err := f.ExportPublic(k.act(), k.zones[0])
		if err != nil {
			return nil, err
		}
		if err := k.writeNew(k.out, 0o644, func(w *os.File) error { _, err := w.Write(e.Data); return err }); err != nil {
			return nil, err
		}
		if !k.json {
			fmt.Fprintf(k.Stdout, "wrote %s\nfingerprint: %s\nRead the fingerprint out to whoever imports the file, by another way than the file goes.\n", k.out, e.Fingerprint)
		}
		return e, nil
	})
}

// keysImport takes over the public keys of a zone elsewhere. The fingerprint of
// the file is not shown: it must come from the zone's people.
func keysImport(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one FILE")
	}
	if k.fingerprint == "" {
		return k.misuse("let the people of the zone read out the fingerprint, and give it with -fingerprint")
	}
	file, err := os.Open(k.path(args[0]))
	if err != nil {
		return k.fail(err)
	}
	defer file.Close()
	p, err := k.policyOr(false)
	if err != nil {
		return k.fail(err)
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
	change, err := f.ImportPublic(k.act(), custody.Import{File: file, Fingerprint: k.fingerprint, FromPolicy: k.fromPolicy})
	if err != nil {
		return k.fail(err)
	}
	return k.print(change)
}

// keysBackup backs up all keys, or puts on record that a backup is destroyed.
func keysBackup(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	if k.destroyed != "" {
		return k.with(false, func(f *custody.Folder, _ *policy.Policy) (any, error) {
			b, err := f.BackupDestroyed(k.act(), k.destroyed)
			if err == nil && !k.json {
				fmt.Fprintf(k.Stdout, "on record: all copies of backup %s are destroyed\n", b.ID)
			}
			return b, err
		})
	}
	if k.out == "" || len(k.shares) == 0 {
		return k.misuse("want -out and a -share for each custodian")
	}
	return k.with(false, func(f *custody.Folder, _ *policy.Policy) (any, error) {
		opened, custodians, err := k.openShares(nil)
		if err != nil {
			return nil, err
		}
		// The name is taken first, so that no backup is on record that could not be
		// written; a refusal gives it back.
		var record *custody.BackupRecord
		err = k.writeNew(k.out, 0o600, func(w *os.File) (err error) {
			record, err = f.Backup(k.act(), w, opened, custodians)
			return err
		})
		if err != nil {
			if info, err2 := os.Stat(k.path(k.out)); err2 == nil && info.Size() == 0 {
				os.Remove(k.path(k.out))
			}
			return nil, err
		}
		if !k.json {
			fmt.Fprintf(k.Stdout, "wrote %s: backup %s, %s, with %d custodians\n", k.out, record.ID, holds(record.Keys, record.Tenants), len(custodians))
			for _, line := range keyList(record.Keys) {
				fmt.Fprintf(k.Stdout, "  %s\n", line)
			}
			fmt.Fprintln(k.Stdout, "Keep it where the keys are not, and drill it: sekisho keys drill")
		}
		return record, nil
	})
}

// keysRestore brings back keys from a backup.
func keysRestore(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one FILE")
	}
	p, err := k.policyOr(false)
	if err != nil {
		return k.fail(err)
	}
	kek, err := k.openKEK()
	if err != nil {
		return k.fail(err)
	}
	data, opened, err := k.backupFile(args[0])
	if err != nil {
		return k.fail(err)
	}
	f, done, err := k.folder(p, kek, true)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	r, err := f.Restore(k.act(), bytes.NewReader(data), opened)
	if err != nil {
		return k.fail(err)
	}
	if k.json {
		return k.print(r)
	}
	k.restored(r)
	return fine
}

func (k *keysCall) restored(r *custody.Restoration) {
	fmt.Fprintf(k.Stdout, "backup %s by %s\n", r.Backup.ID, r.Backup.By)
	for _, name := range r.Restored {
		fmt.Fprintf(k.Stdout, "restored %s\n", name)
	}
	for _, name := range r.Replaced {
		fmt.Fprintf(k.Stdout, "restored %s, which was damaged\n", name)
	}
	for _, name := range r.Kept {
		fmt.Fprintf(k.Stdout, "%s is good and stays as it is\n", name)
	}
	for _, one := range r.Erased {
		fmt.Fprintf(k.Stdout, "%s stays destroyed: there is a certificate of its erasure\n", one)
	}
	for _, name := range r.ErasedTenants {
		fmt.Fprintf(k.Stdout, "tenant %s stays destroyed: there is a certificate of its erasure\n", name)
	}
	for _, name := range r.Undone {
		fmt.Fprintf(k.Stdout, "TENANT %s LIVES HERE and was destroyed before the backup was made: an older file was put back. Destroy the tenant again.\n", name)
	}
	if len(r.Restored)+len(r.Replaced) > 0 {
		fmt.Fprintln(k.Stdout, "Keys and tenants that were destroyed after the backup was made are back unless their certificates are in the folder: compare, and destroy them again.")
	}
}

// keysDrill proves what a backup is worth. What it would not give back is a
// finding.
func keysDrill(k *keysCall, args []string) int {
	if len(args) != 1 {
		return k.misuse("want one FILE")
	}
	data, opened, err := k.backupFile(args[0])
	if err != nil {
		return k.fail(err)
	}
	var folder fs.FS
	if !k.alone {
		dir := k.path(k.dirFlag)
		if _, err := os.Stat(dir); err != nil {
			return k.fail(fmt.Errorf("%w: give -dir, or -alone where there is no folder any more", err))
		}
		folder = os.DirFS(dir)
	}
	var samples io.Reader
	if k.samples != "" {
		f, err := os.Open(k.path(k.samples))
		if err != nil {
			return k.fail(err)
		}
		defer f.Close()
		samples = f
	}
	r, err := custody.Drill(k.act(), bytes.NewReader(data), opened, folder, samples)
	if err != nil {
		return k.fail(err)
	}
	if k.json {
		if code := k.print(r); code != fine {
			return code
		}
	} else {
		k.drilled(r)
	}
	if !r.OK() {
		return findings
	}
	return fine
}

func (k *keysCall) drilled(r *custody.DrillReport) {
	fmt.Fprintf(k.Stdout, "backup %s by %s\n", r.Backup.ID, r.Backup.By)
	t := tabwriter.NewWriter(k.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "zone\tuse\tkey\tstate\tin the backup\tconsequence")
	for _, one := range r.Keys {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\n", one.Zone, one.Use, one.ID, one.State, one.Result, dash(one.Consequence))
	}
	t.Flush()
	opens := 0
	for _, one := range r.Tenants {
		if one.Result == custody.ResultOpens {
			opens++
			continue
		}
		fmt.Fprintf(k.Stdout, "tenant %s: %s; %s\n", one.Tenant, one.Result, one.Consequence)
	}
	if len(r.Tenants) > 0 {
		fmt.Fprintf(k.Stdout, "%d of %d tenants' keys open\n", opens, len(r.Tenants))
	}
	opens = 0
	for _, s := range r.Samples {
		if s.Result == custody.ResultOpens {
			opens++
			continue
		}
		fmt.Fprintf(k.Stdout, "sample in line %d (%s of %s, key %d): %s; %s\n", s.Line, s.Use, s.Zone, s.Key, s.Result, s.Consequence)
	}
	if len(r.Samples) > 0 {
		fmt.Fprintf(k.Stdout, "%d of %d samples open\n", opens, len(r.Samples))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(k.Stdout, "PROBLEM: %s: %s\n", p.File, p.Error)
	}
	if r.OK() {
		fmt.Fprintln(k.Stdout, "The backup gives back every key, and nothing was written.")
	} else {
		fmt.Fprintln(k.Stdout, "THE BACKUP DOES NOT GIVE BACK ALL THERE IS: make another, and drill that.")
	}
}
