// Sekisho-kek-vault is a key-encryption key in Vault's transit engine for
// programs that do not link Vault's client: it speaks the protocol of package
// crypto/kek on its standard input and output.
//
//	sekisho keys status -kek 'exec:sekisho-kek-vault -key kouki'
//
// Vault and the caller's token come from VAULT_ADDR, VAULT_TOKEN, VAULT_CACERT
// and the other variables that the vault command knows.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/vault"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("sekisho-kek-vault", flag.ContinueOnError)
	flags.SetOutput(errs)
	key := flags.String("key", "", "name of the key in the transit engine")
	mount := flags.String("mount", "transit", "path of the transit engine")
	timeout := flags.Duration("timeout", 10*time.Second, "time for one request")
	if err := flags.Parse(args); err != nil {
		return kek.ExitFailed
	}
	if *key == "" || flags.NArg() > 0 {
		fmt.Fprintln(errs, "sekisho-kek-vault: want -key NAME and no arguments")
		return kek.ExitFailed
	}
	k, err := vault.Open(vault.Config{Key: *key, Mount: *mount, Timeout: *timeout})
	if err != nil {
		fmt.Fprintln(errs, err)
		return kek.ExitFailed
	}
	return kek.Serve(k, in, out)
}
