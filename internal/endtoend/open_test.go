package endtoend

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"linkd/internal/aws"
	"linkd/internal/azure"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
)

type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(1000 * time.Hour)}, nil
}

func openBoth(ctx context.Context, file *desired.File, client *http.Client) ([]reconcile.Cloud, error) {
	az, err := azure.New(file, azure.Options{Credential: token{}, Transport: client, Endpoint: "http://127.0.0.1"})
	if err != nil {
		return nil, err
	}
	am, err := aws.New(ctx, file, aws.Options{Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: client, Endpoint: "http://127.0.0.1"})
	if err != nil {
		return nil, err
	}
	return []reconcile.Cloud{az, am}, nil
}
