package people_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/examples/kouki/intake"
	"github.com/sekisho-go/sekisho/examples/kouki/people"
)

// union is the zone in which the tests read the file.
type union struct{}

func (union) ZoneName() string { return "union" }

// build makes the person a row was written from, as a union would understand it.
func build(row *intake.Row) people.Person {
	p := people.Person{
		InsurerNumber:    digits(row, "保険者番号", jp.ParseInsurerNumber),
		InsuredNumber:    digits(row, "被保険者番号", jp.ParseInsuredNumber),
		IndividualNumber: digits(row, "個人番号", jp.ParseIndividualNumber),
		Name:             row.Text("氏名"),
		Kana:             row.Kana("カナ氏名"),
		Birth:            row.Date("生年月日"),
		Sex:              row.OneOf("性別", people.Male, people.Female),
		PostalCode:       strings.ReplaceAll(row.Text("郵便番号"), "-", ""),
		Phone:            row.Optional("電話番号"),
		Qualified:        row.Date("資格取得日"),
		Reason:           row.OneOf("資格取得事由", people.ByAge, people.ByDisability, people.ByMoving),
		Lost:             row.OptionalDate("資格喪失日"),
		Levy: people.Levy{
			TotalIncome: row.Int("総所得金額等"), BaseIncome: row.Int("旧ただし書所得"), TaxableIncome: row.Int("課税所得"),
			PerHead: row.Int("均等割額"), IncomeBased: row.Int("所得割額"), Child: row.Int("子ども・子育て支援納付金分"), Premium: row.Int("年間保険料"),
			Reduction: people.Reduction(row.OneOf("軽減区分", string(people.NoReduction), string(people.TwoTenths), string(people.FiveTenths), string(people.SevenTenths))),
			Burden:    int(row.Int("一部負担金割合")),
			ByPension: row.OneOf("徴収方法", people.ByPensionDeduction, people.Directly) == people.ByPensionDeduction,
		},
	}
	address := row.Text("住所")
	if i := strings.IndexAny(address, "\n　"); i >= 0 {
		p.Address, p.Building = address[:i], strings.TrimLeft(address[i:], "\n　")
	} else {
		p.Address = address
	}
	return p
}

func digits[N interface{ Reveal(classify.Zone) string }](row *intake.Row, column string, parse func(string) (N, error)) string {
	return intake.Value(row, column, parse).Reveal(union{})
}

// received is what came out of a file.
type received struct {
	persons []people.Person
	errors  []*intake.RowError
	aside   string
	counts  intake.Counts
}

func receive(t testing.TB, src io.Reader, charset intake.Charset) received {
	t.Helper()
	var r received
	var aside bytes.Buffer
	in, err := intake.NewReader(src, intake.Config{
		Charset: charset, Layout: people.Layout(), Aside: &aside, Report: func(e *intake.RowError) { r.errors = append(r.errors, e) },
	}, build)
	if err != nil {
		t.Fatal(err)
	}
	r.persons = slices.Collect(in.Rows())
	if in.Err() != nil {
		t.Fatal(in.Err())
	}
	r.aside, r.counts = aside.String(), in.Counts()
	return r
}

func write(t testing.TB, persons iter.Seq[people.Person], plan people.Plan) (string, people.Delivery) {
	t.Helper()
	var file bytes.Buffer
	delivery, err := people.Write(&file, persons, plan)
	if err != nil {
		t.Fatal(err)
	}
	if delivery.Bytes != int64(file.Len()) || delivery.Lines != strings.Count(file.String(), "\n") {
		t.Errorf("delivery %+v of a file of %d bytes", delivery, file.Len())
	}
	return file.String(), delivery
}

// TestNobodyIsLost: what is written without flaws is read back, every field of every person, for many seeds and sizes.
func TestNobodyIsLost(t *testing.T) {
	for seed := range uint64(10) {
		n := int(rand.New(rand.NewPCG(seed, 1)).Uint64N(1500))
		want := slices.Collect(people.Make(seed, n))
		file, _ := write(t, slices.Values(want), people.Plan{})
		got := receive(t, strings.NewReader(file), intake.CP932)
		if diff := cmp.Diff(want, got.persons, comparePersons); diff != "" || len(got.errors) > 0 || got.aside != "" {
			t.Errorf("seed %d, %d persons: %d errors, persons (-written +read):\n%s", seed, n, len(got.errors), diff)
		}
	}
}

// TestNobodyIsLostInUTF8: the same file in UTF-8, with the wave dash and minus of other tables, reads the same.
func TestNobodyIsLostInUTF8(t *testing.T) {
	want := slices.Collect(people.Make(5, 2000))
	file, _ := write(t, slices.Values(want), people.Plan{})
	converted, err := japanese.ShiftJIS.NewDecoder().String(file)
	if err != nil {
		t.Fatal(err)
	}
	converted = strings.ReplaceAll(converted, "\uFF0D", "\u2212")
	got := receive(t, strings.NewReader("\uFEFF"+converted), intake.UTF8)
	if diff := cmp.Diff(want, got.persons, comparePersons); diff != "" || len(got.errors) > 0 {
		t.Errorf("persons (-written +read):\n%s%v", diff, got.errors)
	}
}

// TestPlantedAreSetAside: exactly the planted rows are set aside, each with its own fault in its own column, and their
// bytes are those of the file.
func TestPlantedAreSetAside(t *testing.T) {
	reasons := map[people.Flaw]intake.Reason{
		people.WrongCheckDigit: intake.Refused, people.BrokenEncoding: intake.Undecodable, people.MissingColumn: intake.Columns,
		people.BadDate: intake.NotADate, people.OverlongField: intake.Overlong, people.BrokenQuote: intake.Quoting,
	}
	for _, every := range []map[people.Flaw]int{
		people.EachFlaw(2000), people.EachFlaw(100), people.EachFlaw(12), people.EachFlaw(6), people.EachFlaw(1),
		{people.BrokenQuote: 1}, {people.BrokenQuote: 2}, {people.BrokenQuote: 3, people.MissingColumn: 2}, {people.MissingColumn: 7, people.BadDate: 11},
	} {
		var planted []people.Planted
		file, delivery := write(t, people.Make(9, 2000), people.Plan{Every: every, Planted: func(p people.Planted) { planted = append(planted, p) }})
		got := receive(t, strings.NewReader(file), intake.CP932)
		if len(got.errors) != len(planted) || len(got.persons) != 2000-len(planted) || got.counts.Rows != 2000 {
			t.Fatalf("%v: %d planted, %d set aside, %d good", every, len(planted), len(got.errors), len(got.persons))
		}
		lines := strings.SplitAfter(file, "\n")
		var aside strings.Builder
		aside.WriteString(lines[0])
		total := 0
		for i, p := range planted {
			e := got.errors[i]
			f := e.Faults[0]
			if e.Line != p.Line || len(e.Faults) != 1 || f.Column != p.Column || f.Reason != reasons[p.Flaw] {
				t.Fatalf("%v: planted %+v, set aside %+v", every, p, e)
			}
			aside.WriteString(strings.Join(lines[e.Line-1:e.Line-1+e.Lines], ""))
		}
		for _, n := range delivery.Planted {
			total += n
		}
		if got.aside != aside.String() && len(planted) > 0 || total != len(planted) {
			t.Errorf("%v: %d planted, %d told; what was set aside is not what the file has there", every, total, len(planted))
		}
	}
}

// TestOneBrokenByteCostsOneNeighbourAtMost puts a quote, a line feed or a comma into every place of a file, one at a time.
// Only the row it hits may be set aside, and the next one where it was the line ending that was hit.
func TestOneBrokenByteCostsOneNeighbourAtMost(t *testing.T) {
	const n = 6
	file, _ := write(t, people.Make(4, n), people.Plan{})
	if !strings.Contains(file, "\"") {
		t.Fatal("no quote in the file: choose another seed")
	}
	body := strings.Index(file, "\n") + 1
	for _, broken := range []byte("\"\n,") {
		for i := body; i < len(file); i++ {
			mutant := file[:i] + string(broken) + file[i+1:]
			got := receive(t, strings.NewReader(mutant), intake.CP932)
			least := n - 1
			if file[i] == '\n' {
				least = n - 2
			}
			if len(got.persons) < least {
				t.Errorf("%q at byte %d leaves %d persons of %d: %v", broken, i, len(got.persons), n, got.errors)
			}
		}
	}
}

func TestFlawsAreSpread(t *testing.T) {
	_, delivery := write(t, people.Make(1, 10_000), people.Plan{Every: people.EachFlaw(2000)})
	want := map[people.Flaw]int{people.WrongCheckDigit: 5, people.BrokenEncoding: 5, people.MissingColumn: 5, people.BadDate: 5,
		people.OverlongField: 5, people.BrokenQuote: 5}
	if diff := cmp.Diff(want, delivery.Planted); diff != "" {
		t.Errorf("planted (-want +got):\n%s", diff)
	}
	for f := people.FlawUnknown; f <= people.BrokenQuote+1; f++ {
		if (f.String() == "none") != (f == people.FlawUnknown || f > people.BrokenQuote) {
			t.Errorf("flaw %d is called %q", f, f)
		}
	}
}

// TestFileIsPinned: the example's figures in documents depend on every byte of the file.
func TestFileIsPinned(t *testing.T) {
	file, _ := write(t, people.Make(1, 2000), people.Plan{Every: people.EachFlaw(500)})
	const want = "8e3cb26a0233eb15f11b8e77c93adb945ef5888d4f4c5e8d5423abb375a24af9"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(file))); got != want {
		t.Errorf("the file of seed 1 has SHA-256 %s, want %s", got, want)
	}
}

// TestFileHasAllStyles: a file of a few hundred rows shows what a reader must cope with.
func TestFileHasAllStyles(t *testing.T) {
	file, _ := write(t, people.Make(1, 3000), people.Plan{})
	text, err := japanese.ShiftJIS.NewDecoder().String(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("a line ends without CR")
	}
	for what, part := range map[string]string{
		"basic date": ",19", "extended date": "-0", "era letter": ",S", "era name": ",昭和", "half-width kana": "ﾀ", "full-width kana": "タ",
		"doubled quotes": `""寿""`, "comma in quotes": "グリーンコート, 東棟", "second line": "\r\nすずかけ荘", "vendor extension": "髙",
		"full-width number": ",５", "minus sign": "－", "middle dot": "メゾン・ド・ポム",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s: no %q in the file", what, part)
		}
	}
}

func TestWriteFails(t *testing.T) {
	broken := errors.New("disk full")
	if _, err := people.Write(failing{broken}, people.Make(1, 2000), people.Plan{}); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	stranger := slices.Collect(people.Make(1, 2))
	stranger[1].Name = "𠮷野　花子"
	_, err := people.Write(io.Discard, slices.Values(stranger), people.Plan{})
	if want := "people: row 2: writing as CP932: encoding: rune not supported by encoding."; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }

// TestConstantMemory reads 200,000 rows (40 MB) as they are written, with rows set aside on the way, and looks at the heap
// between. What is collected only in the end would show as hundreds of megabytes.
func TestConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const rows = memoryRows
	src, dst := io.Pipe()
	go func() {
		_, err := people.Write(dst, people.Make(1, rows), people.Plan{Every: people.EachFlaw(1000)})
		dst.CloseWithError(err)
	}()
	in, err := intake.NewReader(src, intake.Config{Charset: intake.CP932, Layout: people.Layout(), Aside: io.Discard},
		func(row *intake.Row) jp.IndividualNumber {
			for _, column := range []string{"保険者番号", "被保険者番号"} {
				digits(row, column, jp.ParseInsurerNumber) // the same rule for both
			}
			row.Date("生年月日")
			return intake.Value(row, "個人番号", jp.ParseIndividualNumber)
		})
	if err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	n := 0
	for range in.Rows() {
		if n++; n%5000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&now)
	if in.Err() != nil || in.Counts().Rows != rows || in.Counts().Aside != 6*rows/1000 {
		t.Fatalf("%+v, %v", in.Counts(), in.Err())
	}
	t.Logf("heap: %d KiB before, %d KiB at most, %d KiB kept", before.HeapAlloc>>10, peak>>10, now.HeapAlloc>>10)
	if peak > before.HeapAlloc+16<<20 || now.HeapAlloc > before.HeapAlloc+1<<20 {
		t.Errorf("heap: %d bytes before, %d at most, %d kept", before.HeapAlloc, peak, now.HeapAlloc)
	}
}

func ExampleWrite() {
	delivery, err := people.Write(io.Discard, people.Make(1, 10_000), people.Plan{Every: people.EachFlaw(2_000)})
	fmt.Println(delivery.Rows, "rows,", delivery.Planted[people.WrongCheckDigit], "with a", people.WrongCheckDigit, err)
	// Output:
	// 10000 rows, 5 with a wrong check digit <nil>
}

// The file of a municipality on its way into the zone: good rows come out as values, bad rows go aside, and what is said
// about them names nobody.
func ExampleWrite_read() {
	var file, aside bytes.Buffer
	people.Write(&file, people.Make(1, 600), people.Plan{Every: people.EachFlaw(600)})
	in, err := intake.NewReader(&file, intake.Config{
		Charset: intake.CP932, Layout: people.Layout(), Aside: &aside,
		Report: func(e *intake.RowError) { fmt.Println(e) },
	}, func(row *intake.Row) jp.IndividualNumber {
		intake.Value(row, "保険者番号", jp.ParseInsurerNumber)
		intake.Value(row, "被保険者番号", jp.ParseInsuredNumber)
		row.Date("生年月日")
		return intake.Value(row, "個人番号", jp.ParseIndividualNumber)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	for n := range in.Rows() {
		_ = n // a closed value: it prints its type and nothing else
	}
	fmt.Println(in.Counts().Good, "good,", in.Counts().Aside, "set aside")
	// Output:
	// line 51: 保険者番号 (column 1) is refused: wrong check digit
	// line 153: 氏名 (column 4) byte 9 is no character in CP932
	// line 257: the row has 22 columns: want 23, as the header has
	// line 360: 生年月日 (column 6) names a day outside the era it names
	// line 463: 住所 (column 9) has more than 100 characters
	// line 563: the row has a quote that is never closed
	// 594 good, 6 set aside
}

func BenchmarkMake(b *testing.B) {
	b.ReportAllocs()
	for range people.Make(1, b.N) {
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "persons/s")
}

func BenchmarkWrite(b *testing.B) {
	persons := slices.Collect(people.Make(1, 2000))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		people.Write(io.Discard, slices.Values(persons), people.Plan{})
		rows += len(persons)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRead reads rows of 23 columns: "cells" only cuts, decodes and checks them, "person" makes a person of each.
func BenchmarkRead(b *testing.B) {
	file, _ := write(b, people.Make(1, 2000), people.Plan{})
	for name, build := range map[string]func(*intake.Row) people.Person{
		"cells":  func(*intake.Row) people.Person { return people.Person{} },
		"person": build,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			rows := int64(0)
			for b.Loop() {
				in, err := intake.NewReader(strings.NewReader(file), intake.Config{Charset: intake.CP932, Layout: people.Layout(), Aside: io.Discard}, build)
				if err != nil {
					b.Fatal(err)
				}
				for range in.Rows() {
				}
				rows += in.Counts().Good
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
