package jp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"sync"
)

// concealed is an identifier as it stands in memory: the AES block of its
// kind, its length and its digits. One block under one key is a permutation:
// equal identifiers have equal blocks and different ones different blocks, so
// blocks compare and hash like the identifiers. All zeros stand for an absent
// one.
type concealed [aes.BlockSize]byte

// processBlock is the cipher that conceals the identifiers of this process.
// Nobody else needs the key, so it is never written down.
var processBlock = sync.OnceValue(func() cipher.Block {
	var key [32]byte
	rand.Read(key[:]) // does not return on failure
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("jp: internal error: " + err.Error())
	}
	return block
})

// scratch has memory for one block. A block that is handed to a cipher.Block
// is not kept on the stack; without the pool each use would allocate.
var scratch = sync.Pool{New: func() any { return new(concealed) }}

// conceal returns the block of the digits. There are at most maxDigits.
func conceal(k kind, d *digits) concealed {
	b := scratch.Get().(*concealed)
	b[0], b[1] = byte(k), byte(d.n)
	copy(b[2:], d.buf[:])
	processBlock().Encrypt(b[:], b[:])
	c := *b
	clear(b[:])
	scratch.Put(b)
	return c
}

// reveal returns the digits in c, or "" when c is absent or is not a block of
// this kind and process.
func (c concealed) reveal(k kind) string {
	if c == (concealed{}) {
		return ""
	}
	b := scratch.Get().(*concealed)
	*b = c
	processBlock().Decrypt(b[:], b[:])
	s := ""
	if n := int(b[1]); b[0] == byte(k) && n <= maxDigits {
		s = string(b[2 : 2+n])
	}
	clear(b[:])
	scratch.Put(b)
	return s
}
