// Package policy is an organisation's written security policy as data: what
// its data is (classes, categories), where it may be (zones), and what happens
// to it on each road between zones (routes and rules). It decides, and it
// proves that what it decides hangs together.
//
// Most programs never call it. The generator decides with it once, at generate
// time; a border checks at start-up that what was generated is no looser than
// the policy in force. Tools, reports and tests of a policy are its callers:
//
//	p, err := policy.Decode(compiled) // or the loader of policy files
//	if err := p.Check(); err != nil { … }        // every problem at once
//	label, err := p.Resolve(tag)                 // what the developer wrote
//	route, ok := p.Route("ward", "lab", "")
//	decision := p.Decide(route, label, tag)      // what happens, and why
//	proof := p.Prove()                           // does it hang together?
//
// A [Policy] is plain data and is not changed by anything here. All functions
// may be called at the same time. The order of results is always the same.
// Messages and remedies name rules, classes and categories, never data.
//
// # Deciding
//
// [Policy.Decide] takes a route, a label and the options of a field. It asks
// in this order:
//
//  1. Is the road open? The policy must have the route. If the policy is met
//     with others, none of them may close it: an entry under closed shuts the
//     plain road and every named one that the same policy does not list; a
//     whole policy also shuts every road that it does not have. Two lists of
//     purposes or endpoints with nothing in common shut it too.
//  2. Can the label be ranked? A class that is not on the scale, or a category
//     that nobody knows, is refused.
//  3. What does each rule say? Each category of the label is asked for by
//     itself. A rule that names the category beats one that names a class;
//     among rules of the same rank the strictest wins. A category without a
//     rule of its own goes by the rule for the label's class; where company in
//     a set raised the label above the category's own class, by the rule of
//     every class from the one to the other. A label whose class is higher
//     than all its categories, because somebody raised it, goes by the rules
//     of the classes above them as well. No rule means refuse; in an overlay
//     it means no opinion.
//  4. Does it stay? A category that stays in a zone is dropped at least on
//     every route that does not lead into that zone.
//  5. The strictest of all of this wins, over all categories and all policies:
//     pass < generalise < mask < token < encrypt < drop < refuse. A set is
//     therefore never treated looser than one of its categories alone.
//  6. The options of the field may tighten it: action= makes the action
//     stricter, or has no effect.
//  7. Does the result fit? What arrives in clear must be at most what the far
//     zone holds; what arrives sealed, at most what it carries. Else refuse.
//     (Asked last, so that a stricter rule can take the reason away.)
//
// Where several that won agree on the action, tokens match as narrowly as the
// narrowest says, and mask and generalise use the function that is known to
// tell least. Functions are known
// to compare where one can be computed from the other: "redact" tells less
// than any, "year" less than "year-month", "age-band-10" less than
// "age-band-5". Two functions that do not compare give drop: whatever one of
// them was meant to hide stays hidden. [Policy.Lint] points at it. Where a rule
// leaves the function or the result to the category, what an overlay says of
// the category counts too, with or without a rule there.
//
// A mask or generalisation needs a function: the rule's with, else the
// category's. A bare class has none, so the field may name it (mask=,
// generalise=). Beside that, a function of the field counts only where it is
// known to be tighter than the policy's, or where the field masks of its own
// accord (action=mask) what the policy would pass. Everything else is refused
// with a reason, at generate time.
//
// What arrives has a label too. Pass keeps it. Generalise and mask bring it
// down to the rule's as, else to what the category becomes, else to the lowest
// class, and shed its categories. Token keeps the categories and the class,
// unless the rule says as. Encrypt is sealed at the label. Drop and refuse
// bring nothing. Nothing is ever raised on the way.
//
// A lower class counts only as far as all agree on it: the result has the
// highest class that any whole policy gives it, for any category. Where a
// policy would have let more through than what was decided (an overlay masks
// what it passes, the field does, another member of the set must be masked),
// it has not said that the result is harmless, unless its category names a
// function that tells as much or more; the value then keeps the class that it
// came with. No overlay and no developer can declare a value down.
//
// A sealed value goes by [Policy.DecideSealed]: it travels on where the rules
// let its label travel in any form, and is opened only where it was sealed.
//
// # Meeting
//
// [Policy.With] adds an overlay: a policy that only tightens another and
// leaves alone what it does not mention. [Meet] joins two whole policies, of
// organisations that exchange data. Both keep the parts whole and let each
// decide; look-ups ([Policy.Zone], [Policy.Category], [Policy.Route]) show
// what they come to together: the lowest ceilings, the highest classes, the
// evidence of all. Meeting never loosens, does not depend on the order, and
// meeting a policy with itself changes nothing.
//
// # Algorithms and keys
//
// Which cryptographic algorithms are permitted is data as well: [Algorithms]
// has a list and, by bits of strength, the last day of making something new
// and the last day of using what there is. A sealed record outlives its seal by
// years, so these are two questions, [Algorithms.MayProduce] and
// [Algorithms.MayConsume]. An algorithm with parts (an HPKE suite) is listed as
// long as all its parts are, and as strong as the weakest. [Keys] has the kind
// of boxes and crypto-periods by use; [Policy.KeyPlan] gives the dates of a key
// that is made today. A policy that says nothing of algorithms permits all.
//
// An overlay keeps of the list what it names, parts included, and may bring
// days forward; met lists keep what all of them have, until the earliest day.
// Nothing of this is asked in a crossing, as keys carry their dates. It is in
// the compiled form all the same: the digest covers everything that an
// organisation decided, and whoever holds the compiled form can recompute it.
//
// [Policy.MayIndex] says whether a sealed column may have a search index: not
// where its category stays in a zone, nor where it is guessable.
//
// # The analyzer
//
// [Sink] gives ceilings to the unzoned exits of programs, [SinkClasses]. [Vet]
// tells the analyzer of functions that it cannot know: where labelled data comes
// from, by which of them it leaves, which carry it on, and which bring it down,
// with a reason that somebody can audit. All of it adds to what the analyzer
// knows; [Policy.VetInForce] is what holds. No decision depends on it. It is in
// the compiled form and the digest for the reason that the algorithms are, and
// because the analyzer reads the policy there.
//
// An overlay may add what lets the analyzer see more: sources, sinks,
// propagators, checks in tests, strictness, larger budgets, a higher class for a
// cleaner that there is. A cleaner of its own, or a check switched off, loosens.
// Of two whole policies the cleaners count that both have, and all the rest.
// [Policy.Lint] points at cleaners that are broader than anybody can answer for,
// and at what the analyzer is told not to see.
//
// # Proof
//
// [Policy.Prove] follows every class and every category, from every zone that
// may hold it, over every composition of routes until nothing new is reached.
// It shows five sentences, or gives a witness against them:
//
//   - Every class and category that may be at the begin of a route is decided
//     there by a rule (a rule may say refuse).
//   - No zone is brought more than it holds in clear or carries sealed.
//   - Nothing that stays in a zone, nor anything derived from it, leaves it.
//   - What the policy is met with loosens no decision.
//   - No composition of routes brings to a zone in clear what a direct route
//     would not.
//
// The last one in full: let a value of some label, unmodified, get from zone A
// to another zone C by two or more routes. Unmodified means that every route
// on the way passed it; what was masked, generalised or tokenised on the way
// is another value, and what is sealed is not in clear. This is a finding
// unless a direct route from A to C, plain or named, passes that label as
// well. Only the lowest class, which is public, may also get there by others'
// roads: for a label of that class it is a finding just when there is a plain
// route from A to C and a rule of it decides otherwise than pass. (A named
// route is an exception made for something; that it drops the rest says
// nothing about the rest.) Where A and C are connected by no route at all, the
// way around is thus a finding for everything above the lowest class.
//
// The witness is a shortest such chain with the label at each zone. What it
// needs is one of three: a stricter rule on one of its roads, a direct road,
// or a lower class. Sets of categories need no enumeration, by 5. above. What
// a developer's own code does with a value inside a zone is not in a policy;
// that is the analyzer's part.
//
// # Limits
//
// The policy trusts the functions that it names and what is declared of their
// results. It does not know whether ten age bands and a postal area together
// point at one person. Two roads into one zone may bring together what neither
// would have brought; that is what the classes of zones are for.
package policy
