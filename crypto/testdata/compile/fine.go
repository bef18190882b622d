// Programs that compile: the things the others get wrong, done right.
package p

import "github.com/sekisho-go/sekisho/crypto"

func fine(k *crypto.Keys[MyNumber], far *crypto.Keys[LGWAN], scope crypto.Scope, v []byte) error {
	s, err := crypto.Seal[Group](k, v, nil)
	if err != nil {
		return err
	}
	var again crypto.Sealed[MyNumber, Group] = s
	if _, err := crypto.Open(k, again, nil); err != nil {
		return err
	}
	t, err := crypto.MakeToken[ToLGWAN](k, scope, v)
	if err != nil {
		return err
	}
	u, err := crypto.MakeToken[ToLGWAN](far, scope, v)
	_ = map[crypto.Token[ToLGWAN]]bool{t: t == u}
	return err
}
