// Package crypto stands for the run time in the fixtures.
package crypto

type Sealed[Z, T any] struct{ b []byte }

type Token[R any] struct{ b [20]byte }

func (t Token[R]) Equal(o Token[R]) bool { return t == o }
