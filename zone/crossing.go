package zone

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Crossing is one transaction of records over route R, begun by [Cross]. Many
// goroutines may use it at once. It ends with Commit or Abort, and nothing
// crosses under it afterwards.
type Crossing[R Route] struct {
	_    [0]*R // crossings of two routes do not convert into each other
	core *crossing
	part bool
	deep int    // of a part: how many records it lies in
	path []byte // of a part: canonical associated data of all that it is part of
	room [64]byte
}

// crossing is what a Crossing and its parts share.
type crossing struct {
	border    *Border
	gate      *gate
	id        string
	begin     time.Time
	ctx       context.Context // a crossing lives as long as the request that began it
	done      <-chan struct{}
	approvals approvals
	from, to  ownKeys

	// tally is the number of records admitted, and negative once the crossing
	// is over. Being one word it is exact: an addition either came before the
	// end and is in the end entry, or it sees that the crossing is over.
	tally atomic.Int64

	whole, parts admitted

	mu      sync.Mutex
	refused []RefusedCount
}

// over is added to and stays negative.
const over = math.MinInt64 / 2

// Admit lets one record of the transit's type cross. Generated code calls it
// first. It refuses when the crossing is over or its context is done, when a
// limit is reached, and when generated code decides more loosely than the
// policy in force; the error is a [*RefusalError].
//
// The first record of a type in a crossing is compared with the policy; for
// the others it costs a few atomic operations and no allocation.
func (x *Crossing[R]) Admit(t *Transit[R]) error {
	if x == nil || x.core == nil || t == nil {
		return nameOf[R]().refusal(neverBegan)
	}
	if x.deep > maxDeep {
		return x.core.refuse(t.core.typ, Reason{ReasonRecord, fmt.Sprintf("more than %d records lie in each other", maxDeep),
			"see whether a record holds itself: what has no end cannot cross"})
	}
	if x.part {
		return x.core.admitPart(&t.core)
	}
	return x.core.admit(&t.core)
}

// maxDeep is how deep records may lie in each other. A record that holds itself
// would cross without end.
const maxDeep = 1000

// neverBegan is the reason of a Crossing that Cross did not return.
var neverBegan = Reason{ReasonEnded, "the crossing never began", "begin it with zone.Cross"}

// admit is Admit of a record.
func (c *crossing) admit(t *transit) error {
	select {
	case <-c.done:
		return c.cancelled(t.typ)
	default:
	}
	s := c.whole.find(t)
	if s == nil {
		var err error
		if s, err = c.enter(t); err != nil {
			return err
		}
	}
	if err := c.charge(t); err != nil {
		return err
	}
	if s.records.Add(1) > s.most {
		s.records.Add(-1)
		c.giveBack()
		return c.refuse(t.typ, Reason{ReasonApprovals, fmt.Sprintf("the approvals cover %d records of this type", s.most),
			"have more approved, or cross fewer"})
	}
	if c.tally.Add(1) <= 0 {
		s.records.Add(-1)
		c.giveBack()
		return c.ended(t.typ)
	}
	return nil
}

// admitPart is Admit of a record inside another: it is compared with the policy
// in force but does not count against limits, because the outer record did.
func (c *crossing) admitPart(t *transit) error {
	select {
	case <-c.done:
		return c.cancelled(t.typ)
	default:
	}
	s := c.parts.find(t)
	if s == nil {
		if stale := c.border.judge(t, c.gate); len(stale) > 0 {
			return c.refuse(t.typ, stale...)
		}
		s = c.parts.add(t, noBound)
	}
	s.records.Add(1)
	if c.tally.Load() < 0 {
		return c.ended(t.typ)
	}
	return nil
}

// enter lets a type into the crossing.
func (c *crossing) enter(t *transit) (*slot, error) {
	if stale := c.border.judge(t, c.gate); len(stale) > 0 {
		return nil, c.refuse(t.typ, stale...)
	}
	most := c.approvals.covers(t.typ)
	if most == 0 {
		return nil, c.refuse(t.typ, Reason{ReasonApprovals,
			fmt.Sprintf("fewer than %d of those who approved approved this type", c.approvals.needed),
			"have the type approved"})
	}
	return c.whole.add(t, most), nil
}

// charge takes room for one record under the route's limit.
func (c *crossing) charge(t *transit) error {
	w := c.gate.window
	if w == nil || w.take() {
		return nil
	}
	// Records may have left the period since this crossing began.
	free, again := w.room(c.border.clock())
	if free && w.take() {
		return nil
	}
	return c.refuse(t.typ, w.exhausted(again))
}

// giveBack undoes the charge of a record that does not cross after all.
func (c *crossing) giveBack() {
	if c.gate.window != nil {
		c.gate.window.giveBack()
	}
}

// refuse makes the error of a record that does not cross and notes it for the
// end entry. It runs on the way to an error only.
func (c *crossing) refuse(typ string, why ...Reason) *RefusalError {
	c.mu.Lock()
	defer c.mu.Unlock()
	var noted []ReasonCode
	for _, r := range why {
		if slices.Contains(noted, r.Code) {
			continue
		}
		noted = append(noted, r.Code)
		i := slices.IndexFunc(c.refused, func(n RefusedCount) bool { return n.Code == r.Code })
		if i < 0 {
			c.refused = append(c.refused, RefusedCount{Code: r.Code})
			i = len(c.refused) - 1
		}
		c.refused[i].Records++
	}
	return &RefusalError{Route: c.gate.key, Type: typ, Clause: c.gate.route.Clause, Reasons: slices.Clone(why)}
}

func (c *crossing) cancelled(typ string) error {
	cause := c.ctx.Err()
	e := c.refuse(typ, Reason{ReasonCancelled, "the context of the crossing is done: " + cause.Error(), "begin a new crossing"})
	e.causes = []error{cause}
	return e
}

func (c *crossing) ended(typ string) error {
	return &RefusalError{Route: c.gate.key, Type: typ, Clause: c.gate.route.Clause,
		Reasons: []Reason{{ReasonEnded, "the crossing is over", "begin a new one, or commit after the last record"}}}
}

// Commit ends the crossing: when it returns nil, the end entry with the counts
// is durable. Hand over what crossed only then.
//
// It is an error when the crossing is over already, when it is a part, when
// the context is done (the crossing is then aborted), and when the audit log
// does not take the entry (the crossing is then over without an end, which is
// what the log will show).
func (x *Crossing[R]) Commit() error {
	if x == nil || x.core == nil {
		return nameOf[R]().refusal(neverBegan)
	}
	c := x.core
	if x.part {
		return &RefusalError{Route: c.gate.key, Clause: c.gate.route.Clause,
			Reasons: []Reason{{ReasonEnded, "a part of a record cannot commit", "commit the crossing that the whole record crosses under"}}}
	}
	if c.ctx.Err() != nil {
		err := c.cancelled("")
		x.Abort()
		return err
	}
	records := c.tally.Swap(over)
	if records < 0 {
		return c.ended("")
	}
	if err := c.end(Committed, records); err != nil {
		var why reasons
		why.fail(ReasonAudit, "the audit log does not take the end of the crossing", "do not hand over what crossed, and see to the audit log", err)
		return &RefusalError{Route: c.gate.key, Clause: c.gate.route.Clause, Reasons: why.list, causes: why.causes}
	}
	return nil
}

// Abort ends the crossing without standing by it: the caller hands over nothing
// of what crossed. The end entry has the counts all the same, and so have the
// limits, because the views were made. After Commit it does nothing, so it is
// deferred right after [Cross].
//
// That the audit log does not take the entry goes unreported: the log then
// shows a crossing without an end, and the next one will not begin.
func (x *Crossing[R]) Abort() {
	if x == nil || x.core == nil || x.part {
		return
	}
	if records := x.core.tally.Swap(over); records >= 0 {
		_ = x.core.end(Aborted, records)
	}
}

// end dates the charge and writes the end entry. The entry must be written
// also when the context is done.
func (c *crossing) end(o Outcome, records int64) error {
	now := c.border.clock()
	if w := c.gate.window; w != nil {
		w.settle(now, records)
	}
	c.mu.Lock()
	refused := slices.Clone(c.refused)
	c.mu.Unlock()
	slices.SortFunc(refused, func(a, b RefusedCount) int { return cmp.Compare(a.Code, b.Code) })
	return c.border.recorder.End(context.WithoutCancel(c.ctx), EndEntry{
		ID: c.id, At: now, Route: c.gate.key, Outcome: o,
		Records: records, Counts: c.counts(), Refused: refused,
	})
}

// ID returns the crossing's ID, under which it is in the audit log.
func (x *Crossing[R]) ID() string {
	if x == nil || x.core == nil {
		return ""
	}
	return x.core.id
}

// Time returns when the crossing began. Generated code takes it as "today" for
// ages and the like, so that all records of a crossing agree on it.
func (x *Crossing[R]) Time() time.Time {
	if x == nil || x.core == nil {
		return time.Time{}
	}
	return x.core.begin
}

// Counts returns what crossed so far, sorted by type and view.
func (x *Crossing[R]) Counts() []Count {
	if x == nil || x.core == nil {
		return nil
	}
	return x.core.counts()
}

func (c *crossing) counts() []Count {
	var all []Count
	add := func(t *transit, records, parts int64) {
		if records == 0 && parts == 0 {
			return
		}
		i := slices.IndexFunc(all, func(n Count) bool { return n.Type == t.typ && n.View == t.view })
		if i < 0 {
			all = append(all, Count{Type: t.typ, View: t.view})
			i = len(all) - 1
		}
		all[i].Records += records
		all[i].Parts += parts
	}
	c.whole.each(func(s *slot) { add(s.transit.Load(), s.records.Load(), 0) })
	c.parts.each(func(s *slot) { add(s.transit.Load(), 0, s.records.Load()) })
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.View, b.View))
	})
	return all
}

// Format implements fmt.Formatter: every verb prints route and ID. The fields
// are not shown because a context may carry anything.
func (x *Crossing[R]) Format(s fmt.State, _ rune) {
	io.WriteString(s, "zone.Crossing("+nameOf[R]().key+", "+x.ID()+")")
}

// LogValue implements slog.LogValuer with the text of Format.
func (x *Crossing[R]) LogValue() slog.Value {
	return slog.StringValue("zone.Crossing(" + nameOf[R]().key + ", " + x.ID() + ")")
}

// admitted are the types that a crossing let in. A crossing has few, and the
// commonest crossing has one, so looking one up is a walk over pointers; types
// are only ever added.
type admitted struct {
	first [2]slot
	more  atomic.Pointer[slots]
	mu    sync.Mutex
}

// slots are more types than the first few.
type slots struct {
	slot [16]slot
	next atomic.Pointer[slots]
}

// slot is one type and how many of its records crossed. The other fields are
// set before transit is.
type slot struct {
	transit atomic.Pointer[transit]
	records atomic.Int64
	most    int64
}

// find returns the slot of t, or nil. It stops at the first free slot.
func (a *admitted) find(t *transit) *slot {
	for i := range a.first {
		switch a.first[i].transit.Load() {
		case t:
			return &a.first[i]
		case nil:
			return nil
		}
	}
	for p := a.more.Load(); p != nil; p = p.next.Load() {
		for i := range p.slot {
			switch p.slot[i].transit.Load() {
			case t:
				return &p.slot[i]
			case nil:
				return nil
			}
		}
	}
	return nil
}

// add returns the slot of t, taking the first free one if it has none yet.
func (a *admitted) add(t *transit, most int64) *slot {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.find(t); s != nil {
		return s
	}
	s := a.free()
	s.most = most
	s.transit.Store(t)
	return s
}

// free returns the first slot without a transit. The caller holds mu.
func (a *admitted) free() *slot {
	for i := range a.first {
		if a.first[i].transit.Load() == nil {
			return &a.first[i]
		}
	}
	next := &a.more
	for {
		p := next.Load()
		if p == nil {
			p = new(slots)
			next.Store(p)
		}
		for i := range p.slot {
			if p.slot[i].transit.Load() == nil {
				return &p.slot[i]
			}
		}
		next = &p.next
	}
}

// each calls f for every slot in use.
func (a *admitted) each(f func(*slot)) {
	for i := range a.first {
		if a.first[i].transit.Load() != nil {
			f(&a.first[i])
		}
	}
	for p := a.more.Load(); p != nil; p = p.next.Load() {
		for i := range p.slot {
			if p.slot[i].transit.Load() != nil {
				f(&p.slot[i])
			}
		}
	}
}
