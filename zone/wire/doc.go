// Package wire is the codec that generated code uses inside sealed groups: it
// turns the encrypted fields of one record into bytes, and those bytes back
// into fields.
//
// The form is not self-describing. Writer and reader are generated from the
// same labelled struct and call the same methods in the same order; which
// fields there are is part of the associated data's view name, not of the
// bytes. What is written is canonical: one value has one encoding, and a
// [Reader] refuses every other (an over-long number, a bool that is 2), so
// equal records give equal plaintexts.
//
//	w.String(v.Name)                 r := wire.NewReader(plain)
//	w.Time(v.BirthDate)              out.Name = r.String()
//	w.Count(len(v.Phones))           out.BirthDate = r.Time()
//	for _, p := range v.Phones {     out.Phones = make([]string, r.Count())
//		w.String(p)                  for i := range out.Phones {
//	}                                	out.Phones[i] = r.String()
//	                                 }
//	                                 err := r.Close()
//
// A Reader never panics, whatever the bytes and whatever the order of calls:
// the first error sticks, later calls return zero values, and [Reader.Close]
// reports it. Lengths and counts are checked against the bytes that are left
// before anything is allocated. Strings and byte slices are copies, so the
// plaintext may be wiped when reading is over.
//
// Neither type shows what it holds: both print their name only, and no
// [*Error] holds a value that was written or read.
package wire
