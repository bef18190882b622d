package policyfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/policy/presets"

	"github.com/sekisho-go/sekisho/internal/nearest"
)

// A File is a policy together with the files it was read from.
type File struct {
	Policy *policy.Policy
	Paths  []string // the files that were read, the first one first; presets are not among them

	sources map[string]*source
	marks   marks
}

// Load reads the policy file at a path of the file system, with everything it
// extends and the overlays it is met with, and checks it. The positions in the
// policy name the file as path does, and files it refers to relative to that.
//
// What is wrong with a policy is an *[Error] with every problem; what is wrong
// with the file system is the error of package os.
func Load(path string) (*policy.Policy, error) {
	f, err := Read(path)
	if err != nil {
		return nil, err
	}
	return f.Policy, nil
}

// LoadFS is Load for a file of a file system such as an embedded one. Paths in
// the policy cannot lead out of it.
func LoadFS(fsys fs.FS, name string) (*policy.Policy, error) {
	f, err := read(fsTree{fsys}, name)
	if err != nil {
		return nil, err
	}
	return f.Policy, nil
}

// LoadPreset is Load for an embedded preset, such as "jp/alpha".
func LoadPreset(name string) (*policy.Policy, error) {
	if !isPreset(name) {
		return nil, fmt.Errorf("no preset %q: the presets are %s", name, strings.Join(presets.Names(), ", "))
	}
	f, err := read(osTree{}, presetPrefix+name)
	if err != nil {
		return nil, err
	}
	return f.Policy, nil
}

// Read is Load for tools that show lines of the policy or watch its files.
func Read(path string) (*File, error) { return read(osTree{}, path) }

// Excerpt draws the line that a position of the policy points to, with a caret
// under it, and the line feed. It is empty for a position in no file.
func (f *File) Excerpt(pos policy.Pos) string {
	src := f.sources[pos.File]
	if src == nil {
		return ""
	}
	return excerpt(pos, f.marks[pos]["name"].len(src), src.line(pos.Line))
}

// presetPrefix marks the names of embedded files in positions.
const presetPrefix = "preset:"

// isPreset reports whether there is a preset of that name.
func isPreset(name string) bool { return slices.Contains(presets.Names(), name) }

// tree is where policy files are.
type tree interface {
	open(name string) (fs.File, error)
	// join resolves a path in the file base, slashed, to a name for open.
	join(base, rel string) string
	// same returns what two names of one file have in common.
	same(name string) string
}

type osTree struct{}

func (osTree) open(name string) (fs.File, error) { return os.Open(name) }

func (osTree) join(base, rel string) string {
	return filepath.Join(filepath.Dir(base), filepath.FromSlash(rel))
}

func (osTree) same(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	return name
}

type fsTree struct{ fs.FS }

func (t fsTree) open(name string) (fs.File, error) { return t.Open(name) }
func (fsTree) join(base, rel string) string        { return path.Join(path.Dir(base), rel) }
func (fsTree) same(name string) string             { return path.Clean(name) }

const maxFiles = 64 // that one policy is made of

// reader reads a policy and everything it refers to.
type reader struct {
	tree    tree
	ps      problems
	marks   marks
	sources map[string]*source
	order   map[string]int // rank of each file by name, for the order of problems
	paths   []string
	files   map[string]*file // read and decoded, by what is the same
	open    []step           // files that are being read, for cycles
	root    map[string]mark  // where the keys of the policy itself stand
}

// step is a file on the way from the first file to the present one.
type step struct{ name, same string }

// read reads a policy, its parents and its overlays.
func read(t tree, name string) (*File, error) {
	r := &reader{
		tree: t, marks: make(marks), sources: make(map[string]*source),
		order: make(map[string]int), files: make(map[string]*file),
	}
	chain, err := r.chain(name, nil)
	if err != nil {
		return nil, err
	}
	if err := r.ps.err(r.order); err != nil {
		return nil, err
	}
	base := part{policy: r.merge(chain), chain: chain}
	overlays, err := r.overlays(chain)
	if err != nil {
		return nil, err
	}
	if err := r.ps.err(r.order); err != nil {
		return nil, err
	}
	p := r.finish(base, overlays)
	if err := r.ps.err(r.order); err != nil {
		return nil, err
	}
	return &File{Policy: p, Paths: r.paths, sources: r.sources, marks: r.marks}, nil
}

// chain reads a file and returns it behind everything it extends, depth first,
// each file once: where a file is reached twice, the first place counts, so
// that what came in between keeps what it changed. have is what an earlier
// part of the chain has read already.
func (r *reader) chain(name string, have []*file) ([]*file, error) {
	f, err := r.file(name, nil)
	if err != nil || f == nil {
		return have, err
	}
	return r.extend(f, have)
}

// extend appends the parents of f and f.
func (r *reader) extend(f *file, have []*file) ([]*file, error) {
	r.open = append(r.open, step{f.src.name, r.sameName(f.src.name)})
	defer func() { r.open = r.open[:len(r.open)-1] }()
	for _, parent := range f.extends {
		p, err := r.follow(f, parent, "extends")
		if err != nil {
			return nil, err
		}
		if p == nil || slices.Contains(have, p) {
			continue
		}
		if have, err = r.extend(p, have); err != nil {
			return nil, err
		}
	}
	return append(have, f), nil
}

// follow reads the file that an entry of a list in f refers to. It is nil when
// that was wrong, which is reported at the entry.
func (r *reader) follow(f *file, to ref, key string) (*file, error) {
	name, ok := r.resolve(f, to, key)
	if !ok {
		return nil, nil
	}
	same := r.sameName(name)
	for i, s := range r.open {
		if s.same == same {
			var names []string
			for _, s := range append(r.open[i:len(r.open):len(r.open)], step{name: name}) {
				names = append(names, brief(s.name))
			}
			r.report(f, to, fmt.Sprintf("%s goes in a circle: %s", key, strings.Join(names, " → ")), "remove one of the entries")
			return nil, nil
		}
	}
	return r.file(name, func(msg, remedy string) { r.report(f, to, msg, remedy) })
}

// sameName identifies a file by more than its spelling.
func (r *reader) sameName(name string) string {
	if strings.HasPrefix(name, presetPrefix) {
		return name
	}
	return r.tree.same(name)
}

// report reports a reference to another file.
func (r *reader) report(f *file, at ref, msg, remedy string) {
	r.ps.add(f.src.problem(at.at.pos, at.at.len(f.src), msg, remedy))
}

// resolve turns an entry of extends or overlays into the name of a file: a
// preset, or a path relative to the file that the entry is in.
func (r *reader) resolve(f *file, to ref, key string) (string, bool) {
	name := to.name
	ext := path.Ext(name)
	isPath := strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || ext == ".yaml" || ext == ".yml"
	preset := strings.HasPrefix(f.src.name, presetPrefix)
	switch {
	case strings.Contains(name, `\`):
		r.report(f, to, fmt.Sprintf("the path %s has a backslash", quote(name)), `write paths with "/" on every system`)
	case path.IsAbs(name) || len(name) > 1 && name[1] == ':':
		r.report(f, to, fmt.Sprintf("the path %s is absolute: it leads nowhere on another computer", quote(name)), "write it relative to this file")
	case isPreset(name):
		return presetPrefix + name, true
	case !isPath || preset:
		remedy := "the presets are " + strings.Join(presets.Names(), ", ") + `; a path ends with ".yaml"`
		if meant := meantPreset(name); meant != "" {
			remedy = fmt.Sprintf("did you mean %q? %s", meant, remedy)
		}
		r.report(f, to, fmt.Sprintf("%s: there is no preset %s", key, quote(name)), remedy)
	default:
		return r.tree.join(f.src.name, name), true
	}
	return "", false
}

// meantPreset is the preset that a wrong name probably means: one with another
// folder before it, or one that is nearly spelt so.
func meantPreset(name string) string {
	for _, preset := range presets.Names() {
		if path.Base(preset) == name {
			return preset
		}
	}
	return nearest.Word(name, presets.Names())
}

// file reads and decodes one file, once. fail reports, at the place that
// refers to the file, that it cannot be read; without it that is an error.
func (r *reader) file(name string, fail func(msg, remedy string)) (*file, error) {
	same := r.sameName(name)
	if f, ok := r.files[same]; ok {
		return f, nil
	}
	data, err := r.bytes(name)
	switch {
	case err == nil:
	case fail == nil:
		return nil, err
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid):
		fail(fmt.Sprintf("there is no file %s", quote(name)), "paths are relative to the file that they are written in")
		return nil, nil
	default:
		fail(brief(err.Error()), "name a file that can be read")
		return nil, nil
	}
	src := newSource(name, data)
	r.sources[name], r.order[name] = src, len(r.order)
	if !strings.HasPrefix(name, presetPrefix) {
		r.paths = append(r.paths, name)
	}
	f := r.decode(src)
	r.files[same] = f
	return f, nil
}

// decode reads the text of a file. It is nil when there is nothing to go on with.
func (r *reader) decode(src *source) *file {
	if len(src.data) > maxSize {
		r.ps.add(Problem{Pos: policy.Pos{File: src.name}, Len: 1,
			Msg: fmt.Sprintf("more than %d bytes: this is no policy file", maxSize), Remedy: "split it with extends, if it is one"})
		return nil
	}
	if len(r.order) > maxFiles {
		r.ps.add(Problem{Pos: policy.Pos{File: src.name}, Len: 1,
			Msg: fmt.Sprintf("a policy of more than %d files", maxFiles), Remedy: "join some of them"})
		return nil
	}
	root := parse(src, &r.ps)
	if root == nil {
		return nil
	}
	d := &decoder{src: src, ps: &r.ps, marks: r.marks, overlay: saysOverlay(root)}
	f, _ := policyFile.decode(d, root, trail{what: "the policy"})
	f.src = src
	return &f
}

// saysOverlay reports whether a file says that it is an overlay. It is asked
// before anything is decoded, as it decides what may be left out.
func saysOverlay(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "overlay" {
			return root.Content[i+1].Value == "true"
		}
	}
	return false
}

// bytes reads a file up to one byte more than it may have.
func (r *reader) bytes(name string) ([]byte, error) {
	if preset, ok := strings.CutPrefix(name, presetPrefix); ok {
		return fs.ReadFile(presets.FS(), preset+".yaml")
	}
	f, err := r.tree.open(name)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return data, nil
}
