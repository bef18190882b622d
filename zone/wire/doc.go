// Package wire is the codec that generated code uses inside sealed groups, and
// parcels for the records in them: it turns the fields of one record into bytes,
// and those bytes back into fields.
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
// # Bytes
//
// A number is a varint: seven bits a byte, the lowest first, the top bit set but
// in the last byte, in its shortest form. A signed number is folded first: 0, -1,
// 1, -2 … are 0, 1, 2, 3 … (Protocol Buffers call this sint64). On that stand
//
//	string   the length in bytes, then the bytes, which need not be UTF-8
//	bytes    0 for none at all, else the length plus one, then the bytes
//	bool     one byte, 0 or 1
//	int      a signed number
//	uint     a number
//	float    eight bytes, the highest first: IEEE 754 binary64
//	complex  two floats, the real part first
//	time     three numbers: seconds since 1970 in UTC, signed; nanoseconds below
//	         10^9; seconds east of UTC, signed
//	text     a string: what the value's own MarshalText returns
//	binary   a string: what the value's own MarshalBinary returns
//	value    a string: what a closed identifier is when its zone asks for it
//	token    a string of 20 bytes, or none where there is no token: the key's id
//	         (four bytes, the highest first) and the token
//	index    the same
//	sealed   a string of 33 bytes and more, or none: as package crypto says
//	[]T      the number of elements, then each
//	[N]T     N elements
//	*T       a bool that says whether it is there, then T where it is
//	map[K]V  the number of entries, then each key with its value; in no order, and
//	         no key twice (of float keys, those that are no number may be)
//	{…}      the fields in their order
//
// Sealed groups hold tokens and sealed values in their text form instead, and
// what is in a group is said by nothing but the program that seals it.
//
// # Shapes
//
// A record of a parcel is the fields of one view, one after the other. A schema
// says which: JSON in UTF-8 with no blank in it, keys in this order, and those
// that would be empty left out but for fields.
//
//	{"type":"example.com/app/insured.PersonLGWAN","zone":"lgwan","class":"3C","fields":[
//	{"name":"Number","type":"token","class":"3C","categories":["insured-number"],"integrity":"2"},
//	{"name":"Phones","type":"[]string","class":"2"},
//	{"name":"Lives","type":"*insured.AddressLGWAN","class":"1"},
//	{"name":"Sealed","type":"sealed","class":"3B","categories":["name"],"opens":"mynumber"}
//	],"types":[{"name":"insured.AddressLGWAN","fields":[
//	{"name":"City","type":"string","class":"1"}]}]}
//
// (The lines are broken here for reading.) Type is the view, zone the zone that
// it is in, and class the highest class of what it holds in clear. Each field has
// its label: class, categories, and integrity where that is above the lowest. Of
// a sealed value it is the label of what is sealed, and opens the zone whose key
// opens it. Fields of types without labels have none.
//
// The type of a field is one of the words above, or is built of them:
//
//	Type  = Word | "[]" Type | "[" N "]" Type | "*" Type | "map[" Type "]" Type
//	      | "{" [ Field { "," Field } ] "}" | Name
//	Field = Identifier ":" Type
//	Name  = Identifier "." Identifier
//
// N is decimal without leading zeros, below 2^31. A Name is one of types, which
// hold the structs that have one, in the order in which they are first named;
// they may name themselves behind "*", "[]" or "map". Numbers of every width are
// int, uint, float or complex: a reader that has less room than the writer refuses
// what does not fit. At most 64 types lie in each other before a name, and at most
// 1000 values of one named type in a record.
//
// Neither type shows what it holds: both print their name only, and no
// [*Error] holds a value that was written or read.
package wire
