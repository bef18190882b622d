// Sekisho-kek-gcpkms is a key-encryption key in Google Cloud KMS for programs that do
// not link Google's client: it speaks the protocol of package crypto/kek on its
// standard input and output.
//
//	sekisho keys status -kek 'exec:sekisho-kek-gcpkms -key projects/…'
//
// Credentials come from GOOGLE_APPLICATION_CREDENTIALS, the instance's
// account and the other sources that the client library knows.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/gcpkms"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("sekisho-kek-gcpkms", flag.ContinueOnError)
	flags.SetOutput(errs)
	key := flags.String("key", "", "name of the key: projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY")
	timeout := flags.Duration("timeout", 10*time.Second, "time for one request")
	if err := flags.Parse(args); err != nil {
		return kek.ExitFailed
	}
	if *key == "" || flags.NArg() > 0 {
		fmt.Fprintln(errs, "sekisho-kek-gcpkms: want -key and no arguments")
		return kek.ExitFailed
	}
	k, err := gcpkms.Open(context.Background(), gcpkms.Config{Key: *key, Timeout: *timeout})
	if err != nil {
		fmt.Fprintln(errs, err)
		return kek.ExitFailed
	}
	return kek.Serve(k, in, out)
}
