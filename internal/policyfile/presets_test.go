package policyfile_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/policy/presets"
)

// Models are policies by themselves; parts are words that models are made of.
var (
	models = []string{"cardholder", "jp/alpha", "jp/alpha-prime", "jp/beta", "jp/beta-prime"}
	parts  = []string{"jp/categories", "jp/classes-3", "jp/classes-5", "jp/cryptrec"}
)

// reading is the day on which the presets are looked at. Their named
// exceptions end, on purpose, and Lint says so when they have.
var reading = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func TestEveryPresetIsTested(t *testing.T) {
	want := slices.Sorted(slices.Values(slices.Concat(models, parts)))
	if got := presets.Names(); !slices.Equal(got, want) {
		t.Errorf("presets %q, tested %q", got, want)
	}
}

func loadModel(t *testing.T, name string) *policy.Policy {
	t.Helper()
	p, err := policyfile.LoadPreset(name)
	if err != nil {
		t.Fatal("\n" + policyfile.Render(err))
	}
	return p
}

// TestModels proves every model and looks at what Lint says of it.
func TestModels(t *testing.T) {
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			p := loadModel(t, name)
			proof := p.Prove()
			for _, f := range proof.Findings {
				t.Errorf("proof: %s: %s; %s %v", f.Kind, f, f.Chain(), f.Subjects)
			}
			if proof.Decisions == 0 || proof.Compositions == 0 {
				t.Errorf("nothing was proved: %+v", proof)
			}
			for _, f := range p.Lint(reading) {
				if !meant(p, f) {
					t.Errorf("lint: %s: %s %v", f.Kind, f, f.Subjects)
				}
			}
		})
	}
}

// meant reports whether what Lint noticed is what the preset is for.
func meant(p *policy.Policy, f policy.Finding) bool {
	switch f.Kind {
	case policy.KindDescends:
		// The β models put work into a lower zone, and merchants settle in one.
		return p.Name == "jp-beta" || p.Name == "jp-beta-prime" || p.Name == "cardholder"
	case policy.KindUnreachable:
		// A zone that carries what it may not hold sends it back sealed; the
		// rule on the road back is what opens it.
		for _, r := range p.Routes {
			z, _ := p.Zone(r.From)
			for _, rule := range r.Rules {
				if rule.Pos == f.Pos {
					carries, _ := p.Scale().Level(z.CarriesClass())
					class, _ := p.Scale().Level(rule.Class)
					return rule.Action == classify.ActionPass && class <= carries
				}
			}
		}
	}
	return false
}

// TestModelsDecide is the written policy in the form of a table: the word, the
// road, what happens. An empty action means that there is no road.
func TestModelsDecide(t *testing.T) {
	tests := []struct {
		model, from, to, road, label string
		want                         string
		reason                       string
	}{
		// 7(3)①: the My Number zone in principle talks to no other zone.
		{"*", "mynumber", "internet", "", "1", "", "7(3)①: closed in every model"},
		{"*", "internet", "mynumber", "", "1", "", "7(3)①: closed in every model"},
		{"*", "mynumber", "contractor", "", "1", "", "7(3)①"},
		{"*", "mynumber", "cloud", "", "1", "", "7(3)①"},
		{"*", "mynumber", "sns", "", "1", "", "7(3)①"},
		{"*", "cloud", "mynumber", "", "1", "", "7(3)①"},
		{"*", "mynumber", "lgwan", "", "individual-number", "drop", "the number stays, and what is made of it"},
		{"*", "mynumber", "media", "", "individual-number", "drop", "also on removable media"},
		{"*", "lgwan", "mynumber", "portal-intake", "individual-number", "drop", "it is nowhere else, so it cannot come in"},
		{"*", "mynumber", "lgwan", "", "name", "encrypt", "the LGWAN zone works without names"},
		{"*", "mynumber", "lgwan", "", "insured-number", "token", "records can be told apart"},
		{"*", "mynumber", "lgwan", "", "birth-date", "generalise", ""},
		{"*", "mynumber", "lgwan", "", "receipt", "drop", "sensitive by law"},
		{"*", "mynumber", "lgwan", "", "checkup", "drop", "sensitive by law"},
		{"*", "mynumber", "lgwan", "", "3A", "refuse", "no zone may have it"},
		{"jp/alpha", "mynumber", "lgwan", "", "2", "pass", ""},
		{"jp/beta", "mynumber", "lgwan", "", "2", "encrypt", "it would get to the terminals"},
		{"jp/beta-prime", "mynumber", "lgwan", "", "phone", "encrypt", "class 3C lies in the internet zone there"},
		{"*", "lgwan", "mynumber", "", "name", "pass", "sealed groups are opened where they come from"},
		// 3(10), 3(11): between the LGWAN zone and the internet zone.
		{"jp/alpha", "lgwan", "internet", "", "1", "pass", "what is public"},
		{"jp/alpha", "lgwan", "internet", "", "2", "refuse", ""},
		{"jp/alpha-prime", "lgwan", "internet", "", "2", "refuse", "as in the α model"},
		{"jp/beta", "lgwan", "internet", "", "2", "pass", "working papers are on the terminals"},
		{"jp/beta", "lgwan", "internet", "", "3C", "refuse", "by screen transfer only"},
		{"jp/beta-prime", "lgwan", "internet", "", "staff-record", "pass", "personnel systems have moved there"},
		{"jp/beta-prime", "lgwan", "internet", "", "phone", "refuse", "contact data of residents has not"},
		{"jp/beta-prime", "lgwan", "internet", "", "3B", "refuse", ""},
		{"*", "internet", "lgwan", "", "1", "pass", "made harmless"},
		{"*", "internet", "lgwan", "", "2", "refuse", ""},
		// 7(8): contractors, services, social networks.
		{"jp/alpha", "lgwan", "cloud", "local-breakout", "1", "", "the α model has no breakout"},
		{"jp/alpha-prime", "lgwan", "cloud", "", "1", "", "the plain road stays closed"},
		{"jp/alpha-prime", "lgwan", "cloud", "local-breakout", "1", "pass", "only by name"},
		{"jp/alpha-prime", "lgwan", "cloud", "local-breakout", "3B", "encrypt", "stored, not read"},
		{"*", "lgwan", "contractor", "", "name", "encrypt", "kept, not read"},
		{"*", "internet", "sns", "", "1", "pass", ""},
		{"*", "internet", "sns", "", "2", "refuse", "what is published already, and nothing else"},
		{"*", "lgwan", "sns", "", "1", "", "7(8)"},
		// Another world altogether.
		{"cardholder", "card-data", "corporate", "", "pan", "mask", "3.4.1"},
		{"cardholder", "card-data", "corporate", "", "card-code", "drop", "3.3.1"},
		{"cardholder", "card-data", "public", "", "public", "", "1.4.4"},
		{"cardholder", "corporate", "public", "", "internal", "refuse", ""},
	}
	loaded := map[string]*policy.Policy{}
	for _, name := range models {
		loaded[name] = loadModel(t, name)
	}
	for _, test := range tests {
		for _, name := range models {
			if test.model != name && (test.model != "*" || !strings.HasPrefix(name, "jp/")) {
				continue
			}
			if got := decide(t, loaded[name], test.from, test.to, test.road, test.label); got != test.want {
				t.Errorf("%s: %s→%s %s: %s is %q, want %q: %s", name, test.from, test.to, test.road, test.label, got, test.want, test.reason)
			}
		}
	}
}

func decide(t *testing.T, p *policy.Policy, from, to, road, word string) string {
	t.Helper()
	tag := classify.Tag{Names: []string{word}}
	label, err := p.Resolve(tag)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	r, ok := p.Route(from, to, road)
	if !ok {
		return ""
	}
	return p.Decide(r, label, tag).Action.String()
}

// Every key that the programs make is of an algorithm that the Japanese models
// list, with the box of either kind, and falls out when the table says.
func TestModelsListAlgorithms(t *testing.T) {
	day := time.Date(2026, 4, 1, 9, 0, 0, 0, time.FixedZone("JST", 9*60*60))
	for _, name := range models {
		p := loadModel(t, name)
		if name == "cardholder" {
			if p.Algorithms != nil || p.Keys != nil {
				t.Error("the preset that is not Japanese has algorithms or keys")
			}
			continue
		}
		for _, box := range []string{policy.BoxX25519, policy.BoxXWing} {
			p.Keys.Box = box
			for _, use := range policy.KeyUses() {
				plan, err := p.KeyPlan(use, day)
				if err != nil || plan.ConsumeUntil.Before(day.AddDate(5, 0, 0)) || plan.ProduceUntil.After(day.AddDate(3, 0, 0)) {
					t.Errorf("%s: %s: %+v, %v", name, use, plan, err)
				}
			}
		}
		for algorithm, want := range map[string]string{
			"AES-256-GCM": "", "PBKDF2-HMAC-SHA256": "", "HPKE-ML-KEM-1024-AES-256-GCM": "", "HPKE-ML-KEM-768-AES-256-GCM": "",
			"HPKE-X-WING-AES-256-GCM": "2050-12-31", "Ed25519": "2050-12-31",
		} {
			produce, _, listed := p.AlgorithmsInForce().Until(algorithm)
			got := ""
			if !produce.IsZero() {
				got = produce.Format(time.DateOnly)
			}
			if !listed || got != want {
				t.Errorf("%s: %s is listed %v until %q, want %q", name, algorithm, listed, got, want)
			}
		}
		for _, algorithm := range []string{"RC4", "SHA-1", "AES-256-CBC", "Argon2id", "ML-KEM-512"} {
			if err := p.AlgorithmsInForce().MayConsume(algorithm, day); err == nil {
				t.Errorf("%s permits %s", name, algorithm)
			}
		}
	}
}

// What can be tried has no search index; what identifies a person by words has.
func TestModelsIndex(t *testing.T) {
	for label, want := range map[string]bool{
		"individual-number": false, "insured-number": false, "insurer-number": false, "resident-id": false, "birth-date": false, "phone": false, "postal-code": false,
		"bank-account": false, "sex": false, "copayment-rate": false, "income": false, "diagnosis": false, "name+phone": false,
		"corporate-number": true, "name": true, "name-kana": true, "address": true, "email": true, "name+address": true,
	} {
		p := loadModel(t, "jp/alpha")
		l, err := p.Resolve(classify.Tag{Names: strings.Split(label, "+")})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.MayIndex(l); (err == nil) != want {
			t.Errorf("%s: %v, want an index: %v", label, err, want)
		}
	}
	p := loadModel(t, "cardholder")
	for label, want := range map[string]bool{"pan": false, "card-code": false, "track-data": false, "cardholder-name": true, "payment-id": true} {
		l, err := p.Resolve(classify.Tag{Names: []string{label}})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.MayIndex(l); (err == nil) != want {
			t.Errorf("%s: %v, want an index: %v", label, err, want)
		}
	}
}

// A closed road of a preset says by which clause, as compile errors quote it.
func TestClosedRoadsHaveClauses(t *testing.T) {
	for _, name := range models {
		p := loadModel(t, name)
		for _, c := range p.Closed {
			if c.Clause == "" || len(c.Title) == 0 {
				t.Errorf("%s: the closed road %s→%s lacks its clause or its title", name, c.From, c.To)
			}
		}
	}
}

// Presets are read by people in two languages: whatever has a title has an
// English one, and the Japanese presets have a Japanese one as well.
func TestPresetsHaveTitles(t *testing.T) {
	for _, name := range models {
		p := loadModel(t, name)
		titles := map[string]policy.Text{}
		for _, v := range p.Categories {
			titles["category "+v.Name] = v.Title
		}
		for _, v := range p.Zones {
			titles["zone "+v.Name] = v.Title
		}
		for _, v := range p.Purposes {
			titles["purpose "+v.Name] = v.Title
		}
		for _, v := range p.Routes {
			titles["route "+v.Key()] = v.Title
		}
		for _, v := range p.Closed {
			titles["closed "+v.From+"→"+v.To] = v.Title
		}
		for what, title := range titles {
			if title["en"] == "" || strings.HasPrefix(name, "jp/") && title["ja"] == "" {
				t.Errorf("%s: %s has the titles %v", name, what, title)
			}
		}
	}
}

// The two Japanese schemes of classes translate into one another, and never to
// a looser class.
func TestClassSchemesMapToOneAnother(t *testing.T) {
	load := func(part string) *policy.Policy {
		return mustLoad(t, "sekisho.yaml", "sekisho: 1\nname: "+strings.TrimPrefix(part, "jp/")+"\nextends: ["+part+"]\nzones: {office: {holds: 2}}\nroutes: []\n")
	}
	five, three := load("jp/classes-5"), load("jp/classes-3")
	for _, pair := range [][2]*policy.Policy{{five, three}, {three, five}} {
		if _, err := policy.Meet(pair[0], pair[1]); err != nil {
			t.Errorf("%s and %s do not meet: %v", pair[0].Name, pair[1].Name, err)
		}
	}
	to3, to5 := five.Mappings[0].Classes, three.Mappings[0].Classes
	for _, class := range three.Classes {
		if back := to3[to5[class]]; back != class {
			t.Errorf("class %q of three is %q of five, which is %q of three", class, to5[class], back)
		}
	}
	for _, class := range five.Classes {
		before, _ := five.Scale().Level(class)
		after, _ := five.Scale().Level(to5[to3[class]])
		if after < before {
			t.Errorf("class %q of five comes back as %q, which is looser", class, to5[to3[class]])
		}
	}
}

// A preset is read by people: it says at its head what it is, and is not longer
// than they read.
func TestPresetsAreReadable(t *testing.T) {
	for _, name := range presets.Names() {
		data, err := fs.ReadFile(presets.FS(), name+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if !strings.HasPrefix(text, "# "+name+": ") {
			t.Errorf("%s does not begin with a comment that says what it is", name)
		}
		if strings.ContainsAny(text, "\t\r") || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s has tabs, carriage returns or no line end", name)
		}
		if strings.Count(text, "\n") > 350 {
			t.Errorf("%s has %d lines", name, strings.Count(text, "\n"))
		}
	}
}
