package azure

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/resource"
)

// Check proves that the credentials work, and that each subscription in which
// linkd builds, with its resource group, exists and may be read: the file's,
// and those of its hubs; of these, where some resources stand, or all. It makes one call for each.
func (c *Cloud) Check(ctx context.Context, of ...resource.ID) error {
	concerned := c.scopesOf(of)
	if len(of) == 0 || concerned[c.home()] {
		if err := c.home().check(ctx); err != nil {
			return err
		}
	}
	proved := map[*scope]bool{c.home(): true}
	for _, hub := range c.file.Azure.Hubs {
		at := c.scopeOf(hub)
		if proved[at] || len(of) > 0 && !concerned[at] {
			continue
		}
		proved[at] = true
		if err := at.check(ctx); err != nil {
			return resource.WithHint(err, at.ofHub(hub.Name, err))
		}
	}
	return nil
}

// scopesOf holds the scopes in which some resources stand.
func (c *Cloud) scopesOf(ids []resource.ID) map[*scope]bool {
	scopes := map[*scope]bool{}
	for _, r := range c.resources {
		if s, stands := r.(interface{ scope() *scope }); stands && slices.Contains(ids, r.ID()) {
			scopes[s.scope()] = true
		}
	}
	return scopes
}

// check reads the resource group of a scope.
func (s *scope) check(ctx context.Context) error {
	url := runtime.JoinPaths(s.arm.Endpoint(), "subscriptions", s.subscription, "resourcegroups", s.group)
	request, err := runtime.NewRequest(ctx, http.MethodGet, url)
	if err != nil {
		return problem(groupAction, err)
	}
	query := request.Raw().URL.Query()
	query.Set("api-version", "2021-04-01")
	request.Raw().URL.RawQuery = query.Encode()
	answer, err := s.arm.Pipeline().Do(request)
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

// ofHub is what to do about a subscription of a hub that is not as it must be,
// which what is said of the file's own would lead away from.
func (s *scope) ofHub(hub string, err error) string {
	told := faultOf(err)
	switch {
	case strings.HasPrefix(told, "ResourceGroupNotFound"):
		return "create the resource group " + s.group + " in subscription " + s.subscription + ", where hub " + hub + " is to stand"
	case strings.HasPrefix(told, "SubscriptionNotFound"), strings.HasPrefix(told, "InvalidSubscriptionId"):
		return "mend the subscription of hub " + hub + " in the file, or let the identity see it: " + s.subscription
	case resource.ReasonOf(err) == resource.Denied:
		return "give the identity in subscription " + s.subscription + ", where hub " + hub + " stands, the roles that it has in the file's own"
	}
	return resource.HintOf(err)
}

const groupAction = "Microsoft.Resources/subscriptions/resourceGroups/read"
