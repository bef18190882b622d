// Package marks has directives that cannot be read.
package marks

func a() {
	//zone:allow leak // want `no reason: say after the check why the finding is accepted`
	_ = 1
	//zone:allow leaks the plural is no check // want `there is no check leaks to allow: want one of labels, leak`
	_ = 2
	// zone:allow leak with a blank // want `not a directive: write //zone:allow`
	_ = 3
}
