package nearest_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/internal/nearest"
)

func TestWord(t *testing.T) {
	words := []string{"ward", "lab", "birth-date", "patient-number", "3A", "3B"}
	for wrong, want := range map[string]string{
		"wrad": "ward", "Ward": "ward", "birth_date": "birth-date", "birthdate": "birth-date",
		"patient-nunber": "patient-number", "9": "", "zzzzz": "", "": "", "3b": "3B", "laboratory": "",
	} {
		if got := nearest.Word(wrong, words); got != want {
			t.Errorf("nearest.Word(%q) = %q, want %q", wrong, got, want)
		}
	}
}
