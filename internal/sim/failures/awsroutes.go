package failures

import (
	"net/netip"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

func awsRoutes() []Injection {
	return []Injection{
		{
			Code: "AWS_VPC_ROUTE_MISSING", Name: "the routes to Azure are gone from a VPC's table", ToAzure: "subnet-routes",
			plan: func(v *view) plan { return v.vpcRouted("") },
		},
		{
			Code: "AWS_VPC_ROUTE_MISSING", Name: "the routes to Azure in a VPC's table are blackholes", ToAzure: "subnet-routes",
			plan: func(v *view) plan { return v.vpcRouted("tgw-0dead000000000000") },
		},
		{
			Code: "AWS_TGW_ROUTE_MISSING", Name: "the transit gateway has no route to Azure", Static: true, ToAzure: "transit-gateway",
			plan: func(v *view) plan { return v.gatewayRouted("", v.azurePrefixes(), v.inAzure()) },
		},
		{
			Code: "AWS_TGW_ROUTE_MISSING", Name: "the transit gateway has no route to one VNet", Static: true, ToAzure: "transit-gateway",
			plan: func(v *view) plan {
				return v.gatewayRouted("", v.vnet(v.vmFar).Prefixes, only(v.vmFar.Address))
			},
		},
		{
			Code: "AWS_TGW_PROPAGATION_OFF", Name: "a VPC propagates to no table", ToAWS: "transit-gateway",
			plan: func(v *view) plan {
				id := v.attachment(v.hostA.VPC).ID
				return plan{
					steps:  []step{awsDo("transit-gateway-attachment", id, "Propagations", "remove", v.table, "add", v.table)},
					losses: lost(append(v.inAzure(), v.hostB.Address), only(v.hostA.Address), "transit-gateway", v.table),
				}
			},
		},
		{
			Code: "AWS_TGW_ASSOCIATION_MISSING", Name: "a VPC's attachment is associated with no table", ToAzure: "attachment",
			plan: func(v *view) plan {
				a := v.attachment(v.hostA.VPC)
				return plan{
					steps:  []step{awsDo("transit-gateway-attachment", a.ID, "Association", "unset", nil, "set", a.Table)},
					losses: lost(only(v.hostA.Address), append(v.inAzure(), v.hostB.Address), "attachment", a.ID),
				}
			},
		},
		{
			Code: "AWS_TGW_ASSOCIATION_MISSING", Name: "the VPN attachment is associated with no table", ToAWS: "attachment",
			plan: func(v *view) plan {
				a := v.attachment(v.connection.ID)
				return plan{
					steps:  []step{awsDo("transit-gateway-attachment", a.ID, "Association", "unset", nil, "set", a.Table)},
					losses: lost(v.inAzure(), v.inAWS(), "attachment", a.ID),
				}
			},
		},
		elsewhere(),
		{
			Code: "AWS_TGW_ROUTE_BLACKHOLE", Name: "the transit gateway's routes to Azure are blackholes", Static: true, ToAzure: "transit-gateway",
			plan: func(v *view) plan { return v.gatewayRouted("blackhole", v.azurePrefixes(), v.inAzure()) },
		},
		{
			Code: "AWS_TGW_ROUTE_BLACKHOLE", Name: "the transit gateway's routes to Azure name an attachment that is gone", Static: true, ToAzure: "transit-gateway",
			plan: func(v *view) plan {
				return v.gatewayRouted("tgw-attach-0dead000000000000", v.azurePrefixes(), v.inAzure())
			},
		},
	}
}

func (v *view) vpcRouted(target string) plan {
	subnet := v.subnet(v.hostA)
	return plan{
		steps:  vpcRoutes(subnet, v.azurePrefixes(), target),
		losses: lost(only(v.hostA.Address), v.inAzure(), "subnet-routes", subnet.Table),
	}
}

func (v *view) gatewayRouted(target string, prefixes []netip.Prefix, to []netip.Addr) plan {
	return plan{steps: gatewayRoutes(v, prefixes, target), losses: lost(v.inAWS(), to, "transit-gateway", v.table)}
}

// elsewhere associates a VPC's attachment with a new table in which nothing is.
func elsewhere() Injection {
	attachment := func(v *view) fabric.Attachment { return v.attachment(v.hostA.VPC) }
	newest := func(v *view) string { return v.transitGateway.Tables[len(v.transitGateway.Tables)-1].ID }
	makes := func(v *view) (change, error) {
		return change{do: []ground.Mutation{{
			Cloud: "aws", Kind: "transit-gateway-route-table", Name: v.transitGateway.Region, Op: "create", Value: object{"TransitGatewayId": v.transitGateway.ID},
		}}}, nil
	}
	moves := func(v *view) (change, error) {
		c, err := awsSet("transit-gateway-attachment", attachment(v).ID, "Association", newest(v), attachment(v).Table)(v)
		c.undo = append([]ground.Mutation{{Cloud: "aws", Kind: "transit-gateway-route-table", Name: newest(v), Op: "delete"}}, c.undo...)
		return c, err
	}
	return Injection{
		Code: "AWS_TGW_ASSOCIATION_MISSING", Name: "a VPC's attachment is associated with an empty table", ToAzure: "transit-gateway",
		plan: func(*view) plan {
			return plan{steps: []step{makes, moves}, after: func(v *view) []Loss {
				return lost(only(v.hostA.Address), append(v.inAzure(), v.hostB.Address), "transit-gateway", attachment(v).Table)
			}}
		},
	}
}
