package azure

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Apply implements resource.Resource. Links that a PUT leaves out are removed,
// so it carries exactly those wanted; and every one with its key, for a PUT
// without it might be taken for an order to clear it.
func (v vpnConnection) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	connection := armnetwork.VPNConnection{}
	if now.Phase != resource.Absent {
		v = v.standing(now.Ref)
		answer, err := v.end.at.connections.Get(ctx, v.end.at.group, v.end.gateway, v.link.Name, nil)
		if err != nil {
			return problem("vpnGateways/vpnConnections/read", err)
		}
		connection = answer.VPNConnection
	}
	if connection.Properties == nil {
		connection.Properties = &armnetwork.VPNConnectionProperties{}
	}
	properties := connection.Properties
	if at(at(properties.RemoteVPNSite).ID) == "" {
		properties.RemoteVPNSite = &armnetwork.SubResource{ID: to.Ptr(v.siteRef())}
	}
	properties.VPNLinkConnections = present(properties.VPNLinkConnections)
	if value, named := want.Attrs["links"]; named {
		links, err := v.links(properties.VPNLinkConnections, value)
		if err != nil {
			return err
		}
		properties.VPNLinkConnections = links
	}
	if err := v.describe(properties.VPNLinkConnections, properties.RemoteVPNSite, want.Attrs); err != nil {
		return err
	}
	properties.RoutingConfiguration = routed(properties.RoutingConfiguration, want.Attrs, v.end.at.ref("virtualHubs", v.end.hub))
	keys, err := v.end.at.fillKeys(ctx, v.end.gateway, &connection, want.Secrets)
	if err != nil {
		return err
	}
	poller, err := v.end.at.connections.BeginCreateOrUpdate(ctx, v.end.at.group, v.end.gateway, v.link.Name, connection, nil)
	return follow(v.cloud, v.id, "vpnGateways/vpnConnections/write", poller, err, want.Secrets, keys)
}

// links makes the link connections that names list, from those that are there
// where they have the same name. A new one gets all that the file says of it;
// one that the file does not have stays, or goes, as it is.
func (v vpnConnection) links(links []*armnetwork.VPNSiteLinkConnection, names resource.Value) ([]*armnetwork.VPNSiteLinkConnection, error) {
	var wanted []*armnetwork.VPNSiteLinkConnection
	there := map[string]bool{}
	for _, link := range links {
		if name, _ := tunnelNamed(v.link, at(link.Name)); names.Has(name) {
			there[name] = true
			wanted = append(wanted, link)
		}
	}
	policy, err := ikePolicyOf(v.link.IKE)
	if err != nil {
		return nil, err
	}
	for _, tunnel := range v.link.Tunnels() {
		name := tunnel.Name()
		if there[name] || !names.Has(name) {
			continue
		}
		link := &armnetwork.VPNSiteLinkConnection{Name: to.Ptr(name), Properties: &armnetwork.VPNSiteLinkConnectionProperties{
			VPNSiteLink:               &armnetwork.SubResource{ID: to.Ptr(v.siteRef() + "/vpnSiteLinks/" + name)},
			VPNConnectionProtocolType: to.Ptr(armnetwork.VirtualNetworkGatewayConnectionProtocolIKEv2),
		}}
		v.shape(link, policy, true, true, true)
		wanted = append(wanted, link)
	}
	return wanted, nil
}

// describe writes what attrs name of each link connection of the file. A value
// that is the cloud's own, because its change is held, is left as it is.
func (v vpnConnection) describe(links []*armnetwork.VPNSiteLinkConnection, site *armnetwork.SubResource, attrs resource.Attrs) error {
	policy, err := ikePolicyOf(v.link.IKE)
	if err != nil {
		return err
	}
	text := ikePolicyText(nil, []*armnetwork.IPSecPolicy{policy})
	for _, link := range links {
		name, declared := tunnelNamed(v.link, at(link.Name))
		if !declared {
			continue
		}
		if link.Properties == nil {
			link.Properties = &armnetwork.VPNSiteLinkConnectionProperties{}
		}
		if attrs["site_links"].Has(name+"="+name) && siteLinkOf(link, site) != name {
			link.Properties.VPNSiteLink = &armnetwork.SubResource{ID: to.Ptr(at(at(site).ID) + "/vpnSiteLinks/" + name)}
		}
		speak(link.Properties, attrs, name)
		v.shape(link, policy,
			attrs["ike_policy"].Has(name+" "+text),
			attrs["mode"].One() == string(v.link.IKE.Initiator),
			attrs["dpd_timeout"].One() == time.Duration(v.link.IKE.DPDTimeout).String())
	}
	return nil
}

// azureModes are the file's names for who starts a tunnel, as Azure's.
var azureModes = map[desired.Initiator]armnetwork.VPNLinkConnectionMode{
	desired.InitiateBoth:  armnetwork.VPNLinkConnectionModeDefault,
	desired.InitiateAzure: armnetwork.VPNLinkConnectionModeInitiatorOnly,
	desired.InitiateAWS:   armnetwork.VPNLinkConnectionModeResponderOnly,
}

func (v vpnConnection) shape(link *armnetwork.VPNSiteLinkConnection, policy *armnetwork.IPSecPolicy, ike, mode, timeout bool) {
	properties := link.Properties
	if ike {
		properties.IPSecPolicies = []*armnetwork.IPSecPolicy{policy}
		properties.VPNConnectionProtocolType = to.Ptr(armnetwork.VirtualNetworkGatewayConnectionProtocolIKEv2)
	}
	if mode {
		properties.VPNLinkConnectionMode = to.Ptr(azureModes[v.link.IKE.Initiator])
	}
	if timeout {
		properties.DpdTimeoutSeconds = to.Ptr(int32(time.Duration(v.link.IKE.DPDTimeout).Seconds()))
	}
}
