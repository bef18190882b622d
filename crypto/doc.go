// Package crypto keeps keys by zone and by use, and does with them the two
// things a crossing needs: it seals values and it makes tokens. All cryptography
// is Tink's; nothing here is an algorithm of our own.
//
// # Which key for what
//
// A key belongs to one zone and has one use.
//
//	use    algorithm                what it is for
//	seal   AES-256-GCM              a value that travels or rests outside its zone
//	                                and comes back: Seal, Open, Sealed
//	token  AES-CMAC-PRF, 256 bits   a name that stands for a value, so that the far
//	                                side can join and count without knowing it:
//	                                MakeToken, MatchToken, Token
//
// Seal when the value must be read again. Make a token when it need not: a token
// does not open, not even for its own zone. Where both are wanted, do both.
//
// Generated code calls this package by way of zone; a program itself creates and
// opens the keyring and hands it on:
//
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), kek)
//
// # Types instead of care
//
// Keys[Z], Sealed[Z, T] and Token[R] carry the zone, the type and the route in
// their type parameters. Code that cannot name a zone's type cannot name its
// keys; sealed values of two zones or two types do not convert into each other;
// tokens of two routes cannot be compared. Keys and keyrings print as their name
// under every verb and fail in every encoder. Programs that must not compile,
// and do not, are in testdata/compile.
//
// # What is bound
//
// Associated data is not secret and not stored: whoever opens a value must give
// the same bytes again, so a value that was moved does not open. [AppendAD]
// writes a list of parts so that no two lists are written alike.
//
//   - A sealed value is bound to its zone by its key, and to what the caller
//     names in the associated data. The zone package names policy, type, view,
//     field or group, and record; nothing that a rotation changes. The type
//     parameter T is the compiler's only: a Sealed that was text in between has
//     the type that its reader gave it, which is why the type belongs into the
//     associated data too.
//   - A token is bound to the zone by its key and to the [Scope] it was made in:
//     route, type and field. It is deterministic within them, by design.
//   - A keyset file is bound by the key-encryption key to its policy, zone, use
//     and metadata. A file that was renamed, moved or edited does not open, and
//     the *[KeyringError] names it and says which of these it was, as far as
//     that can be known. A key-encryption key that ignores associated data is
//     found by a self-test and refused.
//
// # Files
//
// A keyring is a folder with one file for each zone and use, called
// <zone>.<use>.keyset: a JSON header that anybody can read (format number,
// policy, zone, use, metadata) around a keyset that Tink has encrypted. There is
// one spelling of a file; a change of any byte refuses it. [CreateKeyring] writes
// them and never overwrites. Keep the folder as you would keep the data: who
// loses a seal keyset or the key-encryption key has lost everything under it.
//
// # Rotation
//
// A keyset may hold several keys, one of them the primary. What is new is made
// with the primary; what is old names its key and opens, or matches, as long as
// that key is in the keyset and enabled. After a rotation a value has another
// token than before: compare with [MatchToken], not with ==, where tokens of
// both times can meet.
//
// # What is not promised
//
//   - Uses are not counted. AES-GCM with random nonces is good for 2^32 values
//     under one key (NIST SP 800-38D, 8.3): rotate long before.
//   - Lengths are not hidden: a sealed value is 33 bytes longer than what is in
//     it. Nor is the id of the key.
//   - Tokens show that two values are equal, and how often each occurs. Who
//     holds the token keys can try all values of a small set, such as all
//     numbers of twelve digits: token keys are as secret as the values.
//   - A value that opens was sealed under the zone's keys for that associated
//     data. It may be an old one: a record can be put back as it was.
//   - Keys are in the memory of the process in the clear. Core dumps, debuggers
//     and swap are for the operating system to forbid.
//   - A decrypting failure does not say why. See [OpenError].
package crypto
