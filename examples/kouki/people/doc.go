// Package people makes up insured persons of a later-stage elderly medical care union and writes them down as a municipality
// would deliver them: a CSV file in CP932 with CRLF and Japanese headers.
//
//	delivery, err := people.Write(file, people.Make(seed, 10_000), people.Plan{Every: people.EachFlaw(2_000)})
//
// Nobody in it exists. Names are combined from lists of common family and given names, towns and quarters are invented,
// telephone numbers lie in ranges that are not given out (an exchange number or the digit after 0A0 that is zero).
// Individual numbers have a valid check digit, because the programs that read them look at it; nothing connects such a
// number with the person it may by chance have been assigned to.
//
// # Deterministic, and of any length
//
// Person i of a seed is the same person whatever the length of the file: [Make] yields one at a time and keeps none.
// Individual numbers and insured numbers are unique among the first [MaxPersons].
//
// # What is known and what is assumed
//
//   - The prefecture is Ibaraki (08), and it has 44 municipalities. Their names here are invented, and so are their codes,
//     though they look like Ibaraki's: 201 and up for cities, 301 and up for towns and villages.
//   - The insurer number is 39 (law number of later-stage elderly medical care), 08, three digits and a check digit. That the
//     three digits are the municipality's code is an assumption.
//   - Premiums follow the rates of Ibaraki for fiscal 2026 and 2027: 49,500 yen per head and 9.32 % of income, at most
//     850,000 yen, and for the support of children 1,400 yen and 0.28 %, at most 21,000 yen. Both parts are rounded down
//     to 100 yen, which is an assumption.
//   - The per-head part is reduced by 70, 50 or 20 %. Everybody here is a household of one; the incomes up to which this
//     holds (430,000 yen, plus 305,000 or 560,000) are those of fiscal 2025, an assumption for 2026.
//   - The patient pays 30 % from a taxable income of 1.45 million yen, 20 % from 280,000 yen with at least 2 million of
//     pension and other income, else 10 %. The exceptions by receipts are left out.
//   - Who has a pension of 180,000 yen or more a year, of which premiums take no more than half, pays out of the pension
//     (特別徴収); the others, the newly insured and those who asked for it pay directly (普通徴収).
//
// # As delivered
//
// The union gets its file from many systems, so the rows differ in style by municipality: four ways to write a date,
// kana in half or full width, numbers with or without hyphens, buildings behind a space or on a second line in quotes.
// A [Plan] plants flaws into a stated share of the rows, so that a reader can show what it does with them.
package people
