// Package sqltest runs package reseal against databases as they are: SQLite, which
// the test brings with it, and PostgreSQL, when SEKISHO_POSTGRES_DSN says where one
// is (.ci/rows starts one). It is a module of its own, so that only who runs the
// tests fetches the drivers. It exports nothing.
package sqltest
