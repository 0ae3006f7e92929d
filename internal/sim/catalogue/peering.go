package catalogue

import "slices"

// Peering is a peering of a file, with what [Peering.Entries] needs to know of it.
// The built-in scenario has one transit gateway, so that none of these entries
// is among [Entries].
type Peering struct {
	Kind, Name  string // of the resource: "aws/peering-attachment" and "pacific" are aws/peering-attachment/pacific
	Owner       string // of the file
	Asks, Asked PeeringEnd
}

// PeeringEnd is one of the two transit gateways.
type PeeringEnd struct {
	Region, Gateway string // the gateway by its tag Name
	VPC             string // one that is attached to it, by its id
	Far             string // a prefix that its table leads to the peering
}

// Entries is what goes wrong with a peering. Its ends have an association and
// static routes each; what ends it, ends it at both.
func (g Peering) Entries() []Entry {
	return slices.Concat(g.gone(), g.replaced(), g.strays(), g.misled(g.Asks, "association"), g.misled(g.Asked, "peer_association"), g.rerouted(g.Asks), g.rerouted(g.Asked))
}

func (g Peering) id() string { return g.Kind + "/" + g.Name }

// end is where an end of the peering is, as a mutation names it.
func (g Peering) end(e PeeringEnd) func(Place) string {
	other := g.Asked
	if e == g.Asked {
		other = g.Asks
	}
	return func(p Place) string { return e.Region + "/" + p.peering(e.Region, e.Gateway, other.Gateway).ID }
}

// gone is the peering that is not there, or not ours, any more.
func (g Peering) gone() []Entry {
	routes := []string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}
	edit := func(op, field string, value any) Step {
		return onID(aws(op, attachments, "", field, value), g.end(g.Asks))
	}
	return []Entry{
		{
			Name: "a peering is deleted", Key: g.Kind + ".missing", On: g.id(), Cuts: CutsAll, Anew: true, Beside: routes,
			Do: []Step{edit("delete", "", nil)},
		},
		{
			Name: "a peering is deleted by who was asked", Key: g.Kind + ".missing", On: g.id(), Cuts: CutsAll, Anew: true, Beside: routes,
			Do: []Step{onID(aws("delete", attachments, "", "", nil), g.end(g.Asked))},
		},
		{
			Name: "a peering has failed", Key: g.Kind + ".failed", On: g.id(), Cuts: CutsAll, Anew: true, Beside: routes,
			Do: []Step{edit("set", "State", "failed")},
		},
		{
			Name: "the tags of a peering are stripped", Key: g.Kind + ".unowned", On: g.id(), Lasts: notOurs,
			Do:   []Step{edit("unset", "Tags", nil)},
			Then: []Step{edit("set", "Tags.linkd-owner", g.Owner), edit("set", "Tags.linkd-id", g.id()), edit("set", "Tags.Name", g.Owner+"-"+g.Name)},
		},
		{
			Name: "a peering is renamed", On: g.id(),
			Do: []Step{edit("set", "Tags.Name", "theirs")}, Then: []Step{edit("set", "Tags.Name", g.Owner+"-"+g.Name)},
		},
	}
}

// another is a step that makes a peering between two transit gateways, with our tags
// and an id.
func (g Peering) another(from, to, id string, accepted bool) Step {
	return withID(aws("create", "transit-gateway-peering-attachment", g.Asks.Region, "", nil), func(p Place) any {
		asked := p.thing("TransitGateways", to)
		return object{
			"TransitGatewayId": p.ID("TransitGateways", from), "PeerTransitGatewayId": asked.ID, "PeerAccountId": asked.Owner, "PeerRegion": g.Asked.Region,
			"Accepted": accepted, "TagSpecification": named("transit-gateway-attachment",
				object{"Key": "Name", "Value": "stray"}, object{"Key": "linkd-owner", "Value": g.Owner}, object{"Key": "linkd-id", "Value": id}),
		}
	})
}

// theirs is a step that makes another transit gateway in a region.
func (g Peering) theirs(region string) Step {
	return aws("create", gateways, region, "", object{"TagSpecification": named("transit-gateway", object{"Key": "Name", "Value": "theirs"})})
}

// replaced is the peering in whose place another stands.
func (g Peering) replaced() []Entry {
	routes := []string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}
	without := onID(aws("delete", attachments, "", "", nil), g.end(g.Asks))
	return []Entry{
		{
			Name: "a peering waits to be accepted", Key: g.Kind + ".accepted", On: g.id(), Cuts: CutsAll, Anew: true, Beside: routes,
			Do: []Step{without, g.another(g.Asks.Gateway, g.Asked.Gateway, g.id(), false)},
		},
		{
			Name: "a peering joins another transit gateway here", Key: g.Kind + ".transit_gateway", On: g.id(), Cuts: CutsAll, Anew: true, Beside: routes,
			Do:   []Step{without, g.theirs(g.Asks.Region), g.another("theirs", g.Asked.Gateway, g.id(), true)},
			Then: []Step{aws("delete", gateways, "theirs", "", nil)},
		},
		{
			Name: "a peering joins another transit gateway there", Key: g.Kind + ".peer", On: g.id(), Cuts: CutsAll, Anew: true, Beside: routes,
			Do:   []Step{without, g.theirs(g.Asked.Region), g.another(g.Asks.Gateway, "theirs", g.id(), true)},
			Then: []Step{aws("delete", gateways, "theirs", "", nil)},
		},
	}
}

// strays are peerings with our tags that the file does not mean. Two transit
// gateways have one peering at most, so a third one asks.
func (g Peering) strays() []Entry {
	do := func(id string) []Step {
		return []Step{g.theirs(g.Asks.Region), g.another("theirs", g.Asked.Gateway, id, true)}
	}
	apart := []Step{aws("delete", "transit-gateway-peering-attachment", "stray", "", nil), aws("delete", gateways, "theirs", "", nil)}
	return []Entry{
		{Name: "a peering of an earlier file is left", Key: g.Kind + ".orphan", Lasts: onlyDestroy, Do: do(g.Kind + "/old"), Then: apart},
		{Name: "a second peering carries our tags", Key: g.Kind + ".duplicate", Lasts: eitherInUse, Do: do(g.id()), Then: apart},
	}
}

// misled is an end whose table is none, or not ours.
func (g Peering) misled(e PeeringEnd, attr string) []Entry {
	edit := func(op string) Step { return onID(aws(op, attachments, "", "Association", nil), g.end(e)) }
	other := withID(aws("create", gatewayTables, e.Region, "", nil), func(p Place) any {
		return object{
			"TransitGatewayId":  p.ID("TransitGateways", e.Gateway),
			"TagSpecifications": named("transit-gateway-route-table", object{"Key": "Name", "Value": "theirs"}),
		}
	})
	return []Entry{
		{
			Name: "a peering is associated with no table at " + e.Gateway, Key: g.Kind + "." + attr, On: g.id(), Cuts: CutsAll,
			Do: []Step{edit("unset")},
		},
		{
			Name: "a peering is associated with another table at " + e.Gateway, Key: g.Kind + "." + attr, On: g.id(), Cuts: CutsAll,
			Do:   []Step{other, withID(edit("set"), func(p Place) any { return p.ID("RouteTables", "theirs") })},
			Then: []Step{aws("delete", gatewayTables, "theirs", "", nil)},
		},
	}
}

// rerouted is a static route that should lead to the peering and does not.
func (g Peering) rerouted(e PeeringEnd) []Entry {
	entry := func(says, op string, value func(Place) any) Entry {
		return Entry{
			Name: "a route of " + e.Gateway + " to a peering " + says, Key: "aws/tgw-routes.routes", On: "aws/tgw-routes/" + e.Gateway, Cuts: CutsAll,
			Beside: []string{"aws/tgw-routes.routes.extra"},
			Do:     []Step{onID(withID(aws(op, gatewayTables, "", "Routes", nil), value), func(p Place) string { return p.Table(e.Gateway) })},
		}
	}
	return []Entry{
		entry("is deleted", "remove", func(Place) any { return e.Far }),
		entry("is a blackhole", "set", func(Place) any { return object{"DestinationCidrBlock": e.Far} }),
		entry("leads elsewhere", "set", func(p Place) any {
			return object{"DestinationCidrBlock": e.Far, "TransitGatewayAttachmentId": p.ID("Attachments", e.VPC)}
		}),
	}
}

// named is the tag specification of a call, with these tags.
func named(kind string, tags ...any) []any {
	return []any{object{"ResourceType": kind, "Tag": tags}}
}
