package p

import "github.com/sekisho-go/sekisho/crypto"

// Nothing converts between zones, types and routes.

func _(s crypto.Sealed[MyNumber, Group], t crypto.Token[ToLGWAN], k *crypto.Keys[MyNumber]) {
	_ = crypto.Sealed[LGWAN, Group](s)    /* ERROR "cannot convert s .* to type crypto.Sealed\[LGWAN, Group\]" */
	_ = crypto.Sealed[MyNumber, Other](s) /* ERROR "cannot convert s" */
	_ = crypto.Token[ToInternet](t)       /* ERROR "cannot convert t" */
	_ = crypto.Keys[LGWAN](*k)            /* ERROR "cannot convert \*k" */
	_ = (*crypto.Keys[LGWAN])(k)          /* ERROR "cannot convert k" */

	var far crypto.Sealed[LGWAN, Group] = s /* ERROR "cannot use s" */
	_ = far
	var other crypto.Sealed[MyNumber, Other] = s /* ERROR "cannot use s" */
	_ = other
	var internet crypto.Token[ToInternet] = t /* ERROR "cannot use t" */
	_ = internet

	// Not by way of a look-alike either: its blank fields are of another package.
	_ = crypto.Sealed[LGWAN, Group](lookAlike{}) /* ERROR "cannot convert lookAlike" */
	_ = crypto.Token[ToLGWAN]([20]byte{})        /* ERROR "cannot convert" */
	_ = crypto.Sealed[LGWAN, Group]([]byte(nil)) /* ERROR "cannot convert" */
}

type lookAlike struct {
	_  [0]*LGWAN
	_  [0]*Group
	ct []byte
}
