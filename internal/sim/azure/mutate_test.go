package azure_test

import (
	"encoding/json"
	"testing"

	"linkd/internal/sim/ground"
)

// mutate changes something behind the API's back.
func (c *cloud) mutate(kind, name, op, field string, value any) {
	c.t.Helper()
	before := c.half.Generation()
	if err := c.half.Mutate(ground.Mutation{Cloud: "azure", Kind: kind, Name: name, Op: op, Field: field, Value: value}); err != nil {
		c.t.Fatal(err)
	}
	if c.half.Generation() == before {
		c.t.Errorf("%s of %s %s did not raise the generation", op, kind, name)
	}
}

// built is a working half with everything that drift can hit.
func built(t *testing.T) *cloud {
	t.Helper()
	s := seeded()
	s.Behaviour.Instant = true
	c := newCloud(t, s)
	c.makeGateway()
	c.makeSite()
	c.put(conn, connBody("k"))
	c.put(hub+"/hubVirtualNetworkConnections/a", object{"properties": object{"remoteVirtualNetwork": ref(provider + "/virtualNetworks/vnet-a")}})
	c.put(wan, object{"location": "westus", "tags": object{"linkd-owner": "me"}})
	return c
}

func TestDriftIsSeenInTheAPIAndInTheFabric(t *testing.T) {
	for _, row := range []struct {
		name, kind, of, op, field string
		value                     any
		id                        string // what to read, and the leaf that must be there; "" of none
		path, want                string
		side                      func(*cloud) bool
	}{
		{
			name: "a prefix is added to a site", kind: "vpnSites", of: "site", op: "add", field: "properties.addressSpace.addressPrefixes", value: "172.31.0.0/16",
			id: site, path: "properties.addressSpace.addressPrefixes.1", want: `"172.31.0.0/16"`,
			side: func(c *cloud) bool { return len(c.half.Side().Links[0].SitePrefixes) == 2 },
		},
		{
			name: "a prefix is removed from a site", kind: "vpnSites", of: "site", op: "remove", field: "properties.addressSpace.addressPrefixes", value: "10.1.0.0/16",
			id: site, path: "properties.addressSpace.addressPrefixes", want: "[]",
			side: func(c *cloud) bool { return len(c.half.Side().Links[0].SitePrefixes) == 0 },
		},
		{
			name: "a link of a site gets another address", kind: "vpnSites", of: "site", op: "set", field: "properties.vpnSiteLinks.link0.properties.ipAddress", value: "198.51.100.77",
			id: site, path: "properties.vpnSiteLinks.0.properties.ipAddress", want: `"198.51.100.77"`,
			side: func(c *cloud) bool { return c.half.Side().Links[0].Remote.String() == "198.51.100.77" },
		},
		{
			name: "a key is changed", kind: "vpnGateways/vpnConnections/vpnLinkConnections", of: "gw/conn/link0", op: "set", field: "sharedKey", value: "changed",
			id: conn + "/vpnLinkConnections/link0/sharedKeys/default", path: "properties.sharedKeyLength", want: "7",
			side: func(c *cloud) bool { return c.half.Side().Links[0].Key == "changed" },
		},
		{
			name: "an instance gets another public address", kind: "vpnGateways", of: "gw", op: "set", field: "properties.ipConfigurations.Instance0.publicIpAddress", value: "203.0.113.9",
			id: gateway, path: "properties.ipConfigurations.0.publicIpAddress", want: `"203.0.113.9"`,
			side: func(c *cloud) bool { return c.half.Side().Gateways[0].Instances[0].Public.String() == "203.0.113.9" },
		},
		{
			name: "a link is added to a site", kind: "vpnSites", of: "site", op: "add", field: "properties.vpnSiteLinks",
			value: object{"name": "link1", "properties": object{"ipAddress": "198.51.100.2"}}, id: site, path: "properties.vpnSiteLinks.1.properties.ipAddress", want: `"198.51.100.2"`,
		},
		{
			name: "a link connection is removed", kind: "vpnGateways/vpnConnections", of: "gw/conn", op: "remove", field: "properties.vpnLinkConnections", value: "link0",
			id: conn, path: "properties.vpnLinkConnections", want: "",
		},
		{name: "tags are stripped", kind: "virtualWans", of: "wan", op: "unset", field: "tags", id: wan, path: "tags.linkd-owner", want: ""},
		{name: "a tag is changed", kind: "virtualWans", of: "wan", op: "set", field: "tags.linkd-owner", value: "you", id: wan, path: "tags.linkd-owner", want: `"you"`},
		{
			name: "a resource is marked failed", kind: "vpnGateways", of: "gw", op: "set", field: "properties.provisioningState", value: "Failed",
			id: gateway, path: "properties.provisioningState", want: `"Failed"`,
		},
		{
			name: "a router fails", kind: "virtualHubs", of: "hub", op: "set", field: "properties.routingState", value: "Failed",
			id: hub, path: "properties.routingState", want: `"Failed"`, side: func(c *cloud) bool { return !c.half.Side().Hubs[0].Routed },
		},
		{
			name: "a connection is deleted", kind: "vpnGateways/vpnConnections", of: "gw/conn", op: "delete",
			id: gateway, path: "properties.connections", want: "[]", side: func(c *cloud) bool { return len(c.half.Side().Links) == 0 },
		},
		{
			name: "a VNet connection propagates no longer", kind: "virtualHubs/hubVirtualNetworkConnections", of: "hub/a", op: "set",
			field: "properties.routingConfiguration.propagatedRouteTables", value: object{"labels": []string{"none"}, "ids": []any{}},
			id: hub + "/hubVirtualNetworkConnections/a", path: "properties.routingConfiguration.propagatedRouteTables.labels.0", want: `"none"`,
			side: func(c *cloud) bool { return !c.half.Side().VNets[0].Propagates },
		},
		{
			name: "a rule of a filter denies", kind: "networkSecurityGroups", of: "nsg", op: "set", field: "properties.securityRules.ping.properties.access", value: "Deny",
			id: provider + "/networkSecurityGroups/nsg", path: "properties.securityRules.0.properties.access", want: `"Deny"`,
			side: func(c *cloud) bool { return !c.half.Side().VNets[0].Subnets[0].Rules[0].Allow },
		},
		{
			name: "a route is made by hand", kind: "routeTables/routes", of: "rt/leak", op: "create", value: object{"properties": object{"addressPrefix": "10.1.0.0/16", "nextHopType": "None"}},
			id: provider + "/routeTables/rt", path: "properties.routes.1.name", want: `"leak"`,
			side: func(c *cloud) bool { return len(c.half.Side().VNets[0].Subnets[0].Routes) == 2 },
		},
		{
			name: "a machine is stopped", kind: "virtualMachines", of: "vm", op: "set", field: "powerState", value: "stopped",
			side: func(c *cloud) bool { return !c.half.Side().VMs[0].Running },
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := built(t)
			etag := ""
			if row.id != "" {
				etag, _ = c.get(row.id).body["etag"].(string)
			}
			c.mutate(row.kind, row.of, row.op, row.field, row.value)
			if row.id != "" {
				read := c.get(row.id)
				if got := leaves(read.raw)[row.path]; got != row.want {
					t.Errorf("%s is %q, want %q", row.path, got, row.want)
				}
				if row.op != "delete" && etag != "" && row.kind != "vpnGateways/vpnConnections/vpnLinkConnections" && read.body["etag"] == etag {
					t.Error("the etag did not change")
				}
			}
			if row.side != nil && !row.side(c) {
				side, _ := json.Marshal(c.half.Side()) // plain data: it encodes
				t.Errorf("the fabric is told %s", side)
			}
		})
	}
}

func TestAMutationOfNothingSaysSo(t *testing.T) {
	c := built(t)
	for _, m := range []ground.Mutation{
		{Kind: "vpnSites", Name: "none", Op: "delete"},
		{Kind: "vpnSites", Name: "site", Op: "explode", Field: "tags"},
		{Kind: "vpnSites", Name: "site", Op: "set", Field: "properties.vpnSiteLinks.none.properties.ipAddress", Value: "x"},
		{Kind: "virtualWans", Name: "wan", Op: "set", Field: "powerState", Value: "stopped"},
		{Kind: "rockets", Name: "one", Op: "create", Value: object{}},
	} {
		if err := c.half.Mutate(m); err == nil {
			t.Errorf("%+v: no error", m)
		}
	}
}

func TestAFailedResourceIsMendedByWritingItAsItIs(t *testing.T) {
	c := built(t)
	c.mutate("virtualWans", "wan", "set", "properties.provisioningState", "Failed")
	c.put(wan, c.get(wan).body)
	if state := leaves(c.get(wan).raw)["properties.provisioningState"]; state != `"Succeeded"` {
		t.Errorf("the virtual WAN is %s", state)
	}
}
