package intake_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/examples/kouki/intake"
)

// sjis writes text as CP932.
func sjis(t testing.TB, text string) string {
	t.Helper()
	s, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatalf("test text %q: %v", text, err)
	}
	return s
}

// abc is a layout of three columns; the third may have line breaks.
var abc = intake.Layout{{Name: "a", Max: 20}, {Name: "b", Max: 20}, {Name: "c", Max: 60, Lines: true}}

// outcome is all that a reader did with a file.
type outcome struct {
	Good   []string // the cells of each good row, joined by |
	Bad    []string // the errors
	Aside  string
	Counts intake.Counts
	Err    string
}

// read reads a whole file, taking the cells of the layout as text that may be empty.
func read(t testing.TB, file string, charset intake.Charset, layout intake.Layout) outcome {
	t.Helper()
	return readFrom(t, strings.NewReader(file), charset, layout)
}

func readFrom(t testing.TB, src io.Reader, charset intake.Charset, layout intake.Layout) outcome {
	t.Helper()
	var o outcome
	var aside bytes.Buffer
	in, err := intake.NewReader(src, intake.Config{
		Charset: charset, Layout: layout, Aside: &aside, MaxRecord: 1024,
		Report: func(e *intake.RowError) { o.Bad = append(o.Bad, fmt.Sprintf("%v @%d+%d", e, e.AsideLine, e.Lines)) },
	}, func(row *intake.Row) string {
		cells := make([]string, len(layout))
		for i, c := range layout {
			cells[i] = row.Optional(c.Name)
		}
		return strings.Join(cells, "|")
	})
	if err != nil {
		o.Err = err.Error()
		return o
	}
	for s := range in.Rows() {
		o.Good = append(o.Good, s)
	}
	if in.Err() != nil {
		o.Err = in.Err().Error()
	}
	o.Aside, o.Counts = aside.String(), in.Counts()
	return o
}

// one reads a single cell of a file with a Japanese header.
func one(t *testing.T, charset intake.Charset, cell string) string {
	t.Helper()
	header := "住所,x\r\n"
	if charset == intake.CP932 {
		header = sjis(t, header)
	}
	o := read(t, header+cell+",1\r\n", charset, intake.Layout{{Name: "住所", Max: 20}, {Name: "x", Max: 1}})
	if len(o.Good) != 1 || o.Err != "" {
		t.Fatalf("cell % x: %+v", cell, o)
	}
	return strings.TrimSuffix(o.Good[0], "|1")
}

func TestQuoting(t *testing.T) {
	const (
		stray  = "the row has a quote in a cell that does not begin with one"
		torn   = "the row has a cell that goes on after its closing quote"
		open   = "the row has a quote that is never closed"
		hiding = "the row has a quoted cell with a complete row in it: a quote is missing before it, or it was slipped in"
		bareCR = "the row has a carriage return without a line feed"
		count  = "the row has %d columns: want 3, as the header has"
	)
	tests := []struct {
		name  string
		rows  string // below the header
		good  []string
		bad   []string
		aside string // below the header
	}{
		{name: "plain", rows: "1,2,3\r\n4,5,6\r\n", good: []string{"1|2|3", "4|5|6"}},
		{name: "LF only", rows: "1,2,3\n4,5,6\n", good: []string{"1|2|3", "4|5|6"}},
		{name: "no line ending at the end", rows: "1,2,3\r\n4,5,6", good: []string{"1|2|3", "4|5|6"}},
		{name: "bad row without line ending at the end", rows: "1,2,3\r\n4,5", good: []string{"1|2|3"},
			bad: []string{"line 3: " + fmt.Sprintf(count, 2) + " @2+1"}, aside: "4,5"},
		{name: "empty cells", rows: ",,\r\n\"\",\"\",\"\"\r\n", good: []string{"||", "||"}},
		{name: "comma, quotes and CRLF in quotes", rows: "\"1,1\",\"a \"\"b\"\"\",\"x\r\ny\"\r\n4,5,6\r\n",
			good: []string{"1,1|a \"b\"|x\ny", "4|5|6"}},
		{name: "quotes at the edges of a cell", rows: "\"\"\"1\"\"\",\"\"\"\",3\r\n", good: []string{"\"1\"|\"|3"}},
		{name: "closing quote as last byte", rows: "1,2,\"3\"", good: []string{"1|2|3"}},
		{name: "line break where the column has none", rows: "1,\"x\r\ny\",3\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad: []string{"line 2: b (column 2) has a line break, which its column does not allow @2+2"}, aside: "1,\"x\r\ny\",3\r\n"},
		{name: "quote never closed, nothing quoted behind it", rows: "1,\"2,3\r\n4,5,6\r\n7,8,9\r\n", good: []string{"4|5|6", "7|8|9"},
			bad: []string{"line 2: " + open + " @2+1"}, aside: "1,\"2,3\r\n"},
		{name: "quote never closed, quotes behind it", rows: "1,\"2,3\r\n4,\"5\",6\r\n7,8,9\r\n", good: []string{"4|5|6", "7|8|9"},
			bad: []string{"line 2: " + open + " @2+1"}, aside: "1,\"2,3\r\n"},
		{name: "quote never closed, then a row over two lines", rows: "1,\"2,3\r\n4,5,\"6\r\n6\"\r\n", good: []string{"4|5|6\n6"},
			bad: []string{"line 2: " + open + " @2+1"}, aside: "1,\"2,3\r\n"},
		{name: "two quotes never closed, a row between", rows: "1,\"2,3\r\n4,5,6\r\n7,\"8,9\r\nx,y,z\r\n", good: []string{"4|5|6", "x|y|z"},
			bad: []string{"line 2: " + open + " @2+1", "line 4: " + open + " @3+1"}, aside: "1,\"2,3\r\n7,\"8,9\r\n"},
		{name: "opening quote missing", rows: "1,2\",3\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad: []string{"line 2: " + stray + " @2+1"}, aside: "1,2\",3\r\n"},
		{name: "text behind a closing quote", rows: "1,\"2\"2,3\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad: []string{"line 2: " + torn + " @2+1"}, aside: "1,\"2\"2,3\r\n"},
		{name: "quote open and closed three rows below, in the same column", rows: "1,2,\"3\r\n4,5,6\r\nx,y\"\r\n7,8,9\r\n", good: []string{"7|8|9"},
			bad: []string{"line 2: " + hiding + " @2+3"}, aside: "1,2,\"3\r\n4,5,6\r\nx,y\"\r\n"},
		{name: "quote open and closed three rows below, in another column", rows: "1,\"2,3\r\n4,5,6\r\nx,y\"\r\n7,8,9\r\n", good: []string{"4|5|6", "7|8|9"},
			bad: []string{"line 2: " + open + " @2+1", "line 4: " + stray + " @3+1"}, aside: "1,\"2,3\r\nx,y\"\r\n"},
		{name: "last quote open", rows: "1,2,3\r\n4,5,\"6", good: []string{"1|2|3"},
			bad: []string{"line 3: " + open + " @2+1"}, aside: "4,5,\"6"},
		{name: "last line is a quote", rows: "\"", bad: []string{"line 2: " + open + " @2+1"}, aside: "\""},
		{name: "missing and surplus columns", rows: "1,2\r\n1,2,3,4\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad:   []string{"line 2: " + fmt.Sprintf(count, 2) + " @2+1", "line 3: " + fmt.Sprintf(count, 4) + " @3+1"},
			aside: "1,2\r\n1,2,3,4\r\n"},
		{name: "missing column and a cell over two lines", rows: "1,\"x\r\ny\"\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad: []string{"line 2: " + fmt.Sprintf(count, 2) + " @2+2"}, aside: "1,\"x\r\ny\"\r\n"},
		{name: "carriage return alone", rows: "1,2\r,3\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad: []string{"line 2: " + bareCR + " @2+1"}, aside: "1,2\r,3\r\n"},
		{name: "carriage return at the end", rows: "1,2,3\r", bad: []string{"line 2: " + bareCR + " @2+1"}, aside: "1,2,3\r"},
		{name: "longer than a record may be", rows: "1,2," + strings.Repeat("x", 5000) + "\r\n4,5,6\r\n", good: []string{"4|5|6"},
			bad: []string{"line 2: the row does not end within 1024 bytes @2+1"}, aside: "1,2," + strings.Repeat("x", 5000) + "\r\n"},
		{name: "longer than a record may be, at the end", rows: "1,2," + strings.Repeat("x", 5000),
			bad: []string{"line 2: the row does not end within 1024 bytes @2+1"}, aside: "1,2," + strings.Repeat("x", 5000)},
		{name: "quote open for longer than a record may be", rows: "1,2,\"3\r\n" + strings.Repeat("4,5,6\r\n", 300),
			good: repeat("4|5|6", 300), bad: []string{"line 2: " + open + " @2+1"}, aside: "1,2,\"3\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, "a,b,c\r\n"+tt.rows, intake.CP932, abc)
			want := outcome{Good: tt.good, Bad: tt.bad, Counts: got.Counts}
			if tt.aside != "" {
				want.Aside = "a,b,c\r\n" + tt.aside
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			counts := intake.Counts{Rows: int64(len(tt.good) + len(tt.bad)), Good: int64(len(tt.good)), Aside: int64(len(tt.bad)),
				Lines: 1 + strings.Count(tt.rows, "\n")}
			if diff := cmp.Diff(counts, got.Counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			bytewise := readFrom(t, iotest.OneByteReader(strings.NewReader("a,b,c\r\n"+tt.rows)), intake.CP932, abc)
			if diff := cmp.Diff(got, bytewise); diff != "" {
				t.Errorf("outcome depends on how the source delivers (-whole +bytewise):\n%s", diff)
			}
		})
	}
}

func repeat(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

func TestEdgesOfTheFile(t *testing.T) {
	good := []string{"1|2|3"}
	tests := []struct {
		name, file string
		charset    intake.Charset
		want       outcome
	}{
		{"end mark on a line of its own", "a,b,c\r\n1,2,3\r\n\x1A", intake.CP932, outcome{Good: good, Counts: intake.Counts{Rows: 1, Good: 1, Lines: 2}}},
		{"end mark behind the last cell", "a,b,c\r\n1,2,3\x1A", intake.CP932, outcome{Good: good, Counts: intake.Counts{Rows: 1, Good: 1, Lines: 1}}},
		{"padded with end marks", "a,b,c\r\n1,2,3\r\n\x1A\x1A\x1A\x1A", intake.CP932, outcome{Good: good, Counts: intake.Counts{Rows: 1, Good: 1, Lines: 2}}},
		{"end mark behind a header", "a,b,c\r\n\x1A", intake.CP932, outcome{Counts: intake.Counts{Lines: 1}}},
		{"end mark inside", "a,b,c\r\n1,\x1A,3\r\n1,2,3\r\n", intake.CP932, outcome{Good: good,
			Bad:   []string{"line 2: b (column 2) has a control or invisible character @2+1"},
			Aside: "a,b,c\r\n1,\x1A,3\r\n", Counts: intake.Counts{Rows: 2, Good: 1, Aside: 1, Lines: 3}}},
		{"blank lines", "a,b,c\r\n\r\n1,2,3\r\n\n\r\n", intake.CP932, outcome{Good: good, Counts: intake.Counts{Rows: 1, Good: 1, Blank: 3, Lines: 5}}},
		{"header alone", "a,b,c", intake.CP932, outcome{}},
		{"other order", "c,a,b\r\n3,1,2\r\n3,1,\x1B\r\n", intake.CP932, outcome{Good: good,
			Bad:   []string{"line 3: b (column 3) has a control or invisible character @2+1"},
			Aside: "c,a,b\r\n3,1,\x1B\r\n", Counts: intake.Counts{Rows: 2, Good: 1, Aside: 1, Lines: 3}}},
		{"quoted header", "\"a\",\"b\",c\r\n1,2,3\r\n", intake.CP932, outcome{Good: good, Counts: intake.Counts{Rows: 1, Good: 1, Lines: 2}}},
		{"UTF-8 with mark", "\uFEFFa,b,c\r\n1,2,3\r\n1,2\r\n", intake.UTF8, outcome{Good: good,
			Bad:   []string{"line 3: the row has 2 columns: want 3, as the header has @2+1"},
			Aside: "\uFEFFa,b,c\r\n1,2\r\n", Counts: intake.Counts{Rows: 2, Good: 1, Aside: 1, Lines: 3}}},
		{"UTF-8 with mark and quotes", "\uFEFF\"a\",b,c\r\n1,2,3\r\n", intake.UTF8, outcome{Good: good, Counts: intake.Counts{Rows: 1, Good: 1, Lines: 2}}},
		{"second mark", "\uFEFFa,b,c\r\n\uFEFF1,2,3\r\n", intake.UTF8, outcome{
			Bad:   []string{"line 2: a (column 1) has a control or invisible character @2+1"},
			Aside: "\uFEFFa,b,c\r\n\uFEFF1,2,3\r\n", Counts: intake.Counts{Rows: 1, Aside: 1, Lines: 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, read(t, tt.file, tt.charset, abc)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCells(t *testing.T) {
	layout := intake.Layout{{Name: "氏名", Max: 4}, {Name: "b", Max: 4}}
	const gaiji = "is a user-defined character (外字), which only the machine that wrote it can read"
	tests := []struct{ name, cell, good, bad string }{
		{name: "kanji", cell: sjis(t, "山田"), good: "山田"},
		{name: "vendor extensions", cell: sjis(t, "髙﨑"), good: "髙﨑"},
		{name: "the other code of 髙", cell: "\xFB\xFC", good: "髙"},
		{name: "second byte is a backslash", cell: sjis(t, "ソ表"), good: "ソ表"},
		{name: "half-width kana", cell: sjis(t, "ﾔﾏﾀﾞ"), good: "ﾔﾏﾀﾞ"},
		{name: "half-width kana that is UTF-8 by chance", cell: "\xC5\xB6", good: "ﾅｶ"},
		{name: "as long as allowed", cell: sjis(t, "佐々木一"), good: "佐々木一"},
		{name: "longer", cell: sjis(t, "佐々木一二"), bad: "has more than 4 characters"},
		{name: "cut character", cell: sjis(t, "山田")[:3], bad: "byte 3 is no character in CP932"},
		{name: "second byte out of range", cell: "\x83\x20", bad: "byte 1 is no character in CP932"},
		{name: "unassigned", cell: "a\x85\x40", bad: "byte 2 is no character in CP932"},
		{name: "single byte FD", cell: "a\xFD", bad: "byte 2 is no character in CP932"},
		{name: "single byte A0", cell: "\xA0", bad: "byte 1 is no character in CP932"},
		{name: "user-defined", cell: "\x8E\x52\xF0\x40", bad: "byte 3 " + gaiji},
		{name: "last user-defined", cell: "\xF9\xFC", bad: "byte 1 " + gaiji},
		{name: "escape sequence", cell: "\x1B$B", bad: "has a control or invisible character"},
		{name: "NUL", cell: "a\x00", bad: "has a control or invisible character"},
		{name: "tab", cell: "a\tb", bad: "has a control or invisible character"},
		{name: "byte 80", cell: "\x80", bad: "has a control or invisible character"},
		{name: "DEL", cell: "\x7F", bad: "has a control or invisible character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, sjis(t, "氏名,b\r\n")+tt.cell+",x\r\n"+"y,z\r\n", intake.CP932, layout)
			want := outcome{Good: []string{tt.good + "|x", "y|z"}, Counts: got.Counts}
			if tt.bad != "" {
				want.Good = want.Good[1:]
				want.Bad = []string{"line 2: 氏名 (column 1) " + tt.bad + " @2+1"}
				want.Aside = sjis(t, "氏名,b\r\n") + tt.cell + ",x\r\n"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCellsOfUTF8(t *testing.T) {
	tests := []struct{ name, cell, good, bad string }{
		{name: "beyond CP932", cell: "𠮷野", good: "𠮷野"},
		{name: "variation selector", cell: "辻\U000E0100", good: "辻\U000E0100"},
		{name: "broken", cell: "山\xE7\x94", bad: "byte 4 is no character in UTF-8"},
		{name: "surrogate", cell: "\xED\xA0\x80", bad: "byte 1 is no character in UTF-8"},
		{name: "a character lost before", cell: "山\uFFFD", bad: "byte 4 is no character in UTF-8"},
		{name: "zero-width space", cell: "山\u200B田", bad: "has a control or invisible character"},
		{name: "text direction", cell: "山\u202E田", bad: "has a control or invisible character"},
		{name: "line separator", cell: "山\u2028田", bad: "has a control or invisible character"},
		{name: "next line", cell: "山\u0085田", bad: "has a control or invisible character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, "氏名,b\r\n"+tt.cell+",x\r\n", intake.UTF8, intake.Layout{{Name: "氏名", Max: 4}, {Name: "b", Max: 4}})
			want := outcome{Good: []string{tt.good + "|x"}, Counts: got.Counts}
			if tt.bad != "" {
				want = outcome{Bad: []string{"line 2: 氏名 (column 1) " + tt.bad + " @2+1"}, Aside: "氏名,b\r\n" + tt.cell + ",x\r\n", Counts: got.Counts}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	layout := intake.Layout{{Name: "個人番号", Max: 12}, {Name: "氏名", Max: 40}, {Name: "住所", Max: 60}}
	const remedy = ": state the charset it has, or have it delivered in the one agreed on"
	const notAgreed = "intake: the header is not the one agreed on: "
	person := "123456789018,山田　太郎,茨城県朝霧市\r\n"
	tests := []struct {
		name, file string
		charset    intake.Charset
		want       string
	}{
		{"empty file", "", intake.CP932, "intake: the file has no header on its first line: want 3 columns"},
		{"end mark alone", "\x1A", intake.CP932, "intake: the file has no header on its first line: want 3 columns"},
		{"blank first line", "\r\n個人番号,氏名,住所\r\n", intake.UTF8, "intake: the file has no header on its first line: want 3 columns"},
		{"no header", sjis(t, person), intake.CP932,
			notAgreed + "it does not have 個人番号, 氏名, 住所; it has an unknown column in place 1, 2, 3; is the first line the header?"},
		{"missing column", sjis(t, "個人番号,住所\r\n"), intake.CP932, notAgreed + "it does not have 氏名"},
		{"surplus column", sjis(t, "個人番号,氏名,住所,備考\r\n"), intake.CP932, notAgreed + "it has an unknown column in place 4"},
		{"column twice", sjis(t, "個人番号,氏名,住所,氏名\r\n"), intake.CP932, notAgreed + "it has more than once 氏名 (places 2 and 4)"},
		{"all of it", sjis(t, "氏名,メモ,氏名,住所\r\n"), intake.CP932,
			notAgreed + "it does not have 個人番号; it has more than once 氏名 (places 1 and 3); it has an unknown column in place 2"},
		{"blank in a name", sjis(t, "個人番号,氏名 ,住所\r\n"), intake.CP932, notAgreed + "it does not have 氏名; it has an unknown column in place 2"},
		{"broken name", sjis(t, "個人番号,氏名,住所\r\n")[:11] + sjis(t, ",住所\r\n"), intake.CP932,
			notAgreed + "it does not have 氏名; it has an unknown column in place 2"},
		{"many unknown", sjis(t, "個人番号,氏名,住所") + strings.Repeat(",x", 30) + "\r\n", intake.CP932,
			notAgreed + "it has an unknown column in place 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 20 more"},
		{"other separator", sjis(t, "個人番号\t氏名\t住所\r\n"), intake.CP932,
			notAgreed + "it does not have 個人番号, 氏名, 住所; it has an unknown column in place 1; is the first line the header?"},
		{"broken quote", sjis(t, "個人番号,\"氏名,住所\r\n") + "1,2,3\r\n", intake.CP932,
			"intake: the header cannot be read: the row has a quote that is never closed"},
		{"endless", strings.Repeat("x", 5000), intake.CP932, "intake: the header cannot be read: the row does not end within 1024 bytes"},
		{"UTF-8", "個人番号,氏名,住所\r\n" + person, intake.CP932,
			"intake: the file is in UTF-8 (all of its first bytes are valid UTF-8), and the charset stated is CP932" + remedy},
		{"UTF-8 with mark", "\uFEFF個人番号,氏名,住所\r\n", intake.CP932,
			"intake: the file is in UTF-8 (it begins with a byte order mark), and the charset stated is CP932" + remedy},
		{"UTF-8 under a header of ASCII", "a,b,c\r\n" + strings.Repeat(person, 100), intake.CP932,
			"intake: the file is in UTF-8 (all of its first bytes are valid UTF-8), and the charset stated is CP932" + remedy},
		{"UTF-16", "\xFF\xFE\x0B\x50", intake.CP932,
			"intake: the file is in UTF-16 (it begins with a byte order mark), and the charset stated is CP932" + remedy},
		{"UTF-16, for UTF-8", "\xFE\xFF\x50\x0B", intake.UTF8,
			"intake: the file is in UTF-16 (it begins with a byte order mark), and the charset stated is UTF-8" + remedy},
		{"CP932", sjis(t, "個人番号,氏名,住所\r\n"), intake.UTF8,
			"intake: the file is in CP932 (its first line is not valid UTF-8 and is valid CP932), and the charset stated is UTF-8" + remedy},
		{"neither", "\xFD\xA0\r\n", intake.UTF8,
			notAgreed + "it does not have 個人番号, 氏名, 住所; it has an unknown column in place 1; is the first line the header?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(outcome{Err: tt.want}, read(t, tt.file, tt.charset, layout)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if got := readFrom(t, iotest.OneByteReader(strings.NewReader(tt.file)), tt.charset, layout); got.Err != tt.want {
				t.Errorf("byte by byte: %q, want %q", got.Err, tt.want)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	fine := intake.Config{Charset: intake.CP932, Layout: abc, Aside: io.Discard}
	tests := []struct {
		name   string
		spoil  func(*intake.Config)
		noFunc bool
		want   string
	}{
		{name: "no charset", spoil: func(c *intake.Config) { c.Charset = intake.CharsetUnknown }, want: "intake: no charset: state Config.Charset, the reader does not guess"},
		{name: "other charset", spoil: func(c *intake.Config) { c.Charset = 9 }, want: "intake: no charset: state Config.Charset, the reader does not guess"},
		{name: "no layout", spoil: func(c *intake.Config) { c.Layout = nil }, want: "intake: no columns: state Config.Layout"},
		{name: "no name", spoil: func(c *intake.Config) { c.Layout = intake.Layout{{Max: 1}} }, want: "intake: column 1 of the layout has no name"},
		{name: "name twice", spoil: func(c *intake.Config) { c.Layout = intake.Layout{{Name: "a", Max: 1}, {Name: "a", Max: 1}} }, want: `intake: column "a" is twice in the layout`},
		{name: "no max", spoil: func(c *intake.Config) { c.Layout = intake.Layout{{Name: "a"}} }, want: `intake: column "a" of the layout has no Max: state the most characters a cell may have`},
		{name: "no aside", spoil: func(c *intake.Config) { c.Aside = nil }, want: "intake: nowhere to set bad rows aside: give Config.Aside a file in the zone of the rows"},
		{name: "small record", spoil: func(c *intake.Config) { c.MaxRecord = 1000 }, want: "intake: Config.MaxRecord is 1000: want 0 or at least 1024"},
		{name: "no build", spoil: func(*intake.Config) {}, noFunc: true, want: "intake: no build function"},
	}
	for _, tt := range tests {
		c := fine
		tt.spoil(&c)
		build := func(*intake.Row) int { return 0 }
		if tt.noFunc {
			build = nil
		}
		if _, err := intake.NewReader(strings.NewReader("a,b,c\r\n"), c, build); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// home is a zone for the tests.
type home struct{}

func (home) ZoneName() string { return "home" }

var _ classify.Zone = home{}

// person is what the accessor tests build.
type person struct {
	Number      string
	Name, Kana  string
	Birth, Lost time.Time
	Sex         string
	Yen         int64
	Note        string
	Line        int
}

var personLayout = intake.Layout{
	{Name: "個人番号", Max: 14}, {Name: "氏名", Max: 20}, {Name: "カナ氏名", Max: 20}, {Name: "生年月日", Max: 20}, {Name: "資格喪失日", Max: 20},
	{Name: "性別", Max: 4}, {Name: "年間保険料", Max: 20}, {Name: "備考", Max: 20},
}

func buildPerson(row *intake.Row) person {
	p := person{
		Number: intake.Value(row, "個人番号", jp.ParseIndividualNumber).Reveal(home{}),
		Name:   row.Text("氏名"),
		Kana:   row.Kana("カナ氏名"),
		Birth:  row.Date("生年月日"),
		Lost:   row.OptionalDate("資格喪失日"),
		Sex:    row.OneOf("性別", "男", "女"),
		Yen:    row.Int("年間保険料"),
		Note:   row.Optional("備考"),
		Line:   row.Line(),
	}
	if !p.Lost.IsZero() && p.Lost.Before(p.Birth) {
		row.Fail("資格喪失日", "lies before the day of birth")
	}
	return p
}

const personHeader = "個人番号,氏名,カナ氏名,生年月日,資格喪失日,性別,年間保険料,備考\r\n"

func readPersons(t testing.TB, rows string) (good []person, bad []*intake.RowError) {
	t.Helper()
	in, err := intake.NewReader(strings.NewReader(sjis(t, personHeader+rows)), intake.Config{
		Charset: intake.CP932, Layout: personLayout, Aside: io.Discard,
		Report: func(e *intake.RowError) { bad = append(bad, e) },
	}, buildPerson)
	if err != nil {
		t.Fatal(err)
	}
	for p := range in.Rows() {
		good = append(good, p)
	}
	if in.Err() != nil {
		t.Fatal(in.Err())
	}
	return good, bad
}

func TestRow(t *testing.T) {
	good, bad := readPersons(t, ""+
		"1234-5678-9018,山田　太郎,ﾔﾏﾀﾞ ﾀﾛｳ,S12.03.04,,男,134300,\r\n"+
		"１２３４５６７８９０１８,山田　花子,ヤマダ　ハナコ,昭和12年3月4日,令和8年1月1日,女,－１２３,転居\r\n"+
		"123456789018,山田　次郎,ヤマダ　ジロウ,19370304,　　,男,0,　\r\n")
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	want := []person{
		{"123456789018", "山田　太郎", "ヤマダ　タロウ", day(1937, 3, 4), time.Time{}, "男", 134300, "", 2},
		{"123456789018", "山田　花子", "ヤマダ　ハナコ", day(1937, 3, 4), day(2026, 1, 1), "女", -123, "転居", 3},
		{"123456789018", "山田　次郎", "ヤマダ　ジロウ", day(1937, 3, 4), time.Time{}, "男", 0, "　", 4},
	}
	if diff := cmp.Diff(want, good); diff != "" || len(bad) > 0 {
		t.Errorf("good (-want +got):\n%sbad: %v", diff, bad)
	}
}

func TestRowFaults(t *testing.T) {
	_, bad := readPersons(t, ""+
		"123456789017,　,やまだ,19370230,1900-01-01x,不明,12.5,\r\n"+
		",,,,,,,\r\n"+
		"12345678901,山田,ヤマダ,19370304,19370303,男,1234567890123456789,123456789012345678901\r\n")
	want := []*intake.RowError{
		{Line: 2, Lines: 1, AsideLine: 2, Faults: []intake.Fault{
			{"個人番号", 1, intake.Refused, "is refused: wrong check digit"},
			{"氏名", 2, intake.Empty, "is empty"},
			{"カナ氏名", 3, intake.NotKatakana, "has characters other than kana"},
			{"生年月日", 4, intake.NotADate, "names a day that is not in the calendar"},
			{"資格喪失日", 5, intake.NotADate, "is no date: want YYYYMMDD, YYYY-MM-DD, S12.03.04 or 昭和12年3月4日"},
			{"性別", 6, intake.NotAChoice, "is none of 男, 女"},
			{"年間保険料", 7, intake.NotANumber, "is no whole number: want at most 18 digits, with a minus sign where it is negative"},
		}},
		{Line: 3, Lines: 1, AsideLine: 3, Faults: []intake.Fault{
			{"個人番号", 1, intake.Empty, "is empty"}, {"氏名", 2, intake.Empty, "is empty"}, {"カナ氏名", 3, intake.Empty, "is empty"},
			{"生年月日", 4, intake.Empty, "is empty"}, {"性別", 6, intake.Empty, "is empty"}, {"年間保険料", 7, intake.Empty, "is empty"},
		}},
		{Line: 4, Lines: 1, AsideLine: 4, Faults: []intake.Fault{
			{"備考", 8, intake.Overlong, "has more than 20 characters"},
			{"個人番号", 1, intake.Refused, "is refused: wrong length"},
			{"年間保険料", 7, intake.NotANumber, "is no whole number: want at most 18 digits, with a minus sign where it is negative"},
			{"資格喪失日", 5, intake.Inconsistent, "lies before the day of birth"},
		}},
	}
	if diff := cmp.Diff(want, bad); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	const text = "line 4: 備考 (column 8) has more than 20 characters; 個人番号 (column 1) is refused: wrong length; " +
		"年間保険料 (column 7) is no whole number: want at most 18 digits, with a minus sign where it is negative; " +
		"資格喪失日 (column 5) lies before the day of birth"
	if len(bad) == 3 && bad[2].Error() != text {
		t.Errorf("error %q, want %q", bad[2].Error(), text)
	}
}

// TestValueKeepsTheParsersWordsToItself: an error that may quote its input is not passed on.
func TestValueKeepsTheParsersWordsToItself(t *testing.T) {
	parsers := map[string]struct {
		parse func(string) (int, error)
		want  string
	}{
		"quotes its input": {strconv.Atoi, "a (column 1) is refused by its parser"},
		"refuses":          {func(string) (int, error) { return 0, intake.Refuse("has no such quarter") }, "a (column 1) has no such quarter"},
		"wraps a refusal": {func(s string) (int, error) { return 0, fmt.Errorf("%s: %w", s, intake.Refuse("has no such quarter")) },
			"a (column 1) has no such quarter"},
		"wraps an error of jp": {func(s string) (int, error) {
			_, err := jp.ParseInsuredNumber(s)
			return 0, fmt.Errorf("%s: %w", s, err)
		}, "a (column 1) is refused: character that is neither digit, blank nor hyphen"},
	}
	for name, tt := range parsers {
		var faults []intake.Fault
		in, err := intake.NewReader(strings.NewReader("a,b,c\r\nCANARY,,\r\n"), intake.Config{
			Charset: intake.CP932, Layout: abc, Aside: io.Discard, Report: func(e *intake.RowError) { faults = e.Faults },
		}, func(row *intake.Row) int { return intake.Value(row, "a", tt.parse) })
		if err != nil {
			t.Fatal(err)
		}
		for range in.Rows() {
			t.Errorf("%s: the row is good", name)
		}
		if len(faults) != 1 || faults[0].String() != tt.want {
			t.Errorf("%s: faults %v, want %q", name, faults, tt.want)
		}
	}
}

// TestTextsAreConstants: Fail and Refuse take a type that no variable outside the package can be converted to.
func TestTextsAreConstants(t *testing.T) {
	for name, typ := range map[string]reflect.Type{
		"Row.Fail": reflect.TypeOf((*intake.Row).Fail).In(2),
		"Refuse":   reflect.TypeOf(intake.Refuse).In(0),
	} {
		if typ.Name() != "constant" || typ.PkgPath() == "" {
			t.Errorf("%s takes %v: any text can be passed, a cell too", name, typ)
		}
	}
}

// TestNothingIsShown puts a canary into every cell, in rows that are bad in every way, and looks for it in all that the
// package says.
func TestNothingIsShown(t *testing.T) {
	const canary = "CANARY"
	row := strings.Repeat(canary+",", 7) + canary
	files := []string{
		row, row + "\r\n" + row, sjis(t, personHeader) + row, sjis(t, personHeader) + row + "," + canary, sjis(t, personHeader) + `"` + row,
		sjis(t, personHeader) + strings.Repeat(canary, 20) + ",,,,,,,", sjis(t, personHeader) + strings.Repeat(canary+"\x1B,", 7) + canary,
		sjis(t, personHeader) + strings.Repeat(canary+"\xFD,", 7) + canary, sjis(t, personHeader) + strings.Repeat(canary, 1000),
		sjis(t, personHeader) + "\"" + canary + "\r\n" + strings.Repeat(",", 7) + "\r\n\",,,,,,,\r\n", canary + `"`, "\xFF\xFE" + canary,
	}
	var said bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&said, nil))
	for _, file := range files {
		in, err := intake.NewReader(strings.NewReader(file), intake.Config{
			Charset: intake.CP932, Layout: personLayout, Aside: io.Discard, MaxRecord: 1024,
			Report: func(e *intake.RowError) { fmt.Fprintf(&said, "%v %+v %#v\n", e, *e, e) },
		}, func(row *intake.Row) person {
			fmt.Fprintf(&said, "%v %+v %#v %s %q %x %d %v\n", row, row, row, row, row, row, row, *row)
			fmt.Fprint(&said, row, struct{ R *intake.Row }{row}, []any{row}, errors.New(fmt.Sprint(row)))
			logger.Info("row", "row", row)
			encoded, _ := json.Marshal(row)
			said.Write(encoded)
			return buildPerson(row)
		})
		if err != nil {
			fmt.Fprintln(&said, err)
			continue
		}
		for range in.Rows() {
			t.Errorf("a row of %q is good", file)
		}
		fmt.Fprintf(&said, "%v %+v %#v %s %v %v\n", in, in, in, in, *in, in.Err())
	}
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), strings.Trim(fmt.Sprint([]byte(canary)), "[]"), "0x43, 0x41, 0x4e"} {
		if said.Len() < 1000 || strings.Contains(said.String(), form) {
			t.Errorf("%d bytes were said, with the canary in them as %s:\n%s", said.Len(), form, said.String())
		}
	}
}

func TestRowAndReaderPrint(t *testing.T) {
	in, err := intake.NewReader(strings.NewReader("a,b,c\r\n1,2,3\r\n1,2\r\n"), intake.Config{Charset: intake.CP932, Layout: abc, Aside: io.Discard},
		func(row *intake.Row) string { return fmt.Sprintf("%+v %v", row, row.LogValue()) })
	if err != nil {
		t.Fatal(err)
	}
	for s := range in.Rows() {
		if want := "intake.Row(line 2) intake.Row(line 2)"; s != want {
			t.Errorf("row prints %q, want %q", s, want)
		}
	}
	if got, want := fmt.Sprintf("%#v", in), "intake.Reader(2 rows, 1 set aside)"; got != want {
		t.Errorf("reader prints %q, want %q", got, want)
	}
}

func TestUnknownColumnOfTheBuildFunction(t *testing.T) {
	in, err := intake.NewReader(strings.NewReader("a,b,c\r\n1,2,3\r\n4,5,6\r\n"), intake.Config{Charset: intake.CP932, Layout: abc, Aside: io.Discard},
		func(row *intake.Row) string { row.Fail("e", "is wrong"); return row.Text("d") })
	if err != nil {
		t.Fatal(err)
	}
	for range in.Rows() {
		t.Error("a row was handed over")
	}
	const want = `intake: the build function asks for column "e", which the layout does not have: add it to Config.Layout`
	if in.Err() == nil || in.Err().Error() != want {
		t.Errorf("error %v, want %s", in.Err(), want)
	}
}

func TestRowsGoesOn(t *testing.T) {
	in, err := intake.NewReader(strings.NewReader("a,b,c\r\n1,,\r\n2,,\r\n3,,\r\n"), intake.Config{Charset: intake.CP932, Layout: abc, Aside: io.Discard},
		func(row *intake.Row) string { return row.Text("a") })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 4 {
		for s := range in.Rows() {
			got = append(got, s)
			break
		}
	}
	if diff := cmp.Diff([]string{"1", "2", "3"}, got); diff != "" || in.Err() != nil {
		t.Errorf("rows (-want +got):\n%s%v", diff, in.Err())
	}
}

// failAfter accepts so many bytes and then fails.
type failAfter struct{ left int }

func (w *failAfter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestFailures(t *testing.T) {
	file := "a,b,c\r\n1,2,3\r\n1,2\r\n4,5,6\r\n" + strings.Repeat("x", 3000) + "\r\n7,8,9\r\n"
	for _, tt := range []struct {
		name string
		src  io.Reader
		dst  io.Writer
		want string
	}{
		{"reading the header", iotest.ErrReader(errors.New("line dropped")), io.Discard, "intake: reading the header: line dropped"},
		{"reading a row", io.MultiReader(strings.NewReader("a,b,c\r\n"+strings.Repeat("1,2,3\r\n", 1000)+"4,"), iotest.ErrReader(errors.New("line dropped"))), io.Discard,
			"intake: reading after line 1001: line dropped"},
		{"reading a row that is too long", io.MultiReader(strings.NewReader("a,b,c\r\n"+strings.Repeat("x", 9000)), iotest.ErrReader(errors.New("line dropped"))), io.Discard,
			"intake: reading after line 1: line dropped"},
		{"setting aside, the header", strings.NewReader(file), &failAfter{0}, "intake: setting aside line 3: disk full"},
		{"setting aside, the row", strings.NewReader(file), &failAfter{8}, "intake: setting aside line 3: disk full"},
		{"setting aside, the rest of a row", strings.NewReader(file), &failAfter{1100}, "intake: setting aside line 5: disk full"},
		{"nothing", strings.NewReader(file), io.Discard, "<nil>"},
	} {
		in, err := intake.NewReader(tt.src, intake.Config{Charset: intake.CP932, Layout: abc, Aside: tt.dst, MaxRecord: 1024}, func(*intake.Row) int { return 0 })
		if err == nil {
			for range in.Rows() {
			}
			err = in.Err()
		}
		if got := fmt.Sprint(err); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestAsideIsReadAgain: what was set aside is a file for the same reader, and a corrected row in it is good.
func TestAsideIsReadAgain(t *testing.T) {
	first := read(t, "a,b,c\r\n1,2,3\r\n4,5\r\n7,\"8,9\r\n", intake.CP932, abc)
	second := read(t, first.Aside, intake.CP932, abc)
	if second.Aside != first.Aside {
		t.Errorf("set aside again: %q, want %q", second.Aside, first.Aside)
	}
	third := read(t, strings.Replace(first.Aside, "4,5", "4,5,6", 1), intake.CP932, abc)
	if diff := cmp.Diff([]string{"4|5|6"}, third.Good); diff != "" {
		t.Errorf("after correction (-want +got):\n%s", diff)
	}
}

func TestReasons(t *testing.T) {
	seen := map[string]bool{}
	for r := intake.ReasonUnknown; r <= intake.Inconsistent; r++ {
		if s := r.String(); s == "" || seen[s] {
			t.Errorf("reason %d is called %q, which is empty or taken", r, s)
		}
		seen[r.String()] = true
	}
	if got := intake.Reason(200).String(); got != "unknown" {
		t.Errorf("a reason that does not exist is called %q", got)
	}
	for c, want := range map[intake.Charset]string{intake.CP932: "CP932", intake.UTF8: "UTF-8", intake.CharsetUnknown: "unknown charset"} {
		if c.String() != want {
			t.Errorf("charset is called %q, want %q", c, want)
		}
	}
}
