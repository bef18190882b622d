// Package parcel carries records from a zone to another through whatever lies
// between: a file, a disk, a queue, a connection. A parcel has a label that
// anybody can read, is sealed for the far zone, and signed by the near one.
//
// # Sending and receiving
//
// The near side makes views cross and puts them into a parcel. The parcel ends
// with the crossing: Close commits it.
//
//	x, err := zone.Cross[zones.MyNumberToLGWAN](ctx, border)
//	…
//	w, err := parcel.Create[PersonLGWAN](x, dst)
//	…
//	defer w.Abort()
//	for _, p := range persons {
//		view, err := p.ToLGWAN(x)
//		…
//		err = w.Add(view)
//		…
//	}
//	return w.Close()
//
// The far side opens it with the same type and the route it expects:
//
//	r, err := parcel.Open[PersonLGWAN, zones.MyNumberToLGWAN](ctx, border, register, src)
//	…
//	defer r.Close()
//	for view, err := range r.All() {
//		if err != nil {
//			return err // undo what came of the views before
//		}
//		…
//	}
//	return r.Finish()
//
// [CreateReturn] and [OpenReturn] are for views on their way back to the record
// they were made of, [CreateFile] and [OpenFile] for files. [Inspect] shows a
// label to whoever has the parcel and no key; so does "head -1".
//
// # What is promised
//
//   - Only a view in the far zone can be put into a parcel to it, and it comes
//     out as a view in that zone; anything else does not compile.
//   - Nobody but the holder of the far zone's box keys can read the body. Who
//     sent it is who holds the near zone's sign keys.
//   - A change of any bit of header, key line or body is found, before anything
//     that depends on it is returned: no record leaves a [Reader] before its
//     piece is authenticated. What was cut off, moved, repeated, taken out or
//     appended is found too, and each has an error type of its own.
//   - Memory does not grow with the parcel: there are as many pieces of 1 MiB in
//     memory as may be worked on at a time, and two, and one record. Goroutines
//     live as long as a piece; a parcel that is left alone leaves none.
//   - No error holds a value of a record, nor the name of a file.
//
// A stream shows its errors when they come: records before an altered or missing
// piece were returned already. They are authentic, but the parcel is not whole,
// and its crossing perhaps not committed. Do with them what can be undone until
// the last one has come.
//
// # Received once
//
// A receiver has a [Register], because whoever carries a parcel can carry it
// twice. It takes a parcel in two steps: begun, when the header is known to be
// authentic, and finished, when the program says that all is done and durable
// ([Reader.Finish]). A parcel that was begun and not finished shows
// ([FileRegister.Unfinished]), and opens again only with [Resume]. Receipts can be
// forgotten when the parcel has expired, because it does not open then either.
//
// # What is not promised
//
//   - The label is not secret: who sends how much to whom, of which type and
//     class. Nor is the length of the body.
//   - There is no forward secrecy towards the receiver: who gets the far zone's
//     box key opens the parcels sealed to it. Rotate it, and destroy the old one
//     when its parcels have expired.
//   - The receiver can make a body of his own under a header that he was sent:
//     header and key are signed, the body is authenticated with the key that he
//     has. A parcel convinces him, and nobody else.
//   - Plaintext is wiped from the buffers of this package. Tink's own, two of
//     16 KiB for each piece at work, and records that were handed out, are the
//     garbage collector's.
//
// # The format
//
// A parcel is two lines of text and a body of bytes. Numbers in the body have
// their highest byte first.
//
// Line 1, the header, is a JSON object (RFC 8259) in UTF-8 with the keys of
// [Header], in the order of its fields, without blanks, ended by a line feed,
// 64 KiB at most. Absent fields are left out. In strings only the quotation mark
// and the backslash are escaped, each by a backslash; control and format
// characters (general categories Cc and Cf) and line and paragraph separators
// do not occur. Times are RFC 3339, in UTC with "Z", in whole seconds, and
// between sealed-at and expires are 366 days at most. Readers
// refuse every other spelling. The value of "schema" is described in package
// wire, under "Shapes".
//
// Line 2, the key line, is a JSON object with the keys "key" and "signature" in
// this order, without blanks, ended by a line feed, 16 KiB at most. The values
// are base64 with padding (RFC 4648, section 4).
//
//	key        0x01 || id of the box key (4 bytes) || enc || ct
//	           HPKE (RFC 9180) in base mode, one message, of the stream key
//	           (32 random bytes), to the public key of the far zone;
//	           info: "sekisho parcel 1 key" LF || line 1 with its LF; aad: empty
//	signature  0x01 || id of the sign key (4 bytes) || 64 bytes
//	           Ed25519 (RFC 8032) with the key of the near zone over
//	           "sekisho parcel 1 signature" LF || line 1 with its LF || key as bytes
//
// The ids are those of the header. Algorithms of the box key are
// HPKE-X25519-HKDF-SHA256-AES-256-GCM (KEM 0x0020, KDF 0x0001, AEAD 0x0002) and
// HPKE-X-WING-AES-256-GCM (KEM 0x647a, the same KDF and AEAD).
//
// The body is one or more pieces, and nothing follows the last:
//
//	frame      index of the piece, from 0 (8 bytes)
//	           length of the ciphertext (4 bytes)
//	           1 in the last piece, 0 in every other (1 byte)
//	ciphertext 0x28 || salt (32 bytes) || nonce prefix (7 bytes) || segments
//
// A ciphertext is a stream of Tink's AES-GCM-HKDF kind. Its key is
//
//	HKDF-SHA256 (RFC 5869)
//	IKM: stream key; salt: the salt; L: 32
//	info: "sekisho parcel 1 piece" LF || SHA-256 of the two lines with their LFs || frame
//
// and segment i, from 0, is AES-256-GCM with a tag of 16 bytes, without
// associated data, under the nonce: nonce prefix || i (4 bytes) || 1 in the last
// segment of the piece, else 0 (1 byte). A segment has 16384 bytes with its tag;
// the first one 40 less, for what stands before it; the last what is left, at
// least one byte of plaintext. All pieces but the last have 64 segments, which
// makes 1048576 bytes of ciphertext and 1047512 of plaintext; the last has no
// more, and no less than a byte.
//
// The plaintexts of the pieces, one after the other, are the records: for each
// its length (4 bytes), up to 64 MiB, and its bytes; then the end mark,
// 0xffffffff, and the number of records (8 bytes). A record may span pieces, and
// so may the end mark. Of the payload "records" each is a view in the form of
// package wire, in the order of the schema; of the payload "file" they are the
// bytes of the file when put together.
//
// Files in testdata have parcels with fixed keys, and vectors_test.go a reader
// that has been written after this page with the standard library alone.
//
// # Why it holds
//
// The body follows STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online
// Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015)
// twice. Within a piece it is Tink's: position and finality of a segment are in
// its nonce, so segments cannot be moved, dropped or added. Among pieces the
// position and finality are in the info that the key of the piece is derived
// with: a piece that is decrypted as another, or as the last when it is not, is
// decrypted with another key and fails to authenticate. There is one last piece
// because its sealing is the last thing a writer does; it can stand at its own
// index only, so neither can pieces before it be missing nor any follow.
//
// Pieces have salts of their own, so no two share a key, and a nonce is used
// once under its key: 64 segments of a 32-bit counter, and finality. A parcel of
// 2^40 pieces has 2^40 keys under one HKDF key, with salts of 256 bits. That
// pieces are independent is what lets several processors work on one parcel.
//
// The lines are bound to the body by their hash, which is in the info of every
// piece, and to each other: the key line by the info of HPKE, both by the
// signature. The info of HPKE also keeps somebody else from signing another's
// wrapped key under a header of his own: it would not open. Signatures, wrapped
// keys and pieces begin with different words, so that one is never taken for
// another, nor for what the same keys are used for elsewhere.
//
// A piece that authenticates at another place than its own is told from an
// altered one by trying it at its own: that is for the message only, it is
// refused in any case.
package parcel
