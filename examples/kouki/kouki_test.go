package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"

	"github.com/sekisho-go/sekisho/examples/kouki/people"
)

var update = flag.Bool("update", false, "write the golden files anew")

// today runs the example with few persons and returns what it printed.
func today(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := start(context.Background(), append([]string{"-keep", t.TempDir()}, args...), &stdout, &stderr); code != 0 {
		t.Fatalf("start(%q) = %d, want 0; stderr:\n%s", args, code, &stderr)
	}
	if stderr.Len() > 0 {
		t.Errorf("start(%q) wrote to stderr, which is no terminal:\n%s", args, &stderr)
	}
	return stdout.String()
}

// rate is the only thing in the output that differs from run to run.
var rate = regexp.MustCompile(`(?m)^[0-9.]+ s, [0-9]+ persons per second.*$`)

func TestOutput(t *testing.T) {
	got := rate.ReplaceAllString(today(t, "-n", "2000"), "(rate)")
	if *update {
		if err := os.WriteFile("testdata/output.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/output.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("output differs (-want +got), run with -update if it should:\n%s", diff)
	}
}

// TestOutputHoldsNobody looks for everything that the file says of its persons
// in everything that the program prints.
func TestOutputHoldsNobody(t *testing.T) {
	const persons = 1500
	out := today(t, "-n", fmt.Sprint(persons), "-seed", "7")
	for p := range people.Make(7, persons) {
		for field, v := range map[string]string{
			"InsuredNumber": p.InsuredNumber, "IndividualNumber": p.IndividualNumber, "Name": p.Name, "Kana": p.Kana,
			"Address": p.Address, "Phone": p.Phone, "Birth": p.Birth.Format("20060102"),
		} {
			if v != "" && strings.Contains(out, v) {
				t.Fatalf("the output holds the %s of a person", field)
			}
		}
	}
}

// TestTwoDays runs the day twice in one folder: the keys and the register of the
// first are used again, and the parcel of the second is another.
func TestTwoDays(t *testing.T) {
	dir := t.TempDir()
	for day := range 2 {
		var stdout, stderr bytes.Buffer
		if code := start(context.Background(), []string{"-n", "1500", "-keep", dir}, &stdout, &stderr); code != 0 {
			t.Fatalf("day %d: start = %d: %s", day, code, &stderr)
		}
		if !strings.Contains(stdout.String(), "accounts received in levy.parcel") {
			t.Errorf("day %d: the LGWAN zone received nothing:\n%s", day, &stdout)
		}
	}
	for _, program := range []string{"mynumber", "lgwan"} {
		names, err := filepath.Glob(filepath.Join(dir, program+".keys", "*.keyset"))
		if err != nil || len(names) != 8 {
			t.Errorf("the folder of %s holds %d keysets, %v, want its six and the public two of the other", program, len(names), err)
		}
	}
}

// TestBadRowsLoseNobody reads the file for correction back: every row is
// either a person who crossed or stands there as it was delivered.
func TestBadRowsLoseNobody(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	if code := start(context.Background(), []string{"-n", "3000", "-keep", dir}, &stdout, &stderr); code != 0 {
		t.Fatalf("start = %d: %s", code, &stderr)
	}
	all := lines(t, filepath.Join(dir, "hihokensha.csv"))
	aside := lines(t, filepath.Join(dir, "correction.csv"))
	if len(aside) < 2 || !bytes.Equal(aside[0], all[0]) {
		t.Fatalf("correction.csv has %d lines, want the header and the bad rows", len(aside))
	}
	delivered := map[string]bool{}
	for _, l := range all {
		delivered[string(l)] = true
	}
	for i, l := range aside {
		if !delivered[string(l)] {
			t.Errorf("line %d of correction.csv is not as it was delivered", i+1)
		}
	}
}

func lines(t *testing.T, path string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\r\n")), []byte("\r\n"))
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-n", "many"}, {"more"}, {"-unknown"}} {
		var stdout, stderr bytes.Buffer
		if code := start(context.Background(), args, &stdout, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("start(%q) = %d with %d bytes of explanation, want 2 and some", args, code, stderr.Len())
		}
	}
}

// unwritable are the programs whose compile errors the example shows.
var unwritable = []struct{ line, program string }{
	{"person.ToInternet(crossing)", `
func f(person *insured.Insured, crossing *zone.Crossing[zones.MyNumberToLGWAN]) {
	person.ToInternet(crossing)
}`},
	{"website.Publish(account)", `
type page struct{}

func (page) Publish(v zone.In[zones.Internet]) {}

func f(website page, account *insured.InsuredLGWAN) {
	website.Publish(account)
}`},
}

// TestCannotBeWritten compiles these programs and compares what the compiler
// says with what the example shows.
func TestCannotBeWritten(t *testing.T) {
	var got strings.Builder
	for _, u := range unwritable {
		fmt.Fprintf(&got, "%s\n", u.line)
		for _, msg := range compile(t, u.program) {
			fmt.Fprintf(&got, "    %s\n", strings.ReplaceAll(msg, "\n\t", "\n        "))
		}
	}
	if *update {
		if err := os.WriteFile("cannotbewritten.txt", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(compileErrors, got.String()); diff != "" {
		t.Errorf("cannotbewritten.txt differs (-have +want), run with -update:\n%s", diff)
	}
}

// compile type-checks a program in a package of its own and returns the errors.
func compile(t *testing.T, program string) []string {
	t.Helper()
	dir, err := filepath.Abs("refused")
	if err != nil {
		t.Fatal(err)
	}
	src := `package refused

import (
	"github.com/sekisho-go/sekisho/examples/kouki/insured"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone"
)
` + program
	pkgs, err := packages.Load(&packages.Config{
		Mode:    packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedImports | packages.NeedTypesInfo,
		Overlay: map[string][]byte{filepath.Join(dir, "refused.go"): []byte(src)},
	}, "./refused")
	if err != nil {
		t.Fatal(err)
	}
	var msgs []string
	for _, p := range pkgs {
		for _, e := range p.Errors {
			if e.Kind == packages.TypeError {
				msgs = append(msgs, e.Msg)
			}
		}
	}
	if len(msgs) == 0 {
		t.Errorf("this compiles and must not:\n%s", program)
	}
	return msgs
}

// TestProgress: a terminal gets one line that is written over; anything else
// gets nothing (see today).
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := progress{&b}
	p.at("crossing", every, 3*every)
	p.at("crossing", every+1, 3*every)
	p.at("crossing", 2*every, 3*every)
	p.done()
	want := "\r\x1b[Kcrossing: 1000 of 3000\r\x1b[Kcrossing: 2000 of 3000\r\x1b[K"
	if got := b.String(); got != want {
		t.Errorf("progress wrote %q, want %q", got, want)
	}
	if f, err := os.CreateTemp(t.TempDir(), ""); err != nil {
		t.Fatal(err)
	} else if w := newProgress(f).w; w == f {
		t.Error("a file is taken for a terminal")
	}
}
