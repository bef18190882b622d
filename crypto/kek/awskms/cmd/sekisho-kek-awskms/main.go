// Sekisho-kek-awskms is a key-encryption key in AWS KMS for programs that do
// not link AWS's client: it speaks the protocol of package crypto/kek on its
// standard input and output.
//
//	sekisho keys status -kek 'exec:sekisho-kek-awskms -key arn:aws:kms:…'
//
// Credentials come from AWS_PROFILE, AWS_ROLE_ARN, the instance's role and the
// other sources that the SDK knows.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/awskms"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("sekisho-kek-awskms", flag.ContinueOnError)
	flags.SetOutput(errs)
	key := flags.String("key", "", "ARN of the key or an alias")
	timeout := flags.Duration("timeout", 10*time.Second, "time for one request")
	if err := flags.Parse(args); err != nil {
		return kek.ExitFailed
	}
	if *key == "" || flags.NArg() > 0 {
		fmt.Fprintln(errs, "sekisho-kek-awskms: want -key and no arguments")
		return kek.ExitFailed
	}
	k, err := awskms.Open(context.Background(), awskms.Config{Key: *key, Timeout: *timeout})
	if err != nil {
		fmt.Fprintln(errs, err)
		return kek.ExitFailed
	}
	return kek.Serve(k, in, out)
}
