package azure

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"linkd/internal/desired"
)

const signInHint = "set azure.credentials in the file or the AZURE_ environment variables, or sign in with az login"

// signIn chooses the credential that the file asks for: a managed identity, a
// client with its secret, or whatever the SDK's own chain finds.
func signIn(credentials desired.AzureCredentials, options Options) (azcore.TokenCredential, error) {
	settings := policy.ClientOptions{Transport: options.Transport}
	switch {
	case credentials.ManagedIdentity != "":
		managed := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: settings}
		if credentials.ManagedIdentity != "system" {
			managed.ID = azidentity.ClientID(credentials.ManagedIdentity)
		}
		return azidentity.NewManagedIdentityCredential(managed)
	case credentials.SecretFrom != "":
		return newClientSecret(credentials, options, settings)
	}
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: settings, TenantID: credentials.Tenant,
	})
}

// noToken is an error of signing in, as opposed to one of the way.
type noToken struct{ error }

// Unwrap returns the error itself.
func (n noToken) Unwrap() error { return n.error }

// marked marks the errors of a credential.
type marked struct{ azcore.TokenCredential }

// GetToken implements azcore.TokenCredential.
func (m marked) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := m.TokenCredential.GetToken(ctx, options)
	if err != nil {
		err = noToken{err}
	}
	return token, err
}
