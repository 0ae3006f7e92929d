package azure

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// Check proves that the credentials work, and that the subscription and the
// resource group of the file exist and may be read.
func (c *Cloud) Check(ctx context.Context) error {
	home := c.home()
	url := runtime.JoinPaths(home.arm.Endpoint(), "subscriptions", home.subscription, "resourcegroups", home.group)
	request, err := runtime.NewRequest(ctx, http.MethodGet, url)
	if err != nil {
		return problem(groupAction, err)
	}
	query := request.Raw().URL.Query()
	query.Set("api-version", "2021-04-01")
	request.Raw().URL.RawQuery = query.Encode()
	answer, err := home.arm.Pipeline().Do(request)
	if err != nil {
		return problem(groupAction, err)
	}
	if !runtime.HasStatusCode(answer, http.StatusOK) {
		return problem(groupAction, runtime.NewResponseError(answer))
	}
	var group struct{ ID string }
	if err := runtime.UnmarshalAsJSON(answer, &group); err != nil {
		return problem(groupAction, err)
	}
	return nil
}

const groupAction = "Microsoft.Resources/subscriptions/resourceGroups/read"
