package crypto_test

import (
	"errors"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
)

func phones() *crypto.Column[myNumber, group] {
	return crypto.NewColumn[myNumber, group]("kouki", "insured", "phone")
}

// TestColumn moves a value to where it does not belong.
func TestColumn(t *testing.T) {
	r := ephemeral(t)
	k, far := keysOf[myNumber](t, r), keysOf[lgwan](t, r)
	c := phones()
	s, err := c.Seal(k, "1", []byte("0312345678"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Open(k, "1", s); string(got) != "0312345678" || err != nil {
		t.Errorf("Open = %q, %v", got, err)
	}
	if got, err := phones().Open(k, "1", s); string(got) != "0312345678" || err != nil {
		t.Errorf("in the same column made again: Open = %q, %v", got, err)
	}
	for what, f := range map[string]func() ([]byte, error){
		"another row": func() ([]byte, error) { return c.Open(k, "2", s) },
		"no row":      func() ([]byte, error) { return c.Open(k, "", s) },
		"another column": func() ([]byte, error) {
			return crypto.NewColumn[myNumber, group]("kouki", "insured", "fax").Open(k, "1", s)
		},
		"another table": func() ([]byte, error) {
			return crypto.NewColumn[myNumber, group]("kouki", "claim", "phone").Open(k, "1", s)
		},
		"another policy": func() ([]byte, error) {
			return crypto.NewColumn[myNumber, group]("zeimu", "insured", "phone").Open(k, "1", s)
		},
		"names cut elsewhere": func() ([]byte, error) {
			return crypto.NewColumn[myNumber, group]("kouki", "insuredp", "hone").Open(k, "1", s)
		},
		"the function Open": func() ([]byte, error) {
			return crypto.Open(k, s, crypto.AppendAD(nil, "kouki", "insured", "phone", "1"))
		},
	} {
		got, err := f()
		wantOpenError(t, what, got, err)
	}
	var moved crypto.Sealed[lgwan, group]
	if err := moved.UnmarshalBinary(s.Bytes()); err != nil {
		t.Fatal(err)
	}
	got, err := crypto.NewColumn[lgwan, group]("kouki", "insured", "phone").Open(far, "1", moved)
	wantOpenError(t, "another zone", got, err)

	// NULL is nothing, in every direction.
	if got, err := c.Open(k, "1", sealed{}); got != nil || err != nil {
		t.Errorf("Open of NULL = %q, %v", got, err)
	}
	if out, changed, err := c.Reseal(k, "1", sealed{}); !out.IsZero() || changed || err != nil {
		t.Errorf("Reseal of NULL = %v, %t, %v", out, changed, err)
	}
	if out, changed, err := c.Reindex(k, "1", sealed{}, index{}); !out.IsZero() || changed || err != nil {
		t.Errorf("Reindex of NULL = %v, %t, %v", out, changed, err)
	}
	empty, err := c.Seal(k, "1", nil)
	if err != nil || empty.IsZero() {
		t.Fatalf("an empty value is NULL: %v", err)
	}
	if got, err := c.Open(k, "1", empty); len(got) != 0 || err != nil {
		t.Errorf("Open of an empty value = %q, %v", got, err)
	}
}

func TestColumnIndex(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	c := phones()
	i, err := c.Index(k, []byte("0312345678"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Lookup(k, []byte("0312345678"))
	if err != nil || len(found) != 1 || found[0] != i {
		t.Errorf("Lookup = %v, %v, want the index", found, err)
	}
	for what, other := range map[string]*crypto.Column[myNumber, group]{
		"column": crypto.NewColumn[myNumber, group]("kouki", "insured", "fax"),
		"table":  crypto.NewColumn[myNumber, group]("kouki", "claim", "phone"),
		"policy": crypto.NewColumn[myNumber, group]("zeimu", "insured", "phone"),
	} {
		if j, err := other.Index(k, []byte("0312345678")); j == i || err != nil {
			t.Errorf("another %s has the same index, %v", what, err)
		}
	}
	s, err := c.Seal(k, "1", []byte("0312345678"))
	if err != nil {
		t.Fatal(err)
	}
	if out, changed, err := c.Reindex(k, "1", s, index{}); out != i || !changed || err != nil {
		t.Errorf("Reindex of a value without index = %t, %v", changed, err)
	}
	if out, changed, err := c.Reindex(k, "1", s, i); out != i || changed || err != nil {
		t.Errorf("Reindex of what is right = %t, %v", changed, err)
	}
	if out, changed, err := c.Reindex(k, "1", sealed{}, i); !out.IsZero() || !changed || err != nil {
		t.Errorf("Reindex of NULL beside an index = %t, %v", changed, err)
	}
	var refused *crypto.OpenError
	if out, changed, err := c.Reindex(k, "2", s, index{}); !out.IsZero() || changed || !errors.As(err, &refused) {
		t.Errorf("Reindex in another row = %t, %v, want an *OpenError", changed, err)
	}
}

// A column that nobody named binds nothing, and says so.
func TestColumnWithoutName(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	s := seal(t, k, []byte("v"), nil)
	for _, c := range []*crypto.Column[myNumber, group]{nil, new(crypto.Column[myNumber, group])} {
		_, err1 := c.Seal(k, "1", []byte("v"))
		_, err2 := c.Open(k, "1", s)
		_, _, err3 := c.Reseal(k, "1", s)
		_, err4 := c.Index(k, []byte("v"))
		_, err5 := c.Lookup(k, []byte("v"))
		_, _, err6 := c.Reindex(k, "1", s, index{})
		for i, err := range []error{err1, err2, err3, err4, err5, err6} {
			if err == nil || err.Error() != "crypto: a column without a name binds nothing: make it with NewColumn" {
				t.Errorf("operation %d: err = %v", i, err)
			}
		}
	}
}
