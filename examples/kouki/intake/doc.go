// Package intake reads a table of persons as another office delivers it: a CSV file with Japanese headers in CP932,
// with the faults such files have. It hands over every row it understands completely and sets every other row aside,
// byte for byte, in a file for correction. It works in constant memory, whatever the size of the file.
//
//	in, err := intake.NewReader(file, intake.Config{
//		Charset: intake.CP932,
//		Layout:  intake.Layout{{Name: "個人番号", Max: 12}, {Name: "氏名", Max: 40}, {Name: "生年月日", Max: 16}},
//		Aside:   correction, // a file inside the zone: it holds what the rows hold
//		Report:  func(e *intake.RowError) { fmt.Fprintln(os.Stderr, e) },
//	}, func(row *intake.Row) Insured {
//		return Insured{
//			IndividualNumber: intake.Value(row, "個人番号", jp.ParseIndividualNumber),
//			Name:             row.Text("氏名"),
//			BirthDate:        row.Date("生年月日"),
//		}
//	})
//	if err != nil { … } // the header: one error, before any row
//	for insured := range in.Rows() { … }
//	if err := in.Err(); err != nil { … }
//
// # What it promises
//
//   - Nothing is guessed. The caller states the [Charset]; a file in another one is refused with the name of the charset
//     it seems to be in. A header must have each column of the [Layout] exactly once, in any order, and no other.
//   - Nothing is replaced. A byte that is no character in the stated charset makes its row bad; it never becomes "?"
//     or U+FFFD. A user-defined character (外字, F040-F9FC in CP932) is such a byte: what it shows is known only to the
//     machine that wrote it.
//   - Nothing is lost. Header, good rows, rows set aside and blank lines are together the whole file. What is set aside
//     has the bytes and the line endings it had, under the header it had, so that the corrected file is read by the same
//     program.
//   - Nothing is shown. A [RowError] has line numbers, column names and reasons, and never a byte of a cell: the names
//     are those of the layout, the reasons are constants of the program. A [Row] is closed to fmt and to loggers.
//
// # Quoting
//
// The format is RFC 4180, with LF accepted where CRLF is meant. A cell in quotes may hold commas, doubled quotes and, in
// a column whose layout says so, line breaks.
//
// A quote that is never closed, or that is closed in the middle of a word, would by the letter of RFC 4180 swallow the
// rows that follow. Here a record with broken quoting ends where its first line ends, and the next line is read as a
// row. The search for a closing quote never goes further than [Config.MaxRecord].
//
// There is one case that the bytes do not decide: a quoted cell that is closed properly, and that holds a line which is
// by itself a complete row. Either a quote is missing before it, or somebody has written a row into an address. Reading
// that line as a row would let the second one through, reading the cell as text would hide the first: the whole record is
// set aside with the reason [Quoting], and a person decides. When such a record has the wrong number of columns as well,
// its quoting is broken and its first line alone is set aside.
//
// # Characters
//
// CP932 is Microsoft's Shift_JIS (Windows-31J) with the NEC and IBM extensions. Its wave dash 8160 and minus 817C are
// read as U+FF5E and U+FF0D. Files that were converted by other tables carry U+301C and U+2212 for the same characters, and
// five more pairs differ in the same way: in a UTF-8 file they are read as CP932 would have it (see [Fold]), so that an
// address compares equal whichever way it came and can be written back as CP932.
//
// [Row.Text] leaves half-width and full-width characters as they were delivered. [Row.Kana] brings kana to full width
// with composed sound marks (ｶﾞ is one character, ガ). [Row.Date] and [Row.Int] accept full-width digits. Control and
// invisible format characters are refused everywhere. Bytes 1A at the very end of the file, the end mark of old systems
// that receipt files still have, are ignored.
//
// The layout is the caller's: nothing in this package knows a column by its name.
package intake
