// Sekisho-kek-pkcs11 is a key-encryption key in an HSM or a smart card for
// programs that do not link cgo: it speaks the protocol of package crypto/kek on
// its standard input and output.
//
//	sekisho-kek-pkcs11 -module /usr/lib/softhsm/libsofthsm2.so -token kouki -key kouki-kek -create
//	sekisho keys status -kek 'exec:sekisho-kek-pkcs11 -module /usr/lib/softhsm/libsofthsm2.so -token kouki -key kouki-kek'
//
// The PIN of the user comes from the variable SEKISHO_KEK_PIN, or from the first
// line of a file. With -create the program makes the key and ends.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/pkcs11"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("sekisho-kek-pkcs11", flag.ContinueOnError)
	flags.SetOutput(errs)
	var c pkcs11.Config
	flags.StringVar(&c.Module, "module", "", "path of the PKCS#11 library")
	flags.StringVar(&c.Token, "token", "", "label of the token")
	flags.StringVar(&c.Key, "key", "", "label of the key")
	pinFile := flags.String("pin-file", "", "file whose first line is the PIN, in place of SEKISHO_KEK_PIN")
	create := flags.Bool("create", false, "make the key and end")
	if err := flags.Parse(args); err != nil {
		return kek.ExitFailed
	}
	if c.Module == "" || c.Token == "" || c.Key == "" || flags.NArg() > 0 {
		fmt.Fprintln(errs, "sekisho-kek-pkcs11: want -module, -token and -key, and no arguments")
		return kek.ExitFailed
	}
	c.PIN = func() ([]byte, error) { return pin(*pinFile) }
	open := pkcs11.Open
	if *create {
		open = pkcs11.Create
	}
	k, err := open(c)
	if err != nil {
		fmt.Fprintln(errs, err)
		return kek.ExitFailed
	}
	defer k.Close()
	if *create {
		return kek.ExitDone
	}
	return kek.Serve(k, in, out)
}

func pin(file string) ([]byte, error) {
	if file == "" {
		if p := os.Getenv("SEKISHO_KEK_PIN"); p != "" {
			return []byte(p), nil
		}
		return nil, errors.New("SEKISHO_KEK_PIN is empty and there is no -pin-file")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	clear(rest)
	return bytes.TrimSuffix(line, []byte("\r")), nil
}
