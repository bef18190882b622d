package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// session runs the lines of want/session and compares what is seen with it.
func (s Suite) session(sc *scenario) {
	if s.Command == nil {
		sc.failf("the suite has no command")
		return
	}
	var seen bytes.Buffer
	for line := range strings.Lines(string(sc.want[wantSession])) {
		text, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		seen.WriteString(line)
		out, err := s.step(sc.dir, strings.TrimSuffix(text, "\n"))
		if err != nil {
			sc.failf("want/session: $ %s%v", text, err)
			return
		}
		seen.WriteString(out)
	}
	sc.compare(wantSession, seen.Bytes())
	for _, name := range sortedKeys(sc.want) {
		if name == wantSession {
			continue
		}
		data, err := os.ReadFile(filepath.Join(sc.dir, filepath.FromSlash(name)))
		if err != nil {
			sc.failf("want/%s: after the session there is no such file", name)
			continue
		}
		sc.compare(name, data)
	}
}

// step runs one line and returns what is seen below it.
func (s Suite) step(dir, line string) (string, error) {
	words, err := split(line)
	if err != nil {
		return "", err
	}
	env := environ()
	for len(words) > 0 && assignment.MatchString(words[0]) {
		env = assign(env, words[0])
		words = words[1:]
	}
	var stdin io.Reader = strings.NewReader("")
	if n := len(words); n >= 2 && words[n-2] == "<" {
		data, err := os.ReadFile(filepath.Join(dir, words[n-1]))
		if err != nil {
			return "", err
		}
		stdin, words = bytes.NewReader(data), words[:n-2]
	}
	if len(words) == 0 {
		return "", errors.New("no command")
	}
	var stdout, stderr bytes.Buffer
	code := 0
	if words[0] == "sekisho" {
		code = s.Command(words[1:], stdin, &stdout, &stderr, dir, env)
	} else if err := tool(dir, &stdout, words); err != nil {
		return "", err
	}
	seen := render(stdout.String(), stderr.String(), code)
	seen = strings.ReplaceAll(seen, dir+string(filepath.Separator), "")
	return strings.ReplaceAll(seen, dir, "."), nil
}

var (
	assignment = regexp.MustCompile(`^[A-Z_]+=`)
	marked     = regexp.MustCompile(`^(\$ |1> |2> |\[exit )`)
)

// assign sets a variable in an environment.
func assign(env []string, pair string) []string {
	name, _, _ := strings.Cut(pair, "=")
	env = slices.DeleteFunc(env, func(old string) bool { return strings.HasPrefix(old, name+"=") })
	return append(env, pair)
}

// render writes down what a command printed and how it ended.
func render(stdout, stderr string, code int) string {
	var sb strings.Builder
	for line := range strings.Lines(stdout) {
		if marked.MatchString(line) {
			sb.WriteString("1> ")
		}
		sb.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
	for line := range strings.Lines(stderr) {
		sb.WriteString("2> " + strings.TrimSuffix(line, "\n") + "\n")
	}
	if code != 0 {
		fmt.Fprintf(&sb, "[exit %d]\n", code)
	}
	return sb.String()
}

// tool does the small things that a session needs besides the command.
func tool(dir string, stdout io.Writer, words []string) error {
	name, args := words[0], words[1:]
	counts := map[string]int{"cat": 1, "cp": 2, "rm": 1, "ls": 1, "edit": 3}
	want, ok := counts[name]
	if !ok {
		return fmt.Errorf("no command %q in a session; there are sekisho, cat, cp, edit, ls and rm", name)
	}
	if len(args) != want {
		return fmt.Errorf("%s has %d arguments, want %d", name, len(args), want)
	}
	file := filepath.Join(dir, filepath.FromSlash(args[0]))
	switch name {
	case "rm":
		if _, err := os.Stat(file); err != nil {
			return err
		}
		return os.RemoveAll(file)
	case "ls":
		entries, err := os.ReadDir(file)
		for _, e := range entries {
			fmt.Fprintln(stdout, e.Name())
		}
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	switch name {
	case "cat":
		_, err = stdout.Write(data)
	case "cp":
		err = write(dir, map[string][]byte{args[1]: data})
	case "edit":
		if n := strings.Count(string(data), args[1]); n != 1 {
			return fmt.Errorf("%q stands in %s %d times, want once", args[1], args[0], n)
		}
		err = os.WriteFile(file, []byte(strings.Replace(string(data), args[1], args[2], 1)), 0o644)
	}
	return err
}

// split cuts a line into words, with ' and " as quotes.
func split(line string) ([]string, error) {
	var (
		words []string
		word  strings.Builder
		open  bool // a word has begun
		quote rune
	)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == ' ' || r == '\t':
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote %c is not closed", quote)
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// environ is the environment of sessions and programs: the same on every
// machine, apart from what finding programs and Go's caches takes.
func environ() []string {
	env := []string{"LANG=en", "TZ=UTC", "GOWORK=off"}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if name == "PATH" || name == "HOME" || name == "TMPDIR" || (strings.HasPrefix(name, "GO") && name != "GOWORK") {
			env = append(env, pair)
		}
	}
	return env
}
