package azure

import (
	"net/http"
	"slices"
	"strings"
)

// subscription and group are what a scenario has beforehand: they are read,
// never made.
type subscription struct {
	id     string
	groups map[string]*group
}

type group struct {
	subscription *subscription
	name         string
	location     string
	tags         object
}

func (g *group) id() string { return g.subscription.path() + "/resourceGroups/" + g.name }

func (s *subscription) path() string { return "/subscriptions/" + s.id }

func (g *group) render() object {
	out := object{
		"id": g.id(), "name": g.name, "type": "Microsoft.Resources/resourceGroups", "location": g.location,
		"properties": object{"provisioningState": "Succeeded"},
	}
	if g.tags != nil {
		out["tags"] = clone(g.tags)
	}
	return out
}

func (s *subscription) render() object {
	return object{
		"id": s.path(), "subscriptionId": s.id, "displayName": "Simulated", "state": "Enabled",
		"tenantId":             "00000000-0000-0000-0000-0000000000ff",
		"subscriptionPolicies": object{"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
		"authorizationSource":  "RoleBased",
	}
}

// scoped wants the subscription and the resource group to exist.
func (c *Cloud) scoped(q *request) *failure {
	if q.target.bad {
		return noSuchRoute(strings.Trim(q.path, "/"))
	}
	if q.target.subscription == "" {
		return nil
	}
	s := c.subscriptions[key(q.target.subscription)]
	if s == nil {
		return subscriptionNotFound(q.target.subscription)
	}
	if q.target.group != "" && s.groups[key(q.target.group)] == nil {
		return groupNotFound(q.target.group)
	}
	return nil
}

// groupOf is the resource group of a request that passed scoped.
func (c *Cloud) groupOf(q *request) *group {
	return c.subscriptions[key(q.target.subscription)].groups[key(q.target.group)]
}

// readScope answers GETs of subscriptions and resource groups.
func (c *Cloud) readScope(q *request) (answer, *failure) {
	if q.method != http.MethodGet && q.method != http.MethodHead {
		return answer{}, methodNotAllowed(q.method)
	}
	if q.target.subscription == "" {
		var items []object
		for _, id := range sortedKeys(c.subscriptions) {
			items = append(items, c.subscriptions[id].render())
		}
		return c.page(q, items)
	}
	s := c.subscriptions[key(q.target.subscription)]
	switch {
	case q.target.group != "" && q.method == http.MethodHead:
		return answer{status: http.StatusNoContent}, nil // how clients ask whether it exists
	case q.target.group != "":
		return ok(s.groups[key(q.target.group)].render())
	case q.target.groups:
		var items []object
		for _, name := range sortedKeys(s.groups) {
			items = append(items, s.groups[name].render())
		}
		return c.page(q, items)
	}
	return ok(s.render())
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
