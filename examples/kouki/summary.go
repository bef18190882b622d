package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/examples/kouki/insured"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// seen is the word for what a zone sees of a field after an action.
var seen = map[classify.Action]string{
	classify.ActionPass: "in clear", classify.ActionGeneralise: "a band", classify.ActionMask: "masked",
	classify.ActionToken: "a token", classify.ActionEncrypt: "sealed", classify.ActionDrop: "-",
}

// fields are the fields of a person with their categories, in the order of
// [insured.Insured].
var fields = []struct{ name, category string }{
	{"IndividualNumber", "individual-number"}, {"InsurerNumber", "insurer-number"}, {"InsuredNumber", "insured-number"},
	{"Name", "name"}, {"NameKana", "name-kana"}, {"BirthDate", "birth-date"}, {"Sex", "sex"}, {"PostalCode", "postal-code"},
	{"Address", "address"}, {"Phone", "phone"}, {"QualifiedOn", "qualification-date"}, {"Copayment", "copayment-rate"},
	{"Income", "income"}, {"Premium", "premium"}, {"Reduction", "reduction"}, {"Municipality", "municipality"},
}

// whoSeesWhat prints what each zone learns of a person, as the compiled policy
// decides it. The values themselves print as nothing but their labels.
func whoSeesWhat(w io.Writer) error {
	p, err := policy.Decode([]byte(zones.Policy().JSON))
	if err != nil {
		return err
	}
	levy, _ := p.Route("mynumber", "lgwan", "")
	mailing, _ := p.Route("mynumber", "lgwan", "mailing")
	fmt.Fprintln(w, "What the zones see of an insured person:")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  field\tcategory\tclass\tMy Number\tLGWAN, levy\tLGWAN, mailing\tinternet")
	for _, f := range fields {
		tag := classify.Tag{Names: []string{f.category}}
		label, err := p.Resolve(tag)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\tin clear\t%s\t%s\tno road\n", f.name, f.category, p.Scale().Name(label.Class),
			seen[p.Decide(levy, label, tag).Action], seen[p.Decide(mailing, label, tag).Action])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "Printed, they say no more than: %v, %v, %v\n\n",
		insured.Insured{}, &insured.InsuredLGWAN{}, insured.InsuredLGWANMailing{})
	return nil
}

// summary is the table at the end.
type summary struct {
	ward      *myNumber
	office    *lgwan
	returned  int
	published []*insured.StatisticInternet
	took      time.Duration
}

func (s summary) print(w io.Writer) {
	fmt.Fprintf(w, "Published (of %d cells; fewer than %d persons are withheld):\n", len(s.office.cells), smallest)
	for _, p := range s.published[:min(3, len(s.published))] {
		fmt.Fprintf(w, "  %s, %s: %d persons, mean premium %d yen\n", p.Municipality, p.AgeBand, p.Persons, p.MeanPremium)
	}
	fmt.Fprintln(w)

	fmt.Fprintln(w, "Summary:")
	row := func(what string, n int64) { fmt.Fprintf(w, "%9d  %s\n", n, what) }
	row("rows delivered", s.ward.rows.Rows)
	row("accepted in the My Number zone", s.ward.rows.Good)
	row("set aside for correction", s.ward.rows.Aside)
	routes := make([]string, 0, len(s.ward.crossed))
	for r := range s.ward.crossed {
		routes = append(routes, r)
	}
	slices.Sort(routes)
	for _, r := range routes {
		row("crossed "+r, s.ward.crossed[r])
	}
	row("returned lgwan→mynumber with a new address", int64(s.returned))
	row("figures published lgwan→internet", int64(len(s.published)))
	row("crossings refused before they began", int64(s.ward.log.refusals))
	row("entries in the audit logs", int64(s.ward.log.entries()+s.office.log.entries()))
	fmt.Fprintf(w, "%s\n%.1f s, %.0f persons per second from file to both views\n", strings.Repeat("─", 50),
		s.took.Seconds(), float64(s.ward.rows.Good)/s.took.Seconds())
}
