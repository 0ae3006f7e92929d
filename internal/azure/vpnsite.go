package azure

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpnSiteKind = resource.Kind{
	Name: "azure/vpn-site",
	Is:   "What Azure knows of the AWS side of a link.",
	Takes: resource.Takes{
		Create: resource.Span{Least: time.Second, Typical: 12 * time.Second},
		Update: resource.Span{Least: time.Second, Typical: 12 * time.Second},
		Delete: resource.Span{Typical: 10 * time.Second},
	},
	Attrs: []resource.Attr{
		{
			Name: "address_space", Means: "the prefixes of the VPCs behind the link; none where BGP tells them", Fix: resource.InPlace, Members: true,
			Effect: resource.OneNetwork, // the one behind a prefix that goes
			Breaks: "Azure does not send the missing prefixes towards AWS", BreaksExtra: "Azure sends the extra prefixes towards AWS, which does not expect them",
		},
		// An address stands for its link: one that changed is not a link more and
		// a link less, so that this row is one value, of the file's links alone.
		{Name: "link_addresses", Means: "the outside address of each tunnel of AWS", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "Azure dials addresses at which AWS has no tunnel of this link"},
		{
			Name: "other_links", Means: "the links that no tunnel of the file has", Fix: resource.InPlace, Members: true,
			Effect: resource.OneNetwork, // whatever is behind them
			Breaks: "nothing: no other link is ever missing", BreaksExtra: "Azure may dial addresses that nobody declared",
			UsedBy: "azure/vpn-connection.links",
		},
		{Name: rowPeers, Means: "the number and address with which AWS speaks BGP in each tunnel", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "Azure waits for another peer, and the BGP session does not come up"},
		{Name: "device_vendor", Means: "the vendor of the far side, for people", Fix: resource.InPlace, Breaks: "the site says something else of the far side; traffic does not care"},
		{Name: "provider", Means: "the provider of its links, for people", Fix: resource.InPlace, Breaks: "the site says something else of its links' provider; traffic does not care"},
		{Name: "speed_mbps", Means: "the speed of its links, for people", Fix: resource.InPlace, Breaks: "the site says something else of its links' speed; traffic does not care"},
	},
	Breaks:   "Azure knows no far side to connect to",
	Replaced: resource.AllTunnels,
	Deleted:  resource.AllTunnels,
}

// vpnSite is what Azure knows of the AWS side of a link: its prefixes, and a
// link for each tunnel.
type vpnSite struct {
	node
	link desired.Link
	hub  desired.Hub
}

func (c *Cloud) vpnSite(link desired.Link) vpnSite {
	needs := []resource.Need{{On: desired.VirtualWANID(c.file.Azure.VirtualWAN.Name), At: resource.Created}}
	for _, instance := range link.Instances() {
		needs = append(needs, resource.Need{On: desired.AWSConnectionID(link.Name, instance), At: resource.Created})
	}
	for _, vpc := range c.file.RoutedVPCs(link) {
		needs = append(needs, resource.Need{On: desired.VPCID(vpc.Name), At: resource.Ready})
	}
	id := desired.VPNSiteID(link.Name)
	return vpnSite{node{
		cloud: c, at: c.home(), id: id, kind: &vpnSiteKind, needs: needs, locks: []string{string(id)},
	}, link, c.hubNamed(link.Hub)}
}

// Want implements resource.Resource.
func (s vpnSite) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: s.cloud.file.Owner}
	if err := s.cloud.clash(world); err != nil {
		return want, err
	}
	space, err := s.cloud.farPrefixes(s.link, world)
	if err != nil {
		return want, err
	}
	var addresses []string
	for _, tunnel := range s.link.Tunnels() {
		outside, err := world.Fact(desired.AWSConnectionID(tunnel.Link, tunnel.Instance), desired.FactOutsideAddress(tunnel.Number))
		if err != nil {
			return want, err
		}
		addresses = append(addresses, tunnel.Name()+"="+outside.One())
	}
	want.Attrs = resource.Attrs{
		"address_space":  space,
		"link_addresses": resource.Of(addresses...),
		"other_links":    resource.Of(),
		rowPeers:         staged(s.link, world, s.cloud.peers(s.link), world[s.id].Attrs[rowPeers]),
		"device_vendor":  resource.Of(s.link.Site.DeviceVendor),
		"provider":       resource.Of(s.link.Site.Provider),
		"speed_mbps":     numberValue(s.link.Site.SpeedMbps),
	}
	return want, nil
}

// farPrefixes are the prefixes behind a static link: those of every VPC attached
// to its transit gateway, as the file gives them or as AWS has them. The site of
// a link with BGP has none: they would stay when the session that tells them goes.
// As long as AWS's end is a static one, though, nobody else tells them.
func (c *Cloud) farPrefixes(link desired.Link, world resource.World) (resource.Value, error) {
	space := []string{}
	if link.Routing == desired.BGP && !slices.ContainsFunc(link.Instances(), func(instance int) bool {
		return world[desired.AWSConnectionID(link.Name, instance)].Attrs["routing"].One() == string(desired.Static)
	}) {
		return resource.Of(), nil
	}
	for _, vpc := range c.file.RoutedVPCs(link) {
		prefixes := c.given[desired.VPCID(vpc.Name)]
		if len(prefixes) == 0 {
			live, err := world.Fact(desired.VPCID(vpc.Name), desired.FactPrefixes)
			if err != nil {
				return nil, err
			}
			prefixes = live
		}
		space = append(space, prefixes...)
	}
	return resource.Of(space...), nil
}

// Read implements resource.Resource.
func (s vpnSite) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	answer, err := s.at.sites.Get(ctx, s.at.group, s.link.Name, nil)
	if err != nil {
		return s.cloud.notFound(ctx, s.id, "vpnSites/read", err)
	}
	return s.cloud.found(ctx, s.id, s.live(&answer.VPNSite)), nil
}

// live is what Azure says of the site. Links that the file does not have are
// told by their names alone: what they are is nobody's wish.
func (s vpnSite) live(site *armnetwork.VPNSite) resource.Live {
	properties := at(site.Properties)
	phase := phaseOf(properties.ProvisioningState)
	var addresses, others, peers, providers, speeds []string
	for _, link := range present(properties.VPNSiteLinks) {
		settings := at(link.Properties)
		provider := at(settings.LinkProperties)
		name, declared := tunnelNamed(s.link, at(link.Name))
		if !declared {
			others = append(others, name)
			continue
		}
		addresses = append(addresses, name+"="+dialled(settings))
		if peer := peerText(settings.BgpProperties); peer != "" {
			peers = append(peers, name+"="+peer)
		}
		providers = append(providers, at(provider.LinkProviderName))
		speeds = append(speeds, numberValue(at(provider.LinkSpeedInMbps)).One())
	}
	return resource.Live{
		Phase: phase, Ref: at(site.ID), Owner: tag(site.Tags, desired.OwnerTag), Why: waitingFor(phase, properties.ProvisioningState),
		Attrs: resource.Attrs{
			"address_space":  prefixesOf(properties.AddressSpace),
			"link_addresses": resource.Of(addresses...),
			"other_links":    resource.Of(others...),
			rowPeers:         resource.Of(peers...),
			"device_vendor":  resource.Of(at(at(properties.DeviceProperties).DeviceVendor)),
			"provider":       resource.Of(providers...),
			"speed_mbps":     resource.Of(speeds...),
		},
	}
}

// tunnelNamed is the name of a tunnel of the file by what Azure calls its
// link. What no tunnel is called keeps its name, and is not declared.
func tunnelNamed(link desired.Link, name string) (_ string, declared bool) {
	for _, tunnel := range link.Tunnels() {
		if equalFold(tunnel.Name(), name) {
			return tunnel.Name(), true
		}
	}
	return name, false
}

// dialled is the address of a link, or the name under which it is found.
func dialled(link armnetwork.VPNSiteLinkProperties) string {
	return cmp.Or(at(link.IPAddress), at(link.Fqdn))
}

// Apply implements resource.Resource. Links that a PUT leaves out are removed,
// so it carries exactly those wanted, each known one with what it has.
func (s vpnSite) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	site := armnetwork.VPNSite{Location: to.Ptr(s.hub.Location), Tags: s.tags(want.Owner), Properties: &armnetwork.VPNSiteProperties{
		VirtualWan: &armnetwork.SubResource{ID: to.Ptr(s.at.ref("virtualWans", s.cloud.file.Azure.VirtualWAN.Name))},
	}}
	if now.Phase != resource.Absent {
		answer, err := s.at.sites.Get(ctx, s.at.group, s.link.Name, nil)
		if err != nil {
			return problem("vpnSites/read", err)
		}
		site = answer.VPNSite
	}
	if site.Properties == nil {
		site.Properties = &armnetwork.VPNSiteProperties{}
	}
	properties := site.Properties
	if value, named := want.Attrs["address_space"]; named && (len(value) > 0 || properties.AddressSpace != nil) {
		properties.AddressSpace = &armnetwork.AddressSpace{AddressPrefixes: to.SliceOfPtrs(value...)}
	}
	if value, named := want.Attrs["device_vendor"]; named {
		if properties.DeviceProperties == nil {
			properties.DeviceProperties = &armnetwork.DeviceProperties{}
		}
		properties.DeviceProperties.DeviceVendor = to.Ptr(value.One())
	}
	if value, named := want.Attrs["link_addresses"]; named {
		properties.VPNSiteLinks = s.links(present(properties.VPNSiteLinks), value, want.Attrs["other_links"])
	}
	for _, link := range present(properties.VPNSiteLinks) {
		name, declared := tunnelNamed(s.link, at(link.Name))
		if !declared {
			continue
		}
		describe(link, want.Attrs)
		if value, named := want.Attrs[rowPeers]; named {
			setPeer(link.Properties, value, name)
		}
	}
	poller, err := s.at.sites.BeginCreateOrUpdate(ctx, s.at.group, s.link.Name, site, nil)
	return follow(s.cloud, s.id, "vpnSites/write", poller, err)
}

// links makes the links that addresses name, from those that are there where
// they have the same name, and keeps the others that are to stay.
func (s vpnSite) links(links []*armnetwork.VPNSiteLink, addresses, others resource.Value) []*armnetwork.VPNSiteLink {
	var wanted []*armnetwork.VPNSiteLink
	for _, row := range addresses {
		name, address, _ := strings.Cut(row, "=")
		link := &armnetwork.VPNSiteLink{Name: to.Ptr(name), Properties: &armnetwork.VPNSiteLinkProperties{}}
		if i := slices.IndexFunc(links, func(l *armnetwork.VPNSiteLink) bool { return equalFold(at(l.Name), name) }); i >= 0 && links[i].Properties != nil {
			link = links[i]
		}
		if dialled(*link.Properties) != address {
			link.Properties.IPAddress, link.Properties.Fqdn = to.Ptr(address), nil
		}
		wanted = append(wanted, link)
	}
	for _, link := range links {
		if name, declared := tunnelNamed(s.link, at(link.Name)); !declared && others.Has(name) {
			wanted = append(wanted, link)
		}
	}
	return wanted
}

// describe writes the provider and the speed of one link. Values of several
// members are those of links that differ, and stay as they are.
func describe(link *armnetwork.VPNSiteLink, attrs resource.Attrs) {
	if link.Properties == nil {
		link.Properties = &armnetwork.VPNSiteLinkProperties{}
	}
	if link.Properties.LinkProperties == nil {
		link.Properties.LinkProperties = &armnetwork.VPNLinkProviderProperties{}
	}
	if value := attrs["provider"]; len(value) == 1 {
		link.Properties.LinkProperties.LinkProviderName = to.Ptr(value.One())
	}
	if value := attrs["speed_mbps"]; len(value) == 1 {
		link.Properties.LinkProperties.LinkSpeedInMbps = to.Ptr(asNumber[int32](value))
	}
}

// Delete implements resource.Resource.
func (s vpnSite) Delete(ctx context.Context, _ resource.Live) error {
	poller, err := s.at.sites.BeginDelete(ctx, s.at.group, s.link.Name, nil)
	return gone(s.cloud, s.id, "vpnSites/delete", poller, err)
}
