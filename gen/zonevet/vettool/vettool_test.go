package vettool

import "testing"

func TestAsked(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want bool
	}{
		{nil, false},
		{[]string{"-V=full"}, true},
		{[]string{"-flags"}, true},
		{[]string{"vet.cfg"}, true},
		{[]string{"-leak", "-json", "b001/vet.cfg"}, true},
		{[]string{"gen", "./..."}, false},
		{[]string{"gen", "-policy", "other.cfg"}, false},
		{[]string{"-version"}, false},
	} {
		if got := Asked(tt.args); got != tt.want {
			t.Errorf("Asked(%q) = %v, want %v", tt.args, got, tt.want)
		}
	}
}
