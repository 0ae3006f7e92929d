package failures

import "strings"

func lastName(id string) string { return id[strings.LastIndex(id, "/")+1:] }

const sitePrefixes = "properties.addressSpace.addressPrefixes"

func azureRoutes() []Injection {
	site := func(name string, toAWS string, do func(*view) []step, losses func(*view) []Loss) Injection {
		return Injection{Code: "SITE_PREFIX_DRIFT", Name: name, Static: true, ToAWS: toAWS, plan: func(v *view) plan { return plan{steps: do(v), losses: losses(v)} }}
	}
	nothing := func(*view) []Loss { return nil }
	without := func(v *view) []Loss {
		return append(
			lost(only(v.vmNear.Address), only(v.hostA.Address), "nic-routes", v.vmNear.NIC),
			lost(only(v.vmFar.Address), only(v.hostA.Address), "nic-routes", v.vmFar.NIC)...)
	}
	return append([]Injection{
		site("a VPC's prefix is gone from the site", "nic-routes", func(v *view) []step {
			var left []any
			for _, prefix := range texts(v.links[0].SitePrefixes) {
				if prefix != v.vpc(v.hostA).Prefixes[0].String() {
					left = append(left, prefix)
				}
			}
			return []step{azureSet(siteType, v.links[0].Site, sitePrefixes, left)}
		}, without),
		site("the site has a prefix of no VPC", "", func(v *view) []step {
			return []step{azureSet(siteType, v.links[0].Site, sitePrefixes, append(texts(v.links[0].SitePrefixes), "172.31.0.0/16"))}
		}, nothing),
		site("a VPC has a second prefix that the site lacks", "", func(v *view) []step {
			return []step{awsDo("vpc", v.hostA.VPC, "CidrBlocks", "add", "172.22.0.0/16", "remove", "172.22.0.0/16")}
		}, nothing),
	}, append(connections(), hubRoutes()...)...)
}

// connections are injections into a VNet's connection to its hub.
func connections() []Injection {
	routing := func(name, toAWS, toAzure string, do func(v *view, join string) []step, losses func(*view) []Loss) Injection {
		return Injection{Code: "AZ_VNET_CONNECTION_ROUTING", Name: name, ToAWS: toAWS, ToAzure: toAzure, plan: func(v *view) plan {
			return plan{steps: do(v, v.vnet(v.vmFar).Connection), losses: losses(v)}
		}}
	}
	return []Injection{
		routing("a VNet connection is associated with the table of nothing", "nic-routes", "", func(v *view, join string) []step {
			return []step{azureSet(joinType, join, "properties.routingConfiguration.associatedRouteTable.id", noneTable(v.far.ID))}
		}, func(v *view) []Loss { return append(v.farLearnsNothing(), stranger(v.vmNear, v.vmFar)...) }),
		routing("a VNet connection propagates to the table of nothing", "", "hub", func(v *view, join string) []step {
			return []step{
				azureSet(joinType, join, tableIDs, []any{object{"id": noneTable(v.far.ID)}}),
				azureSet(joinType, join, tableLabels, []any{"none"}),
			}
		}, func(v *view) []Loss { return append(v.farIsUnknown(), stranger(v.vmFar, v.vmNear)...) }),
		routing("a VNet connection is gone", "nic-routes", "hub", func(_ *view, join string) []step {
			return []step{azureGone(joinType, join)}
		}, (*view).farApart),
	}
}

func noneTable(hub string) string { return hub + "/hubRouteTables/noneRouteTable" }

// hubRoutes are injections into the tables of the gateway's hub and of a NIC.
func hubRoutes() []Injection {
	override := func(name, hop string) Injection {
		return Injection{Code: "AZ_NIC_ROUTE_OVERRIDDEN", Name: name, ToAWS: "nic-routes", plan: func(v *view) plan {
			// As specific as what the hub tells, so that it wins.
			var routes []any
			for i, prefix := range v.awsPrefixes() {
				one := object{"nextHopType": hop, "addressPrefix": prefix.String()}
				if hop == "VirtualAppliance" {
					one["nextHopIpAddress"] = "10.1.0.250"
				}
				routes = append(routes, object{"name": "theirs-" + string(rune('0'+i)), "properties": one})
			}
			return plan{
				steps:  v.overridden(object{"routes": routes}),
				losses: lost(only(v.vmNear.Address), v.inAWS(), "nic-routes", v.vmNear.NIC),
			}
		}}
	}
	return []Injection{
		{
			Code: "AZ_HUB_ROUTE_MISSING_OR_SHADOWED", Name: "the VPN connection propagates to the table of nothing", ToAWS: "nic-routes",
			plan: func(v *view) plan {
				id := v.links[0].Connection
				return plan{
					steps: []step{
						azureSet(connectionType, id, tableIDs, []any{object{"id": noneTable(v.near.ID)}}),
						azureSet(connectionType, id, tableLabels, []any{"none"}),
					},
					losses: v.unlearned(),
				}
			},
		},
		{
			Code: "AZ_HUB_ROUTE_MISSING_OR_SHADOWED", Name: "a static route of the hub leads a VPC's prefix elsewhere", ToAWS: "vnet",
			plan: func(v *view) plan {
				route := object{
					"name": "theirs", "destinationType": "CIDR", "destinations": texts(v.vpc(v.hostA).Prefixes[:1]),
					"nextHopType": "ResourceId", "nextHop": v.vnet(v.vmNear).Connection,
				}
				return plan{
					steps:  []step{azureSet("virtualHubs/hubRouteTables", v.near.ID+"/hubRouteTables/defaultRouteTable", "properties.routes", []any{route})},
					losses: lost(v.inAzure(), only(v.hostA.Address), "vnet", v.vmNear.VNet),
				}
			},
		},
		override("a user's route sends the VPCs' prefixes to an appliance", "VirtualAppliance"),
		override("a user's route sends the VPCs' prefixes to nowhere", "None"),
		{
			Code: "AZ_NIC_ROUTE_OVERRIDDEN", Name: "a subnet's table takes no routes of gateways", ToAWS: "nic-routes",
			plan: func(v *view) plan {
				return plan{
					steps: v.overridden(object{"disableBgpRoutePropagation": true, "routes": []any{}}),
					losses: append(
						lost(only(v.vmNear.Address), append(v.inAWS(), v.vmFar.Address), "nic-routes", v.vmNear.NIC),
						stranger(v.vmFar, v.vmNear)...),
				}
			},
		},
	}
}

// unlearned are the losses when the hubs know no prefix of AWS.
func (v *view) unlearned() []Loss {
	return append(
		lost(only(v.vmNear.Address), v.inAWS(), "nic-routes", v.vmNear.NIC),
		lost(only(v.vmFar.Address), v.inAWS(), "nic-routes", v.vmFar.NIC)...)
}

// overridden gives the subnet of the near machine a table of its own.
func (v *view) overridden(table object) []step {
	id := strings.TrimSuffix(v.vmNear.VNet, "/virtualNetworks/"+lastName(v.vmNear.VNet)) + "/routeTables/theirs"
	return []step{
		azureMade("routeTables", id, object{"location": v.vnet(v.vmNear).Region, "properties": table}),
		azureSet("virtualNetworks/subnets", v.vmNear.Subnet, "properties.routeTable.id", id),
	}
}
