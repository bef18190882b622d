// Sekisho generates and explains the crossings of labelled data between
// zones. "sekisho help" lists its commands. It is also a tool for go vet:
//
//	go vet -vettool=$(go tool -n sekisho) ./...
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/sekisho-go/sekisho/gen/zonevet/vettool"
	"github.com/sekisho-go/sekisho/internal/command"
)

func main() {
	if vettool.Asked(os.Args[1:]) {
		vettool.Main()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(command.Main(ctx, command.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ(),
	}))
}
