package audit

import (
	"fmt"
)

// EntryError is why an entry cannot be written or read: one of its fields does
// not have the form that it must have. It never holds the value.
type EntryError struct {
	Field string // as it is spelled in the log
	Why   string
}

// Error implements error.
func (e *EntryError) Error() string {
	return fmt.Sprintf("audit: %s of the entry %s", e.Field, e.Why)
}

// FailedError is why a log takes no entries any more: writing one failed, and
// what stands on the disk is not known since. The log stays failed until it is
// opened again, which sorts it out.
type FailedError struct {
	Log   string // name of the log in its folder
	Cause error
}

// Error implements error.
func (e *FailedError) Error() string {
	return fmt.Sprintf("audit: log %s takes no entries since one could not be written: %v: see to the disk and open the log again", e.Log, e.Cause)
}

// Unwrap returns what failed.
func (e *FailedError) Unwrap() error { return e.Cause }

// DamageError says that something in the log is not as it was acknowledged. It
// is no matter of a crash: somebody or something changed it.
type DamageError struct {
	Log    string // name of the log in its folder
	File   string // in the log's own folder
	Offset int64  // in the file, in bytes
	Entry  int64  // number of the first entry that is in doubt
	Why    string
}

// Error implements error.
func (e *DamageError) Error() string {
	return fmt.Sprintf("audit: log %s is damaged: %s, byte %d, from entry %d on: %s: keep it as it is, and open a log in another folder",
		e.Log, e.File, e.Offset, e.Entry, e.Why)
}
