module github.com/sekisho-go/sekisho/benchmarks

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/google/tink/go v1.7.0
	github.com/sekisho-go/sekisho v0.0.0-00010101000000-000000000000
	github.com/tink-crypto/tink-go/v2 v2.9.0
	google.golang.org/protobuf v1.36.11
)

require (
	golang.org/x/crypto v0.53.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/sekisho-go/sekisho => ../
