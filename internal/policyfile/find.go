package policyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Filename is the name of a policy file.
const Filename = "sekisho.yaml"

// Find returns the path of the policy file that applies to a folder: the
// nearest [Filename] in it or above it. The search ends one level above the
// root of the Go module that the folder belongs to, so that several modules
// beside one another can share a policy, and at the root of the file system.
// The path is below dir's own: relative if dir is.
//
// An error for which errors.Is(err, fs.ErrNotExist) holds means that there is
// none.
func Find(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", Filename, err)
	}
	hint, above := "", false
	here, shown := abs, dir
	for {
		ok, err := isFile(filepath.Join(here, Filename))
		if err != nil {
			return "", fmt.Errorf("find %s: %w", Filename, err)
		}
		if ok {
			return filepath.Join(shown, Filename), nil
		}
		if other := filepath.Join(here, "sekisho.yml"); hint == "" {
			if ok, _ := isFile(other); ok {
				hint = fmt.Sprintf("; %s must be called %s", filepath.Join(shown, "sekisho.yml"), Filename)
			}
		}
		root, _ := isFile(filepath.Join(here, "go.mod"))
		parent := filepath.Dir(here)
		if above || parent == here {
			break
		}
		above = root
		here, shown = parent, filepath.Join(shown, "..")
	}
	if hint == "" {
		hint = `; write one, or let "sekisho init" do it`
	}
	return "", &notFoundError{fmt.Sprintf("no %s in %s nor in the folders above it, up to %s%s", Filename, dir, here, hint)}
}

// isFile reports whether there is a file that is not a folder. What may not be
// looked at is an error: a policy that exists and is not found is a hole.
func isFile(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	}
	return !info.IsDir(), nil
}

// notFoundError is an fs.ErrNotExist with words of its own.
type notFoundError struct{ msg string }

func (e *notFoundError) Error() string        { return e.msg }
func (e *notFoundError) Is(target error) bool { return target == fs.ErrNotExist }
