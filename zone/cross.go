package zone

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Cross begins a crossing over route R. Evidence comes from the context, see
// [WithEvidence]. When it returns, the begin entry is durable in the audit log.
//
// What is missing comes back as one [*RefusalError] that lists all of it, and
// the refusal is recorded too. The caller defers Abort and ends with Commit:
//
//	x, err := zone.Cross[zones.WardToBilling](ctx, border)
//	if err != nil {
//		return err
//	}
//	defer x.Abort()
//	view, err := record.ToBilling(x)
//	if err != nil {
//		return err
//	}
//	return x.Commit()
//
// The context bounds the crossing: once it is done nothing more is admitted,
// and Commit aborts. A road's last day counts when a crossing begins; one that
// is open at midnight runs to its end, so give long work a deadline.
func Cross[R Route](ctx context.Context, b *Border) (*Crossing[R], error) {
	name := nameOf[R]()
	if b == nil {
		return nil, name.refusal(Reason{ReasonRoute, "there is no border", "open one with Open of the generated zones package"})
	}
	if ctx == nil {
		ctx = context.Background()
	}
	q := &request{border: b, name: name, id: rand.Text(), at: b.clock()}
	q.evidence, q.shown = EvidenceFrom(ctx)
	if err := q.decide(ctx); err != nil {
		return nil, err
	}
	if err := q.begin(ctx); err != nil {
		return nil, err
	}
	c := &crossing{
		border: b, gate: q.gate, id: q.id, begin: q.at,
		ctx: ctx, done: ctx.Done(), approvals: q.approvals,
	}
	var r R
	c.from, c.to = r.openKeys(b.keys)
	return &Crossing[R]{core: c}, nil
}

// roadName is what a route type says about itself.
type roadName struct{ key, from, to string }

// nameOf asks the zero value of R. A route that is an interface or a pointer
// has no usable zero value; it then gets a name that no policy has.
func nameOf[R Route]() (name roadName) {
	defer func() {
		if recover() != nil {
			name = roadName{key: "(a route type that is not a struct)"}
		}
	}()
	var r R
	return roadName{key: r.RouteName(), from: r.FromZone(), to: r.ToZone()}
}

func (n roadName) refusal(why ...Reason) *RefusalError {
	return &RefusalError{Route: n.key, Reasons: why}
}

// request is a crossing that has not begun.
type request struct {
	border    *Border
	gate      *gate
	name      roadName
	id        string
	at        time.Time
	evidence  Evidence
	shown     bool // the context carried evidence
	approvals approvals
	missing   reasons
}

// decide collects everything that is missing, and records the refusal when
// there is anything.
func (q *request) decide(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		q.missing.fail(ReasonCancelled, "the context is done", "cross with one that is not", err)
	}
	q.gate = q.border.gates[q.name.key]
	if q.gate == nil || q.gate.route.From != q.name.from || q.gate.route.To != q.name.to {
		q.gate = nil
		q.missing.add(ReasonRoute, "the policy in force has no such route",
			"write the route into the policy and regenerate, or take the permitted one")
		return q.refuse(ctx)
	}
	if q.gate.shut != "" {
		q.missing.add(ReasonRoute, q.gate.shut, "take a route that every policy in force permits")
	}
	q.checkUntil()
	q.checkPrincipal()
	q.checkPurpose()
	q.checkApprovals(ctx)
	q.checkLimit(ctx)
	if len(q.missing.list) > 0 {
		return q.refuse(ctx)
	}
	return nil
}

// checkUntil asks whether the route is still open today.
func (q *request) checkUntil() {
	if r := q.gate.route; !r.Open(q.at) {
		q.missing.add(ReasonUntil, "its last day was "+r.Until, "have the exception renewed in the policy")
	}
}

// checkPrincipal asks who answers for the crossing and how they signed in. A
// route that asks for approvals asks for a principal too, because nobody
// approves their own crossing.
func (q *request) checkPrincipal() {
	p := q.evidence.Principal
	needed := q.gate.route.Require.Principal || q.gate.route.Require.Approvals > 0
	switch {
	case p.absent():
		if needed {
			q.missing.add(ReasonPrincipal, "nobody answers for it",
				"put zone.Evidence with a principal into the context where the request is authenticated")
		}
	case !p.valid():
		q.missing.add(ReasonPrincipal, "the principal is not well-formed",
			"give it a kind, and identifiers of 1 to 64 printable ASCII characters without blanks")
	}
	if q.gate.route.Require.MFA && !q.evidence.MFA {
		q.missing.add(ReasonMFA, "the principal signed in with one factor only",
			"have them sign in with more than one and say so in zone.Evidence")
	}
}

// checkPurpose asks why. The purpose that was shown is not repeated: it may be
// any text.
func (q *request) checkPurpose() {
	allowed := q.gate.route.Require.Purpose
	switch {
	case len(allowed) == 0:
		if q.evidence.Purpose != "" && q.purpose() == "" {
			q.missing.add(ReasonPurpose, "the purpose shown is not one of the policy's", "show a purpose constant of the zones package, or none")
		}
	case q.evidence.Purpose == "":
		q.missing.add(ReasonPurpose, "it shows no purpose", "show one of: "+strings.Join(allowed, ", "))
	case !slices.Contains(allowed, string(q.evidence.Purpose)):
		q.missing.add(ReasonPurpose, "the purpose shown is not allowed here", "show one of: "+strings.Join(allowed, ", "))
	}
}

// purpose returns the purpose shown when the policy knows it, and "" else, so
// that no free text gets into the audit log.
func (q *request) purpose() Purpose {
	for _, p := range q.border.policy.Purposes {
		if p.Name == string(q.evidence.Purpose) {
			return q.evidence.Purpose
		}
	}
	return ""
}

// principal returns the principal when it is well-formed, and the zero one
// else, for the same reason.
func (q *request) principal() Principal {
	if q.evidence.Principal.valid() {
		return q.evidence.Principal
	}
	return Principal{}
}

// checkApprovals asks who approved it.
func (q *request) checkApprovals(ctx context.Context) {
	needed := q.gate.route.Require.Approvals
	if needed <= 0 {
		return
	}
	q.approvals.needed = needed
	if q.border.approvals == nil {
		q.missing.add(ReasonApprovals, fmt.Sprintf("it needs %d approvals and the border cannot verify any", needed),
			"open the border with zone.WithApprovals")
		return
	}
	given, err := q.border.approvals.Approvers(ctx, ApprovalQuery{
		Crossing: q.id, Policy: q.border.policy.Name, Digest: q.border.digest,
		Route: q.gate.key, Clause: q.gate.route.Clause,
		Principal: q.principal(), Purpose: q.purpose(), At: q.at, Needed: needed,
	})
	if err != nil {
		q.missing.fail(ReasonApprovals, "the approvals could not be verified", "see to the approval verifier", err)
		return
	}
	q.approvals.given = admissible(given, q.evidence.Principal.ID, q.at)
	if n := len(approvers(q.approvals.given)); n < needed {
		q.missing.add(ReasonApprovals, fmt.Sprintf("it needs approvals of %d different people and has %d that count", needed, n),
			"have it approved, by somebody else than who crosses, and before the approvals expire")
	}
}

// checkLimit asks whether a single record could cross.
func (q *request) checkLimit(ctx context.Context) {
	w := q.gate.window
	if w == nil {
		return
	}
	if history, remembers := q.border.recorder.(History); remembers {
		if err := w.load(ctx, history, q.gate.key, q.at); err != nil {
			q.missing.fail(ReasonAudit, "the audit log does not tell what crossed before", "see to the audit log", err)
			return
		}
	}
	if free, again := w.room(q.at); !free {
		q.missing.list = append(q.missing.list, w.exhausted(again))
	}
}

// exhausted says that a limit is reached, and when it will not be any more
// where that is known.
func (w *window) exhausted(again time.Time) Reason {
	remedy := "wait until records of open crossings leave the period, or have the limit raised in the policy"
	if !again.IsZero() {
		remedy = "there is room again at " + again.Format(time.RFC3339) + ", or have the limit raised in the policy"
	}
	return Reason{ReasonLimit, fmt.Sprintf("its limit of %d records per %s is reached", w.records, w.per), remedy}
}

// refuse records the refusal. That the log does not take the entry is one more
// reason, and does not let anything cross.
func (q *request) refuse(ctx context.Context) error {
	e := RefusalEntry{
		ID: q.id, At: q.at, Policy: q.border.policy.Name, Digest: q.border.digest,
		Route: q.name.key, From: q.name.from, To: q.name.to, Clause: q.clause(),
		Principal: q.principal(), MFA: q.evidence.MFA, Purpose: q.purpose(),
	}
	for _, r := range q.missing.list {
		if !slices.Contains(e.Codes, r.Code) {
			e.Codes = append(e.Codes, r.Code)
		}
	}
	if err := q.border.recorder.Refuse(context.WithoutCancel(ctx), e); err != nil {
		q.missing.fail(ReasonAudit, "the audit log does not take the refusal", "see to the audit log", err)
	}
	return q.refusal()
}

func (q *request) refusal() error {
	return &RefusalError{Route: q.name.key, Clause: q.clause(), Reasons: q.missing.list, causes: q.missing.causes}
}

func (q *request) clause() string {
	if q.gate == nil {
		return ""
	}
	return q.gate.route.Clause
}

// begin makes the begin entry durable.
func (q *request) begin(ctx context.Context) error {
	err := q.border.recorder.Begin(ctx, BeginEntry{
		ID: q.id, At: q.at, Policy: q.border.policy.Name, Digest: q.border.digest,
		Route: q.gate.key, From: q.name.from, To: q.name.to, Clause: q.gate.route.Clause,
		Principal: q.principal(), MFA: q.evidence.MFA, Purpose: q.purpose(),
		Approvers: approvers(q.approvals.given),
	})
	if err != nil {
		q.missing.fail(ReasonAudit, "the audit log does not take the begin of the crossing", "see to the audit log", err)
		return q.refusal()
	}
	return nil
}
