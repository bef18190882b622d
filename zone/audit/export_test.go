package audit

import (
	"os"
	"time"
)

// Disk is what a log needs of the file it writes.
type Disk = disk

// WithDisk returns the options with a disk that a test can make fail.
func (o Options) WithDisk(wrap func(*os.File) Disk) Options {
	o.wrap = wrap
	return o
}

// WithPassing returns the options with a clock that only runs forward of a test's
// own.
func (o Options) WithPassing(now func() time.Time) Options {
	o.passed = now
	return o
}

// AckedText spells a number of acknowledged entries.
func AckedText(n int64) string { return ackedText(n) }

// Frame returns a frame with a payload.
func Frame(kind byte, payload []byte) []byte { return appendFrame(nil, kind, payload) }

// DecodeHeader reads a header and spells it again.
func DecodeHeader(data []byte) ([]byte, error) {
	h, err := decodeHeader(data)
	if err != nil {
		return nil, err
	}
	return h.encode(), nil
}

// ParseCheckpoint reads the text of a checkpoint.
func ParseCheckpoint(text string) (Checkpoint, error) { return parseCheckpoint(text) }

// Queued returns how many entries wait for a batch.
func (l *Log) Queued() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}
