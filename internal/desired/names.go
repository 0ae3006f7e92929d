package desired

import (
	"strconv"

	"linkd/internal/resource"
)

// The tags that mark a resource as ours, in both clouds. Both are written in
// the create call itself.
const (
	OwnerTag = "linkd-owner" // the file's owner
	IDTag    = "linkd-id"    // the resource's id

	// RouteTableTag of a transit gateway names its default route table as linkd
	// found it at the build, so that a swap is seen.
	RouteTableTag = "linkd-route-table"

	// KeysTag of an AWS VPN connection is its [KeyNote].
	KeysTag = "linkd-keys"

	// NameTag is how the console of AWS shows a name.
	NameTag = "Name"
)

// The ids of all resources. This is the one place where they are made: each
// adapter finds the other's facts by these, and by the fact names below.

// VirtualWANID is the id of the virtual WAN.
func VirtualWANID(wan string) resource.ID { return resource.ID("azure/virtual-wan/" + wan) }

// HubID is the id of a virtual hub.
func HubID(hub string) resource.ID { return resource.ID("azure/virtual-hub/" + hub) }

// VNetID is the id of an existing VNet.
func VNetID(vnet string) resource.ID { return resource.ID("azure/vnet/" + vnet) }

// VNetConnectionID is the id of the connection of a VNet to its hub.
func VNetConnectionID(vnet string) resource.ID { return resource.ID("azure/vnet-connection/" + vnet) }

// VPNGatewayID is the id of the VPN gateway on a hub.
func VPNGatewayID(hub string) resource.ID { return resource.ID("azure/vpn-gateway/" + hub) }

// VPNSiteID is the id of the VPN site of a link.
func VPNSiteID(link string) resource.ID { return resource.ID("azure/vpn-site/" + link) }

// AzureConnectionID is the id of the Azure VPN connection of a link.
func AzureConnectionID(link string) resource.ID { return resource.ID("azure/vpn-connection/" + link) }

// HubRoutesID is the id of the effective routes of a hub's default table.
func HubRoutesID(hub string) resource.ID { return resource.ID("azure/hub-routes/" + hub) }

// AzureTunnelID is the id of a tunnel as Azure sees it.
func AzureTunnelID(t Tunnel) resource.ID { return resource.ID("azure/vpn-tunnel/" + t.Name()) }

// TransitGatewayID is the id of a transit gateway.
func TransitGatewayID(tgw string) resource.ID { return resource.ID("aws/transit-gateway/" + tgw) }

// VPCID is the id of an existing VPC.
func VPCID(vpc string) resource.ID { return resource.ID("aws/vpc/" + vpc) }

// VPCAttachmentID is the id of the attachment of a VPC to its transit gateway.
func VPCAttachmentID(vpc string) resource.ID { return resource.ID("aws/vpc-attachment/" + vpc) }

// CustomerGatewayID is the id of the customer gateway of a link for one
// instance of its VPN gateway.
func CustomerGatewayID(link string, instance int) resource.ID {
	return resource.ID("aws/customer-gateway/" + link + "-" + strconv.Itoa(instance))
}

// RetiredID is the id tag of a customer gateway that another has replaced,
// until it can go.
func RetiredID(customerGateway resource.ID) resource.ID { return customerGateway + "/retired" }

// AWSConnectionID is the id of the AWS VPN connection of a link to one
// instance of its VPN gateway.
func AWSConnectionID(link string, instance int) resource.ID {
	return resource.ID("aws/vpn-connection/" + link + "-" + strconv.Itoa(instance))
}

// TransitGatewayRoutesID is the id of the default route table of a transit gateway.
func TransitGatewayRoutesID(tgw string) resource.ID { return resource.ID("aws/tgw-routes/" + tgw) }

// LearnedRoutesID is the id of what a transit gateway learns by BGP.
func LearnedRoutesID(tgw string) resource.ID { return resource.ID("aws/learned-routes/" + tgw) }

// PeeringID is the id of the attachment that joins two transit gateways.
func PeeringID(peering string) resource.ID { return resource.ID("aws/peering-attachment/" + peering) }

// VPCRoutesID is the id of a VPC route table, "rtb-…".
func VPCRoutesID(table string) resource.ID { return resource.ID("aws/vpc-routes/" + table) }

// AWSTunnelID is the id of a tunnel as AWS sees it.
func AWSTunnelID(t Tunnel) resource.ID { return resource.ID("aws/vpn-tunnel/" + t.Name()) }

// Tunnel is one expected pair: an AWS tunnel and the one instance of the
// Azure gateway that it answers.
type Tunnel struct {
	Link     string
	Instance int // of the Azure gateway, and of the customer gateway: 0 or 1
	Number   int // of the tunnel in its AWS connection: 1 or 2
}

// Name is the tunnel's name, and that of its link in the VPN site:
// "tokyo-0-1".
func (t Tunnel) Name() string {
	return t.Link + "-" + strconv.Itoa(t.Instance) + "-" + strconv.Itoa(t.Number)
}

// The facts that resources tell each other, by attribute name.
const (
	// FactPrefixes of a VNet or VPC: its address space, live.
	FactPrefixes = "prefixes"
	// FactHub of an Azure VPN connection: the hub at whose gateway it stands.
	FactHub = "hub"
	// FactAttachment of an AWS VPN connection: its transit gateway attachment.
	FactAttachment = "attachment"
	// FactFormerWay of the routes of a transit gateway: the static ones that lead to a VPN
	// connection which is none of the file's: of a link that had two, for instance.
	FactFormerWay = "former_way"
	// FactLedTo of the routes of a transit gateway: the attachments to which static ones
	// lead that are active.
	FactLedTo = "led_to"
	// FactFarEnd of a peering attachment: the id that the accepter's transit gateway
	// has of it. Between regions it is the requester's, within one it is another.
	FactFarEnd = "far_end"
	// FactKeyNote of an AWS VPN connection: its [KeyNote], as text. Empty: none.
	FactKeyNote = "key_note"
	// FactRouteTable of a transit gateway: the table that attachments are meant
	// to be associated with, which is its default one unless that was swapped.
	FactRouteTable = "route_table"
	// FactIngress of a tunnel as Azure sees it: the bytes that its link connection
	// has carried into Azure.
	FactIngress = "ingress_bytes"
	// FactEgress is what it has carried out of Azure.
	FactEgress = "egress_bytes"
)

// FactInstanceAddress of a VPN gateway: the public address of an instance.
func FactInstanceAddress(instance int) string {
	return "instance_" + strconv.Itoa(instance) + "_address"
}

// FactOutsideAddress of an AWS VPN connection: the outside address of a tunnel.
func FactOutsideAddress(number int) string {
	return "tunnel_" + strconv.Itoa(number) + "_outside_address"
}

// FactDrill of an AWS VPN connection: the drill that took a tunnel down last, by
// this process; it is wanted of a connection by drills alone.
func FactDrill(number int) string { return "tunnel_" + strconv.Itoa(number) + "_drill" }

// FactKey of an AWS VPN connection, in Secrets: the pre-shared key of a tunnel.
func FactKey(number int) string { return "key/" + strconv.Itoa(number) }

// Tunnels lists the expected pairs of a link: one for single, both tunnels
// to instance 0 for tunnels, both tunnels to both instances for full.
func (l Link) Tunnels() []Tunnel {
	shape := map[Redundancy][][2]int{
		Single:  {{0, 1}},
		Tunnels: {{0, 1}, {0, 2}},
		Full:    {{0, 1}, {0, 2}, {1, 1}, {1, 2}},
	}
	var tunnels []Tunnel
	for _, pair := range shape[l.Redundancy] {
		tunnels = append(tunnels, Tunnel{Link: l.Name, Instance: pair[0], Number: pair[1]})
	}
	return tunnels
}

// Instances lists the instances of the Azure gateway that a link uses, each
// with a customer gateway and an AWS VPN connection of its own.
func (l Link) Instances() []int {
	if l.Redundancy == Full {
		return []int{0, 1}
	}
	return []int{0}
}

// The names that resources have in the clouds. The virtual WAN, hubs, VPN
// gateways and transit gateways are called as the file says.

// VNetConnectionName is the name of the connection of a VNet to its hub.
func VNetConnectionName(vnet string) string { return vnet }

// VPNSiteName is the name of the VPN site of a link. Its site links are
// called as the tunnels, see [Tunnel.Name].
func VPNSiteName(link string) string { return link }

// AzureConnectionName is the name of the Azure VPN connection of a link. Its
// link connections are called as the tunnels, see [Tunnel.Name].
func AzureConnectionName(link string) string { return link }

// VPCAttachmentName is the Name tag of the attachment of a VPC.
func (f *File) VPCAttachmentName(vpc string) string { return f.Owner + "-" + vpc }

// PeeringName is the Name tag of the attachment of a peering.
func (f *File) PeeringName(peering string) string { return f.Owner + "-" + peering }

// AWSName is the Name tag of the customer gateway and of the AWS VPN
// connection of a link for one instance.
func (f *File) AWSName(link string, instance int) string {
	return f.Owner + "-" + link + "-" + strconv.Itoa(instance)
}

// DeviceName is the device name of the customer gateway of a link. AWS gives
// back an existing customer gateway when type, address, ASN and device name
// are the same, perhaps somebody else's: this name makes it ours.
func (f *File) DeviceName(link string, instance int) string {
	return "linkd-" + f.AWSName(link, instance)
}
