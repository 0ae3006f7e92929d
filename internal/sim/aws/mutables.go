package aws

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/sim/ground"
)

// mutables is the table of what can be changed behind the API's back.
func mutables() map[string]mutable {
	return map[string]mutable{
		"transit-gateway": editable(func(r *region) *store[gateway] { return r.gateways }, "CreateTransitGateway",
			gatewayEdits(), removeGateway),
		"transit-gateway-attachment": editable(func(r *region) *store[attachment] { return r.attachments }, "CreateTransitGatewayVpcAttachment",
			attachmentEdits(), func(k *call, id string) { k.closeAttachment(k.now, id) }),
		"transit-gateway-peering-attachment": peerings(made(makePeering, editable(func(r *region) *store[attachment] { return r.attachments }, "",
			attachmentEdits(), func(k *call, id string) { k.closeAttachment(k.now, id) }))),
		"transit-gateway-route-table": editable(func(r *region) *store[gatewayTable] { return r.tables }, "CreateTransitGatewayRouteTable",
			edits[gatewayTable]{"Routes": editGatewayRoutes, "State": textual(func(t *gatewayTable) *string { return &t.state })}, nil),
		"customer-gateway": editable(func(r *region) *store[customerGateway] { return r.customerGateways }, "CreateCustomerGateway",
			edits[customerGateway]{
				"IpAddress": editAddress, "BgpAsn": editASN,
				"DeviceName": textual(func(g *customerGateway) *string { return &g.device }),
				"State":      textual(func(g *customerGateway) *string { return &g.state }),
			}, nil),
		"vpn-connection": editable(func(r *region) *store[connection] { return r.connections }, "CreateVpnConnection",
			edits[connection]{
				"CustomerGatewayId": textual(func(c *connection) *string { return &c.customerGateway }),
				"TransitGatewayId":  editConnectionGateway,
				"StaticRoutesOnly":  boolean(func(c *connection) *bool { return &c.static }),
				"Prefers": func(_ *call, c *connection, m ground.Mutation) (err error) { // the number of a tunnel
					c.prefers, err = strconv.Atoi(word(m.Value))
					return err
				},
				"EnableAcceleration":    boolean(func(c *connection) *bool { return &c.acceleration }),
				"LocalIpv4NetworkCidr":  textual(func(c *connection) *string { return &c.localRange }),
				"RemoteIpv4NetworkCidr": textual(func(c *connection) *string { return &c.remoteRange }),
				"TunnelBandwidth":       textual(func(c *connection) *string { return &c.bandwidth }),
				"PreSharedKeyStorage":   textual(func(c *connection) *string { return &c.storage }),
				"State":                 textual(func(c *connection) *string { return &c.state }),
			}, func(k *call, id string) { k.closeConnection(k.now, id) }),
		"vpn-tunnel": {find: findTunnel, edit: editTunnel},
		"vpc": editable(func(r *region) *store[vpc] { return r.vpcs }, "",
			edits[vpc]{"CidrBlocks": prefixes(func(v *vpc) *[]netip.Prefix { return &v.prefixes })}, nil),
		"subnet": made(makeSubnet, editable(func(r *region) *store[subnet] { return r.subnets }, "",
			edits[subnet]{"AvailabilityZone": textual(func(s *subnet) *string { return &s.zone })}, removeSubnet)),
		"route-table": editable(func(r *region) *store[routeTable] { return r.routeTables }, "",
			edits[routeTable]{"Routes": editRoutes, "SubnetIds": several(func(t *routeTable) *[]string { return &t.subnets })}, nil),
		"security-group": editable(func(r *region) *store[group] { return r.groups }, "",
			edits[group]{"IpPermissions": editPermissions(false), "IpPermissionsEgress": editPermissions(true)}, nil),
		"network-acl": editable(func(r *region) *store[networkACL] { return r.networkACLs }, "",
			edits[networkACL]{"Entries": editEntries, "SubnetIds": several(func(n *networkACL) *[]string { return &n.subnets })}, nil),
		"instance": made(makeInstance, editable(func(r *region) *store[instance] { return r.instances }, "", instanceEdits(), nil)),
	}
}

func gatewayEdits() edits[gateway] {
	fields := edits[gateway]{
		"Description":                    textual(func(g *gateway) *string { return &g.description }),
		"State":                          textual(func(g *gateway) *string { return &g.state }),
		"AssociationDefaultRouteTableId": textual(func(g *gateway) *string { return &g.associates }),
		"PropagationDefaultRouteTableId": textual(func(g *gateway) *string { return &g.propagates }),
		"AmazonSideAsn": func(_ *call, g *gateway, m ground.Mutation) (err error) {
			g.asn, err = strconv.Atoi(word(m.Value))
			return err
		},
	}
	for _, s := range gatewaySwitches {
		fields[s.name] = func(_ *call, g *gateway, m ground.Mutation) error {
			g.switches = maps.Clone(g.switches)
			g.switches[s.name] = word(m.Value)
			return only(m, "set")
		}
	}
	return fields
}

func removeGateway(k *call, id string) {
	for _, a := range k.region.attachments.all() {
		if a.gateway == id {
			k.closeAttachment(k.now, a.id)
		}
	}
	g, _ := k.region.gateways.get(id)
	k.settleGateway(k.now, id, g.state, "deleted")
	k.buryGateway(k.now, id)
}

// editGatewayRoutes adds or replaces a route, {DestinationCidrBlock,
// TransitGatewayAttachmentId}, or removes the one of a destination.
func editGatewayRoutes(k *call, t *gatewayTable, m ground.Mutation) error {
	f := member(m.Value)
	destination := f.text("DestinationCidrBlock")
	if destination == "" {
		destination = word(m.Value)
	}
	prefix, err := netip.ParsePrefix(destination)
	if err != nil {
		return fmt.Errorf("%q is no destination", destination)
	}
	routes := k.region.routes[t.id]
	if m.Op == "remove" {
		if _, there := routes.get(prefix.String()); !there {
			return fmt.Errorf("there is no route to %s", prefix)
		}
		routes.drop(k.now, prefix.String())
		return nil
	}
	routes.put(k.now, prefix.String(), gatewayRoute{prefix, f.text("TransitGatewayAttachmentId"), "active"})
	return only(m, "add", "set")
}

// editRoutes does the same for a VPC's table, where a target has the names
// that CreateRoute gives it.
func editRoutes(_ *call, t *routeTable, m ground.Mutation) error {
	f := member(m.Value)
	destination := f.text("DestinationCidrBlock")
	if destination == "" {
		destination = word(m.Value)
	}
	prefix, err := netip.ParsePrefix(destination)
	if err != nil {
		return fmt.Errorf("%q is no destination", destination)
	}
	i := t.position(prefix)
	if m.Op == "remove" && i < 0 {
		return fmt.Errorf("there is no route to %s", prefix)
	}
	t.routes = slices.Clone(t.routes)
	if i >= 0 {
		t.routes = slices.Delete(t.routes, i, i+1)
	}
	if m.Op == "remove" {
		return nil
	}
	for _, row := range targets {
		if target := f.text(row.parameter); strings.HasPrefix(target, row.prefix) {
			t.routes = append(t.routes, route{prefix, target})
			return only(m, "add", "set")
		}
	}
	return fmt.Errorf("the route has no target")
}

func editAddress(_ *call, g *customerGateway, m ground.Mutation) (err error) {
	g.address, err = netip.ParseAddr(word(m.Value))
	return err
}

func editASN(_ *call, g *customerGateway, m ground.Mutation) error {
	number, err := strconv.ParseUint(word(m.Value), 10, 32)
	g.asn = uint32(number)
	return err
}

// editConnectionGateway moves a connection to another transit gateway, which
// makes another attachment.
func editConnectionGateway(k *call, c *connection, m ground.Mutation) error {
	k.closeAttachment(k.now, c.attachment)
	c.gateway = word(m.Value)
	c.attachment = k.attachConnection(k.now, c.gateway, c.id)
	k.openAttachment(k.now, c.attachment)
	return only(m, "set")
}

// editPermissions adds or removes rules, in the words of
// AuthorizeSecurityGroupIngress.
func editPermissions(egress bool) func(*call, *group, ground.Mutation) error {
	return func(k *call, g *group, m ground.Mutation) error {
		rule, err := readPermission(member(m.Value), g.id)
		if err != nil {
			return err
		}
		peers, err := readPeers(member(m.Value))
		if err != nil {
			return err
		}
		for _, peer := range peers {
			rule.prefix, rule.peer, rule.egress = peer.prefix, peer.peer, egress
			have, there := k.region.ruleLike(rule)
			switch {
			case m.Op == "remove" && there:
				k.region.groupRules.drop(k.now, have.id)
			case m.Op == "remove":
				return fmt.Errorf("there is no such rule")
			case !there:
				rule.id = k.newID(groupRuleIDs)
				k.region.groupRules.put(k.now, rule.id, rule)
			}
		}
		return only(m, "add", "remove")
	}
}

// editEntries adds an entry, {RuleNumber, Egress, RuleAction, Protocol,
// CidrBlock, IcmpType}, in the place of the one with its number, or removes that.
func editEntries(_ *call, n *networkACL, m ground.Mutation) error {
	f := member(m.Value)
	number, err := f.number("RuleNumber", 0)
	if err != nil {
		return err
	}
	egress, err := f.truth("Egress")
	if err != nil {
		return err
	}
	n.entries = slices.DeleteFunc(slices.Clone(n.entries), func(e aclEntry) bool { return e.number == number && e.egress == egress })
	if m.Op == "remove" {
		return nil
	}
	prefix, err := netip.ParsePrefix(f.or("CidrBlock", "0.0.0.0/0"))
	if err != nil {
		return err
	}
	kind, err := f.number("IcmpType", -1)
	if err != nil {
		return err
	}
	entry := aclEntry{number, egress, f.or("RuleAction", "deny") == "allow", f.or("Protocol", "-1"), prefix, nil}
	if kind >= 0 {
		entry.icmpType = &kind
	}
	n.entries = append(n.entries, entry)
	return only(m, "add", "set")
}
