// Package zone says where data may be: it has the types that tie a value to a
// zone, the crossing that takes records from one zone to another, and the
// border that refuses what the policy does not allow.
//
// # Who writes what
//
// Most of this package is called by generated code. A program itself does four
// things: it labels its types, opens one border, puts evidence into contexts
// where it authenticates requests, and begins and ends crossings.
//
//	type Patient struct {
//		zone.Home[zones.Ward]
//		Number string `classify:"patient-number,id"`
//		Name   string `classify:"name"`
//	}
//
//	border, err := zones.Open(zone.WithKeys(ring), zone.WithAudit(log))
//
//	ctx = zone.WithEvidence(ctx, zone.Evidence{
//		Principal: zone.Principal{ID: "u-1042", Kind: zone.Person},
//		MFA:       true,
//		Purpose:   zones.PurposeBilling,
//	})
//
//	x, err := zone.Cross[zones.WardToBilling](ctx, border)
//	if err != nil {
//		return err // a *RefusalError says everything that is missing
//	}
//	defer x.Abort()
//	for _, p := range patients {
//		view, err := p.ToBilling(x)
//		…
//	}
//	if err := x.Commit(); err != nil {
//		return err // nothing is handed over
//	}
//
// # What the compiler guarantees
//
//   - A value of one zone is no [In] of another, so an endpoint or a parcel of
//     another zone does not take it. [Home], [Road] and [Refused] have
//     unexported methods: no other package can declare them.
//   - Only routes that the policy permits are types. What a route does not
//     leave cannot be sealed or tokenised over it; what it does not enter
//     cannot be opened over it; tokens of two routes do not compare.
//   - Where there is no way, the method takes an interface named after the
//     clause that says so.
//
// # What the border guarantees at run time
//
//   - A crossing begins when policy, evidence, approvals and limit allow it and
//     the audit log has taken the begin entry. Whatever is missing is listed in
//     one [*RefusalError], and the refusal is recorded. An audit log, an
//     approval verifier or a history that fails refuses (fails closed).
//   - The policy in force is the compiled one met with every overlay. Generated
//     code that decides more loosely than it does not cross, field by field,
//     and the error says to regenerate. Stricter is fine.
//   - The number of records in the end entry is exact, with any number of
//     goroutines. A record that is not admitted is not counted; one that was is,
//     also when a step after that fails (a return of another person's record)
//     or the crossing is aborted.
//   - No error, no formatted crossing, border, pad or transit holds a value of a
//     labelled field. Errors of code this module does not know are reduced to
//     their type ([FieldError]).
//
// # Limits
//
// A route's limit is a sliding window: no period of its length sees more
// records than it says. A border counts in memory and by itself. A [Recorder]
// that implements [History] carries the count over a restart; what a process
// that was killed had admitted, and what other processes admit, is known only
// as far as the Recorder tells.
//
// # What a record costs
//
// Admit is a pointer comparison and two or three atomic additions; there is no
// lock, map, reflection or allocation. Seal makes one allocation, the
// ciphertext; Token at most two. Scratch memory is pooled and wiped.
//
// # What is not here
//
// Embedding [Home] in a type of one's own, or writing a route type by hand
// compiles: types cannot see who wrote them. The forge check of the analyzer
// does. A view that crossed lives in memory in its new zone; parcels and
// endpoints, which are packages beside this one, take it out.
package zone
