package kek

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// TestErrorsRead holds every error to the house form: it begins with the
// package, is one line, begins in lower case and says what can be done.
func TestErrorsRead(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&Error{}, "kek: refused"},
		{&Error{Reason: Reason(200)}, "kek: refused"},
		{&Error{Door: "file", Path: "a.kek", Reason: ReasonMalformed, Detail: "3 bytes"}, `kek: file: "a.kek": not as it was written: restore it from a backup (3 bytes)`},
		{&Error{Door: "exec", Path: "a", Reason: ReasonTimeout, Err: errors.New("two\n  lines")}, `kek: exec: "a": the program did not answer in time: look whether it waits for a device, a network or a person: two lines`},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("error = %s\nwant    %s", got, tc.want)
		}
	}
	names := make(map[string]bool)
	for i, r := range reasons {
		if r.name == "" || names[r.name] || Reason(i).String() != r.name {
			t.Errorf("reason %d has the name %q", i, r.name)
		}
		names[r.name] = true
		if strings.ContainsAny(r.text, "\n") || strings.HasSuffix(r.text, ".") || r.text == "" || unicode.IsUpper(rune(r.text[0])) && r.text[1] != 'O' {
			t.Errorf("reason %s is not in the house form: %q", r.name, r.text)
		}
	}
	if Reason(200).String() != "unknown" || ReasonMode.String() != "mode" {
		t.Error("reasons and their names are out of step")
	}
}

// TestPublishWithoutLinks takes hard links away: nothing is replaced then either.
func TestPublishWithoutLinks(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	nolink := func(string, string) error { return errors.ErrUnsupported }
	for i, want := range []error{nil, fs.ErrExist} {
		if err := writeSynced(root, "temp", []byte{byte('0' + i)}); err != nil {
			t.Fatal(err)
		}
		if err := publish(root, "temp", "name", nolink); !errors.Is(err, want) {
			t.Errorf("publish %d = %v, want %v", i, err, want)
		}
	}
	if data, err := root.ReadFile("name"); err != nil || string(data) != "0" {
		t.Errorf("the file has %q, %v, want what was written first", data, err)
	}
}

// TestPassphraseFilePlanted opens files that somebody made well, digest and
// all, to weaken the key or to stop the program.
func TestPassphraseFilePlanted(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*passphraseFile)
		want   Reason
	}{
		{"as it is", func(*passphraseFile) {}, ReasonPassphrase}, // nobody sealed this check
		{"cheap", func(f *passphraseFile) { f.Iterations = costMin - 1 }, ReasonCost},
		{"no cost", func(f *passphraseFile) { f.Iterations = 0 }, ReasonCost},
		{"below zero", func(f *passphraseFile) { f.Iterations = -600_000 }, ReasonCost},
		{"dear", func(f *passphraseFile) { f.Iterations = costMax + 1 }, ReasonCost},
		{"a day", func(f *passphraseFile) { f.Iterations = 1 << 40 }, ReasonCost},
		{"short salt", func(f *passphraseFile) { f.Salt = f.Salt[:16] }, ReasonMalformed},
		{"no salt", func(f *passphraseFile) { f.Salt = []byte{} }, ReasonMalformed},
		{"null salt", func(f *passphraseFile) { f.Salt = nil }, ReasonMalformed},
		{"another function", func(f *passphraseFile) { f.KDF = "argon2id" }, ReasonFormat},
		{"a later format", func(f *passphraseFile) { f.Format = 2 }, ReasonFormat},
		{"no format", func(f *passphraseFile) { f.Format = 0 }, ReasonMalformed},
		{"no check", func(f *passphraseFile) { f.Check = nil }, ReasonMalformed},
	} {
		f := goldenPassphraseFile()
		tc.change(f)
		f.Digest = f.digest()
		data, err := f.encode()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "passphrase.kek")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := OpenPassphrase(path, []byte("correct horse battery staple"))
		var e *Error
		if got != nil || !errors.As(err, &e) || e.Reason != tc.want {
			t.Errorf("%s: err = %v, want the reason %v", tc.name, err, tc.want)
		}
	}
}

func goldenPassphraseFile() *passphraseFile {
	f := &passphraseFile{
		Format: passphraseFormat, KDF: passphraseKDF, Iterations: costMin,
		Salt: bytes.Repeat([]byte{7}, passphraseSalt), Check: bytes.Repeat([]byte{8}, 28),
	}
	f.Digest = f.digest()
	return f
}

func goldenAnyTwo() *anyTwoBlob {
	key := bytes.Repeat([]byte{9}, 88)
	return &anyTwoBlob{Format: anyTwoFormat, Holders: []string{"tanaka", "suzuki", "sato"}, Keys: [][]byte{key, key, key}, Data: bytes.Repeat([]byte{1}, 29)}
}

// TestAnyTwoBinds shows that two different lists of holders and wrapped keys
// never give the same associated data.
func TestAnyTwoBinds(t *testing.T) {
	seen := make(map[string]int)
	for i, b := range []*anyTwoBlob{
		{Format: 1, Holders: []string{"a", "b", "c"}, Keys: [][]byte{[]byte("xy"), []byte("z")}},
		{Format: 1, Holders: []string{"a", "b", "c"}, Keys: [][]byte{[]byte("x"), []byte("yz")}},
		{Format: 1, Holders: []string{"a", "b", "c"}, Keys: [][]byte{[]byte("xy1\x00z")}},
		{Format: 1, Holders: []string{"a", "b", "cd"}, Keys: [][]byte{[]byte("xy"), []byte("z")}},
		{Format: 1, Holders: []string{"a", "bc", "d"}, Keys: [][]byte{[]byte("xy"), []byte("z")}},
		{Format: 2, Holders: []string{"a", "b", "c"}, Keys: [][]byte{[]byte("xy"), []byte("z")}},
	} {
		ad := string(b.dataAD([]byte("ad")))
		if j, ok := seen[ad]; ok {
			t.Errorf("%d and %d have the same associated data", i, j)
		}
		seen[ad] = i
	}
	b := goldenAnyTwo()
	wraps := make(map[string]bool)
	for _, p := range append(pairs(3), [2]int{1, 0}) {
		wraps[string(b.wrapAD(p, nil))] = true
	}
	if len(wraps) != 4 {
		t.Errorf("%d different forms for 4 pairs", len(wraps))
	}
}

// FuzzKeyFile: there is one spelling of each key.
func FuzzKeyFile(f *testing.F) {
	f.Add(encodeKeyFile(make([]byte, keySize)))
	f.Add(encodeKeyFile(bytes.Repeat([]byte{0xfb}, keySize)))
	f.Add([]byte(keyFilePrefix + strings.Repeat("A", keyFileText) + "\n"))
	f.Add([]byte(keyFilePrefix))
	f.Fuzz(func(t *testing.T, line []byte) {
		key, err := decodeKeyFile(line)
		if err != nil {
			if key != nil {
				t.Error("a key came back with an error")
			}
			return
		}
		if len(key) != keySize || !bytes.Equal(encodeKeyFile(key), line) {
			t.Error("a key has a second spelling")
		}
	})
}

// FuzzPassphraseFile: there is one spelling of each file, and none is opened
// whose cost is out of bounds.
func FuzzPassphraseFile(f *testing.F) {
	golden := goldenPassphraseFile()
	data, err := golden.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(bytes.Replace(data, []byte("600000"), []byte("600000000"), 1))
	f.Add(bytes.Replace(data, []byte(`"kdf"`), []byte(`"KDF"`), 1))
	f.Add(bytes.TrimSpace(data))
	f.Add([]byte(`{"sekisho-kek-passphrase":2}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, reason, detail := decodePassphraseFile(data)
		if p == nil {
			if reason == ReasonUnknown || detail == "" {
				t.Error("a refusal without a reason")
			}
			return
		}
		again, err := p.encode()
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("a file has a second spelling: %v", err)
		}
		if p.Iterations < costMin || p.Iterations > costMax || len(p.Salt) != passphraseSalt || p.KDF != passphraseKDF {
			t.Errorf("opened with %d iterations, a salt of %d bytes, %q", p.Iterations, len(p.Salt), p.KDF)
		}
	})
}

// FuzzAnyTwo: there is one spelling of what was encrypted, and nothing that
// nobody encrypted opens.
func FuzzAnyTwo(f *testing.F) {
	data, err := goldenAnyTwo().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(bytes.Replace(data, []byte("tanaka"), []byte("suzuki"), 1))
	f.Add(bytes.Replace(data, []byte(`"keys":[`), []byte(`"keys":["",`), 1))
	f.Add(bytes.Replace(data, []byte(`"data"`), []byte(`"Data"`), 1))
	f.Add([]byte(`{"sekisho-kek-any-two":1,"holders":null,"keys":null,"data":null}`))
	f.Add([]byte("[]"))
	var list []Holder
	for _, name := range []string{"tanaka", "suzuki", "sato"} {
		k, err := newKeyFile("", make([]byte, keySize))
		if err != nil {
			f.Skip(err)
		}
		list = append(list, Holder{Name: name, KEK: k})
	}
	k, err := AnyTwo(list...)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e *Error
		if got, err := k.Decrypt(data, nil); got != nil || !errors.As(err, &e) {
			t.Errorf("%d bytes, err = %v, want an *Error", len(got), err)
		}
		if b, _ := decodeAnyTwo(data); b != nil {
			again, err := json.Marshal(b)
			if err != nil || !bytes.Equal(again, data) || len(b.Keys) != len(b.Holders)*(len(b.Holders)-1)/2 {
				t.Errorf("a second spelling, or %d keys for %d holders: %v", len(b.Keys), len(b.Holders), err)
			}
		}
	})
}

// FuzzRequest: what is taken as a request says the same when it is written again.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"sekisho-kek":1,"op":"encrypt","data":"c2VjcmV0","associated-data":"a291a2k="}`))
	f.Add([]byte(`{"sekisho-kek":1,"op":"decrypt","data":"","associated-data":""}`))
	f.Add([]byte(` { "op" : "decrypt", "data":"", "associated-data":"", "sekisho-kek" : 1 } `))
	f.Add([]byte(`{"sekisho-kek":1,"op":"encrypt","op":"decrypt"}`))
	f.Add([]byte(`{"sekisho-kek":1e0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRequest(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		s, err := decodeRequest(again)
		if err != nil || s.Op != r.Op || !bytes.Equal(s.Data, r.Data) || !bytes.Equal(s.AD, r.AD) {
			t.Errorf("a request does not survive: %v", err)
		}
	})
}

// FuzzAnswer: an answer has data or an error, never both and never neither.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"sekisho-kek":1,"data":"c2VjcmV0"}`))
	f.Add([]byte(`{"sekisho-kek":1,"error":"permission denied on key kouki"}`))
	f.Add([]byte(`{"sekisho-kek":1,"data":"","error":"x"}`))
	f.Add([]byte(`{"sekisho-kek":1,"error":""}`))
	f.Add([]byte(`{"sekisho-kek":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := decodeAnswer(data)
		if err == nil && (a.Data != nil) == (a.Error != "") {
			t.Errorf("data: %t, error: %q", a.Data != nil, a.Error)
		}
	})
}

// FuzzSaid: what other programs say becomes one short printable line that does
// not have the data in it.
func FuzzSaid(f *testing.F) {
	f.Add("permission denied\non key kouki", []byte("a keyset, in clear"))
	f.Add("bad: a keyset, in clear", []byte("a keyset, in clear"))
	f.Add("bad: 61206b65797365742c20696e20636c656172", []byte("a keyset, in clear"))
	f.Add("bad: YSBrZXlzZXQsIGluIGNsZWFy", []byte("a keyset, in clear"))
	f.Fuzz(func(t *testing.T, text string, secret []byte) {
		got := said(text, secret)
		if len(got) > saidLimit+len("…") || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("said = %q, want one short printable line", got)
		}
		if n := len(secret); n > 0 && !strings.Contains(got, "withheld") && strings.Contains(got, string(secret)) {
			t.Errorf("said = %q repeats %q", got, secret)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"file:keys.kek", "passphrase:p", "exec:a b c", "exec:", "file:", "x:y", ":", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Reason != ReasonSpec {
				t.Errorf("err = %v, want ReasonSpec", err)
			}
			return
		}
		again, err := Parse(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q does not survive: %v", text, err)
		}
	})
}

// FuzzEnvelope: there is one spelling of an envelope, and nothing that nobody
// encrypted opens.
func FuzzEnvelope(f *testing.F) {
	data, err := (&envelopeBlob{Format: envelopeFormat, Key: make([]byte, 60), Data: make([]byte, 29)}).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(bytes.Replace(data, []byte(`"key"`), []byte(`"Key"`), 1))
	f.Add([]byte(`{"sekisho-kek-envelope":1,"key":null,"data":null}`))
	f.Add([]byte(`{"sekisho-kek-envelope":2,"key":"AAAA","data":"AAAA"}`))
	service, err := newKeyFile("", make([]byte, keySize))
	if err != nil {
		f.Skip(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e *Error
		if got, err := (envelope{service}).decrypt(data, nil); got != nil || !errors.As(err, &e) {
			t.Errorf("%d bytes, err = %v, want an *Error", len(got), err)
		}
		if b, _ := decodeEnvelope(data); b != nil {
			if again, err := b.encode(); err != nil || !bytes.Equal(again, data) {
				t.Errorf("a second spelling: %v", err)
			}
		}
	})
}
