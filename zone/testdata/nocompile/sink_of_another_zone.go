package nocompile

// A value of one zone is not accepted where another zone's is wanted.
func sink(p *Patient, v *PatientBilling) {
	Put[Public](Public{}, p)    /* ERROR "cannot use p .* as zone.In\[Public\]" */
	Put[Billing](Billing{}, p)  /* ERROR "wrong type for method home" */
	Put[Billing](Billing{}, *p) /* ERROR "cannot use \*p" */
	Put[Ward](Ward{}, v)        /* ERROR "cannot use v" */
}
