package p

import "github.com/sekisho-go/sekisho/crypto"

// Indexes of two zones or two types are not the same thing, and neither is a token.

func _(i crypto.Index[MyNumber, Group], far crypto.Index[LGWAN, Group], other crypto.Index[MyNumber, Other], t crypto.Token[ToLGWAN]) {
	_ = i == i
	_ = i == far                                  /* ERROR "mismatched types" */
	_ = i == other                                /* ERROR "mismatched types" */
	_ = i == t                                    /* ERROR "mismatched types" */
	_ = crypto.Index[LGWAN, Group](i)             /* ERROR "cannot convert i" */
	_ = crypto.Index[MyNumber, Other](i)          /* ERROR "cannot convert i" */
	_ = crypto.Index[MyNumber, Group](t)          /* ERROR "cannot convert t" */
	_ = crypto.Token[ToLGWAN](i)                  /* ERROR "cannot convert i" */
	_ = crypto.Index[MyNumber, Group]([20]byte{}) /* ERROR "cannot convert" */
	_ = i.m                                       /* ERROR "undefined" */
	_ = map[crypto.Index[MyNumber, Group]]int{i: 1}
}

func _(k *crypto.Keys[MyNumber], i crypto.Index[MyNumber, Group], far crypto.Index[LGWAN, Group]) {
	_, _ = crypto.MatchIndex(k, crypto.Scope{}, nil, i)
	_, _ = crypto.MatchIndex(k, crypto.Scope{}, nil, far) /* ERROR "LGWAN.*MyNumber|MyNumber.*LGWAN" */
	_, _ = crypto.MakeIndex(k, crypto.Scope{}, nil)       /* ERROR "cannot infer T" */
	_, _ = crypto.Lookup(k, crypto.Scope{}, nil)          /* ERROR "cannot infer T" */
}
