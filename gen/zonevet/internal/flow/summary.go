package flow

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/factbytes"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

// Summary is what a function does with data, as its callers see it. Inputs are
// the receiver, the parameters and, of a function literal, what it captures.
type Summary struct {
	Results [][]Item // what each result holds
	Stores  []Store  // what the function puts into what its inputs point to
	Calls   []Call   // what it passes to functions that it was given
	Sinks   []Exit   // which inputs reach a sink
}

// Item is something that a result or another input holds: an input, or data
// with a label.
type Item struct {
	At    path // where in the result
	Input int  // of an input, else -1
	Path  inputPath
	Label *labels.Label
	Via   string // where the data was read
	Errd  bool
}

// Store is an item that ends in an input.
type Store struct {
	Input int
	Path  inputPath // where in the input
	Write bool      // it was written to a writer there
	Item  Item
}

// Call is an item that is passed to a function that was given as an input.
type Call struct {
	Input int
	Path  inputPath
	Arg   int
	Item  Item
}

// Exit is an input that reaches a sink.
type Exit struct {
	Input int
	Path  inputPath
	Class string
	Mode  tables.Mode
	Errd  bool   // it got there as part of an error
	Where string // "log.Println at store.go:12", and what led there
	pos   token.Pos
}

// Fact is a summary as it is passed on to other packages. Functions that do
// nothing worth telling have none.
type Fact struct{ B []byte }

// AFact marks a fact.
func (*Fact) AFact() {}

// String describes the fact for people who debug.
func (f *Fact) String() string {
	s, err := decode(f.B, func(l labels.Label, _ string) *labels.Label { return &l })
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d results, %d stores, %d calls, %d sinks", len(s.Results), len(s.Stores), len(s.Calls), len(s.Sinks))
}

var _ analysis.Fact = (*Fact)(nil)

// neutral reports whether there is nothing to tell.
func (s *Summary) neutral() bool {
	for _, r := range s.Results {
		if len(r) > 0 {
			return false
		}
	}
	return len(s.Stores)+len(s.Calls)+len(s.Sinks) == 0
}

// Bounds of what is told of a function. A function that does more is told of in
// part; what is closest to a sink comes first.
const (
	maxItems = 24
	maxExits = 24
)

// sort brings everything into the one order and drops what is there twice.
func (s *Summary) sort() {
	for i, r := range s.Results {
		s.Results[i] = compact(r, compareItems, maxItems)
	}
	s.Stores = compact(s.Stores, func(a, b Store) int {
		return cmp.Or(cmp.Compare(a.Input, b.Input), slices.Compare(a.Path[:], b.Path[:]), compareBool(a.Write, b.Write), compareItems(a.Item, b.Item))
	}, maxItems)
	s.Calls = compact(s.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Input, b.Input), slices.Compare(a.Path[:], b.Path[:]), cmp.Compare(a.Arg, b.Arg), compareItems(a.Item, b.Item))
	}, maxItems)
	byKey := func(a, b Exit) int {
		return cmp.Or(cmp.Compare(a.Input, b.Input), slices.Compare(a.Path[:], b.Path[:]), cmp.Compare(a.Class, b.Class),
			cmp.Compare(a.Mode, b.Mode), compareBool(a.Errd, b.Errd))
	}
	slices.SortStableFunc(s.Sinks, func(a, b Exit) int {
		return cmp.Or(byKey(a, b), cmp.Compare(len(a.Where), len(b.Where)), strings.Compare(a.Where, b.Where))
	})
	s.Sinks = slices.CompactFunc(s.Sinks, func(a, b Exit) bool { return byKey(a, b) == 0 })
	s.Sinks = s.Sinks[:min(len(s.Sinks), maxExits)]
}

func compact[T any](list []T, compare func(a, b T) int, most int) []T {
	slices.SortStableFunc(list, compare)
	list = slices.CompactFunc(list, func(a, b T) bool { return compare(a, b) == 0 })
	return list[:min(len(list), most)]
}

func compareItems(a, b Item) int {
	return cmp.Or(slices.Compare(a.At[:], b.At[:]), cmp.Compare(a.Input, b.Input), slices.Compare(a.Path[:], b.Path[:]),
		strings.Compare(labelKey(a.Label), labelKey(b.Label)), strings.Compare(a.Via, b.Via), compareBool(a.Errd, b.Errd))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// labelKey tells labels apart.
func labelKey(l *labels.Label) string {
	if l == nil {
		return ""
	}
	return l.Of + "\x00" + l.Class + "\x00" + l.Policy.Path
}

const version = 1

// encode gives the same bytes for the same summary. It is sorted.
func (s *Summary) encode() []byte {
	var w factbytes.Writer
	w.Uint(version)
	w.Uint(uint64(len(s.Results)))
	for _, r := range s.Results {
		w.Uint(uint64(len(r)))
		for i := range r {
			r[i].encode(&w)
		}
	}
	w.Uint(uint64(len(s.Stores)))
	for i := range s.Stores {
		st := &s.Stores[i]
		encodeInput(&w, st.Input, st.Path)
		w.Bool(st.Write)
		st.Item.encode(&w)
	}
	w.Uint(uint64(len(s.Calls)))
	for i := range s.Calls {
		c := &s.Calls[i]
		encodeInput(&w, c.Input, c.Path)
		w.Uint(uint64(c.Arg))
		c.Item.encode(&w)
	}
	w.Uint(uint64(len(s.Sinks)))
	for i := range s.Sinks {
		x := &s.Sinks[i]
		encodeInput(&w, x.Input, x.Path)
		w.String(x.Class)
		w.Uint(uint64(x.Mode))
		w.Bool(x.Errd)
		w.String(x.Where)
	}
	return w.Bytes()
}

func encodeInput(w *factbytes.Writer, input int, p inputPath) {
	w.Uint(uint64(input + 1))
	w.String(p[0])
	w.String(p[1])
}

func decodeInput(r *factbytes.Reader) (int, inputPath) {
	return int(r.Uint()) - 1, inputPath{r.String(), r.String()}
}

func (it *Item) encode(w *factbytes.Writer) {
	for _, sel := range it.At {
		w.String(sel)
	}
	encodeInput(w, it.Input, it.Path)
	w.Bool(it.Errd)
	w.Bool(it.Label != nil)
	if l := it.Label; l != nil {
		w.String(l.Policy.Path)
		w.String(l.Zone)
		w.String(l.Class)
		w.Strings(l.Categories)
		w.String(l.Of)
		w.Bool(l.Token)
		w.String(it.Via)
	}
}

// decode reads a summary. The function label completes the label of a policy;
// it may return nil where the policy is not in sight.
func decode(b []byte, label func(l labels.Label, policy string) *labels.Label) (*Summary, error) {
	r := factbytes.NewReader(b)
	if r.Uint() != version {
		return nil, factbytes.ErrBroken
	}
	s := &Summary{}
	for range r.Len() {
		var items []Item
		for range r.Len() {
			items = append(items, decodeItem(r, label))
		}
		s.Results = append(s.Results, items)
	}
	for range r.Len() {
		var st Store
		st.Input, st.Path = decodeInput(r)
		st.Write = r.Bool()
		st.Item = decodeItem(r, label)
		s.Stores = append(s.Stores, st)
	}
	for range r.Len() {
		var c Call
		c.Input, c.Path = decodeInput(r)
		c.Arg = int(r.Uint())
		c.Item = decodeItem(r, label)
		s.Calls = append(s.Calls, c)
	}
	for range r.Len() {
		var x Exit
		x.Input, x.Path = decodeInput(r)
		x.Class = r.String()
		x.Mode = tables.Mode(r.Uint())
		x.Errd = r.Bool()
		x.Where = r.String()
		s.Sinks = append(s.Sinks, x)
	}
	if !r.Done() {
		return nil, factbytes.ErrBroken
	}
	return s, nil
}

func decodeItem(r *factbytes.Reader, label func(labels.Label, string) *labels.Label) (it Item) {
	for i := range it.At {
		it.At[i] = r.String()
	}
	it.Input, it.Path = decodeInput(r)
	it.Errd = r.Bool()
	if r.Bool() {
		policy := r.String()
		l := labels.Label{Zone: r.String(), Class: r.String(), Categories: r.Strings(), Of: r.String(), Token: r.Bool()}
		it.Label = label(l, policy)
		it.Via = r.String()
	}
	return it
}
