package policyfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/zone/policy"
)

const (
	maxSize  = 1 << 20 // bytes of one file
	maxLine  = 1 << 16 // bytes of one line
	maxDepth = 12      // levels of nesting; the deepest that means something is 6
)

// parse reads the text of one policy file into a tree that holds nothing but
// mappings with unique text keys, lists and scalars. It reports everything
// else, and returns nil when there is nothing to go on with.
func parse(src *source, ps *problems) *yaml.Node {
	if !checkText(src, ps) {
		return nil
	}
	var docs []yaml.Node
	err := yaml.Load(src.data, &docs, yaml.WithAllDocuments(), yaml.WithUniqueKeys(false))
	if err != nil {
		ps.add(syntaxProblem(src, err))
		return nil
	}
	root := onlyDocument(src, ps, docs)
	if root == nil {
		return nil
	}
	w := walker{src: src, ps: ps}
	w.walk(root, 0)
	return root
}

// onlyDocument returns the root of a stream of exactly one document that says
// something.
func onlyDocument(src *source, ps *problems, docs []yaml.Node) *yaml.Node {
	if len(docs) > 1 {
		pos := src.at(docs[1].Line, docs[1].Column)
		ps.add(src.problem(pos, 1, "a second document begins here; a policy file is one document",
			`remove the line "---", or keep the second document in a file of its own and name it under "extends" or "overlays"`))
	}
	if len(docs) == 0 || len(docs[0].Content) == 0 || docs[0].Content[0].ShortTag() == "!!null" {
		ps.add(Problem{Pos: policy.Pos{File: src.name}, Len: 1, Msg: "the file says nothing",
			Remedy: `begin with "sekisho: 1" and "extends: [jp/alpha]", or let "sekisho init" write the file`})
		return nil
	}
	return docs[0].Content[0]
}

// checkText refuses text that readers and parsers see differently: other
// encodings, control characters, line ends that are none to an editor and
// characters that turn the direction of writing around.
func checkText(src *source, ps *problems) bool {
	const saveAs = "save the file as UTF-8"
	data := src.data
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		ps.add(Problem{Pos: policy.Pos{File: src.name}, Len: 1, Msg: "the file is UTF-16 text", Remedy: saveAs})
		return false
	}
	ok := true
	for n, line := range src.lines {
		if len(line) > maxLine {
			ps.add(Problem{Pos: policy.Pos{File: src.name, Line: n + 1, Col: 1}, Len: 1,
				Msg: fmt.Sprintf("a line of %d bytes", len(line)), Remedy: "break it: people read policies"})
			return false
		}
		for i, r := range line {
			msg, remedy := "", "remove the character"
			switch {
			case r == utf8.RuneError && !strings.HasPrefix(line[i:], "\uFFFD"):
				msg, remedy = "this is not UTF-8 text", saveAs
			case r == '\r':
				msg, remedy = "a carriage return in the middle of a line", "end lines with LF or CRLF"
			case r < ' ' && r != '\t', r == 0x7F, r >= 0x80 && r < 0xA0:
				msg = fmt.Sprintf("control character U+%04X", r)
			case r == 0x2028, r == 0x2029:
				msg = fmt.Sprintf("line separator U+%04X, which editors do not show as a line end", r)
			case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
				msg = fmt.Sprintf("character U+%04X turns the direction of writing: what people read is not what the tools read", r)
			default:
				continue
			}
			ok = false
			col := utf8.RuneCountInString(line[:i]) + 1
			ps.add(src.problem(policy.Pos{File: src.name, Line: n + 1, Col: col}, 1, msg, remedy))
			break // one a line: a file in another encoding is wrong everywhere
		}
	}
	return ok
}

// A walker refuses what YAML can say and a policy must not: a policy is read
// by people who audit it, so nothing in it may stand for something elsewhere.
type walker struct {
	src *source
	ps  *problems
}

func (w *walker) add(n *yaml.Node, msg, remedy string) {
	pos := w.src.at(n.Line, n.Column)
	w.ps.add(w.src.problem(pos, nodeLen(w.src, n), msg, remedy))
}

func (w *walker) walk(n *yaml.Node, depth int) {
	if depth > maxDepth {
		w.add(n, fmt.Sprintf("nested more than %d levels deep", maxDepth), "no key of a policy is this deep; check the brackets and the indentation")
		n.Content = nil
		return
	}
	if n.Kind == yaml.AliasNode {
		w.add(n, fmt.Sprintf("the alias *%s: a policy says everything where it applies", brief(n.Value)), "write the value out")
		return
	}
	if n.Anchor != "" {
		w.add(n, fmt.Sprintf("the anchor &%s: a policy says everything where it applies", brief(n.Anchor)), "remove the anchor")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		w.add(n, fmt.Sprintf("the tag %s: the key decides what a value is", brief(n.ShortTag())), "remove the tag; quote the value to make it text")
	}
	if n.Kind == yaml.MappingNode {
		w.keys(n)
	}
	for _, child := range n.Content {
		if w.ps.full {
			return
		}
		w.walk(child, depth+1)
	}
}

// keys refuses keys that are not plain words, merge keys and keys that are
// there twice.
func (w *walker) keys(n *yaml.Node) {
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && !w.ps.full; i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			w.add(key, "a key must be a word", `write "key: value"; a list begins each entry with "- "`)
		case isMerge(key):
			w.add(key, `the merge key "<<": a policy says everything where it applies`, `write the entries out, or inherit from another file with "extends"`)
		case first[key.Value] != nil:
			w.add(key, fmt.Sprintf("%s is here twice; the first is %s", quote(key.Value), lineAway(first[key.Value], key)), "keep one of the two")
		default:
			first[key.Value] = key
		}
	}
}

// lineAway says where another node stands.
func lineAway(other, from *yaml.Node) string {
	if other.Line == from.Line {
		return "on the same line"
	}
	return fmt.Sprintf("on line %d", other.Line)
}

// isMerge reports whether a key is the merge key of YAML 1.1, quoted or not: a
// quoted one is a name that nobody should have.
func isMerge(key *yaml.Node) bool { return key.Value == "<<" || key.ShortTag() == "!!merge" }

// nodeLen is how many characters of its first line a node takes in the source.
func nodeLen(src *source, n *yaml.Node) int {
	rest := []rune(src.line(n.Line))
	if n.Column < 1 || n.Column > len(rest) {
		return 1
	}
	text := string(rest[n.Column-1:])
	if n.Kind != yaml.ScalarNode {
		if n.Kind == yaml.AliasNode {
			return utf8.RuneCountInString(n.Value) + 1
		}
		return 1
	}
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			return utf8.RuneCountInString(text[:end+2])
		}
	default:
		if n.Value != "" && strings.HasPrefix(text, n.Value) {
			return utf8.RuneCountInString(n.Value)
		}
	}
	return 1
}

// A phrase turns a message of the YAML parser into one for the author of a
// policy. Parsers say what they expected; authors need to know what to change.
type phrase struct {
	says    string // part of the parser's message
	context string // part of its context, "" for any
	begin   bool   // report where the construct begins, not where it broke
	msg     string
	remedy  string
}

var phrases = []phrase{
	{says: "cannot start any token", msg: "this character cannot begin a value", remedy: `put the value in quotes; indent with spaces, never with tabs`},
	{says: "',' or ']'", begin: true, msg: `the list that begins here lacks a "," or its "]"`, remedy: `close the list with "]" and put "," between its entries`},
	{says: "',' or '}'", begin: true, msg: `the entries that begin here lack a "," or their "}"`, remedy: `close the entries with "}" and put "," between them`},
	{says: "mapping values are not allowed", msg: `a ":" that no key can stand before`, remedy: `put a value that contains ": " in quotes; check the indentation`},
	{says: "could not find expected ':'", begin: true, msg: "a line without a key", remedy: `write "key: value" with a space after the colon`},
	{says: "unexpected end of stream", context: "quoted scalar", begin: true, msg: "the quotation mark that opens here is never closed", remedy: "close it"},
	{says: "unexpected document indicator", context: "quoted scalar", begin: true, msg: "the quotation mark that opens here is never closed", remedy: "close it"},
	{says: "unknown escape character", msg: `unknown escape after "\"`, remedy: `use '…' for text with backslashes`},
	{says: "did not find expected key", msg: "this does not fit what stands above it", remedy: "align it with the other keys of its entry; check the brackets"},
	{says: "did not find expected '-' indicator", msg: "this does not fit the list that it stands in", remedy: `begin each entry with "- ", all in the same column`},
	{says: "block sequence entries are not allowed", msg: `a list cannot begin here`, remedy: `put "- " on a line of its own, below the key`},
	{says: "did not find expected node content", msg: "a value is missing here", remedy: "check the brackets and commas"},
	{says: "incompatible YAML document", msg: "a %YAML directive", remedy: "remove the line; a policy needs no directive"},
	{says: "unknown directive", msg: "an unknown directive", remedy: "remove the line; a policy needs no directive"},
	{says: "unknown anchor", msg: "an alias: a policy says everything where it applies", remedy: "write the value out; put text that begins with * in quotes"},
	{says: "exceeded max depth", msg: fmt.Sprintf("nested more than %d levels deep", maxDepth), remedy: "no key of a policy is this deep; check the brackets and the indentation"},
}

// syntaxProblem puts an error of the YAML parser into words.
func syntaxProblem(src *source, err error) Problem {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return Problem{Pos: policy.Pos{File: src.name}, Len: 1, Msg: "not YAML: " + firstLine(err.Error())}
	}
	mark, msg, remedy := load.Mark, "not YAML: "+load.Message, "check the quotes, brackets and indentation"
	for _, p := range phrases {
		if !strings.Contains(load.Message, p.says) || !strings.Contains(load.ContextMsg, p.context) {
			continue
		}
		msg, remedy = p.msg, p.remedy
		if p.begin && load.ContextMark.Line > 0 {
			if at := src.at(load.Mark.Line, 1).Line; at > load.ContextMark.Line {
				msg += fmt.Sprintf(" (noticed on line %d)", at)
			}
			mark = load.ContextMark
		}
		break
	}
	if mark.Line == 0 {
		return Problem{Pos: policy.Pos{File: src.name}, Len: 1, Msg: msg, Remedy: remedy}
	}
	pos := src.at(mark.Line, mark.Column)
	if trap, ok := findTrap(src, pos); ok {
		return trap
	}
	if runes := []rune(src.line(pos.Line)); pos.Col <= len(runes) && strings.ContainsRune("]}", runes[pos.Col-1]) {
		msg, remedy = "a bracket that nothing has opened", "remove it, or open it before"
	}
	return src.problem(pos, 1, msg, remedy)
}

// findTrap looks on the line where the parser stumbled, and on the one above,
// for what an input method leaves behind: a full-width colon or space looks
// right and is a letter to YAML. Tabs are the same kind of trap.
func findTrap(src *source, pos policy.Pos) (Problem, bool) {
	for _, n := range []int{pos.Line, pos.Line - 1} {
		runes := []rune(src.line(n))
		body := slices.IndexFunc(runes, func(r rune) bool { return r != ' ' && r != '\t' && r != '\u3000' })
		if body < 0 {
			body = len(runes)
		}
		found := func(i int, msg, remedy string) (Problem, bool) {
			return src.problem(policy.Pos{File: src.name, Line: n, Col: i + 1}, 1, msg, remedy), true
		}
		for i, r := range runes {
			switch {
			case r == '\t' && i < body:
				return found(i, "a tab as indentation, which YAML does not count", "indent with spaces")
			case r == '\u3000' && i < body:
				return found(i, "a full-width space (U+3000), which YAML does not count as indentation", "indent with ASCII spaces")
			case r == '：' && !strings.ContainsAny(string(runes[:i]), ":#'\""):
				return found(i, "a full-width colon, which YAML takes for a letter", `write ":" and a space`)
			}
		}
	}
	return Problem{}, false
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// quote shows a word of the file in a message, cut where it is no word.
func quote(s string) string { return strconv.Quote(cut(s)) }

// brief is quote without the marks, for what stands behind a sign of its own.
func brief(s string) string {
	q := quote(s)
	return q[1 : len(q)-1]
}

func cut(s string) string {
	const most = 60
	for i := range s {
		if utf8.RuneCountInString(s[:i]) == most {
			return s[:i] + "…"
		}
	}
	return s
}
