module github.com/sekisho-go/sekisho/crypto/kek/gcpkms

go 1.26.0

require (
	github.com/sekisho-go/sekisho v0.0.0
	github.com/tink-crypto/tink-go-gcpkms/v2 v2.4.0
	github.com/tink-crypto/tink-go/v2 v2.9.0
)

replace github.com/sekisho-go/sekisho => ../../..
