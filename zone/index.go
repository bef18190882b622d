package zone

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/crypto"
)

// Indexed is a field that can be searched where it stands sealed in a column: a
// package variable of generated code. Equal values of it have equal indexes,
// over whichever road they went, and no other field's are like them.
type Indexed struct {
	scope      crypto.Scope
	field      string
	class      string
	categories []string
	allowed    atomic.Pointer[Border] // the last border whose policy allows it
}

// NewIndexed returns a field that can be searched. Arguments are the policy's
// name, the qualified name of the labelled type, the name of the field, and its
// class and categories: what is asked of the policy in force.
func NewIndexed(policy, typ, field, class string, categories ...string) *Indexed {
	return &Indexed{scope: crypto.NewScope(policy, "index", typ, field), field: field, class: class, categories: categories}
}

// Format implements fmt.Formatter: every verb prints the field and its label.
func (i *Indexed) Format(s fmt.State, _ rune) {
	io.WriteString(s, "zone.Indexed("+i.field+", "+strings.Join(append([]string{i.class}, i.categories...), ", ")+")")
}

// Index returns the index of what was written to w, which is what is sealed in
// the column, under the index keys of zone Z, which the crossing leaves. It
// refuses where the policy in force allows no index of the field: an overlay may
// say that its values are guessable. The error is a [*RefusalError].
func Index[T any, Z Zone, R Leaving[Z]](x *Crossing[R], of *Indexed, w *Pad) (crypto.Index[Z, T], error) {
	k, err := leaving[Z](x)
	if err != nil {
		return crypto.Index[Z, T]{}, err
	}
	if err := x.core.mayIndex(of); err != nil {
		return crypto.Index[Z, T]{}, err
	}
	i, err := crypto.MakeIndex[T](k, of.scope, w.Bytes())
	if err != nil {
		return crypto.Index[Z, T]{}, x.core.keyTrouble(err)
	}
	return i, nil
}

// mayIndex asks the policy in force once per border.
func (c *crossing) mayIndex(of *Indexed) error {
	if of.allowed.Load() == c.border {
		return nil
	}
	p := c.border.policy
	class, known := p.Scale().Level(of.class)
	if !known {
		return c.refuse("", Reason{ReasonStale, fmt.Sprintf("the class %q of field %s is not one of the policy in force", of.class, of.field),
			"regenerate against the policy in force and rebuild"})
	}
	if err := p.MayIndex(classify.Label{Class: class, Categories: of.categories}); err != nil {
		return c.refuse("", Reason{ReasonStale, fmt.Sprintf("field %s is generated with an index: %v", of.field, err),
			"regenerate against the policy in force and rebuild"})
	}
	of.allowed.Store(c.border)
	return nil
}

// Lookup returns what to search a column for to find the rows in which stands
// what was written to w: under the primary index key of zone Z first, then under
// each other that is in use, because rows have one or the other while an index
// is being rotated. Errors are those of [crypto.Lookup].
func Lookup[T any, Z Zone](k *crypto.Keys[Z], of *Indexed, w *Pad) ([]crypto.Index[Z, T], error) {
	return crypto.Lookup[T](k, of.scope, w.Bytes())
}
