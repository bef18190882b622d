package nocompile

import "github.com/sekisho-go/sekisho/zone"

// Records of two zones with the same fields do not convert into each other.
type here struct {
	zone.Home[Ward]
	Name string
}

type there struct {
	zone.Home[Public]
	Name string
}

func move(v here) there    { return there(v) }    /* ERROR "cannot convert v" */
func point(v *here) *there { return (*there)(v) } /* ERROR "cannot convert v" */
