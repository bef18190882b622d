// Package keyfile is the keyset file: what stands in it, what it is bound to,
// and how it is written and replaced in its folder. The packages that use keys
// and the package that manages them share it, so that there is one reader.
//
// A file is a JSON header that anybody can read around a keyset that Tink has
// encrypted under the key-encryption key:
//
//	{
//	  "sekisho-keyset": 1,
//	  "policy": "kouki",
//	  "zone": "mynumber",
//	  "use": "seal",
//	  "keys": [
//	    {
//	      "id": 2421512859,
//	      "algorithm": "AES-256-GCM",
//	      "state": "active",
//	      "created": "2026-04-01T00:00:00Z",
//	      "produce-until": "2028-04-01T00:00:00Z",
//	      "consume-until": "2031-04-01T00:00:00Z",
//	      "witness": "…"
//	    }
//	  ],
//	  "keyset": "…"
//	}
//
// The header is not secret and cannot be changed: all of it but the format
// number is the associated data of the encryption. The file has one spelling,
// the one Encode writes: a change of any byte is found, also in white space. Where
// all keys are destroyed there is no keyset, and nothing that could be bound: such a
// file is a note, which does no more than its absence would.
package keyfile
