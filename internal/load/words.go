package load

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/nearest"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// vocabulary is the names of a policy that source code may use.
type vocabulary struct {
	classes      []string
	integrity    []string
	availability []string
	categories   []string
	zones        []string
	goZones      []string
	views        []string          // what //zone:views takes: zones and named routes
	routes       map[string]string // key of the route by name of its Go type
}

func newVocabulary(p *policy.Policy) vocabulary {
	w := vocabulary{
		classes:      p.Scale().Names(),
		integrity:    p.IntegrityScale().Names(),
		availability: p.AvailabilityScale().Names(),
		routes:       map[string]string{},
	}
	w.addCategories(p)
	for i := range p.Zones {
		w.zones = append(w.zones, p.Zones[i].Name)
		w.goZones = append(w.goZones, p.Zones[i].Go)
	}
	w.views = slices.Clone(w.zones)
	for i := range p.Routes {
		r := &p.Routes[i]
		if r.Name != "" && !slices.Contains(w.views, r.Name) {
			w.views = append(w.views, r.Name)
		}
		if slices.Contains(w.zones, r.From) && slices.Contains(w.zones, r.To) {
			w.routes[goname.RouteType(p, r)] = r.Key()
		}
	}
	return w
}

// addCategories adds the categories of a policy and of all it is met with.
func (w *vocabulary) addCategories(p *policy.Policy) {
	for i := range p.Categories {
		if n := p.Categories[i].Name; !slices.Contains(w.categories, n) {
			w.categories = append(w.categories, n)
		}
	}
	for _, o := range p.Overlays {
		w.addCategories(o)
	}
}

// example is a label that the policy understands.
func (w *vocabulary) example() string {
	for _, words := range [][]string{w.categories, w.classes} {
		if len(words) > 0 {
			return words[0]
		}
	}
	return "NAME"
}

// unknownName is a name in a tag that the policy does not have, and the words
// that it is missing from.
type unknownName struct {
	name   string
	what   string
	option string // the option that holds the name, "" for one of the names in front
	words  []string
}

// unknown returns the names of the tag that the policy does not have.
func (w *vocabulary) unknown(t classify.Tag) []unknownName {
	var out []unknownName
	for _, n := range t.Names {
		if !slices.Contains(w.categories, n) && !slices.Contains(w.classes, n) {
			out = append(out, unknownName{n, "category or class", "", slices.Concat(w.categories, w.classes)})
		}
	}
	for _, o := range []struct {
		option, name, what string
		words              []string
	}{
		{"class", t.Class, "class", w.classes},
		{"integrity", t.Integrity, "integrity level", w.integrity},
		{"availability", t.Availability, "availability level", w.availability},
	} {
		if o.name != "" && !slices.Contains(o.words, o.name) {
			out = append(out, unknownName{o.name, o.what, o.option, o.words})
		}
	}
	return out
}

// maxListed bounds how many words a remedy lists.
const maxListed = 12

// didYouMean is the remedy for a wrong name: the nearest right one, or all.
func didYouMean(wrong string, words []string, all string) string {
	switch s := nearest.Word(wrong, words); {
	case s != "":
		return "did you mean " + s + "?"
	case len(words) == 0:
		return all + " none"
	case len(words) > maxListed:
		return fmt.Sprintf("%s %s and %d more", all, strings.Join(words[:maxListed], ", "), len(words)-maxListed)
	}
	return all + " " + strings.Join(words, ", ")
}

func containsFold(s, sub string) bool { return strings.Contains(strings.ToLower(s), sub) }

func lastDot(s string) int { return strings.LastIndexByte(s, '.') }
