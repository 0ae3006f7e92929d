package azure

import (
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// taggedStrays finds what carries our owner tag and is not what the file
// means, and connections of our gateways that the file does not name.
func (s *sweep) taggedStrays() {
	meant := map[string]bool{}
	for _, live := range s.world {
		meant[canonicalRef(live.Ref)] = true
	}
	for ref, wan := range s.lists.wans.items {
		s.judge(&virtualWANKind, meant[ref], at(wan.ID), wan.Tags, nil)
	}
	for ref, hub := range s.lists.hubs.items {
		s.judge(&virtualHubKind, meant[ref], at(hub.ID), hub.Tags, at(hub.Properties).VirtualWan)
	}
	for ref, site := range s.lists.sites.items {
		s.judge(&vpnSiteKind, meant[ref], at(site.ID), site.Tags, at(site.Properties).VirtualWan)
	}
	for ref, gateway := range s.lists.gateways.items {
		s.judge(&vpnGatewayKind, meant[ref], at(gateway.ID), gateway.Tags, at(gateway.Properties).VirtualHub)
	}
	for _, hub := range s.file.Azure.Hubs {
		s.extraConnections(hub)
	}
}

// judge tells whether a resource is a stray. It is none when the tag of
// another owner is on it, or when it is the very one that the file means. On
// is what it stands on.
func (s *sweep) judge(kind *resource.Kind, meant bool, ref string, tags map[string]*string, on *armnetwork.SubResource) {
	owner := tag(tags, desired.OwnerTag)
	if owner == "" || owner != s.file.Owner || meant {
		return
	}
	stray := resource.Stray{Class: resource.Orphan, Kind: kind.Name, ID: resource.ID(tag(tags, desired.IDTag)), Ref: ref, Owner: owner}
	if on != nil {
		stray.On = []string{at(on.ID)}
	}
	if live := s.world[stray.ID]; live.Ref != "" {
		stray.Class = resource.Duplicate
	}
	s.strays = append(s.strays, stray)
}

// extraConnections finds connections on the gateway of a hub that no link of
// the file names.
func (s *sweep) extraConnections(hub desired.Hub) {
	gateway := s.world[desired.VPNGatewayID(hub.Name)]
	if gateway.Ref == "" || gateway.Owner != s.file.Owner {
		return
	}
	named := map[string]bool{}
	for _, link := range s.file.Links {
		named[canonicalRef(gateway.Ref+"/vpnConnections/"+link.Name)] = link.Hub == hub.Name
	}
	for _, link := range s.file.Links { // one that stands here, and not where the file has it, is judged as the link's
		named[canonicalRef(s.world[desired.AzureConnectionID(link.Name)].Ref)] = true
	}
	item := at(s.lists.gateways.items[canonicalRef(gateway.Ref)])
	for _, connection := range present(at(item.Properties).Connections) {
		if !named[canonicalRef(at(connection.ID))] {
			s.strays = append(s.strays, resource.Stray{Class: resource.Extra, Kind: vpnConnectionKind.Name, Ref: at(connection.ID)})
		}
	}
}
