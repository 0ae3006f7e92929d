package failures

import (
	"errors"
	"fmt"
	"slices"

	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
)

// SpeakBGP turns a static link into one that learns its routes by BGP, in
// both clouds at once, with no regard for traffic. The routes come a handshake later.
// [Injected.Undo] makes it static again.
func SpeakBGP(at *sim.Simulator) (*Injected, error) {
	v, err := look(at)
	if err != nil {
		return nil, err
	}
	if v.problem != nil || !v.connection.Static {
		return nil, fmt.Errorf("cannot speak BGP: %w", errors.Join(v.problem, fmt.Errorf("a static link is needed")))
	}
	injected := &Injected{into: at, conditions: at.Conditions()}
	for _, step := range speaking(v) {
		if err := injected.take(step); err != nil {
			return nil, fmt.Errorf("cannot speak BGP: %w", errors.Join(err, injected.Undo()))
		}
	}
	return injected, nil
}

func speaking(v *view) []step {
	steps := gatewayRoutes(v, v.azurePrefixes(), "")
	steps = append(steps,
		awsSet("vpn-connection", v.connection.ID, "StaticRoutesOnly", false, true),
		awsSet("customer-gateway", v.connection.CustomerGateway, "BgpAsn", v.gateway.ASN, v.connection.CustomerASN),
		azureSet(siteType, v.links[0].Site, sitePrefixes, []any{}),
	)
	if a := v.attachment(v.connection.ID); !slices.Contains(a.Propagates, v.table) {
		steps = append(steps, awsDo("transit-gateway-attachment", a.ID, "Propagations", "add", v.table, "remove", v.table))
	}
	custom := map[int][]any{}
	for t, pair := range v.meant {
		custom[pair.Instance] = append(custom[pair.Instance], v.tunnel(pair).Inside.Masked().Addr().Next().Next().String())
		ours := v.tunnel(pair).Inside.Masked().Addr().Next()
		instance, _ := v.value(v.gateway.ID, []string{"properties", "ipConfigurations", fmt.Sprint(pair.Instance), "id"})
		steps = append(steps,
			azureSet(siteType, v.links[t].Site, v.siteLink(t)+"bgpProperties", object{"asn": v.transitGateway.ASN, "bgpPeeringAddress": ours.String()}),
			azureSet(linkType, v.links[t].ID, "properties.vpnGatewayCustomBgpAddresses", []any{object{
				"ipConfigurationId": instance, "customBgpIpAddress": ours.Next().String(),
			}}),
			azureSet(linkType, v.links[t].ID, "properties.enableBgp", true),
		)
	}
	for instance, addresses := range custom {
		steps = append(steps, azureSet(gatewayType, v.gateway.ID, fmt.Sprintf("properties.bgpSettings.bgpPeeringAddresses.%d.customBgpIpAddresses", instance), addresses))
	}
	return steps
}

// siteLink is the way to a link in its site.
func (v *view) siteLink(t int) string {
	return "properties.vpnSiteLinks." + lastName(v.links[t].SiteLink) + ".properties."
}

// unspoken are the losses when no session is up: neither side learns anything.
func (v *view) unspoken() []Loss {
	return append(v.unlearned(), v.untold()...)
}

// untold are the losses when AWS learns nothing.
func (v *view) untold() []Loss { return lost(v.inAWS(), v.inAzure(), "transit-gateway", v.table) }

// hidden leads what is for Azure to another attachment, by static routes. AWS tells Azure of
// them, so that what the near VNet sends to the far one goes there, too.
func (v *view) hidden(to fabric.Attachment) plan {
	var steps []step
	for _, prefix := range v.azurePrefixes() {
		route := object{"DestinationCidrBlock": prefix.String(), "TransitGatewayAttachmentId": to.ID}
		steps = append(steps, awsDo("transit-gateway-route-table", v.table, "Routes", "add", route, "remove", prefix.String()))
	}
	return plan{steps: steps, losses: lost(append(v.inAWS(), v.vmNear.Address), v.inAzure(), "vpc", to.Resource)}
}

func bgp() []Injection {
	mismatch := func(name string, do func(*view) []step) Injection {
		return Injection{Code: "BGP_ADDRESS_OR_ASN_MISMATCH", Name: name, BGP: true, ToAWS: "nic-routes", ToAzure: "transit-gateway", plan: func(v *view) plan {
			return plan{steps: do(v), losses: v.unspoken()}
		}}
	}
	onEach := func(do func(v *view, t int) step) func(*view) []step {
		return func(v *view) []step {
			var steps []step
			for t := range v.meant {
				steps = append(steps, do(v, t))
			}
			return steps
		}
	}
	mapped := func(name, field, toAWS, toAzure string, losses func(*view) []Loss) Injection {
		return Injection{Code: "BGP_ROUTES_ZERO_OR_LIMIT", Name: name, BGP: true, ToAWS: toAWS, ToAzure: toAzure, plan: func(v *view) plan {
			id := v.near.ID + "/routeMaps/theirs"
			return plan{steps: []step{azureSet(connectionType, v.links[0].Connection, "properties.routingConfiguration."+field+".id", id)}, losses: losses(v)}
		}}
	}
	return []Injection{
		mismatch("Azure expects another ASN of AWS", onEach(func(v *view, t int) step {
			return azureSet(siteType, v.links[t].Site, v.siteLink(t)+"bgpProperties.asn", 64999)
		})),
		mismatch("Azure expects another BGP address of AWS", onEach(func(v *view, t int) step {
			return azureSet(siteType, v.links[t].Site, v.siteLink(t)+"bgpProperties.bgpPeeringAddress", "169.254.22.1")
		})),
		mismatch("AWS expects another ASN of Azure", func(v *view) []step {
			return []step{awsSet("customer-gateway", v.connection.CustomerGateway, "BgpAsn", 65001, v.connection.CustomerASN)}
		}),
		mismatch("an Azure instance speaks from another address than AWS expects", onEach(func(v *view, t int) step {
			return azureSet(linkType, v.links[t].ID, "properties.vpnGatewayCustomBgpAddresses.0.customBgpIpAddress", fmt.Sprintf("169.254.22.%d", 6+4*t))
		})),
		mapped("Azure takes no route from AWS", "inboundRouteMap", "nic-routes", "", (*view).unlearned),
		mapped("Azure tells AWS no route", "outboundRouteMap", "", "transit-gateway", (*view).untold),
		{
			Code: "AWS_TGW_PROPAGATION_OFF", Name: "the VPN attachment propagates to no table", BGP: true, ToAzure: "transit-gateway",
			plan: func(v *view) plan {
				id := v.attachment(v.connection.ID).ID
				return plan{steps: []step{awsDo("transit-gateway-attachment", id, "Propagations", "remove", v.table, "add", v.table)}, losses: v.untold()}
			},
		},
		{
			Code: "AWS_TGW_ROUTE_MISSING", Name: "static routes to a VPC, which nobody declared, hide what BGP tells", BGP: true, ToAzure: "vpc",
			plan: func(v *view) plan { return v.hidden(v.attachment(v.hostA.VPC)) },
		},
	}
}
