package crypto_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/sekisho-go/sekisho/crypto"
)

// FuzzKeysetFile opens arbitrary bytes as a keyset file: it is the file that was
// written, or it is refused by name.
func FuzzKeysetFile(f *testing.F) {
	golden := map[string][]byte{}
	for _, name := range list(f, "testdata/kouki") {
		data, err := os.ReadFile("testdata/kouki/" + name)
		if err != nil {
			f.Fatal(err)
		}
		golden[name] = data
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for name := range golden {
			r, err := crypto.OpenKeyring(fstest.MapFS{name: {Data: data}}, zeroKEK{})
			var e *crypto.KeyringError
			switch {
			case err == nil && len(r.Zones()) == 0: // a header of destroyed keys alone, which anybody can write
			case err == nil && !bytes.Equal(data, golden[name]):
				t.Errorf("%q opens and is not what was written", name)
			case err != nil && (!errors.As(err, &e) || e.File != name || r != nil):
				t.Errorf("err = %v, want a *KeyringError about %q", err, name)
			}
		}
	})
}

func FuzzSealedText(f *testing.F) {
	k := goldenKeys(f)
	f.Add([]byte(goldenSealed))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s sealed
		if err := s.UnmarshalText(text); err != nil {
			wantMalformed(t, "UnmarshalText", err, "sealed", "mynumber")
			return
		}
		if again, err := s.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q has a second text %q, %v", text, again, err)
		}
		opensOnlyGolden(t, k, s)
	})
}

func FuzzSealedBinary(f *testing.F) {
	k := goldenKeys(f)
	f.Add(goldenBytes(f, goldenSealed))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s sealed
		if err := s.UnmarshalBinary(data); err != nil {
			wantMalformed(t, "UnmarshalBinary", err, "sealed", "mynumber")
			return
		}
		if again, err := s.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%x has a second encoding %x, %v", data, again, err)
		}
		opensOnlyGolden(t, k, s)
	})
}

func FuzzSealedScan(f *testing.F) {
	k := goldenKeys(f)
	f.Add([]byte(goldenSealed), true)
	f.Add(goldenBytes(f, goldenSealed), false)
	f.Fuzz(func(t *testing.T, data []byte, text bool) {
		var s sealed
		if err := s.Scan(column(data, text)); err != nil {
			wantMalformed(t, "Scan", err, "sealed", "mynumber")
			return
		}
		value, err := s.Value()
		var u sealed
		if err != nil || u.Scan(value) != nil || !u.Equal(s) {
			t.Errorf("what Scan read does not survive Value and Scan: %v", err)
		}
		opensOnlyGolden(t, k, s)
	})
}

func FuzzTokenText(f *testing.F) {
	f.Add([]byte(goldenToken))
	f.Fuzz(func(t *testing.T, text []byte) {
		var tok lgwanToken
		if err := tok.UnmarshalText(text); err != nil {
			wantMalformed(t, "UnmarshalText", err, "token", "mynumber→lgwan")
			return
		}
		if again, err := tok.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q has a second text %q, %v", text, again, err)
		}
	})
}

func FuzzTokenBinary(f *testing.F) {
	f.Add(goldenBytes(f, goldenToken))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tok lgwanToken
		if err := tok.UnmarshalBinary(data); err != nil {
			wantMalformed(t, "UnmarshalBinary", err, "token", "mynumber→lgwan")
			return
		}
		if again := tok.Append(nil); !bytes.Equal(again, data) {
			t.Errorf("%x has a second encoding %x", data, again)
		}
	})
}

func FuzzTokenScan(f *testing.F) {
	k := goldenKeys(f)
	f.Add([]byte(goldenToken), true)
	f.Add(goldenBytes(f, goldenToken), false)
	f.Fuzz(func(t *testing.T, data []byte, text bool) {
		var tok lgwanToken
		if err := tok.Scan(column(data, text)); err != nil {
			wantMalformed(t, "Scan", err, "token", "mynumber→lgwan")
			return
		}
		value, err := tok.Value()
		var u lgwanToken
		if err != nil || u.Scan(value) != nil || u != tok {
			t.Errorf("what Scan read does not survive Value and Scan: %v", err)
		}
		ok, err := crypto.MatchToken(k, goldenScope(), []byte(goldenValue), tok)
		var unknown *crypto.UnknownKeyError
		if ok != (value == goldenToken) || err != nil && !errors.As(err, &unknown) {
			t.Errorf("MatchToken of %v = %t, %v", value, ok, err)
		}
	})
}

func FuzzIndexText(f *testing.F) {
	f.Add([]byte(goldenIndex))
	f.Fuzz(func(t *testing.T, text []byte) {
		var i index
		if err := i.UnmarshalText(text); err != nil {
			wantMalformed(t, "UnmarshalText", err, "index", "mynumber")
			return
		}
		if again, err := i.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q has a second text %q, %v", text, again, err)
		}
	})
}

func FuzzIndexBinary(f *testing.F) {
	f.Add(goldenBytes(f, goldenIndex))
	f.Fuzz(func(t *testing.T, data []byte) {
		var i index
		if err := i.UnmarshalBinary(data); err != nil {
			wantMalformed(t, "UnmarshalBinary", err, "index", "mynumber")
			return
		}
		if again, err := i.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%x has a second encoding %x, %v", data, again, err)
		}
	})
}

func FuzzIndexScan(f *testing.F) {
	k := goldenKeys(f)
	scope := crypto.NewScope("kouki", "column", "insured", "phone")
	f.Add([]byte(goldenIndex), true)
	f.Add(goldenBytes(f, goldenIndex), false)
	f.Fuzz(func(t *testing.T, data []byte, text bool) {
		var i index
		if err := i.Scan(column(data, text)); err != nil {
			wantMalformed(t, "Scan", err, "index", "mynumber")
			return
		}
		value, err := i.Value()
		var u index
		if err != nil || u.Scan(value) != nil || u != i {
			t.Errorf("what Scan read does not survive Value and Scan: %v", err)
		}
		ok, err := crypto.MatchIndex(k, scope, []byte(goldenIndexValue), i)
		var unknown *crypto.UnknownKeyError
		of, _ := value.(string)
		if ok != slices.Contains(goldenLookup, of) || err != nil && !errors.As(err, &unknown) {
			t.Errorf("MatchIndex of %v = %t, %v", value, ok, err)
		}
	})
}

// FuzzJSON reads arbitrary JSON, and what is no JSON, as everything that has a form
// in it: what is read is written alike.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{goldenSealed, goldenToken, goldenIndex} {
		f.Add([]byte(`"` + text + `"`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []interface {
			json.Marshaler
			json.Unmarshaler
		}{new(sealed), new(lgwanToken), new(index)} {
			var malformed *crypto.MalformedError
			if err := v.UnmarshalJSON(data); err != nil {
				if !errors.As(err, &malformed) {
					t.Errorf("err = %v, want a *MalformedError", err)
				}
				continue
			}
			want := string(data)
			if want == `""` {
				want = "null"
			}
			if again, err := v.MarshalJSON(); err != nil || string(again) != want {
				t.Errorf("%s is written again as %s, %v", data, again, err)
			}
		}
	})
}

// column is what a driver hands to Scan for a column of text or of bytes.
func column(data []byte, text bool) any {
	if text {
		return string(data)
	}
	return data
}

func goldenBytes(t testing.TB, text string) []byte {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func opensOnlyGolden(t *testing.T, k *crypto.Keys[myNumber], s sealed) {
	t.Helper()
	got, err := crypto.Open(k, s, goldenAD())
	text, _ := s.MarshalText()
	if string(text) == goldenSealed {
		if err != nil || string(got) != goldenPlaintext {
			t.Errorf("Open = %q, %v, want %q", got, err, goldenPlaintext)
		}
		return
	}
	wantOpenError(t, "a value nobody sealed", got, err)
}
