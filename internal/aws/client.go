package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// attempts of one call, before the engine's own patience takes over.
	attempts = 8
	// answerWithin bounds one attempt, so that a connection that stalls does
	// not hold a resource for ever.
	answerWithin = time.Minute
)

// configure makes the configuration that all clients share. The bodies of
// calls are never logged: they hold pre-shared keys.
func (c *Cloud) configure(ctx context.Context) (awssdk.Config, error) {
	config := awssdk.Config{Credentials: c.options.Credentials}
	if c.options.Credentials == nil {
		loaded, err := c.chain(ctx)
		if err != nil {
			return config, err
		}
		config = loaded
	}
	if c.options.HTTPClient != nil {
		config.HTTPClient = c.options.HTTPClient
	}
	config.HTTPClient = wholeBodies(config.HTTPClient)
	c.common(&config)
	if role := c.file.AWS.Credentials.AssumeRole; role != "" && c.options.Credentials == nil {
		config.Credentials = c.assume(config, role, c.file.AWS.Credentials.ExternalID)
	}
	config.Credentials = awssdk.NewCredentialsCache(signer{config.Credentials})
	return config, nil
}

// chain is the SDK's own search for credentials, with the file's profile.
func (c *Cloud) chain(ctx context.Context) (awssdk.Config, error) {
	// The SDK would write warnings of its own to the standard error output.
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithLogger(logging.Nop{})}
	if profile := c.file.AWS.Credentials.Profile; profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(profile))
	}
	if c.options.HTTPClient != nil {
		options = append(options, awsconfig.WithHTTPClient(c.options.HTTPClient))
	}
	return awsconfig.LoadDefaultConfig(ctx, options...)
}

// common sets what does not depend on where the credentials come from.
func (c *Cloud) common(config *awssdk.Config) {
	if c.options.Endpoint != "" {
		config.BaseEndpoint = awssdk.String(c.options.Endpoint)
	}
	config.ClientLogMode = 0
	config.RetryMaxAttempts = attempts
	config.Retryer = c.retryer
	config.APIOptions = append(config.APIOptions, c.watchCalls)
}

// assume signs with a role that the file names.
func (c *Cloud) assume(config awssdk.Config, role, external string) awssdk.CredentialsProvider {
	client := sts.NewFromConfig(config, func(o *sts.Options) {
		if o.Region == "" && len(c.file.AWS.Regions) > 0 {
			o.Region = c.file.AWS.Regions[0].Name
		}
	})
	return stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "linkd"
		if external != "" {
			o.ExternalID = awssdk.String(external)
		}
	})
}

// retryer repeats what is safe to repeat, with jitter. It has no retry quota:
// the standard one is spent in a long outage and never refills in a daemon.
func (c *Cloud) retryer() awssdk.Retryer {
	jitter := retry.NewExponentialJitterBackoff(retry.DefaultMaxBackoff)
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
			delay, failed := jitter.BackoffDelay(attempt, err)
			return time.Duration(float64(delay) / c.options.TimeScale), failed
		})
	})
}

// once sends a call one single time. The creates of transit gateways and VPN
// connections carry no token and refuse no duplicate: after a lost answer a
// repeat could make a second one.
func once(o *ec2.Options) { o.Retryer = awssdk.NopRetryer{} }

// watchCalls bounds each attempt, reports it, and learns the cloud's clock.
func (c *Cloud) watchCalls(stack *middleware.Stack) error {
	return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("linkd:calls",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			began := time.Now()
			bounded, cancel := context.WithTimeout(ctx, answerWithin)
			defer cancel()
			out, metadata, err := next.HandleFinalize(bounded, in)
			if server, told := awsmiddleware.GetServerTime(metadata); told {
				c.memory.tick(server)
			}
			if c.options.OnCall != nil {
				call := callOf(metadata, err)
				call.Action = strings.ToLower(awsmiddleware.GetServiceID(ctx)) + ":" + awsmiddleware.GetOperationName(ctx)
				call.Region, call.Took = awsmiddleware.GetRegion(ctx), time.Since(began)
				c.options.OnCall(call)
			}
			return out, metadata, err
		}), middleware.After)
}

// callOf is what one attempt came to: its status, and what the cloud's
// code says of it.
func callOf(metadata middleware.Metadata, err error) Call {
	call := Call{Failed: err != nil}
	if response, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok && response != nil && response.Response != nil {
		call.Status = response.StatusCode
	}
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		call.Throttled = throttling(answer.ErrorCode())
	}
	return call
}

// signer marks what goes wrong with credentials, so that it is not taken for
// a fault of the network.
type signer struct{ awssdk.CredentialsProvider }

// Retrieve implements [awssdk.CredentialsProvider].
func (s signer) Retrieve(ctx context.Context) (awssdk.Credentials, error) {
	if s.CredentialsProvider == nil {
		return awssdk.Credentials{}, &signInError{fmt.Errorf("there are no credentials")}
	}
	credentials, err := s.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return credentials, &signInError{err}
	}
	return credentials, nil
}

type signInError struct{ err error }

func (e *signInError) Error() string { return "no usable credentials: " + e.err.Error() }
func (e *signInError) Unwrap() error { return e.err }
