package catalogue

import "fmt"

// aCustomer is a step that makes a customer gateway of ours.
func aCustomer(id, name, address string) Step {
	return aws("create", customers, region, "", object{
		"Type": "ipsec.1", "IpAddress": address, "BgpAsn": 65515, "TagSpecification": tagged("customer-gateway", id, name),
	})
}

func customerGateway() []Entry {
	const on = customerID
	itself := func(p Place) string { return p.ID("CustomerGateways", on) }
	edit := func(field string, value any) []Step {
		return []Step{onID(aws("set", customers, "", field, value), itself)}
	}
	return []Entry{
		{
			Name: "the customer gateway has an address that Azure has not", Key: "aws/customer-gateway.address", On: on, Cuts: CutsAll, Anew: true, Beside: down,
			Do: edit("IpAddress", "198.51.100.7"),
		},
		{
			Name: "Azure gives an instance another address", Key: "aws/customer-gateway.address", On: on, Cuts: CutsAll, Anew: true, Beside: down,
			Do: []Step{azure("set", vpnGateways, vpnGW, "properties.ipConfigurations.Instance0.publicIpAddress", "203.0.113.45")},
		},
		{Name: "the customer gateway has another ASN", Key: "aws/customer-gateway.asn", On: on, Anew: true, Do: edit("BgpAsn", "65010")},
		{
			Name: "a replaced customer gateway is left behind", Key: "aws/customer-gateway.retired", On: on,
			Do: []Step{aCustomer(on+"/retired", "old", "203.0.113.77")},
		},
		{
			Name: "the customer gateway is deleted", Key: "aws/customer-gateway.missing", On: on, Cuts: CutsAll, Anew: true,
			Beside: append([]string{"aws/vpn-connection.customer_gateway"}, down...),
			Do:     []Step{onID(aws("delete", customers, "", "", nil), itself)},
		},
		{
			Name: "the tags of the customer gateway are stripped", Key: "aws/customer-gateway.unowned", On: on, Lasts: notOurs,
			Do:   []Step{onID(aws("unset", customers, "", "Tags", nil), itself)},
			Then: retag(customers, on, func(p Place) string { return p.untagged("CustomerGateways") }),
		},
		{
			Name: "a customer gateway of an earlier file is left", Key: "aws/customer-gateway.orphan", Lasts: onlyDestroy,
			Do:   []Step{aCustomer("aws/customer-gateway/old-0", "old", "203.0.113.77")},
			Then: []Step{aws("delete", customers, "old", "", nil)},
		},
		{
			Name: "a second customer gateway carries our tags", Key: "aws/customer-gateway.duplicate", Lasts: eitherInUse,
			Do:   []Step{aCustomer(on, "two", "203.0.113.77")},
			Then: []Step{aws("delete", customers, "two", "", nil)},
		},
		{
			Name: "the customer gateway is renamed", On: on,
			Do:   append(edit("DeviceName", "theirs"), edit("Tags.Name", "theirs")...),
			Then: append(edit("DeviceName", "linkd-seed-tokyo-0"), edit("Tags.Name", "seed-tokyo-0")...),
		},
	}
}

// aVPN is a step that makes a VPN connection of ours.
func aVPN(id, name string) Step {
	return withID(aws("create", vpns, region, "", nil), func(p Place) any {
		return object{
			"Type": "ipsec.1", "CustomerGatewayId": p.ID("CustomerGateways", "theirs"), "TransitGatewayId": p.ID("TransitGateways", gateway),
			"Options": object{"StaticRoutesOnly": true}, "TagSpecification": tagged("vpn-connection", id, name),
		}
	})
}

func awsConnection() []Entry {
	const on = vpnID
	itself := func(p Place) string { return p.ID("Connections", on) }
	edit := func(field string, value any) []Step { return []Step{onID(aws("set", vpns, "", field, value), itself)} }
	theirs := aws("create", customers, region, "", object{
		"Type": "ipsec.1", "IpAddress": "203.0.113.77", "BgpAsn": 65515,
		"TagSpecification": []any{object{"ResourceType": "customer-gateway", "Tag": []any{object{"Key": "Name", "Value": "theirs"}}}},
	})
	without := aws("delete", customers, "theirs", "", nil)
	stray := func(id string) []Step { return []Step{theirs, aVPN(id, "stray")} }
	apart := []Step{aws("delete", vpns, "stray", "", nil), without}
	moveTo := func(name string) Step {
		return onID(withID(aws("set", vpns, "", "TransitGatewayId", nil), func(p Place) any { return p.ID("TransitGateways", name) }), itself)
	}
	return []Entry{
		{
			Name: "the connection has another customer gateway", Key: "aws/vpn-connection.customer_gateway", On: on, Cuts: CutsAll, Beside: down,
			Do: []Step{theirs, onID(withID(aws("set", vpns, "", "CustomerGatewayId", nil), func(p Place) any {
				return p.ID("CustomerGateways", "theirs")
			}), itself)},
			Then: []Step{without},
		},
		{
			Name: "the connection ends at another transit gateway", Key: "aws/vpn-connection.transit_gateway", On: on, Cuts: CutsAll, Anew: true,
			Lasts: "it may have been moved on purpose, and its routes with it", Tries: true,
			Beside: append([]string{"aws/vpn-connection.attachment_owner"}, down...),
			Do:     []Step{aGateway("", "theirs"), moveTo("theirs")},
			Then:   []Step{moveTo(gateway), aws("delete", gateways, "theirs", "", nil)},
		},
		{
			Name: "the connection waits for BGP", Key: "aws/vpn-connection.routing", On: on, Cuts: CutsAll, Anew: true, Beside: down,
			Do: edit("StaticRoutesOnly", false),
		},
		{
			Name: "the connection is associated with no table", Key: "aws/vpn-connection.association", On: on, Cuts: CutsAll,
			Do: []Step{onID(aws("unset", attachments, "", "Association", nil), attachmentVPN)},
		},
		{
			Name: "the attachment of the connection loses our tag", Key: "aws/vpn-connection.attachment_owner", On: on,
			Do: []Step{onID(aws("unset", attachments, "", "Tags.linkd-owner", nil), attachmentVPN)},
		},
		{
			Name: "a tunnel has another key than the file's", Key: "aws/vpn-connection.key", On: on, Cuts: CutsSingle, File: GivenKeys,
			Beside: append([]string{"azure/vpn-connection.shared_key"}, down...),
			Do:     []Step{aws("set", vpnTunnel, "seed-tokyo-0/0", "PreSharedKey", "another.key.altogether")},
		},
		{
			Name: "AWS has another key", Key: "azure/vpn-connection.shared_key", On: "azure/vpn-connection/tokyo", Cuts: CutsSingle, Beside: down,
			Do: []Step{aws("set", vpnTunnel, "seed-tokyo-0/0", "PreSharedKey", "another.key.altogether")}, Anew: true,
		},
		{
			Name: "the connection is deleted in AWS", Key: "aws/vpn-connection.missing", On: on, Cuts: CutsAll, Anew: true,
			Beside: append([]string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}, gone...),
			Do:     []Step{onID(aws("delete", vpns, "", "", nil), itself)},
		},
		{
			Name: "the tags of the connection are stripped", Key: "aws/vpn-connection.unowned", On: on, Lasts: notOurs,
			Do:   []Step{onID(aws("unset", vpns, "", "Tags", nil), itself)},
			Then: retag(vpns, on, func(p Place) string { return p.untagged("Connections") }),
		},
		{
			Name: "the connection is given another id", Key: "aws/vpn-connection.unowned", On: on, Lasts: notOurs,
			Beside: []string{"aws/vpn-connection.orphan"},
			Do:     edit("Tags.linkd-id", "aws/vpn-connection/other-0"),
			Then:   []Step{onID(aws("set", vpns, "", "Tags.linkd-id", on), func(p Place) string { return p.ID("Connections", "aws/vpn-connection/other-0") })},
		},
		{
			Name: "a connection of an earlier file is left", Key: "aws/vpn-connection.orphan", Lasts: onlyDestroy,
			Do: stray("aws/vpn-connection/old-0"), Then: apart,
		},
		{
			Name: "a second connection carries our tags", Key: "aws/vpn-connection.duplicate", Lasts: eitherInUse,
			Do: stray(on), Then: apart,
		},
		{
			Name: "the connection is renamed", On: on, Do: edit("Tags.Name", "theirs"), Then: edit("Tags.Name", "seed-tokyo-0"),
		},
	}
}

// tunnels are the options of both tunnels, and how AWS sees them.
func tunnels() []Entry {
	rows := []struct {
		row, says, field string
		value            any
		cuts             Cut
		beside           []string
	}{
		{"inside", "has another inside range", "TunnelInsideCidr", "169.254.99.%d/30", CutsNothing, nil},
		{"phase1", "asks for another phase 1", "Phase1DHGroupNumber", []any{"2"}, CutsSingle, down},
		{"phase2", "asks for another phase 2", "Phase2DHGroupNumber", []any{"2"}, CutsSingle, down},
		{"ike_version", "speaks another IKE", "IKEVersion", []any{"ikev1"}, CutsSingle, down},
		{"startup", "waits to be called", "StartupAction", "add", CutsNothing, nil},
		{"dpd", "notices a dead peer later", "DPDTimeoutSeconds", "300", CutsNothing, nil},
	}
	entries := []Entry{
		{
			Name: "AWS sees a tunnel go down", Key: "aws/vpn-tunnel.status", On: "aws/vpn-tunnel/tokyo-0-1", Cuts: CutsSingle,
			Beside: []string{"azure/vpn-connection.shared_key", "azure/vpn-tunnel.status"},
			Do:     []Step{azure("set", connLinks, link, "sharedKey", "another.key.altogether")},
		},
		{
			Name: "a tunnel is not there in AWS", Key: "aws/vpn-tunnel.missing", On: "aws/vpn-tunnel/tokyo-0-1", Cuts: CutsAll, Anew: true,
			Beside: append([]string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}, gone...),
			Do:     []Step{onID(aws("delete", vpns, "", "", nil), func(p Place) string { return p.ID("Connections", vpnID) })},
		},
	}
	for number := 1; number <= 2; number++ {
		for _, r := range rows {
			value, cuts := r.value, r.cuts
			if text, is := value.(string); is && r.row == "inside" {
				value = fmt.Sprintf(text, 4*number)
			}
			if number == 2 {
				cuts = CutsNothing // the first is up, or this one is not used
			}
			entries = append(entries, Entry{
				Name: fmt.Sprintf("tunnel %d %s", number, r.says), On: vpnID, Cuts: cuts, Beside: r.beside,
				Key: fmt.Sprintf("aws/vpn-connection.tunnel_%d_%s", number, r.row),
				Do:  []Step{aws("set", vpnTunnel, fmt.Sprintf("seed-tokyo-0/%d", number-1), r.field, value)},
			})
		}
		for _, r := range [][4]string{{"lifecycle", "is maintained without a word", "EnableTunnelLifecycleControl", "false"}, {"endpoint", "has maintenance pending", "PendingMaintenance", "true"}} {
			entries = append(entries, Entry{
				Name: fmt.Sprintf("tunnel %d %s", number, r[1]), On: vpnID, File: ChoosesHours,
				Key: fmt.Sprintf("aws/vpn-connection.tunnel_%d_%s", number, r[0]),
				Do:  []Step{aws("set", vpnTunnel, fmt.Sprintf("seed-tokyo-0/%d", number-1), r[2], r[3])},
			})
		}
	}
	return entries
}

func routes() []Entry {
	const table, inVPC = "aws/tgw-routes/" + gateway, "aws/vpc-routes/" + tableA
	inTable := func(op string, value func(Place) any) []Step {
		return []Step{onID(withID(aws(op, gatewayTables, "", "Routes", nil), value), theTable)}
	}
	return []Entry{
		{
			Name: "a route of the transit gateway is deleted", Key: "aws/tgw-routes.routes", On: table, Cuts: CutsAll,
			Do: inTable("remove", func(Place) any { return "10.1.0.0/16" }),
		},
		{
			Name: "a route of the transit gateway leads elsewhere", Key: "aws/tgw-routes.routes", On: table, Cuts: CutsAll, Beside: []string{"aws/tgw-routes.routes.extra"},
			Do: inTable("set", func(p Place) any {
				return object{"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayAttachmentId": attachmentA(p)}
			}),
		},
		{
			Name: "a route of the transit gateway is made that nobody declared", Key: "aws/tgw-routes.routes.extra", On: table,
			Do: inTable("add", func(p Place) any {
				return object{"DestinationCidrBlock": "10.99.0.0/16", "TransitGatewayAttachmentId": attachmentA(p)}
			}),
		},
		{
			Name: "the transit gateway is gone with its routes", Key: "aws/tgw-routes.missing", On: table, Cuts: CutsAll, Anew: true,
			Beside: append([]string{"aws/transit-gateway.missing", "aws/vpc-attachment.missing", "aws/vpc-routes.routes", "aws/vpc-routes.routes.extra"}, gone...),
			Do:     demolish,
		},
		{
			Name: "the tags of the transit gateway of the routes are stripped", Key: "aws/tgw-routes.unowned", On: table, Lasts: notOurs,
			Beside: []string{"aws/transit-gateway.unowned"},
			Do:     []Step{aws("unset", gateways, gateway, "Tags", nil)},
			Then: append(retag(gateways, gatewayID, func(p Place) string { return p.untagged("TransitGateways") }),
				onID(aws("set", gateways, "", "Tags.Name", gateway), func(p Place) string { return p.ID("TransitGateways", gatewayID) })),
		},
		{
			Name: "a route of a VPC is deleted", Key: "aws/vpc-routes.routes", On: inVPC, Cuts: CutsAll,
			Do: []Step{aws("remove", "route-table", tableA, "Routes", "10.1.0.0/16")},
		},
		{
			Name: "a route of a VPC is made that nobody declared", Key: "aws/vpc-routes.routes.extra", On: inVPC,
			Do: []Step{withID(aws("add", "route-table", tableA, "Routes", nil), func(p Place) any {
				return object{"DestinationCidrBlock": "10.99.0.0/16", "TransitGatewayId": p.ID("TransitGateways", gateway)}
			})},
		},
	}
}

// growth is of networks whose prefixes the file leaves to be read live.
func growth() []Entry {
	growVPC := func(op string) []Step { return []Step{aws(op, "vpc", vpcA, "CidrBlocks", "172.30.0.0/16")} }
	growVNet := func(op string) []Step {
		return []Step{azure(op, "virtualNetworks", "vnet-use", prefixField, "10.102.0.0/16")}
	}
	extra := []string{"aws/vpc-routes.routes", "azure/hub-routes.routes", "aws/tgw-routes.routes", "azure/vpn-site.address_space"}
	return []Entry{
		{
			Name: "a VPC grew, and the site does not know", Key: "azure/vpn-site.address_space", On: "azure/vpn-site/" + site, Beside: extra,
			File: LivePrefixes, Do: growVPC("add"), Then: growVPC("remove"),
		},
		{
			Name: "a VPC grew, and the route tables of the others do not know", Key: "aws/vpc-routes.routes", On: "aws/vpc-routes/rtb-0b20000000000000b", Beside: extra,
			File: LivePrefixes, Do: growVPC("add"), Then: growVPC("remove"),
		},
		{
			Name: "a VNet grew, and the transit gateway does not know", Key: "aws/tgw-routes.routes", On: "aws/tgw-routes/" + gateway, Beside: extra,
			File: LivePrefixes, Do: growVNet("add"), Then: growVNet("remove"),
		},
		{
			Name: "a VNet grew, and the VPCs do not know", Key: "aws/vpc-routes.routes", On: "aws/vpc-routes/" + tableA, Beside: extra,
			File: LivePrefixes, Do: growVNet("add"), Then: growVNet("remove"),
		},
	}
}
