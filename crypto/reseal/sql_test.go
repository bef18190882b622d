package reseal_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/crypto/reseal"
)

// untouched is a database that nothing may be sent to.
type untouched struct{ t *testing.T }

func (u untouched) Connect(context.Context) (driver.Conn, error) {
	u.t.Error("something is sent to the database")
	return nil, driver.ErrBadConn
}

func (u untouched) Driver() driver.Driver { return nil }

// What cannot be a table is refused before anything is sent. What SQL there is runs
// against databases in the module sqltest.
func TestSQLRefuses(t *testing.T) {
	db := sql.OpenDB(untouched{t})
	defer db.Close()
	good := reseal.SQL{DB: db, Table: "insured", Key: []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}}, Columns: []string{"name_sealed"}}
	key := reseal.Key{"1"}
	for what, change := range map[string]func(*reseal.SQL){
		"no database":           func(s *reseal.SQL) { s.DB = nil },
		"no key":                func(s *reseal.SQL) { s.Key = nil },
		"no columns":            func(s *reseal.SQL) { s.Columns = nil },
		"no such dialect":       func(s *reseal.SQL) { s.Dialect = 9 },
		"no table":              func(s *reseal.SQL) { s.Table = "" },
		"a quote":               func(s *reseal.SQL) { s.Table = `a" --` },
		"a dot":                 func(s *reseal.SQL) { s.Table = "a.b" },
		"a space":               func(s *reseal.SQL) { s.Columns[0] = "a b" },
		"a zero byte":           func(s *reseal.SQL) { s.Columns[0] = "a\x00" },
		"not UTF-8":             func(s *reseal.SQL) { s.Columns[0] = "a\xff" },
		"a digit in front":      func(s *reseal.SQL) { s.Schema = "1a" },
		"a long name":           func(s *reseal.SQL) { s.Table = strings.Repeat("a", 129) },
		"a bad name in where":   func(s *reseal.SQL) { s.Where = []reseal.Match{{Column: "a;b", Value: 1}} },
		"NULL in where":         func(s *reseal.SQL) { s.Where = []reseal.Match{{Column: "a"}} },
		"a key without a kind":  func(s *reseal.SQL) { s.Key[0].Kind = reseal.KindUnknown },
		"a column twice":        func(s *reseal.SQL) { s.Columns = []string{"a", "a"} },
		"the key as a column":   func(s *reseal.SQL) { s.Columns = []string{"id"} },
		"a key of another kind": func(*reseal.SQL) { key = reseal.Key{"x"} },
		"a key that is longer":  func(*reseal.SQL) { key = reseal.Key{"1", "2"} },
	} {
		s := good
		s.Key, s.Columns, key = []reseal.KeyColumn{good.Key[0]}, []string{good.Columns[0]}, reseal.Key{"1"}
		change(&s)
		if _, err := s.Next(t.Context(), key, 1); err == nil || !strings.HasPrefix(err.Error(), "reseal: sql: ") {
			t.Errorf("%s: Next: %v", what, err)
		}
		if _, _, err := s.Get(t.Context(), key); err == nil {
			t.Errorf("%s: Get does not fail", what)
		}
	}
}

// The name tells jobs apart, so that no run goes on with the checkpoint of another.
func TestSQLName(t *testing.T) {
	key := []reseal.KeyColumn{{Name: "id", Kind: reseal.Integer}}
	seen := make(map[string]int)
	for i, s := range []reseal.SQL{
		{Table: "a", Key: key, Columns: []string{"b", "c"}},
		{Table: "a", Key: key, Columns: []string{"b"}, Where: []reseal.Match{{Column: "c", Value: ""}}},
		{Schema: "a", Table: "a", Key: key, Columns: []string{"b", "c"}},
		{Table: "a", Key: key, Columns: []string{"b", "c"}, Where: []reseal.Match{{Column: "tenant", Value: "131016"}}},
		{Table: "a", Key: key, Columns: []string{"b", "c"}, Where: []reseal.Match{{Column: "tenant", Value: "131024"}}},
		{Table: "a", Key: append(key, reseal.KeyColumn{Name: "b", Kind: reseal.Text}), Columns: []string{"c"}},
	} {
		if j, ok := seen[s.Name()]; ok {
			t.Errorf("stores %d and %d have one name", i, j)
		}
		seen[s.Name()] = i
	}
}
