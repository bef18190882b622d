package gen_test

import (
	"os"
	"testing"

	"github.com/sekisho-go/sekisho/gen/zonevet/vettool"
)

// TestMain lets the test binary be what the sekisho command is: the tool of go
// vet, which "sekisho vet" calls with itself.
func TestMain(m *testing.M) {
	if vettool.Asked(os.Args[1:]) {
		vettool.Main()
	}
	os.Exit(m.Run())
}
