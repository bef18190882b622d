package kek_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

// TestMain makes the test binary itself the other program, so that nothing need
// be built: with a behaviour in the environment it is a key-encryption key.
func TestMain(m *testing.M) {
	if name := os.Getenv("KEK_TEST_PROGRAM"); name != "" {
		os.Exit(programs[name]())
	}
	os.Exit(m.Run())
}

// programs are the other programs: one that works, and others that are wrong in
// one way each.
var programs = map[string]func() int{
	"serve": func() int {
		k, err := kek.OpenFile(os.Getenv("KEK_TEST_FILE"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return kek.ExitFailed
		}
		return kek.Serve(k, os.Stdin, os.Stdout)
	},
	"blab": func() int { return kek.Serve(blabKEK{}, os.Stdin, os.Stdout) },
	"deny": func() int {
		return say(`{"sekisho-kek":1,"error":"permission denied\non key kouki"}`, "policy 7\nforbids it", 1)
	},
	"deny-0":     func() int { return say(`{"sekisho-kek":1,"error":"no"}`, "", 0) },
	"silent":     func() int { return say("", "", 0) },
	"dies":       func() int { return say("", "no route to the service\n\ttry the VPN", 3) },
	"garbage":    func() int { return say("hello", "", 0) },
	"data-1":     func() int { return say(`{"sekisho-kek":1,"data":"eA=="}`, "", 1) },
	"two":        func() int { return say(`{"sekisho-kek":1,"data":"eA=="}{"sekisho-kek":1,"data":"eA=="}`, "", 0) },
	"number":     func() int { return say(`{"sekisho-kek":2,"data":"eA=="}`, "", 0) },
	"spaced":     func() int { return say(" {\n\t\"data\": \"eA==\",\n \"sekisho-kek\": 1 }\n\n", "a warning", 0) },
	"endless":    func() int { _, err := io.Copy(os.Stdout, endless{}); return exitOf(err) },
	"long-data":  func() int { return say(`{"sekisho-kek":1,"data":"`+strings.Repeat("AAAA", 1<<20/3+1)+`"}`, "", 0) },
	"noisy":      func() int { io.CopyN(os.Stderr, endless{}, 1<<20); return say("", "", 2) },
	"sleeps":     func() int { time.Sleep(time.Minute); return 0 },
	"deaf":       func() int { os.Stdin.Close(); return say(`{"sekisho-kek":1,"data":"eA=="}`, "", 0) },
	"tells":      func() int { in, _ := io.ReadAll(os.Stdin); return say("", "bad request: "+string(in), 2) },
	"tells-raw":  func() int { return say("", "bad keyset: "+string(asked().Data), 2) },
	"tells-hex":  func() int { return say("", "bad keyset: "+hex.EncodeToString(asked().Data), 2) },
	"tells-some": func() int { return say("", "bad: "+base64.RawURLEncoding.EncodeToString(asked().Data[4:]), 2) },
	"tells-here": func() int {
		text, _ := json.Marshal("bad keyset: " + string(asked().Data))
		return say(`{"sekisho-kek":1,"error":`+string(text)+`}`, "", 1)
	},
	"tells-answer": func() int {
		return say(`{"sekisho-kek":1,"data":"YSBrZXlzZXQsIGluIGNsZWFy"}`, "gave a keyset, in clear", 1)
	},
}

func say(out, err string, exit int) int {
	io.WriteString(os.Stdout, out)
	io.WriteString(os.Stderr, err)
	return exit
}

func asked() (r struct{ Data []byte }) {
	json.NewDecoder(os.Stdin).Decode(&r)
	return r
}

func exitOf(err error) int {
	if err != nil {
		return 1
	}
	return 0
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// execKEK returns the test binary as a key-encryption key with a behaviour.
func execKEK(t testing.TB, name string, timeout time.Duration) tink.AEAD {
	t.Helper()
	if programs[name] == nil {
		t.Fatalf("no program %s", name)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if t, ok := t.(*testing.T); ok {
		t.Setenv("KEK_TEST_PROGRAM", name)
		t.Setenv("GORACE", "atexit_sleep_ms=0") // or each program sleeps a second before it ends
	}
	k, err := kek.Exec(context.Background(), kek.Command{Name: self, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestExec(t *testing.T) {
	k, path := newFile(t)
	t.Setenv("KEK_TEST_FILE", path)
	program := execKEK(t, "serve", 0)
	for _, plaintext := range [][]byte{[]byte("a keyset, in clear"), nil, make([]byte, 1<<20-28)} {
		for _, ad := range [][]byte{[]byte("kouki seal"), nil} {
			if ad == nil && len(plaintext) > 100 {
				continue // the size has been tried
			}
			ct, err := program.Encrypt(plaintext, ad)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := k.Decrypt(ct, ad); err != nil || !bytes.Equal(got, plaintext) {
				t.Fatalf("what the program encrypted: %d bytes, %v", len(got), err)
			}
			if got, err := program.Decrypt(ct, ad); err != nil || !bytes.Equal(got, plaintext) {
				t.Fatalf("what the program decrypted: %d bytes, %v", len(got), err)
			}
			got, err := program.Decrypt(ct, []byte("kouki sign"))
			if e := wantReason(t, "other associated data", got, err, kek.ReasonRefused); !strings.Contains(e.Error(), "cannot decrypt: kek: file") {
				t.Errorf("err = %v, want the reason of the program in it", e)
			}
		}
	}
	got, err := program.Encrypt(make([]byte, 1<<20+1), nil)
	wantReason(t, "too long", got, err, kek.ReasonTooLong)
	got, err = program.Decrypt(nil, make([]byte, 1<<20+1))
	wantReason(t, "too long associated data", got, err, kek.ReasonTooLong)
	got, err = program.Encrypt(make([]byte, 1<<20), nil)
	wantReason(t, "a result that is too long", got, err, kek.ReasonRefused)
}

func TestExecRefuses(t *testing.T) {
	for _, tc := range []struct {
		program string
		want    kek.Reason
		text    string // in the error
	}{
		{"deny", kek.ReasonRefused, "permission denied on key kouki: policy 7 forbids it"},
		{"deny-0", kek.ReasonRefused, "refused (no)"},
		{"silent", kek.ReasonProgram, "no answer"},
		{"dies", kek.ReasonProgram, "exit status 3: no answer: no route to the service try the VPN"},
		{"garbage", kek.ReasonProgram, "not an answer: not a JSON object"},
		{"data-1", kek.ReasonProgram, "exit status 1: yet it answered with data"},
		{"two", kek.ReasonProgram, "something follows"},
		{"number", kek.ReasonProgram, "want the number 1"},
		{"endless", kek.ReasonProgram, ""},
		{"long-data", kek.ReasonProgram, "more than 1048576 bytes"},
		{"noisy", kek.ReasonProgram, "xxxx…"},
		{"tells", kek.ReasonProgram, "withheld"},
		{"tells-raw", kek.ReasonProgram, "withheld"},
		{"tells-hex", kek.ReasonProgram, "withheld"},
		{"tells-some", kek.ReasonProgram, "withheld"},
		{"tells-here", kek.ReasonRefused, "withheld"},
		{"tells-answer", kek.ReasonProgram, "withheld"},
		{"blab", kek.ReasonRefused, "withheld"},
	} {
		t.Run(tc.program, func(t *testing.T) {
			secret := "a keyset, in clear"
			got, err := execKEK(t, tc.program, 0).Encrypt([]byte(secret), []byte("ad"))
			e := wantReason(t, tc.program, got, err, tc.want)
			text := e.Error()
			if !strings.Contains(text, tc.text) || strings.ContainsAny(text, "\r\n\t") || len(text) > 1200 {
				t.Errorf("err = %s, want one short line with %q in it", text, tc.text)
			}
			for _, form := range []string{secret, secret[4:], base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret))} {
				if strings.Contains(text, form) {
					t.Errorf("err = %s repeats what was to be encrypted", text)
				}
			}
		})
	}
}

func TestExecTakesAnswersOfOthers(t *testing.T) {
	for _, name := range []string{"spaced", "deaf"} {
		if got, err := execKEK(t, name, 0).Decrypt([]byte("ct"), nil); err != nil || string(got) != "x" {
			t.Errorf("%s: Decrypt = %q, %v, want x", name, got, err)
		}
	}
}

func TestExecEnds(t *testing.T) {
	began := time.Now()
	got, err := execKEK(t, "sleeps", 100*time.Millisecond).Decrypt([]byte("ct"), nil)
	if e := wantReason(t, "a program that sleeps", got, err, kek.ReasonTimeout); !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("err = %v, want it to lead to context.DeadlineExceeded", e)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v to give up after 100 ms", took)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k, err := kek.Exec(ctx, kek.Command{Name: self})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	got, err = k.Decrypt([]byte("ct"), nil)
	if e := wantReason(t, "a context that is done", got, err, kek.ReasonProgram); !errors.Is(e, context.Canceled) {
		t.Errorf("err = %v, want it to lead to context.Canceled", e)
	}
}

func TestExecNeedsAProgram(t *testing.T) {
	got, err := kek.Exec(context.Background(), kek.Command{Name: "sekisho-kek-of-nobody"})
	wantReason(t, "no program", got, err, kek.ReasonProgram)
	got, err = kek.Exec(context.Background(), kek.Command{})
	wantReason(t, "no name", got, err, kek.ReasonProgram)
	got, err = kek.Exec(context.Background(), kek.Command{Name: os.Args[0], Timeout: -1})
	wantReason(t, "a timeout below zero", got, err, kek.ReasonTimeout)
}

func TestServe(t *testing.T) {
	k := fileKEK(t)
	for _, tc := range []struct {
		name, in string
		exit     int
		out      string // in the answer
	}{
		{"encrypt", `{"sekisho-kek":1,"op":"encrypt","data":"eA==","associated-data":""}`, 0, `"data":`},
		{"spaced", "\n{ \"associated-data\" : \"\", \"op\":\"encrypt\", \"data\":\"\", \"sekisho-kek\" : 1 }\n", 0, `"data":`},
		{"does not open", `{"sekisho-kek":1,"op":"decrypt","data":"eA==","associated-data":""}`, 1, "cannot decrypt: kek: file"},
		{"nothing", ``, 2, "not a JSON object"},
		{"another op", `{"sekisho-kek":1,"op":"sign","data":"eA==","associated-data":""}`, 2, "want encrypt or decrypt"},
		{"a later number", `{"sekisho-kek":2,"op":"encrypt","data":"eA==","associated-data":""}`, 2, "want the number 1"},
		{"number as text", `{"sekisho-kek":"1","op":"encrypt","data":"eA==","associated-data":""}`, 2, "want the number 1"},
		{"another number that is one", `{"sekisho-kek":1.0,"op":"encrypt","data":"eA==","associated-data":""}`, 2, "want the number 1"},
		{"no associated data", `{"sekisho-kek":1,"op":"encrypt","data":"eA=="}`, 2, "associated-data\\\" is missing"},
		{"no data", `{"sekisho-kek":1,"op":"encrypt","associated-data":""}`, 2, "data\\\" is missing"},
		{"null", `{"sekisho-kek":1,"op":"encrypt","data":null,"associated-data":""}`, 2, "neither text nor a number"},
		{"nested", `{"sekisho-kek":1,"op":"encrypt","data":["eA=="],"associated-data":""}`, 2, "neither text nor a number"},
		{"doubled", `{"sekisho-kek":1,"op":"encrypt","op":"decrypt","data":"eA==","associated-data":""}`, 2, "twice"},
		{"folded", `{"sekisho-kek":1,"Op":"encrypt","data":"eA==","associated-data":""}`, 2, "op\\\" is missing"},
		{"unknown", `{"sekisho-kek":1,"op":"encrypt","data":"eA==","associated-data":"","also":1}`, 2, "also\\\" is unknown"},
		{"two", `{"sekisho-kek":1,"op":"encrypt","data":"eA==","associated-data":""}{}`, 2, "follows"},
		{"cut", `{"sekisho-kek":1,"op":"encrypt","data":"eA==","associated-data":""`, 2, "not a JSON object"},
		{"loose base64", `{"sekisho-kek":1,"op":"encrypt","data":"eB==","associated-data":""}`, 2, "not base64"},
		{"base64 without padding", `{"sekisho-kek":1,"op":"encrypt","data":"eA","associated-data":""}`, 2, "not base64"},
		{"base64 with a line end", `{"sekisho-kek":1,"op":"encrypt","data":"eA==\n","associated-data":""}`, 2, "not base64"},
		{"not UTF-8", "{\"sekisho-kek\":1,\"op\":\"encrypt\",\"data\":\"eA==\",\"associated-data\":\"\",\"\xff\":1}", 2, "not UTF-8"},
		{"too long", `{"sekisho-kek":1,"op":"encrypt","data":"` + strings.Repeat("AAAA", 1<<20) + `","associated-data":""}`, 2, "longer than"},
	} {
		var out bytes.Buffer
		exit := kek.Serve(k, strings.NewReader(tc.in), &out)
		if exit != tc.exit || !strings.Contains(out.String(), tc.out) {
			t.Errorf("%s: exit %d, %s, want %d and %q in it", tc.name, exit, out.String(), tc.exit, tc.out)
		}
		if line, ok := strings.CutSuffix(out.String(), "\n"); !ok || strings.Contains(line, "\n") || !json.Valid([]byte(line)) {
			t.Errorf("%s: the answer is not one line of JSON: %q", tc.name, out.String())
		}
	}
	var out bytes.Buffer
	request := `{"sekisho-kek":1,"op":"encrypt","data":"eA==","associated-data":""}`
	if exit := kek.Serve(nil, strings.NewReader(request), &out); exit != kek.ExitFailed || !strings.Contains(out.String(), "error") {
		t.Errorf("without a key: exit %d, %s", exit, out.String())
	}
	if exit := kek.Serve(k, strings.NewReader(request), brokenWriter{}); exit != kek.ExitFailed {
		t.Errorf("with nobody to answer to: exit %d, want %d", exit, kek.ExitFailed)
	}
	if exit := kek.Serve(k, brokenWriter{}, &out); exit != kek.ExitFailed {
		t.Errorf("with a request that cannot be read: exit %d, want %d", exit, kek.ExitFailed)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }
func (brokenWriter) Read([]byte) (int, error)  { return 0, errors.New("broken") }
