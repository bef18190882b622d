package zone

import (
	"context"
	"fmt"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/wire"
)

// FieldError says which field of which record type did not cross, and why.
//
// It keeps the cause, and unwraps to it, where the cause is an error of this
// module or of the context, which never hold a value. Of any other error (a
// mask that failed, a text form that did not parse) it keeps the type's name
// only, because such texts like to quote their input.
type FieldError struct {
	Route string // the route's key in the policy
	Type  string // qualified name of the labelled type
	Field string // the field, with dots into nested labelled structs

	cause error  // one that never holds a value, or nil
	kind  string // Go type of a cause that was left out
}

// newFieldError folds the error of a nested record into the outer path, so
// that one line names the whole way to the field.
func newFieldError(route, typ, field string, err error) *FieldError {
	e := &FieldError{Route: route, Type: typ, Field: field}
	switch cause := err.(type) {
	case *FieldError:
		e.Field += "." + cause.Field
		e.cause, e.kind = cause.cause, cause.kind
	case *RefusalError, *ClosedError, *wire.Error,
		*crypto.OpenError, *crypto.NoKeysError, *crypto.UnknownKeyError, *crypto.MalformedError,
		*crypto.PeriodError, *crypto.StaleError, *crypto.UsedUpError, *crypto.LedgerError, *crypto.SignatureError:
		e.cause = err
	default:
		if err == context.Canceled || err == context.DeadlineExceeded {
			e.cause = err
			break
		}
		e.kind = fmt.Sprintf("%T", err)
	}
	return e
}

// Error implements error: "zone: insured.Insured.Name on ward→billing: cause".
func (e *FieldError) Error() string {
	at := "zone: " + shortType(e.Type) + "." + e.Field + " on " + e.Route + ": "
	if e.cause != nil {
		return at + e.cause.Error()
	}
	return at + "failed with a " + e.kind + ", whose text is left out because it may quote the value"
}

// Unwrap returns the cause where it is one that never holds a value.
func (e *FieldError) Unwrap() error { return e.cause }
