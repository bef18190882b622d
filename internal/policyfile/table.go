package policyfile

import (
	"fmt"
	"math"
	"regexp"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// This file is the description of the policy file: one table for the strict
// decoder and for the JSON Schema. The words beside the keys are what an
// editor shows while somebody writes a policy.

// file is one policy file as it is written, before anything is inherited.
type file struct {
	policy.Policy
	pos      policy.Pos
	extends  []ref
	overlays []ref
	remove   removal
	src      *source
}

// ref is another policy that a file names: a preset or a path.
type ref struct {
	name string
	at   mark
}

// removal lists what a file does not want of what it inherits.
type removal struct {
	categories, zones, purposes, sinks, types, mappings, algorithms, vet []ref
	routes                                                               []roadRef
	closed                                                               []roadRef
}

// roadRef names a road of a parent.
type roadRef struct {
	from, to, name string
	pos            policy.Pos
}

// The words of a policy.
var (
	word     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	wordSays = "use lower-case letters a-z, digits and single hyphens, beginning with a letter"

	className = text{noun: "a class name", digits: true, example: `"1"`, most: 64,
		pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`), // as classify.ValidName
		looks:   "use letters a-z A-Z, digits, hyphens, dots and underscores; other scripts belong in titles"}
	zoneName     = text{noun: "a zone name", pattern: word, looks: wordSays, most: 64}
	categoryName = text{noun: "a category name", pattern: word, looks: wordSays, most: 64}
	purposeName  = text{noun: "a purpose name", pattern: word, looks: wordSays, most: 64}
	roadName     = text{noun: "a route name", pattern: word, looks: wordSays, most: 64}
	sinkName     = text{noun: "a sink name", pattern: word, looks: wordSays, most: 64}
	clause       = text{noun: "a clause of the written policy", digits: true, decimals: true}
	goName       = text{noun: "the name of an exported Go type", pattern: regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`),
		looks: "an exported Go name begins with a capital letter and has letters, digits and underscores"}
	funcName  = text{noun: "the name of a function", example: "last4 or example.com/app/mask.Postal"}
	freeText  = text{noun: "text"}
	policyRef = text{noun: "a preset or the path of a policy file", example: "[jp/alpha]"}
)

// title is one text, or a text for each of several languages.
type title struct{}

// undetermined is the BCP 47 tag of a text whose language nobody wrote down.
const undetermined = "und"

var titles = named[string, titleIn]{
	of:   freeText,
	key:  text{noun: "a language tag", pattern: regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`), looks: "write a BCP 47 tag such as ja or en"},
	noun: "title", nouns: "text, or {ja: …, en: …}",
	make: func(name string, _ policy.Pos, v string) titleIn { return titleIn{name, v} },
}

type titleIn struct{ lang, text string }

func (title) decode(d *decoder, n *yaml.Node, at trail) (policy.Text, bool) {
	if n.Kind == yaml.ScalarNode {
		v, ok := freeText.decode(d, n, at)
		if !ok {
			return nil, false
		}
		return policy.Text{undetermined: v}, true
	}
	at.entry = false
	entries, ok := titles.decode(d, n, at)
	if entries == nil {
		return nil, ok
	}
	t := make(policy.Text, len(entries))
	for _, e := range entries {
		t[e.lang] = e.text
	}
	return t, ok
}

// listOf is a list of values that need no least number.
func listOf[V any](of shape[V], noun string) list[V] { return list[V]{of: of, noun: noun} }

// actions are the names of what a rule can do, loosest first.
var actions = []string{"pass", "generalise", "mask", "token", "encrypt", "drop", "refuse"}

var action = mapped[string, classify.Action]{
	of: text{noun: "an action", enum: actions, aka: map[string]string{
		"allow": "pass", "permit": "pass", "clear": "pass", "redact": "mask", "pseudonymise": "token", "pseudonymize": "token", "hash": "token",
		"seal": "encrypt", "cipher": "encrypt", "remove": "drop", "omit": "drop", "delete": "drop", "deny": "refuse", "reject": "refuse", "forbid": "refuse",
	}},
	to: func(name string) classify.Action {
		a, _ := classify.ParseAction(name) // the shape let only names of actions through
		return a
	},
}

var levels = func(what string) list[string] {
	return list[string]{of: className, noun: "a list of " + what + ", lowest first", least: 1}
}

var goNames = record[policy.GoNames]{
	noun: "the go section", doc: "Where generated Go goes.",
	keys: []key[policy.GoNames]{
		field("zones", freeText, func(v *policy.GoNames) *string { return &v.Zones },
			"folder of the generated zones package, relative to this file"),
	},
}

var category = record[policy.Category]{
	def: "category", noun: "the category", doc: "What a datum is, and what follows from that.",
	pos: func(v *policy.Category) *policy.Pos { return &v.Pos },
	keys: []key[policy.Category]{
		field("class", className, func(v *policy.Category) *string { return &v.Class },
			"the class that data of this category has at least").base().known("level", "confidentiality", "sensitivity"),
		field("integrity", className, func(v *policy.Category) *string { return &v.Integrity },
			"the integrity level that it has at least"),
		field("availability", className, func(v *policy.Category) *string { return &v.Availability },
			"the availability level that it has at least"),
		field("check", funcName, func(v *policy.Category) *string { return &v.Check },
			"the check of its form, such as jp.individual-number").known("validate", "validator", "format"),
		field("mask", funcName, func(v *policy.Category) *string { return &v.Mask },
			"the function that rules with the action mask use, such as last4"),
		field("generalise", funcName, func(v *policy.Category) *string { return &v.Generalise },
			"the function that rules with the action generalise use, such as age-band-5"),
		field("becomes", className, func(v *policy.Category) *string { return &v.Becomes },
			"the class after mask or generalise; the lowest class unless it is given"),
		field("stays", zoneName, func(v *policy.Category) *string { return &v.Stays },
			"the zone that neither the value nor anything derived from it leaves"),
		field("guessable", boolean{}, func(v *policy.Category) *bool { return &v.Guessable },
			"whether its values are so few or so regular that whoever can query may try them all; no search index is made of it"),
		field("title", title{}, func(v *policy.Category) *policy.Text { return &v.Title },
			"the category in people's words").known("description", "label", "name"),
	},
}

var zoneEntry = record[policy.Zone]{
	def: "zone", noun: "the zone", doc: "A place where data can be.",
	pos: func(v *policy.Zone) *policy.Pos { return &v.Pos },
	keys: []key[policy.Zone]{
		field("go", goName, func(v *policy.Zone) *string { return &v.Go },
			"the name of its Go type; made from its name unless it is given"),
		field("holds", className, func(v *policy.Zone) *string { return &v.Holds },
			"the highest class that may be in it in clear").base().known("ceiling", "max", "class"),
		field("carries", className, func(v *policy.Zone) *string { return &v.Carries },
			"the highest class that may be in it sealed; as high as holds unless it is given"),
		field("networks", listOf(text{noun: "a network", example: "10.1.0.0/16"}, "a list of networks"), func(v *policy.Zone) *[]string { return &v.Networks },
			"its networks as prefixes, such as 10.1.0.0/16: endpoints of the zone dial no others").known("network", "addresses"),
		field("title", title{}, func(v *policy.Zone) *policy.Text { return &v.Title },
			"the zone in people's words").known("description", "label", "name"),
	},
}

var rule = record[policy.Rule]{
	def: "rule", noun: "the rule", doc: "What happens to a category or a class on a route.",
	pos:   func(v *policy.Rule) *policy.Pos { return &v.Pos },
	oneOf: []string{"category", "class"},
	keys: []key[policy.Rule]{
		field("category", categoryName, func(v *policy.Rule) *string { return &v.Category },
			"the category that the rule is for; it beats rules for classes"),
		field("class", className, func(v *policy.Rule) *string { return &v.Class },
			"the class that the rule is for"),
		field("action", action, func(v *policy.Rule) *classify.Action { return &v.Action },
			"what happens to it, from loosest to strictest: pass, generalise, mask, token, encrypt, drop, refuse").must().known("do", "then", "effect"),
		field("as", className, func(v *policy.Rule) *string { return &v.As },
			"the class that it has after mask, generalise or token").known("becomes", "result"),
		field("with", funcName, func(v *policy.Rule) *string { return &v.With },
			"the function for mask or generalise, instead of the category's").known("mask", "function", "using"),
		field("scope", text{noun: "a scope of tokens", enum: []string{"field", "category"}}, func(v *policy.Rule) *string { return &v.Scope },
			"of a token: whether equal values match within one field or within the whole category on this road"),
		field("clause", clause, func(v *policy.Rule) *string { return &v.Clause },
			"the clause of the written policy that the rule carries out"),
	},
}

var require = record[policy.Require]{
	def: "require", noun: "the evidence", doc: "What a crossing must show.",
	keys: []key[policy.Require]{
		field("principal", boolean{}, func(v *policy.Require) *bool { return &v.Principal }, "whether it must say who crosses"),
		field("mfa", boolean{}, func(v *policy.Require) *bool { return &v.MFA }, "whether that person must have shown two factors"),
		field("purpose", listOf(purposeName, "a list of purposes"), func(v *policy.Require) *[]string { return &v.Purpose },
			"the purposes that are good enough; any or none if the list is not there").known("purposes"),
		field("approvals", small{integer{"a whole number of people", 0, 9}}, func(v *policy.Require) *int { return &v.Approvals },
			"how many different people must have approved it").known("approval", "approvers"),
	},
}

var limit = record[policy.Limit]{
	def: "limit", noun: "the limit", doc: "How many records may cross in a period.",
	keys: []key[policy.Limit]{
		field("records", integer{"a whole number of records", 1, math.MaxInt64}, func(v *policy.Limit) *int64 { return &v.Records }, "how many records").must().known("count", "max"),
		field("per", text{noun: "a period", example: "24h", pattern: regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(h|m|s))+$`),
			looks: "write hours, minutes and seconds, such as 24h or 1h30m; a day is 24h"},
			func(v *policy.Limit) *string { return &v.Per }, "in which period, such as 24h").must().known("period", "every"),
	},
}

var endpoint = record[policy.Endpoint]{
	def: "endpoint", noun: "the endpoint", doc: "One address that a named exception may talk to.",
	keys: []key[policy.Endpoint]{
		field("address", text{noun: "a host, an address or a prefix"}, func(v *policy.Endpoint) *string { return &v.Address }, "host, IP address or prefix").must().known("host", "ip"),
		field("port", small{integer{"a port number", 1, 65535}}, func(v *policy.Endpoint) *int { return &v.Port }, "port; any unless it is given"),
		field("protocol", text{noun: "a protocol", enum: []string{"tcp", "udp"}}, func(v *policy.Endpoint) *string { return &v.Protocol }, "protocol; tcp unless it is given"),
		field("system", freeText, func(v *policy.Endpoint) *string { return &v.System }, "name of the system on the other side"),
	},
}

// day is a date as a policy writes it.
var day = text{noun: "a day", date: true, pattern: regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`), looks: "write year, month and day as 2027-03-31"}

var route = record[policy.Route]{
	def: "route", noun: "the route", doc: "A permitted direction between two zones.",
	pos: func(v *policy.Route) *policy.Pos { return &v.Pos },
	keys: []key[policy.Route]{
		field("name", roadName, func(v *policy.Route) *string { return &v.Name },
			"name of a second road between the same zones; a named exception with rules of its own"),
		field("from", zoneName, func(v *policy.Route) *string { return &v.From }, "the zone that data leaves").must().known("source", "src"),
		field("to", zoneName, func(v *policy.Route) *string { return &v.To }, "the zone that data enters").must().known("destination", "dest", "dst", "target"),
		field("clause", clause, func(v *policy.Route) *string { return &v.Clause }, "the clause of the written policy that permits it"),
		field("title", title{}, func(v *policy.Route) *policy.Text { return &v.Title }, "the route in people's words").known("description", "label"),
		field("rules", listOf(rule, "a list of rules"), func(v *policy.Route) *[]policy.Rule { return &v.Rules },
			"what happens to each category and class; what no rule names is refused").must().known("rule", "actions"),
		field("require", require, func(v *policy.Route) *policy.Require { return &v.Require }, "the evidence that a crossing must show").known("requires", "evidence"),
		field("limit", mapped[policy.Limit, *policy.Limit]{limit, func(l policy.Limit) *policy.Limit { return &l }},
			func(v *policy.Route) **policy.Limit { return &v.Limit }, "how many records may cross in a period").known("limits", "quota"),
		field("endpoints", listOf(endpoint, "a list of endpoints"), func(v *policy.Route) *[]policy.Endpoint { return &v.Endpoints }, "what a named exception talks to").known("endpoint"),
		field("approver", freeText, func(v *policy.Route) *string { return &v.Approver }, "the role that approved the exception").known("approvedby"),
		field("until", day, func(v *policy.Route) *string { return &v.Until }, "the last day on which the route is open, as 2027-03-31").known("expires", "expiry", "validuntil"),
	},
}

var closed = record[policy.Closed]{
	def: "closed", noun: "the closed road", doc: "A road that the written policy forbids by name.",
	pos: func(v *policy.Closed) *policy.Pos { return &v.Pos },
	keys: []key[policy.Closed]{
		field("from", zoneName, func(v *policy.Closed) *string { return &v.From }, "the zone that data would leave").must(),
		field("to", zoneName, func(v *policy.Closed) *string { return &v.To }, "the zone that data would enter").must(),
		field("clause", clause, func(v *policy.Closed) *string { return &v.Clause }, "the clause of the written policy that forbids it"),
		field("title", title{}, func(v *policy.Closed) *policy.Text { return &v.Title }, "the clause in people's words, as compile errors quote it").known("reason", "description"),
	},
}

var road = record[roadRef]{
	def: "road", noun: "the road", doc: "A road of an inherited policy.",
	pos: func(v *roadRef) *policy.Pos { return &v.pos },
	keys: []key[roadRef]{
		field("from", zoneName, func(v *roadRef) *string { return &v.from }, "the zone it begins in").must(),
		field("to", zoneName, func(v *roadRef) *string { return &v.to }, "the zone it ends in").must(),
		field("name", roadName, func(v *roadRef) *string { return &v.name }, "its name, if it has one"),
	},
}

// placed is a word that keeps its position.
type placed struct{ of text }

func (s placed) decode(d *decoder, n *yaml.Node, at trail) (ref, bool) {
	v, ok := s.of.decode(d, n, at)
	return ref{v, mark{d.pos(n), n}}, ok
}

func (s placed) schema(g *schemas) object { return s.of.schema(g) }

var remove = record[removal]{
	def: "remove", noun: "the remove section", doc: "What this file does not want of what it inherits.",
	keys: []key[removal]{
		field("categories", listOf(placed{categoryName}, "a list of category names"), func(v *removal) *[]ref { return &v.categories }, "inherited categories to remove"),
		field("zones", listOf(placed{zoneName}, "a list of zone names"), func(v *removal) *[]ref { return &v.zones },
			"inherited zones to remove; routes and closed roads from and to them go with them"),
		field("purposes", listOf(placed{purposeName}, "a list of purpose names"), func(v *removal) *[]ref { return &v.purposes }, "inherited purposes to remove"),
		field("routes", listOf(road, "a list of roads"), func(v *removal) *[]roadRef { return &v.routes }, "inherited routes to remove, as {from: …, to: …} and the name if it has one"),
		field("closed", listOf(road, "a list of roads"), func(v *removal) *[]roadRef { return &v.closed }, "inherited closed roads to remove, as {from: …, to: …}"),
		field("sinks", listOf(placed{sinkName}, "a list of sink names"), func(v *removal) *[]ref { return &v.sinks }, "inherited sinks to remove"),
		field("types", listOf(placed{freeText}, "a list of Go types"), func(v *removal) *[]ref { return &v.types }, "inherited types to remove"),
		field("mappings", listOf(placed{schemeName}, "a list of schemes"), func(v *removal) *[]ref { return &v.mappings }, "inherited mappings to remove"),
		field("algorithms", listOf(placed{algorithmName}, "a list of algorithms"), func(v *removal) *[]ref { return &v.algorithms }, "inherited algorithms to remove from the list"),
		field("vet", listOf(placed{freeText}, "a list of functions"), func(v *removal) *[]ref { return &v.vet },
			"functions of which the analyzer is told nothing any more, as example.com/app/db.Store.Load: package, receiver if it has one, and function or expression"),
	},
}

var schemeName = text{noun: "the name of a class scheme", pattern: word, looks: wordSays, most: 64}

// pair is a name and what it stands for.
type pair struct{ name, value string }

func newPair(name string, _ policy.Pos, v string) pair { return pair{name, v} }

var categories = named[policy.Category, policy.Category]{
	of: category, key: categoryName, noun: "category", nouns: "a mapping from category names to categories",
	make: func(name string, at policy.Pos, v policy.Category) policy.Category {
		v.Name, v.Pos = name, at
		return v
	},
}

var zones = named[policy.Zone, policy.Zone]{
	of: zoneEntry, key: zoneName, noun: "zone", nouns: "a mapping from zone names to zones",
	make: func(name string, at policy.Pos, v policy.Zone) policy.Zone { v.Name, v.Pos = name, at; return v },
}

var purposes = named[policy.Text, policy.Purpose]{
	of: title{}, key: purposeName, noun: "purpose", nouns: "a mapping from purpose names to titles",
	make: func(name string, at policy.Pos, v policy.Text) policy.Purpose {
		return policy.Purpose{Name: name, Title: v, Pos: at}
	},
}

var sinks = named[string, policy.Sink]{
	of: className, key: sinkName, noun: "sink", nouns: "a mapping from sink names to class names",
	make: func(name string, at policy.Pos, v string) policy.Sink {
		return policy.Sink{Name: name, Ceiling: v, Pos: at}
	},
}

var fields = named[string, policy.Field]{
	of:   text{noun: "a label", digits: true, example: `name or "3B,action=drop"`},
	key:  text{noun: "the name of a Go field", pattern: regexp.MustCompile(`^[A-Za-z_\p{L}][A-Za-z0-9_\p{L}]*$`), looks: "a Go name has letters, digits and underscores; a field that is not exported can only be dropped"},
	noun: "field", nouns: "a mapping from field names to labels",
	make: func(name string, at policy.Pos, v string) policy.Field {
		return policy.Field{Name: name, Tag: v, Pos: at}
	},
}

var types = named[[]policy.Field, policy.Type]{
	of:   fields,
	key:  text{noun: "a qualified Go type", pattern: regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./~-]*\.[A-Z\p{Lu}][A-Za-z0-9_\p{L}]*$`), looks: "write import path, dot and type name, such as example.com/app/pb.Insured"},
	noun: "type", nouns: "a mapping from qualified Go types to fields",
	make: func(name string, at policy.Pos, v []policy.Field) policy.Type {
		return policy.Type{Name: name, Fields: v, Pos: at}
	},
}

var mappings = named[[]pair, policy.Mapping]{
	of:  named[string, pair]{of: className, key: className, noun: "class", nouns: "a mapping from our classes to theirs", make: newPair},
	key: schemeName, noun: "mapping", nouns: "a mapping from scheme names to class tables",
	make: func(name string, at policy.Pos, v []pair) policy.Mapping {
		m := policy.Mapping{Scheme: name, Classes: make(map[string]string, len(v)), Pos: at}
		for _, p := range v {
			m.Classes[p.name] = p.value
		}
		return m
	},
}

// formatNumber is the format of the file. A file of a later format is not a
// typing error, and says so.
type formatNumber struct{}

var someFormat = integer{"a format number", 0, math.MaxInt32}

func (formatNumber) decode(d *decoder, n *yaml.Node, at trail) (int, bool) {
	v, ok := someFormat.decode(d, n, at)
	if ok && v != policy.Format {
		d.add(n, fmt.Sprintf("this version does not know format %d", v), fmt.Sprintf("write %d, or use a sekisho that knows the format", policy.Format))
		ok = false
	}
	return int(v), ok
}

func (formatNumber) schema(*schemas) object { return object{{"const", policy.Format}} }

// policyFile is the whole file.
var policyFile = record[file]{
	noun: thePolicy, doc: "The written information security policy of an organisation as data: what its data is, where it may be, and what happens to it on each road between zones.",
	pos: func(v *file) *policy.Pos { return &v.pos },
	keys: []key[file]{
		field("sekisho", formatNumber{}, func(v *file) *int { return &v.Format }, "the format of this file: 1").must().known("version", "format"),
		field("name", text{noun: "the name of a policy", pattern: word, looks: wordSays, most: 64}, func(v *file) *string { return &v.Name }, "name of the policy, as parcels and audit entries show it"),
		field("edition", text{noun: "an edition", digits: true, date: true}, func(v *file) *string { return &v.Edition }, "edition of the written policy that this file carries out").known("revision"),
		field("extends", listOf(placed{policyRef}, "a list of presets and paths"), func(v *file) *[]ref { return &v.extends },
			"what this file begins with: presets such as jp/alpha and paths relative to this file; later ones replace entries of earlier ones, this file replaces entries of all").known("extend", "inherits", "include", "import", "base"),
		field("overlays", listOf(placed{policyRef}, "a list of paths"), func(v *file) *[]ref { return &v.overlays },
			"policies that tighten this one: for each decision the stricter of the two is taken").known("overrides"),
		field("overlay", boolean{}, func(v *file) *bool { return &v.Overlay }, "whether this file only tightens another: what it does not mention it leaves alone"),
		field("go", goNames, func(v *file) *policy.GoNames { return &v.Go }, "where generated Go goes"),
		field("classes", levels("class names"), func(v *file) *[]string { return &v.Classes }, "the classes of confidentiality, lowest first").known("class", "levels"),
		field("integrity", levels("integrity levels"), func(v *file) *[]string { return &v.Integrity }, "the levels of integrity, lowest first"),
		field("availability", levels("availability levels"), func(v *file) *[]string { return &v.Availability }, "the levels of availability, lowest first"),
		field("categories", categories, func(v *file) *[]policy.Category { return &v.Categories }, "what data is").known("category", "kinds"),
		field("zones", zones, func(v *file) *[]policy.Zone { return &v.Zones }, "where data can be").known("zone", "domains", "realms"),
		field("purposes", purposes, func(v *file) *[]policy.Purpose { return &v.Purposes }, "for what data may cross").known("purpose"),
		field("routes", listOf(route, "a list of routes"), func(v *file) *[]policy.Route { return &v.Routes }, "the roads that are open; all others are closed").known("route", "flows", "channels", "roads"),
		field("closed", listOf(closed, "a list of closed roads"), func(v *file) *[]policy.Closed { return &v.Closed }, "roads that the written policy forbids by name").known("close", "forbidden", "denied"),
		field("sinks", sinks, func(v *file) *[]policy.Sink { return &v.Sinks }, "the highest class that each unzoned exit of a program may show, for the analyzer").known("sink", "exits"),
		field("types", types, func(v *file) *[]policy.Type { return &v.Types }, "labels for Go types that cannot carry tags").known("type"),
		field("mappings", mappings, func(v *file) *[]policy.Mapping { return &v.Mappings }, "what our classes are in other schemes").known("mapping", "map"),
		field("algorithms", mapped[policy.Algorithms, *policy.Algorithms]{algorithms, func(v policy.Algorithms) *policy.Algorithms { return &v }},
			func(v *file) **policy.Algorithms { return &v.Algorithms }, "which cryptographic algorithms are permitted and until when; all of them, without an end, unless it is given").known("algorithm", "crypto", "ciphers"),
		field("keys", mapped[policy.Keys, *policy.Keys]{keys, func(v policy.Keys) *policy.Keys { return &v }},
			func(v *file) **policy.Keys { return &v.Keys }, "of which kind keys are and how long they serve").known("key"),
		field("vet", mapped[policy.Vet, *policy.Vet]{vet, func(v policy.Vet) *policy.Vet { return &v }},
			func(v *file) **policy.Vet { return &v.Vet }, "what the analyzer is told beside labels and ceilings").known("analyzer", "analyser", "lint"),
		field("remove", remove, func(v *file) *removal { return &v.remove }, "what this file does not want of what it inherits").known("delete", "without", "unset"),
	},
}
