// Package door lets the packages below crypto, and nobody else, ask its main
// package for what applications must not have, such as keys by the name of a zone.
package door

// Pass opens the door. Its field keeps a struct{}{} from being one, and the zero
// Pass, which a type parameter could be made to give, is of no use.
type Pass struct{ issued bool }

// NewPass returns a pass.
func NewPass() Pass { return Pass{issued: true} }

// Issued reports whether the pass is one that [NewPass] returned.
func (p Pass) Issued() bool { return p.issued }

// Zone stands for a zone whose type is not known where keys are asked for.
type Zone struct{}

// ZoneName is empty: the zone has a name, but not this type.
func (Zone) ZoneName() string { return "" }
