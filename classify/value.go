package classify

// Zone is a place where data can be, as far as this package has to know. The
// zone types of a policy are generated and implement it.
type Zone interface {
	// ZoneName returns the name of the zone in the policy.
	ZoneName() string
}

// Value is implemented, on *T, by closed value types such as those of package
// jp. They show nothing to fmt, encoders, loggers and reflection; whoever wants
// the value says in which zone.
type Value interface {
	// Reveal returns the canonical form of the value for use in zone z, and
	// "" when it is absent or z is nil. It has a value receiver on T.
	Reveal(z Zone) string

	// Restore sets the value from its canonical form, in zone z; "" makes it
	// absent. It fails, and changes nothing, when the form is not canonical
	// or z is nil. The error never contains the form.
	Restore(z Zone, canonical string) error
}
