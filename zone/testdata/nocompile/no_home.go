package nocompile

// A value without a home is in no zone.
func homeless() {
	Put[Ward](Ward{}, "text")                  /* ERROR "missing method home" */
	Put[Ward](Ward{}, struct{ Name string }{}) /* ERROR "missing method home" */
	Put[Ward](Ward{}, any(nil))                /* ERROR "missing method home" */
}
