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
	meant          []fabric.Pair           // those of the connection, and then of the link's other one
	connection     fabric.VPNConnection
	transitGateway fabric.TransitGateway
	table          string // the route table that the VPN attachment is associated with

	now     time.Time // of the simulator
	problem error     // why there is no link to break
}

// look finds the link.
func look(at *sim.Simulator) (*view, error) { return lookAt(at, Place{}) }

// lookAt finds one of several links.
func lookAt(at *sim.Simulator, place Place) (*view, error) {
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
	v.problem = v.find(at.Tunnels(), place)
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

func (v *view) find(pairs []fabric.Pair, place Place) error {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p fabric.Pair) bool { return !p.Meant || p.LinkConnection == "" })
	if len(v.azure.Gateways) == 0 || len(v.azure.Hubs) != 2 || len(v.azure.VMs) < 2 || len(v.aws.Instances) < 2 {
		return errNoLink
	}
	gateways := slices.Clone(v.azure.Gateways)
	slices.SortFunc(gateways, func(a, b fabric.Gateway) int { return strings.Compare(a.ID, b.ID) })
	v.gateway = gateways[place.Link%len(gateways)]
	slices.SortStableFunc(pairs, func(a, b fabric.Pair) int { return a.Instance - b.Instance })
	var connections []string
	for _, pair := range pairs {
		if strings.EqualFold(pair.Gateway, v.gateway.ID) && !slices.Contains(connections, pair.Connection) {
			connections = append(connections, pair.Connection)
		}
	}
	if len(connections) == 0 {
		return errNoLink
	}
	chosen := connections[place.Connection%len(connections)]
	for _, first := range []bool{true, false} {
		for _, pair := range pairs {
			if slices.Contains(connections, pair.Connection) && (pair.Connection == chosen) == first {
				v.meant = append(v.meant, pair)
				i := slices.IndexFunc(v.azure.Links, func(l fabric.LinkConnection) bool { return l.ID == pair.LinkConnection })
				v.links = append(v.links, v.azure.Links[i])
			}
		}
	}
	v.connection = v.aws.Connections[slices.IndexFunc(v.aws.Connections, func(c fabric.VPNConnection) bool { return c.ID == chosen })]
	i := slices.IndexFunc(v.aws.TransitGateways, func(g fabric.TransitGateway) bool { return g.ID == v.connection.TransitGateway })
	if i < 0 {
		return errNoLink
	}
	v.transitGateway = v.aws.TransitGateways[i]
	v.table = v.attachment(v.connection.ID).Table
	v.findEnds()
	return nil
}

// findEnds finds the hubs and the machines at both ends of the link: those near it
// first.
func (v *view) findEnds() {
	for _, hub := range v.azure.Hubs {
		if strings.EqualFold(hub.ID, v.gateway.Hub) {
			v.near = hub
		} else {
			v.far = hub
		}
	}
	vms, hosts := slices.Clone(v.azure.VMs), slices.Clone(v.aws.Instances)
	slices.SortStableFunc(vms, func(a, b fabric.VM) int { return nearFirst(v.nearVM(a), v.nearVM(b)) })
	slices.SortStableFunc(hosts, func(a, b fabric.EC2) int { return nearFirst(v.nearHost(a), v.nearHost(b)) })
	v.vmNear, v.vmFar = vms[0], vms[1]
	v.hostA, v.hostB = hosts[0], hosts[1]
}

// nearFirst sorts what is near before what is not.
func nearFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (v *view) nearVM(vm fabric.VM) bool      { return strings.EqualFold(v.vnet(vm).Hub, v.near.ID) }
func (v *view) nearHost(host fabric.EC2) bool { return v.attachment(host.VPC).ID != "" }

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
	for _, connection := range v.aws.Connections {
		for _, tunnel := range connection.Tunnels {
			if tunnel.Outside == pair.Outside {
				return tunnel
			}
		}
	}
	return fabric.AWSTunnel{}
}

// awsPrefixes are those of the VPCs of the two machines in AWS.
func (v *view) awsPrefixes() []netip.Prefix {
	return append(slices.Clone(v.vpc(v.hostA).Prefixes), v.vpc(v.hostB).Prefixes...)
}

// azurePrefixes are those of the VNets with machines.
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
