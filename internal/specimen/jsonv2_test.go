//go:build goexperiment.jsonv2

package specimen_test

import (
	"encoding/json/v2"
	"fmt"
	"strings"
	"testing"
)

// TestNothingLeaksThroughJSONv2 is the leak table's part for encoding/json/v2,
// where the toolchain has it.
func TestNothingLeaksThroughJSONv2(t *testing.T) {
	for holder, v := range holders(t) {
		b, err := json.Marshal(v)
		out := strings.ToLower(fmt.Sprint(string(b), err))
		for _, w := range canaries() {
			if strings.Contains(out, strings.ToLower(w)) {
				t.Errorf("json/v2 of %s shows a value of a labelled field", holder)
				break
			}
		}
	}
}
