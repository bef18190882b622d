// Package crypto keeps keys by zone and by use.
package crypto
