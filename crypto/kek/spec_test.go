package kek_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		text string
		want kek.Spec
		err  string
	}{
		{"file:keys.kek", kek.Spec{Door: "file", Path: "keys.kek"}, ""},
		{`file:C:\keys\a b.kek`, kek.Spec{Door: "file", Path: `C:\keys\a b.kek`}, ""},
		{"passphrase:keys/passphrase.kek", kek.Spec{Door: "passphrase", Path: "keys/passphrase.kek"}, ""},
		{"exec:sekisho-kek-vault -key transit/keys/kouki", kek.Spec{Door: "exec", Path: "sekisho-kek-vault", Args: []string{"-key", "transit/keys/kouki"}}, ""},
		{"exec: a  b ", kek.Spec{Door: "exec", Path: "a", Args: []string{"b"}}, ""},
		{"", kek.Spec{}, "no colon"},
		{"keys.kek", kek.Spec{}, "no colon"},
		{"file:", kek.Spec{}, "needs a path"},
		{"passphrase:", kek.Spec{}, "needs a path"},
		{"file:a\x00b", kek.Spec{}, "needs a path"},
		{"exec:", kek.Spec{}, "needs a command"},
		{"exec: ", kek.Spec{}, "needs a command"},
		{`exec:a "b c"`, kek.Spec{}, "script"},
		{"vault:a", kek.Spec{}, `the door "vault" is unknown`},
		{"File:a", kek.Spec{}, `the door "File" is unknown`},
		{strings.Repeat("x", 1000) + ":", kek.Spec{}, "…"},
	} {
		got, err := kek.Parse(tc.text)
		if tc.err != "" {
			e := wantReason(t, tc.text, nil, err, kek.ReasonSpec)
			if !strings.Contains(e.Error(), tc.err) || len(e.Error()) > 300 {
				t.Errorf("Parse(%q): err = %v, want %q in it", tc.text, e, tc.err)
			}
			continue
		}
		if diff := cmp.Diff(tc.want, got, cmp.Comparer(func(a, b []string) bool { return strings.Join(a, "\x00") == strings.Join(b, "\x00") })); err != nil || diff != "" {
			t.Errorf("Parse(%q): %v\n%s", tc.text, err, diff)
		}
		again, err := kek.Parse(got.String())
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("Parse(%q) of its String: %v\n%s", tc.text, err, diff)
		}
	}
}

func TestSpecs(t *testing.T) {
	dir := t.TempDir()
	var asked []string
	var handed []byte
	o := kek.Options{Passphrase: func(path string, create bool) ([]byte, error) {
		asked = append(asked, filepath.Base(path)+map[bool]string{true: " new"}[create])
		handed = []byte(goodPassphrase)
		return handed, nil
	}}
	for _, text := range []string{"file:" + filepath.Join(dir, "a.kek"), "passphrase:" + filepath.Join(dir, "b.kek")} {
		s, err := kek.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		created, err := s.Create(o)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := kek.Open(text, o)
		if err != nil {
			t.Fatal(err)
		}
		wantSameKey(t, created, opened)
		got, err := s.Create(o)
		wantReason(t, "again", got, err, kek.ReasonExists)
	}
	if diff := cmp.Diff([]string{"b.kek new", "b.kek", "b.kek new"}, asked); diff != "" {
		t.Errorf("asked for passphrases:\n%s", diff)
	}
	if string(handed) != strings.Repeat("\x00", len(goodPassphrase)) {
		t.Error("the passphrase was not cleared")
	}

	s := kek.Spec{Door: "passphrase", Path: filepath.Join(dir, "b.kek")}
	got, err := s.Open(kek.Options{})
	wantReason(t, "nobody to ask", got, err, kek.ReasonMissing)
	errAway := errors.New("the operator went away")
	got, err = s.Open(kek.Options{Passphrase: func(string, bool) ([]byte, error) { return []byte("half a pass"), errAway }})
	if got != nil || !errors.Is(err, errAway) {
		t.Errorf("err = %v, want what the prompt returned", err)
	}

	_, path := newFile(t)
	t.Setenv("KEK_TEST_PROGRAM", "serve")
	t.Setenv("KEK_TEST_FILE", path)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := kek.Open("exec:"+self, kek.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ct, err := program.Encrypt([]byte("x"), nil)
	if err != nil || len(ct) == 0 {
		t.Errorf("exec: %v", err)
	}
	got, err = kek.Spec{Door: "exec", Path: self}.Create(kek.Options{})
	wantReason(t, "create exec", got, err, kek.ReasonSpec)
	for _, do := range []func(kek.Options) (tink.AEAD, error){kek.Spec{Door: "x"}.Open, kek.Spec{}.Create} {
		got, err := do(kek.Options{})
		wantReason(t, "a spec that Parse did not make", got, err, kek.ReasonSpec)
	}
	got, err = kek.Open("x", kek.Options{})
	wantReason(t, "not a spec", got, err, kek.ReasonSpec)
}
