package crypto

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyderivation"
	"github.com/tink-crypto/tink-go/v2/keyderivation/prfbasedkeyderivation"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf/aescmacprf"
	"github.com/tink-crypto/tink-go/v2/prf/hkdfprf"

	"github.com/sekisho-go/sekisho/crypto/internal/door"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Derive is for package tenant: nobody else can make a door.Pass. For one tenant
// it returns open, which makes keyrings of the tenant's keys, and end, which stops
// them all, also for those who hold Keys already: what they do then fails with a
// *[StaleError], and asking for keys with one whose cause is err.
//
// Secret returns the tenant's own key, HKDF-SHA256, as the only key of a keyset.
// It is called when a keyring is made and whenever r was opened again. Gone says
// that the key was destroyed: the tenant's keyrings end with the error. Any other
// error lets what there is go on within the grace of r.
//
// For each zone that has tenant keys in r, and each of their enabled keys, the
// tenant has a key of the same id for seal, token, index and stream:
//
//	info = AppendAD("sekisho tenant", policy, zone, use, tenant)
//	root = HKDF-SHA256(zone's tenant key, info), 32 bytes
//	key  = Tink's key derivation(tenant's own key, salt AppendAD(info, root))
//
// Without the tenant's own key nothing is known of its keys, whoever has the
// zone's: HKDF is a pseudo-random function of its key (RFC 5869). Without the
// zone's nothing is known of them either, whoever has the tenant's: HMAC with
// SHA-256 is one of its input too, when that is as long and as random as a key.
func Derive(r *Keyring, pass door.Pass, tenant string, secret func() (h *keyset.Handle, gone bool, err error), warn func(Warning)) (open func() (*Keyring, error), end func(err error)) {
	if !pass.Issued() {
		return func() (*Keyring, error) { return nil, &NoKeysError{} }, func(error) {}
	}
	d := &derivation{parent: r.r, tenant: tenant, secret: secret, warn: warn, lives: make(map[*life]*life)}
	d.counts = &counts{policy: r.r.policy, ledger: tenantLedger{r.r.options.ledger, tenant}, warn: warn}
	return d.open, d.end
}

// tenantUses are the uses that are derived. Boxes and signatures are not: their
// public halves are known to others, who know zones.
var tenantUses = [...]Use{UseSeal, UseToken, UseIndex, UseStream}

// derivation is one tenant's keys over a keyring. It outlives the keyrings that
// are made of it, so that a key is counted on and ended wherever it is.
type derivation struct {
	parent *ring
	tenant string
	secret func() (h *keyset.Handle, gone bool, err error)
	warn   func(Warning)
	counts *counts

	mu    sync.Mutex
	gone  error
	lives map[*life]*life // by the life of the parent's keys they are derived from
}

// open makes a keyring that follows the parent.
func (d *derivation) open() (*Keyring, error) {
	// The ring is due whenever it is asked, and to open it again is to look at
	// the parent. All it asks its clock is whether time has passed: dates are
	// the parent's to judge.
	r := &ring{policy: d.parent.policy, counts: d.counts}
	r.options = options{now: time.Now, ledger: d.counts.ledger, warn: func(Warning) {}, every: 1}
	f := &follower{d: d, r: r}
	r.reopen = func(time.Time) (*state, error) {
		s, err := f.follow()
		if e := (*StaleError)(nil); errors.As(err, &e) && e.Err != nil {
			err = e.Err // it will be wrapped as the same again
		}
		return s, err
	}
	s, err := f.follow()
	if err != nil {
		return nil, err
	}
	r.put(s)
	return &Keyring{r: r}, nil
}

// end stops all keys of the tenant for good.
func (d *derivation) end(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = err
	d.stop()
}

// stop ends what is alive. Keys that are derived later are alive again.
func (d *derivation) stop() {
	for parent, l := range d.lives {
		l.over.Store(true)
		delete(d.lives, parent)
	}
}

// follower keeps one keyring like the parent.
type follower struct {
	d     *derivation
	r     *ring
	from  *state        // of the parent: what the state was derived from
	read  time.Time     // when the parent was opened for which the secret was read
	own   func() handle // the secret: see openedFile
	retry time.Time     // after a failure, when to read it again
}

// follow returns the state that fits the parent's; one goroutine at a time asks.
func (f *follower) follow() (*state, error) {
	d := f.d
	d.mu.Lock()
	gone := d.gone
	d.mu.Unlock()
	if gone != nil {
		return nil, gone
	}
	parent, err := d.parent.current()
	if err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.stop()
		return nil, err
	}
	old := f.r.state.Load()
	l, err := f.readSecret(parent, old)
	if err != nil {
		return nil, err
	}
	if old != nil && parent == f.from && l == old.life {
		return old, nil
	}
	s, err := d.newState(parent, f.own(), l)
	if err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.stop() // what there is is not what the zone's keys are now
		return nil, err
	}
	f.from = parent
	return s, nil
}

// readSecret reads the tenant's own key when the parent was opened again, and
// returns the life of what is derived. While reading fails, what there is goes on
// for as long as it had.
func (f *follower) readSecret(parent, old *state) (*life, error) {
	d, now := f.d, f.d.parent.options.now()
	if old != nil && (parent.opened.Equal(f.read) || now.Before(f.retry)) {
		return old.life, nil
	}
	h, gone, err := d.secret()
	switch {
	case gone:
		d.end(err)
		return nil, err
	case err == nil:
		f.own, f.read = func() handle { return h }, parent.opened
		return d.lifeOf(parent, now)
	case old == nil || old.life.over.Load():
		return nil, err
	}
	f.retry = now.Add(min(d.parent.options.every, time.Second))
	d.warn(Warning{Kind: WarnStale, At: f.read.Add(d.parent.options.grace), Err: err})
	return old.life, nil
}

// lifeOf returns the life of the keys that are derived from the parent's state.
func (d *derivation) lifeOf(parent *state, now time.Time) (*life, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone != nil {
		return nil, d.gone
	}
	if l := d.lives[parent.life]; l != nil {
		return l, nil
	}
	for of, l := range d.lives {
		if l.over.Load() {
			delete(d.lives, of)
		}
	}
	l := new(life)
	d.lives[parent.life] = l
	if grace := d.parent.options.grace; grace > 0 {
		time.AfterFunc(grace-now.Sub(parent.opened), func() { l.over.Store(true) })
	}
	return l, nil
}

// newState derives the tenant's keys in every zone.
func (d *derivation) newState(parent *state, own handle, l *life) (*state, error) {
	s := &state{policy: parent.policy, zones: make(map[string]*zoneKeys), life: l}
	for name, root := range parent.zones {
		z, err := d.zone(parent.policy, root, own, l)
		if err != nil {
			return nil, fmt.Errorf("crypto: tenant %s: zone %q: the keys cannot be derived: %v", d.tenant, name, err)
		}
		if z != nil {
			s.zones[name] = z
		}
	}
	return s, nil
}

// zone derives the tenant's keys in one zone; nil when the zone has no tenant keys.
func (d *derivation) zone(policy string, root *zoneKeys, own handle, l *life) (*zoneKeys, error) {
	z := &zoneKeys{zone: root.zone, life: l, lapsed: make(map[one]*PeriodError)}
	for _, u := range tenantUses {
		for key, e := range root.lapsed {
			if key.use == UseTenant {
				z.lapsed[one{u, key.id}] = e
			}
		}
		z.gone[u] = root.gone[UseTenant]
	}
	if root.tenant.first == nil {
		if root.gone[UseTenant] == nil {
			return nil, nil
		}
		return z, nil
	}
	secret, err := own.Primary()
	if err != nil {
		return nil, err
	}
	for _, u := range tenantUses {
		info := AppendAD(nil, "sekisho tenant", policy, root.zone, u.String(), d.tenant)
		if err := z.derive(u, root, secret.Key(), info); err != nil {
			return nil, err
		}
		z.primary[u], z.ended[u] = root.primary[UseTenant], root.ended[UseTenant]
	}
	z.count = d.counts.counter(z.zone, z.primary[UseSeal])
	return z, nil
}

// derive attaches a key for each of the root's.
func (z *zoneKeys) derive(u Use, root *zoneKeys, secret key.Key, info []byte) error {
	m, marks := keyset.NewManager(), prfKeys{id: root.tenant.id, all: make(map[uint32]prfFunc)}
	for _, id := range root.tenant.order {
		out, err := root.tenant.all[id](info, 32)
		if err != nil {
			return err
		}
		salt := AppendAD(slices.Clone(info), string(out))
		k, err := derivedKey(u, id, secret, salt)
		clear(out)
		clear(salt)
		if err != nil {
			return err
		}
		if u == UseToken || u == UseIndex {
			err = marks.add(id, k)
		} else if added, e := m.AddKey(k); e != nil {
			err = e
		} else if id == root.tenant.id {
			err = m.SetPrimary(added)
		}
		if err != nil {
			return err
		}
	}
	if u == UseToken || u == UseIndex {
		marks.first, marks.order = marks.all[marks.id], marks.sorted()
		if u == UseToken {
			z.token = marks
		} else {
			z.index = marks
		}
		return nil
	}
	h, err := m.Handle()
	if err != nil {
		return err
	}
	return z.attach(u, h)
}

// derivedKey returns the key that Tink derives from the secret. Of the algorithms
// in use Tink derives all but AES-CMAC-PRF, whose key is any 32 bytes: for it an
// HKDF key is derived, and its bytes are passed on without being looked at.
func derivedKey(u Use, id uint32, secret key.Key, salt []byte) (key.Key, error) {
	carrier := u
	if u == UseToken || u == UseIndex {
		carrier = UseTenant
	}
	p, err := carrier.kind().Algorithms[0].Parameters()
	if err != nil {
		return nil, err
	}
	if !p.HasIDRequirement() {
		id = 0
	}
	both, err := prfbasedkeyderivation.NewParameters(secret.Parameters(), p)
	if err != nil {
		return nil, err
	}
	source, err := prfbasedkeyderivation.NewKey(both, secret, id)
	if err != nil {
		return nil, err
	}
	h, err := only(source)
	if err != nil {
		return nil, err
	}
	deriver, err := keyderivation.New(h)
	if err != nil {
		return nil, err
	}
	if h, err = deriver.DeriveKeyset(salt); err != nil {
		return nil, err
	}
	e, err := h.Primary()
	if err != nil {
		return nil, err
	}
	if carrier == u {
		return e.Key(), nil
	}
	k, ok := e.Key().(*hkdfprf.Key)
	if !ok {
		return nil, fmt.Errorf("derived a key of another algorithm")
	}
	return aescmacprf.NewKey(k.KeyBytes())
}

// only returns a keyset of one key.
func only(k key.Key) (handle, error) {
	m := keyset.NewManager()
	id, err := m.AddKey(k)
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	return m.Handle()
}

// add puts the function of a key into the set under the id.
func (p *prfKeys) add(id uint32, k key.Key) error {
	h, err := only(k)
	if err != nil {
		return err
	}
	var one prfKeys
	if err := one.attach(h); err != nil {
		return err
	}
	p.all[id] = one.first
	return nil
}

// tenantLedger counts the keys of a tenant under a name of their own: their ids
// are those of the zone's tenant keys, for every tenant the same.
type tenantLedger struct {
	Ledger
	tenant string
}

func (l tenantLedger) Reserve(policy, zone string, key uint32, n uint64) (uint64, error) {
	return l.Ledger.Reserve(policy, LedgerName(zone, l.tenant), key, n)
}

// LedgerName returns the name in place of the zone's under which a [Ledger]
// counts the keys of a tenant: both names, cut to 20 bytes each for people, and a
// hash of them for the machine, because a name has at most 64 bytes.
func LedgerName(zone, tenant string) string {
	sum := sha256.Sum256(keyfile.AppendAD(nil, "sekisho tenant", "uses", zone, tenant))
	hash := base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:12])
	return fmt.Sprintf("%.20s-%.20s-%s", zone, tenant, strings.ToLower(hash))
}
