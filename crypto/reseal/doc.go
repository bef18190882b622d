// Package reseal brings stored values to the primary key, row by row, while the
// application goes on: it seals again what is under an old key, fills an index
// column under a new one, and counts what is left under which key, so that the old
// one can be let go.
//
//	store := reseal.SQL{DB: db, Table: "insured", Key: []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}},
//		Columns: []string{"name_sealed", "name_index"}}
//	names := crypto.NewColumn[zones.MyNumber, Name]("kouki", "insured", "name")
//	work := []reseal.Work{
//		reseal.Sealed(ring, names, "name_sealed", nil),
//		reseal.Index(ring, names, "name_sealed", "name_index", nil),
//	}
//	report, err := reseal.Run(ctx, store, work, reseal.File("insured.reseal"), reseal.Options{})
//
// # The rotation of a column
//
//  1. Add a key that becomes the primary one (package custody, or the command
//     sekisho keys rotate), and let every process open its keyring again. From
//     here on what is new is under the new key; old values open, and what
//     [crypto.Lookup] returns finds rows of both.
//  2. Run, until it ends without an error.
//  3. Take a [Census]. While a row is left under the old key, a process somewhere
//     still writes with it, or a row was set aside: see to it and go to 2.
//  4. Disable the old key for as long as somebody might still complain, then
//     destroy it. Backups that are older than the run need it: destroy it when the
//     last of them is gone.
//
// # What is promised
//
//   - A row that somebody else changes at the same time is never overwritten. A
//     row is written only if all columns of the store are still what was read;
//     else it is read and done again.
//   - A run can end at any point, by a crash or by ctx, and the next one goes on
//     after the last batch that was finished. A batch may be done twice, which
//     changes nothing: what is under the primary key stays as it is.
//   - Memory is one batch.
//   - The plaintext stays inside package crypto: neither this package nor the
//     application sees it, and a [Work] of your own need not either
//     ([crypto.Reseal]).
//   - Rows that are inserted during a run behind the point it has reached are not
//     visited. They are under the primary key, if step 1 was finished; the census
//     says so.
//
// # Keys of rows
//
// The key of a row often is a number that stands for a person. It is in no error
// and no [Report]: those have counts and positions, the first row of the table in
// the order of its key being 1. The checkpoint has to hold the key of the last row
// that was done, until the run ends; keep it where the table may be kept.
// [Options.Aside] hands keys of bad rows to the application, which knows where it
// may write them down.
package reseal
