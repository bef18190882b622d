package parcel

import (
	"fmt"
	"time"
)

// None of these errors holds what a parcel carries. Before the signature of a
// parcel has been verified they do not repeat its header either; afterwards
// they may name zones, routes, types and fields, which the sender vouches for.

// MalformedError says that the bytes are no parcel, or one that no sender of
// this format writes. Where the signature was verified before, the sender has
// made a mistake; else anything may have happened.
type MalformedError struct {
	Part   string // "header", "key line" or "body"
	Detail string // what is wrong with it, without the input
}

// Error implements error.
func (e *MalformedError) Error() string {
	return fmt.Sprintf("parcel: malformed %s: %s", e.Part, e.Detail)
}

// FormatError says that the parcel is of a format, or uses an algorithm, that
// this version does not read.
type FormatError struct {
	Format    int    // the format number; 0 when it is one that is known
	Algorithm string // the part whose algorithm is not known: "stream"; empty when it is the format
}

// Error implements error.
func (e *FormatError) Error() string {
	if e.Algorithm != "" {
		return fmt.Sprintf("parcel: the %s algorithm is not one that this version knows: update the program", e.Algorithm)
	}
	return fmt.Sprintf("parcel: format %d, and this version reads format %d: update the program", e.Format, formatNumber)
}

// Part is a part of a parcel.
type Part uint8

// The parts of a parcel that can be found altered. The zero part is none.
const (
	PartUnknown Part = iota // none
	PartLines               // the header, the wrapped key or the signature: the signature does not fit them
	PartFrame               // the frame of a piece says what no frame can say
	PartPiece               // a piece of the body, or its frame: it does not authenticate
)

// String returns a few words for the part.
func (p Part) String() string {
	switch p {
	case PartLines:
		return "the header, the wrapped key or the signature"
	case PartFrame:
		return "the frame of a piece"
	case PartPiece:
		return "a piece of the body"
	}
	return "unknown"
}

// AlteredError says that a part of the parcel is not as the sender wrote it.
// Records that came before the part were authentic; the parcel as a whole is
// not to be used.
type AlteredError struct {
	Part  Part
	Piece uint64 // position of the piece, counted from 0, for PartFrame and PartPiece
}

// Error implements error.
func (e *AlteredError) Error() string {
	if e.Part == PartFrame || e.Part == PartPiece {
		return fmt.Sprintf("parcel: altered: %s, at position %d, is not as it was sealed: have the parcel sent again", e.Part, e.Piece)
	}
	return fmt.Sprintf("parcel: altered: %s: have the parcel sent again", e.Part)
}

// TruncatedError says that the parcel ends before its end mark: it was cut, or
// its sender did not finish it. Records that came before were authentic; the
// parcel as a whole is not to be used.
//
// A length that was altered to a larger one looks the same as an end that is
// missing when it is the last piece's.
type TruncatedError struct {
	Piece uint64 // position of the piece that is missing or cut; 0 also when a line is
}

// Error implements error.
func (e *TruncatedError) Error() string {
	return fmt.Sprintf("parcel: truncated: it ends before piece %d does: have the parcel sent again", e.Piece)
}

// OrderError says that a piece is authentic but at the wrong place: pieces were
// reordered, repeated or taken out.
type OrderError struct {
	Place uint64 // where it stands, counted from 0
	Piece uint64 // the place that it was sealed for
}

// Error implements error.
func (e *OrderError) Error() string {
	return fmt.Sprintf("parcel: piece %d stands at the place of piece %d: pieces were reordered, repeated or taken out: have the parcel sent again", e.Piece, e.Place)
}

// TrailingError says that something follows the last piece.
type TrailingError struct{}

// Error implements error.
func (e *TrailingError) Error() string {
	return "parcel: something follows the last piece: hand over exactly one parcel"
}

// CountError says that the number of records is not the one that was announced
// in the header, or marked at the end.
type CountError struct {
	Announced int64 // in the header; -1 when it says nothing
	Marked    int64 // at the end of the body; -1 when it did not come to that
	Read      int64 // how many there are
	Bytes     bool  // the numbers are bytes of a file in place of records
}

// Error implements error.
func (e *CountError) Error() string {
	what := "records"
	if e.Bytes {
		what = "bytes"
	}
	text := fmt.Sprintf("parcel: it has %d %s", e.Read, what)
	if e.Announced >= 0 {
		text += fmt.Sprintf(", the header announces %d", e.Announced)
	}
	if e.Marked >= 0 {
		text += fmt.Sprintf(", the end mark says %d", e.Marked)
	}
	return text + ": the sender made a mistake"
}

// RecordError says that a record is longer than a parcel may carry or than the
// reader was told to accept, or that it does not decode.
type RecordError struct {
	Record int64  // counted from 0
	Detail string // what is wrong, without a value

	cause error // of packing, which never holds a value
}

// Error implements error.
func (e *RecordError) Error() string {
	text := fmt.Sprintf("parcel: record %d: %s", e.Record, e.Detail)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the error of the decoder, where there is one.
func (e *RecordError) Unwrap() error { return e.cause }

// KeysError says that keys did not do their work on a parcel for another reason
// than the parcel: there are none, or the time in which they may be used is
// over.
type KeysError struct {
	Zone string // whose keys
	For  string // what for: "box", "sign", "open", "verify"

	cause error // of package crypto, which never holds key material
}

// Error implements error.
func (e *KeysError) Error() string {
	return fmt.Sprintf("parcel: the keys of zone %q cannot %s it: %v", e.Zone, e.For, e.cause)
}

// Unwrap returns what package crypto said.
func (e *KeysError) Unwrap() error { return e.cause }

// ReplayError says that a register has met the parcel before.
type ReplayError struct {
	ID    string
	State State // StateBegun: its reader did not finish, see [Resume]
}

// Error implements error.
func (e *ReplayError) Error() string {
	if e.State == StateBegun {
		return fmt.Sprintf("parcel: parcel %s was begun before and not finished: undo what came of it or make sure that it may come twice, then say Resume", e.ID)
	}
	return fmt.Sprintf("parcel: parcel %s was received before: a parcel is received once", e.ID)
}

// ExpiredError says that the parcel was to be opened earlier.
type ExpiredError struct {
	Expires time.Time
}

// Error implements error.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("parcel: it expired at %s: have it sealed again", e.Expires.Format(time.RFC3339))
}

// FutureError says that the parcel was sealed at a time that is still to come.
type FutureError struct {
	SealedAt time.Time
}

// Error implements error.
func (e *FutureError) Error() string {
	return fmt.Sprintf("parcel: it was sealed at %s, which is still to come: set the clocks of both sides", e.SealedAt.Format(time.RFC3339))
}

// RecipientError says that the parcel is for somebody else: another zone, or a
// key that we do not hold.
type RecipientError struct {
	Zone  string // our zone
	KeyID uint32 // the key it is for, when it is for our zone; else 0
}

// Error implements error.
func (e *RecipientError) Error() string {
	if e.KeyID == 0 {
		return fmt.Sprintf("parcel: it is not for zone %q", e.Zone)
	}
	return fmt.Sprintf("parcel: it is for key %d of zone %q, which is not here or is disabled: open it where that key is, or have it sealed again", e.KeyID, e.Zone)
}

// SenderError says that the parcel comes from somebody we do not know: another
// zone than the one that was expected, or a key whose public half we do not
// hold. Nothing is verified when it is said, so an alteration may be behind it,
// too: of the zone's name, or of a parcel that was signed with a key that is
// retired by now.
type SenderError struct {
	Zone  string // the zone that was expected
	KeyID uint32 // the key it says it is signed with, when it is from that zone; else 0
}

// Error implements error.
func (e *SenderError) Error() string {
	if e.KeyID == 0 {
		return fmt.Sprintf("parcel: it is not from zone %q", e.Zone)
	}
	return fmt.Sprintf("parcel: it says it is signed with key %d of zone %q, whose public half is not here: import the sender's public keys", e.KeyID, e.Zone)
}

// PolicyError says that the parcel was sealed under another policy, under an
// edition of it that is not accepted here, or that what it carries may not come
// here by the policy in force.
type PolicyError struct {
	Policy string // name in the header
	Digest string // digest in the header
	Clause string // the clause that forbids it, where there is one
	Detail string // what does not fit
}

// Error implements error.
func (e *PolicyError) Error() string {
	clause := ""
	if e.Clause != "" {
		clause = " (clause " + e.Clause + ")"
	}
	return fmt.Sprintf("parcel: policy %q, %s: refused%s: %s", e.Policy, e.Digest, clause, e.Detail)
}

// RouteError says that the parcel came over another route than the one that
// was expected.
type RouteError struct {
	Got, Want string // keys of routes in the policy
}

// Error implements error.
func (e *RouteError) Error() string {
	return fmt.Sprintf("parcel: it came over route %s, want %s", e.Got, e.Want)
}

// SchemaError says that the parcel carries something else than what it is opened
// as: both sides were generated from different versions of the labelled type, or
// it is another type altogether.
type SchemaError struct {
	Type   string // the type it is opened as; empty for a file
	Detail string // the first difference: what the parcel has, and what was wanted
}

// Error implements error.
func (e *SchemaError) Error() string {
	what := e.Type
	if what == "" {
		what = "a file"
	}
	return fmt.Sprintf("parcel: another schema than that of %s: %s: generate both sides from one version", what, e.Detail)
}

// StateError says that a writer or a reader was asked for what cannot be any
// more, or not yet.
type StateError struct {
	Detail string
}

// Error implements error.
func (e *StateError) Error() string { return "parcel: " + e.Detail }
