// Package oldtink shows that what github.com/google/tink/go wrote opens today.
//
// Tink for Go lived at that path up to version 1.7.0 and has since moved to
// github.com/tink-crypto/tink-go/v2, which this library stands on. An
// organisation that comes with keysets, databases and files of the old module
// must not need the old module to read them; and while it moves, the programs
// that have moved must be readable by those that have not.
//
// # Two programs
//
// The two modules cannot be linked into one program: both register the protocol
// buffers of package google.crypto.tink, and the protobuf runtime ends a program
// that registers a name twice ("has a name conflict over
// google.crypto.tink.AesCtrKey"). The variable that would silence it,
// GOLANG_PROTOBUF_REGISTRATION_CONFLICT, leaves open which of the two
// definitions wins, and so what a test of both would show.
//
// So the old module is linked by the program in folder peer and by nothing
// else, and the tests here link the new one. They talk by [Exchange], as JSON,
// through the program's standard input and output. One module file serves both:
// the conflict is within one program, not within one module.
//
// # Two kinds of evidence
//
// Some tests have the peer make keysets and ciphertexts as they run, and have it
// open what the new module made. Others read testdata/tink-1.7.0.json, which the
// peer made once: they hold when the old module no longer builds. To make the
// file again:
//
//	go test ./oldtink -run TestFixtures -update
//
// # Moving a keyset
//
// A keyset file of package crypto is encrypted with its header as associated
// data, so that an old keyset cannot be put into one as it is: it is opened and
// encrypted again for the header that names its keys. Nothing in the keyset
// stands in the way; the tests have the old module itself encrypt for such a
// header, and the file opens. What the binary writer of the old module adds to
// an encrypted keyset, information about the keys that nothing authenticates, a
// keyset file does not take: leave it out (field keyset_info of EncryptedKeyset).
package oldtink

// Algorithm names an algorithm that both modules have.
type Algorithm string

// The algorithms of the uses of a key that the old module knows. It has no
// hybrid with ML-KEM.
const (
	AEAD      Algorithm = "AES-256-GCM"                         // seal
	PRF       Algorithm = "AES-CMAC-PRF"                        // token, index
	Stream4KB Algorithm = "AES256-GCM-HKDF-4KB"                 // no use; many segments in a short file
	Stream1MB Algorithm = "AES256-GCM-HKDF-1MB"                 // stream
	HPKE      Algorithm = "HPKE-X25519-HKDF-SHA256-AES-256-GCM" // box
	Signature Algorithm = "Ed25519"                             // sign
)

// Algorithms returns all of them.
func Algorithms() []Algorithm {
	return []Algorithm{AEAD, PRF, Stream4KB, Stream1MB, HPKE, Signature}
}

// Exchange is what one side hands to the other. The keys in it have never
// protected anything: the key that encrypts them stands beside them.
type Exchange struct {
	Tink  string `json:"tink"` // the module that made the keysets: path and version
	KEK   []byte `json:"kek"`  // key-encryption key: AES-256-GCM, 12 bytes of nonce in front, no prefix
	Cases []Case `json:"cases"`
}

// Case is one keyset and one thing that was made with it. The side that
// receives a case without a keyset makes keyset and output; the side that
// receives a case with both opens the output and compares.
type Case struct {
	Algorithm Algorithm `json:"algorithm"`
	KeyID     uint32    `json:"key_id,omitempty"`    // of the key that made Output; 0 in a case to be made: any
	Rotated   bool      `json:"rotated,omitempty"`   // a newer key is the primary one
	KeysetAD  []byte    `json:"keyset_ad,omitempty"` // what the encrypted keyset is bound to; none: written without
	JSON      bool      `json:"json,omitempty"`      // the keyset is in Tink's JSON form
	Keyset    []byte    `json:"keyset,omitempty"`    // Tink's EncryptedKeyset under KEK, binary or JSON
	Public    []byte    `json:"public,omitempty"`    // Tink's Keyset of the public keys, binary; HPKE and Ed25519 only

	Input  []byte `json:"input"`        // plaintext, PRF input, or message
	AD     []byte `json:"ad,omitempty"` // associated data, or context info of HPKE; not for PRF and Ed25519
	Output []byte `json:"output,omitempty"`

	Err string `json:"err,omitempty"` // why the case could not be opened; empty when all is well
}
