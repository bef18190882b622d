// Package vaulttest drives crypto/kek/vault and a whole keyring through a real
// Vault: its core, its transit engine and its HTTP handler, started inside the
// test and listening on loopback. It exports nothing.
//
// It is a module of its own because Vault is: with all its dependencies it
// compiles for minutes, which nobody but this test shall wait for. Vault 1.13.1
// is the last version that builds as a dependency; what it says about transit
// holds for later ones, whose interface has not changed.
package vaulttest
