package p

import "github.com/sekisho-go/sekisho/crypto"

// Public keys are of one zone, do what public keys do, and nothing else.

func _(k *crypto.PublicKeys[MyNumber], far *crypto.PublicKeys[LGWAN], private *crypto.Keys[MyNumber]) {
	_, _ = crypto.SealBox(k, nil, nil)
	_ = crypto.Verify(far, nil, nil)
	_, _ = crypto.OpenBox(k, nil, nil)          /* ERROR "cannot use|does not match" */
	_, _ = crypto.Sign(k, nil)                  /* ERROR "cannot use|does not match" */
	_, _ = crypto.SealBox(private, nil, nil)    /* ERROR "cannot use|does not match" */
	_, _ = crypto.SealBox[LGWAN](k, nil, nil)   /* ERROR "cannot use k" */
	_ = crypto.Verify[MyNumber](far, nil, nil)  /* ERROR "cannot use far" */
	_ = crypto.PublicKeys[LGWAN](*k)            /* ERROR "cannot convert" */
	_ = (*crypto.PublicKeys[LGWAN])(k)          /* ERROR "cannot convert k" */
	_ = (*crypto.PublicKeys[MyNumber])(private) /* ERROR "cannot convert private" */
	_ = (*crypto.Keys[MyNumber])(k)             /* ERROR "cannot convert k" */
	_ = *k == *k                                /* ERROR "cannot be compared|cannot compare" */
	_ = k.z                                     /* ERROR "undefined" */
	_, _ = crypto.PublicKeysOf[ToLGWAN](nil)    /* ERROR "does not satisfy crypto.Zone|does not implement crypto.Zone" */
}
