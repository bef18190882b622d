// Package custody looks after the keys of a keyring's folder from their creation
// to the proof that they are gone. It is for the operator's tools, the command
// sekisho keys before all; programs that use keys open the folder with
// crypto.OpenKeyring and take over by themselves what changed here.
//
//	folder, err := custody.Open("keys", kek, custody.Options{Plan: plan})
//	change, err := folder.Rotate(custody.Act{By: "k.sato", At: time.Now()}, "mynumber", crypto.UseSeal)
//
// # The life of a key
//
//	next ──Rotate──▶ active ──Rotate──▶ retired ◀─Enable─ disabled
//	                                    retired ─Disable─▶ disabled
//	                     all of them ──Destroy──▶ destroyed
//
// These are the states of NIST SP 800-57 part 1, section 7: pre-activation,
// active, deactivated, suspended, destroyed. One key of a keyset is active: it
// makes what is new. Rotate makes a fresh key active at once; where processes
// would meet values of a key that they have not read yet, [Folder.Stage] gives
// everybody the key first, and Rotate puts it to use later. Dates and algorithm
// of a key come from [Options.Plan], which is where a policy is joined.
//
// # What every change is
//
// Every change names who makes it and when ([Act]), is made under a lock that the
// processes of one machine share, and replaces one file as a whole, durably: after
// a crash there is what was before or what is after, and readers see the one or
// the other. What is written is read back with the key-encryption key before it
// takes the place of anything. What was done is returned as data, for people, for
// the audit log and for the disposal record.
//
// Making several keysets, importing the two keysets of a zone elsewhere and
// restoring a backup write several files, each of them whole. After a crash in
// between the same call completes them.
//
// # Backups
//
// Who loses a key has lost everything under it, which is a breach to be reported
// like any other. [Folder.Backup] writes all keysets into one file, encrypted
// under another key-encryption key, which two people should have to hold: package
// kek makes such a one of two, or of any two of three to five. Shares by a
// threshold scheme (Shamir) are not offered: there is none on the CRYPTREC list,
// in a NIST standard or in Tink, and two keys in sequence need nothing else than
// what is. [Drill] proves of a backup that it opens what is stored, without
// leaving anything on disk. The folder remembers which backups hold which keys.
//
// The files of tenants (package tenant) stand in the same folder, under the same
// lock, and go into the same backups: who loses a tenant's file has lost all of its
// data. Restore brings back those that are missing or damaged and resurrects nobody;
// Drill holds every one against the backup. Give [Folder.TenantBackups] to the set of
// the tenants, and certificates of their erasure name the backups that still hold
// the key.
//
// # Erasure
//
// [Folder.Destroy] takes a key out of its keyset and returns a [Certificate] of
// its cryptographic erasure (NIST SP 800-88 rev. 1, section 2.6: cryptographic
// erase). It stays in the folder too. The certificate says what else may hold the
// key: the backups, by name, and the bytes that file systems and copies of the
// folder keep.
//
// # Files besides the keysets
//
//	backups.json                        what backups there are; sealed under the key-encryption key
//	<zone>.<use>.<key>.erasure          certificate of a destroyed key
//	<tenant>.tenant                     key of a tenant, or the tombstone of one that was destroyed
//	<tenant>.tenant.erasure             certificate of a destroyed tenant
//	.lock                               held while something changes
//	.<name>.*.tmp                       left by a crash; taken away by the next change
//	.<name>.*.damaged                   a file that Restore replaced
//
// All documents are JSON with one spelling: a change of any byte is found. A
// backup holds the files of the folder's keysets and tenants, each encrypted under
// the backup's key-encryption key and bound to the header of all:
//
//	{
//	  "sekisho-backup": 1,
//	  "id": "GS35ZQNI2R737XHUEFS47MVGNY",
//	  "policy": "kouki",
//	  "made": "2026-04-16T00:30:00Z",
//	  "by": "k.sato",
//	  "custodians": ["sato", "suzuki"],
//	  "earlier": [ … ],
//	  "files": [ … ],
//	  "tenants": [ … ]
//	}
//
// An export holds the public keys of a zone, as Tink writes them without secrets:
//
//	{
//	  "sekisho-public": 1,
//	  "policy": "kouki",
//	  "zone": "mynumber",
//	  "exported": "2026-05-01T00:30:00Z",
//	  "by": "k.sato",
//	  "keysets": [{"use": "box-public", "keys": [ … ], "keyset": "…"}, {"use": "verify", … }]
//	}
//
// # What is not promised
//
//   - Taking bytes off a disk. Old keysets, encrypted under the key-encryption
//     key, may be read from a file system's snapshots or a solid-state disk's
//     spare blocks. Erasure holds against who has these only as long as the
//     key-encryption key is not known, or is destroyed too.
//   - Knowing of copies that were made by other means than Backup.
//   - Stopping who may write to the folder: such a person can put back an older
//     file as a whole, or take the list of backups away. Keep the folder under the
//     system's access control, and the changes in the audit log.
package custody
