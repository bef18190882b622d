package oldtink_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/benchmarks/oldtink"
)

var update = flag.Bool("update", false, "have the old module make testdata/tink-1.7.0.json again")

const (
	fixtures = "testdata/tink-1.7.0.json"
	oldTink  = "github.com/google/tink/go v1.7.0"
	newTink  = "github.com/tink-crypto/tink-go/v2"
)

// peerProgram is the path of the program that links the old module.
var peerProgram string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "oldtink")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	peerProgram = filepath.Join(dir, "peer")
	if runtime.GOOS == "windows" {
		peerProgram += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", peerProgram, "./peer").CombinedOutput(); err != nil {
		// The fixtures are there for the day on which this happens.
		fmt.Fprintf(os.Stderr, "the program with the old module does not build, tests that need it fail: %v\n%s", err, out)
		peerProgram = ""
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// askPeer hands x to the old module and returns what it makes of it.
func askPeer(t testing.TB, x oldtink.Exchange) oldtink.Exchange {
	t.Helper()
	if peerProgram == "" {
		t.Fatal("there is no program with the old module: see the output of go build above")
	}
	in, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(peerProgram)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	var answer oldtink.Exchange
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// ask returns the cases that a side is asked to fill: each algorithm with its
// keyset bound to something and to nothing, in both of Tink's forms, before and
// after a rotation. largest is the size of the longest stream in bytes.
func ask(largest int) oldtink.Exchange {
	kek := sha256.Sum256([]byte("a key-encryption key that everybody knows"))
	x := oldtink.Exchange{Tink: oldTink, KEK: kek[:]}
	for _, a := range oldtink.Algorithms() {
		c := oldtink.Case{Algorithm: a, Input: []byte("0123456789"), AD: []byte("kouki, Insured, 1")}
		switch a {
		case oldtink.PRF, oldtink.Signature:
			c.AD = nil
		case oldtink.Stream4KB:
			c.Input = bytes.Repeat([]byte("0123456789"), 1000) // three segments
		case oldtink.Stream1MB:
			c.Input = bytes.Repeat([]byte("0123456789"), largest/10)
		}
		bound, rotated, plain := c, c, c
		bound.KeysetAD = []byte("kouki, mynumber")
		rotated.KeysetAD, rotated.Rotated = bound.KeysetAD, true
		plain.JSON, plain.AD = true, nil
		x.Cases = append(x.Cases, bound, rotated, plain)
	}
	return x
}

func name(i int, c oldtink.Case) string {
	return fmt.Sprintf("%d/%s/ad=%t/rotated=%t/json=%t", i, c.Algorithm, len(c.KeysetAD) > 0, c.Rotated, c.JSON)
}

// checkOpens wants every case of x to open with the new module as it is, and
// none with a byte changed, under other associated data, or with the key
// encryption key of somebody else.
func checkOpens(t *testing.T, x oldtink.Exchange) {
	kek := newKEK(t, x.KEK)
	other := newKEK(t, make([]byte, 32))
	for i, c := range x.Cases {
		t.Run(name(i, c), func(t *testing.T) {
			if err := open(&c, kek); err != nil {
				t.Fatal(err)
			}
			if _, err := read(&c, other); err == nil {
				t.Error("the keyset opens under another key-encryption key")
			}
			wrong := c
			wrong.KeysetAD = append(bytes.Clone(c.KeysetAD), 'x')
			if _, err := read(&wrong, kek); err == nil {
				t.Error("the keyset opens under other associated data")
			}
			h, err := read(&c, kek)
			if err != nil {
				t.Fatal(err)
			}
			checkRotation(t, c, h)
			checkOutputMutations(t, c, h)
			checkKeysetMutations(t, c, kek)
		})
	}
}

// checkRotation wants a rotated keyset to hold two keys, of which the older made
// the output.
func checkRotation(t *testing.T, c oldtink.Case, h *keyset.Handle) {
	t.Helper()
	want := 1
	if c.Rotated {
		want = 2
	}
	primary, err := h.Primary()
	if err != nil {
		t.Fatal(err)
	}
	if h.Len() != want || (primary.KeyID() == c.KeyID) == c.Rotated {
		t.Errorf("%d keys, made by %d, primary %d", h.Len(), c.KeyID, primary.KeyID())
	}
}

// positions are the bytes that are changed: every one of a short value, of a
// long one both ends and some between.
func positions(n int) []int {
	ends := 64
	if n > 100_000 {
		ends = 8
	}
	var list []int
	for i := range n {
		if i < ends || i >= n-ends || i%max(1, n/8) == 0 {
			list = append(list, i)
		}
	}
	return list
}

func checkOutputMutations(t *testing.T, c oldtink.Case, h *keyset.Handle) {
	t.Helper()
	for _, at := range positions(len(c.Output)) {
		changed := c
		changed.Output = bytes.Clone(c.Output)
		changed.Output[at] ^= 1
		if openWith(&changed, h) == nil {
			t.Errorf("the output opens with byte %d changed", at)
		}
	}
	for _, n := range []int{0, 1, len(c.Output) / 2, len(c.Output) - 1} {
		changed := c
		changed.Output = c.Output[:n]
		if openWith(&changed, h) == nil {
			t.Errorf("the output opens cut to %d bytes", n)
		}
	}
	changed := c
	changed.Input = append(bytes.Clone(c.Input), 'x')
	if openWith(&changed, h) == nil {
		t.Error("the output opens to another input")
	}
	if c.Algorithm == oldtink.PRF || c.Algorithm == oldtink.Signature {
		return
	}
	changed = c
	changed.AD = append(bytes.Clone(c.AD), 'x')
	if openWith(&changed, h) == nil {
		t.Error("the output opens under other associated data")
	}
}

// checkKeysetMutations changes every byte that the key-encryption key made.
// What else Tink's JSON form has, information about the keys, nothing
// authenticates and nothing reads.
func checkKeysetMutations(t *testing.T, c oldtink.Case, kek tink.AEAD) {
	t.Helper()
	encrypted, err := reader(&c).ReadEncrypted()
	if err != nil {
		t.Fatal(err)
	}
	ad := c.KeysetAD
	ct := encrypted.GetEncryptedKeyset()
	for at := range ct {
		encrypted.EncryptedKeyset = bytes.Clone(ct)
		encrypted.EncryptedKeyset[at] ^= 1
		m := &keyset.MemReaderWriter{EncryptedKeyset: encrypted}
		if _, err := keyset.ReadWithAssociatedData(m, kek, ad); err == nil {
			t.Errorf("the keyset opens with byte %d changed", at)
		}
	}
}

func TestNewOpensOld(t *testing.T) {
	x := askPeer(t, ask(2_500_000))
	checkOpens(t, x)
}

// TestFixtures opens what the old module made once. The file holds the cases of
// ask, each filled.
func TestFixtures(t *testing.T) {
	if *update {
		writeFixtures(t, askPeer(t, ask(2000)))
	}
	data, err := os.ReadFile(fixtures)
	if err != nil {
		t.Fatal(err)
	}
	var x oldtink.Exchange
	if err := json.Unmarshal(data, &x); err != nil {
		t.Fatal(err)
	}
	made := cmpopts.IgnoreFields(oldtink.Case{}, "KeyID", "Keyset", "Public", "Output")
	if diff := cmp.Diff(ask(2000), x, made); diff != "" {
		t.Fatalf("%s does not hold what is asked for (-want +got):\n%s", fixtures, diff)
	}
	checkOpens(t, x)
}

func writeFixtures(t *testing.T, x oldtink.Exchange) {
	t.Helper()
	data, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fixtures, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOldOpensNew is the other direction: a program that has not moved yet reads
// what one that has moved writes.
func TestOldOpensNew(t *testing.T) {
	x := ask(2_500_000)
	x.Tink = newTink
	kek := newKEK(t, x.KEK)
	for i := range x.Cases {
		if err := fill(&x.Cases[i], kek); err != nil {
			t.Fatal(err)
		}
	}
	answer := askPeer(t, x)
	if len(answer.Cases) != len(x.Cases) {
		t.Fatalf("%d cases came back, want %d", len(answer.Cases), len(x.Cases))
	}
	for i, c := range answer.Cases {
		if c.Err != "" {
			t.Errorf("%s: %s", name(i, c), c.Err)
		}
	}
	for i, c := range askPeer(t, mutations(x)).Cases {
		if c.Err == "" {
			t.Errorf("mutation %d of %s opens with the old module", i, c.Algorithm)
		}
	}
}

// mutations returns the short cases of x, each several times with one byte of
// its output changed.
func mutations(x oldtink.Exchange) oldtink.Exchange {
	var changed []oldtink.Case
	for _, c := range x.Cases {
		if len(c.Output) > 1000 {
			continue
		}
		for _, at := range []int{0, 4, 5, len(c.Output) / 2, len(c.Output) - 1} {
			m := c
			m.Output = slices.Clone(c.Output)
			m.Output[at] ^= 1
			changed = append(changed, m)
		}
	}
	x.Cases = changed
	return x
}
