package crypto

import (
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

type handle = *keyset.Handle

// state is a keyring as it was opened at one time. It does not change, but for
// its life ending.
type state struct {
	policy string
	zones  map[string]*zoneKeys
	life   *life
	opened time.Time
	// Keys' times to produce or consume are over at last and at next: in between
	// the state is right. Zero: never before, never again.
	last, next time.Time
	// again makes the state that the same files give at another time.
	again func(now time.Time) (*state, error)
}

// life is whether keys may still be used. Everybody who holds keys of a state
// looks at it, also those who took them before it ended.
type life struct{ over atomic.Bool }

// openedFile is a keyset file and its keys. They are in a function and not in a
// field, because the walkers that read unexported memory by reflection (fmt,
// spew, debug dumps) stop at a function.
type openedFile struct {
	file *keyfile.File
	use  Use
	keys func() handle // nil: all keys are destroyed
}

// zoneKeys is the keys of one zone, resolved to the functions that use them, for
// the same reason.
type zoneKeys struct {
	zone                 string
	life                 *life
	seal, open           func(b, ad []byte) ([]byte, error) // nil: no seal keyset
	count                *counter                           // of the primary seal key
	token, index, tenant prfKeys
	encryptTo            func(w io.Writer, ad []byte) (io.WriteCloser, error)
	decryptFrom          func(r io.Reader, ad []byte) (io.Reader, error)
	sealBox, openBox     func(b, info []byte) ([]byte, error)
	sign                 func(message []byte) ([]byte, error)
	verify               func(signature, message []byte) error
	primary              [uses]uint32
	until                [uses]time.Time      // when the active key's time to produce is over; zero: no end is set
	ended                [uses]*PeriodError   // it is over
	lapsed               map[one]*PeriodError // keys whose time to consume is over
	gone                 [uses]*PeriodError   // that of the active key, when it is over for all keys of the use
}

// one names a key. Keys of two uses may have one id: a private key and its public
// half, for instance.
type one struct {
	use Use
	id  uint32
}

// names returns the names of the zones, sorted.
func (s *state) names() []string { return slices.Sorted(maps.Keys(s.zones)) }

// has reports whether there is a keyset for the use.
func (z *zoneKeys) has(u Use) bool {
	switch u {
	case UseSeal:
		return z.open != nil
	case UseToken:
		return z.token.first != nil
	case UseIndex:
		return z.index.first != nil
	case UseTenant:
		return z.tenant.first != nil
	case UseStream:
		return z.decryptFrom != nil
	case UseBox:
		return z.openBox != nil
	case UseSign:
		return z.sign != nil
	case UseBoxPublic:
		return z.sealBox != nil
	case UseVerify:
		return z.verify != nil
	}
	return false
}

// private reports whether there are keys that are not public, or were until their
// time to consume was over: operations with those say so.
func (z *zoneKeys) private() bool {
	for u := UseUnknown + 1; u.valid(); u++ {
		if !u.kind().IsPublic && (z.has(u) || z.gone[u] != nil) {
			return true
		}
	}
	return false
}

// public is private for public keys, those of private keys among them.
func (z *zoneKeys) public() bool {
	for _, u := range [...]Use{UseBoxPublic, UseVerify} {
		if z.has(u) || z.gone[u] != nil || z.gone[u.private()] != nil {
			return true
		}
	}
	return false
}

// holder returns the use of the keyset that does the work of public keys: where
// the private keys are, it is their public halves, whatever public keyset lies
// beside them.
func (z *zoneKeys) holder(u Use) Use {
	if u == UseBoxPublic && z.openBox != nil || u == UseVerify && z.sign != nil {
		return u.private()
	}
	return u
}

// stale returns why nothing at all may be done, nil when it may.
func (z *zoneKeys) stale() error {
	if z.life.over.Load() {
		return &StaleError{Zone: z.zone}
	}
	return nil
}

// mayProduce returns why nothing new may be made for the use, nil when it may.
func (z *zoneKeys) mayProduce(u Use) error {
	if err := z.stale(); err != nil {
		return err
	}
	if e := z.ended[u]; e != nil {
		return e
	}
	return nil
}

// openFiles reads and decrypts every keyset file of the folder.
func openFiles(fsys fs.FS, kek tink.AEAD) ([]openedFile, error) {
	files, err := keyfile.ReadAll(fsys)
	if err != nil {
		return nil, keyringError(err)
	}
	if len(files) == 0 {
		return nil, &KeyringError{Reason: ReasonEmpty}
	}
	var opened []openedFile
	tested := false
	for _, f := range files {
		h, err := f.Unlock(kek)
		if err != nil {
			return nil, keyringError(err)
		}
		if h != nil && !tested {
			if !f.BindsAD(kek) {
				return nil, &KeyringError{File: f.Name(), Reason: ReasonUnbound, Detail: fmt.Sprintf("%T", kek)}
			}
			tested = true
		}
		use, _ := ParseUse(f.Use)
		opened = append(opened, openedFile{f, use, func() handle { return h }})
	}
	return opened, nil
}

// newState resolves the keys that are in force at the time.
func (r *ring) newState(opened []openedFile, now time.Time) (*state, error) {
	s := &state{policy: opened[0].file.Policy, zones: make(map[string]*zoneKeys), life: new(life), opened: now}
	r.counts.of(s.policy)
	for _, o := range opened {
		z := s.zones[o.file.Zone]
		if z == nil {
			z = &zoneKeys{zone: o.file.Zone, life: s.life, lapsed: make(map[one]*PeriodError)}
			s.zones[o.file.Zone] = z
		}
		if fips140.Enforced() && o.use.forbidden() {
			return nil, &KeyringError{File: o.file.Name(), Reason: ReasonMode}
		}
		if err := z.add(o, now); err != nil {
			return nil, &KeyringError{File: o.file.Name(), Reason: ReasonKeys, Detail: err.Error()}
		}
		if o.use == UseSeal && z.seal != nil {
			z.count = r.counts.counter(z.zone, z.primary[UseSeal])
		}
		for i := range o.file.Keys {
			s.bound(&o.file.Keys[i], now)
		}
	}
	maps.DeleteFunc(s.zones, func(_ string, z *zoneKeys) bool { return !z.private() && !z.public() }) // all destroyed
	s.again = func(now time.Time) (*state, error) { return r.newState(opened, now) }
	return s, nil
}

// bound remembers between which of the key's times now is.
func (s *state) bound(k *keyfile.Key, now time.Time) {
	if k.State == keyfile.StateDestroyed || k.State == keyfile.StateDisabled {
		return
	}
	for _, t := range []time.Time{k.ProduceUntil, k.ConsumeUntil} {
		if t.After(now) && (s.next.IsZero() || t.Before(s.next)) {
			s.next = t
		}
		if !t.After(now) && t.After(s.last) {
			s.last = t
		}
	}
}

// add resolves a keyset, without the keys whose time to consume is over.
func (z *zoneKeys) add(o openedFile, now time.Time) error {
	h := o.keys()
	if h == nil {
		return nil
	}
	over := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	active := o.file.Active()
	z.primary[o.use], z.until[o.use] = active.ID, active.ProduceUntil
	if over(active.ProduceUntil) {
		z.ended[o.use] = &PeriodError{Zone: z.zone, Use: o.use, KeyID: active.ID, Until: active.ProduceUntil}
	}
	m, first := keyset.NewManagerFromHandle(h), uint32(0)
	var lapsed []uint32
	for i := range o.file.Keys {
		k := &o.file.Keys[i]
		switch {
		case k.State == keyfile.StateDestroyed || k.State == keyfile.StateDisabled:
		case over(k.ConsumeUntil):
			z.lapsed[one{o.use, k.ID}] = &PeriodError{Zone: z.zone, Use: o.use, KeyID: k.ID, Until: k.ConsumeUntil, Consume: true}
			lapsed = append(lapsed, k.ID)
		case k.State == keyfile.StateActive || first == 0:
			first = k.ID
		}
	}
	if lapsed == nil {
		return z.attach(o.use, h)
	}
	if first == 0 { // no key is left that opens anything
		z.gone[o.use] = z.lapsed[one{o.use, active.ID}]
		return nil
	}
	if err := m.SetPrimary(first); err != nil {
		return err
	}
	for _, id := range lapsed {
		if err := m.Delete(id); err != nil {
			return err
		}
	}
	h, err := m.Handle()
	if err != nil {
		return err
	}
	return z.attach(o.use, h)
}

// put makes s the state in force and starts its clock.
func (r *ring) put(s *state) {
	r.state.Store(s)
	r.warnPeriods(s)
	if r.options.grace > 0 {
		l := s.life
		time.AfterFunc(r.options.grace, func() { l.over.Store(true) })
	}
}

// current returns the keys in force now, opening the folder again when it is
// time to. While one goroutine does that, the others go on with what there is.
func (r *ring) current() (*state, error) {
	s, now := r.state.Load(), r.options.now()
	if !s.due(now, r.options.every) {
		return s, nil
	}
	stale, wait := s.stale(now, r.options.grace), time.Duration(0)
	if stale || !s.right(now) {
		wait = patience // what there is is no good
	}
	if !r.turn.take(wait) {
		if wait == 0 {
			return s, nil
		}
		if stale {
			s.life.over.Store(true)
		}
		return nil, &StaleError{Since: s.opened, Err: errHangs}
	}
	defer r.turn.give()
	if s = r.state.Load(); !s.due(now, r.options.every) {
		return s, nil
	}
	return r.renew(s, now)
}

// patience is how long one waits for somebody else who opens the folder again: a
// tink.AEAD has no context, and the service behind it may never answer.
const patience = 10 * time.Second

var errHangs = errors.New("opening it began more than 10 seconds ago and has not ended")

// turn is a lock that one can stop waiting for. The zero value is free.
type turn struct {
	once sync.Once
	held chan struct{}
}

// take reports whether it got the turn within the time. Give gives it back.
func (t *turn) take(wait time.Duration) bool {
	t.once.Do(func() { t.held = make(chan struct{}, 1) })
	select {
	case t.held <- struct{}{}:
		return true
	default:
	}
	if wait <= 0 {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case t.held <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

func (t *turn) give() { <-t.held }

// due reports whether the state is not right at the time any more, or not known
// to be.
func (s *state) due(now time.Time, every time.Duration) bool {
	return s.old(now, every) || !s.right(now)
}

// right reports whether the keys in force are those of the time, which also goes
// back when a clock that was wrong is set.
func (s *state) right(now time.Time) bool {
	return (s.next.IsZero() || now.Before(s.next)) && !now.Before(s.last)
}

// old reports whether it is time to open the folder again.
func (s *state) old(now time.Time, every time.Duration) bool {
	return every > 0 && (s.age(now) >= every || s.life.over.Load())
}

// stale reports whether the keys may not be used any more.
func (s *state) stale(now time.Time, grace time.Duration) bool {
	return grace > 0 && s.age(now) >= grace || s.life.over.Load()
}

// age is how long ago the folder was opened, by the clock on the wall or by the
// monotonic one, whichever says longer: somebody can set the first back, and the
// second stands still while a machine sleeps.
func (s *state) age(now time.Time) time.Duration {
	return max(now.Sub(s.opened), now.Round(0).Sub(s.opened.Round(0)))
}

// renew opens the folder again, or, when that is not due or does not work,
// resolves what was read before for the time it is now.
func (r *ring) renew(s *state, now time.Time) (*state, error) {
	if every := r.options.every; s.old(now, every) && !now.Before(r.retry) {
		fresh, err := r.reopen(now)
		if err == nil {
			r.put(fresh)
			return fresh, nil
		}
		r.failed, r.retry = err, now.Add(min(every, time.Second))
		r.options.warn(Warning{Kind: WarnStale, At: s.opened.Add(r.options.grace), Err: err})
	}
	if s.stale(now, r.options.grace) {
		s.life.over.Store(true)
		return nil, &StaleError{Since: s.opened, Err: r.failed}
	}
	if s.right(now) {
		return s, nil
	}
	fresh, err := s.again(now)
	if err != nil {
		return nil, err
	}
	fresh.opened, fresh.life = s.opened, s.life // it is not newer for being looked at again
	for _, z := range fresh.zones {
		z.life = s.life
	}
	r.state.Store(fresh)
	return fresh, nil
}

// zone returns the keys of a zone that are in force now.
func (r *Keyring) zone(name string) (*zoneKeys, error) {
	if r == nil || r.r == nil {
		return nil, &NoKeysError{Zone: name}
	}
	s, err := r.r.current()
	if err != nil {
		return nil, err
	}
	z := s.zones[name]
	if z == nil {
		return nil, &NoKeysError{Zone: name}
	}
	return z, nil
}
