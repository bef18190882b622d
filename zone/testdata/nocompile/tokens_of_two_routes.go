package nocompile

import "github.com/sekisho-go/sekisho/crypto"

// Tokens of two routes do not compare and do not convert.
func correlate(a crypto.Token[WardToBilling], b crypto.Token[BillingToPublic]) {
	_ = a == b                                        /* ERROR "mismatched types" */
	_ = a == crypto.Token[WardToBilling](b)           /* ERROR "cannot convert b" */
	_ = map[crypto.Token[WardToBilling]]string{b: ""} /* ERROR "cannot use b" */
}
