package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/sekisho-go/sekisho/zone"
)

// Entry is one entry of the log. Exactly one of the pointers is set.
type Entry struct {
	// Time is when the log took the entry, by its own clock, in UTC. Within one
	// log it never goes back, except from a clock mark on.
	Time time.Time

	Begin    *zone.BeginEntry
	End      *End
	Refusal  *zone.RefusalEntry
	Clock    *ClockMark
	Recovery *RecoveryMark
}

// End is the end of a crossing, and what the log adds to it so that a reader
// need not search for the begin.
type End struct {
	zone.EndEntry
	Began        int64  // number of the begin entry in the same log
	Principal    string // ID of the principal of the begin entry, empty if it had none
	Organisation string // its organisation, or empty
}

// ClockMark says that the clock of the machine was set while the log was open,
// or that it stands before the last entry when the log is opened. Times after
// the mark are by the clock as it is now.
type ClockMark struct {
	Expected time.Time // where the clock would stand, had nobody set it; no earlier than the entry before
	Found    time.Time // where it stands
}

// RecoveryMark says that a process ended in the middle of writing, and what was
// cut off behind the last entry that was complete. Nobody was ever told that
// what was cut had been written.
type RecoveryMark struct {
	Cut    int64  // bytes
	Digest string // of the bytes: "sha256:" and the hexadecimal digest
}

// Kind returns "begin", "end", "refusal", "clock" or "recovery", and "" for an
// entry that is none or several of them.
func (e Entry) Kind() string {
	kind, kinds := "", 0
	for _, k := range []struct {
		set  bool
		name string
	}{
		{e.Begin != nil, "begin"}, {e.End != nil, "end"}, {e.Refusal != nil, "refusal"},
		{e.Clock != nil, "clock"}, {e.Recovery != nil, "recovery"},
	} {
		if k.set {
			kind, kinds = k.name, kinds+1
		}
	}
	if kinds != 1 {
		return ""
	}
	return kind
}

// latest returns the latest time that the entry tells.
func (e Entry) latest() time.Time {
	switch {
	case e.Begin != nil:
		return later(e.Time, e.Begin.At)
	case e.End != nil:
		return later(e.Time, e.End.At)
	case e.Refusal != nil:
		return later(e.Time, e.Refusal.At)
	}
	return e.Time
}

// Encode returns the one spelling of the entry: JSON on one line, as the log
// keeps and hashes it. It is an [*EntryError] when a field does not have the
// form that keeps free text out of the log.
func (e Entry) Encode() ([]byte, error) {
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	if !validTime(e.Time) {
		return nil, &EntryError{"time", "is outside the years 1 to 9999"}
	}
	return withTime(e.Time, body), nil
}

// body is the encoding without the time, which only the log knows.
func (e Entry) body() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(toWire(e)); err != nil {
		return nil, &EntryError{e.Kind(), "does not encode"}
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// withTime puts the time before a body.
func withTime(t time.Time, body []byte) []byte {
	out := make([]byte, 0, len(body)+48)
	out = append(out, `{"time":"`...)
	out = t.UTC().AppendFormat(out, time.RFC3339Nano)
	out = append(out, `",`...)
	return append(out, body[1:]...)
}

// DecodeEntry reads an entry. It takes what [Entry.Encode] writes and nothing
// else: every entry has one spelling, every field the form it must have.
func DecodeEntry(data []byte) (Entry, error) {
	if len(data) > maxEntry {
		return Entry{}, errors.New("audit: the entry is longer than 256 KiB")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var w wireEntry
	if err := dec.Decode(&w); err != nil { // its text quotes the input
		return Entry{}, errors.New("audit: the entry is not JSON of the form that the log writes")
	}
	e := fromWire(w)
	again, err := e.Encode()
	if err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(again, data) {
		return Entry{}, errors.New("audit: the entry is not in the spelling that the log writes")
	}
	return e, nil
}

// maxEntry is the longest entry, in bytes.
const maxEntry = 256 << 10
