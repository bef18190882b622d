// Package zonetest has what a test of code that crosses zones needs: an audit
// log in memory that can be told to fail, a border with fresh keys, approvals,
// evidence and a clock that stands still.
//
//	func TestToBilling(t *testing.T) {
//		border, log := zonetest.Border(t, zones.Compiled)
//		x := zonetest.Cross[zones.WardToBilling](t, border, zones.PurposeBilling)
//		view, err := patient.ToBilling(x)
//		…
//		if err := x.Commit(); err != nil {
//			t.Fatal(err)
//		}
//		if got := log.Ends()[0].Records; got != 1 {
//			…
//
// Nothing here is for programs: the keys are lost with the process and the
// audit log is not durable.
package zonetest
