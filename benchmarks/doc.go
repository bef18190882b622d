// Package benchmarks measures this library beside its peers and shows that it
// opens what older libraries wrote. It exports nothing.
//
// It is a module of its own, so that the peers are its dependencies and not
// those of the people who import the library. It sees the library as they do:
// by its exported names only, from the folder above.
//
// # Measuring
//
//	cd benchmarks && go test -run '^$' -bench . -count 10 . | tee new.txt
//	benchstat -col /by new.txt
//
// A benchmark has one line for the library (by=sekisho), one for the peer it
// stands on (by=tink) and, where there is one, the limit that no wrapper can
// beat (by=raw: crypto/cipher with every buffer reused). All lines of a
// benchmark do the same work on the same bytes in the same run, and what counts
// is their ratio: the nanoseconds are those of one machine.
//
// # Old data
//
// Package oldtink shows, by tests, that keysets and ciphertexts of
// github.com/google/tink/go open with this library and the other way round.
package benchmarks
