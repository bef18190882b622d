package p

import "github.com/sekisho-go/sekisho/crypto"

// The keys of one zone are of no use in another.

func _(k *crypto.Keys[MyNumber], far *crypto.Keys[LGWAN], s crypto.Sealed[MyNumber, Group]) {
	_, _ = crypto.Open(far, s, nil)                           /* ERROR "LGWAN.*MyNumber|MyNumber.*LGWAN" */
	_, _ = crypto.Open[Other](k, s, nil)                      /* ERROR "cannot use s|does not match inferred type" */
	_, _ = crypto.Seal(k, nil, nil)                           /* ERROR "cannot infer T" */
	_, _ = crypto.MakeToken(k, crypto.Scope{}, nil)           /* ERROR "cannot infer R" */
	_, _ = crypto.MakeToken[MyNumber](k, crypto.Scope{}, nil) /* ERROR "does not satisfy crypto.Route|does not implement crypto.Route" */
	_, _ = crypto.KeysOf[ToLGWAN](nil)                        /* ERROR "does not satisfy crypto.Zone|does not implement crypto.Zone" */
}

// Neither keys nor what is inside sealed values and tokens can be reached.

func _(k *crypto.Keys[MyNumber], s crypto.Sealed[MyNumber, Group], t crypto.Token[ToLGWAN]) {
	_ = k.z                                     /* ERROR "undefined" */
	_ = s.ct                                    /* ERROR "undefined" */
	_ = t.mac                                   /* ERROR "undefined" */
	_ = crypto.Sealed[MyNumber, Group]{ct: nil} /* ERROR "unknown field|unexported field" */
	_ = crypto.Token[ToLGWAN]{key: 1}           /* ERROR "unknown field|unexported field" */
}

// Nobody can make up the pass that package byname shows.

func _(r *crypto.Keyring) {
	_, _ = crypto.KeysByName(r, struct{}{}, "mynumber")       /* ERROR "cannot use struct" */
	_, _ = crypto.PublicKeysByName(r, struct{}{}, "mynumber") /* ERROR "cannot use struct" */
}
