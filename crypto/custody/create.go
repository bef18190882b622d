package custody

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Creation is which keysets are to be made.
type Creation struct {
	Zones []string

	// Uses are the uses to make keys for; none: all but those that are made when
	// asked for only, which is tenant.
	Uses []crypto.Use

	// Missing also makes keysets of zones that have some of them, and keysets
	// that a backup on record holds. Without it that is refused: such a keyset
	// was probably lost, and a fresh one would hide it.
	Missing bool
}

// Create writes a keyset of one fresh key, active, for each zone and use. A zone
// that has them all stays as it is. All files are written and synced before the
// first gets its name, and a failure takes everything back; nothing is
// overwritten.
func (f *Folder) Create(act Act, c Creation) (*Change, error) {
	return f.turn(act, "create", func(t *turn) error {
		if err := t.needPolicy(); err != nil {
			return err
		}
		if err := keyfile.CheckNames(t.policy, c.Zones); err != nil {
			return err
		}
		kinds, err := c.kinds()
		if err != nil {
			return err
		}
		staging := keyfile.NewStaging(t.disk)
		err = t.create(staging, c, kinds, act.At)
		if err == nil {
			err = staging.Publish()
		}
		if err != nil {
			staging.Abort()
		}
		return err
	})
}

// kinds returns the uses to make keys for.
func (c Creation) kinds() ([]*keyfile.Kind, error) {
	var kinds []*keyfile.Kind
	for i := range keyfile.Kinds {
		if len(c.Uses) == 0 && !keyfile.Kinds[i].Optional {
			kinds = append(kinds, &keyfile.Kinds[i])
		}
	}
	seen := make(map[crypto.Use]bool)
	for _, u := range c.Uses {
		k := keyfile.KindOf(u.String())
		if k == nil || k.IsPublic {
			return nil, &Error{What: u.String(), Reason: ReasonUse, Detail: "public keys are imported, not made"}
		}
		if !seen[u] {
			kinds = append(kinds, k)
		}
		seen[u] = true
	}
	return kinds, nil
}

// create stages the keysets of all zones.
func (t *turn) create(staging *keyfile.Staging, c Creation, kinds []*keyfile.Kind, at time.Time) error {
	recorded, err := t.recorded()
	if err != nil {
		return err
	}
	for _, zone := range c.Zones {
		if err := t.noPublic(zone); err != nil {
			return err
		}
		var there []string
		var missing []*keyfile.Kind
		for _, k := range kinds {
			name := keyfile.FileName(zone, k.Name)
			if _, err := t.root.Lstat(name); err == nil {
				there = append(there, name)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return &keyfile.Error{File: name, Reason: keyfile.Unreadable, Err: err}
			} else if id := recorded[name]; id != "" && !c.Missing {
				return &Error{What: keysetName(zone, k.Name), Reason: ReasonIncomplete, Detail: "backup " + id + " holds it"}
			} else {
				missing = append(missing, k)
			}
		}
		t.change.Kept = append(t.change.Kept, there...)
		if len(there) > 0 && len(missing) > 0 && !c.Missing {
			return &Error{What: keysetName(zone, missing[0].Name), Reason: ReasonIncomplete, Detail: fmt.Sprintf("%s is there", there[0])}
		}
		for _, k := range missing {
			if err := t.createOne(staging, zone, k, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// recorded returns the keyset files that backups on record hold, each with the id
// of the latest.
func (t *turn) recorded() (map[string]string, error) {
	l, err := t.ledger()
	if err != nil {
		return nil, err
	}
	files := make(map[string]string)
	for _, b := range l.Backups {
		for _, k := range b.Keys {
			files[keyfile.FileName(k.Zone, k.Use)] = b.ID
		}
	}
	return files, nil
}

// noPublic refuses private keys of a zone whose public keys were imported.
func (t *turn) noPublic(zone string) error {
	for i := range keyfile.Kinds {
		k := &keyfile.Kinds[i]
		if _, err := t.root.Lstat(keyfile.FileName(zone, k.Name)); err == nil && k.IsPublic {
			return &Error{What: keysetName(zone, k.Name), Reason: ReasonPrivate, Detail: "public keys of this zone were imported"}
		}
	}
	return nil
}

func (t *turn) createOne(staging *keyfile.Staging, zone string, k *keyfile.Kind, at time.Time) error {
	f := &keyfile.File{Format: keyfile.FormatNumber, Policy: t.policy, Zone: zone, Use: k.Name}
	m := keyset.NewManager()
	if _, err := t.addKey(f, m, keyfile.StateActive, at); err != nil {
		return err
	}
	keys, err := m.Handle()
	if err != nil {
		return &keyfile.Error{File: f.Name(), Reason: keyfile.Keys, Err: err}
	}
	if err := lock(f, keys, t.kek); err != nil {
		return err
	}
	if err := staging.Stage(f); err != nil {
		return err
	}
	t.change.record(nil, f)
	return nil
}

// addKey makes a key as the plan wants it.
func (t *turn) addKey(f *keyfile.File, m *keyset.Manager, state keyfile.State, at time.Time) (uint32, error) {
	refuse := func(detail string) error {
		return &Error{What: keysetName(f.Zone, f.Use), Reason: ReasonPlan, Detail: detail}
	}
	use, _ := crypto.ParseUse(f.Use)
	plan, planner := Plan{}, t.options.Plan
	if planner != nil {
		var err error
		// The planner may count days by the calendar of the location of at.
		if plan, err = planner(use, at.Truncate(time.Second)); err != nil {
			return 0, refuse(err.Error())
		}
	}
	if plan.Algorithm == "" {
		plan.Algorithm = f.Kind().Algorithms[0].Name
	}
	if a := f.Kind().Algorithm(plan.Algorithm); a == nil || a.Parameters == nil {
		return 0, refuse(fmt.Sprintf("keys of this use cannot be of algorithm %q", plan.Algorithm))
	}
	line := keyfile.Key{State: state, Created: t.now, ProduceUntil: from(plan.ProduceUntil), ConsumeUntil: from(plan.ConsumeUntil)}
	if !line.ConsumeUntil.IsZero() && (line.ProduceUntil.IsZero() || line.ConsumeUntil.Before(line.ProduceUntil)) {
		line.ProduceUntil = line.ConsumeUntil // what is made then could never be opened
	}
	if !line.ProduceUntil.IsZero() && !t.now.Before(line.ProduceUntil) {
		return 0, refuse(fmt.Sprintf("its time to produce would be over since %s", line.ProduceUntil.Format(time.RFC3339)))
	}
	id, err := f.AddKey(m, plan.Algorithm, line)
	if err != nil {
		return 0, &keyfile.Error{File: f.Name(), Reason: keyfile.Keys, Err: err}
	}
	return id, nil
}

// from turns the last instant of a time into the second from which it is over:
// the end of a day is the beginning of the next.
func from(last time.Time) time.Time {
	if last.IsZero() {
		return last
	}
	return keyfile.Now(last.Add(time.Second - time.Nanosecond))
}
