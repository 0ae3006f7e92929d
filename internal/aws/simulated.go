package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
)

// Simulated returns the options for simulated clouds, which let anybody in:
// whoever puts them together does not have to import the SDK for a credential.
func (o Options) Simulated() Options {
	o.Credentials = awssdk.CredentialsProviderFunc(func(context.Context) (awssdk.Credentials, error) {
		return awssdk.Credentials{AccessKeyID: "AKIASIMULATED", SecretAccessKey: "simulated", Source: "the simulator"}, nil
	})
	return o
}
