package directive_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/directive"
)

var good = []struct {
	comment string
	want    directive.Directive
}{
	{"//zone:package internet", directive.Directive{Kind: directive.Package, Zone: "internet"}},
	{"//zone:package\tlgwan \r", directive.Directive{Kind: directive.Package, Zone: "lgwan"}},
	{`//zone:package internet // want "x"`, directive.Directive{Kind: directive.Package, Zone: "internet"}},
	{"//zone:allow leak test data, see https://example.com/1", directive.Directive{Kind: directive.Allow, Check: "leak", Reason: "test data, see https://example.com/1"}},
	{"//zone:allow leak  合成データ   だけ // seen by A", directive.Directive{Kind: directive.Allow, Check: "leak", Reason: "合成データ だけ"}},
	{"//zone:views internet", directive.Directive{Kind: directive.Views, Views: []string{"internet"}}},
	{"//zone:views lgwan internet", directive.Directive{Kind: directive.Views, Views: []string{"lgwan", "internet"}}},
	{"//classify:label name", directive.Directive{Kind: directive.Label, Tag: classify.Tag{Names: []string{"name"}}}},
	{"//classify:label name+address,action=drop,id // both", directive.Directive{Kind: directive.Label, Tag: classify.Tag{
		Names: []string{"name", "address"}, Action: classify.ActionDrop, ID: true}}},
}

func TestParse(t *testing.T) {
	for _, test := range good {
		got, ok, err := directive.Parse(test.comment)
		if !ok || err != nil {
			t.Errorf("Parse(%q) = %v, %v, want a directive", test.comment, ok, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", test.comment, diff)
		}
	}
}

var ordinary = []struct{ comment, reason string }{
	{"", "nothing"},
	{"//", "empty comment"},
	{"/", "not a comment"},
	{"zone:package internet", "not a comment"},
	{"// zone is a place", "prose"},
	{"//zone", "no colon"},
	{"//zone: zone.Internet,", "commented-out code"},
	{"//classify: x", "commented-out code"},
	{"//go:build linux", "somebody else's"},
	{"//Zone:other x", "somebody else's"},
	{"// zone:allow", "prose that names a directive"},
	{"// zone:package is a directive", "prose that starts with one"},
	{"// classify:label on a type takes a tag", "prose that starts with one"},
	{"//\t//zone:package internet", "code in a doc comment"},
	{"/* zone:views */", "prose in a block comment"},
}

func TestOrdinary(t *testing.T) {
	for _, test := range ordinary {
		if got, ok, err := directive.Parse(test.comment); ok || err != nil {
			t.Errorf("Parse(%q) = %v, %v, %v, want none: %s", test.comment, got, ok, err, test.reason)
		}
	}
}

const wantName = "letters a-z A-Z, digits and - _ . with a letter or digit first, 64 at most"

var bad = []struct{ comment, want string }{
	{"//zone:packages x", `directive, offset 2: unknown directive "zone:packages": want zone:package, zone:allow, zone:views or classify:label`},
	{"//classify:tag x", `directive, offset 2: unknown directive "classify:tag": want zone:package, zone:allow, zone:views or classify:label`},
	{"//zone:" + strings.Repeat("x", 100), `directive, offset 2: unknown directive "zone:` + strings.Repeat("x", 59) + `...": want zone:package, zone:allow, zone:views or classify:label`},
	{"// zone:package internet", `directive, offset 0: not a directive: write //zone:package in small letters, in a line comment, without a blank after //`},
	{"//Zone:Package internet", `directive, offset 0: not a directive: write //zone:package in small letters, in a line comment, without a blank after //`},
	{"/*classify:label name*/", `directive, offset 0: not a directive: write //classify:label in small letters, in a line comment, without a blank after //`},
	{"//zone:package", `directive, offset 14: no zone`},
	{"//zone:package // internet", `directive, offset 15: no zone`},
	{"//zone:package a/b", `directive, offset 15: "a/b" cannot be the name of a zone`},
	{"//zone:package lgwan internet", `directive, offset 21: more than one zone: a package is of one zone`},
	{"//zone:allow", `directive, offset 12: no check`},
	{"//zone:allow leak", `directive, offset 17: no reason: say after the check why the finding is accepted, for the auditor reads it`},
	{"//zone:allow leak // why", `directive, offset 18: no reason: say after the check why the finding is accepted, for the auditor reads it`},
	{"//zone:allow leak: why", `directive, offset 13: "leak:" cannot be the name of a check`},
	{"//zone:allow leak a \xff", `directive, offset 20: reason is not UTF-8`},
	{"//zone:views", `directive, offset 12: no zone or route`},
	{"//zone:views a b a", `directive, offset 17: "a" given twice`},
	{"//zone:views a,b", `directive, offset 13: "a,b" cannot be the name of a zone or route`},
	{"//classify:label", `directive, offset 16: no tag: want one in the form of the struct tag, such as name or 3B,action=drop`},
	{"//classify:label name,", `directive, offset 22: empty option: want one of class=, integrity=, availability=, action=, mask=, generalise=, id, column, index or token after the comma`},
	{"//classify:label  na/me", `directive, offset 18: name "na/me": want ` + wantName},
	{"//classify:label name, id", `directive, offset 22: empty option: want one of class=, integrity=, availability=, action=, mask=, generalise=, id, column, index or token after the comma`},
	{"//classify:label name id", `directive, offset 22: text after the tag: a tag has no blanks; write a comment after //`},
}

func TestErrors(t *testing.T) {
	for _, test := range bad {
		got, ok, err := directive.Parse(test.comment)
		if err == nil || ok {
			t.Errorf("Parse(%q) = %v, %v, %v, want error %s", test.comment, got, ok, err, test.want)
			continue
		}
		if err.Error() != test.want {
			t.Errorf("Parse(%q):\n got %s\nwant %s", test.comment, err, test.want)
		}
	}
}

func TestKindString(t *testing.T) {
	if got := directive.Kind(99).String(); got != "unknown" {
		t.Errorf("Kind(99) = %q, want unknown", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range good {
		f.Add(test.comment)
	}
	for _, test := range ordinary {
		f.Add(test.comment)
	}
	for _, test := range bad {
		f.Add(test.comment)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		d, ok, err := directive.Parse(comment)
		if err != nil {
			bad, typed := errors.AsType[*directive.Error](err)
			if ok || !typed || bad.Offset < 0 || bad.Offset > len(comment) {
				t.Fatalf("Parse(%q) = %v, %#v: want no directive and an offset in the comment", comment, ok, err)
			}
			return
		}
		if !ok {
			return
		}
		again, ok, err := directive.Parse(d.String())
		if !ok || err != nil {
			t.Fatalf("Parse(%q) = %v, %v, from %q: want the same directive", d.String(), ok, err, comment)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Fatalf("Parse(%q) (-first +again):\n%s", comment, diff)
		}
	})
}
