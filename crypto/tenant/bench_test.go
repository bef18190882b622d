package tenant_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
)

// BenchmarkDerive makes the keyrings of 1 to 44 tenants from their files: what a
// process pays once for each. The key-encryption key is in memory; one in a service
// adds a call for each tenant.
func BenchmarkDerive(b *testing.B) {
	o := newOffice(b, "mynumber")
	ring := o.ring()
	names := create(b, o.set(ring), municipalities)
	for _, n := range []int{1, 4, 12, 44} {
		b.Run(fmt.Sprintf("tenants=%d", n), func(b *testing.B) {
			for b.Loop() {
				s := o.set(ring)
				for _, name := range names[:n] {
					keyring(b, s, name)
				}
				s.Close()
			}
		})
	}
}

// BenchmarkKeysOf asks for a tenant's keys that are there, as each crossing does.
func BenchmarkKeysOf(b *testing.B) {
	o := newOffice(b, "mynumber")
	ring := o.ring()
	r := keyring(b, o.set(ring), create(b, o.set(ring), 1)[0])
	for what, r := range map[string]*crypto.Keyring{"zone": ring, "tenant": r} {
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				keysOf[myNumber](b, r)
			}
		})
	}
}

// BenchmarkUnion keeps the keys of all 1,741 municipalities and says how much
// memory each takes.
func BenchmarkUnion(b *testing.B) {
	const all = 1741
	o := newOffice(b, "mynumber")
	ring := o.ring()
	names := create(b, o.set(ring), all)
	var before, after runtime.MemStats
	for b.Loop() {
		s := o.set(ring)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for _, name := range names {
			keyring(b, s, name)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(s)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/all, "B/tenant")
}
