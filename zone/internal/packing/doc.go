// Package packing is how views become the records of parcels and come out of
// them again.
//
// Generated code gives each view the methods Pack and Unpack. They take a
// [Packer] and an [Unpacker], and those come from an [Encoder] and a [Decoder]
// alone, which nobody outside of zone can import: so nobody outside of zone
// turns a view into bytes by calling Pack. The zero Packer and the zero
// Unpacker do nothing but fail.
//
// A record is written in the form of package wire. It does not describe itself;
// the [Schema] does, of which there is one for each view, a JSON text. With the
// text alone, a record can be read by a program that does not know the view:
// see [Schema.AppendJSON]. What schemas look like is said in the documentation
// of package wire, under "Shapes".
package packing
