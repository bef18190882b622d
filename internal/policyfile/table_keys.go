package policyfile

import (
	"regexp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// This file goes on with the table of table.go: what a policy says of
// algorithms and keys.

var algorithmName = text{noun: "the name of an algorithm", most: 64,
	pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`), // as classify.ValidName
	looks:   "use letters, digits, hyphens, dots and underscores, as in AES-256-GCM"}

var bits = small{integer{"a number of bits", 1, 4096}}

var strength = record[policy.Strength]{
	def: "strength", noun: "the period", doc: "Until when something of at most so many bits of strength counts. An algorithm ends on the earliest day of all entries with at least its bits.",
	pos: func(v *policy.Strength) *policy.Pos { return &v.Pos },
	keys: []key[policy.Strength]{
		field("bits", bits, func(v *policy.Strength) *int { return &v.Bits }, "how many bits of strength").must().known("strength", "level"),
		field("produce", day, func(v *policy.Strength) *string { return &v.Produce },
			"the last day on which something new is made, as 2030-12-31; no end is set unless it is given").known("until", "new", "generate"),
		field("consume", day, func(v *policy.Strength) *string { return &v.Consume },
			"the last day on which what there is may be used, as 2040-12-31; no end is set unless it is given").known("process", "use"),
	},
}

var algorithm = record[policy.Algorithm]{
	def: "algorithm", noun: "the algorithm", doc: "An algorithm that is listed, with a strength of its own or the parts that it consists of.",
	pos: func(v *policy.Algorithm) *policy.Pos { return &v.Pos },
	keys: []key[policy.Algorithm]{
		field("bits", bits, func(v *policy.Algorithm) *int { return &v.Bits }, "its bits of strength, where it has no parts").known("strength"),
		field("of", list[string]{of: algorithmName, noun: "a list of algorithms", least: 1}, func(v *policy.Algorithm) *[]string { return &v.Of },
			"the algorithms that it consists of: it is listed as long as all of them are, and as strong as the weakest").known("parts", "consists"),
		field("clause", clause, func(v *policy.Algorithm) *string { return &v.Clause }, "where the source lists it"),
	},
}

var listed = named[policy.Algorithm, policy.Algorithm]{
	of: algorithm, key: algorithmName, noun: "algorithm", nouns: "a mapping from names of algorithms to algorithms",
	make: func(name string, at policy.Pos, v policy.Algorithm) policy.Algorithm {
		v.Name, v.Pos = name, at
		return v
	},
}

var algorithms = record[policy.Algorithms]{
	def: "algorithms", noun: "the algorithms", doc: "Which cryptographic algorithms are permitted, and until when.",
	pos: func(v *policy.Algorithms) *policy.Pos { return &v.Pos },
	keys: []key[policy.Algorithms]{
		field("source", freeText, func(v *policy.Algorithms) *string { return &v.Source }, "whose list and periods these are"),
		field("strength", listOf(strength, "a list of periods by strength"), func(v *policy.Algorithms) *[]policy.Strength { return &v.Strength },
			"until when what strength counts").known("strengths", "periods"),
		field("listed", listed, func(v *policy.Algorithms) *[]policy.Algorithm { return &v.Listed },
			"the algorithms that are permitted; in an overlay those that remain, all if it is not there").known("list", "allowed", "permitted"),
	},
}

var span = text{noun: "a period", example: "2y, 1y6m or 90d",
	pattern: regexp.MustCompile(`^([0-9]{1,5}y([0-9]{1,5}m)?([0-9]{1,5}d)?|[0-9]{1,5}m([0-9]{1,5}d)?|[0-9]{1,5}d)$`),
	looks:   "write years, months and days, such as 2y, 1y6m or 90d"}

var period = record[policy.Period]{
	def: "period", noun: "the period", doc: "How long the keys of a use serve, counted from the moment that a key is made.",
	pos: func(v *policy.Period) *policy.Pos { return &v.Pos },
	keys: []key[policy.Period]{
		field("produce", span, func(v *policy.Period) *string { return &v.Produce }, "how long something new is made with a key, such as 2y").known("encrypt", "seal", "sign"),
		field("consume", span, func(v *policy.Period) *string { return &v.Consume }, "how long what it made is used, such as 5y").known("decrypt", "open", "verify"),
	},
}

var periods = named[policy.Period, policy.Period]{
	of:   period,
	key:  text{noun: "a use of keys", pattern: word, looks: wordSays, most: 64},
	noun: "use of keys", nouns: "a mapping from uses of keys to periods",
	make: func(name string, at policy.Pos, v policy.Period) policy.Period {
		v.Use, v.Pos = name, at
		return v
	},
}

var keys = record[policy.Keys]{
	def: "keys", noun: "the keys section", doc: "Of which kind keys are made, and how long they serve.",
	pos: func(v *policy.Keys) *policy.Pos { return &v.Pos },
	keys: []key[policy.Keys]{
		field("box", text{noun: "a kind of boxes", enum: []string{policy.BoxX25519, policy.BoxXWing}, aka: map[string]string{"hybrid": policy.BoxXWing, "xwing": policy.BoxXWing, "ml-kem": policy.BoxXWing, "ecdh": policy.BoxX25519}},
			func(v *policy.Keys) *string { return &v.Box }, "what seals to the public key of a zone: x25519, or x-wing, which is X25519 and ML-KEM-768 together; x25519 unless it is given").known("boxes", "kem", "hybrid"),
		field("periods", periods, func(v *policy.Keys) *[]policy.Period { return &v.Periods },
			"crypto-periods by use: seal, token, index, stream, box, sign, tenant").known("period", "cryptoperiods", "lifetimes"),
	},
}
