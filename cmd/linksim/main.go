// Command linksim serves both simulated clouds on a loopback port: for demos,
// for tests, and for trying linkd, the AWS CLI, boto3 or Terraform without an
// account.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
