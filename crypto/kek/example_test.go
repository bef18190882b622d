package kek_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
)

// A key file, made once and opened at each start.
func ExampleOpenFile() {
	dir, err := os.MkdirTemp("", "kek")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path, keys := filepath.Join(dir, "kouki.kek"), filepath.Join(dir, "keys")

	created, err := kek.CreateFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := crypto.CreateKeyring(keys, "kouki", []string{"mynumber"}, created); err != nil {
		fmt.Println(err)
		return
	}

	key, err := kek.OpenFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := crypto.OpenKeyring(os.DirFS(keys), key)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key, ring.Zones())
	// Output: kek(file) [mynumber]
}

// Two people who open a backup together: each gives a passphrase.
func ExampleBoth() {
	dir, err := os.MkdirTemp("", "kek")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	tanaka, err := kek.CreatePassphrase(filepath.Join(dir, "tanaka.kek"), []byte("mountain teapot seven rivers"), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	suzuki, err := kek.CreatePassphrase(filepath.Join(dir, "suzuki.kek"), []byte("paper lantern under the bridge"), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	two, err := kek.Both(tanaka, suzuki)
	if err != nil {
		fmt.Println(err)
		return
	}
	backup, err := two.Encrypt([]byte("keysets"), []byte("kouki backup 2026"))
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := two.Decrypt(backup, []byte("kouki backup 2026"))
	fmt.Printf("%s %v\n", again, err)
	_, err = tanaka.Decrypt(backup, []byte("kouki backup 2026"))
	fmt.Println(err != nil)
	// Output:
	// keysets <nil>
	// true
}

// Three people hold a key each. Two are enough; who is away is nil.
func ExampleAnyTwo() {
	dir, err := os.MkdirTemp("", "kek")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	var holders []kek.Holder
	for _, name := range []string{"tanaka", "suzuki", "sato"} {
		key, err := kek.CreateFile(filepath.Join(dir, name+".kek"))
		if err != nil {
			fmt.Println(err)
			return
		}
		holders = append(holders, kek.Holder{Name: name, KEK: key})
	}
	all, err := kek.AnyTwo(holders...)
	if err != nil {
		fmt.Println(err)
		return
	}
	backup, err := all.Encrypt([]byte("keysets"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	holders[0].KEK = nil // tanaka is away
	two, err := kek.AnyTwo(holders...)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := two.Decrypt(backup, nil)
	fmt.Printf("%s %v\n", again, err)

	holders[1].KEK = nil // and so is suzuki
	_, err = kek.AnyTwo(holders...)
	fmt.Println(err)
	// Output:
	// keysets <nil>
	// kek: any-two: a key-encryption key that is needed is not there (1 of the holders tanaka, suzuki, sato there, want two)
}

// A door as an operator writes it.
func ExampleParse() {
	for _, text := range []string{"file:/etc/kouki/kouki.kek", "exec:sekisho-kek-vault -key transit/keys/kouki", "vault:kouki"} {
		spec, err := kek.Parse(text)
		fmt.Printf("%q %q %v\n", spec.Path, spec.Args, err)
	}
	// Output:
	// "/etc/kouki/kouki.kek" [] <nil>
	// "sekisho-kek-vault" ["-key" "transit/keys/kouki"] <nil>
	// "" [] kek: not a key-encryption key: want file:PATH, passphrase:PATH or exec:COMMAND ARGUMENTS (the door "vault" is unknown)
}

// The other side of Exec: a program that has the key. It ends with
// os.Exit(kek.Serve(key, os.Stdin, os.Stdout)).
func ExampleServe() {
	dir, err := os.MkdirTemp("", "kek")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	key, err := kek.CreateFile(filepath.Join(dir, "kouki.kek"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var answer bytes.Buffer
	exit := kek.Serve(key, strings.NewReader(`{"sekisho-kek":1,"op":"decrypt","data":"AAAA","associated-data":""}`), &answer)
	fmt.Println(exit, strings.Contains(answer.String(), `"error":"cannot decrypt`))
	// Output: 1 true
}
