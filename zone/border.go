package zone

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Compiled is a policy in its compiled form: a constant of a generated zones
// package, or an overlay that a tool compiled from a policy file.
type Compiled struct {
	JSON   string // canonical JSON of the policy
	Digest string // "sha256:" and the hexadecimal digest of it
}

// Border is the process-wide object that holds the policy in force, the keys
// and the audit log. It is safe for use by many goroutines.
type Border struct {
	policy    *policy.Policy // with its overlays
	compiled  *policy.Policy // as the program was generated with it, without those given at start-up
	digest    string
	gates     map[string]*gate // by the route's key
	keys      *crypto.Keyring
	recorder  Recorder
	approvals ApprovalVerifier
	clock     func() time.Time
}

// Option is a part that a border is opened with.
type Option func(*settings)

// settings are what the options say.
type settings struct {
	keys      *crypto.Keyring
	recorder  Recorder
	approvals ApprovalVerifier
	clock     func() time.Time
	overlays  []Compiled
}

// WithKeys gives the border the keys of the zones that this process works in.
// They must be keys of the same policy. Without them nothing that encrypts or
// tokenises crosses.
func WithKeys(r *crypto.Keyring) Option { return func(s *settings) { s.keys = r } }

// WithAudit gives the border its audit log. There is no border without one.
func WithAudit(r Recorder) Option { return func(s *settings) { s.recorder = r } }

// WithOverlay tightens the policy by further ones, such as a standard that is
// not public. An overlay that would loosen anything is an error when the border
// is opened.
func WithOverlay(overlays ...Compiled) Option {
	return func(s *settings) { s.overlays = append(s.overlays, overlays...) }
}

// WithApprovals gives the border what says who approved a crossing. Without it
// a route that asks for approvals refuses.
func WithApprovals(v ApprovalVerifier) Option { return func(s *settings) { s.approvals = v } }

// WithClock replaces time.Now, for tests and for programs whose local time is
// not that of the policy: the location of the times it returns is the one in
// which a route's last day ends.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// OpenBorder opens a border for a compiled policy. Applications call Open of
// their generated zones package, which calls this.
//
// It is an error when there is no audit log, when the policy does not decode,
// does not have the digest it claims or does not pass its own checks, when an
// overlay would loosen it, and when the keys belong to another policy.
func OpenBorder(c Compiled, opts ...Option) (*Border, error) {
	s := settings{clock: time.Now}
	for _, opt := range opts {
		opt(&s)
	}
	if s.recorder == nil {
		return nil, errors.New("zone: no border without an audit log: open it with zone.WithAudit")
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	compiled, p, err := inForce(c, s.overlays)
	if err != nil {
		return nil, err
	}
	if s.keys != nil && s.keys.Policy() != p.Name {
		return nil, fmt.Errorf("zone: the keys belong to policy %q and the border to policy %q: open the keyring that was made for it",
			s.keys.Policy(), p.Name)
	}
	b := &Border{
		policy:    p,
		compiled:  compiled,
		digest:    p.Digest(),
		gates:     make(map[string]*gate),
		keys:      s.keys,
		recorder:  s.recorder,
		approvals: s.approvals,
		clock:     s.clock,
	}
	for i := range p.Routes {
		g, err := newGate(p, &p.Routes[i])
		if err != nil {
			return nil, err
		}
		b.gates[g.key] = g
	}
	return b, nil
}

// inForce decodes a policy and meets it with its overlays.
func inForce(c Compiled, overlays []Compiled) (compiled, p *policy.Policy, err error) {
	if compiled, err = decode("policy", c); err != nil {
		return nil, nil, err
	}
	p = compiled
	for i, o := range overlays {
		over, err := decode(fmt.Sprintf("overlay %d", i+1), o)
		if err != nil {
			return nil, nil, err
		}
		if p, err = p.With(over); err != nil {
			return nil, nil, fmt.Errorf("zone: overlay %d (%q): %w", i+1, over.Name, err)
		}
	}
	if err := p.Check(); err != nil {
		return nil, nil, fmt.Errorf("zone: the policy in force does not pass its checks: %w", err)
	}
	return compiled, p, nil
}

// decode reads one compiled policy and holds it against its digest.
func decode(what string, c Compiled) (*policy.Policy, error) {
	p, err := policy.Decode([]byte(c.JSON))
	if err != nil {
		return nil, fmt.Errorf("zone: the compiled %s does not decode, generate it again: %w", what, err)
	}
	if got := p.Digest(); got != c.Digest {
		return nil, fmt.Errorf("zone: the compiled %s %q has digest %s and claims %s: it was edited by hand or by an accident, generate it again",
			what, p.Name, got, c.Digest)
	}
	return p, nil
}

// Policy returns the name and the digest of the policy in force, overlays
// included.
func (b *Border) Policy() (name, digest string) { return b.policy.Name, b.digest }

// Format implements fmt.Formatter: every verb prints the policy's name.
func (b *Border) Format(s fmt.State, _ rune) { io.WriteString(s, "zone.Border("+b.policy.Name+")") }

// gate is a route as one border keeps it: what the policy and its overlays
// together ask of a crossing, and how much crossed already.
type gate struct {
	key    string
	route  *policy.Route
	shut   string  // why an overlay lets nobody through, or ""
	window *window // nil: no limit
}

// newGate makes the gate of a route of the base policy.
func newGate(p *policy.Policy, own *policy.Route) (*gate, error) {
	g := &gate{key: own.Key()}
	together, open := p.Route(own.From, own.To, own.Name)
	if !open {
		g.route, g.shut = own, "an overlay closes the road"
		if c, ok := p.ClosedRoad(own.From, own.To); ok && c.Clause != "" {
			g.shut += " by clause " + c.Clause
		}
		return g, nil
	}
	g.route = together
	if together.Limit == nil {
		return g, nil
	}
	per, err := time.ParseDuration(together.Limit.Per)
	if err != nil || per <= 0 {
		return nil, fmt.Errorf("zone: route %s: limit per %q is not a positive duration such as 24h", g.key, together.Limit.Per)
	}
	g.window = &window{records: together.Limit.Records, per: per}
	return g, nil
}
