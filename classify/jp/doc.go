// Package jp has the identifiers of Japanese public administration as closed
// value types, each with its check digit, and generalisations of addresses.
//
// # Closed values
//
// [IndividualNumber], [CorporateNumber], [InsurerNumber], [InsuredNumber],
// [InstitutionCode] and [LocalGovernmentCode] show nothing to whoever did not
// ask by zone. Under fmt, log and slog they print the name of their type.
// Encoders, decoders and database/sql get an error that names the way. Even
// where a printer reads memory by reflection, as fmt does in an unexported
// field, it meets a block encrypted under a key that lives as long as the
// process.
//
// Values of one type compare with == and serve as map keys, also when they
// were parsed from different spellings. The zero value is an absent
// identifier. A value means nothing in another process: it travels in a view
// of its zone, or sealed.
//
//	n, err := jp.ParseIndividualNumber("1234-5678-9018")
//	fmt.Println(n)         // jp.IndividualNumber
//	n.Reveal(zone)         // "123456789018"
//	db.Exec(query, n.SQL(zone))
//
// The concealment keeps values out of logs, dumps and test output by accident.
// It is no protection against code that means to read them, and no encryption
// for storage.
//
// # Parsing
//
// A Parse function takes ASCII and full-width digits, and between two digits
// one blank or hyphen of any of the kinds that keyboards, spreadsheets and
// fonts produce: 1234-5678-9018, １２３４　５６７８　９０１８. Anything else is a
// [*ParseError], which never contains the input. A check digit catches most
// slips of one digit and no invention: about one in ten random numbers passes,
// so a number that parses need not be one that was issued.
//
// The Complete functions compute the check digit. They are for makers of
// synthetic data and for bodies that issue the numbers.
//
// # Addresses
//
// [Prefecture], [Municipality] and [PostalArea] are generalisations, for use
// in a policy as jp.prefecture, jp.municipality and jp.postal-area. They would
// rather give nothing than too much.
//
// The package needs the standard library alone, and is safe for concurrent use
// in the way of strings and integers. Canonical forms do not change between
// versions.
package jp
