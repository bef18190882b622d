package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone"
)

// Every text in an entry is an identifier, a name of the policy, a Go name or a
// digest, and is held against its form here. The forms have no room for
// sentences. The one text that may have blanks is a clause; it comes from the
// policy whose digest stands beside it.

// The most that an entry lists.
const (
	maxRoles     = 256
	maxApprovers = 64
	maxCodes     = 64
	maxCounts    = 1024
	maxClause    = 128 // bytes
	maxGoName    = 512 // bytes
	maxID        = 64  // bytes
)

// fields collects the first field of an entry that does not have its form.
type fields struct{ err *EntryError }

// want notes that a field is wrong unless ok.
func (f *fields) want(ok bool, name, form string) {
	if !ok && f.err == nil {
		f.err = &EntryError{name, form}
	}
}

// check holds every field of an entry but its time against its form.
func (e Entry) check() error {
	var f fields
	kind := e.Kind()
	f.want(kind != "", "kind", "is not exactly one of begin, end, refusal, clock and recovery")
	switch kind {
	case "begin":
		b := e.Begin
		f.begun(b.ID, b.At, b.Policy, b.Digest, b.Route, b.From, b.To, b.Clause, b.Principal, b.Purpose)
		f.want(len(b.Approvers) <= maxApprovers, "approvers", fmt.Sprintf("are more than %d", maxApprovers))
		for _, a := range b.Approvers {
			f.id("approvers", a)
		}
	case "end":
		f.end(e.End)
	case "refusal":
		r := e.Refusal
		f.begun(r.ID, r.At, r.Policy, r.Digest, r.Route, r.From, r.To, r.Clause, r.Principal, r.Purpose)
		f.want(len(r.Codes) > 0 && len(r.Codes) <= maxCodes, "codes", fmt.Sprintf("are none or more than %d", maxCodes))
		for _, c := range r.Codes {
			f.code("codes", c)
		}
	case "clock":
		f.time("expected", e.Clock.Expected)
		f.time("found", e.Clock.Found)
	case "recovery":
		f.want(e.Recovery.Cut > 0, "cut", "is not a positive number of bytes")
		f.digest("digest", e.Recovery.Digest)
	}
	if f.err != nil {
		return f.err
	}
	return nil
}

// begun checks what begins and refusals have in common.
func (f *fields) begun(id string, at time.Time, policy, digest, route, from, to, clause string, p zone.Principal, purpose zone.Purpose) {
	f.id("id", id)
	f.time("at", at)
	f.name("policy", policy)
	f.digest("digest", digest)
	f.route("route", route)
	f.name("from", from)
	f.name("to", to)
	f.want(clauseForm(clause), "clause", fmt.Sprintf("is longer than %d bytes or has control characters: shorten it in the policy", maxClause))
	f.want(purpose == "" || classify.ValidName(string(purpose)), "purpose", "is not a name of the policy")
	if principalToWire(p) == nil {
		return
	}
	f.id("principal.id", p.ID)
	f.want(p.Kind == zone.Person || p.Kind == zone.Service, "principal.kind", "is neither person nor service")
	if p.Organisation != "" {
		f.id("principal.organisation", p.Organisation)
	}
	f.want(len(p.Roles) <= maxRoles, "principal.roles", fmt.Sprintf("are more than %d", maxRoles))
	for _, r := range p.Roles {
		f.id("principal.roles", r)
	}
}

// end checks the end of a crossing.
func (f *fields) end(e *End) {
	f.id("id", e.ID)
	f.time("at", e.At)
	f.want(e.Began >= 0, "began", "is negative")
	f.route("route", e.Route)
	f.want(e.Outcome == zone.Committed || e.Outcome == zone.Aborted, "outcome", "is neither committed nor aborted")
	f.want(e.Records >= 0, "records", "is negative")
	f.want(e.Organisation == "" || e.Principal != "", "organisation", "stands without a principal")
	if e.Principal != "" {
		f.id("principal", e.Principal)
	}
	if e.Organisation != "" {
		f.id("organisation", e.Organisation)
	}
	f.want(len(e.Counts) <= maxCounts, "counts", fmt.Sprintf("are of more than %d types", maxCounts))
	for _, c := range e.Counts {
		f.want(goName(c.Type), "counts.type", "is not the qualified name of a Go type")
		f.want(goName(c.View), "counts.view", "is not the name of a Go type")
		f.want(c.Records >= 0 && c.Parts >= 0, "counts.records", "is negative")
	}
	f.want(len(e.Refused) <= maxCodes, "refused", fmt.Sprintf("are more than %d", maxCodes))
	for _, r := range e.Refused {
		f.code("refused.code", r.Code)
		f.want(r.Records >= 0, "refused.records", "is negative")
	}
}

func (f *fields) time(field string, t time.Time) {
	f.want(validTime(t), field, "is outside the years 1 to 9999")
}

// validTime reports whether RFC 3339 can spell the time, and whether it is one.
func validTime(t time.Time) bool {
	t = t.UTC()
	return !t.IsZero() && t.Year() >= 1 && t.Year() <= 9999
}

func (f *fields) id(field, s string) {
	ok := s != "" && len(s) <= maxID && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	f.want(ok, field, "is not an identifier: 1 to 64 printable ASCII characters without blanks")
}

func (f *fields) name(field, s string) {
	f.want(classify.ValidName(s), field, "is not a name of the policy")
}

// route checks a route's key: "from→to" or "from→to (name)".
func (f *fields) route(field, key string) {
	from, to, ok := strings.Cut(key, "→")
	if rest, named := strings.CutSuffix(to, ")"); named {
		var name string
		to, name, ok = strings.Cut(rest, " (")
		ok = ok && classify.ValidName(name)
	}
	f.want(ok && classify.ValidName(from) && classify.ValidName(to), field, "is not the key of a route")
}

func (f *fields) digest(field, s string) {
	hexadecimal, ok := strings.CutPrefix(s, "sha256:")
	ok = ok && len(hexadecimal) == 64 && strings.Trim(hexadecimal, "0123456789abcdef") == ""
	f.want(ok, field, `is not "sha256:" and 64 hexadecimal digits`)
}

func (f *fields) code(field string, c zone.ReasonCode) {
	ok := c != "" && len(c) <= 32 && strings.Trim(string(c), "abcdefghijklmnopqrstuvwxyz-") == ""
	f.want(ok, field, "is not a reason code")
}

// goName reports whether s can be the name of a Go type, qualified by its import
// path, with type arguments.
func goName(s string) bool {
	return s != "" && len(s) <= maxGoName && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !slices.Contains([]rune("_./-~[],*·"), r)
	}) < 0
}

// clauseForm reports whether a clause of the policy can stand in an entry.
func clauseForm(s string) bool {
	return len(s) <= maxClause && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
