package zone

// A view that comes back brings only what travelled. The rest is taken from
// the record that stayed at home, so that has to be at hand, and it has to be
// the right one.

// NotKept is the error of a return without the record that stayed at home.
func (x *Crossing[R]) NotKept(t *Transit[R]) error {
	return x.recordTrouble(t, "the record that stayed at home is missing",
		"hand over the record that the view was made of; what did not travel is taken from it")
}

// OtherRecord is the error of a return with another record than the one that
// the view was made of.
func (x *Crossing[R]) OtherRecord(t *Transit[R]) error {
	return x.recordTrouble(t, otherRecord.Text, otherRecord.Remedy)
}

// otherRecord is the reason when a view and a record do not belong together.
var otherRecord = Reason{ReasonRecord, "the view was not made of the record at hand",
	"look the record up again by what the view carries"}

func (x *Crossing[R]) recordTrouble(t *Transit[R], text, remedy string) error {
	if x == nil || x.core == nil || t == nil {
		return nameOf[R]().refusal(neverBegan)
	}
	return x.core.refuse(t.core.typ, Reason{ReasonRecord, text, remedy})
}
