package people

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho-go/sekisho/examples/kouki/intake"
)

// A column is one column of the file: what the offices agreed on, and how it is written.
type column struct {
	intake.Column
	cell func(*Person, style) string
}

// Places of the columns that flaws are planted into.
const (
	insurerColumn = iota
	insuredColumn
	citizenColumn
	nameColumn
	kanaColumn
	birthColumn
	sexColumn
	postalColumn
	addressColumn
	phoneColumn
)

// columns are in the order of the groups 資格 (qualification), 賦課 (levy) and 収納 (collection).
var columns = []column{
	{intake.Column{Name: "保険者番号", Max: 8}, func(p *Person, _ style) string { return p.InsurerNumber }},
	{intake.Column{Name: "被保険者番号", Max: 8}, func(p *Person, s style) string { return s.number(p.InsuredNumber) }},
	{intake.Column{Name: "個人番号", Max: 14}, func(p *Person, s style) string { return s.grouped(p.IndividualNumber) }},
	{intake.Column{Name: "氏名", Max: 40}, func(p *Person, _ style) string { return p.Name }},
	{intake.Column{Name: "カナ氏名", Max: 60}, func(p *Person, s style) string { return s.kana(p.Kana) }},
	{intake.Column{Name: "生年月日", Max: 16}, func(p *Person, s style) string { return s.date(p.Birth) }},
	{intake.Column{Name: "性別", Max: 1}, func(p *Person, _ style) string { return p.Sex }},
	{intake.Column{Name: "郵便番号", Max: 8}, func(p *Person, s style) string { return s.postal(p.PostalCode) }},
	{intake.Column{Name: "住所", Max: 100, Lines: true}, func(p *Person, s style) string { return s.address(p) }},
	{intake.Column{Name: "電話番号", Max: 13}, func(p *Person, _ style) string { return p.Phone }},
	{intake.Column{Name: "一部負担金割合", Max: 1}, func(p *Person, _ style) string { return strconv.Itoa(p.Burden) }},
	{intake.Column{Name: "資格取得日", Max: 16}, func(p *Person, s style) string { return s.date(p.Qualified) }},
	{intake.Column{Name: "資格取得事由", Max: 4}, func(p *Person, _ style) string { return p.Reason }},
	{intake.Column{Name: "資格喪失日", Max: 16}, func(p *Person, s style) string { return s.date(p.Lost) }},
	{intake.Column{Name: "総所得金額等", Max: 12}, yen(func(l *Levy) int64 { return l.TotalIncome })},
	{intake.Column{Name: "旧ただし書所得", Max: 12}, yen(func(l *Levy) int64 { return l.BaseIncome })},
	{intake.Column{Name: "課税所得", Max: 12}, yen(func(l *Levy) int64 { return l.TaxableIncome })},
	{intake.Column{Name: "均等割額", Max: 12}, yen(func(l *Levy) int64 { return l.PerHead })},
	{intake.Column{Name: "所得割額", Max: 12}, yen(func(l *Levy) int64 { return l.IncomeBased })},
	{intake.Column{Name: "軽減区分", Max: 2}, func(p *Person, _ style) string { return string(p.Reduction) }},
	{intake.Column{Name: "子ども・子育て支援納付金分", Max: 12}, yen(func(l *Levy) int64 { return l.Child })},
	{intake.Column{Name: "年間保険料", Max: 12}, yen(func(l *Levy) int64 { return l.Premium })},
	{intake.Column{Name: "徴収方法", Max: 4}, func(p *Person, _ style) string { return collection(p) }},
}

// The values of 徴収方法.
const (
	ByPensionDeduction = "特別徴収" // taken off the pension
	Directly           = "普通徴収" // paid by the person
)

// Layout returns the columns of the file as the offices agreed on them, for a reader.
func Layout() intake.Layout {
	l := make(intake.Layout, len(columns))
	for i, c := range columns {
		l[i] = c.Column
	}
	return l
}

// Delivery is what Write wrote.
type Delivery struct {
	Rows    int          // below the header, flawed ones included
	Lines   int          // physical lines, the header included
	Bytes   int64        // of CP932
	Planted map[Flaw]int // rows with a flaw, by flaw
}

// Write writes the persons as a municipality delivers them: CP932, CRLF, a header, quotes where RFC 4180 asks for them.
// It plants the flaws of the plan. It takes memory for one row only. Its errors are those of w.
func Write(w io.Writer, persons iter.Seq[Person], plan Plan) (Delivery, error) {
	f := &file{dst: bufio.NewWriterSize(w, 64<<10), cells: make([]string, len(columns)), plan: plan}
	f.delivery = Delivery{Planted: map[Flaw]int{}}
	for i, c := range columns {
		f.cells[i] = c.Name
	}
	if err := f.row(FlawUnknown); err != nil {
		return f.delivery, err
	}
	for p := range persons {
		f.delivery.Rows++
		if err := f.person(&p); err != nil {
			return f.delivery, fmt.Errorf("people: row %d: %w", f.delivery.Rows, err)
		}
	}
	return f.delivery, f.dst.Flush()
}

// A file is the state of Write.
type file struct {
	dst      *bufio.Writer
	cells    []string
	text     []byte // a row as UTF-8
	raw      []byte // the same as CP932
	plan     Plan
	delivery Delivery
}

// person writes the row of one person, with the flaw that is its turn.
func (f *file) person(p *Person) error {
	flaw := f.plan.flaw(f.delivery.Rows)
	s := styleOf(p, flaw)
	for i, c := range columns {
		f.cells[i] = c.cell(p, s)
	}
	at := flaw.spoil(f.cells, f.delivery.Rows)
	line := f.delivery.Lines + 1
	if err := f.row(flaw); err != nil {
		return err
	}
	if flaw != FlawUnknown {
		f.delivery.Planted[flaw]++
		if f.plan.Planted != nil {
			f.plan.Planted(Planted{Row: f.delivery.Rows, Line: line, Flaw: flaw, Column: at})
		}
	}
	return nil
}

// row writes the cells. The flaws that are not one of text come in here.
func (f *file) row(flaw Flaw) error {
	f.text = f.text[:0]
	for i, c := range f.cells {
		if flaw == MissingColumn && i == phoneColumn {
			continue
		}
		if i > 0 {
			f.text = append(f.text, ',')
		}
		if flaw == BrokenQuote && i == nameColumn {
			f.text = append(f.text, '"') // opened here, closed nowhere
		}
		f.text = appendCell(f.text, c)
		if flaw == BrokenEncoding && i == nameColumn {
			f.text = append(f.text, cutHere)
		}
	}
	f.text = append(f.text, '\r', '\n')
	if err := f.encode(); err != nil {
		return err
	}
	n, err := f.dst.Write(f.raw)
	f.delivery.Bytes += int64(n)
	f.delivery.Lines += strings.Count(string(f.text), "\n")
	return err
}

// cutHere stands in a row of UTF-8 for a character whose second byte was lost. No cell has it.
const cutHere = 0x00

// encode turns the row into CP932.
func (f *file) encode() error {
	if need := len(f.text); cap(f.raw) < need {
		f.raw = make([]byte, 2*need) // CP932 never takes more bytes than UTF-8
	}
	f.raw = f.raw[:cap(f.raw)]
	n, _, err := japanese.ShiftJIS.NewEncoder().Transform(f.raw, f.text, true)
	if err != nil {
		return fmt.Errorf("writing as CP932: %w", err)
	}
	f.raw = f.raw[:n]
	for i, b := range f.raw {
		if b == cutHere {
			f.raw = append(f.raw[:i-1], f.raw[i+1:]...)
			break
		}
	}
	return nil
}

// appendCell appends a cell, in quotes where RFC 4180 asks for them, with CRLF inside it.
func appendCell(dst []byte, cell string) []byte {
	if !strings.ContainsAny(cell, "\",\r\n") {
		return append(dst, cell...)
	}
	cell = strings.ReplaceAll(cell, "\n", "\r\n")
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(cell, `"`, `""`)...)
	return append(dst, '"')
}

func yen(amount func(*Levy) int64) func(*Person, style) string {
	return func(p *Person, _ style) string { return strconv.FormatInt(amount(&p.Levy), 10) }
}

func collection(p *Person) string {
	if p.ByPension {
		return ByPensionDeduction
	}
	return Directly
}

// A style is how a municipality's system writes what it knows.
type style struct {
	dates     int  // 0 to 3
	narrow    bool // kana in half width
	wideDigit bool // insured numbers in full width
	hyphens   bool // in individual numbers and postal codes
	twoLines  bool // a building on a second line
}

// styleOf returns the style of the person's municipality. A row whose quotes or columns are to be spoilt stays on one line:
// such a row is one line of a file by definition.
func styleOf(p *Person, flaw Flaw) style {
	return style{
		dates:     p.place % 4,
		narrow:    p.place%2 == 1,
		wideDigit: p.place%11 == 5,
		hyphens:   p.place%3 == 1,
		twoLines:  p.place%5 == 2 && flaw != BrokenQuote,
	}
}

func (s style) number(digits string) string {
	if s.wideDigit {
		return wide(digits)
	}
	return digits
}

func (s style) grouped(digits string) string {
	if s.hyphens {
		return digits[:4] + "-" + digits[4:8] + "-" + digits[8:]
	}
	return digits
}

func (s style) postal(digits string) string {
	if s.hyphens {
		return digits[:3] + "-" + digits[3:]
	}
	return digits
}

func (s style) kana(full string) string {
	if s.narrow {
		return narrowKana(full)
	}
	return full
}

func (s style) address(p *Person) string {
	switch {
	case p.Building == "":
		return p.Address
	case s.twoLines:
		return p.Address + "\n" + p.Building
	}
	return p.Address + "　" + p.Building
}

// date writes a day in one of the forms of JIS X 0301; nothing for the zero time.
func (s style) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch s.dates {
	case 0:
		return t.Format("20060102")
	case 1:
		return t.Format("2006-01-02")
	}
	letter, name, year := era(t)
	if s.dates == 2 {
		return fmt.Sprintf("%s%02d.%02d.%02d", letter, year, t.Month(), t.Day())
	}
	if year == 1 {
		return fmt.Sprintf("%s元年%d月%d日", name, t.Month(), t.Day())
	}
	return fmt.Sprintf("%s%d年%d月%d日", name, year, t.Month(), t.Day())
}

// era returns the era of a day since 1912-07-30.
func era(t time.Time) (letter, name string, year int) {
	switch day := t.Format("20060102"); {
	case day >= "20190501":
		return "R", "令和", t.Year() - 2018
	case day >= "19890108":
		return "H", "平成", t.Year() - 1988
	case day >= "19261225":
		return "S", "昭和", t.Year() - 1925
	}
	return "T", "大正", t.Year() - 1911
}
