package zone_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// roads are the crossings of the plain road and of the way back.
func roads(tb testing.TB, opts ...zone.Option) (*zone.Crossing[WardToBilling], *zone.Crossing[BillingToWard]) {
	tb.Helper()
	border, _ := open(tb, nil, opts...)
	return zonetest.Cross[WardToBilling](tb, border, PurposeInvoice), zonetest.Cross[BillingToWard](tb, border, PurposeInvoice)
}

func TestThereAndBack(t *testing.T) {
	x, back := roads(t)
	kept := aPatient()
	view, err := kept.ToBilling(x)
	if err != nil {
		t.Fatal(err)
	}
	if view.Phone == kept.Phone || !strings.HasSuffix(view.Phone, "0123") || view.BirthDate.String() != "90-94" || view.Area != "north" {
		t.Errorf("the view has phone %s, birth date %s and area %s", view.Phone, view.BirthDate, view.Area)
	}
	view.Area = "south"
	got, err := view.ToWard(back, kept)
	if err != nil {
		t.Fatal(err)
	}
	want := aPatient()
	want.Area = "south"
	if *got != *want {
		t.Error("what came back is not what went, with the area changed")
	}
	if *kept != *aPatient() {
		t.Error("the record that was kept changed")
	}

	other := aPatient()
	other.Number = "P-0100"
	if _, err := view.ToWard(back, other); err == nil || !errors.As(err, new(*zone.RefusalError)) {
		t.Errorf("a view returned to another record: %v", err)
	} else {
		wantRefusal(t, errors.Unwrap(err), zone.ReasonRecord)
	}
}

func TestTokens(t *testing.T) {
	x, _ := roads(t)
	token := func(s crypto.Scope, v string) crypto.Token[WardToBilling] {
		a, err := zone.Token[Ward](x, s, v)
		if err != nil {
			t.Fatal(err)
		}
		b, err := zone.Token[Ward](x, s, []byte(v))
		if err != nil || a != b {
			t.Fatalf("a string and the same bytes give tokens that differ: %v", err)
		}
		return a
	}
	long := strings.Repeat("x", 1000)
	other := crypto.NewScope("hospital", "ward→billing", patientType, "Name")
	if token(patientToBillingNumber, "a") != token(patientToBillingNumber, "a") || token(patientToBillingNumber, long) != token(patientToBillingNumber, long) {
		t.Error("equal values give tokens that differ")
	}
	if token(patientToBillingNumber, "a") == token(patientToBillingNumber, "b") || token(patientToBillingNumber, "a") == token(other, "a") || token(patientToBillingNumber, long) == token(patientToBillingNumber, long+"x") {
		t.Error("values of different content or field give equal tokens")
	}
}

// where is all that a sealed value is bound to.
type where struct {
	policy, typ, view, field, id string
	path                         func(x anyCrossing) anyCrossing
}

// anyCrossing is either of the two crossings, so that one path is for both.
type anyCrossing struct {
	out  *zone.Crossing[WardToBilling]
	back *zone.Crossing[BillingToWard]
}

func part(field, id string) func(anyCrossing) anyCrossing {
	return func(x anyCrossing) anyCrossing {
		return anyCrossing{zone.Part(x.out, field, id), zone.Part(x.back, field, id)}
	}
}

func partAt(field, id string, i int) func(anyCrossing) anyCrossing {
	return func(x anyCrossing) anyCrossing {
		return anyCrossing{zone.PartAt(x.out, field, id, i), zone.PartAt(x.back, field, id, i)}
	}
}

func partKey(field, id, key string) func(anyCrossing) anyCrossing {
	return func(x anyCrossing) anyCrossing {
		return anyCrossing{zone.PartKey(x.out, field, id, key), zone.PartKey(x.back, field, id, []byte(key))}
	}
}

func nested(outer, inner func(anyCrossing) anyCrossing) func(anyCrossing) anyCrossing {
	return func(x anyCrossing) anyCrossing { return inner(outer(x)) }
}

// TestSealedValuesDoNotMove seals at every place and opens at every other.
func TestSealedValuesDoNotMove(t *testing.T) {
	out, back := roads(t)
	whole := func(x anyCrossing) anyCrossing { return x }
	places := map[string]where{
		"here":                        {"hospital", "t.T", "V", "Sealed", "1", whole},
		"another policy":              {"clinic", "t.T", "V", "Sealed", "1", whole},
		"another type":                {"hospital", "t.U", "V", "Sealed", "1", whole},
		"another view":                {"hospital", "t.T", "W", "Sealed", "1", whole},
		"another field":               {"hospital", "t.T", "V", "Name", "1", whole},
		"another record":              {"hospital", "t.T", "V", "Sealed", "2", whole},
		"no record":                   {"hospital", "t.T", "V", "Sealed", "", whole},
		"shifted parts":               {"hospitalt", ".T", "V", "Sealed", "1", whole},
		"a part":                      {"hospital", "t.T", "V", "Sealed", "1", part("F", "1")},
		"a part in another field":     {"hospital", "t.T", "V", "Sealed", "1", part("G", "1")},
		"a part of another record":    {"hospital", "t.T", "V", "Sealed", "1", part("F", "2")},
		"an element":                  {"hospital", "t.T", "V", "Sealed", "1", partAt("F", "1", 0)},
		"the next element":            {"hospital", "t.T", "V", "Sealed", "1", partAt("F", "1", 1)},
		"an element far on":           {"hospital", "t.T", "V", "Sealed", "1", partAt("F", "1", 1<<40)},
		"a map's element":             {"hospital", "t.T", "V", "Sealed", "1", partKey("F", "1", "k")},
		"a part of a part":            {"hospital", "t.T", "V", "Sealed", "1", nested(part("F", "1"), part("G", "2"))},
		"a part of a part, swapped":   {"hospital", "t.T", "V", "Sealed", "1", nested(part("G", "2"), part("F", "1"))},
		"a part of a part, elsewhere": {"hospital", "t.T", "V", "Sealed", "1", nested(part("F", "2"), part("G", "2"))},
		"a path longer than its room": {"hospital", "t.T", "V", "Sealed", "1", nested(part("F", strings.Repeat("i", 99)), part("G", "2"))},
	}
	for from, a := range places {
		x := a.path(anyCrossing{out, back})
		w := zone.Scratch()
		w.String("CANARY")
		sealed, err := zone.Seal[PatientBillingSealed, Ward](x.out, zone.NewAD(a.policy, a.typ, a.view, a.field), a.id, w)
		w.Release()
		if err != nil {
			t.Fatal(err)
		}
		for to, b := range places {
			y := b.path(anyCrossing{out, back})
			r, err := zone.Open[PatientBillingSealed, Ward](y.back, zone.NewAD(b.policy, b.typ, b.view, b.field), []byte(b.id), sealed)
			switch {
			case from == to && (err != nil || r.String() != "CANARY"):
				t.Errorf("what was sealed at %q does not open there: %v", from, err)
			case from != to && !errors.As(err, new(*crypto.OpenError)):
				t.Errorf("what was sealed at %q opens at %q: %v", from, to, err)
			}
		}
	}
}

// TestAssociatedData keeps the form of what a sealed value is bound to: data
// that is sealed today must open with tomorrow's version.
func TestAssociatedData(t *testing.T) {
	ring := zonetest.Keys(t, zonetest.Compile(hospital()))
	border, _ := open(t, nil, zone.WithKeys(ring))
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	keys, err := crypto.KeysOf[Ward](ring)
	if err != nil {
		t.Fatal(err)
	}
	w := zone.Scratch()
	defer w.Release()
	inner := zone.Part(zone.PartAt(zone.PartKey(x, "Rooms", "r", "k"), "Beds", "b", 12), "Patient", "p")
	sealed, err := zone.Seal[PatientBillingSealed, Ward](inner, zone.NewAD("hospital", "t.T", "V", "Sealed"), "id", w)
	if err != nil {
		t.Fatal(err)
	}
	ad := crypto.AppendAD(nil, "hospital", "t.T", "V", "Sealed", "id", "Patient", "p", "", "Beds", "b", "12", "Rooms", "r", "k")
	if _, err := crypto.Open[PatientBillingSealed](keys, sealed, ad); err != nil {
		t.Errorf("the associated data are not policy, type, view, field, id, then field, id and place outwards: %v", err)
	}
}

func TestSealedBytesAreTheirOwn(t *testing.T) {
	x, back := roads(t)
	var views []*PatientBilling
	for i := range 20 {
		p := aPatient()
		p.Name = fmt.Sprint("name ", i)
		v, err := p.ToBilling(x)
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, v)
	}
	for i, v := range views { // scratch memory was reused since
		got, err := v.ToWard(back, aPatient())
		if err != nil || got.Name != fmt.Sprint("name ", i) {
			t.Errorf("record %d came back as another: %v", i, err)
		}
	}
}

func TestChangedSealedDoesNotOpen(t *testing.T) {
	x, back := roads(t)
	kept := aPatient()
	v, err := kept.ToBilling(x)
	if err != nil {
		t.Fatal(err)
	}
	raw := v.Sealed.Bytes()
	for i := range raw {
		raw[i] ^= 1
		bad := *v
		if err := bad.Sealed.UnmarshalBinary(raw); err == nil {
			if _, err = bad.ToWard(back, kept); !errors.As(err, new(*crypto.OpenError)) {
				t.Errorf("with byte %d changed: %v", i, err)
			}
			wantNoCanary(t, err.Error())
		}
		raw[i] ^= 1
	}
	bad := *v
	bad.Sealed = crypto.Sealed[Ward, PatientBillingSealed]{}
	if _, err := bad.ToWard(back, kept); !errors.As(err, new(*crypto.OpenError)) {
		t.Errorf("without the sealed group: %v", err)
	}
}

func TestNoKeys(t *testing.T) {
	far, err := crypto.EphemeralKeyring("hospital", "billing")
	if err != nil {
		t.Fatal(err)
	}
	for name, opt := range map[string]zone.Option{"no keyring": zone.WithKeys(nil), "keys of the far zone only": zone.WithKeys(far)} {
		t.Run(name, func(t *testing.T) {
			x, back := roads(t, opt)
			_, err := aPatient().ToBilling(x)
			field, ok := errors.AsType[*zone.FieldError](err)
			if !ok || field.Field != "Number" || field.Type != patientType || field.Route != "ward→billing" {
				t.Fatalf("got %v, want a *zone.FieldError about Number", err)
			}
			wantRefusal(t, err, zone.ReasonKeys)
			w := zone.Scratch()
			defer w.Release()
			_, err = zone.Seal[PatientBillingSealed, Ward](x, patientToBillingSealed, "1", w)
			wantRefusal(t, err, zone.ReasonKeys)
			_, err = zone.Open[PatientBillingSealed, Ward](back, patientToBillingSealed, "1", crypto.Sealed[Ward, PatientBillingSealed]{})
			wantRefusal(t, err, zone.ReasonKeys)
			wantRefusal(t, zone.Match[Ward](back, patientToBillingNumber, "v", crypto.Token[WardToBilling]{}), zone.ReasonKeys)
			if err := x.Admit(patientToBilling); err != nil {
				t.Errorf("records that need no keys do not cross: %v", err)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	x, back := roads(t)
	tok, err := zone.Token[Ward](x, patientToBillingNumber, "P-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := zone.Match[Ward](back, patientToBillingNumber, "P-1", tok); err != nil {
		t.Error(err)
	}
	wantRefusal(t, zone.Match[Ward](back, patientToBillingNumber, "P-2", tok), zone.ReasonRecord)
	wantRefusal(t, zone.Match[Ward](back, patientToBillingNumber, "P-1", crypto.Token[WardToBilling]{}), zone.ReasonRecord)
	wantRefusal(t, back.NotKept(patientFromBilling), zone.ReasonRecord)
	wantRefusal(t, back.OtherRecord(patientFromBilling), zone.ReasonRecord)
	var never *zone.Crossing[BillingToWard]
	wantRefusal(t, never.NotKept(patientFromBilling), zone.ReasonEnded)
	wantRefusal(t, zone.Match[Ward](never, patientToBillingNumber, "P-1", tok), zone.ReasonEnded)
	_, err = zone.Open[PatientBillingSealed, Ward](never, patientToBillingSealed, "1", crypto.Sealed[Ward, PatientBillingSealed]{})
	wantRefusal(t, err, zone.ReasonEnded)
}

func TestPad(t *testing.T) {
	w := zone.Scratch()
	w.String("CANARY")
	id := w.ID()
	id.Int(7)
	id.String("CANARY")
	aside := w.Aside()
	aside.String("CANARY")
	if got := w.ID(); got.Len() != 0 {
		t.Error("ID returns a writer that is not empty")
	}
	if got := w.Aside(); got.Len() != 0 {
		t.Error("Aside returns a writer that is not empty")
	}
	memory := w.Bytes()
	w.Release()
	w.Release()
	if bytes.Contains(memory, []byte("CANARY")) {
		t.Error("Release leaves what was written in memory")
	}
	if a, b := zone.Scratch(), zone.Scratch(); a == b {
		t.Error("releasing a Pad twice gives it out twice")
	}
}

func TestAllocations(t *testing.T) {
	limited := func(p *policy.Policy) { p.Routes[0].Limit = &policy.Limit{Records: 1 << 40, Per: "1h"} }
	border, _ := open(t, limited)
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	p := aPatient()
	part := zone.Part(x, "Members", p.Number)
	back := zonetest.Cross[BillingToWard](t, border, PurposeInvoice)
	view, err := p.ToBilling(x)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		max  float64
		f    func() error
	}{
		{"Admit", 0, func() error { return x.Admit(patientToBilling) }},
		{"Admit of a part", 0, func() error { return part.Admit(patientToBilling) }},
		{"Scratch, Release", 0, func() error { zone.Scratch().Release(); return nil }},
		{"Part", 1, func() error { return zone.PartAt(x, "Members", p.Number, 3).Admit(patientToBilling) }},
		{"Token", 2, func() error { _, err := zone.Token[Ward](x, patientToBillingNumber, p.Number); return err }},
		{"Match", 2, func() error { return zone.Match[Ward](back, patientToBillingNumber, p.Number, view.Number) }},
		{"Seal", 1, func() error {
			w := zone.Scratch()
			defer w.Release()
			w.String(p.Name)
			w.ID().String(p.Number)
			_, err := zone.Seal[PatientBillingSealed, Ward](part, patientToBillingSealed, p.Number, w)
			return err
		}},
		{"Open", 1, func() error {
			_, err := zone.Open[PatientBillingSealed, Ward](back, patientToBillingSealed, p.Number, view.Sealed)
			return err
		}},
		{"the record of eight fields", 4, func() error { _, err := p.ToBilling(x); return err }},
	}
	for _, tt := range tests {
		if raceEnabled {
			t.Skip("the race detector makes sync.Pool forget on purpose")
		}
		n := testing.AllocsPerRun(200, func() {
			if err := tt.f(); err != nil {
				t.Fatal(err)
			}
		})
		if n > tt.max {
			t.Errorf("%s allocates %v times, want at most %v", tt.name, n, tt.max)
		}
	}
}

func TestTimeIsTheSameForAllRecords(t *testing.T) {
	clock := zonetest.NewClock(monday)
	border, _ := open(t, nil, zone.WithClock(clock.Now))
	x := zonetest.Cross[WardToBilling](t, border, PurposeInvoice)
	p := aPatient()
	p.BirthDate = monday.AddDate(-90, 0, 1)
	before, err := p.ToBilling(x)
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(48 * time.Hour)
	after, err := p.ToBilling(x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before.BirthDate, after.BirthDate); d != "" {
		t.Errorf("two records of one crossing disagree on today:\n%s", d)
	}
}
