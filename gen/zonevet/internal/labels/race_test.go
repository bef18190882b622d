package labels_test

import (
	"sync"
	"testing"
)

// The checks of a package run side by side and ask one Info, which finds things
// out when it is asked. Under -race this fails without its lock; often it does
// without -race, too, for maps notice.
func TestSideBySide(t *testing.T) {
	info, pkg := look(t, "app.example/shapes")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for _, name := range pkg.Scope().Names() {
					typ := pkg.Scope().Lookup(name).Type()
					info.Leaves(typ)
					info.Struct(typ)
					info.Scalar(typ)
				}
			}
		})
	}
	wg.Wait()
}
