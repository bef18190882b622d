package custody

import (
	"fmt"
	"time"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Act is who does something, and when. It stands in every record of what was
// done.
type Act struct {
	By string    // who: 1 to 64 printable ASCII characters without blanks
	At time.Time // when; kept in UTC, in whole seconds
}

func (a Act) check() error {
	if detail := checkName(a.By); detail != "" {
		return &Error{Reason: ReasonOperator, Detail: "operator " + detail}
	}
	if a.At.IsZero() || a.At.Year() < 2000 || a.At.Year() > 9000 {
		return &Error{Reason: ReasonClock, Detail: "a time was not given, or is none"}
	}
	return nil
}

// checkName says what is wrong with the name of a person; empty when nothing is.
func checkName(name string) string {
	ok := name != "" && len(name) <= nameLimit
	for _, c := range []byte(name) {
		ok = ok && c > ' ' && c <= '~'
	}
	if ok {
		return ""
	}
	return fmt.Sprintf("%.64q", name)
}

const nameLimit = 64 // bytes of the name of a person

// State is where a key is in its life.
type State string

// The states of a key. The zero value is that of a key that was not there.
const (
	StateNone      State = ""          // it was not there
	StateNext      State = "next"      // opens already, makes nothing yet
	StateActive    State = "active"    // makes what is new, and opens
	StateRetired   State = "retired"   // opens only
	StateDisabled  State = "disabled"  // does nothing, can come back
	StateDestroyed State = "destroyed" // gone
)

// Change is what was done. It holds no key material.
type Change struct {
	Action string      `json:"action"` // the command's word for it: "create", "rotate", …
	Policy string      `json:"policy"`
	At     time.Time   `json:"at"`
	By     string      `json:"by"`
	Keys   []KeyChange `json:"keys,omitempty"` // the keys whose state changed
	Kept   []string    `json:"kept,omitempty"` // keyset files that were there and stay as they are
}

// KeyChange is what happened to one key.
type KeyChange struct {
	Zone         string    `json:"zone"`
	Use          string    `json:"use"`
	ID           uint32    `json:"id"`
	Algorithm    string    `json:"algorithm"`
	From         State     `json:"from,omitempty"` // empty: it was not there
	To           State     `json:"to"`
	ProduceUntil time.Time `json:"produce-until,omitzero"` // nothing new is made with it from then on; zero: no end is set
	ConsumeUntil time.Time `json:"consume-until,omitzero"` // nothing is opened with it from then on; zero: no end is set
}

// KeyRef names one key.
type KeyRef struct {
	Zone string `json:"zone"`
	Use  string `json:"use"`
	ID   uint32 `json:"id"`
}

// String returns the key's name for people: zone.use and id.
func (k KeyRef) String() string { return fmt.Sprintf("%s.%s key %d", k.Zone, k.Use, k.ID) }

// record adds what differs between two versions of a keyset file. Before is nil
// for a new file.
func (c *Change) record(before, after *keyfile.File) {
	for i := range after.Keys {
		k, from := &after.Keys[i], StateNone
		if before != nil {
			if old := before.Key(k.ID); old != nil {
				from = State(old.State)
			}
		}
		if from != State(k.State) {
			c.Keys = append(c.Keys, KeyChange{Zone: after.Zone, Use: after.Use, ID: k.ID, Algorithm: k.Algorithm,
				From: from, To: State(k.State), ProduceUntil: k.ProduceUntil, ConsumeUntil: k.ConsumeUntil})
		}
	}
}

// keysetName names a keyset for people, and where an operator has to.
func keysetName(zone, use string) string { return zone + "." + use }
