package azure

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/resource"
)

const (
	// vaultVersion of the API of Key Vault's data.
	vaultVersion = "7.4"
	// vaultAction is the action of a role that lets a secret be read.
	vaultAction = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	vaultHint   = "give the identity the role Key Vault Secrets User on the vault, or a policy of the vault that lets it get secrets; a secret that is disabled, and a vault whose firewall keeps linkd out, are refused in the same way"
)

// Secret reads a secret of Key Vault by its address, with or without a
// version. Key Vault is asked this one thing, through the pipeline that all
// calls go through; its tokens are of another audience than the manager's.
func (c *Cloud) Secret(ctx context.Context, address string) (resource.Secret, error) {
	at, err := url.Parse(address)
	if err != nil {
		return resource.Secret{}, err
	}
	response, err := c.askVault(ctx, at)
	if err != nil {
		return resource.Secret{}, vaultProblem(problem(vaultAction, err))
	}
	defer response.Body.Close()
	if !runtime.HasStatusCode(response, http.StatusOK) {
		return resource.Secret{}, vaultProblem(problem(vaultAction, runtime.NewResponseError(response)))
	}
	var answer struct {
		Value string `json:"value"`
	}
	if err := runtime.UnmarshalAsJSON(response, &answer); err != nil {
		return resource.Secret{}, problem(vaultAction, errors.New("the answer is no secret")) // the error may hold it
	}
	if answer.Value == "" {
		return resource.Secret{}, &resource.Problem{Reason: resource.Refused, Action: vaultAction, Text: "the secret is empty"}
	}
	return resource.NewSecret(answer.Value), nil
}

// askVault sends the request. Simulated clouds tell vaults apart by the host
// that is asked for.
func (c *Cloud) askVault(ctx context.Context, at *url.URL) (*http.Response, error) {
	_, domain, _ := strings.Cut(at.Host, ".") // of https://name.vault.azure.net
	scope := "https://" + domain + "/.default"
	settings := clientOptions(c.options).ClientOptions
	pipeline := runtime.NewPipeline("linkd/azure", "v1.0.0", runtime.PipelineOptions{
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(c.options.Credential, []string{scope}, &policy.BearerTokenOptions{
			InsecureAllowCredentialWithHTTP: settings.InsecureAllowCredentialWithHTTP,
		})},
	}, &settings)
	host, base := at.Host, "https://"+at.Host
	if c.options.Endpoint != "" {
		base = strings.TrimSuffix(c.options.Endpoint, "/")
	}
	request, err := runtime.NewRequest(ctx, http.MethodGet, base+at.Path)
	if err != nil {
		return nil, err
	}
	query := request.Raw().URL.Query()
	query.Set("api-version", vaultVersion)
	request.Raw().URL.RawQuery, request.Raw().Host = query.Encode(), host
	request.Raw().Header.Set("Accept", "application/json")
	return pipeline.Do(request)
}

// vaultProblem says what to do about what is peculiar to secrets.
func vaultProblem(err error) error {
	p, ours := errors.AsType[*resource.Problem](err)
	switch {
	case !ours:
	case p.Reason == resource.Denied:
		p.Hint = vaultHint
	case p.Code == "SecretNotFound":
		p.Hint = "check the address in the file; a secret that was deleted can be recovered in its vault for a while"
	}
	return err
}
