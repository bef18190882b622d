// Package crypto keeps keys by zone and by use, and does with them what crossings,
// tables and files need: it seals values, makes tokens and search indexes, encrypts
// streams, and seals and signs for other zones. All cryptography is Tink's; nothing
// here is an algorithm of our own.
//
// # Which key for what
//
// A key belongs to one zone and has one use (NIST SP 800-57 part 1, 5.2).
//
//	use     algorithm                  what it is for
//	seal    AES-256-GCM                a value that travels or rests outside its zone and
//	                                   comes back: Seal, Open, Reseal, Column
//	token   AES-CMAC-PRF, 256 bits     a name that stands for a value, so that the far
//	                                   side can join and count without knowing it:
//	                                   MakeToken, MatchToken
//	index   AES-CMAC-PRF, 256 bits     what a database finds a sealed value by:
//	                                   MakeIndex, Lookup, MatchIndex
//	stream  AES-256-GCM-HKDF, 1 MiB    files and backups of any length: EncryptTo,
//	        segments                   DecryptFrom
//	box     HPKE, X25519 or X-Wing,    what others seal for the zone: SealBox, OpenBox
//	        AES-256-GCM
//	sign    Ed25519                    what the zone says to others: Sign, Verify
//	tenant  HKDF-SHA256                keys of tenants are derived from it: package tenant
//
// Two uses are of public keys, box-public and verify: those of a zone whose private
// keys are elsewhere. Where the private keys are, their public halves are at hand.
//
// Seal when the value must be read again. Make a token when it need not: a token
// does not open, not even for its own zone. Make an index when the zone itself has to
// find what it sealed. Where several are wanted, do several: their keys differ, so
// none says anything about another.
//
// Generated code calls this package by way of zone; a program itself creates and
// opens the keyring and hands it on:
//
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), kek,
//		crypto.WithRefresh(5*time.Minute, 4*time.Hour), crypto.WithLedger(ledger))
//
// # Types instead of care
//
// Keys[Z], PublicKeys[Z], Sealed[Z, T], Index[Z, T], Column[Z, T] and Token[R] carry
// the zone, the type and the route in their type parameters. Code that cannot name a
// zone's type cannot name its keys; sealed values and indexes of two zones or two
// types do not convert into each other; tokens of two routes cannot be compared;
// public keys do not convert into private ones. Keys, keyrings and streams print as
// their name under every verb, and keys and keyrings fail in every encoder. Programs
// that must not compile, and do not, are in testdata/compile.
//
// # What is bound
//
// Associated data is not secret and not stored: whoever opens a value must give
// the same bytes again, so a value that was moved does not open. [AppendAD]
// writes a list of parts so that no two lists are written alike.
//
//   - A sealed value is bound to its zone by its key, and to what the caller
//     names in the associated data. The zone package names policy, type, view,
//     field or group, and record, a [Column] policy, table, column and row; nothing
//     that a rotation changes. The type parameter T is the compiler's only: a Sealed
//     that was text in between has the type that its reader gave it, which is why
//     the type belongs into the associated data too.
//   - A token or an index is bound to the zone by its key and to the [Scope] it was
//     made in: route, type and field, or table and column. It is deterministic
//     within them, by design.
//   - A stream is bound to its associated data, and each segment to its stream and
//     its place in it, the last one to being the last.
//   - A box is bound to what the sender and the receiver call info, a signature to
//     the message. Begin both with what they are, by AppendAD: a signature for one
//     thing is then none for another.
//   - A keyset file is bound by the key-encryption key to its policy, zone and use
//     and to its lines about the keys, their states and dates. A file that was
//     renamed, moved or edited does not open, and the *[KeyringError] names it and
//     says which of these it was, as far as that can be known. A key-encryption key
//     that ignores associated data is found by a self-test and refused.
//
// # Files
//
// A keyring is a folder with one file for each zone and use, called
// <zone>.<use>.keyset: a JSON header that anybody can read (policy, zone, use, and
// for each key its id, algorithm, state and dates) around a keyset that Tink has
// encrypted. There is one spelling of a file; a change of any byte refuses it, and
// what is refused refuses the keyring. [CreateKeyring] writes them and never
// overwrites; package custody creates, rotates, destroys and restores keys by the
// periods of a policy. Keep the folder as you would keep the data: who loses a seal
// keyset or the key-encryption key has lost everything under it. Package kek has
// doors to key-encryption keys.
//
// # The life of a key
//
// A key goes through states (NIST SP 800-57 part 1, 7), which the header names:
//
//	state      makes what is new   opens, matches, is searched for
//	next       no                  yes: it was handed out before it is used
//	active     yes, one a keyset   yes
//	retired    no                  yes
//	disabled   no                  no, and can come back
//	destroyed  no                  no: its line is what is left
//
// It may have two dates (5.3: crypto-periods). From produce-until on the active key
// makes nothing new: Seal, MakeToken, MakeIndex, EncryptTo, SealBox and Sign fail with
// a *[PeriodError] until the keys are rotated. From consume-until on a key opens
// nothing. Dates are looked at whenever keys are asked for, by the clock of the
// machine, with no need to open the folder again: ask for keys for each crossing
// ([KeysOf]), not once for ever. Thirty days before nothing new can be made there is a
// [Warning], each time the folder is opened.
//
// After a rotation what is old names its key and opens with it, with two exceptions:
// a value has another token and another index than before, and a stream does not
// name its key but is tried with each. Compare tokens with [MatchToken], not with ==,
// where those of both times can meet; [Reseal] and package reseal bring values and
// indexes under the primary key, so that the old one can be destroyed.
//
// # Refresh
//
// With [WithRefresh] the folder is opened again when the keys are older than every:
// what was rotated, disabled or destroyed is in force without a restart, and a
// key-encryption key that was withdrawn takes the keys with it. While opening fails
// there is a warning for each failure, and the keys go on working until they are
// older than grace; then every operation fails with a *[StaleError], also for those
// who took keys before, and in streams that are half written or read. Both times are
// by the monotonic clock as well as by the wall, whichever is longer. A folder that
// has become that of another policy is refused. Without WithRefresh keys are what
// they were at the start.
//
// # Counting
//
// AES-GCM with random nonces is good for 2^32 values under one key (NIST SP 800-38D,
// 8.3). Each Seal is counted: after a quarter there is a warning, at the end a
// *[UsedUpError]. Other uses have no such limit: see [UseLimit]. A process counts
// what it does itself, unless [WithLedger] gives it a [FileLedger], which all
// processes of a machine share and which outlives them; several machines count by
// multiplying. What cannot be counted is not sealed: *[LedgerError].
//
// # Search
//
// An [Index] stands in a column beside the sealed one, and a search asks for what
// [Lookup] returns:
//
//	SELECT … WHERE phone_index IN (?, ?)
//
// That is one index for each key that is not disabled or destroyed, so rows of before
// a rotation are found too. It is equality only, of values that were brought into one
// spelling before; there are no prefixes and no ranges, because their indexes would
// show the value bit by bit. Who reads the column sees which rows are equal and how
// often: an index is for values that are many and spread evenly, not for those that
// can be guessed, such as a municipality or a sex.
//
// # Streams, boxes, signatures
//
// [DecryptFrom] yields nothing before it is authenticated, a segment at a time: what
// is done with the first segments is done before the last one is known to be there.
// Wait for io.EOF, or do what can be undone.
//
// [SealBox] is for keys and other short things, and says nothing about who sealed
// them. [Sign] says it. Parcels (package zone/parcel) put the two and a stream
// together: use them for what goes to another zone.
//
// # FIPS mode
//
// Under GODEBUG=fips140=on everything works; the tests run so too. Under
// fips140=only, tokens, indexes and signatures work, and keyrings with seal,
// stream or box keys are refused when they are opened ([ReasonMode]): Go allows
// AES-GCM in that mode only where it draws the nonces itself, and Tink hands them
// in; X25519 is not approved, also not beside ML-KEM. AES-CMAC is an approved
// algorithm (NIST SP 800-38B), but Tink's code of it is not part of the validated
// module: that nothing is refused is not a validation.
//
// # What is not promised
//
//   - A zone's type stands for its name, and any type can say that name: types keep
//     apart what is mixed up by mistake. Who has a keyring has all keys in it, so
//     open the keys of a zone in programs of that zone only: keep each zone's private
//     keys in a folder of its own.
//   - Lengths are not hidden: a sealed value is 33 bytes longer than what is in
//     it, a stream 40 bytes and 16 for each segment. Nor is the id of the key.
//   - Tokens and indexes show that two values are equal, and how often each occurs.
//     Who holds the keys can try all values of a small set, such as all numbers of
//     twelve digits: these keys are as secret as the values.
//   - A value that opens was sealed under the zone's keys for that associated
//     data. It may be an old one: a record can be put back as it was, and a keyset
//     file too. Who can write to the ledger can make it forget.
//   - Who can write to the folder of keysets can take files away. What then fails,
//     fails closed.
//   - X25519 and Ed25519 do not withstand a quantum computer; boxes of X-Wing
//     (X25519 and ML-KEM-768) keep what is recorded today from one of tomorrow.
//   - Keys are in the memory of the process in the clear. Core dumps, debuggers
//     and swap are for the operating system to forbid. Plaintext that this package
//     had in its hands alone, in Reseal and Reindex, is cleared.
//   - A decrypting failure does not say why. See [OpenError].
package crypto
