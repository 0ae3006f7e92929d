package failures

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
)

type object = map[string]any

// view is the clouds and the link that stands in them.
type view struct {
	azure     fabric.Azure
	aws       fabric.AWS
	resources object                         // Azure's dump, by id
	options   map[string]map[string][]string // of AWS tunnels, by outside address: those that are set
	acls      map[string]string              // network ACLs by subnet

	near, far      fabric.Hub // the one with the gateway, and the other
	vmNear, vmFar  fabric.VM
	hostA, hostB   fabric.EC2
	gateway        fabric.Gateway
	links          []fabric.LinkConnection // of the expected tunnels, in the order of meant
	meant          []fabric.Pair
	connection     fabric.VPNConnection
	transitGateway fabric.TransitGateway
	table          string // the route table that the VPN attachment is associated with

	now     time.Time // of the simulator
	problem error     // why there is no link to break
}

// look finds the link.
func look(at *sim.Simulator) (*view, error) {
	text, err := json.Marshal(at.Dump())
	if err != nil {
		return nil, fmt.Errorf("cannot encode the state of the clouds: %w", err)
	}
	var d dump
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("cannot read the state of the clouds: %w", err)
	}
	v := &view{resources: d.Azure.Resources, options: d.options(), acls: d.acls()}
	v.azure, v.aws = at.Sides()
	v.now = at.Now()
	v.problem = v.find(at.Tunnels())
	return v, nil
}

// dump is as much of the simulator's state as is needed.
type dump struct {
	Azure struct{ Resources object }
	AWS   map[string]struct {
		NetworkACLs []struct {
			ID           string
			Associations []struct{ Subnet string }
		}
		Connections []struct {
			Options struct {
				Tunnels []struct {
					Outside string
					Options map[string][]string
				}
			}
		}
	}
}

func (d dump) options() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for _, region := range d.AWS {
		for _, connection := range region.Connections {
			for _, tunnel := range connection.Options.Tunnels {
				all[tunnel.Outside] = tunnel.Options
			}
		}
	}
	return all
}

func (d dump) acls() map[string]string {
	all := map[string]string{}
	for _, region := range d.AWS {
		for _, acl := range region.NetworkACLs {
			for _, association := range acl.Associations {
				all[association.Subnet] = acl.ID
			}
		}
	}
	return all
}

var errNoLink = errors.New("no link stands between the machines of the scenario")

func (v *view) find(pairs []fabric.Pair) error {
	if len(v.azure.Gateways) != 1 || len(v.azure.Hubs) != 2 || len(v.azure.VMs) < 2 || len(v.aws.Instances) < 2 ||
		len(v.aws.Connections) != 1 || len(v.aws.TransitGateways) < 1 {
		return errNoLink
	}
	v.gateway, v.connection = v.azure.Gateways[0], v.aws.Connections[0]
	v.hostA, v.hostB = v.aws.Instances[0], v.aws.Instances[1]
	for _, gateway := range v.aws.TransitGateways {
		if gateway.ID == v.connection.TransitGateway {
			v.transitGateway = gateway
		}
	}
	for _, hub := range v.azure.Hubs {
		if strings.EqualFold(hub.ID, v.gateway.Hub) {
			v.near = hub
		} else {
			v.far = hub
		}
	}
	v.vmNear, v.vmFar = v.azure.VMs[0], v.azure.VMs[1]
	v.table = v.attachment(v.connection.ID).Table
	for _, pair := range pairs {
		if !pair.Meant || pair.LinkConnection == "" {
			continue
		}
		v.meant = append(v.meant, pair)
		i := slices.IndexFunc(v.azure.Links, func(l fabric.LinkConnection) bool { return l.ID == pair.LinkConnection })
		v.links = append(v.links, v.azure.Links[i])
	}
	return nil
}

// attachment is the transit gateway's attachment of a VPC or a connection.
func (v *view) attachment(resource string) fabric.Attachment {
	for _, a := range v.transitGateway.Attachments {
		if a.Resource == resource {
			return a
		}
	}
	return fabric.Attachment{}
}

func (v *view) vpc(host fabric.EC2) fabric.VPC {
	i := slices.IndexFunc(v.aws.VPCs, func(vpc fabric.VPC) bool { return vpc.ID == host.VPC })
	return v.aws.VPCs[i]
}

func (v *view) subnet(host fabric.EC2) fabric.EC2Subnet {
	subnets := v.vpc(host).Subnets
	return subnets[slices.IndexFunc(subnets, func(s fabric.EC2Subnet) bool { return s.ID == host.Subnet })]
}

func (v *view) vnet(vm fabric.VM) fabric.VNet {
	i := slices.IndexFunc(v.azure.VNets, func(vnet fabric.VNet) bool { return strings.EqualFold(vnet.ID, vm.VNet) })
	return v.azure.VNets[i]
}

// tunnel is the AWS end of an expected tunnel.
func (v *view) tunnel(pair fabric.Pair) fabric.AWSTunnel {
	i := slices.IndexFunc(v.connection.Tunnels, func(t fabric.AWSTunnel) bool { return t.Outside == pair.Outside })
	return v.connection.Tunnels[i]
}

// azurePrefixes are those of the VNets with machines, and awsPrefixes those of
// the VPCs.
func (v *view) azurePrefixes() []netip.Prefix {
	return append(slices.Clone(v.vnet(v.vmNear).Prefixes), v.vnet(v.vmFar).Prefixes...)
}

func (v *view) inAzure() []netip.Addr { return []netip.Addr{v.vmNear.Address, v.vmFar.Address} }
func (v *view) inAWS() []netip.Addr   { return []netip.Addr{v.hostA.Address, v.hostB.Address} }

// lost says that all packets from some to others are dropped at a hop.
func lost(from, to []netip.Addr, kind, id string) []Loss {
	var all []Loss
	for _, f := range from {
		for _, t := range to {
			if f != t {
				all = append(all, Loss{From: f, To: t, At: kind + " " + id})
			}
		}
	}
	return all
}

// requests turns losses into those of requests only.
func requests(losses []Loss) []Loss {
	for i := range losses {
		losses[i].RequestsOnly = true
	}
	return losses
}

func only(addresses ...netip.Addr) []netip.Addr { return addresses }

// value is what the dump has at a path of a resource, and how far the path
// leads to something.
func (v *view) value(id string, path []string) (value any, found int) {
	var at any
	for known, body := range v.resources {
		if strings.EqualFold(known, id) {
			at = body
		}
	}
	for i, step := range path {
		next := member(at, step)
		if next == nil {
			return nil, i
		}
		at = next
	}
	return at, len(path)
}

func member(of any, step string) any {
	switch v := of.(type) {
	case object:
		return v[step]
	case []any:
		for i, item := range v {
			inner, _ := item.(object)
			if fmt.Sprint(i) == step || inner["name"] == step {
				return item
			}
		}
	}
	return nil
}

// acl is the network ACL of a machine's subnet.
func (v *view) acl(host fabric.EC2) string { return v.acls[host.Subnet] }
