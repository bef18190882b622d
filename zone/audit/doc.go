// Package audit is the audit log of a border: who crossed, why, with whose
// approval and with how many records, in a form that nobody can rewrite unseen.
//
//	key, err := audit.ReadKey("/etc/levy/audit.key")        // made once with audit.CreateKey
//	log, err := audit.Open("/var/lib/levy/audit", audit.Options{
//		Origin: "city.example/audit/levy", Signer: key, Verifiers: note.VerifierList(verifier),
//	})
//	defer log.Close()
//	border, err := zones.Open(zone.WithAudit(log), …)
//
// [Log] is a [zone.Recorder], so a border writes the log by itself, and a
// [zone.History], so limits hold over restarts. [Verify] checks a folder from the
// first byte to the last; [Reader] gives its entries.
//
// # What is promised
//
//   - Begin, End and Refuse return nil only when the entry is on the disk
//     (fsync). Many goroutines share one fsync.
//   - When an entry cannot be written, the log takes none from then on and says
//     why ([FailedError]), and the border lets nothing cross.
//   - After a crash at any byte all acknowledged entries are there. What was half
//     written is cut off, and a recovery mark in the log says how much.
//   - Every byte that differs from what was acknowledged is found by [Verify] and
//     named with its place.
//   - Who keeps a checkpoint ([Log.Checkpoint]) somewhere else can prove that
//     nothing up to there was changed, removed or reordered since, even by
//     somebody who holds the signing key.
//   - No field of an entry has room for free text: each is an identifier, a name
//     of the policy, a Go name, a digest, a time or a number, and is held against
//     its form. The clause is text of the policy whose digest stands beside it.
//
// # What is not
//
//   - Without a checkpoint that is kept elsewhere, somebody who holds the signing
//     key can write another log, and somebody who can write the folder can cut a
//     log at a checkpoint, or remove a log whole. Give checkpoints away often.
//   - An identifier can be a name if somebody hands out names as identifiers.
//   - The times are those of the machine. A mark shows a jump of the clock by more
//     than two seconds while the log is open, and back over a restart; a clock
//     that was always wrong shows nowhere. A machine that slept looks like a
//     clock that was set forward.
//   - A begin without an end is a crossing that is still open, or whose process
//     died, or whose begin was not durable before its context was done.
//   - A disk that says fsync and does not mean it keeps no promise of ours.
//
// # Folder
//
// A folder holds one log for each process that has it open at the same time;
// processes take up the logs of those that have ended. All are on one machine:
// locks over network file systems are not to be relied on.
//
//	.lock                      held while logs are handed out
//	log-…/                     26 letters and digits
//	    .lock                  held by the process that writes the log
//	    acknowledged           how many entries callers were told are durable
//	    000000000000.entries   a segment: 65,536 entries, unless opened otherwise
//	    000000000000.hashes    SHA-256 leaf hashes of a full segment, 32 bytes each
//	    000000000001.entries
//
// "acknowledged" is the number in 20 decimal digits, a blank, the CRC-32C of the
// digits in 8 hexadecimal ones, and a newline. It is not synced with every batch;
// after a power failure it may be behind, never ahead.
//
// # Segment
//
// A segment is a sequence of frames: 4 bytes length of the payload, big-endian; 1
// byte kind; the payload; 4 bytes CRC-32C of all that, big-endian. The first is a
// header ('H'). Batches follow: entries ('E'), then the checkpoint ('C') of all
// entries of the log so far. A batch without its checkpoint is not part of the
// log.
//
// An entry is JSON on one line in exactly one spelling ([DecodeEntry] takes no
// other): "time", and one of "begin", "end", "refusal", "clock" and "recovery".
// Its bytes are the leaf of the Merkle tree (RFC 6962 section 2.1, by package
// golang.org/x/mod/sumdb/tlog), which goes through all segments of a log.
//
// A checkpoint is a signed note (c2sp.org/signed-note) whose text is that of
// c2sp.org/tlog-checkpoint: the origin of the folder with "/" and the name of the
// log (without "log-"), the number of entries, the tree hash in base64.
//
// A header is text: a title, the origin, the number of the first entry, the number
// of entries in a full segment, the latest time that an earlier entry tells and
// the time of the last one ("-" for none), the hashes of the edge of the tree
// before, largest subtree first, an empty line, and the checkpoint of that tree.
// So opening a log reads its last segment only, and a proof reads a few files,
// however long the log is.
package audit
