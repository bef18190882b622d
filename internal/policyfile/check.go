package policyfile

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// part is a policy with the files that it was merged from: the policy itself,
// or one of its overlays.
type part struct {
	policy *policy.Policy
	chain  []*file
	ref    ref   // the entry that names an overlay
	from   *file // the file with that entry
}

// overlays reads the policies that tighten this one. Those of a parent tighten
// whoever inherits from it.
func (r *reader) overlays(chain []*file) ([]part, error) {
	var all []part
	for _, f := range chain {
		for _, to := range f.overlays {
			o, err := r.follow(f, to, "overlays")
			if err != nil {
				return nil, err
			}
			if o == nil {
				continue
			}
			parts, err := r.extend(o, nil)
			if err != nil {
				return nil, err
			}
			for _, p := range parts {
				for _, nested := range p.overlays {
					r.report(p, nested, "an overlay has an overlay of its own", "name it in the policy that both tighten: overlays are met there")
				}
			}
			all = append(all, part{r.merge(parts), parts, to, f})
		}
	}
	return all, nil
}

// finish completes the policy and its overlays, checks each alone and lets
// them meet. It is nil when something was wrong.
func (r *reader) finish(base part, overlays []part) *policy.Policy {
	good := true
	for _, p := range append([]part{base}, overlays...) {
		complete(p.policy)
		good = r.named(p) && r.problems(p.policy.Check(), p, nil) && good
	}
	if !good {
		return nil
	}
	p := base.policy
	for _, o := range overlays {
		with, err := p.With(o.policy)
		if !r.problems(err, base, overlays) {
			continue
		}
		p = with
	}
	return p
}

// named reports whether a policy says its name itself. Two organisations that
// begin with the same preset must not look alike in the audit log.
func (r *reader) named(p part) bool {
	if p.policy.Name != "" {
		return true
	}
	r.ps.add(Problem{Pos: policy.Pos{File: p.name()}, Len: 1, Msg: "the policy has no name",
		Remedy: `add "name": parcels and audit entries show it, so it is not inherited`})
	return false
}

// problems takes over what the model found wrong with a part, and reports
// whether that was nothing.
func (r *reader) problems(err error, base part, overlays []part) bool {
	if err == nil {
		return true
	}
	var all *policy.Errors
	if !errors.As(err, &all) {
		r.ps.add(Problem{Pos: policy.Pos{File: base.name()}, Len: 1, Msg: firstLine(err.Error())})
		return false
	}
	for _, p := range all.Problems {
		if r.ps.full {
			break
		}
		r.ps.add(r.place(p, base, overlays))
	}
	return false
}

// name is the name of the file that a part is.
func (p part) name() string { return p.chain[len(p.chain)-1].src.name }

var inOverlay = regexp.MustCompile(`^overlays\[([0-9]+)\]\.?`)

// place shows a problem of the model at the value that it is about: the model
// knows the entry and the path, the marks know where the value of that path
// stands.
func (r *reader) place(p policy.Problem, base part, overlays []part) Problem {
	in, path := base, p.Path
	if m := inOverlay.FindStringSubmatch(path); m != nil {
		path = strings.TrimPrefix(path, m[0])
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(overlays) {
			in = overlays[i]
		}
	}
	at, ok := r.find(p.Pos, path, in)
	if !ok {
		at = mark{pos: p.Pos, n: r.marks[p.Pos]["name"].n}
	}
	if at.pos.IsZero() {
		at.pos.File = in.name()
	}
	out := Problem{Pos: at.pos, Len: at.len(r.sources[at.pos.File]), Msg: p.Msg, Remedy: p.Remedy, Line: r.line(at.pos)}
	r.insideTag(&out)
	if !p.Also.IsZero() && p.Also != p.Pos {
		// The second line is drawn; that its position ends the message as well is too much.
		out.Msg = strings.TrimSuffix(out.Msg, fmt.Sprintf(" (%s)", p.Also))
		out.Also, out.AlsoLine = p.Also, r.line(p.Also)
	}
	return out
}

// find looks for the value of a path below an entry. The path leads from the
// whole policy, the entry's own part of it is some end of it.
func (r *reader) find(pos policy.Pos, path string, in part) (mark, bool) {
	owners := []map[string]mark{r.marks[pos]}
	if pos.IsZero() {
		owners = nil
		for i := len(in.chain) - 1; i >= 0; i-- {
			owners = append(owners, r.marks[in.chain[i].pos])
		}
	}
	for {
		for _, values := range owners {
			if m, ok := values[path]; ok && path != "" {
				return m, true
			}
		}
		_, rest, ok := strings.Cut(path, ".")
		if !ok {
			break
		}
		path = rest
	}
	if path == "tag" || path == "ceiling" { // the value of these entries is a plain word
		m, ok := r.marks[pos][""]
		return m, ok
	}
	return mark{}, false
}

var tagError = regexp.MustCompile(`^classify: tag, offset ([0-9]+): (.*)$`)

// insideTag moves a problem of a label to the place in the label where the
// parser of tags stopped.
func (r *reader) insideTag(p *Problem) {
	m := tagError.FindStringSubmatch(p.Msg)
	if m == nil {
		return
	}
	offset, err := strconv.Atoi(m[1])
	line := []rune(p.Line)
	if err != nil || p.Pos.Col > len(line) {
		return
	}
	p.Msg = "the label is none: " + m[2]
	if q := line[p.Pos.Col-1]; q == '"' || q == '\'' {
		offset++
	}
	if p.Pos.Col+offset <= len(line)+1 {
		p.Pos.Col, p.Len = p.Pos.Col+offset, 1
	}
}

// line is the line that a position points into.
func (r *reader) line(pos policy.Pos) string {
	if src := r.sources[pos.File]; src != nil {
		return src.line(pos.Line)
	}
	return ""
}
