package audit_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/audit"
)

// samples are one entry of each kind, with every field that it can have.
func samples() []audit.Entry {
	b, r := begin("B"), refusal("R")
	r.Principal, r.MFA, r.Purpose = b.Principal, true, "invoice"
	return []audit.Entry{
		{Time: noon, Begin: &b},
		{Time: noon.Add(1), End: &audit.End{EndEntry: end("B", 3), Began: 7, Principal: "s-1204", Organisation: "city"}},
		{Time: noon, Refusal: &r},
		{Time: noon, Clock: &audit.ClockMark{Expected: noon, Found: noon.Add(time.Hour)}},
		{Time: noon, Recovery: &audit.RecoveryMark{Cut: 12, Digest: digest}},
	}
}

// A field that is added to an entry of package zone must not be left out of the
// log unseen: all fields of the samples are set, and all come back.
func TestEntryKeepsEverything(t *testing.T) {
	for _, e := range samples() {
		data, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := audit.DecodeEntry(data)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Kind(), diff)
		}
		v := reflect.ValueOf(e)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
				allSet(t, e.Kind(), f.Elem())
			}
		}
	}
}

// allSet finds fields without a value.
func allSet(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			allSet(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
		return
	case v.Kind() == reflect.Slice && v.Len() > 0:
		allSet(t, path+"[0]", v.Index(0))
		return
	}
	if v.IsZero() {
		t.Errorf("%s is not set in the sample: set it, and see that the log spells it", path)
	}
}

func TestEntrySpelling(t *testing.T) {
	want := []string{
		`{"time":"2026-04-01T12:00:00Z","begin":{"id":"B","at":"2026-04-01T12:00:00Z","policy":"hospital","digest":"` + digest + `","route":"ward→billing","from":"ward","to":"billing","clause":"7(3)①","principal":{"id":"s-1204","organisation":"city","kind":"person","roles":["levy"]},"mfa":true,"purpose":"invoice","approvers":["s-7","s-9"]}}`,
		`{"time":"2026-04-01T12:00:00.000000001Z","end":{"id":"B","at":"2026-04-01T12:01:00Z","began":7,"route":"ward→billing","principal":"s-1204","organisation":"city","outcome":"committed","records":3,"counts":[{"type":"example.com/ward.Patient","view":"PatientBilling","records":3,"parts":1}],"refused":[{"code":"limit","records":2}]}}`,
		`{"time":"2026-04-01T12:00:00Z","refusal":{"id":"R","at":"2026-04-01T12:00:00Z","policy":"hospital","digest":"` + digest + `","route":"ward→billing (study)","from":"ward","to":"billing","clause":"9","principal":{"id":"s-1204","organisation":"city","kind":"person","roles":["levy"]},"mfa":true,"purpose":"invoice","codes":["principal","mfa"]}}`,
		`{"time":"2026-04-01T12:00:00Z","clock":{"expected":"2026-04-01T12:00:00Z","found":"2026-04-01T13:00:00Z"}}`,
		`{"time":"2026-04-01T12:00:00Z","recovery":{"cut":12,"digest":"` + digest + `"}}`,
	}
	for i, e := range samples() {
		data, err := e.Encode()
		if diff := cmp.Diff(want[i], string(data)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	for _, other := range []string{
		strings.Replace(want[3], "{", "{ ", 1),
		want[3] + "\n",
		want[3] + want[3],
		strings.Replace(want[3], "Z", "+00:00", 1),
		strings.Replace(want[3], `"time"`, `"Time"`, 1),
		strings.Replace(want[3], `"clock":{`, `"clock":{"note":"x",`, 1),
		strings.Replace(want[3], `"clock":{`, `"end":null,"clock":{`, 1),
		strings.Replace(want[3], `"time":"2026-04-01T12:00:00Z",`, ``, 1),
		strings.Replace(want[4], `12,`, `1.2e1,`, 1),
		strings.Replace(want[0], "①", `\u2460`, 1),
		`{"time":"2026-04-01T12:00:00Z"}`, `{}`, ``, `null`,
	} {
		if e, err := audit.DecodeEntry([]byte(other)); err == nil {
			t.Errorf("%s decoded as %+v", other, e)
		}
	}
}

// What could be a person's name, or a sentence, gets into no field.
func TestNoFreeText(t *testing.T) {
	const text = "山田 太郎"
	for field, change := range map[string]func(*zone.BeginEntry, *audit.End, *zone.RefusalEntry){
		"id":                     func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.ID = text },
		"policy":                 func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Policy = text },
		"digest":                 func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Digest = text },
		"route":                  func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Route = "a→b (" + text + ")" },
		"from":                   func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.From = text },
		"to":                     func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.To = text },
		"clause":                 func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Clause = strings.Repeat(text, 10) },
		"purpose":                func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Purpose = text },
		"principal.id":           func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Principal.ID = text },
		"principal.organisation": func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Principal.Organisation = text },
		"principal.kind":         func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Principal.Kind = 9 },
		"principal.roles":        func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Principal.Roles = []string{text} },
		"approvers":              func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.Approvers = []string{text} },
		"at":                     func(b *zone.BeginEntry, _ *audit.End, _ *zone.RefusalEntry) { b.At = time.Time{} },
		"counts.type":            func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Counts[0].Type = text },
		"counts.view":            func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Counts[0].View = text },
		"counts.records":         func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Counts[0].Records = -1 },
		"refused.code":           func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Refused[0].Code = text },
		"records":                func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Records = -1 },
		"outcome":                func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Outcome = zone.OutcomeUnknown },
		"principal":              func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Principal = text },
		"organisation":           func(_ *zone.BeginEntry, e *audit.End, _ *zone.RefusalEntry) { e.Organisation = text },
		"codes":                  func(_ *zone.BeginEntry, _ *audit.End, r *zone.RefusalEntry) { r.Codes = []zone.ReasonCode{text} },
	} {
		s := samples()
		change(s[0].Begin, s[1].End, s[2].Refusal)
		var found []string
		for _, e := range s {
			_, err := e.Encode()
			var wrong *audit.EntryError
			if errors.As(err, &wrong) {
				found = append(found, wrong.Field)
				if strings.Contains(err.Error(), text) {
					t.Errorf("%v holds the value", err)
				}
			}
		}
		if diff := cmp.Diff([]string{field}, found); diff != "" {
			t.Errorf("fields refused (-want +got):\n%s", diff)
		}
	}
	two := samples()[0]
	two.Clock = samples()[3].Clock
	if _, err := two.Encode(); err == nil {
		t.Error("an entry of two kinds was encoded")
	}
}

// A Go name may be in any script and generic.
func TestGoNames(t *testing.T) {
	for _, name := range []string{"example.com/a-b/~c.Patient", "example.com/x.被保険者", "x.Pair[int,example.com/y.Z]"} {
		e := samples()[1]
		e.End.Counts[0].Type = name
		if _, err := e.Encode(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
