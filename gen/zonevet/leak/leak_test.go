package leak_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/sekisho-go/sekisho/gen/zonevet/leak"
)

// findings passes over facts, which analysistest wants to read about in comments
// too.
type findings struct{ *testing.T }

func (f findings) Errorf(format string, args ...any) {
	if msg := fmt.Sprintf(format, args...); !strings.Contains(msg, ": unexpected fact: ") {
		f.T.Error(msg)
	}
}

// TestFixtures runs the check over programs whose comments say what is found.
// What has no comment must stay quiet.
func TestFixtures(t *testing.T) {
	analysistest.Run(findings{t}, analysistest.TestData(), leak.Analyzer,
		"app.example/...", "vendor.example/...", "vetted.example/...")
}
