package zonetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Border opens a border with fresh keys for every zone of the policy and an
// audit log in memory, which it returns too. Further options come after these
// and so replace them. It ends the test when the border does not open.
func Border(tb testing.TB, c zone.Compiled, opts ...zone.Option) (*zone.Border, *Recorder) {
	tb.Helper()
	log := new(Recorder)
	b, err := zone.OpenBorder(c, append([]zone.Option{zone.WithAudit(log), zone.WithKeys(Keys(tb, c))}, opts...)...)
	if err != nil {
		tb.Fatalf("zonetest.Border: %v", err)
	}
	return b, log
}

// Keys returns fresh keys for every zone of the policy, for tests in which two
// borders share them.
func Keys(tb testing.TB, c zone.Compiled) *crypto.Keyring {
	tb.Helper()
	p, err := policy.Decode([]byte(c.JSON))
	if err != nil {
		tb.Fatalf("zonetest.Keys: %v", err)
	}
	var names []string
	for _, z := range p.Zones {
		names = append(names, z.Name)
	}
	ring, err := crypto.EphemeralKeyring(p.Name, names...)
	if err != nil {
		tb.Fatalf("zonetest.Keys: %v", err)
	}
	return ring
}

// Compile returns the compiled form of a policy that a test put together.
func Compile(p *policy.Policy) zone.Compiled {
	return zone.Compiled{JSON: string(p.Encode()), Digest: p.Digest()}
}

// Evidence returns what satisfies a route that asks for a principal with more
// than one factor and for the purpose. The principal is "tester".
func Evidence(purpose zone.Purpose) zone.Evidence {
	//zone:allow crossing this package is for tests, in which nobody signs in
	return zone.Evidence{
		Principal: zone.Principal{ID: "tester", Kind: zone.Person},
		MFA:       true,
		Purpose:   purpose,
	}
}

// Cross begins a crossing with [Evidence] and aborts it when the test ends
// unless it was committed. It ends the test when the border refuses.
func Cross[R zone.Route](tb testing.TB, b *zone.Border, purpose zone.Purpose) *zone.Crossing[R] {
	tb.Helper()
	x, err := zone.Cross[R](zone.WithEvidence(context.Background(), Evidence(purpose)), b)
	if err != nil {
		tb.Fatalf("zonetest.Cross: %v", err)
	}
	tb.Cleanup(x.Abort)
	return x
}

// Approver is an approval verifier that knows its approvals beforehand. It may
// be used by many goroutines at once.
type Approver struct {
	mu      sync.Mutex
	given   []zone.Approval
	err     error
	queries []zone.ApprovalQuery
}

var _ zone.ApprovalVerifier = (*Approver)(nil)

// Approvals returns an approver whose approvals, one by each of the IDs, cover
// everything and do not expire.
func Approvals(ids ...string) *Approver {
	a := new(Approver)
	for _, id := range ids {
		a.Give(zone.Approval{Approver: id})
	}
	return a
}

// Give adds approvals.
func (a *Approver) Give(approvals ...zone.Approval) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.given = append(a.given, approvals...)
}

// Fail makes Approvers fail with err from now on; nil makes it work again.
func (a *Approver) Fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

// Approvers implements [zone.ApprovalVerifier].
func (a *Approver) Approvers(_ context.Context, q zone.ApprovalQuery) ([]zone.Approval, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queries = append(a.queries, q)
	return slices.Clone(a.given), a.err
}

// Queries returns what was asked so far, in order.
func (a *Approver) Queries() []zone.ApprovalQuery {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.queries)
}

// Clock is a clock that moves when it is told to. It may be used by many
// goroutines at once.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at now. Its Now is for [zone.WithClock].
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now returns the time at which the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d, which may be negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
