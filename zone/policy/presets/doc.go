// Package presets holds policies to begin with. They are data: readable files
// with the reason beside every choice, embedded so that a policy can say
//
//	extends: [jp/alpha]
//
// and then replace, entry by entry, what is different. Nothing in the programs
// depends on what they say.
//
// Models are whole policies:
//
//	jp/alpha        the α model of the three-layer separation of Japanese local
//	                governments: work terminals in the LGWAN zone
//	jp/alpha-prime  α with a local breakout to certain cloud services
//	jp/beta         the β model: work terminals in the internet zone
//	jp/beta-prime   β with internal systems in the internet zone as well
//	cardholder      payment cards: the card data zone, the corporate network and
//	                the public
//
// Parts are words that models are made of:
//
//	jp/classes-5    the five classes of confidentiality (1, 2, 3C, 3B, 3A)
//	jp/classes-3    the three classes used before, with a mapping to the five
//	jp/categories   what the data of a medical-care association for the elderly is
//	jp/cryptrec     the algorithms that CRYPTREC lists, as far as they are used here,
//	                its periods by strength, and crypto-periods of keys
//
// The Japanese models carry out the clauses of a published basic policy
// (茨城県後期高齢者医療広域連合 情報セキュリティ基本方針). What such a policy leaves to
// standards that are not published, and what is only known at second hand, is
// marked (own) in the files: hold it against your own standard before you rely
// on it. Named exceptions come with addresses that lead nowhere (those reserved
// for documentation) and with a last day, so that one that nobody looked after
// closes by itself.
//
// Every model passes Check and Prove, which is why they look stricter than one
// expects in two places. What is not public goes to contractors, clouds and
// removable media sealed: in clear it would get, by way of the zone in the
// middle, from the My Number zone to places that no road leads to. And the β
// models bring less down in class on the way out of the My Number zone, because
// the internet zone may hold more.
//
// The file sekisho.schema.json beside the presets is the JSON Schema of policy
// files, for editors. It is generated.
package presets
