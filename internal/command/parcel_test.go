package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/internal/command"
	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/parcel"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// parcelID is the number of a parcel, which is drawn at random, and parcelSize
// its size, which depends on how many digits the ids of keys have.
var (
	parcelID   = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	parcelSize = regexp.MustCompile(`bytes: \d+`)
)

// TestParcelSessions holds sessions of "sekisho parcel", in the form of those of
// TestKeys. Numbers of parcels are ID, their sizes N. "$ flip FILE N" changes the byte at N,
// counted from the end where N is negative, "$ cut FILE N" takes N bytes off,
// "$ show FILE" shows a file, and "$ ls" the folder.
func TestParcelSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/parcel-*.session")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".session"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := &parcelSession{newSession(t)}
			var got strings.Builder
			for line := range strings.Lines(string(want)) {
				switch {
				case strings.HasPrefix(line, "# "), line == "\n" && got.Len() == 0:
					got.WriteString(line)
				case strings.HasPrefix(line, "$ "):
					got.WriteString(line)
					got.WriteString(parcelSize.ReplaceAllString(parcelID.ReplaceAllString(s.do(strings.Fields(line[2:])), "ID"), "bytes: N"))
				}
			}
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" && !*update {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

type parcelSession struct{ *session }

// do does one line and returns what is seen.
func (s *parcelSession) do(words []string) string {
	s.t.Helper()
	path := func(name string) string { return filepath.Join(s.dir, name) }
	read := func(name string) []byte {
		data, err := os.ReadFile(path(name))
		if err != nil {
			s.t.Fatal(err)
		}
		return data
	}
	n := 0
	if len(words) > 2 {
		fmt.Sscan(words[2], &n)
	}
	switch words[0] {
	case "flip":
		data := read(words[1])
		if n < 0 {
			n += len(data)
		}
		data[n] ^= 1
		s.write(path(words[1]), data)
	case "cut":
		data := read(words[1])
		s.write(path(words[1]), data[:len(data)-n])
	case "show":
		info, err := os.Stat(path(words[1]))
		if err != nil {
			return "2> there is no " + words[1] + "\n"
		}
		return fmt.Sprintf("%v\n%s", info.Mode(), read(words[1]))
	case "ls":
		entries, err := os.ReadDir(s.dir)
		if err != nil {
			s.t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return strings.Join(names, " ") + "\n"
	default:
		return s.run(words)
	}
	return ""
}

func (s *parcelSession) write(path string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// TestParcelOfViews opens a parcel that an application made with the keys that
// the command made.
func TestParcelOfViews(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (string, int) {
		t.Helper()
		var out bytes.Buffer
		code := command.Main(context.Background(), command.Process{Args: args, Stdout: &out, Stderr: &out, Dir: dir})
		return out.String(), code
	}
	must := func(args ...string) string {
		t.Helper()
		out, code := run(args...)
		if code != 0 {
			t.Fatalf("sekisho %s: exit %d\n%s", strings.Join(args, " "), code, out)
		}
		return out
	}
	if err := os.WriteFile(filepath.Join(dir, "sekisho.yaml"), []byte("{sekisho: 1, name: specimen, extends: [jp/alpha], go: {zones: ./zones}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must("keys", "kek", "file:kek")
	must("keys", "create", "-kek", "file:kek", "-by", "k.sato")
	records := sealPersons(t, dir, 3)

	must("parcel", "inspect", "-keys", "keys", "-kek", "file:kek", "persons.parcel")
	must("parcel", "open", "-kek", "file:kek", "-register", "received", "-o", "persons.jsonl", "persons.parcel")
	data, err := os.ReadFile(filepath.Join(dir, "persons.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != records {
		t.Fatalf("%d lines, want %d", len(lines), records)
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got["Municipality"] != fmt.Sprintf("town %d", i) || got["Sealed"] == nil {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if out, code := run("parcel", "open", "-kek", "file:kek", "-register", "received", "-o", "again.jsonl", "persons.parcel"); code != 2 || !strings.Contains(out, "received before") {
		t.Errorf("a second time: exit %d, %s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "again.jsonl")); err == nil {
		t.Error("something is written of a parcel that does not open")
	}
}

// sealPersons writes persons.parcel as an application does.
func sealPersons(t *testing.T, dir string, n int) int {
	t.Helper()
	key, err := kek.OpenFile(filepath.Join(dir, "kek"))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := crypto.OpenKeyring(os.DirFS(filepath.Join(dir, "keys")), key)
	if err != nil {
		t.Fatal(err)
	}
	border, _ := zonetest.Border(t, zones.Policy(), zone.WithKeys(ring))
	x := zonetest.Cross[zones.MyNumberToLGWAN](t, border, zones.PurposeLevy)
	var b bytes.Buffer
	w, err := parcel.Create[specimen.PersonLGWAN](x, &b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		view, err := (&specimen.Person{InsuredNumber: "12345674", Name: "Hanako", Municipality: fmt.Sprintf("town %d", i)}).ToLGWAN(x)
		if err == nil {
			err = w.Add(view)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "persons.parcel"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}
