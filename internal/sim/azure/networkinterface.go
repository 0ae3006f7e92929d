package azure

import (
	"strings"
	"time"
)

func interfaceKind() *kind {
	return &kind{
		path:    []string{"networkInterfaces"},
		located: true,
		names:   [][]string{{"networkSecurityGroup"}},
		fill: func(c *Cloud, n *node, old object) {
			n.body = merge(object{"properties": object{
				"ipConfigurations": []any{}, "enableIPForwarding": false, "enableAcceleratedNetworking": false,
				"dnsSettings": object{"dnsServers": []any{}, "appliedDnsServers": []any{}},
				"nicType":     "Standard",
			}}, n.body)
			n.properties()["resourceGuid"] = c.guidOf(old)
			if machine, attached := child(old, "properties")["virtualMachine"]; attached {
				n.properties()["virtualMachine"] = machine
			}
			for _, configuration := range objects(n.properties(), "ipConfigurations") {
				configuration["id"] = n.id + "/ipConfigurations/" + text(configuration, "name")
				configuration["properties"] = merge(object{
					"privateIPAllocationMethod": "Dynamic", "privateIPAddressVersion": "IPv4", "primary": true,
					"provisioningState": "Succeeded",
				}, child(configuration, "properties"))
			}
		},
		inUse: func(_ *Cloud, n *node) *failure {
			if machine := text(n.properties(), "virtualMachine", "id"); machine != "" {
				return badRequest("NicInUse", "Network interface %s is used by existing resource %s.", n.id, machine)
			}
			return nil
		},
		actions: map[string]action{
			"effectiveRouteTable":            {check: attachedToRunning("Routes"), output: nicRoutes},
			"effectiveNetworkSecurityGroups": {check: attachedToRunning("Security Groups"), output: nicSecurityGroups},
		},
		quiet: unchanged,
	}
}

// attachedToRunning wants a NIC whose machine runs: the code for routes is
// reported by users, that for filters is a guess after it.
func attachedToRunning(what string) func(*Cloud, *request, *node) *failure {
	code := map[string]string{
		"Routes":          "NicMustBeAttachedToRunningVmToGetEffectiveRoutes",
		"Security Groups": "NicMustBeAttachedToRunningVmToGetEffectiveSecurityGroups",
	}[what]
	return func(c *Cloud, _ *request, n *node) *failure {
		machine := c.find(text(n.properties(), "virtualMachine", "id"))
		if machine != nil && !machine.stopped {
			return nil
		}
		return badRequest(code, "Network interface %s must be attached to a running virtual machine to get its effective %s.", n.id, what)
	}
}

// nicRoutes are the routes that a NIC's machine follows, as the fabric works
// them out.
func nicRoutes(c *Cloud, n *node, _ object, _ time.Time) any {
	value := []any{}
	for _, route := range c.ground.Fabric.NICRoutes(n.id) {
		item := object{
			"disableBgpRoutePropagation": route.Closed, "source": route.Source, "state": route.State, "hasBgpOverride": false,
			"addressPrefix": anys(route.Prefix.String()), "nextHopType": route.NextHopType, "nextHopIpAddress": []any{},
			"destinationServiceTags": []any{}, "tagMap": object{},
		}
		if route.Name != "" {
			item["name"] = route.Name
		}
		if route.Address.IsValid() {
			item["nextHopIpAddress"] = anys(route.Address.String())
		}
		value = append(value, item)
	}
	return object{"value": value}
}

// nicSecurityGroups are the groups that filter a NIC: its subnet's and its
// own.
func nicSecurityGroups(c *Cloud, n *node, _ object, _ time.Time) any {
	value := []any{}
	enter := func(group *node, association object) {
		if group == nil {
			return
		}
		rules := []any{}
		for _, rule := range c.below(group, "securityRules") {
			rules = append(rules, effectiveRule(c, n, rule.properties(), "securityRules/"+rule.name))
		}
		for _, rule := range defaultRules() {
			rules = append(rules, effectiveRule(c, n, rule.properties(), "defaultSecurityRules/"+rule.name))
		}
		value = append(value, object{"networkSecurityGroup": reference(group.id), "association": association, "effectiveSecurityRules": rules})
	}
	for _, configuration := range objects(n.properties(), "ipConfigurations") {
		if subnet := c.find(text(configuration, "properties", "subnet", "id")); subnet != nil {
			enter(c.find(text(subnet.properties(), "networkSecurityGroup", "id")), object{"subnet": reference(subnet.id)})
		}
	}
	enter(c.find(text(n.properties(), "networkSecurityGroup", "id")), object{"networkInterface": reference(n.id)})
	return object{"value": value}
}

// effectiveRule is a rule as it works on a NIC: all protocols are "All" there,
// and the prefixes behind the tag VirtualNetwork stand beside it.
func effectiveRule(c *Cloud, nic *node, properties object, name string) object {
	rule := merge(clone(properties), object{"name": name})
	delete(rule, "provisioningState")
	if text(rule, "protocol") == "*" {
		rule["protocol"] = "All"
	}
	for _, end := range []string{"source", "destination"} {
		if !same(text(rule, end+"AddressPrefix"), "VirtualNetwork") {
			continue
		}
		expanded := []any{}
		for _, prefix := range c.ground.Fabric.VirtualNetwork(nic.id) {
			expanded = append(expanded, prefix.String())
		}
		rule["expanded"+strings.ToUpper(end[:1])+end[1:]+"AddressPrefix"] = expanded
	}
	return rule
}
