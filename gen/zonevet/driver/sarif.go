package driver

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
)

// The parts of SARIF 2.1.0 (OASIS, 2020) that are written. Names are those of
// the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string              `json:"id"`
		Name                 string              `json:"name"`
		ShortDescription     sarifText           `json:"shortDescription"`
		FullDescription      *sarifText          `json:"fullDescription,omitempty"`
		Help                 *sarifText          `json:"help,omitempty"`
		HelpURI              string              `json:"helpUri,omitempty"`
		DefaultConfiguration sarifLevel          `json:"defaultConfiguration"`
		Properties           map[string][]string `json:"properties,omitempty"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Level               string             `json:"level"`
		Message             sarifText          `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		RelatedLocations    []sarifLocation    `json:"relatedLocations,omitempty"`
		CodeFlows           []sarifCodeFlow    `json:"codeFlows,omitempty"`
		PartialFingerprints map[string]string  `json:"partialFingerprints,omitempty"`
		BaselineState       string             `json:"baselineState,omitempty"`
		Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		ID               int            `json:"id,omitempty"`
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
		Message          *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
	sarifCodeFlow struct {
		ThreadFlows []sarifThreadFlow `json:"threadFlows"`
	}
	sarifThreadFlow struct {
		Locations []sarifFlowLocation `json:"locations"`
	}
	sarifFlowLocation struct {
		Location sarifLocation `json:"location"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	homePage    = "https://pkg.go.dev/github.com/sekisho-go/sekisho"
	// fingerprintName names what fingerprints are made of, so that another way
	// can stand beside it one day.
	fingerprintName = "sekisho/v1"
)

// WriteSARIF writes findings and allowances as SARIF 2.1.0. A viewer that shows
// nothing but the message still shows the steps: they are in it, numbered.
// Findings that the baseline knows are there, suppressed: left out, they would
// look as if they were mended. With a baseline every result has its state.
func WriteSARIF(w io.Writer, found []*Finding, allowances []Allowance, baseline bool) error {
	rules, index := sarifRules(found)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "sekisho", InformationURI: homePage, Rules: rules}},
		ColumnKind: "utf16CodeUnits", Results: []sarifResult{},
	}
	for _, f := range found {
		run.Results = append(run.Results, sarifOf(f, index, baseline))
	}
	for _, a := range allowances {
		if i, ok := index[a.Check]; ok {
			run.Results = append(run.Results, sarifResult{
				RuleID: rules[i].ID, RuleIndex: i, Level: "none", Message: sarifText{"allowed: " + a.Reason},
				Locations:    []sarifLocation{sarifAt(a.Place, 0, "")},
				Suppressions: []sarifSuppression{{"inSource", a.Reason}},
			})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRules lists our checks and the others that found something, and where
// each stands in the list.
func sarifRules(found []*Finding) (rules []sarifRule, index map[string]int) {
	index = map[string]int{}
	for _, c := range checks() {
		index[c.Name] = len(rules)
		r := sarifRule{
			ID: c.ID, Name: c.Name, ShortDescription: sarifText{c.Title}, FullDescription: &sarifText{c.Why},
			Help: &sarifText{c.Remedy + "\n\n" + c.Allow}, HelpURI: c.URL(), DefaultConfiguration: sarifLevel{string(c.Severity)},
		}
		if c.CWE != "" {
			r.Properties = map[string][]string{"tags": {"security", "external/cwe/" + strings.ToLower(c.CWE)}}
		}
		rules = append(rules, r)
	}
	for _, f := range found {
		if _, ok := index[f.Check]; !ok {
			index[f.Check] = len(rules)
			rules = append(rules, sarifRule{ID: f.Check, Name: f.Check, ShortDescription: sarifText{"analyzer " + f.Check}, DefaultConfiguration: sarifLevel{string(check.Warning)}})
		}
	}
	return rules, index
}

func sarifOf(f *Finding, index map[string]int, baseline bool) sarifResult {
	r := sarifResult{
		RuleID: f.ID, RuleIndex: index[f.Check], Level: string(f.Severity), Message: sarifText{f.Text()},
		Locations:           []sarifLocation{sarifAt(f.Place, 0, "")},
		PartialFingerprints: map[string]string{fingerprintName: f.Fingerprint()},
	}
	if r.RuleID == "" {
		r.RuleID = f.Check
	}
	if f.Object != "" {
		r.Locations[0].LogicalLocations = []sarifLogical{{f.Package + "." + f.Object}}
	}
	var flow sarifThreadFlow
	for i, s := range f.Steps {
		r.RelatedLocations = append(r.RelatedLocations, sarifAt(s.Place, i+1, s.Message))
		flow.Locations = append(flow.Locations, sarifFlowLocation{sarifAt(s.Place, 0, s.Message)})
	}
	if len(flow.Locations) > 0 {
		r.CodeFlows = []sarifCodeFlow{{[]sarifThreadFlow{flow}}}
	}
	if baseline {
		r.BaselineState = "new"
		if f.Known {
			r.BaselineState = "unchanged"
			r.Suppressions = []sarifSuppression{{"external", "in the baseline"}}
		}
	}
	return r
}

func sarifAt(p Place, id int, message string) sarifLocation {
	l := sarifLocation{ID: id, PhysicalLocation: sarifPhysical{sarifArtifact{uri(p.File)}, sarifRegion{max(1, p.Line), p.Column}}}
	if message != "" {
		l.Message = &sarifText{message}
	}
	return l
}

// uri writes a path as a reference: relative ones relative, absolute ones with
// their scheme.
func uri(path string) string {
	path = filepath.ToSlash(path)
	escaped := strings.NewReplacer("%", "%25", " ", "%20", "#", "%23", "?", "%3F").Replace(path)
	switch {
	case strings.HasPrefix(escaped, "/"):
		return "file://" + escaped
	case len(escaped) > 1 && escaped[1] == ':':
		return "file:///" + escaped
	}
	return escaped
}

// Text is the message with the steps below it, numbered.
func (f *Finding) Text() string {
	var b strings.Builder
	b.WriteString(f.Message)
	for i, s := range f.Steps {
		fmt.Fprintf(&b, "\n%d. %s: %s", i+1, s.Place, s.Message)
	}
	return b.String()
}

// WriteJSON writes findings as an array, for other programs.
func WriteJSON(w io.Writer, found []*Finding) error {
	all := []map[string]any{}
	for _, f := range found {
		m := map[string]any{
			"check": f.Check, "severity": f.Severity, "package": f.Package, "file": f.Place.File, "line": f.Place.Line, "column": f.Place.Column,
			"message": f.Message, "known": f.Known, "fingerprint": f.Fingerprint(),
		}
		for name, value := range map[string]string{"id": f.ID, "object": f.Object, "fix": f.Fix, "url": f.URL} {
			if value != "" {
				m[name] = value
			}
		}
		var steps []map[string]any
		for _, s := range f.Steps {
			steps = append(steps, map[string]any{"file": s.Place.File, "line": s.Place.Line, "column": s.Place.Column, "message": s.Message})
		}
		if steps != nil {
			m["steps"] = steps
		}
		all = append(all, m)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

// WriteText writes findings for people, those that the baseline knows left out.
func WriteText(w io.Writer, found []*Finding) {
	for _, f := range found {
		if f.Known {
			continue
		}
		name := f.Check
		if f.ID != "" {
			name += " " + f.ID
		}
		fmt.Fprintf(w, "%s: %s (%s)\n", f.Place, f.Message, name)
		for i, s := range f.Steps {
			fmt.Fprintf(w, "\t%d. %s: %s\n", i+1, s.Place, s.Message)
		}
	}
}

// New counts the findings that the baseline does not know.
func New(found []*Finding) int {
	n := 0
	for _, f := range found {
		if !f.Known {
			n++
		}
	}
	return n
}
