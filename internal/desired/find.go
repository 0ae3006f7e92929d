package desired

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"linkd/internal/resource"
)

// HubNamed returns the hub called name, or nil.
func (f *File) HubNamed(name string) *Hub {
	for _, hub := range f.hubs() {
		if hub.Name == name {
			return hub
		}
	}
	return nil
}

// TransitGatewayNamed returns the transit gateway called name, or nil.
func (f *File) TransitGatewayNamed(name string) *TransitGateway {
	for _, gateway := range f.transitGateways() {
		if gateway.Name == name {
			return gateway
		}
	}
	return nil
}

// LinkNamed returns the link called name, or nil.
func (f *File) LinkNamed(name string) *Link {
	for _, link := range f.links() {
		if link.Name == name {
			return link
		}
	}
	return nil
}

// VNetNamed returns the VNet called name, or nil.
func (f *File) VNetNamed(name string) *VNet {
	for _, vnet := range f.vnets() {
		if vnet.Name == name {
			return vnet
		}
	}
	return nil
}

// VPCNamed returns the VPC called name, or nil.
func (f *File) VPCNamed(name string) *VPC {
	for _, vpc := range f.vpcs() {
		if vpc.Name == name {
			return vpc
		}
	}
	return nil
}

// HubOfVNet returns the hub that the VNet called name is attached to, or nil.
func (f *File) HubOfVNet(name string) *Hub {
	for _, hub := range f.hubs() {
		for _, vnet := range hub.VNets {
			if vnet.Name == name {
				return hub
			}
		}
	}
	return nil
}

// TransitGatewayOfVPC returns the transit gateway that the VPC called name is
// attached to, or nil.
func (f *File) TransitGatewayOfVPC(name string) *TransitGateway {
	for _, gateway := range f.transitGateways() {
		for _, vpc := range gateway.VPCs {
			if vpc.Name == name {
				return gateway
			}
		}
	}
	return nil
}

// LinksOfHub lists the links that end at the VPN gateway of a hub, in file order.
func (f *File) LinksOfHub(hub string) []Link {
	var links []Link
	for _, link := range f.Links {
		if link.Hub == hub {
			links = append(links, link)
		}
	}
	return links
}

// LinksOfTransitGateway lists the links that end at a transit gateway, in
// file order.
func (f *File) LinksOfTransitGateway(gateway string) []Link {
	var links []Link
	for _, link := range f.Links {
		if link.TransitGateway == gateway {
			links = append(links, link)
		}
	}
	return links
}

// TransitGateways lists the transit gateways of all regions, in file order.
func (f *File) TransitGateways() []TransitGateway {
	var all []TransitGateway
	for _, region := range f.AWS.Regions {
		all = append(all, region.TransitGateways...)
	}
	return all
}

// Tunnels lists every expected pair of the file, link by link.
func (f *File) Tunnels() []Tunnel {
	var all []Tunnel
	for _, link := range f.Links {
		all = append(all, link.Tunnels()...)
	}
	return all
}

// LinkOf returns the name of the link that a resource belongs to alone, or "".
func (f *File) LinkOf(id resource.ID) string {
	for _, link := range f.Links {
		if slices.Contains(link.ids(), id) {
			return link.Name
		}
	}
	return ""
}

// Former lists, of the names of links that Azure shows, those of tunnels that a link may have
// and that this one does not have in the file: it had them before. Each name may be
// followed by a space or "=" and more.
func (l Link) Former(names resource.Value) []Tunnel {
	var former []Tunnel
	for _, instance := range []int{Preferred, Standby} {
		for number := 1; number <= 2; number++ {
			t := Tunnel{Link: l.Name, Instance: instance, Number: number}
			named := func(member string) bool {
				name, _, _ := strings.Cut(member, " ")
				name, _, _ = strings.Cut(name, "=")
				return strings.EqualFold(name, t.Name())
			}
			if !slices.Contains(l.Tunnels(), t) && slices.ContainsFunc(names, named) {
				former = append(former, t)
			}
		}
	}
	return former
}

// ids lists the resources that a link has for itself.
func (l Link) ids() []resource.ID {
	ids := []resource.ID{VPNSiteID(l.Name), AzureConnectionID(l.Name)}
	for _, instance := range l.Instances() {
		ids = append(ids, CustomerGatewayID(l.Name, instance), AWSConnectionID(l.Name, instance))
	}
	for _, tunnel := range l.Tunnels() {
		ids = append(ids, AzureTunnelID(tunnel), AWSTunnelID(tunnel))
	}
	return ids
}

// The iterators below walk one kind of thing, each with the path where it is
// written.

func (f *File) hubs() iter.Seq2[string, *Hub] { return each("azure.hubs", f.Azure.Hubs) }

func (f *File) links() iter.Seq2[string, *Link] { return each("links", f.Links) }

func (f *File) targets() iter.Seq2[string, *Target] { return each("probes.targets", f.Probes.Targets) }

func (f *File) regions() iter.Seq2[string, *Region] { return each("aws.regions", f.AWS.Regions) }

func (f *File) vnets() iter.Seq2[string, *VNet] {
	return within(f.hubs(), "vnets", func(hub *Hub) []VNet { return hub.VNets })
}

func (f *File) transitGateways() iter.Seq2[string, *TransitGateway] {
	return within(f.regions(), "transit_gateways", func(region *Region) []TransitGateway { return region.TransitGateways })
}

func (f *File) vpcs() iter.Seq2[string, *VPC] {
	return within(f.transitGateways(), "vpcs", func(gateway *TransitGateway) []VPC { return gateway.VPCs })
}

// each walks a list.
func each[T any](path string, items []T) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for i := range items {
			if !yield(fmt.Sprintf("%s[%d]", path, i), &items[i]) {
				return
			}
		}
	}
}

// within walks a list that stands in each item of an outer one.
func within[O, T any](outer iter.Seq2[string, *O], key string, items func(*O) []T) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for path, o := range outer {
			for at, item := range each(join(path, key), items(o)) {
				if !yield(at, item) {
					return
				}
			}
		}
	}
}
