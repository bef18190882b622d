package policy

import "github.com/sekisho-go/sekisho/classify"

// Format is the number of the policy file format that this version reads and writes.
const Format = 1

// Policy is one organisation's written security policy as data: what its data
// is, where it may be, and what happens to it on each road.
//
// A Policy is read-only once it is checked. Lists keep the order of the file
// where order means something (classes, zones, routes, rules) and are sorted
// by name elsewhere, so that the compiled form is canonical.
type Policy struct {
	Format       int         `json:"sekisho"`
	Name         string      `json:"name"`
	Edition      string      `json:"edition,omitempty"`
	Go           GoNames     `json:"go"`
	Classes      []string    `json:"classes"`                // lowest first
	Integrity    []string    `json:"integrity,omitempty"`    // levels, lowest first
	Availability []string    `json:"availability,omitempty"` // levels, lowest first
	Categories   []Category  `json:"categories,omitempty"`   // by name
	Zones        []Zone      `json:"zones"`
	Purposes     []Purpose   `json:"purposes,omitempty"` // by name
	Routes       []Route     `json:"routes,omitempty"`
	Closed       []Closed    `json:"closed,omitempty"`
	Sinks        []Sink      `json:"sinks,omitempty"`      // by name
	Types        []Type      `json:"types,omitempty"`      // by name
	Mappings     []Mapping   `json:"mappings,omitempty"`   // by scheme
	Algorithms   *Algorithms `json:"algorithms,omitempty"` // nil: any algorithm, without an end
	Keys         *Keys       `json:"keys,omitempty"`       // nil: no crypto-periods, boxes by X25519
	Vet          *Vet        `json:"vet,omitempty"`        // nil: what the analyzer knows by itself
	Overlays     []*Policy   `json:"overlays,omitempty"`   // met with this policy: the stricter decision wins; one that is not an overlay is a whole policy, and closes what it does not open
	Overlay      bool        `json:"overlay,omitempty"`    // this policy only tightens another: what it does not mention it leaves alone
}

// Pos is where in a policy file something stands. The zero Pos means that the
// policy was not read from a file.
type Pos struct {
	File      string
	Line, Col int
}

// GoNames says where generated Go goes.
type GoNames struct {
	Zones string `json:"zones,omitempty"` // folder of the zones package, relative to the policy file
}

// Text is a title in several languages, by BCP 47 tag ("ja", "en").
type Text map[string]string

// Category says what a datum is and what follows from that.
type Category struct {
	Name         string `json:"name"`
	Class        string `json:"class"`
	Integrity    string `json:"integrity,omitempty"`
	Availability string `json:"availability,omitempty"`
	Check        string `json:"check,omitempty"`      // name of a check, see classify.CheckName
	Mask         string `json:"mask,omitempty"`       // name of a function, see classify.FuncName
	Generalise   string `json:"generalise,omitempty"` // name of a function
	Becomes      string `json:"becomes,omitempty"`    // class after mask or generalise; the lowest class by default
	Stays        string `json:"stays,omitempty"`      // zone that neither the value nor anything derived from it leaves
	Guessable    bool   `json:"guessable,omitempty"`  // its values are so few or so regular that whoever can query may try them all: no search index is made of it
	Title        Text   `json:"title,omitempty"`
	Pos          Pos    `json:"-"`
}

// Zone is a place where data can be.
type Zone struct {
	Name     string   `json:"name"`
	Go       string   `json:"go"`                // name of the Go type
	Holds    string   `json:"holds"`             // highest class in clear
	Carries  string   `json:"carries,omitempty"` // highest class sealed; Holds by default
	Networks []string `json:"networks,omitempty"`
	Title    Text     `json:"title,omitempty"`
	Pos      Pos      `json:"-"`
}

// Purpose is a reason for which data may cross.
type Purpose struct {
	Name  string `json:"name"`
	Title Text   `json:"title,omitempty"`
	Pos   Pos    `json:"-"`
}

// Route is a permitted direction between two zones.
type Route struct {
	Name      string     `json:"name,omitempty"` // empty for the plain road between two zones
	From      string     `json:"from"`
	To        string     `json:"to"`
	Clause    string     `json:"clause,omitempty"`
	Title     Text       `json:"title,omitempty"`
	Rules     []Rule     `json:"rules"`
	Require   Require    `json:"require"`
	Limit     *Limit     `json:"limit,omitempty"`
	Endpoints []Endpoint `json:"endpoints,omitempty"` // a named exception lists what it talks to
	Approver  string     `json:"approver,omitempty"`  // role that approved the exception
	Until     string     `json:"until,omitempty"`     // last day on which the route is open, YYYY-MM-DD, in the policy's local time
	Pos       Pos        `json:"-"`
}

// Endpoint is one address that a named exception may talk to.
type Endpoint struct {
	Address  string `json:"address"`            // host, IP or prefix
	Port     int    `json:"port,omitempty"`     // 0: any
	Protocol string `json:"protocol,omitempty"` // tcp by default
	System   string `json:"system,omitempty"`   // name of the system on the other side
}

// Rule says what happens to a category or a class on a route. Exactly one of
// Category and Class is set.
type Rule struct {
	Category string          `json:"category,omitempty"`
	Class    string          `json:"class,omitempty"`
	Action   classify.Action `json:"action"`
	As       string          `json:"as,omitempty"`    // class after mask, generalise or token
	With     string          `json:"with,omitempty"`  // function for mask or generalise, instead of the category's
	Scope    string          `json:"scope,omitempty"` // of a token: "field" (the default) or "category", where equal values of one category match on this road
	Clause   string          `json:"clause,omitempty"`
	Pos      Pos             `json:"-"`
}

// Require is the evidence that a crossing must show.
type Require struct {
	Principal bool     `json:"principal,omitempty"`
	MFA       bool     `json:"mfa,omitempty"`
	Purpose   []string `json:"purpose,omitempty"` // one of these; empty: none needed
	Approvals int      `json:"approvals,omitempty"`
}

// Limit bounds how many records may cross in a period.
type Limit struct {
	Records int64  `json:"records"`
	Per     string `json:"per"` // time.ParseDuration form
}

// Closed is a road that the written policy forbids by name.
type Closed struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Clause string `json:"clause,omitempty"`
	Title  Text   `json:"title,omitempty"`
	Pos    Pos    `json:"-"`
}

// Sink is the ceiling of an unzoned exit, for the analyzer.
type Sink struct {
	Name    string `json:"name"`
	Ceiling string `json:"ceiling"`
	Pos     Pos    `json:"-"`
}

// Type labels the fields of a Go type that cannot carry tags.
type Type struct {
	Name   string  `json:"name"` // import path, dot, type name
	Fields []Field `json:"fields"`
	Pos    Pos     `json:"-"`
}

// Field is the label of one field of a foreign type.
type Field struct {
	Name string `json:"name"`
	Tag  string `json:"tag"` // in the grammar of classify.ParseTag
	Pos  Pos    `json:"-"`
}

// Mapping translates this policy's classes into another scheme's.
type Mapping struct {
	Scheme  string            `json:"scheme"`
	Classes map[string]string `json:"classes"` // ours to theirs; never to a looser one
	Pos     Pos               `json:"-"`
}
