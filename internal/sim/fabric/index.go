package fabric

import (
	"net/netip"
	"strings"
)

// index finds the parts of both sides by their ids. Ids of Azure are folded:
// its resource ids are the same in any case.
type index struct {
	hubs        map[string]Hub
	vnets       map[string]VNet
	vnetsOf     map[string][]VNet    // by hub
	gateways    map[string]Gateway   //
	gatewaysOf  map[string][]Gateway // by hub
	linksOf     map[string][]LinkConnection
	initiators  map[string]bool // link connections that dial by themselves
	vmsByNIC    map[string]VM
	vmsByAddr   map[netip.Addr][]VM
	hostsByAddr map[netip.Addr][]EC2

	ends            map[netip.Addr]end // AWS tunnels by outside address
	connections     map[string]VPNConnection
	transitGateways map[string]TransitGateway
	vpcs            map[string]VPC
	tableOwners     map[string]string // transit gateway route table to transit gateway
	spans           map[string]bool   // peering attachments that lead to another region
}

// end is an AWS tunnel and its connection.
type end struct {
	connection VPNConnection
	tunnel     AWSTunnel
}

func fold(id string) string { return strings.ToLower(id) }

func newIndex(azure Azure, aws AWS) index {
	x := index{
		hubs: map[string]Hub{}, vnets: map[string]VNet{}, vnetsOf: map[string][]VNet{},
		gateways: map[string]Gateway{}, gatewaysOf: map[string][]Gateway{},
		linksOf: map[string][]LinkConnection{}, initiators: map[string]bool{},
		vmsByNIC: map[string]VM{}, vmsByAddr: map[netip.Addr][]VM{}, hostsByAddr: map[netip.Addr][]EC2{},
		ends: map[netip.Addr]end{}, connections: map[string]VPNConnection{},
		transitGateways: map[string]TransitGateway{}, vpcs: map[string]VPC{}, tableOwners: map[string]string{},
		spans: map[string]bool{},
	}
	x.addAzure(azure)
	x.addAWS(aws)
	return x
}

func (x *index) addAzure(azure Azure) {
	for _, hub := range azure.Hubs {
		x.hubs[fold(hub.ID)] = hub
	}
	for _, vnet := range azure.VNets {
		x.vnets[fold(vnet.ID)] = vnet
		x.vnetsOf[fold(vnet.Hub)] = append(x.vnetsOf[fold(vnet.Hub)], vnet)
	}
	for _, gateway := range azure.Gateways {
		x.gateways[fold(gateway.ID)] = gateway
		x.gatewaysOf[fold(gateway.Hub)] = append(x.gatewaysOf[fold(gateway.Hub)], gateway)
	}
	for _, link := range azure.Links {
		x.linksOf[fold(link.Gateway)] = append(x.linksOf[fold(link.Gateway)], link)
		x.initiators[fold(link.ID)] = link.Mode != "ResponderOnly"
	}
	for _, vm := range azure.VMs {
		x.vmsByNIC[fold(vm.NIC)] = vm
		x.vmsByAddr[vm.Address] = append(x.vmsByAddr[vm.Address], vm)
	}
}

func (x *index) addAWS(aws AWS) {
	for _, connection := range aws.Connections {
		x.connections[connection.ID] = connection
		for _, tunnel := range connection.Tunnels {
			x.ends[tunnel.Outside] = end{connection, tunnel}
		}
	}
	for _, gateway := range aws.TransitGateways {
		x.transitGateways[gateway.ID] = gateway
		for _, table := range gateway.Tables {
			x.tableOwners[table.ID] = gateway.ID
		}
	}
	for _, gateway := range aws.TransitGateways {
		for _, attachment := range gateway.Attachments {
			if peer, peered := x.transitGateways[attachment.Peer]; peered && peer.Region != gateway.Region {
				x.spans[attachment.ID] = true
			}
		}
	}
	for _, vpc := range aws.VPCs {
		x.vpcs[vpc.ID] = vpc
	}
	for _, host := range aws.Instances {
		x.hostsByAddr[host.Address] = append(x.hostsByAddr[host.Address], host)
	}
}

// attachment finds an attachment of a transit gateway.
func (t TransitGateway) attachment(id string) (Attachment, bool) {
	for _, attachment := range t.Attachments {
		if attachment.ID == id {
			return attachment, true
		}
	}
	return Attachment{}, false
}

// subnet finds a subnet of a VNet; the zero subnet filters and routes nothing.
func (v VNet) subnet(id string) AzureSubnet {
	for _, subnet := range v.Subnets {
		if strings.EqualFold(subnet.ID, id) {
			return subnet
		}
	}
	return AzureSubnet{}
}

// subnet finds a subnet of a VPC; the zero subnet has no routes.
func (v VPC) subnet(id string) EC2Subnet {
	for _, subnet := range v.Subnets {
		if subnet.ID == id {
			return subnet
		}
	}
	return EC2Subnet{}
}
