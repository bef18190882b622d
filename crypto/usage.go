package crypto

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// UseLimit is how many values may be sealed under one key: AES-GCM with random
// nonces of 96 bits (NIST SP 800-38D, 8.3). Keys of the other uses have no such
// limit: tokens and indexes need no nonce, and each stream, box and parcel has a
// key of its own.
const UseLimit = 1 << 32

// UseWarning is the number of values after which a [Warning] says that it is
// time to rotate the key: a quarter of the limit.
const UseWarning = UseLimit / 4

// reserve is how many uses a process takes from the ledger at a time. What it
// does not use before it ends is lost: 4,096 starts would use up a key.
const reserve = 1 << 20

// Ledger counts how often keys were used, over processes and starts.
// [OpenLedger] makes one of a folder.
type Ledger interface {
	// Reserve adds n to the count of the zone's key and returns the sum. It is
	// durable when it returns. The error stops the sealing.
	Reserve(policy, zone string, key uint32, n uint64) (sum uint64, err error)
}

// memoryLedger counts for one process.
type memoryLedger struct {
	mu   sync.Mutex
	sums map[string]uint64
}

func (l *memoryLedger) Reserve(policy, zone string, key uint32, n uint64) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sums == nil {
		l.sums = make(map[string]uint64)
	}
	name := fmt.Sprintf("%q %q %d", policy, zone, key)
	l.sums[name] += n
	return l.sums[name], nil
}

// counts holds a counter for each seal key of a keyring, so that opening the
// folder again does not begin to count anew.
type counts struct {
	policy string
	ledger Ledger
	warn   func(Warning)
	mu     sync.Mutex
	all    map[string]*counter
}

func (c *counts) of(policy string) { c.policy = policy }

func (c *counts) counter(zone string, key uint32) *counter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = make(map[string]*counter)
	}
	name := fmt.Sprintf("%s %d", zone, key)
	if c.all[name] == nil {
		c.all[name] = &counter{counts: c, policy: c.policy, zone: zone, key: key}
	}
	return c.all[name]
}

// counter counts the uses of one key.
type counter struct {
	counts       *counts
	policy, zone string
	key          uint32
	left         atomic.Int64 // of what was reserved; below zero: nothing
	mu           sync.Mutex
	warned, used bool // a quarter of the limit, all of it
}

// take counts one use. It takes a lock once in a million times.
func (c *counter) take() error {
	if c.left.Add(-1) >= 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left.Add(-1) >= 0 {
		return nil // another reserved while this one waited
	}
	if c.used {
		return &UsedUpError{Zone: c.zone, KeyID: c.key} // counting on would fill the ledger
	}
	sum, err := c.counts.ledger.Reserve(c.policy, c.zone, c.key, reserve)
	if err != nil {
		return &LedgerError{Zone: c.zone, KeyID: c.key, Err: err}
	}
	if sum > UseLimit || sum < reserve {
		c.used = true
		return &UsedUpError{Zone: c.zone, KeyID: c.key}
	}
	if sum > UseWarning && !c.warned {
		c.warned = true
		c.counts.warn(Warning{Kind: WarnUses, Zone: c.zone, Use: UseSeal, KeyID: c.key, Uses: sum})
	}
	c.left.Store(reserve - 1)
	return nil
}

// WarningKind is what a [Warning] is about.
type WarningKind uint8

// The kinds of warnings. The zero value is none.
const (
	WarnNothing WarningKind = iota // no warning
	WarnUses                       // a seal key was used [UseWarning] times: rotate it
	WarnPeriod                     // within 30 days nothing new can be made with a key: rotate it
	WarnStale                      // the folder could not be opened again; the keys work until At
)

// Warning is something to see to before it refuses. It holds no key material.
type Warning struct {
	Kind  WarningKind
	Zone  string    // empty for WarnStale
	Use   Use       // of the key
	KeyID uint32    // of the key
	Uses  uint64    // for WarnUses: how often, rounded up to what was reserved
	At    time.Time // for WarnPeriod and WarnStale: when it refuses
	Err   error     // for WarnStale: why
}

// String returns the warning in one line.
func (w Warning) String() string {
	switch w.Kind {
	case WarnUses:
		return fmt.Sprintf("key %d (%s of zone %q) has sealed about %d values of at most %d: rotate it", w.KeyID, w.Use, w.Zone, w.Uses, uint64(UseLimit))
	case WarnPeriod:
		return fmt.Sprintf("key %d (%s of zone %q) makes nothing new from %s on: rotate it", w.KeyID, w.Use, w.Zone, w.At.UTC().Format(time.RFC3339))
	case WarnStale:
		s := "the keyring cannot be opened again, its keys work until " + w.At.UTC().Format(time.RFC3339)
		if w.Err != nil {
			s += ": " + oneLine(w.Err)
		}
		return s
	}
	return "nothing"
}

// periodWarning is how long before a key's time to produce is over it is warned
// of.
const periodWarning = 30 * 24 * time.Hour

// warnPeriods warns of the active keys whose time to produce is nearly over.
func (r *ring) warnPeriods(s *state) {
	for _, name := range s.names() {
		z := s.zones[name]
		for u := UseUnknown + 1; u.valid(); u++ {
			if at := z.until[u]; !at.IsZero() && at.Sub(s.opened) < periodWarning {
				r.options.warn(Warning{Kind: WarnPeriod, Zone: z.zone, Use: u, KeyID: z.primary[u], At: at})
			}
		}
	}
}
