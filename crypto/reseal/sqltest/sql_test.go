package sqltest_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/reseal"
)

// database is one of those that are tested.
type database struct {
	name    string
	dialect reseal.Dialect
	db      *sql.DB
	binary  string // its type of bytes
	place   func(int) string
}

// each runs a test with every database that there is.
func each(t *testing.T, test func(t *testing.T, d *database)) {
	t.Run("sqlite", func(t *testing.T) {
		dsn := "file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"
		db, err := sql.Open("sqlite", dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		test(t, &database{"sqlite", reseal.Question, db, "BLOB", func(int) string { return "?" }})
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("SEKISHO_POSTGRES_DSN")
		if dsn == "" {
			if os.Getenv("SEKISHO_CI") != "" {
				t.Fatal("SEKISHO_POSTGRES_DSN is not set: .ci/rows sets it")
			}
			t.Skip("SEKISHO_POSTGRES_DSN is not set")
		}
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		schema := "t" + strings.ToLower(rand.Text())
		if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
				t.Error(err)
			}
		})
		in, err := sql.Open("pgx", dsn+" search_path="+schema)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close() })
		test(t, &database{"postgres", reseal.Dollar, in, "BYTEA", func(n int) string { return "$" + strconv.Itoa(n) }})
	})
}

func (d *database) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	parts := strings.Split(query, "?")
	var b strings.Builder
	for i, p := range parts {
		b.WriteString(p)
		if i < len(parts)-1 {
			b.WriteString(d.place(i + 1))
		}
	}
	if _, err := d.db.Exec(b.String(), args...); err != nil {
		t.Errorf("%s: %v", query, err)
	}
}

func (d *database) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	for i := range args {
		query = strings.Replace(query, "?", d.place(i+1), 1)
	}
	if err := d.db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// insured makes a table of rows 1 to n under the keys of r, every tenth without a
// name, and returns it as a store.
func (d *database) insured(t testing.TB, n int, r *crypto.Keyring) reseal.SQL {
	t.Helper()
	d.exec(t, "CREATE TABLE insured (id BIGINT PRIMARY KEY, name_sealed "+d.binary+", name_index TEXT, phone TEXT)")
	k := keysOf(t, r)
	for i := 1; i <= n; i++ {
		id := strconv.Itoa(i)
		s, x := sealRow(t, k, id, plaintext(id), i%10 == 0)
		d.exec(t, "INSERT INTO insured VALUES (?, ?, ?, ?)", i, s, x, "090")
	}
	return reseal.SQL{
		DB: d.db, Dialect: d.dialect, Table: "insured",
		Key: []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}}, Columns: []string{"name_sealed", "name_index"},
	}
}

func checkpoint(t testing.TB) reseal.Checkpoint {
	return reseal.File(filepath.Join(t.TempDir(), "insured.reseal"))
}

// The rotation of a sealed column and its index, while the application searches:
// every search finds every row at every moment.
func TestRotation(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		const rows = 300
		o := newOffice(t)
		store := d.insured(t, rows, o.ring())
		oldSeal, oldIndex := o.primary("seal"), o.primary("index")
		o.rotate("seal")
		o.rotate("index")
		r := o.ring()
		search := func(k *crypto.Keys[myNumber], i int) {
			t.Helper()
			indexes, err := column.Lookup(k, []byte(plaintext(strconv.Itoa(i))))
			if err != nil {
				t.Fatal(err)
			}
			var args []any
			for _, index := range indexes {
				args = append(args, index)
			}
			found := d.count(t, "SELECT count(*) FROM insured WHERE name_index IN ("+strings.TrimSuffix(strings.Repeat("?,", len(args)), ",")+")", args...)
			want := 0
			for _, n := range []int{i / 2 * 2, i/2*2 + 1} {
				if n > 0 && n <= rows && n%10 != 0 {
					want++
				}
			}
			if found != want {
				t.Errorf("a search for the name of row %d finds %d rows, want %d", i, found, want)
			}
		}
		report, err := reseal.Run(t.Context(), store, work(r), checkpoint(t), reseal.Options{Batch: 23, Progress: func(p reseal.Report) {
			for i := 1; i <= rows; i += 13 {
				search(keysOf(t, r), i)
			}
		}})
		if diff := cmp.Diff(reseal.Report{Rows: rows, Changed: rows - rows/10, Done: true}, report); err != nil || diff != "" {
			t.Fatalf("report: %v (-want +got):\n%s", err, diff)
		}
		census := wantDone(t, o, store, r)
		if census.Columns["name_sealed"].Keys[oldSeal] != 0 || census.Columns["name_index"].Keys[oldIndex] != 0 {
			t.Errorf("census %+v: rows are left under the old keys", census)
		}
		o.disable("seal", oldSeal)
		o.disable("index", oldIndex)
		r = o.ring()
		for i := 1; i <= rows; i++ {
			search(keysOf(t, r), i)
		}
		wantDone(t, o, store, r)
		if n := d.count(t, "SELECT count(*) FROM insured WHERE phone = '090'"); n != rows {
			t.Errorf("%d rows still have the other column, want %d", n, rows)
		}
	})
}

// The application writes while the run goes: nothing that it wrote is lost, and what
// it wrote with old keys behind the run is what the census finds.
func TestConcurrentWriters(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		const rows, writes = 200, 400
		o := newOffice(t)
		old := o.ring()
		store := d.insured(t, rows, old)
		o.rotate("seal")
		o.rotate("index")
		r := o.ring()
		last := make([]map[string]string, 2)
		var group sync.WaitGroup
		for w := range last {
			last[w] = make(map[string]string)
			k := keysOf(t, []*crypto.Keyring{old, r}[w])
			group.Go(func() {
				for i := range writes {
					n, _ := rand.Int(rand.Reader, big.NewInt(rows/2))
					id := strconv.Itoa(int(n.Int64())*2 + 1 + w) // each has rows of its own
					value := fmt.Sprintf("writer %d, write %d", w, i)
					s, x := sealRow(t, k, id, value, false)
					d.exec(t, "UPDATE insured SET name_sealed = ?, name_index = ? WHERE id = ?", s, x, id)
					last[w][id] = value
				}
			})
		}
		at := checkpoint(t)
		for range 3 {
			if _, err := reseal.Run(t.Context(), store, work(r), at, reseal.Options{Batch: 7}); err != nil {
				t.Fatal(err)
			}
		}
		group.Wait()
		if _, err := reseal.Run(t.Context(), store, work(r), at, reseal.Options{}); err != nil {
			t.Fatal(err)
		}
		wrote := last[0]
		for id, value := range last[1] {
			wrote[id] = value
		}
		wantRows(t, o, store, r, func(id string) (string, bool) {
			if value, ok := wrote[id]; ok {
				return value, true
			}
			n, _ := strconv.Atoi(id)
			return plaintext(id), n%10 != 0
		})
	})
}

var errCrash = errors.New("crash")

// crashing fails its store at a call, before or after it took effect.
type crashing struct {
	reseal.SQL
	call func() error
}

func (c crashing) Next(ctx context.Context, after reseal.Key, n int) ([]reseal.Row, error) {
	if err := c.call(); err != nil {
		return nil, err
	}
	rows, err := c.SQL.Next(ctx, after, n)
	return rows, errors.Join(err, c.call())
}

func (c crashing) Swap(ctx context.Context, updates []reseal.Update) ([]bool, error) {
	if err := c.call(); err != nil {
		return nil, err
	}
	written, err := c.SQL.Swap(ctx, updates)
	return written, errors.Join(err, c.call())
}

// A run that ends at any call is finished by the next.
func TestCrashes(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		o := newOffice(t)
		store := d.insured(t, 25, o.ring())
		for first, more := 1, true; more; first += 3 {
			o.rotate("seal")
			o.rotate("index")
			r, at, calls := o.ring(), checkpoint(t), 0
			more = false
			for {
				_, err := reseal.Run(t.Context(), crashing{store, func() error {
					if calls++; calls == first {
						more = true
						return errCrash
					}
					return nil
				}}, work(r), at, reseal.Options{Batch: 6})
				if err == nil {
					break
				}
				if !errors.Is(err, errCrash) {
					t.Fatal(err)
				}
			}
			wantDone(t, o, store, r)
		}
	})
}

// Keys of several columns and kinds, some of the rows only, names that are words of
// SQL or not ASCII.
func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		o := newOffice(t)
		d.exec(t, `CREATE TABLE "order" ("select" TEXT, "番号" BIGINT, "raw" `+d.binary+`, "値" TEXT, PRIMARY KEY ("select", "番号", "raw"))`)
		k := keysOf(t, o.ring())
		want := make(map[string]string)
		for _, code := range []string{"131016", "131024", "甲'\"; --"} {
			for n := range 5 {
				for raw := range 3 {
					id := fmt.Sprintf("%s/%d/%02x", code, n-2, raw)
					s, _ := sealRow(t, k, id, "value of "+id, false)
					text, _ := s.(crypto.Sealed[myNumber, name]).MarshalText()
					d.exec(t, `INSERT INTO "order" VALUES (?, ?, ?, ?)`, code, n-2, []byte{byte(raw)}, string(text))
					want[id] = "value of " + id
				}
			}
		}
		old := o.primary("seal")
		second := o.rotate("seal")
		r := o.ring()
		store := reseal.SQL{
			DB: d.db, Dialect: d.dialect, Table: "order", Columns: []string{"値"},
			Key: []reseal.KeyColumn{{Name: "select", Kind: reseal.Text}, {Name: "番号", Kind: reseal.Integer}, {Name: "raw", Kind: reseal.Bytes}},
		}
		id := func(k reseal.Key) string { return strings.Join(k, "/") }
		todo := []reseal.Work{reseal.Sealed(r, column, "値", id)}
		one := store
		one.Where = []reseal.Match{{Column: "select", Value: "131024"}, {Column: "番号", Value: 1}}
		if report, err := reseal.Run(t.Context(), one, todo, nil, reseal.Options{Batch: 2}); err != nil || report.Rows != 3 || report.Changed != 3 {
			t.Errorf("some rows: %+v, %v, want 3", report, err)
		}
		forms := []reseal.Column{{Name: "値", Form: reseal.FormSealed}}
		census, err := reseal.Count(t.Context(), store, forms, reseal.Options{Batch: 4})
		if diff := cmp.Diff(map[uint32]int64{old: 42, second: 3}, census.Columns["値"].Keys); err != nil || diff != "" {
			t.Errorf("census: %v (-want +got):\n%s", err, diff)
		}
		for _, batch := range []int{1, 2, 7, 45, 46} {
			report, err := reseal.Run(t.Context(), store, todo, checkpoint(t), reseal.Options{Batch: batch})
			if err != nil || report.Rows != 45 {
				t.Errorf("batches of %d: %+v, %v, want 45 rows", batch, report, err)
			}
		}
		rows, err := store.Next(t.Context(), nil, 100)
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for _, row := range rows {
			var s crypto.Sealed[myNumber, name]
			if err := s.Scan(row.Values["値"]); err != nil {
				t.Fatal(err)
			}
			if _, isText := row.Values["値"].(string); !isText || s.KeyID() != second {
				t.Errorf("row %q: %T under key %d, want text under %d", row.Key, row.Values["値"], s.KeyID(), second)
			}
			value, err := column.Open(keysOf(t, r), id(row.Key), s)
			if err != nil {
				t.Error(err)
			}
			got[id(row.Key)] = string(value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// A swap looks at every column, NULL too, and a row that is gone is not written.
func TestSwap(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		d.exec(t, "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, b "+d.binary+")")
		for i := range 6 {
			d.exec(t, "INSERT INTO t VALUES (?, ?, ?)", i, "a", nil)
		}
		store := reseal.SQL{
			DB: d.db, Dialect: d.dialect, Table: "t",
			Key: []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}}, Columns: []string{"a", "b"},
		}
		values := func(a, b any) map[string]any { return map[string]any{"a": a, "b": b} }
		written, err := store.Swap(t.Context(), []reseal.Update{
			{Key: reseal.Key{"0"}, Old: values("a", nil), New: values("b", []byte{1})},
			{Key: reseal.Key{"1"}, Old: values("x", nil), New: values("b", []byte{1})},
			{Key: reseal.Key{"2"}, Old: values("a", []byte{1}), New: values("b", []byte{1})},
			{Key: reseal.Key{"3"}, Old: values(nil, nil), New: values("b", []byte{1})},
			{Key: reseal.Key{"4"}, Old: values("a", nil), New: values(nil, nil)},
			{Key: reseal.Key{"9"}, Old: values("a", nil), New: values("b", nil)},
		})
		if diff := cmp.Diff([]bool{true, false, false, false, true, false}, written); err != nil || diff != "" {
			t.Errorf("Swap: %v (-want +got):\n%s", err, diff)
		}
		rows, err := store.Next(t.Context(), nil, 10)
		want := []reseal.Row{
			{Key: reseal.Key{"0"}, Values: values("b", []byte{1})}, {Key: reseal.Key{"1"}, Values: values("a", nil)},
			{Key: reseal.Key{"2"}, Values: values("a", nil)}, {Key: reseal.Key{"3"}, Values: values("a", nil)},
			{Key: reseal.Key{"4"}, Values: values(nil, nil)}, {Key: reseal.Key{"5"}, Values: values("a", nil)},
		}
		if diff := cmp.Diff(want, rows); err != nil || diff != "" {
			t.Errorf("rows: %v (-want +got):\n%s", err, diff)
		}
		if _, ok, err := store.Get(t.Context(), reseal.Key{"9"}); ok || err != nil {
			t.Errorf("Get of a row that is not there: %v, %v", ok, err)
		}
		row, ok, err := store.Get(t.Context(), reseal.Key{"0"})
		if diff := cmp.Diff(want[0], row); !ok || err != nil || diff != "" {
			t.Errorf("Get: %v, %v (-want +got):\n%s", ok, err, diff)
		}
	})
}

// A row that somebody is about to change is waited for, and is theirs.
func TestSwapWaits(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		d.exec(t, "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT)")
		d.exec(t, "INSERT INTO t VALUES (1, 'a'), (2, 'a')")
		store := reseal.SQL{
			DB: d.db, Dialect: d.dialect, Table: "t",
			Key: []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}}, Columns: []string{"a"},
		}
		tx, err := d.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("UPDATE t SET a = 'theirs' WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		var written []bool
		var group sync.WaitGroup
		group.Go(func() {
			written, err = store.Swap(t.Context(), []reseal.Update{
				{Key: reseal.Key{"1"}, Old: map[string]any{"a": "a"}, New: map[string]any{"a": "ours"}},
				{Key: reseal.Key{"2"}, Old: map[string]any{"a": "a"}, New: map[string]any{"a": "ours"}},
			})
		})
		time.Sleep(50 * time.Millisecond) // whichever is first, the outcome is the same
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		group.Wait()
		if diff := cmp.Diff([]bool{false, true}, written); err != nil || diff != "" {
			t.Errorf("Swap: %v (-want +got):\n%s", err, diff)
		}
		if n := d.count(t, "SELECT count(*) FROM t WHERE id = 1 AND a = 'theirs'"); n != 1 {
			t.Error("what somebody else wrote was overwritten")
		}
	})
}

// A batch is written whole or not at all.
func TestSwapIsOneTransaction(t *testing.T) {
	each(t, func(t *testing.T, d *database) {
		d.exec(t, "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT CHECK (a <> 'bad'))")
		d.exec(t, "INSERT INTO t VALUES (1, 'a'), (2, 'a')")
		store := reseal.SQL{
			DB: d.db, Dialect: d.dialect, Table: "t",
			Key: []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}}, Columns: []string{"a"},
		}
		_, err := store.Swap(t.Context(), []reseal.Update{
			{Key: reseal.Key{"1"}, Old: map[string]any{"a": "a"}, New: map[string]any{"a": "good"}},
			{Key: reseal.Key{"2"}, Old: map[string]any{"a": "a"}, New: map[string]any{"a": "bad"}},
		})
		if err == nil {
			t.Error("a value that the table refuses is written")
		}
		if n := d.count(t, "SELECT count(*) FROM t WHERE a = 'a'"); n != 2 {
			t.Errorf("%d rows are as they were, want 2", n)
		}
	})
}

// BenchmarkRun seals the rows of a table again, in batches of 500.
func BenchmarkRun(b *testing.B) {
	const rows = 5000
	o := newOffice(b)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bench.db")+"?_pragma=journal_mode(WAL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	d := &database{"sqlite", reseal.Question, db, "BLOB", func(int) string { return "?" }}
	store := d.insured(b, rows, o.ring())
	for b.Loop() {
		o.rotate("seal")
		o.rotate("index")
		if _, err := reseal.Run(b.Context(), store, work(o.ring()), checkpoint(b), reseal.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
}
