// Package downgrade: labelled fields of a lower class.
package downgrade

import (
	"app.example/people"

	"github.com/sekisho-go/sekisho/classify"
)

func found(p *people.Person) *people.Statistic {
	s := &people.Statistic{City: p.City, Phone: p.Name} // want `people\.Person\.Name \(name, class 3\) is put into people\.Statistic\.Phone, which is of class 2 only`
	s.City = p.Phone                                    // want `people\.Person\.Phone .* is put into people\.Statistic\.City`
	return s
}

func quiet(p *people.Person) *people.Statistic {
	s := &people.Statistic{City: p.City, Phone: p.Phone}
	s.City = classify.Last4(p.Phone)
	p.Name = p.Phone + p.Name
	return s
}
