package p

import "github.com/sekisho-go/sekisho/crypto"

func _(k, l *crypto.Keys[MyNumber], r, q *crypto.Keyring, s, u crypto.Sealed[MyNumber, Group], t crypto.Token[ToLGWAN], o crypto.Token[ToInternet]) {
	_ = *k == *l                            /* ERROR "cannot be compared" */
	_ = *r == *q                            /* ERROR "cannot be compared" */
	_ = s == u                              /* ERROR "cannot be compared" */
	_ = t == o                              /* ERROR "mismatched types" */
	_ = map[crypto.Keys[MyNumber]]int{}     /* ERROR "invalid map key type" */
	_ = map[crypto.Token[ToLGWAN]]int{o: 1} /* ERROR "cannot use o" */
}
