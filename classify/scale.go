package classify

import (
	"fmt"
	"slices"
)

// Level is a rank on a [Scale]: 1 is the lowest, 0 is [Unknown]. Levels of
// different scales do not compare.
type Level uint8

// Unknown is the level of what was not classified. It is on no scale, and
// nothing may be decided by it.
const Unknown Level = 0

// maxLevels is how many levels fit in a Level beside Unknown.
const maxLevels = 255

// Scale is an ordered set of named levels, such as the classes of a policy.
// The zero Scale has no level.
type Scale struct {
	names []string // lowest first: the name of level l is names[l-1]
}

// NewScale returns the scale of the given names, lowest first. It fails when
// there are none or more than 255, when a name is not one that [ValidName]
// accepts, or when a name is given twice.
func NewScale(names ...string) (Scale, error) {
	if len(names) == 0 {
		return Scale{}, fmt.Errorf("classify: a scale needs at least one level")
	}
	if len(names) > maxLevels {
		return Scale{}, fmt.Errorf("classify: scale has %d levels: want at most %d", len(names), maxLevels)
	}
	for i, name := range names {
		if !ValidName(name) {
			return Scale{}, fmt.Errorf("classify: level %d is named %q: want %s", i+1, name, nameRule)
		}
		if j := slices.Index(names[:i], name); j >= 0 {
			return Scale{}, fmt.Errorf("classify: levels %d and %d are both named %q: want each name once", j+1, i+1, name)
		}
	}
	return Scale{slices.Clone(names)}, nil
}

// Level returns the level of the given name, and whether the scale has it.
func (s Scale) Level(name string) (Level, bool) {
	i := slices.Index(s.names, name)
	return Level(i + 1), i >= 0
}

// Name returns the name of l, or "" when l is not on the scale.
func (s Scale) Name(l Level) string {
	if l == Unknown || int(l) > len(s.names) {
		return ""
	}
	return s.names[l-1]
}

// Len returns the number of levels.
func (s Scale) Len() int { return len(s.names) }

// Names returns the names, lowest first. The caller may change the slice.
func (s Scale) Names() []string { return slices.Clone(s.names) }

// Lowest returns the lowest level, or [Unknown] on the zero Scale.
func (s Scale) Lowest() Level { return Level(min(1, len(s.names))) }

// Highest returns the highest level, or [Unknown] on the zero Scale.
func (s Scale) Highest() Level { return Level(len(s.names)) }
