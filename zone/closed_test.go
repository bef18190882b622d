package zone_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/wire"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// wantNoCanary checks that no value of aPatient is in a text, as it is, in
// hexadecimal, in decimal bytes or quoted.
func wantNoCanary(t *testing.T, text string) {
	t.Helper()
	for _, c := range append(canaries, "CANARY") {
		var decimal []string
		for _, b := range []byte(c) {
			decimal = append(decimal, strconv.Itoa(int(b)))
		}
		for _, form := range []string{c, hex.EncodeToString([]byte(c)), strings.Join(decimal, " "), strings.Join(decimal, ", ")} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
				t.Errorf("%q is in: %s", form, text)
			}
		}
	}
}

// verbs are all that fmt knows, with flags, and one that it does not know. Left
// out are %T, which prints the name of the type, and the two that
// TestVerbsThatDoNotAsk is about.
func verbs() (all []string) {
	for _, verb := range "vtbcdoOqxXUeEfFgGsZ" {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "10.3", "+#"} {
			all = append(all, "%"+flags+string(verb))
		}
	}
	return all
}

// printed is everything that fmt and slog make of a value.
func printed(v any) string {
	var b bytes.Buffer
	for _, verb := range verbs() {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	fmt.Fprintln(&b, v)
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("m", "v", v, slog.Group("g", "v", v))
	}
	return b.String()
}

func TestClosedValuesPrintTheirLabel(t *testing.T) {
	p := aPatient()
	const want = "record.Patient(ward, 3)"
	for _, v := range []any{p, *p} {
		for _, verb := range verbs() {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%s of %T prints %q, want %q", verb, v, got, want)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
		if !strings.Contains(log.String(), want) {
			t.Errorf("slog writes %s, want %s in it", log.String(), want)
		}
	}
	for _, v := range []any{p, *p, []any{p, *p}, []Patient{*p}, map[string]Patient{"k": *p}, struct{ P *Patient }{p}, struct{ P Patient }{*p}, fmt.Errorf("no: %v", p)} {
		wantNoCanary(t, printed(v))
	}
	wantNoCanary(t, printed((*Patient)(nil)))
	if got := fmt.Sprintf("%v", (*Patient)(nil)); got != "<nil>" {
		t.Errorf("a nil pointer prints as %s", got)
	}
	if got := zone.GoStringClosed("record.Patient", "ward", "3"); got != want {
		t.Errorf("GoStringClosed gives %q, want %q", got, want)
	}
}

// TestVerbsThatDoNotAsk pins what no type can help: for these verbs fmt reads a
// value by reflection without calling its Format method. FormatClosed says so,
// and the analyzer has to find them. Should this test fail, fmt has improved.
func TestVerbsThatDoNotAsk(t *testing.T) {
	p := aPatient()
	for _, tt := range []struct {
		verb string
		v    any
		open bool
	}{
		{"%p", p, false}, // an address
		{"%p", *p, true},
		{"%w", p, true}, // outside Errorf, or of what is no error
		{"%w", *p, true},
	} {
		if got := fmt.Sprintf(tt.verb, tt.v); strings.Contains(got, "CANARYNAME") != tt.open {
			t.Errorf("%s of %T prints %s, want the value in it: %v", tt.verb, tt.v, got, tt.open)
		}
	}
}

func TestClosedValuesDoNotEncode(t *testing.T) {
	p := aPatient()
	encoders := map[string]func(io.Writer, any) error{
		"json": func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
		"xml":  func(w io.Writer, v any) error { return xml.NewEncoder(w).Encode(v) },
		"gob":  func(w io.Writer, v any) error { return gob.NewEncoder(w).Encode(v) },
	}
	for name, encode := range encoders {
		for _, v := range []any{p, *p, []Patient{*p}, ward{*p}} {
			var out bytes.Buffer
			err := encode(&out, v)
			closed, ok := errors.AsType[*zone.ClosedError](err)
			if name == "gob" && err != nil && strings.Contains(err.Error(), "closed to") {
				closed, ok = &zone.ClosedError{Type: "record.Patient", Zone: "ward", Format: "gob"}, true // gob keeps the text only
			}
			if !ok || closed.Type != "record.Patient" || closed.Zone != "ward" || closed.Format != name {
				t.Errorf("%s of %T: got %v, want a *zone.ClosedError", name, v, err)
				continue
			}
			if !strings.Contains(err.Error(), "endpoint of zone ward") {
				t.Errorf("%s: %v does not name the way out", name, err)
			}
			wantNoCanary(t, err.Error()+out.String())
		}
	}
}

// TestNothingOfThisPackageShowsAValue prints everything that a program holds
// while a record crosses.
func TestNothingOfThisPackageShowsAValue(t *testing.T) {
	x, back := roads(t)
	p := aPatient()
	view, err := p.ToBilling(x)
	if err != nil {
		t.Fatal(err)
	}
	w := zone.Scratch()
	defer w.Release()
	w.String(p.Name)
	w.ID().String(p.Number)
	w.Aside().String(p.Number)
	r, err := zone.Open[PatientBillingSealed, Ward](back, patientToBillingSealed, p.Number, view.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	part := zone.Part(x, "Members", p.Number)
	holder := struct {
		X *zone.Crossing[WardToBilling]
		W *zone.Pad
	}{part, w}
	for _, v := range []any{x, part, back, w, *w, &r, r, patientToBilling, patientToBillingSealed, view.Number, view.Sealed, view.Sealed.Bytes(), holder, &holder} {
		wantNoCanary(t, printed(v))
	}
	for _, v := range []any{x, w, *w, patientToBilling} {
		if b, err := json.Marshal(v); err == nil {
			wantNoCanary(t, string(b))
		}
	}
	if got, want := fmt.Sprintf("%+v", x), "zone.Crossing(ward→billing, "+x.ID()+")"; got != want {
		t.Errorf("a crossing prints as %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%+v", patientToBilling), "zone.Transit("+patientType+", PatientBilling, "+patientDigest+")"; got != want {
		t.Errorf("a transit prints as %s, want %s", got, want)
	}
}

// quoting is an error of somebody else that quotes the value it is about.
type quoting struct{ value string }

func (q quoting) Error() string { return fmt.Sprintf("cannot parse %q", q.value) }

func TestFieldErrorsKeepHarmlessCausesOnly(t *testing.T) {
	_, parse := strconv.Atoi("CANARY")
	_, addr := netip.ParseAddr("CANARY")
	_, date := time.Parse(time.DateOnly, "CANARY")
	for _, cause := range []error{
		parse, addr, date, quoting{"CANARY"}, &quoting{"CANARY"}, errors.New("CANARY"),
		fmt.Errorf("CANARY: %w", &zone.RefusalError{}), errors.Join(errors.New("CANARY")),
	} {
		inner := patientToBilling.Fail("Name", cause)
		for _, err := range []error{inner, patientToBilling.Fail("Members", inner), patientToBilling.Fail("Name", fmt.Errorf("CANARY %w", inner))} {
			wantNoCanary(t, printed(err)+fmt.Sprintf("%#v", err))
			for e := err; e != nil; e = errors.Unwrap(e) {
				wantNoCanary(t, printed(e))
			}
			if !strings.Contains(err.Error(), "record.Patient.") || !strings.Contains(err.Error(), "ward→billing") {
				t.Errorf("%q does not say where", err)
			}
		}
	}
	for _, cause := range []error{
		&zone.RefusalError{Route: "r"}, &zone.ClosedError{Type: "t"}, &wire.Error{Op: "String"},
		&crypto.OpenError{Zone: "ward"}, &crypto.NoKeysError{Zone: "ward"},
	} {
		err := patientToBilling.Fail("Members", patientToBilling.Fail("Name", cause))
		if !errors.Is(err, cause) || !strings.Contains(err.Error(), "record.Patient.Members.Name on ward→billing: "+cause.Error()) {
			t.Errorf("%q loses its cause %q", err, cause)
		}
	}
	if err := patientToBilling.Fail("Name", nil); err != nil {
		t.Errorf("Fail makes the error %v of nil", err)
	}
}

// TestNoErrorShowsAValue makes a record with canaries fail in every way there
// is.
func TestNoErrorShowsAValue(t *testing.T) {
	p := aPatient()
	_, otherKeys := roads(t)
	var errs []error
	for _, opt := range []zone.Option{zone.WithKeys(nil), zone.WithOverlay(zonetest.Compile(tightening())), func() zone.Option { return zone.WithClock(nil) }()} {
		x, back := roads(t, opt)
		view, err := p.ToBilling(x)
		errs = append(errs, err)
		if view != nil {
			_, err = view.ToWard(otherKeys, p)
			errs = append(errs, err)
			other := *p
			other.Number += "x"
			_, err = view.ToWard(back, &other)
			errs = append(errs, err)
		}
		x.Abort()
		_, err = p.ToBilling(x)
		errs = append(errs, err)
	}
	_, err := p.ToBilling(nil)
	errs = append(errs, err)
	failed := 0
	for _, err := range errs {
		for e := err; e != nil; e = errors.Unwrap(e) {
			failed++
			wantNoCanary(t, printed(e)+fmt.Sprintf("%#v", e))
		}
	}
	if failed < 8 {
		t.Errorf("only %d errors were looked at", failed)
	}
}

// ward is an unlabelled struct around a labelled one.
type ward struct{ P Patient }
