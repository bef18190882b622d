package audit

import (
	"time"

	"github.com/sekisho-go/sekisho/zone"
)

// The entries as they are spelled in JSON. They are types of their own so that
// a field added elsewhere does not get into the log unseen.

type wireEntry struct {
	Time     *time.Time    `json:"time,omitempty"`
	Begin    *wireBegin    `json:"begin,omitempty"`
	End      *wireEnd      `json:"end,omitempty"`
	Refusal  *wireRefusal  `json:"refusal,omitempty"`
	Clock    *wireClock    `json:"clock,omitempty"`
	Recovery *wireRecovery `json:"recovery,omitempty"`
}

type wirePrincipal struct {
	ID           string   `json:"id"`
	Organisation string   `json:"organisation,omitempty"`
	Kind         string   `json:"kind"`
	Roles        []string `json:"roles,omitempty"`
}

type wireBegin struct {
	ID        string         `json:"id"`
	At        time.Time      `json:"at"`
	Policy    string         `json:"policy"`
	Digest    string         `json:"digest"`
	Route     string         `json:"route"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Clause    string         `json:"clause,omitempty"`
	Principal *wirePrincipal `json:"principal,omitempty"`
	MFA       bool           `json:"mfa,omitempty"`
	Purpose   string         `json:"purpose,omitempty"`
	Approvers []string       `json:"approvers,omitempty"`
}

type wireEnd struct {
	ID           string        `json:"id"`
	At           time.Time     `json:"at"`
	Began        int64         `json:"began"`
	Route        string        `json:"route"`
	Principal    string        `json:"principal,omitempty"`
	Organisation string        `json:"organisation,omitempty"`
	Outcome      string        `json:"outcome"`
	Records      int64         `json:"records"`
	Counts       []wireCount   `json:"counts,omitempty"`
	Refused      []wireRefused `json:"refused,omitempty"`
}

type wireCount struct {
	Type    string `json:"type"`
	View    string `json:"view"`
	Records int64  `json:"records"`
	Parts   int64  `json:"parts,omitempty"`
}

type wireRefused struct {
	Code    string `json:"code"`
	Records int64  `json:"records"`
}

type wireRefusal struct {
	ID        string         `json:"id"`
	At        time.Time      `json:"at"`
	Policy    string         `json:"policy"`
	Digest    string         `json:"digest"`
	Route     string         `json:"route"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Clause    string         `json:"clause,omitempty"`
	Principal *wirePrincipal `json:"principal,omitempty"`
	MFA       bool           `json:"mfa,omitempty"`
	Purpose   string         `json:"purpose,omitempty"`
	Codes     []string       `json:"codes"`
}

type wireClock struct {
	Expected time.Time `json:"expected"`
	Found    time.Time `json:"found"`
}

type wireRecovery struct {
	Cut    int64  `json:"cut"`
	Digest string `json:"digest"`
}

// toWire spells an entry, without its time.
func toWire(e Entry) wireEntry {
	var w wireEntry
	switch {
	case e.Begin != nil:
		b := e.Begin
		w.Begin = &wireBegin{b.ID, b.At.UTC(), b.Policy, b.Digest, b.Route, b.From, b.To, b.Clause,
			principalToWire(b.Principal), b.MFA, string(b.Purpose), b.Approvers}
	case e.End != nil:
		w.End = endToWire(e.End)
	case e.Refusal != nil:
		r := e.Refusal
		w.Refusal = &wireRefusal{r.ID, r.At.UTC(), r.Policy, r.Digest, r.Route, r.From, r.To, r.Clause,
			principalToWire(r.Principal), r.MFA, string(r.Purpose), nil}
		for _, c := range r.Codes {
			w.Refusal.Codes = append(w.Refusal.Codes, string(c))
		}
	case e.Clock != nil:
		w.Clock = &wireClock{e.Clock.Expected.UTC(), e.Clock.Found.UTC()}
	case e.Recovery != nil:
		w.Recovery = &wireRecovery{e.Recovery.Cut, e.Recovery.Digest}
	}
	return w
}

func endToWire(e *End) *wireEnd {
	w := &wireEnd{ID: e.ID, At: e.At.UTC(), Began: e.Began, Route: e.Route, Principal: e.Principal,
		Organisation: e.Organisation, Outcome: e.Outcome.String(), Records: e.Records}
	for _, c := range e.Counts {
		w.Counts = append(w.Counts, wireCount(c))
	}
	for _, r := range e.Refused {
		w.Refused = append(w.Refused, wireRefused{string(r.Code), r.Records})
	}
	return w
}

func principalToWire(p zone.Principal) *wirePrincipal {
	if p.ID == "" && p.Organisation == "" && p.Kind == zone.PrincipalUnknown && len(p.Roles) == 0 {
		return nil
	}
	return &wirePrincipal{p.ID, p.Organisation, p.Kind.String(), p.Roles}
}

// fromWire undoes toWire. What it cannot read it leaves out, so that the entry
// is not valid or is spelled differently.
func fromWire(w wireEntry) Entry {
	var e Entry
	if w.Time != nil {
		e.Time = *w.Time
	}
	if b := w.Begin; b != nil {
		e.Begin = &zone.BeginEntry{ID: b.ID, At: b.At, Policy: b.Policy, Digest: b.Digest, Route: b.Route, From: b.From, To: b.To,
			Clause: b.Clause, Principal: principalFromWire(b.Principal), MFA: b.MFA, Purpose: zone.Purpose(b.Purpose), Approvers: b.Approvers}
	}
	if w.End != nil {
		e.End = endFromWire(w.End)
	}
	if r := w.Refusal; r != nil {
		e.Refusal = &zone.RefusalEntry{ID: r.ID, At: r.At, Policy: r.Policy, Digest: r.Digest, Route: r.Route, From: r.From, To: r.To,
			Clause: r.Clause, Principal: principalFromWire(r.Principal), MFA: r.MFA, Purpose: zone.Purpose(r.Purpose)}
		for _, c := range r.Codes {
			e.Refusal.Codes = append(e.Refusal.Codes, zone.ReasonCode(c))
		}
	}
	if c := w.Clock; c != nil {
		e.Clock = &ClockMark{c.Expected, c.Found}
	}
	if r := w.Recovery; r != nil {
		e.Recovery = &RecoveryMark{r.Cut, r.Digest}
	}
	return e
}

func endFromWire(w *wireEnd) *End {
	e := &End{Began: w.Began, Principal: w.Principal, Organisation: w.Organisation,
		EndEntry: zone.EndEntry{ID: w.ID, At: w.At, Route: w.Route, Records: w.Records}}
	for _, o := range []zone.Outcome{zone.Committed, zone.Aborted} {
		if w.Outcome == o.String() {
			e.Outcome = o
		}
	}
	for _, c := range w.Counts {
		e.Counts = append(e.Counts, zone.Count(c))
	}
	for _, r := range w.Refused {
		e.Refused = append(e.Refused, zone.RefusedCount{Code: zone.ReasonCode(r.Code), Records: r.Records})
	}
	return e
}

func principalFromWire(w *wirePrincipal) zone.Principal {
	if w == nil {
		return zone.Principal{}
	}
	p := zone.Principal{ID: w.ID, Organisation: w.Organisation, Roles: w.Roles}
	for _, k := range []zone.PrincipalKind{zone.Person, zone.Service} {
		if w.Kind == k.String() {
			p.Kind = k
		}
	}
	return p
}
