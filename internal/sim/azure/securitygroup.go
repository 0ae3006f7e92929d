package azure

func securityGroupKind() *kind {
	return &kind{
		path:    []string{"networkSecurityGroups"},
		located: true,
		fill: func(c *Cloud, n *node, old object) {
			n.properties()["resourceGuid"] = c.guidOf(old)
			delete(n.properties(), "defaultSecurityRules")
		},
		view: func(_ *Cloud, n *node, properties object, _ bool) {
			var rules []any
			for _, rule := range defaultRules() {
				rules = append(rules, rule.render(n))
			}
			properties["defaultSecurityRules"] = rules
		},
		inUse: func(c *Cloud, n *node) *failure {
			if by := c.referrer(n, "networkSecurityGroup"); by != nil {
				return inUse("NetworkSecurityGroup", n.id, by.id+" refers to it")
			}
			return nil
		},
		quiet: unchanged,
	}
}

// referrer is a subnet or a NIC that names a filter or a table.
func (c *Cloud) referrer(n *node, property string) *node {
	for _, collection := range []string{"subnets", "networkInterfaces"} {
		for _, other := range c.all(collection) {
			if same(text(other.properties(), property, "id"), n.id) {
				return other
			}
		}
	}
	return nil
}

// defaultRule is a rule that every security group has.
type defaultRule struct {
	name                string
	priority            int
	direction, access   string
	source, destination string
}

func defaultRules() []defaultRule {
	return []defaultRule{
		{"AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"},
		{"AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"},
		{"DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"},
		{"AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"},
		{"AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"},
		{"DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"},
	}
}

func (r defaultRule) properties() object {
	return merge(object{
		"protocol": "*", "sourcePortRange": "*", "destinationPortRange": "*",
		"sourceAddressPrefix": r.source, "destinationAddressPrefix": r.destination,
		"access": r.access, "priority": r.priority, "direction": r.direction,
	}, rangesOfRule())
}

func (r defaultRule) render(group *node) object {
	properties := r.properties()
	properties["provisioningState"] = "Succeeded"
	return object{
		"name": r.name, "id": group.id + "/defaultSecurityRules/" + r.name, "etag": group.etag,
		"type": group.kind.typ() + "/defaultSecurityRules", "properties": properties,
	}
}

// rangesOfRule are the arrays that the service adds to every rule.
func rangesOfRule() object {
	return object{"sourcePortRanges": []any{}, "destinationPortRanges": []any{}, "sourceAddressPrefixes": []any{}, "destinationAddressPrefixes": []any{}}
}

func securityRuleKind() *kind {
	return &kind{
		path:   []string{"networkSecurityGroups", "securityRules"},
		within: "securityRules",
		check: func(_ *Cloud, d draft) *failure {
			for _, property := range []string{"access", "direction", "protocol"} {
				if text(d.properties(), property) == "" {
					return badRequest("SecurityRuleParameterMissing", "Security rule %s has no %s.", d.id, property) // a guess
				}
			}
			if priority := number(d.properties(), "priority"); priority < 100 || priority > 4096 {
				return badRequest("SecurityRuleInvalidPriority",
					"Security rule has invalid priority. Priority must be between 100 and 4096. Rule: %s, value: %d.", d.name, priority)
			}
			return nil
		},
		fill: func(_ *Cloud, n *node, _ object) {
			n.body = merge(object{"properties": rangesOfRule()}, n.body)
		},
	}
}
