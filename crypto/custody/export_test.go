package custody

import "github.com/sekisho-go/sekisho/crypto/internal/keyfile"

// WriteTo lets a folder write to a disk of the test's.
func (f *Folder) WriteTo(d func(keyfile.Disk) keyfile.Disk) { f.disk = d(f.root) }

// Public is an export, for tests that change one.
type Public = public

// The decoders of all documents, for fuzzing.
var (
	DecodeBackup      = decodeBackup
	DecodeCertificate = decodeCertificate
	DecodePublic      = decodePublic
	Encode            = encode
)

// DecodeLedger decodes a list of backups.
func DecodeLedger(data []byte) (any, error) {
	l, err := decode[ledger](ledgerName, "sekisho-backups", data)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Pass is for the tenants' files.
var Pass = pass
