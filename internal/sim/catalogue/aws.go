package catalogue

// The names and ids of the built-in scenario and of the file for it.
const (
	gateway    = "tgw-tokyo"
	gatewayID  = "aws/transit-gateway/" + gateway
	vpnID      = "aws/vpn-connection/tokyo-0"
	customerID = "aws/customer-gateway/tokyo-0"
	joinA      = "aws/vpc-attachment/vpc-a"

	region  = "ap-northeast-1"
	vpcA    = "vpc-0a10000000000000a"
	subnetA = "subnet-0a1000000000000a1"
	tableA  = "rtb-0a10000000000000a"

	gateways      = "transit-gateway"
	attachments   = "transit-gateway-attachment"
	gatewayTables = "transit-gateway-route-table"
	customers     = "customer-gateway"
	vpns          = "vpn-connection"
	vpnTunnel     = "vpn-tunnel"
)

// pairs are tags as calls spell them.
func pairs(id string) []any {
	return []any{object{"Key": "linkd-owner", "Value": owner}, object{"Key": "linkd-id", "Value": id}}
}

// tagged is the tag specification of a call that makes something of ours.
func tagged(kind, id, name string) []any {
	return []any{object{"ResourceType": kind, "Tag": append(pairs(id), object{"Key": "Name", "Value": name})}}
}

// retag puts back the tags of something that has lost them.
func retag(kind, id string, name func(Place) string) []Step {
	return []Step{
		onID(aws("set", kind, "", "Tags.linkd-owner", owner), name),
		onID(aws("set", kind, "", "Tags.linkd-id", id), name),
	}
}

// aGateway is a step that makes a transit gateway, with our tags when it has
// an id.
func aGateway(id, name string) Step {
	spec := []any{object{"ResourceType": "transit-gateway", "Tag": []any{object{"Key": "Name", "Value": name}}}}
	if id != "" {
		spec = tagged("transit-gateway", id, name)
	}
	return aws("create", gateways, region, "", object{"TagSpecification": spec})
}

// aTable is a step that makes a second route table of our transit gateway.
func aTable(name string) Step {
	return withID(aws("create", gatewayTables, region, "", nil), func(p Place) any {
		return object{
			"TransitGatewayId":  p.ID("TransitGateways", gateway),
			"TagSpecifications": []any{object{"ResourceType": "transit-gateway-route-table", "Tag": []any{object{"Key": "Name", "Value": name}}}},
		}
	})
}

// demolish takes a transit gateway away, and the connection on it before.
var demolish = []Step{
	onID(aws("delete", vpns, "", "", nil), func(p Place) string { return p.ID("Connections", vpnID) }),
	aws("delete", gateways, gateway, "", nil),
}

func transitGateway() []Entry {
	const on = gatewayID
	edit := func(field string, value any) []Step { return []Step{aws("set", gateways, gateway, field, value)} }
	swap := func(field string) []Step {
		return []Step{aTable("theirs"), withID(aws("set", gateways, gateway, field, nil), func(p Place) any { return p.ID("RouteTables", "theirs") })}
	}
	without := []Step{aws("delete", gatewayTables, "theirs", "", nil)}
	itself := func(p Place) string { return p.ID("TransitGateways", gateway) }
	return []Entry{
		{
			Name: "the transit gateway has another ASN", Key: "aws/transit-gateway.asn", On: on, Lasts: "AWS takes no other number while a VPN connection stands on it",
			Do:   edit("AmazonSideAsn", 64600),
			Then: edit("AmazonSideAsn", 64512),
		},
		{Name: "the transit gateway uses one path only", Key: "aws/transit-gateway.ecmp", On: on, Do: edit("VpnEcmpSupport", "disable")},
		{
			Name: "new attachments are associated with no table", Key: "aws/transit-gateway.default_association", On: on,
			Beside: []string{"aws/transit-gateway.association_table"},
			Do:     edit("DefaultRouteTableAssociation", "disable"),
		},
		{
			Name: "new attachments propagate to no table", Key: "aws/transit-gateway.default_propagation", On: on,
			Beside: []string{"aws/transit-gateway.propagation_table"},
			Do:     edit("DefaultRouteTablePropagation", "disable"),
		},
		{
			Name: "the default table for associations is swapped", Key: "aws/transit-gateway.association_table", On: on,
			Do: swap("AssociationDefaultRouteTableId"), Then: without,
		},
		{
			Name: "the default table for propagations is swapped", Key: "aws/transit-gateway.propagation_table", On: on,
			Do: swap("PropagationDefaultRouteTableId"), Then: without,
		},
		{
			Name: "the note of the default tables is gone", Key: "aws/transit-gateway.route_table_tag", On: on,
			Do: []Step{aws("unset", gateways, gateway, "Tags.linkd-route-table", nil)},
		},
		{
			Name: "the transit gateway is deleted", Key: "aws/transit-gateway.missing", On: on, Cuts: CutsAll, Anew: true,
			Beside: append([]string{
				"aws/vpc-attachment.missing", "aws/tgw-routes.missing", "aws/vpc-routes.routes", "aws/vpc-routes.routes.extra",
				"aws/vpc-attachment.transit_gateway", "aws/vpn-connection.transit_gateway",
			}, gone...),
			Do: demolish,
		},
		{
			Name: "the tags of the transit gateway are stripped", Key: "aws/transit-gateway.unowned", On: on, Lasts: notOurs,
			Beside: []string{"aws/tgw-routes.unowned"},
			Do:     []Step{onID(aws("unset", gateways, "", "Tags", nil), itself)},
			Then: append(retag(gateways, on, func(p Place) string { return p.untagged("TransitGateways") }),
				onID(aws("set", gateways, "", "Tags.Name", gateway), func(p Place) string { return p.ID("TransitGateways", on) })),
		},
		{
			Name: "the transit gateway is renamed", On: on, Do: edit("Tags.Name", "theirs"),
			Then: []Step{aws("set", gateways, "theirs", "Tags.Name", gateway)},
		},
		{
			Name: "a transit gateway of an earlier file is left", Key: "aws/transit-gateway.orphan", Lasts: onlyDestroy,
			Do:   []Step{aGateway("aws/transit-gateway/tgw-old", "tgw-old")},
			Then: []Step{aws("delete", gateways, "tgw-old", "", nil)},
		},
		{
			Name: "a second transit gateway carries our tags", Key: "aws/transit-gateway.duplicate", Lasts: eitherInUse,
			Do:   []Step{aGateway(on, "tgw-two")},
			Then: []Step{aws("delete", gateways, "tgw-two", "", nil)},
		},
	}
}

func vpc() []Entry {
	const on = "aws/vpc/vpc-a"
	return []Entry{
		{
			Name: "a VPC has another prefix than the file says", Key: "aws/vpc.prefixes", On: on, Lasts: userOwns, Cuts: CutsAll,
			Beside: []string{"aws/vpc.prefixes.extra"},
			Do:     []Step{aws("set", "vpc", vpcA, "CidrBlocks", "172.30.0.0/16")},
			Then:   []Step{aws("set", "vpc", vpcA, "CidrBlocks", "172.20.0.0/16")},
		},
		{
			Name: "a VPC gets a prefix that the file does not know", Key: "aws/vpc.prefixes.extra", On: on, Lasts: userOwns,
			Do:   []Step{aws("add", "vpc", vpcA, "CidrBlocks", "172.30.0.0/16")},
			Then: []Step{aws("remove", "vpc", vpcA, "CidrBlocks", "172.30.0.0/16")},
		},
		{
			Name: "a VPC is deleted", Key: "aws/vpc.missing", On: on, Lasts: userOwns, Cuts: CutsAll,
			Do: []Step{aws("delete", "vpc", vpcA, "", nil)},
		},
	}
}

func attachment() []Entry {
	const on = joinA
	edit := func(op, field string, value any) []Step {
		return []Step{onID(aws(op, attachments, "", field, value), attachmentA)}
	}
	join := func(id, subnet, vpc string) Step {
		return withID(aws("create", attachments, region, "", nil), func(p Place) any {
			return object{
				"TransitGatewayId": p.ID("TransitGateways", "theirs"), "VpcId": vpc, "SubnetIds": []any{subnet},
				"TagSpecifications": tagged("transit-gateway-attachment", id, "stray"),
			}
		})
	}
	apart := []Step{aws("delete", attachments, "stray", "", nil), aws("delete", gateways, "theirs", "", nil)}
	routed := []string{"aws/vpc-routes.routes", "aws/vpc-routes.routes.extra", "aws/vpc-attachment.propagation"}
	return []Entry{
		{
			Name: "a VPC is attached to another transit gateway", Key: "aws/vpc-attachment.transit_gateway", On: on, Cuts: CutsAll, Anew: true, Beside: routed,
			Do: []Step{aGateway("", "theirs"), onID(withID(aws("set", attachments, "", "TransitGatewayId", nil), func(p Place) any {
				return p.ID("TransitGateways", "theirs")
			}), attachmentA)},
			Then: []Step{aws("delete", gateways, "theirs", "", nil)},
		},
		{
			Name: "another VPC is attached in the place of one", Key: "aws/vpc-attachment.vpc", On: on, Cuts: CutsAll, Anew: true, Beside: routed,
			Do: edit("set", "VpcId", "vpc-0c30000000000000c"),
		},
		{
			Name: "an attachment loses its subnet", Key: "aws/vpc-attachment.subnets", On: on, Cuts: CutsAll,
			Do: edit("remove", "SubnetIds", subnetA),
		},
		{
			Name: "an attachment gets a subnet that nobody declared", Key: "aws/vpc-attachment.subnets.extra", On: on,
			Do: edit("add", "SubnetIds", "subnet-0a1000000000000a2"),
		},
		{
			Name: "association is switched off", Key: "aws/vpc-attachment.association", On: on, Cuts: CutsAll,
			Do: edit("unset", "Association", nil),
		},
		{
			Name: "propagation is switched off", Key: "aws/vpc-attachment.propagation", On: on, Cuts: CutsAll,
			Do: []Step{onID(withID(aws("remove", attachments, "", "Propagations", nil), func(p Place) any { return theTable(p) }), attachmentA)},
		},
		{
			Name: "an attachment is deleted", Key: "aws/vpc-attachment.missing", On: on, Cuts: CutsAll, Anew: true, Beside: routed,
			Do: edit("delete", "", nil),
		},
		{
			Name: "an attachment has failed", Key: "aws/vpc-attachment.failed", On: on, Cuts: CutsAll, Anew: true, Beside: routed,
			Do: edit("set", "State", "failed"),
		},
		{
			Name: "the tags of an attachment are stripped", Key: "aws/vpc-attachment.unowned", On: on, Lasts: notOurs,
			Do:   []Step{onID(aws("unset", attachments, "", "Tags", nil), attachmentA)},
			Then: retag(attachments, on, func(p Place) string { return p.ID("Attachments", vpcA) }),
		},
		{
			Name: "an attachment is renamed", On: on, Do: edit("set", "Tags.Name", "theirs"), Then: edit("set", "Tags.Name", "seed-vpc-a"),
		},
		{
			Name: "an attachment is given another id", Key: "aws/vpc-attachment.unowned", On: on, Lasts: notOurs,
			Beside: []string{"aws/vpc-attachment.orphan"},
			Do:     edit("set", "Tags.linkd-id", "aws/vpc-attachment/other"),
			Then:   []Step{onID(aws("set", attachments, "", "Tags.linkd-id", on), func(p Place) string { return p.ID("Attachments", vpcA) })},
		},
		{
			Name: "an attachment of an earlier file is left", Key: "aws/vpc-attachment.orphan", Lasts: onlyDestroy,
			Do:   []Step{aGateway("", "theirs"), join("aws/vpc-attachment/vpc-old", subnetA, vpcA)},
			Then: apart,
		},
		{
			Name: "a second attachment carries our tags", Key: "aws/vpc-attachment.duplicate", Lasts: eitherInUse,
			Do:   []Step{aGateway("", "theirs"), join(on, subnetA, vpcA)},
			Then: apart,
		},
	}
}
