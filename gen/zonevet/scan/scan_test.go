package scan_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/gen/zonevet/scan"
)

// proposals lists what is proposed for a struct with one more field that is a
// person's beyond doubt.
func proposals(field string) []string {
	var list []string
	for _, p := range scan.New(nil).File("a.go", []byte("package a\n\ntype T struct {\n\t"+field+"\n\tMyNumber string\n}\n")) {
		if p.Field != "MyNumber" {
			list = append(list, p.Field+" "+p.Category)
		}
	}
	return list
}

func TestFields(t *testing.T) {
	for field, want := range map[string]string{
		"Name string":                   "name",
		"UserName string":               "name",
		"Shimei string":                 "name",
		"氏名 string":                     "name",
		"F1 *string `db:\"氏名カナ\"`":      "name-kana",
		"Birth_Date time.Time":          "birth-date",
		"DOB string":                    "birth-date",
		"Telephones []string":           "",
		"TEL1 string":                   "phone",
		"Phones map[string]string":      "",
		"HihokenshaBango string":        "insured-number",
		"HokenshaBango string":          "insurer-number",
		"被保険者番号 string":                 "insured-number",
		"保険者番号 string":                  "insurer-number",
		"病名 string":                     "diagnosis",
		"X string `xorm:\"'koza_no'\"`": "bank-account",
		"Location string":               "address",
		"FileName string":               "",
		"TableName string":              "",
		"MACAddress string":             "",
		"IPAddr string":                 "",
		"HostName string":               "",
		"Pane string":                   "",
		"Expand string":                 "",
		"Tell string":                   "",
		"Gain string":                   "",
		"Sexagesimal string":            "",
		"Renamed bool":                  "",
		"Phone bool":                    "",
		"Phone func() string":           "",
		"Version, Build string":         "",
	} {
		var expected []string
		if want != "" {
			expected = []string{strings.Fields(field)[0] + " " + want}
		}
		if diff := cmp.Diff(expected, proposals(field)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
}

// Only what the policy has is proposed.
func TestCategories(t *testing.T) {
	src := []byte("package a\n\ntype T struct {\n\tPhone string\n\tEmail string\n}\n")
	got := scan.New([]string{"email"}).File("a.go", src)
	if len(got) != 1 || got[0].Category != "email" || got[0].Line != 5 {
		t.Errorf("got %+v, want the mail address alone", got)
	}
}

// What is not Go, or is labelled, has no proposals.
func TestQuiet(t *testing.T) {
	for _, src := range []string{
		"package a\n\ntype T struct {", "not go",
		"package a\n\ntype T struct {\n\tPhone string `classify:\"3C\"`\n\tEmail string\n}\n",
		"package a\n\ntype T struct {\n\tzone.Home[zones.Ward]\n\tEmail string\n}\n",
		"package a\n\nconst q = `select phone from t`\n",
	} {
		if got := scan.New(nil).File("a.go", []byte(src)); got != nil {
			t.Errorf("%q: %+v", src, got)
		}
	}
}

func TestSQL(t *testing.T) {
	text := "-- tables\ncreate table if not exists \"dbo\".[people] (\n  id int default (1),\n  `tel` varchar(20),\n  check (tel > ''),\n  shimei text, mail text\n);\nCREATE TABLE x (name text);"
	var got []string
	for _, p := range scan.New(nil).SQL("a.sql", text) {
		got = append(got, p.Field+" "+p.Category)
	}
	if diff := cmp.Diff([]string{"tel phone", "shimei name", "mail email"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A patch is one that git takes, and makes what Tagged makes.
func TestPatch(t *testing.T) {
	pad := strings.Repeat("// line\n", 9)
	for name, src := range map[string]string{
		"formatted":   "package a\n\ntype T struct {\n\tID    int\n\tPhone string `json:\"p\"`\n\tEmail string\n}\n",
		"as it was":   "package a\ntype T struct {\n  Phone   string `json:\"p\"`\n  ID int\n  Email string\n}",
		"far apart":   "package a\n\ntype T struct {\n\tPhone string\n}\n\n" + pad + "\ntype U struct {\n\tEmail string\n}\n",
		"two in line": "package a\n\ntype T struct{ Phone string; Email string }\n",
	} {
		s := scan.New(nil)
		found := s.File("a.go", []byte(src))
		after := scan.Tagged([]byte(src), found)
		if strings.Count(string(after), "classify:") != 2 || len(s.File("a.go", after)) != 0 {
			t.Errorf("%s: not tagged twice:\n%s", name, after)
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "a.go")
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("git", "apply", "-p1")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(scan.Patch("a.go", []byte(src), after))
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: git apply: %v\n%s", name, err, out)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(after), string(got)); diff != "" {
			t.Errorf("%s (-tagged +patched):\n%s", name, diff)
		}
	}
}

func FuzzSQL(f *testing.F) {
	f.Add("create table a (b text, 氏名 text)")
	f.Add("CREATE TABLE (((,")
	s := scan.New(nil)
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range s.SQL("a.sql", text) {
			if p.Line < 1 || p.Line > 1+strings.Count(text, "\n") {
				t.Fatalf("line %d of %d", p.Line, 1+strings.Count(text, "\n"))
			}
		}
	})
}
