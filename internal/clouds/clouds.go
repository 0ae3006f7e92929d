// Package clouds opens both sides of a desired-state file: the real clouds,
// or simulated ones on loopback or in memory. It is the one place that knows
// both adapters, and no more of them than how they are opened.
package clouds

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"linkd/internal/aws"
	"linkd/internal/azure"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

//go:generate go test -run FollowTheTables|FollowsTheTables . -update

// Options say which clouds are opened. The zero Options are the real ones.
type Options struct {
	// Simulator is the address of simulated clouds, which is on loopback.
	Simulator string
	// HTTPClient carries all requests, to whatever host, to simulated clouds.
	HTTPClient *http.Client
	// Scale is how many times faster than life simulated clouds run. When it
	// is 0, the simulator at Simulator is asked.
	Scale float64
	// Env finds the environment variables that the file's key sources name;
	// nil: those of the process.
	Env desired.Environment
	// OnCall is told of each request, from several goroutines at once.
	OnCall func(Call)
}

// Call is one request that was sent to a cloud.
type Call struct {
	Cloud     string // azure, aws
	Operation string // in the cloud's own words
	Status    int    // of HTTP; 0: no answer came
	Throttled bool
	Took      time.Duration
}

// inMemory is where requests seem to go that a client carries elsewhere. It
// is a name of loopback, the only place to which a token goes unencrypted.
const inMemory = "http://simulator.localhost"

// Open prepares both sides of file. It sends nothing to a cloud.
func Open(ctx context.Context, file *desired.File, options Options) ([]reconcile.Cloud, error) {
	if options.Simulator != "" && options.Scale == 0 {
		clock, err := AskClock(ctx, options.Simulator)
		if err != nil {
			return nil, err
		}
		options.Scale = clock.Scale
	}
	azureOptions, awsOptions, err := options.split()
	if err != nil {
		return nil, err
	}
	return join(ctx, file, azureOptions, awsOptions)
}

// join opens both sides, each of which reads secrets of the other's store. Only
// AWS is signed in to without one, so that it is asked first.
func join(ctx context.Context, file *desired.File, toAzure azure.Options, toAWS aws.Options) ([]reconcile.Cloud, error) {
	var awsCloud *aws.Cloud
	toAzure.Secret = func(ctx context.Context, arn string) (resource.Secret, error) { return awsCloud.Secret(ctx, arn) }
	azureCloud, err := azure.New(file, toAzure)
	if err != nil {
		return nil, err
	}
	toAWS.Secret = azureCloud.Secret
	if awsCloud, err = aws.New(ctx, file, toAWS); err != nil {
		return nil, err
	}
	return []reconcile.Cloud{azureCloud, awsCloud}, nil
}

// split makes the options of both adapters.
func (o Options) split() (azure.Options, aws.Options, error) {
	toAzure := azure.Options{TimeScale: o.Scale}
	toAWS := aws.Options{TimeScale: o.Scale, Env: o.Env}
	if o.OnCall != nil {
		toAzure.OnCall = func(c azure.Call) { o.OnCall(Call{"azure", c.Operation, c.Status, c.Throttled, c.Took}) }
		toAWS.OnCall = func(c aws.Call) { o.OnCall(Call{"aws", c.Action, c.Status, c.Throttled, c.Took}) }
	}
	if o.Simulator == "" && o.HTTPClient == nil {
		return toAzure, toAWS, nil
	}
	endpoint := cmp.Or(o.Simulator, inMemory)
	if err := onLoopback(endpoint); err != nil {
		return toAzure, toAWS, fmt.Errorf("cannot use the simulator: %w", err)
	}
	toAzure.Endpoint, toAWS.Endpoint = endpoint, endpoint
	if o.HTTPClient != nil {
		toAzure.Transport, toAWS.HTTPClient = o.HTTPClient, o.HTTPClient
	}
	return toAzure.Simulated(), toAWS.Simulated(), nil
}
