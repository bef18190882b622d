package scenario

import (
	"fmt"
	"go/scanner"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/internal/scenario/memcheck"
)

// expectation is one ERROR comment.
type expectation struct {
	pos  token.Position // of the token before the comment
	near string         // that token
	text string         // the regular expression as it is written
	rx   *regexp.Regexp
}

// matchErrors holds the errors of the type checker against the ERROR comments:
// one error for each comment, one comment for each error.
func (sc *scenario) matchErrors(errs []memcheck.Error) {
	var open []expectation
	for _, name := range sortedKeys(sc.compiled) {
		if strings.HasSuffix(name, ".go") {
			found, err := expectations(name, sc.compiled[name])
			if err != nil {
				sc.failf("%v", err)
			}
			open = append(open, found...)
		}
	}
	for _, e := range errs {
		found := -1
		for i, x := range open {
			if x.pos.Filename == e.Pos.Filename && x.pos.Offset == e.Pos.Offset && x.rx.MatchString(e.Msg) {
				found = i
				break
			}
		}
		if found < 0 {
			sc.failf("no comment foretells this error: %v\n(it is reported at %q)", e, tokenAt(sc.compiled[e.Pos.Filename], e.Pos.Offset))
			continue
		}
		open = append(open[:found], open[found+1:]...)
	}
	for _, x := range open {
		sc.failf("%s: this compiles, or fails in another way; want an error at %q that matches %s", x.pos, x.near, x.text)
	}
}

// expectations returns the ERROR comments of a file.
func expectations(name string, src []byte) ([]expectation, error) {
	var (
		list []expectation
		s    scanner.Scanner
		last expectation // position and text of the last token that is no comment
	)
	file := token.NewFileSet().AddFile(name, -1, len(src))
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return list, nil
		case tok == token.COMMENT:
			rest, ok := strings.CutPrefix(lit, "/* ERROR ")
			if !ok {
				continue
			}
			x, err := parseExpectation(strings.TrimSuffix(rest, "*/"))
			if err != nil {
				return list, fmt.Errorf("%s: %w", file.Position(pos), err)
			}
			x.pos, x.near = last.pos, last.near
			list = append(list, x)
		case tok == token.SEMICOLON && lit != ";":
			// Put in by the scanner at the end of a line.
		default:
			if lit == "" {
				lit = tok.String()
			}
			last.pos, last.near = file.Position(pos), lit
		}
	}
}

// parseExpectation reads the quoted regular expression of an ERROR comment.
func parseExpectation(text string) (expectation, error) {
	text = strings.TrimSpace(text)
	pattern, err := strconv.Unquote(text)
	if err != nil {
		return expectation{}, fmt.Errorf("ERROR comment %s: want one quoted string", text)
	}
	if pattern == "" {
		return expectation{}, fmt.Errorf("ERROR comment with an empty pattern: it would match any error")
	}
	rx, err := regexp.Compile("(?s)" + pattern)
	if err != nil {
		return expectation{}, fmt.Errorf("ERROR comment: %w", err)
	}
	return expectation{text: text, rx: rx}, nil
}

// tokenAt returns the token that begins at an offset, for messages.
func tokenAt(src []byte, offset int) string {
	if offset < 0 || offset >= len(src) {
		return ""
	}
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)-offset), src[offset:], nil, 0)
	_, tok, lit := s.Scan()
	if lit == "" {
		lit = tok.String()
	}
	return lit
}
