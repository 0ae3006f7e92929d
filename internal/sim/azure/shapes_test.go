package azure_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"linkd/internal/sim/scenario"
)

// What the service of 2024 fills in: these leaves must be there, with these
// values. What recordings hold is compared in full by the replay.
func TestTheServerFillsInItsDefaults(t *testing.T) {
	s := seeded()
	s.Behaviour.Instant = true
	c := newCloud(t, s)
	c.makeGateway()
	c.makeSite()
	c.put(conn, connBody("k"))
	c.put(hub+"/hubVirtualNetworkConnections/a", object{"properties": object{"remoteVirtualNetwork": ref(provider + "/virtualNetworks/vnet-a")}})
	table := `"` + hub + `/hubRouteTables/defaultRouteTable"`
	for _, row := range []struct {
		name, id string
		want     map[string]string
	}{
		{"a WAN", wan, map[string]string{
			"properties.disableVpnEncryption": "false", "properties.allowBranchToBranchTraffic": "true",
			"properties.office365LocalBreakoutCategory": `"None"`, "properties.type": `"Standard"`,
			"properties.virtualHubs.0.id": `"` + hub + `"`, "properties.vpnSites.0.id": `"` + site + `"`,
		}},
		{"a hub", hub, map[string]string{
			"properties.virtualRouterAsn": "65515", "properties.virtualHubRouteTableV2s": "[]", "properties.routeTable.routes": "[]",
			"properties.virtualRouterAutoScaleConfiguration.minCapacity": "2", "properties.networkVirtualAppliances": "[]",
			"properties.allowBranchToBranchTraffic": "false", "properties.hubRoutingPreference": `"ExpressRoute"`,
			"properties.routingState": `"Provisioned"`, "properties.vpnGateway.id": `"` + gateway + `"`,
		}},
		{"a VNet connection", hub + "/hubVirtualNetworkConnections/a", map[string]string{
			"properties.allowHubToRemoteVnetTransit": "true", "properties.allowRemoteVnetToUseHubVnetGateways": "false",
			"properties.enableInternetSecurity": "false", "properties.connectivityStatus": `"Connected"`,
			"properties.routingConfiguration.associatedRouteTable.id":                                      table,
			"properties.routingConfiguration.propagatedRouteTables.labels.0":                               `"default"`,
			"properties.routingConfiguration.propagatedRouteTables.ids.0.id":                               table,
			"properties.routingConfiguration.vnetRoutes.staticRoutes":                                      "[]",
			"properties.routingConfiguration.vnetRoutes.staticRoutesConfig.propagateStaticRoutes":          "true",
			"properties.routingConfiguration.vnetRoutes.staticRoutesConfig.vnetLocalRouteOverrideCriteria": `"Contains"`,
		}},
		{"the default route table", hub + "/hubRouteTables/defaultRouteTable", map[string]string{
			"properties.labels.0": `"default"`, "properties.routes": "[]",
			"properties.associatedConnections.0":  `"` + hub + `/hubVirtualNetworkConnections/a"`,
			"properties.propagatingConnections.1": `"` + conn + `"`,
		}},
		{"the other route table", hub + "/hubRouteTables/noneRouteTable", map[string]string{
			"properties.labels.0": `"none"`, "properties.associatedConnections": "[]", "properties.propagatingConnections": "[]",
		}},
		{"a link connection", conn + "/vpnLinkConnections/link0", map[string]string{
			"properties.connectionBandwidth": "10", "properties.vpnConnectionProtocolType": `"IKEv2"`, "properties.ipsecPolicies": "[]",
			"properties.vpnLinkConnectionMode": `"Default"`, "properties.dpdTimeoutSeconds": "0", "properties.enableBgp": "false",
			"properties.vpnGatewayCustomBgpAddresses": "[]", "type": `"Microsoft.Network/vpnGateways/vpnConnections/vpnLinkConnections"`,
		}},
		{"a connected VNet", provider + "/virtualNetworks/vnet-a", map[string]string{
			"location": `"westus"`, "properties.enableDdosProtection": "false",
			"properties.virtualNetworkPeerings.0.properties.useRemoteGateways": "true",
			"properties.subnets.0.properties.delegations":                      "[]",
		}},
		{"a VNet elsewhere than its group", provider + "/virtualNetworks/vnet-b", map[string]string{
			"location": `"eastus"`, "properties.virtualNetworkPeerings": "[]", "properties.subnets": "[]",
		}},
		{"a security group", provider + "/networkSecurityGroups/nsg", map[string]string{
			"properties.defaultSecurityRules.5.name":                         `"DenyAllOutBound"`,
			"properties.defaultSecurityRules.2.properties.priority":          "65500",
			"properties.securityRules.0.properties.sourceAddressPrefixes":    "[]",
			"properties.securityRules.0.properties.destinationPortRange":     `"*"`,
			"properties.securityRules.0.properties.destinationPortRanges":    "[]",
			"properties.securityRules.0.properties.sourceAddressPrefix":      `"172.16.0.0/12"`,
			"properties.defaultSecurityRules.0.properties.provisioningState": `"Succeeded"`,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			have := leaves(c.want(http.StatusOK, http.MethodGet, row.id, nil).raw)
			for path, want := range row.want {
				if have[path] != want {
					t.Errorf("%s is %s, want %s", path, shown(have, path), want)
				}
			}
			for path := range have {
				if have[path] == "null" {
					t.Errorf("%s is null", path)
				}
			}
		})
	}
}

func TestUnknownFieldsAreKeptAndAPutReplaces(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.put(wan, object{"location": "West US", "tags": object{"a": "1"}, "properties": object{"inventedLater": object{"x": 1}, "type": "Basic"}})
	got := c.get(wan).body
	if at(got, "properties", "inventedLater", "x") == nil || got["location"] != "westus" || at(got, "tags", "a") != "1" {
		t.Errorf("after the first PUT: %v", got)
	}
	c.put(wan, object{"location": "westus"})
	got = c.get(wan).body
	if at(got, "properties", "inventedLater") != nil || got["tags"] != nil || at(got, "properties", "type") != "Standard" {
		t.Errorf("after the second PUT: %v", got)
	}
}

func TestIDsAreFoundInAnyCaseAndKeepTheirFirst(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.makeHub()
	upper := strings.ToUpper(hub[len("/subscriptions/"):])
	if got := c.want(http.StatusOK, http.MethodGet, "/subscriptions/"+upper, nil).body["id"]; got != hub {
		t.Errorf("the id is %v", got)
	}
	c.want(http.StatusOK, http.MethodPut, strings.Replace(hub, "resourceGroups/rg", "resourcegroups/RG", 1),
		object{"location": "westus", "properties": object{"addressPrefix": "10.0.1.0/24", "virtualWan": ref(strings.ToLower(wan))}})
	if got := c.get(wan).body; at(got, "properties", "virtualHubs", 0, "id") != hub {
		t.Errorf("the WAN's hubs: %v", at(got, "properties", "virtualHubs"))
	}
}

func TestTagsArePatched(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.makeGateway()
	tags := object{"tags": object{"linkd-owner": "me"}}
	if got := c.want(http.StatusOK, http.MethodPatch, wan, tags); at(got.body, "tags", "linkd-owner") != "me" || got.header.Get("Azure-AsyncOperation") != "" {
		t.Errorf("of a WAN at once: %s", got.raw)
	}
	got := c.want(http.StatusAccepted, http.MethodPatch, gateway, tags)
	if got.header.Get("Azure-AsyncOperation") == "" {
		t.Error("of a gateway by an operation")
	}
	read := c.get(gateway).body
	if at(read, "tags", "linkd-owner") != "me" || at(read, "properties", "ipConfigurations", 1) == nil {
		t.Errorf("afterwards: %v", read)
	}
}

func TestListsComeInPages(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true, PageSize: 2}})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		c.put(provider+"/virtualWans/"+name, object{"location": "westus"})
	}
	for _, first := range []string{provider + "/virtualWans", "/subscriptions/" + subscription + "/providers/Microsoft.Network/virtualWans"} {
		var names []string
		pages := 0
		for url := first; url != ""; pages++ {
			page := c.want(http.StatusOK, http.MethodGet, url, nil)
			items, _ := page.body["value"].([]any)
			for _, item := range items {
				names = append(names, item.(object)["name"].(string))
			}
			url, _ = page.body["nextLink"].(string)
		}
		if got := strings.Join(names, ""); got != "abcde" || pages != 3 {
			t.Errorf("%s: %q in %d pages", first, got, pages)
		}
	}
}

func TestOperationsAreOnTheClientsOwnHost(t *testing.T) {
	c := newCloud(t, scenario.Scenario{})
	got := c.want(http.StatusCreated, http.MethodPut, "http://127.0.0.1:4566"+wan, object{"location": "westus"})
	want := regexp.MustCompile(`^http://127\.0\.0\.1:4566/subscriptions/` + subscription + `/providers/Microsoft\.Network/locations/westus/operations/[0-9a-f-]{36}\?api-version=2025-05-01$`)
	if url := got.header.Get("Azure-AsyncOperation"); !want.MatchString(url) {
		t.Errorf("the operation is at %s", url)
	}
}
