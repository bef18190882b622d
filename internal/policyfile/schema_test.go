package policyfile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy/presets"
)

const committedSchema = "../../zone/policy/presets/sekisho.schema.json"

func TestSchemaIsCommitted(t *testing.T) {
	got := policyfile.Schema()
	if *update {
		if err := os.WriteFile(committedSchema, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(committedSchema)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the committed schema is not that of the table; run the test with -update (-committed +table):\n%s", diff)
	}
}

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(policyfile.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(policyfile.SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(policyfile.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// jsonValue is a policy file as an editor with a schema sees it. ok is false
// for what is no JSON value at all.
func jsonValue(data []byte) (v any, ok bool) {
	var n yaml.Node
	if err := yaml.Load(data, &n, yaml.WithUniqueKeys(false)); err != nil {
		return nil, false
	}
	return jsonNode(&n)
}

func jsonNode(n *yaml.Node) (any, bool) {
	switch n.Kind {
	case yaml.DocumentNode:
		return jsonNode(n.Content[0])
	case yaml.MappingNode:
		m := make(map[string]any)
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, ok := jsonNode(n.Content[i+1])
			if !ok || n.Content[i].Kind != yaml.ScalarNode {
				return nil, false
			}
			m[n.Content[i].Value] = v
		}
		return m, true
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			v, ok := jsonNode(c)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		return list, true
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return nil, true
		case "!!bool":
			return strings.EqualFold(n.Value, "true"), true
		case "!!int", "!!float":
			if json.Valid([]byte(n.Value)) {
				return json.Number(n.Value), true
			}
		}
		return n.Value, true
	}
	return nil, false
}

func TestSchemaAcceptsPresets(t *testing.T) {
	schema := compileSchema(t)
	files := map[string]fs.FS{"presets": presets.FS(), "testdata/full": os.DirFS("testdata/full")}
	for where, fsys := range files {
		err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".yaml" {
				return err
			}
			data, err := fs.ReadFile(fsys, path)
			if err != nil {
				return err
			}
			v, ok := jsonValue(data)
			if !ok {
				return fmt.Errorf("%s: not JSON", path)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s/%s: %v", where, path, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestSchemaRejectsNothingMore takes the file with every key apart in many
// ways: whatever the schema rejects, the decoder must reject too. A schema
// that is stricter than the tools would paint good files red.
func TestSchemaRejectsNothingMore(t *testing.T) {
	schema := compileSchema(t)
	full := os.DirFS("testdata/full")
	files := []string{"sekisho.yaml", "lib/base.yaml", "lib/strict.yaml"}
	rejected, both := 0, 0
	for _, name := range files {
		data, err := fs.ReadFile(full, name)
		if err != nil {
			t.Fatal(err)
		}
		value, _ := jsonValue(data)
		tree := treeOf(t, full, files)
		mutate(value, func(what string, mutant any) {
			text, err := json.Marshal(mutant)
			if err != nil {
				t.Fatal(err)
			}
			again, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			schemaErr := schema.Validate(again)
			tree[name] = &fstest.MapFile{Data: text}
			_, loadErr := policyfile.LoadFS(tree, "sekisho.yaml")
			switch {
			case schemaErr != nil && loadErr == nil:
				t.Errorf("%s: %s: loads, but the schema rejects it: %v\n%s", name, what, schemaErr, text)
			case schemaErr != nil:
				rejected++
				both++
			case loadErr != nil:
				rejected++
			}
		})
	}
	t.Logf("of %d mutants that the decoder rejects the schema rejects %d", rejected, both)
	if both*2 < rejected {
		t.Errorf("the schema rejects %d of %d wrong files only: is it the schema of the table?", both, rejected)
	}
}

func treeOf(t *testing.T, fsys fs.FS, names []string) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		tree[name] = &fstest.MapFile{Data: data}
	}
	return tree
}

// mutate calls f with copies of a JSON value in which one thing is different.
// Of values that stand at the same place in entries of one list, the first is
// enough.
func mutate(root any, f func(what string, mutant any)) {
	done := make(map[string]bool)
	index := regexp.MustCompile(`\[[0-9]+\]`)
	var at func(v any, path string, put func(any) any)
	at = func(v any, path string, put func(any) any) {
		place := fmt.Sprintf("%s %T", index.ReplaceAllString(path, "[]"), v)
		if m, ok := v.(map[string]any); ok {
			place += strings.Join(sortedKeys(m), ",")
		}
		if done[place] {
			return
		}
		done[place] = true
		for _, other := range []any{nil, true, json.Number("7"), json.Number("-1"), json.Number("1.5"), "", " ", "x y", "X", "x", "日本", []any{}, map[string]any{}, []any{v}, map[string]any{"x": v}, strings.Repeat("a", 65)} {
			f(fmt.Sprintf("%s = %v", path, other), put(other))
		}
		switch v := v.(type) {
		case map[string]any:
			for _, key := range sortedKeys(v) {
				without := clone(v)
				delete(without, key)
				f(path+" without "+key, put(without))
				renamed := clone(without)
				renamed[key+"x"] = v[key]
				f(path+" with "+key+"x", put(renamed))
				shouted := clone(without)
				shouted[strings.ToUpper(key)] = v[key]
				f(path+" with "+strings.ToUpper(key), put(shouted))
				at(v[key], path+"."+key, func(x any) any {
					c := clone(v)
					c[key] = x
					return put(c)
				})
			}
		case []any:
			for i := range v {
				f(fmt.Sprintf("%s without %d", path, i), put(slices.Delete(slices.Clone(v), i, i+1)))
				at(v[i], fmt.Sprintf("%s[%d]", path, i), func(x any) any {
					c := slices.Clone(v)
					c[i] = x
					return put(c)
				})
			}
		}
	}
	at(root, "policy", func(x any) any { return x })
}

func clone(m map[string]any) map[string]any {
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// TestBadPoliciesAgainstSchema counts which wrong policies an editor marks
// already, so that a schema that lets everything pass does not go unseen.
func TestBadPoliciesAgainstSchema(t *testing.T) {
	schema := compileSchema(t)
	paths, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	marked := 0
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files, _ := splitWant(archive)
		data, err := fs.ReadFile(files, "sekisho.yaml")
		if err != nil {
			t.Fatal(err)
		}
		v, ok := jsonValue(data)
		if !ok || schema.Validate(v) == nil {
			continue
		}
		marked++
		if _, err := policyfile.LoadFS(files, "sekisho.yaml"); err == nil {
			t.Errorf("%s: the schema rejects what loads", path)
		}
	}
	if marked < 30 {
		t.Errorf("the schema rejects %d of %d wrong policies, want 30 at least", marked, len(paths))
	}
}

// TestFullHasEveryKey holds testdata/full against the schema: a key that is
// not there is a key that no test has seen.
func TestFullHasEveryKey(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(policyfile.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/full/sekisho.yaml")
	if err != nil {
		t.Fatal(err)
	}
	value, _ := jsonValue(data)
	seen := make(map[string]bool)
	markKeys(schema, schema, value, "policy", seen)
	for _, key := range everyKey(schema, schema, "policy", map[string]bool{}) {
		if !seen[key] {
			t.Errorf("testdata/full/sekisho.yaml has no %s", key)
		}
	}
}

// follow resolves a reference of the schema and names the definition.
func follow(root, s map[string]any, name string) (map[string]any, string) {
	ref, ok := s["$ref"].(string)
	if !ok {
		return s, name
	}
	def := strings.TrimPrefix(ref, "#/$defs/")
	return root["$defs"].(map[string]any)[def].(map[string]any), def
}

func markKeys(root, s map[string]any, v any, name string, seen map[string]bool) {
	s, name = follow(root, s, name)
	switch v := v.(type) {
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		for key, inner := range v {
			if p, ok := properties[key].(map[string]any); ok {
				seen[name+"."+key] = true
				markKeys(root, p, inner, name+"."+key, seen)
			} else if p, ok := s["additionalProperties"].(map[string]any); ok {
				markKeys(root, p, inner, name+".*", seen)
			}
		}
	case []any:
		if items, ok := s["items"].(map[string]any); ok {
			for _, inner := range v {
				markKeys(root, items, inner, name+"[]", seen)
			}
		}
	}
}

func everyKey(root, s map[string]any, name string, done map[string]bool) []string {
	s, name = follow(root, s, name)
	if done[name] {
		return nil
	}
	done[name] = true
	var keys []string
	properties, _ := s["properties"].(map[string]any)
	for _, key := range sortedKeys(properties) {
		keys = append(keys, name+"."+key)
		keys = append(keys, everyKey(root, properties[key].(map[string]any), name+"."+key, done)...)
	}
	if p, ok := s["additionalProperties"].(map[string]any); ok {
		keys = append(keys, everyKey(root, p, name+".*", done)...)
	}
	if items, ok := s["items"].(map[string]any); ok {
		keys = append(keys, everyKey(root, items, name+"[]", done)...)
	}
	return keys
}
