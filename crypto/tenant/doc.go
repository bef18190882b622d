// Package tenant gives each tenant of a system keys of its own, below the keys of
// the zones: the municipalities of a union that share one application, the
// customers of a service.
//
//	set, err := tenant.Open("keys", ring, kek)
//	err = set.Create("131016")            // once, by an operator
//	keys, err := set.Keyring("131016")    // a *crypto.Keyring, for a border of its own
//
// Nothing of one tenant opens under the keys of another or of the zone, and no
// token or index of one equals that of another. When a tenant leaves, its keys are
// destroyed, and what was sealed with them is erased with them wherever it lies
// (NIST SP 800-88, cryptographic erase); the others notice nothing:
//
//	certificate, err := set.Destroy("131016", "name of the officer")
//
// # What the keys are made of
//
// The zone's tenant keyset, which the keyring holds like the others, is one half.
// The other half is the tenant's own random key, in a small file that is encrypted
// with the key-encryption key. Keys are derived from both by Tink, for each zone
// and use: [crypto.Derive] has the formula. Derivation alone would leave nothing
// to destroy; a random half alone would put the rotation of the zone's keys into
// as many files as there are tenants.
//
// A tenant has keys for seal, token, index and stream, in each zone that has a
// tenant keyset. Boxes and signatures belong to zones: who seals for a zone or
// verifies it was given the zone's public keys and knows nothing of tenants. A
// parcel for one tenant's data names the tenant inside.
//
// # The life of the keys
//
// The tenants' keys follow the keyring they are derived from. For each of the
// zone's tenant keys a tenant has one of the same id, in the same state and with
// the same dates, so rotating the zone's tenant keyset rotates all tenants, and
// package reseal brings them over one by one. When the keyring refreshes, the
// tenants' files are read again; when it is stale, so are they. Within one
// process Destroy works at once; in others at their next refresh, and in those
// that never refresh, at their next start. Each key of each tenant is counted by
// itself against [crypto.UseLimit], in the ledger of the keyring.
//
// # Files
//
// <tenant>.tenant holds a JSON header that anybody can read around a keyset that
// Tink has encrypted; the header is its associated data. A witness in it, made with
// the key, proves of a copy that it is the same. A file that was renamed, moved or
// changed in any byte is refused. Put the files into the folder of the keysets:
// package custody and the command sekisho keys look after both there.
//
// Who loses a tenant's file has lost all of its data: back the folder up whenever
// a tenant was created (custody.Folder.Backup). Who has a backup or an old copy,
// and the key-encryption key, can undo a destruction: the certificate names the
// backups ([WithBackups]) and has the digest of the file, so find the copies and
// destroy them.
//
// Of a destroyed tenant a tombstone stays, so that its name is never given to
// another by mistake. It says when, and who did it. The certificate stays beside it
// as <tenant>.tenant.erasure: when the tombstone is lost, restoring a backup makes
// a new one from it.
package tenant
