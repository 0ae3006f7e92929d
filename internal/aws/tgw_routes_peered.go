package aws

import (
	"linkd/internal/desired"
	"linkd/internal/resource"
)

// overPeering is a peering of a transit gateway and the networks behind it.
type overPeering struct {
	peering  resource.ID
	from, to resource.ID
	accepts  bool // whether this transit gateway is the accepter
	networks []network
}

// overPeerings lists what a transit gateway reaches over its peerings, which know
// static routes only: the VPCs of its peers, and the VNets by one of them where it
// has no link of its own.
func (c *Cloud) overPeerings(gateway string) []overPeering {
	var all []overPeering
	for _, peer := range c.file.Peers(gateway) {
		over := overPeering{
			peering: desired.PeeringID(peer.Peering.Name), accepts: peer.Peering.Accepter() == gateway,
			from: desired.TransitGatewayID(peer.Peering.Requester()), to: desired.TransitGatewayID(peer.Peering.Accepter()),
		}
		for _, v := range peer.Gateway.VPCs {
			over.networks = append(over.networks, vpcNetwork(v))
		}
		for _, vnet := range c.vnets() {
			if way, has := c.file.PeerTowards(gateway, vnet.hub); has && way.Peering.Name == peer.Peering.Name {
				over.networks = append(over.networks, vnet)
			}
		}
		all = append(all, over)
	}
	return all
}

// attachment is the peering as this transit gateway has it. Nothing is led over one
// that another owner has made, that leads to another transit gateway than the file's, or
// that waits to be accepted.
func (p overPeering) attachment(world resource.World, owner string) (string, error) {
	live := world[p.peering]
	away := func(attr string, gateway resource.ID) bool {
		return live.Attrs[attr].One() != "" && live.Attrs[attr].One() != world[gateway].Ref
	}
	if live.Owner != "" && live.Owner != owner || live.Attrs[attrAccepted].One() == "no" || away("transit_gateway", p.from) || away(attrPeer, p.to) {
		return "", resource.NotYet{Need: p.peering}
	}
	if !p.accepts {
		return world.Ref(p.peering)
	}
	end, err := world.Fact(p.peering, desired.FactFarEnd)
	return end.One(), err
}

// peered are the routes over peerings. What the table leads elsewhere already is
// claimed. Of a peering that cannot be led over, which is told as not known yet, they
// are those that stand.
func (r *transitGatewayRoutes) peered(world resource.World, claimed claims) (members []string, unknown resource.Partly, err error) {
	stand := world[r.id].Attrs[attrRoutes]
	for _, over := range r.beyond {
		var all []string
		for _, n := range over.networks {
			prefixes, err := n.prefixes(world)
			if err != nil {
				return nil, nil, err
			}
			if err := claimed.add(n.id, prefixes); err != nil {
				return nil, nil, err
			}
			for _, prefix := range prefixes {
				all = append(all, prefix.String())
			}
		}
		attachment, err := over.attachment(world, r.cloud.file.Owner)
		if err != nil {
			members, unknown = append(members, standing(stand, all)...), append(unknown, err)
			continue
		}
		for _, prefix := range all {
			route := member(prefix, attachment)
			if world[over.peering].Owner == r.cloud.file.Owner || stand.Has(route) {
				members = append(members, route)
				continue
			}
			members, unknown = append(members, standing(stand, []string{prefix})...), append(unknown, resource.NotYet{Need: over.peering})
		}
	}
	return members, unknown, nil
}
