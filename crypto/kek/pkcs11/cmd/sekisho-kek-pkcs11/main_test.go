package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

// TestRun: what cannot be opened says why on standard error, in one line or with
// the list of flags, and answers nothing.
func TestRun(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "want -module"},
		{[]string{"-key", "a", "-token", "b", "-module", "none.so"}, "this cannot be opened"},
		{[]string{"-key", "kouki", "more"}, "want -module"},
		{[]string{"-nothing"}, "-pin-file"},
	} {
		var out, errs bytes.Buffer
		if exit := run(tc.args, strings.NewReader(""), &out, &errs); exit != kek.ExitFailed || out.Len() != 0 || !strings.Contains(errs.String(), tc.want) {
			t.Errorf("%q: exit %d, %q, %q, want %d and %q", tc.args, exit, out.String(), errs.String(), kek.ExitFailed, tc.want)
		}
	}
}
