package custody

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Status is what there is in a folder and what has to be done about it.
type Status struct {
	Policy   string         `json:"policy"`
	At       time.Time      `json:"at"`
	Verified bool           `json:"verified"` // everything was opened with the key-encryption key; false: headers are as anybody may have written them
	Keys     []KeyStatus    `json:"keys,omitempty"`
	Tenants  []TenantStatus `json:"tenants,omitempty"`
	Problems []Problem      `json:"problems,omitempty"` // files that cannot be read or do not open
	Backups  []BackupRecord `json:"backups,omitempty"`  // those that are not destroyed
}

// Problem is what is wrong with a file.
type Problem struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// KeyStatus is one key. Times are zero where no end is set or known.
type KeyStatus struct {
	Zone         string    `json:"zone"`
	Use          string    `json:"use"`
	ID           uint32    `json:"id"`
	Algorithm    string    `json:"algorithm"`
	Bits         int       `json:"bits"` // strength (NIST SP 800-57 part 1, 5.6.1)
	State        State     `json:"state"`
	Created      time.Time `json:"created"`
	Destroyed    time.Time `json:"destroyed,omitzero"`
	ProduceUntil time.Time `json:"produce-until,omitzero"`     // its crypto-period: nothing new from then on
	ConsumeUntil time.Time `json:"consume-until,omitzero"`     // nothing opens from then on
	Listed       *bool     `json:"listed,omitempty"`           // whether the policy lists the algorithm; absent: it is not known
	ProduceFalls time.Time `json:"algorithm-produce,omitzero"` // last instant of making something new with the algorithm
	ConsumeFalls time.Time `json:"algorithm-consume,omitzero"` // last instant of using what the algorithm made
	Uses         *uint64   `json:"uses,omitempty"`             // reserved in the ledger, of crypto.UseLimit; seal keys only; absent: not counted
	Witness      Witness   `json:"witness"`
	Backups      []string  `json:"backups,omitempty"` // ids of the backups on record that hold it
	Next         Next      `json:"next"`
}

// FallsOut returns the time from which the key, or its algorithm, opens nothing
// any more, by its dates and by the policy; zero: no end is set.
func (k *KeyStatus) FallsOut() time.Time { return earliest(k.ConsumeUntil, k.ConsumeFalls) }

// StopsProducing returns the time from which nothing new may be made with the key;
// zero: no end is set.
func (k *KeyStatus) StopsProducing() time.Time {
	return earliest(k.ProduceUntil, k.ProduceFalls, k.FallsOut())
}

// Witness is what is known of a key's witness: something made with it when it was
// made, which it must open or make again.
type Witness string

// What is known of a witness.
const (
	WitnessNone    Witness = "none"    // public and destroyed keys have none
	WitnessPresent Witness = "present" // it is there and was not looked at
	WitnessOpens   Witness = "opens"   // the key is the one that was made
	WitnessFails   Witness = "fails"   // the key is not the one that was made
)

// Next is what has to be done with a key next.
type Next struct {
	Do      string    `json:"do,omitempty"`      // empty: nothing
	By      time.Time `json:"by,omitzero"`       // until when; zero: at any time
	Overdue bool      `json:"overdue,omitempty"` // it should have been done
}

// Urgent reports whether something is wrong or overdue.
func (s *Status) Urgent() bool {
	return len(s.Problems) > 0 || slices.ContainsFunc(s.Keys, func(k KeyStatus) bool { return k.Next.Overdue })
}

// Status looks at every keyset at a time, which is not changed by it. It needs no
// key-encryption key, but without one it only repeats what the headers say. A
// file that cannot be read is a problem in the status and no error.
func (f *Folder) Status(at time.Time) (*Status, error) {
	policy, err := f.Policy()
	if err != nil {
		return nil, err
	}
	names, err := keyfile.Names(f.root.FS())
	if err != nil {
		return nil, keyringError(err)
	}
	s := &Status{Policy: policy, At: keyfile.Now(at), Verified: f.kek != nil}
	s.backups(f.root.FS(), f.kek)
	bound := false
	for _, name := range names {
		file, err := keyfile.Read(f.root.FS(), name)
		if err != nil {
			s.problem(name, err)
			continue
		}
		var keys *keyset.Handle
		if f.kek != nil {
			if keys, err = file.Unlock(f.kek); err != nil {
				s.problem(name, err)
				continue
			}
			if keys != nil && !bound && !file.BindsAD(f.kek) {
				return nil, &crypto.KeyringError{Reason: crypto.ReasonUnbound, Detail: fmt.Sprintf("%T", f.kek)}
			}
			bound = bound || keys != nil
		}
		if err := f.keys(s, file, keys); err != nil {
			return nil, err
		}
	}
	s.lost()
	if err := s.tenants(f.root.FS(), f.kek); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.Keys, func(a, b KeyStatus) int {
		return cmp.Or(cmp.Compare(a.Zone, b.Zone), cmp.Compare(place(a.Use), place(b.Use)))
	})
	return s, nil
}

// lost finds keys that a backup on record holds and that the folder has not even a
// line about: their file is gone, or an older one was put back.
func (s *Status) lost() {
	known := make(map[KeyRef]bool)
	for _, k := range s.Keys {
		known[KeyRef{k.Zone, k.Use, k.ID}] = true
	}
	for _, p := range s.Problems {
		known[KeyRef{Zone: p.File}] = true // it is said already
	}
	for _, b := range s.Backups {
		for _, k := range b.Keys {
			file := KeyRef{Zone: keyfile.FileName(k.Zone, k.Use)}
			if !known[k] && !known[file] {
				known[file] = true
				s.problem(file.Zone, &Error{What: keysetName(k.Zone, k.Use), KeyID: k.ID, Reason: ReasonLost, Detail: "backup " + b.ID + " holds it"})
			}
		}
	}
}

// place is where a use stands among the others.
func place(use string) int {
	return slices.IndexFunc(keyfile.Kinds, func(k keyfile.Kind) bool { return k.Name == use })
}

func (s *Status) problem(file string, err error) {
	s.Verified = false
	s.Problems = append(s.Problems, Problem{File: file, Error: keyringError(err).Error()})
}

// backups reads the list of backups.
func (s *Status) backups(fsys fs.FS, kek tink.AEAD) {
	l, err := readLedger(fsys, s.Policy)
	if err == nil && kek != nil {
		err = l.sealed(kek)
	}
	if err != nil {
		s.problem(ledgerName, err)
		return
	}
	for _, b := range l.Backups {
		if b.Destroyed.IsZero() {
			s.Backups = append(s.Backups, b)
		}
	}
}

// keys adds the keys of a file; keys is nil without a key-encryption key, and when
// all are destroyed.
func (f *Folder) keys(s *Status, file *keyfile.File, keys *keyset.Handle) error {
	for i := range file.Keys {
		k := &file.Keys[i]
		one := KeyStatus{
			Zone: file.Zone, Use: file.Use, ID: k.ID, Algorithm: k.Algorithm, Bits: file.Kind().Algorithm(k.Algorithm).Bits,
			State: State(k.State), Created: k.Created, Destroyed: k.Destroyed, ProduceUntil: k.ProduceUntil, ConsumeUntil: k.ConsumeUntil,
			Witness: WitnessNone,
		}
		if len(k.Witness) > 0 {
			one.Witness = WitnessPresent
		}
		if keys != nil && k.State != keyfile.StateDestroyed {
			if made, err := file.CheckWitness(keys, k.ID); err != nil {
				one.Witness, s.Verified = WitnessFails, false
			} else if made {
				one.Witness = WitnessOpens
			}
		}
		if f.options.Until != nil {
			var listed bool
			one.ProduceFalls, one.ConsumeFalls, listed = f.options.Until(k.Algorithm)
			one.Listed = &listed
		}
		if f.options.Uses != nil && file.Use == crypto.UseSeal.String() {
			n, err := f.options.Uses(file.Policy, file.Zone, k.ID)
			if err != nil {
				return err
			}
			one.Uses = &n
		}
		for _, b := range s.Backups {
			if b.holds(KeyRef{file.Zone, file.Use, k.ID}) {
				one.Backups = append(one.Backups, b.ID)
			}
		}
		one.Next = one.next(s.At, file.Kind().IsPublic)
		s.Keys = append(s.Keys, one)
	}
	return nil
}

// next decides what has to be done. What is wrong comes first, then what is
// overdue, then what has no date, then what comes soonest.
func (k *KeyStatus) next(now time.Time, public bool) Next {
	if k.State == StateDestroyed && len(k.Backups) > 0 {
		return Next{Do: "destroy the backups that still hold it, and say so"}
	}
	if k.State == StateDestroyed {
		return Next{}
	}
	if k.Witness == WitnessFails {
		return Next{Do: "restore from a backup: the key is not the one that was made", Overdue: true}
	}
	due := k.due(now, public)
	if due.Overdue {
		return due
	}
	if len(k.Backups) == 0 && !public {
		return Next{Do: "back up: no backup on record holds it"}
	}
	return due
}

// due decides what the dates and the uses of a key ask for.
func (k *KeyStatus) due(now time.Time, public bool) Next {
	by := func(do string, t time.Time) Next {
		return Next{Do: do, By: t, Overdue: !t.IsZero() && !now.Before(t)}
	}
	unlisted := k.Listed != nil && !*k.Listed
	switch {
	case public && k.State == StateDisabled:
		return Next{Do: "enable, or leave it disabled"}
	case public && k.State == StateActive:
		if t := k.StopsProducing(); !t.IsZero() {
			return by("import the zone's next export", t)
		}
		return Next{}
	case public:
		return Next{}
	case k.State == StateDisabled:
		return Next{Do: "enable or destroy"}
	case k.State == StateNext && unlisted:
		return Next{Do: "retire: the policy does not list the algorithm", Overdue: true}
	case k.State == StateNext:
		return by("rotate to put it to use", k.StopsProducing())
	case k.State == StateRetired && unlisted:
		return Next{Do: "reseal and destroy: the policy does not list the algorithm", Overdue: true}
	case k.State == StateRetired:
		return by("reseal what it made, then destroy", k.FallsOut())
	case unlisted:
		return Next{Do: "rotate: the policy does not list the algorithm", Overdue: true}
	case k.Uses != nil && *k.Uses >= crypto.UseWarning:
		return Next{Do: fmt.Sprintf("rotate: used about %d of %d times", *k.Uses, uint64(crypto.UseLimit)), Overdue: true}
	}
	if t := k.StopsProducing(); !t.IsZero() {
		return by("rotate", t)
	}
	return Next{}
}

// earliest returns the earliest of some times; the zero time sets no end.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
