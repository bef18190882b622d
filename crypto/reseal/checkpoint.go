package reseal

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// State is how far a run has come. Everything up to the row After is done.
type State struct {
	Job    string // what was being done, as a hash: store, work and targets
	After  Key    // nil: nothing is done yet, or everything is
	Report Report
}

// Checkpoint keeps the state of a run between processes. [File] is one. An
// application that would rather have it in its database makes its own.
type Checkpoint interface {
	// Load returns what was saved last; ok is false when nothing was.
	Load(ctx context.Context) (s State, ok bool, err error)
	// Save replaces it, whole. It is durable when it returns.
	Save(ctx context.Context, s State) error
}

// File keeps the checkpoint in a file, readable by its owner only. Its folder must
// exist. It holds the key of one row while a run is not finished, and none when it
// is. Remove it to begin anew. Errors are *[CheckpointError].
func File(path string) Checkpoint { return checkpointFile(path) }

type checkpointFile string

// CheckpointError says that a checkpoint cannot be read or written. It does not
// carry what is in it.
type CheckpointError struct {
	File   string
	Detail string
	Err    error // what the file system said; may be nil
}

// Error implements error.
func (e *CheckpointError) Error() string {
	s := fmt.Sprintf("reseal: checkpoint %q: %s", e.File, e.Detail)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns what the file system said.
func (e *CheckpointError) Unwrap() error { return e.Err }

// saved is a checkpoint as it stands in a file: one spelling.
type saved struct {
	Format  int      `json:"sekisho-reseal"`
	Job     string   `json:"job"`
	After   []string `json:"after,omitempty"`
	Rows    int64    `json:"rows"`
	Changed int64    `json:"changed"`
	Again   int64    `json:"again"`
	Gone    int64    `json:"gone"`
	Aside   int64    `json:"aside"`
	Done    bool     `json:"done"`
}

const (
	checkpointFormat = 1
	checkpointLimit  = 64 << 10
)

func encode(s State) ([]byte, error) {
	for _, part := range s.After {
		if !utf8.ValidString(part) {
			return nil, errors.New("the key of a row is not UTF-8: declare its column as bytes")
		}
	}
	r := s.Report
	b, err := json.Marshal(saved{checkpointFormat, s.Job, s.After, r.Rows, r.Changed, r.Again, r.Gone, r.Aside, r.Done})
	if len(b) >= checkpointLimit {
		return nil, errors.New("the key of a row is too long")
	}
	return append(b, '\n'), err
}

// decode is strict: a checkpoint that was edited could skip rows.
func decode(data []byte) (State, error) {
	var c saved
	if err := json.Unmarshal(data, &c); err != nil || len(data) > checkpointLimit {
		return State{}, errors.New("not a checkpoint: remove it to begin anew")
	}
	if c.Format != checkpointFormat {
		return State{}, fmt.Errorf("format %d, want %d: update the program, or remove it to begin anew", c.Format, checkpointFormat)
	}
	s := State{Job: c.Job, After: c.After, Report: Report{Rows: c.Rows, Changed: c.Changed, Again: c.Again, Gone: c.Gone, Aside: c.Aside, Done: c.Done}}
	canonical, err := encode(s)
	if job, e := hex.DecodeString(c.Job); err != nil || e != nil || len(job) != jobSize || !bytes.Equal(canonical, data) {
		return State{}, errors.New("not a checkpoint as it was written: remove it to begin anew")
	}
	if c.Done && c.After != nil || min(c.Rows, c.Changed, c.Again, c.Gone, c.Aside) < 0 {
		return State{}, errors.New("a checkpoint that cannot be: remove it to begin anew")
	}
	return s, nil
}

// Load implements [Checkpoint].
func (c checkpointFile) Load(context.Context) (State, bool, error) {
	f, err := os.Open(string(c))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, false, nil
	}
	if err != nil {
		return State{}, false, &CheckpointError{File: filepath.Base(string(c)), Detail: "cannot be read", Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, checkpointLimit+1))
	if err != nil {
		return State{}, false, &CheckpointError{File: filepath.Base(string(c)), Detail: "cannot be read", Err: err}
	}
	s, err := decode(data)
	if err != nil {
		return State{}, false, &CheckpointError{File: filepath.Base(string(c)), Detail: err.Error()}
	}
	return s, true, nil
}

// Save implements [Checkpoint].
func (c checkpointFile) Save(_ context.Context, s State) error {
	dir, name := filepath.Split(string(c))
	data, err := encode(s)
	if err != nil {
		return &CheckpointError{File: name, Detail: err.Error()}
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return &CheckpointError{File: name, Detail: "its folder cannot be opened", Err: err}
	}
	defer root.Close()
	if err := keyfile.WriteFile(root, name, data); err != nil {
		return &CheckpointError{File: name, Detail: "cannot be written", Err: err}
	}
	return nil
}
