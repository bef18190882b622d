// Package classify says what data is: its class, its categories, what may
// happen to it, and how it is written on a Go field.
//
// # The words
//
// A class is a level of confidentiality on a [Scale]; integrity and
// availability have scales of their own. A category is what a datum is: a
// name, a phone number, an individual number. A [Label] holds one level on
// each of the three axes and a set of categories, and labels are joined with
// [Label.Join]: a set of data is as confidential as its most confidential
// member. An [Action] is what a rule does with a field on its way to another
// zone.
//
// # Labelling a field
//
// A label is written as a struct tag:
//
//	type Insured struct {
//		Name  string `classify:"name"`
//		Phone string `classify:"phone,mask=last4"`
//		Note  string `classify:"3B,integrity=2,action=drop"`
//	}
//
// The grammar, which [ParseTag] reads and [Tag.String] writes:
//
//	TAG    = NAME *( "+" NAME ) *( "," OPTION )
//	OPTION = "class=" NAME | "integrity=" NAME | "availability=" NAME
//	       | "action=" ACTION | "mask=" FUNC | "generalise=" FUNC
//	       | "id" | "column" | "index" | "token"
//
// A NAME is a category or a class of the policy; [ValidName] has its rules. A
// FUNC is a name that [FuncName] resolves to a Go function. There are no
// blanks. A column is sealed on its own; index, which needs column, asks for an
// index beside it by which equal values are found. An option may only tighten what the policy says; whether it does is
// decided by the policy, not here. Read tags with [LookupTag] and not with
// [reflect.StructTag.Lookup]: the latter takes a malformed struct tag for one
// without a label, and the field goes unprotected.
//
// # Masks and generalisations
//
// A mask hides most of a string: [Last4], [Last2], [Initial], [Redact]. A
// generalisation gives a coarser value of a type of its own: [Year],
// [YearMonth], [AgeBand5], [AgeBand10], [Thousand], [TenThousand]. The comment
// of each says what the far side still learns; read it before choosing one.
// The result types cannot hold more detail than they promise, so printing and
// storing them is harmless.
//
// A policy names such functions in kebab case (last4, age-band-5), those of a
// package below this one with its name in front (jp.municipality), and
// anybody else's by import path (example.com/app/mask.Postal). A function has
// one of the signatures func(T) R, func(T) (R, error) and
// func(T, time.Time) R, where the time is the begin of the crossing.
//
// # What not to do
//
// Do not chain masks to reach a lower class, and do not take a hash for a
// mask: whoever can list all values (there are only 10^11 individual numbers)
// can reverse it. Do not write a second parser for tags.
//
// The package needs the standard library alone and is safe for concurrent
// use. Names, grammar and text forms are kept compatible; new options and
// functions may be added.
package classify
