package azure_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

var groupInURI = regexp.MustCompile(`(?i)/resourceGroups/([^/?]+)`)

// newReplay makes a cloud with the resource groups of a recording and what
// had been made before it began.
func newReplay(t *testing.T, interactions []interaction) *cloud {
	t.Helper()
	var groups []scenario.ResourceGroup
	seen := map[string]bool{}
	for _, i := range interactions {
		for _, found := range groupInURI.FindAllStringSubmatch(i.Request.URI, -1) {
			if name := found[1]; !seen[strings.ToLower(name)] {
				seen[strings.ToLower(name)] = true
				groups = append(groups, scenario.ResourceGroup{Name: name, Location: groupLocation(interactions)})
			}
		}
	}
	c := newCloud(t, scenario.Scenario{
		// That a hub flaps was seen in 2024 only.
		Behaviour: scenario.Behaviour{Durations: map[string]time.Duration{"azure/virtualHubs/flap": 0}},
		Azure:     scenario.Azure{Subscriptions: []scenario.Subscription{{ID: subscription, ResourceGroups: groups}}},
	})
	c.beforehand(interactions)
	return c
}

// groupLocation is the location that the recorded resource group had.
func groupLocation(interactions []interaction) string {
	for _, i := range interactions {
		var body struct{ Location string }
		if !strings.Contains(i.Request.URI, "/providers/") && json.Unmarshal([]byte(i.Response.Body.String), &body) == nil && body.Location != "" {
			return body.Location
		}
	}
	return "westus"
}

var referred = regexp.MustCompile(`/subscriptions/[^"?]*?/providers/Microsoft\.Network/(virtualNetworks|virtualHubs)/[^"/?]+(/hubRouteTables/[^"/?]+)?`)

// beforehand makes what the requests refer to and no request makes: VNets,
// and in two files a hub with its tables.
func (c *cloud) beforehand(interactions []interaction) {
	c.t.Helper()
	made := map[string]bool{}
	for _, i := range interactions {
		if i.Request.Method == http.MethodPut {
			made[strings.ToLower(strings.Split(strings.TrimPrefix(i.Request.URI, "https://management.azure.com"), "?")[0])] = true
		}
	}
	vnets, ours := 0, map[string]bool{}
	for _, i := range interactions {
		for _, id := range referred.FindAllString(i.Request.URI+"\n"+i.Request.Body, -1) {
			hub, _, _ := strings.Cut(id, "/hubRouteTables/")
			for _, missing := range []string{hub, id} {
				if made[strings.ToLower(hub)] && !ours[hub] || made[strings.ToLower(missing)] {
					continue
				}
				ours[hub] = true
				made[strings.ToLower(missing)] = true
				body := object{"location": locationOf(interactions), "properties": object{}}
				switch {
				case strings.Contains(missing, "/virtualNetworks/"):
					vnets++
					body["properties"] = object{"addressSpace": object{"addressPrefixes": []any{fmt.Sprintf("172.16.%d.0/24", vnets)}}}
				case !strings.Contains(missing, "/hubRouteTables/"):
					body["properties"] = object{"addressPrefix": "10.200.0.0/24"}
				}
				if err := c.half.Mutate(ground.Mutation{Op: "create", Name: missing, Value: body}); err != nil {
					c.t.Fatal(err)
				}
			}
		}
	}
}

var locationInURI = regexp.MustCompile(`/locations/([a-z0-9]+)/`)

// locationOf is the region of the operations of a recording.
func locationOf(interactions []interaction) string {
	for _, i := range interactions {
		if found := locationInURI.FindStringSubmatch(i.Request.URI); found != nil {
			return found[1]
		}
	}
	return "westus"
}
