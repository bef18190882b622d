package intake_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/examples/kouki/intake"
)

// FuzzReader holds the reader to what the package promises of any file: it does not panic; header, good rows, rows set
// aside and blank lines are the whole file, each verbatim and in order; what is set aside is exactly the header and the
// bad rows; a good row has as many cells as the header; and where encoding/csv reads the file without complaint, both
// read the same cells.
func FuzzReader(f *testing.F) {
	for _, rows := range []string{
		"1,2,3\r\n4,5,6", "1,\"2,3\r\n4,\"5\",6\r\n", "1,2,\"3\r\n4,5,6\r\nx,y\"\r\n7,8,9\r\n", "\"\"\"\",\"\",\r\n", "1,2\r,3\n\n\r\n\x1A",
		"\x8E\x52\x93,\xF0\x40,\xFD\r\n", "1,\"x\r\ny\"\r\n", "\"", ",,\"", strings.Repeat("x", 2000) + "\r\n1,2,3", strings.Repeat("\"x\r\n", 400), strings.Repeat("\"x\r\n", 240) + "\x00\x94\"x\r",
	} {
		f.Add("a,b,c\r\n"+rows, false)
		f.Add("a,b,c\n"+rows, true)
	}
	f.Add("\uFEFFc,\"b\",a\n山,田,\u200B\n", true)
	f.Fuzz(func(t *testing.T, file string, isUTF8 bool) {
		charset := intake.CP932
		if isUTF8 {
			charset = intake.UTF8
		}
		checkPieces(t, file, charset)
		whole, bytewise := read(t, file, charset, abc), readFrom(t, iotest.OneByteReader(strings.NewReader(file)), charset, abc)
		if diff := cmp.Diff(whole, bytewise); diff != "" {
			t.Errorf("outcome depends on how the source delivers (-whole +bytewise):\n%s", diff)
		}
		if isUTF8 {
			checkAgainstCSV(t, file, whole)
		}
	})
}

// checkPieces reads the file and puts it together again from the pieces.
func checkPieces(t *testing.T, file string, charset intake.Charset) {
	var aside bytes.Buffer
	var in *intake.Reader[int]
	rest := file // what is not accounted for yet
	take := func(piece, what string) {
		for blank := true; blank; {
			rest, blank = strings.CutPrefix(strings.TrimPrefix(rest, "\r"+"\n"), "\n")
			blank = blank || strings.HasPrefix(rest, "\r\n")
		}
		if !strings.HasPrefix(rest, piece) {
			t.Fatalf("%s is %q, which is not what follows in the file: %q", what, piece, rest)
		}
		rest = rest[len(piece):]
	}
	asideSeen, bad, good := 0, 0, 0
	header := ""
	in, err := intake.NewReader(strings.NewReader(file), intake.Config{
		Charset: charset, Layout: abc, Aside: &aside, MaxRecord: 1024,
		Report: func(e *intake.RowError) {
			if bad == 0 {
				asideSeen = len(header)
			}
			bad++
			piece := aside.String()[asideSeen:]
			asideSeen = aside.Len()
			take(piece, e.Error())
		},
	}, func(row *intake.Row) int { row.Optional("b"); return 1 })
	if err != nil {
		if aside.Len() > 0 {
			t.Errorf("%d bytes were set aside of a file that is refused", aside.Len())
		}
		return
	}
	header = string(in.Header())
	if !strings.HasPrefix(file, header) {
		t.Fatalf("header %q is not what the file begins with", header)
	}
	rest = rest[len(header):]
	for range in.Rows() {
		good++
		take(string(in.Record()), "good row")
	}
	take("", "end")
	if strings.Trim(rest, "\x1A") != "" || in.Err() != nil {
		t.Errorf("not accounted for: %q (%v)", rest, in.Err())
	}
	if bad > 0 && !strings.HasPrefix(aside.String(), header) || bad == 0 && aside.Len() > 0 {
		t.Errorf("%d bad rows, set aside: %q", bad, aside.String())
	}
	if c := in.Counts(); c.Good != int64(good) || c.Aside != int64(bad) || c.Rows != int64(good+bad) || c.Lines != strings.Count(file, "\n") {
		t.Errorf("counts %+v, want %d good and %d bad", c, good, bad)
	}
}

// checkAgainstCSV compares with the reader of the standard library where that reads the whole file.
func checkAgainstCSV(t *testing.T, file string, got outcome) {
	file = strings.TrimPrefix(file, "\uFEFF")
	if got.Err != "" || got.Counts.Aside > 0 || strings.ContainsRune(file, 0x1A) || !utf8.ValidString(file) {
		return
	}
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Errorf("all rows are good, and encoding/csv says %v", err)
		return
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	var want []string
	for _, row := range rows[1:] {
		want = append(want, intake.Fold(strings.Join([]string{row[at["a"]], row[at["b"]], row[at["c"]]}, "|")))
	}
	if diff := cmp.Diff(want, got.Good); diff != "" {
		t.Errorf("rows (-encoding/csv +got):\n%s", diff)
	}
}
