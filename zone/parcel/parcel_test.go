package parcel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/parcel"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
	"github.com/sekisho-go/sekisho/zone/zonetest/zonecmp"
)

// out is the road that the tests send persons over, back the one they come back
// by.
type (
	out  = zones.MyNumberToLGWAN
	back = zones.LGWANToMyNumber
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantError[E error](t testing.TB, what string, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("%s: err = %v (%T), want a %T", what, err, err, want)
	}
	return want
}

// site is a border with what it logs.
type site struct {
	border *zone.Border
	log    *zonetest.Recorder
}

// sites are two borders of the specimen's policy that know each other's keys.
func sites(t testing.TB, opts ...zone.Option) (near, far site) {
	t.Helper()
	ring := zone.WithKeys(zonetest.Keys(t, zones.Policy()))
	near.border, near.log = zonetest.Border(t, zones.Policy(), append(opts, ring)...)
	far.border, far.log = zonetest.Border(t, zones.Policy(), append(opts, ring)...)
	return near, far
}

// person returns a person whose values are recognised wherever they leak to.
func person(i int) *specimen.Person {
	return &specimen.Person{
		InsuredNumber: fmt.Sprintf("canary%08d", i), Name: "canaryname", Kana: "canarykana", Address: "canaryaddress", Account: "canaryaccount",
		Phone: "canaryphone", BirthDate: time.Date(1945, 3, 14, 0, 0, 0, 0, time.UTC), Municipality: "canarytown",
	}
}

// send sends persons and returns the parcel and the views that are in it.
func send(t testing.TB, s site, n int, opts ...parcel.CreateOption) ([]byte, []*specimen.PersonLGWAN) {
	t.Helper()
	x := zonetest.Cross[out](t, s.border, zones.PurposeLevy)
	var b bytes.Buffer
	w := must[*parcel.Writer[specimen.PersonLGWAN]](t)(parcel.Create[specimen.PersonLGWAN](x, &b, opts...))
	defer w.Abort()
	var views []*specimen.PersonLGWAN
	for i := range n {
		view := must[*specimen.PersonLGWAN](t)(person(i).ToLGWAN(x))
		if err := w.Add(view); err != nil {
			t.Fatal(err)
		}
		views = append(views, view)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), views
}

// open opens a parcel of persons.
func open(s site, register parcel.Register, data []byte, opts ...parcel.OpenOption) (*parcel.Reader[specimen.PersonLGWAN], error) {
	return parcel.Open[specimen.PersonLGWAN, out](context.Background(), s.border, register, bytes.NewReader(data), opts...)
}

// receive opens a parcel of persons and reads it to its end or to an error.
func receive(s site, register parcel.Register, data []byte, opts ...parcel.OpenOption) (views []*specimen.PersonLGWAN, err error) {
	r, err := open(s, register, data, opts...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for view, err := range r.All() {
		if err != nil {
			return views, err
		}
		views = append(views, view)
	}
	return views, r.Finish()
}

func TestViews(t *testing.T) {
	near, far := sites(t)
	for _, n := range []int{0, 1, 5000} {
		data, sent := send(t, near, n)
		got, err := receive(far, parcel.AcceptReplays(), data)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(sent, got, zonecmp.Closed()); d != "" {
			t.Errorf("%d views came as others:\n%s", n, d)
		}
		ends := near.log.Ends()
		if last := ends[len(ends)-1]; last.Outcome != zone.Committed || last.Records != int64(n) {
			t.Errorf("the audit log says %v, %d records; want committed, %d", last.Outcome, last.Records, n)
		}
		if bytes.Contains(data, []byte("canary")) {
			t.Error("the parcel shows a value")
		}
	}
}

// TestHeader is the label that "head -1" shows.
func TestHeader(t *testing.T) {
	near, far := sites(t, zone.WithClock(func() time.Time { return time.Date(2026, 11, 23, 18, 30, 15, 999, time.FixedZone("JST", 9*3600)) }))
	data, _ := send(t, near, 2, parcel.WithCount(2), parcel.WithLifetime(48*time.Hour))
	in := must[*parcel.Inspection](t)(parcel.Inspect(bytes.NewReader(data)))
	if err := parcel.Verify(in, must[*crypto.PublicKeys[zones.MyNumber]](t)(crypto.PublicKeysOf[zones.MyNumber](zonetest.Keys(t, zones.Policy())))); err == nil {
		t.Error("keys of somebody else verify the label")
	}
	r := must[*parcel.Reader[specimen.PersonLGWAN]](t)(open(far, parcel.AcceptReplays(), data))
	defer r.Close()
	got := r.Header()
	if d := cmp.Diff(in.Header, got); d != "" {
		t.Errorf("Inspect shows another header than Open (-inspect +open):\n%s", d)
	}
	name, digest := near.border.Policy()
	begun := near.log.Begins()[0]
	two := int64(2)
	want := parcel.Header{
		Format: 1, ID: got.ID, Policy: name, Digest: digest, Route: "mynumber→lgwan", From: "mynumber", To: "lgwan",
		Clause: begun.Clause, Crossing: begun.ID,
		SealedAt: time.Date(2026, 11, 23, 9, 30, 15, 0, time.UTC), Expires: time.Date(2026, 11, 25, 9, 30, 15, 0, time.UTC),
		Class: "3C", SealedClass: "3B", Integrity: "2", Payload: parcel.Records,
		Type:   "github.com/sekisho-go/sekisho/internal/specimen.PersonLGWAN",
		Schema: []byte((*specimen.PersonLGWAN)(nil).Packing().JSON()), Count: &two,
		Box:    parcel.Key{Algorithm: "HPKE-X25519-HKDF-SHA256-AES-256-GCM", ID: got.Box.ID},
		Sign:   parcel.Key{Algorithm: "Ed25519", ID: got.Sign.ID},
		Stream: "AES-256-GCM-HKDF-SHA256-16KiB-1MiB",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("header (-want +got):\n%s", d)
	}
	if len(got.ID) != 32 || got.Box.ID == 0 || got.Sign.ID == 0 {
		t.Errorf("id %q, box key %d, sign key %d", got.ID, got.Box.ID, got.Sign.ID)
	}
	if line, _, _ := bytes.Cut(data, []byte("\n")); !bytes.HasPrefix(line, []byte(`{"sekisho-parcel":1,"id":"`+got.ID+`","policy":"specimen"`)) {
		t.Errorf("line 1 begins with %.80q", line)
	}
}

// TestReturn sends views back to where the records are.
func TestReturn(t *testing.T) {
	near, far := sites(t)
	data, _ := send(t, near, 3)
	views := must[[]*specimen.PersonLGWAN](t)(receive(far, parcel.AcceptReplays(), data))

	x := zonetest.Cross[back](t, far.border, zones.PurposeLevy)
	var b bytes.Buffer
	w := must[*parcel.ReturnWriter[back, specimen.PersonLGWAN]](t)(parcel.CreateReturn[specimen.PersonLGWAN](x, &b))
	defer w.Abort()
	for _, view := range views {
		going := must[zone.Returning[back, *specimen.PersonLGWAN]](t)(view.ReturningToMyNumber(x))
		if err := w.Add(going); err != nil {
			t.Fatal(err)
		}
	}
	wantError[*parcel.RecordError](t, "a Returning from nowhere", w.Add(zone.Returning[back, *specimen.PersonLGWAN]{}))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	r, err := parcel.OpenReturn[specimen.PersonLGWAN, back](context.Background(), near.border, parcel.AcceptReplays(), &b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	home := zonetest.Cross[back](t, near.border, zones.PurposeLevy)
	n := 0
	for view, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		p, err := view.ToMyNumber(home, person(n))
		if err != nil || p.Name != "canaryname" {
			t.Errorf("person %d does not come home: %v", n, err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d views came back, want 3", n)
	}
}

// TestCloseCommits: a parcel opens to its end only when its crossing has ended
// well, and the other way round nothing is committed that cannot be written.
func TestCloseCommits(t *testing.T) {
	near, far := sites(t)
	begin := func(dst io.Writer, opts ...parcel.CreateOption) (*zone.Crossing[out], *parcel.Writer[specimen.PersonLGWAN]) {
		x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
		return x, must[*parcel.Writer[specimen.PersonLGWAN]](t)(parcel.Create[specimen.PersonLGWAN](x, dst, opts...))
	}
	last := func() zone.Outcome { ends := near.log.Ends(); return ends[len(ends)-1].Outcome }
	add := func(x *zone.Crossing[out], w *parcel.Writer[specimen.PersonLGWAN]) *specimen.PersonLGWAN {
		view := must[*specimen.PersonLGWAN](t)(person(1).ToLGWAN(x))
		if err := w.Add(view); err != nil {
			t.Fatal(err)
		}
		return view
	}

	t.Run("an audit log that takes no end", func(t *testing.T) {
		var b bytes.Buffer
		x, w := begin(&b)
		add(x, w)
		near.log.FailEnd(errors.New("disk"))
		wantError[*zone.RefusalError](t, "Close", w.Close())
		near.log.FailEnd(nil)
		_, err := receive(far, parcel.AcceptReplays(), b.Bytes())
		wantError[*parcel.TruncatedError](t, "the parcel", err)
	})
	t.Run("more records than crossed", func(t *testing.T) {
		x, w := begin(io.Discard)
		view := add(x, w)
		w.Add(view)
		wantError[*parcel.StateError](t, "Close", w.Close())
		if last() != zone.Aborted {
			t.Errorf("the crossing was %v", last())
		}
	})
	t.Run("another type than crossed", func(t *testing.T) {
		before := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
		household := must[*specimen.HouseholdLGWAN](t)(new(specimen.Household).ToLGWAN(before))
		before.Abort()
		x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
		must[*specimen.PersonLGWAN](t)(person(1).ToLGWAN(x))
		w := must[*parcel.Writer[specimen.HouseholdLGWAN]](t)(parcel.Create[specimen.HouseholdLGWAN](x, io.Discard))
		if err := w.Add(household); err != nil {
			t.Fatal(err)
		}
		wantError[*parcel.StateError](t, "Close", w.Close())
		if last() != zone.Aborted {
			t.Errorf("the crossing was %v", last())
		}
	})
	t.Run("another count than announced", func(t *testing.T) {
		x, w := begin(io.Discard, parcel.WithCount(2))
		add(x, w)
		if err := wantError[*parcel.CountError](t, "Close", w.Close()); err.Announced != 2 || err.Read != 1 {
			t.Errorf("%v", err)
		}
		if last() != zone.Aborted {
			t.Errorf("the crossing was %v", last())
		}
	})
	t.Run("a full disk", func(t *testing.T) {
		full := &limited{left: 4000}
		x, w := begin(full)
		add(x, w)
		full.left = 0
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("Close = %v, want what the disk says", err)
		}
	})
	t.Run("abort", func(t *testing.T) {
		var b bytes.Buffer
		x, w := begin(&b)
		add(x, w)
		w.Abort()
		w.Abort()
		wantError[*parcel.StateError](t, "Close after Abort", w.Close())
		wantError[*parcel.StateError](t, "Add after Abort", w.Add(new(specimen.PersonLGWAN)))
		if last() != zone.Aborted {
			t.Errorf("the crossing was %v", last())
		}
		_, err := receive(far, parcel.AcceptReplays(), b.Bytes())
		wantError[*parcel.TruncatedError](t, "the parcel", err)
	})
	t.Run("a crossing that is over", func(t *testing.T) {
		x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
		x.Abort()
		_, err := parcel.Create[specimen.PersonLGWAN](x, io.Discard)
		wantError[*parcel.StateError](t, "Create", err)
		_, err = parcel.Create[specimen.PersonLGWAN]((*zone.Crossing[out])(nil), io.Discard)
		wantError[*parcel.StateError](t, "Create without a crossing", err)
	})
	t.Run("a context that is done", func(t *testing.T) {
		ctx, cancel := context.WithCancel(zone.WithEvidence(context.Background(), zonetest.Evidence(zones.PurposeLevy)))
		x := must[*zone.Crossing[out]](t)(zone.Cross[out](ctx, near.border))
		w := must[*parcel.Writer[specimen.PersonLGWAN]](t)(parcel.Create[specimen.PersonLGWAN](x, io.Discard))
		add(x, w)
		cancel()
		if err := w.Close(); !errors.Is(err, context.Canceled) {
			t.Errorf("Close = %v, want context.Canceled", err)
		}
		if last() != zone.Aborted {
			t.Errorf("the crossing was %v", last())
		}
	})
}

var errFull = errors.New("no space left")

type limited struct{ left int }

func (l *limited) Write(b []byte) (int, error) {
	if l.left -= len(b); l.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// changed returns a border whose policy differs, with the keys of another.
func changed(t testing.TB, keys zone.Option, change func(*policy.Policy)) site {
	t.Helper()
	p := must[*policy.Policy](t)(policy.Decode([]byte(zones.Policy().JSON)))
	change(p)
	var s site
	s.border, s.log = zonetest.Border(t, zonetest.Compile(p), keys)
	return s
}

// TestOtherPolicies opens a parcel under policies that are not the sender's.
func TestOtherPolicies(t *testing.T) {
	keys := zone.WithKeys(zonetest.Keys(t, zones.Policy()))
	var near site
	near.border, near.log = zonetest.Border(t, zones.Policy(), keys)
	data, _ := send(t, near, 1)
	_, digest := near.border.Policy()
	route := func(p *policy.Policy) *policy.Route {
		for i := range p.Routes {
			if p.Routes[i].From == "mynumber" && p.Routes[i].To == "lgwan" {
				return &p.Routes[i]
			}
		}
		panic("there is no such route")
	}
	for _, c := range []struct {
		name   string
		change func(*policy.Policy)
		accept bool
		why    string // "" where it opens
	}{
		{"the same", func(*policy.Policy) {}, false, ""},
		{"another edition", func(p *policy.Policy) { p.Edition = "2099-01" }, false, "is in force here"},
		{"another edition, accepted", func(p *policy.Policy) { p.Edition = "2099-01" }, true, ""},
		{"the road was shut before it was sealed", func(p *policy.Policy) { route(p).Until = "2020-03-31" }, true, "last day"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opts []parcel.OpenOption
			if c.accept {
				opts = append(opts, parcel.AcceptDigests("sha256:0", digest))
			}
			_, err := receive(changed(t, keys, c.change), parcel.AcceptReplays(), data, opts...)
			if c.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := wantError[*parcel.PolicyError](t, c.name, err); !strings.Contains(e.Detail, c.why) || e.Digest != digest {
				t.Errorf("%v: want %q", e, c.why)
			}
		})
	}
}

// TestAnotherThing opens a parcel as what it is not.
func TestAnotherThing(t *testing.T) {
	near, far := sites(t)
	data, _ := send(t, near, 1)
	ctx, src := context.Background(), bytes.NewReader(data)
	_, err := parcel.Open[specimen.HouseholdLGWAN, out](ctx, far.border, parcel.AcceptReplays(), src)
	if e := wantError[*parcel.SchemaError](t, "another type", err); !strings.Contains(e.Error(), "PersonLGWAN") {
		t.Errorf("%v: want the type that it has", e)
	}
	_, err = parcel.OpenFile[out](ctx, far.border, parcel.AcceptReplays(), bytes.NewReader(data))
	wantError[*parcel.SchemaError](t, "a file", err)
	_, err = parcel.OpenReturn[specimen.PersonLGWAN, back](ctx, far.border, parcel.AcceptReplays(), bytes.NewReader(data))
	wantError[*parcel.SenderError](t, "the road back", err)
	_, err = open(far, nil, data)
	wantError[*parcel.StateError](t, "no register", err)
	_, err = parcel.Open[specimen.PersonLGWAN, out](ctx, nil, parcel.AcceptReplays(), bytes.NewReader(data))
	wantError[*parcel.StateError](t, "no border", err)

	bare, _ := zonetest.Border(t, zones.Policy(), zone.WithKeys(nil))
	_, err = open(site{border: bare}, parcel.AcceptReplays(), data)
	wantError[*parcel.KeysError](t, "no keys", err)
	x := zonetest.Cross[out](t, bare, zones.PurposeLevy)
	_, err = parcel.Create[specimen.PersonLGWAN](x, io.Discard)
	wantError[*parcel.KeysError](t, "no keys to seal", err)
}

func TestReplay(t *testing.T) {
	near, far := sites(t)
	data, sent := send(t, near, 3)
	dir := t.TempDir()
	register := must[*parcel.FileRegister](t)(parcel.OpenRegister(dir))
	defer register.Close()

	r := must[*parcel.Reader[specimen.PersonLGWAN]](t)(open(far, register, data))
	for range r.All() {
		break
	}
	wantError[*parcel.StateError](t, "finishing half way", r.Finish())
	r.Close() // the process is killed here

	if list := must[[]parcel.Receipt](t)(register.Unfinished()); len(list) != 1 || list[0].ID != r.Header().ID {
		t.Errorf("unfinished: %v, want the parcel", list)
	}
	_, err := open(far, register, data)
	if e := wantError[*parcel.ReplayError](t, "begun", err); e.State != parcel.StateBegun {
		t.Errorf("%v", e)
	}
	got, err := receive(far, register, data, parcel.Resume())
	if err != nil || len(got) != len(sent) {
		t.Errorf("resumed: %d views, %v", len(got), err)
	}
	for _, opts := range [][]parcel.OpenOption{nil, {parcel.Resume()}} {
		_, err = receive(far, register, data, opts...)
		if e := wantError[*parcel.ReplayError](t, "received", err); e.State != parcel.StateFinished {
			t.Errorf("%v", e)
		}
	}
	again := must[*parcel.FileRegister](t)(parcel.OpenRegister(dir))
	defer again.Close()
	_, err = receive(far, again, data)
	wantError[*parcel.ReplayError](t, "received, in another process", err)
}

func TestFile(t *testing.T) {
	near, far := sites(t)
	content := strings.Repeat("一行の記録。\n", 200000)
	size := int64(len(content))
	for _, class := range []string{"1", "2"} {
		x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
		var b bytes.Buffer
		w := must[*parcel.FileWriter](t)(parcel.CreateFile(x, parcel.File{Name: "canary 報告.txt", Size: &size, Media: "text/plain"}, class, &b))
		if _, err := io.Copy(w, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r := must[*parcel.FileReader](t)(parcel.OpenFile[out](context.Background(), far.border, parcel.AcceptReplays(), bytes.NewReader(b.Bytes())))
		var got strings.Builder
		if class == "1" {
			io.Copy(&got, r)
		} else {
			io.Copy(&got, struct{ io.Reader }{r})
		}
		if err := r.Finish(); err != nil || got.String() != content || r.Header().File.Name != "canary 報告.txt" {
			t.Errorf("class %s: %d bytes, same: %t, %v", class, got.Len(), got.String() == content, err)
		}
		ends := near.log.Ends()
		if d := cmp.Diff([]zone.Count{{Type: "file", View: "file", Records: 1}}, ends[len(ends)-1].Counts); d != "" {
			t.Errorf("counts (-want +got):\n%s", d)
		}
	}
}

func TestFileRefused(t *testing.T) {
	near, _ := sites(t)
	for _, class := range []string{"3A", "3B", "3C", "4"} {
		x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
		_, err := parcel.CreateFile(x, parcel.File{Name: "canary.txt"}, class, io.Discard)
		if e := wantError[*parcel.PolicyError](t, "class "+class, err); e.Clause != "7(3)①" {
			t.Errorf("class %s: %v: want the clause", class, e)
		}
	}
	x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
	for _, name := range []string{"", "a/b", `a\b`, "..", "c:", "a\nb", strings.Repeat("x", 256)} {
		_, err := parcel.CreateFile(x, parcel.File{Name: name}, "1", io.Discard)
		if e := wantError[*parcel.MalformedError](t, "name", err); strings.Contains(e.Error(), "canary") {
			t.Errorf("%v shows the name", e)
		}
	}
	size := int64(5)
	w := must[*parcel.FileWriter](t)(parcel.CreateFile(x, parcel.File{Name: "canary", Size: &size}, "1", io.Discard))
	io.WriteString(w, "four")
	if e := wantError[*parcel.CountError](t, "another size", w.Close()); !e.Bytes || e.Read != 4 {
		t.Errorf("%v", e)
	}
}

// TestErrorsAreQuiet puts a record into every error and looks for it.
func TestErrorsAreQuiet(t *testing.T) {
	near, far := sites(t)
	data, _ := send(t, near, 40)
	for i := 0; i < len(data); i += 7 {
		bad := bytes.Clone(data)
		bad[i] ^= 0x20
		_, err := receive(far, parcel.AcceptReplays(), bad)
		if err == nil {
			t.Fatalf("byte %d changed, and nothing is noticed", i)
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "canary") || strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d: %q", i, text)
		}
	}
}

// zeroOf calls f with a zero value of a type that cannot be named here.
func zeroOf[P, V any](f func(P) (V, bool)) bool {
	var p P
	_, ok := f(p)
	return ok
}

// TestHandoverIsShut: what no program can name, a type parameter can; it gets
// nothing for it.
func TestHandoverIsShut(t *testing.T) {
	near, _ := sites(t)
	x := zonetest.Cross[out](t, near.border, zones.PurposeLevy)
	if zeroOf(near.border.Handover) || zeroOf(x.Handover) {
		t.Error("a border or a crossing hands over its keys to whoever asks")
	}
}
