package classify

import (
	"fmt"
	"strings"
)

// Action is what a rule does with a field on its way to another zone. Actions
// are ordered by what the far side learns, loosest first; the order of the
// constants is that order.
type Action uint8

const (
	ActionUnknown    Action = iota // no decision; invalid in a rule
	ActionPass                     // the value itself
	ActionGeneralise               // a coarser value, such as an age band
	ActionMask                     // a few characters of the value
	ActionToken                    // a keyed pseudonym: whether two values of one road are equal
	ActionEncrypt                  // a ciphertext that only the home zone opens
	ActionDrop                     // nothing
	ActionRefuse                   // nothing, and the record does not go either
)

// actionNames is indexed by Action.
var actionNames = [...]string{"unknown", "pass", "generalise", "mask", "token", "encrypt", "drop", "refuse"}

// ParseAction returns the action of the given name (pass, generalise, mask,
// token, encrypt, drop or refuse), or an error that lists them.
func ParseAction(s string) (Action, error) {
	for a := ActionPass; a <= ActionRefuse; a++ {
		if actionNames[a] == s {
			return a, nil
		}
	}
	names := actionNames[ActionPass:ActionRefuse]
	return ActionUnknown, fmt.Errorf("unknown action %q: want %s or %s", s, strings.Join(names, ", "), ActionRefuse)
}

// String returns the name of a, and "unknown" for what is not an action.
func (a Action) String() string {
	if a > ActionRefuse {
		a = ActionUnknown
	}
	return actionNames[a]
}

// MarshalText returns the name of a. It fails on [ActionUnknown] and on what
// is not an action, so that a policy without a decision cannot be written.
func (a Action) MarshalText() ([]byte, error) {
	if a == ActionUnknown || a > ActionRefuse {
		return nil, fmt.Errorf("classify: action %d has no name: want one from pass to refuse", uint8(a))
	}
	return []byte(actionNames[a]), nil
}

// UnmarshalText sets a to the action of the given name, as [ParseAction].
func (a *Action) UnmarshalText(text []byte) error {
	parsed, err := ParseAction(string(text))
	if err != nil {
		return fmt.Errorf("classify: %w", err)
	}
	*a = parsed
	return nil
}

// Stricter returns the one of a and b that tells the far side less.
// [ActionUnknown] is no decision and gives way to any other; what is not an
// action at all counts as [ActionRefuse].
func Stricter(a, b Action) Action { return min(max(a, b), ActionRefuse) }
