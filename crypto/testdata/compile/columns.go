package p

import "github.com/sekisho-go/sekisho/crypto"

// A column is of one zone and one type.

func _(c *crypto.Column[MyNumber, Group], k *crypto.Keys[MyNumber], far *crypto.Keys[LGWAN]) {
	s, _ := c.Seal(k, "1", nil)
	_, _ = c.Open(k, "1", s)
	_, _ = c.Seal(far, "1", nil) /* ERROR "cannot use far" */
	_, _ = c.Index(far, nil)     /* ERROR "cannot use far" */
	_, _ = c.Lookup(far, nil)    /* ERROR "cannot use far" */
	var other crypto.Sealed[MyNumber, Other]
	_, _ = c.Open(k, "1", other)      /* ERROR "cannot use other" */
	_, _, _ = c.Reseal(k, "1", other) /* ERROR "cannot use other" */
	var i crypto.Index[MyNumber, Other]
	_, _, _ = c.Reindex(k, "1", s, i)        /* ERROR "cannot use i" */
	_ = (*crypto.Column[LGWAN, Group])(c)    /* ERROR "cannot convert c" */
	_ = (*crypto.Column[MyNumber, Other])(c) /* ERROR "cannot convert c" */
	_ = crypto.Column[LGWAN, Other](*c)      /* ERROR "cannot convert" */
	_ = crypto.NewColumn("kouki", "t", "c")  /* ERROR "cannot infer" */
	_ = c.prefix                             /* ERROR "undefined" */
	var a, b crypto.Sealed[MyNumber, Group]
	_ = a == b /* ERROR "cannot be compared|cannot compare" */
}
