package intake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// header reads the first line, verifies it against the layout and makes the input ready for the rows.
func (in *input) header() error {
	for !in.split.eof && in.split.more() { // one full window: what is found must not depend on how the source delivers
	}
	if in.split.err != nil {
		return fmt.Errorf("intake: reading the header: %w", in.split.err)
	}
	window, c := in.split.window(), in.config.Charset
	if found, sign := c.looksLike(window, in.split.eof); found != "" {
		return fmt.Errorf("intake: the file is in %s (%s), and the charset stated is %v: "+
			"state the charset it has, or have it delivered in the one agreed on", found, sign, c)
	}
	var mark []byte
	if c == UTF8 && bytes.HasPrefix(window, utf8Mark) {
		mark = utf8Mark
		in.split.src.Discard(len(mark)) // cannot fail: it is buffered
	}
	rec, ok := in.split.next(0)
	switch {
	case !ok && in.split.err != nil:
		return fmt.Errorf("intake: reading the header: %w", in.split.err)
	case !ok || rec.blank:
		return fmt.Errorf("intake: the file has no header on its first line: want %d columns", len(in.config.Layout))
	case rec.shape != whole:
		_, text := in.structure(&rec)
		return errors.New("intake: the header cannot be read: " + text)
	}
	place, err := in.places(&rec)
	if err != nil {
		return err
	}
	in.row = newRow(in.config.Layout, place)
	in.aside = newAside(in.config.Aside, append(bytes.Clone(mark), rec.raw...))
	return nil
}

// places finds each column of the layout in the header. A header cell that is not in the layout is told by its place
// only: the first line of a file without header is a person.
func (in *input) places(rec *record) ([]int, error) {
	layout := in.config.Layout
	at := make(map[string][]int, len(layout)) // from 1
	for _, column := range layout {
		at[column.Name] = nil
	}
	var unknown []string
	for i, name := range in.names(rec) {
		if _, ok := at[name]; !ok {
			unknown = append(unknown, fmt.Sprint(i+1))
			continue
		}
		at[name] = append(at[name], i+1)
	}
	var missing, twice []string
	place := make([]int, len(layout))
	for i, column := range layout {
		switch found := at[column.Name]; len(found) {
		case 0:
			missing = append(missing, column.Name)
		case 1:
			place[i] = found[0] - 1
		default:
			twice = append(twice, fmt.Sprintf("%s (places %d and %d)", column.Name, found[0], found[1]))
		}
	}
	var wrong []string
	for _, w := range []struct {
		what string
		list []string
	}{{"it does not have ", missing}, {"it has more than once ", twice}, {"it has an unknown column in place ", unknown}} {
		if len(w.list) > 0 {
			wrong = append(wrong, w.what+enumerate(w.list))
		}
	}
	if len(wrong) == 0 {
		return place, nil
	}
	if len(missing) == len(layout) {
		wrong = append(wrong, "is the first line the header?")
	}
	return nil, fmt.Errorf("intake: the header is not the one agreed on: %s", strings.Join(wrong, "; "))
}

// names decodes the header's cells. One that cannot be decoded is "", which no column is called.
func (in *input) names(rec *record) []string {
	names := make([]string, len(rec.cells))
	for i, at := range rec.cells {
		raw := bytes.ReplaceAll(rec.raw[at.start:at.end], []byte(`""`), []byte(`"`))
		if text, bad := in.config.Charset.decode(nil, raw); bad < 0 {
			names[i] = string(text)
		}
	}
	return names
}

// enumerate joins a list, the first ten of it when it is longer.
func enumerate(list []string) string {
	const most = 10
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}
