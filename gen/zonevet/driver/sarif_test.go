package driver_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sekisho-go/sekisho/gen/zonevet/driver"
)

// findings are made up: what a run can give, in all its forms.
func findings() []*driver.Finding {
	at := func(file string, line int) driver.Place { return driver.Place{File: file, Line: line, Column: 2} }
	return []*driver.Finding{
		{Check: "leak", ID: "ZN1001", Severity: "error", Package: "example.com/a", Object: "F", Place: at("a/b c.go", 3), Message: "name, class 3B, to a log",
			Steps: []driver.Step{{Place: at("a/a.go", 1), Message: "read"}, {Place: at("a/b c.go", 3), Message: "logged"}}},
		{Check: "forge", ID: "ZN2001", Severity: "error", Package: "example.com/a", Place: at("/abs/a.go", 1), Message: "forged", Known: true},
		{Check: "printf", Severity: "warning", Package: "example.com/a", Place: driver.Place{File: "a.go"}, Message: "of go vet"},
	}
}

func sarif(t *testing.T, baseline bool) map[string]any {
	t.Helper()
	var b bytes.Buffer
	allowances := []driver.Allowance{{Check: "keys", Reason: "chapter 6", Place: driver.Place{File: "k.go", Line: 2, Column: 1}}, {Check: "nothing", Reason: "x"}}
	if err := driver.WriteSARIF(&b, findings(), allowances, baseline); err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	return log
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("testdata/sarif.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSARIF(t *testing.T) {
	s := schema(t)
	for _, baseline := range []bool{false, true} {
		log := sarif(t, baseline)
		if err := s.Validate(log); err != nil {
			t.Errorf("baseline %v: %v", baseline, err)
		}
	}
	run := sarif(t, true)["runs"].([]any)[0].(map[string]any)
	rules := run["tool"].(map[string]any)["driver"].(map[string]any)["rules"].([]any)
	results := run["results"].([]any)
	if len(results) != 4 {
		t.Fatalf("%d results, want three findings and one allowance", len(results))
	}
	for i, r := range results {
		r := r.(map[string]any)
		if rule := rules[int(r["ruleIndex"].(float64))].(map[string]any); rule["id"] != r["ruleId"] {
			t.Errorf("result %d is of %v, and its index leads to %v", i, r["ruleId"], rule["id"])
		}
	}
	text := results[0].(map[string]any)["message"].(map[string]any)["text"].(string)
	if !strings.Contains(text, "\n1. a/a.go:1:2: read\n2. a/b c.go:3:2: logged") {
		t.Errorf("the message does not have the steps: %q", text)
	}
	states := []any{"new", "unchanged", "new", nil}
	for i, want := range states {
		if got := results[i].(map[string]any)["baselineState"]; got != want {
			t.Errorf("result %d has the state %v, want %v", i, got, want)
		}
	}
	for i, want := range map[int]string{1: "external", 3: "inSource"} {
		if got := results[i].(map[string]any)["suppressions"].([]any)[0].(map[string]any)["kind"]; got != want {
			t.Errorf("result %d is suppressed %v, want %v", i, got, want)
		}
	}
}

// The schema finds what is wrong, so that agreeing with it means something.
func TestSchemaFindsMistakes(t *testing.T) {
	s := schema(t)
	for name, spoil := range map[string]func(run, result map[string]any){
		"no results": func(run, _ map[string]any) { delete(run, "results") },
		"a level":    func(_, r map[string]any) { r["level"] = "fatal" },
		"a state":    func(_, r map[string]any) { r["baselineState"] = "old" },
		"a message":  func(_, r map[string]any) { delete(r, "message") },
		"a property": func(_, r map[string]any) { r["steps"] = 1 },
	} {
		log := sarif(t, true)
		run := log["runs"].([]any)[0].(map[string]any)
		spoil(run, run["results"].([]any)[0].(map[string]any))
		if s.Validate(log) == nil {
			t.Errorf("%s: not found", name)
		}
	}
}
