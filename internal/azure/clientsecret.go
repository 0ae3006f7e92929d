package azure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// readAgain is how long a secret that was just read is believed, however often
// it is refused.
const readAgain = time.Minute

// clientSecret signs in as a client with its secret. One in a secret store is
// read when a token is first asked for, and any is read again when it is refused,
// which it is once it was changed: the tokens that it gave are good until they
// end.
type clientSecret struct {
	source desired.Source
	read   func(context.Context) (resource.Secret, error)
	signIn func(secret resource.Secret) (azcore.TokenCredential, error)

	turn       chan struct{} // holds one thing while somebody uses what is below
	at         time.Time     // when the secret was read
	secret     resource.Secret
	credential azcore.TokenCredential
}

// newClientSecret prepares to sign in. What stands on this machine is read at
// once, so that what is not there is told before anything is asked.
func newClientSecret(credentials desired.AzureCredentials, options Options, settings policy.ClientOptions) (*clientSecret, error) {
	source := desired.Source(credentials.SecretFrom)
	c := &clientSecret{
		source: source, turn: make(chan struct{}, 1),
		read: func(context.Context) (resource.Secret, error) { return source.Read(os.LookupEnv) },
		signIn: func(secret resource.Secret) (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(credentials.Tenant, credentials.Client, secret.Reveal(),
				&azidentity.ClientSecretCredentialOptions{ClientOptions: settings})
		},
	}
	if source.Cloud() == "" {
		secret, err := source.Read(os.LookupEnv)
		if err != nil {
			return nil, err
		}
		return c, c.adopt(secret)
	}
	c.read = func(ctx context.Context) (resource.Secret, error) {
		if options.Secret == nil {
			return resource.Secret{}, fmt.Errorf("cannot read %s: nobody is here to ask AWS", source)
		}
		secret, err := options.Secret(ctx, source.Place())
		if err != nil {
			err = fmt.Errorf("cannot take the client secret of Azure from %s: %w", source, err)
		}
		return resource.NewSecret(strings.TrimRight(secret.Reveal(), "\r\n")), err
	}
	return c, nil
}

// GetToken implements azcore.TokenCredential.
func (c *clientSecret) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	credential, secret, err := c.current(ctx, nil)
	if err != nil {
		return azcore.AccessToken{}, unread{err}
	}
	token, err := credential.GetToken(ctx, options)
	if err == nil || !isWrongSecret(err) {
		return token, hidden(err, secret)
	}
	renewed, other, readErr := c.current(ctx, credential)
	switch {
	case readErr != nil:
		return token, unread{readErr}
	case renewed == credential:
		return token, hidden(err, secret)
	}
	token, err = renewed.GetToken(ctx, options)
	return token, hidden(err, other)
}

// current is the credential to use, with its secret. Instead of one that was
// refused it is one by the secret as it stands now, or the same when that is
// what it was.
func (c *clientSecret) current(ctx context.Context, refused azcore.TokenCredential) (azcore.TokenCredential, resource.Secret, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, resource.Secret{}, ctx.Err()
	}
	defer func() { <-c.turn }()
	stale := c.credential == refused && time.Since(c.at) >= readAgain
	if c.credential == nil || stale {
		secret, err := c.read(ctx)
		if err == nil {
			err = c.adopt(secret)
		}
		if err != nil {
			return nil, resource.Secret{}, err
		}
	}
	return c.credential, c.secret, nil
}

// adopt takes a secret that was read, and makes another credential when it is
// another one.
func (c *clientSecret) adopt(secret resource.Secret) error {
	c.at = time.Now()
	if c.credential != nil && secret.Equal(c.secret) {
		return nil
	}
	credential, err := c.signIn(secret)
	if err != nil {
		return hidden(err, secret)
	}
	c.secret, c.credential = secret, credential
	return nil
}

// isWrongSecret reports whether Microsoft's sign-in refused the secret: it is
// another one, or its time is over.
func isWrongSecret(err error) bool {
	if _, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); !ok {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "AADSTS7000215") || strings.Contains(text, "AADSTS7000222") || strings.Contains(text, "invalid_client")
}

// unread is why a secret could not be read. The SDK does not ask again: the
// store was asked as often as is of use.
type unread struct{ error }

// Unwrap returns the error itself.
func (u unread) Unwrap() error { return u.error }

// NonRetriable tells the SDK's retries to let it be.
func (u unread) NonRetriable() {}

// hidden is err without the secret in it, if it is in it: whoever answers may
// repeat what was asked.
func hidden(err error, secret resource.Secret) error {
	if err == nil || secret.IsZero() || !strings.Contains(err.Error(), secret.Reveal()) {
		return err
	}
	return unread{errors.New(strings.ReplaceAll(err.Error(), secret.Reveal(), secret.String()))}
}
