package custody

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Documents are JSON with one spelling, the one that encode writes, and a number
// of their format as the first field: a change of any byte is found, also where
// nothing is signed or encrypted.

const formatNumber = 1

// encode returns the bytes of a document.
func encode(doc any) ([]byte, error) {
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// decode reads a document. What is what it is called in errors, number the name
// of the field that holds the number of its format.
func decode[T any](what, number string, data []byte) (*T, error) {
	refuse := func(r Reason, detail string) (*T, error) {
		return nil, &Error{What: what, Reason: r, Detail: detail}
	}
	// The number is looked at first and alone: a document of a later format need
	// not have the fields of this one.
	var head map[string]json.RawMessage
	if err := json.Unmarshal(data, &head); err != nil {
		return refuse(ReasonMalformed, "not a JSON object")
	}
	var format int
	if err := json.Unmarshal(head[number], &format); err != nil || format < 1 {
		return refuse(ReasonMalformed, fmt.Sprintf("no %q number in it", number))
	}
	if format != formatNumber {
		return refuse(ReasonFormat, fmt.Sprintf("format %d, want %d", format, formatNumber))
	}
	doc := new(T)
	if err := json.Unmarshal(data, doc); err != nil {
		return refuse(ReasonMalformed, "a field has a wrong type")
	}
	if canonical, err := encode(doc); err != nil || !bytes.Equal(canonical, data) {
		return refuse(ReasonMalformed, "a field is unknown, doubled or missing, or the spelling was changed")
	}
	return doc, nil
}

// readAll reads a document of at most limit bytes.
func readAll(what string, r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, &Error{What: what, Reason: ReasonUnreadable, Err: err}
	}
	if int64(len(data)) > limit {
		return nil, &Error{What: what, Reason: ReasonMalformed, Detail: fmt.Sprintf("longer than %d bytes", limit)}
	}
	return data, nil
}
