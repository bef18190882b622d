package parcel

import "time"

// CreateOption changes how a parcel is made.
type CreateOption interface{ create(*createOptions) }

// OpenOption changes how a parcel is opened.
type OpenOption interface{ open(*openOptions) }

type createOptions struct {
	lifetime time.Duration
	count    *int64
	workers  int
}

type openOptions struct {
	digests []string
	skew    time.Duration
	longest int
	resume  bool
	workers int
}

const (
	// DefaultLifetime is how long a parcel can be opened when nothing else is
	// said.
	DefaultLifetime = 7 * 24 * time.Hour

	// DefaultSkew is how far the clocks of the two sides may be apart when
	// nothing else is said.
	DefaultSkew = 5 * time.Minute

	// maxLifetime bounds what a register must remember.
	maxLifetime = 366 * 24 * time.Hour
)

type createFunc func(*createOptions)

func (f createFunc) create(o *createOptions) { f(o) }

type openFunc func(*openOptions)

func (f openFunc) open(o *openOptions) { f(o) }

// WithLifetime says for how long a parcel can be opened: a second to a year,
// [DefaultLifetime] when nothing is said. A register must remember a parcel for
// that long.
func WithLifetime(d time.Duration) CreateOption {
	return createFunc(func(o *createOptions) { o.lifetime = d })
}

// WithCount announces in the header how many records there will be. Close then
// fails when there are more or fewer.
func WithCount(n int64) CreateOption { return createFunc(func(o *createOptions) { o.count = &n }) }

// AcceptDigests accepts parcels that were sealed under these digests of the
// policy, besides the one in force here: for the time in which one side has a
// new edition and the other has not.
func AcceptDigests(digests ...string) OpenOption {
	return openFunc(func(o *openOptions) { o.digests = append(o.digests, digests...) })
}

// maxSkew is less than what a register adds to the life of a receipt, so that
// nothing opens that it has forgotten.
const maxSkew = 24 * time.Hour

// WithSkew says how far the clocks of the two sides may be apart: up to a day,
// [DefaultSkew] when nothing is said.
func WithSkew(d time.Duration) OpenOption {
	return openFunc(func(o *openOptions) { o.skew = min(max(0, d), maxSkew) })
}

// WithMaxRecord lowers the length in bytes of the longest record that is
// accepted from [MaxRecord].
func WithMaxRecord(n int) OpenOption {
	return openFunc(func(o *openOptions) { o.longest = min(max(n, 0), MaxRecord) })
}

// Resume opens a parcel that was begun before and not finished. Its records come
// again from the first: say so when what came of them was undone, or when it
// does no harm that they come twice.
func Resume() OpenOption { return openFunc(func(o *openOptions) { o.resume = true }) }

// Workers is an option of both sides, see [WithWorkers].
type Workers int

// WithWorkers says how many pieces may be encrypted or decrypted at a time: as
// many as there are processors, up to four, when nothing is said or n is less
// than 1. Each takes 1 MiB of memory.
func WithWorkers(n int) Workers { return Workers(min(max(n, 0), 64)) }

func (w Workers) create(o *createOptions) { o.workers = int(w) }

func (w Workers) open(o *openOptions) { o.workers = int(w) }

func newCreateOptions(opts []CreateOption) (*createOptions, error) {
	o := &createOptions{lifetime: DefaultLifetime}
	for _, opt := range opts {
		opt.create(o)
	}
	if o.lifetime < time.Second || o.lifetime > maxLifetime {
		return nil, &StateError{"a lifetime of less than a second or of more than a year"}
	}
	if o.count != nil && *o.count < 0 {
		return nil, &StateError{"a negative count of records is announced"}
	}
	return o, nil
}

func newOpenOptions(opts []OpenOption) *openOptions {
	o := &openOptions{skew: DefaultSkew, longest: MaxRecord}
	for _, opt := range opts {
		opt.open(o)
	}
	return o
}
