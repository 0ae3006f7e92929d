package scenario

import (
	_ "embed" // for seed.yaml
	"fmt"
	"net/netip"
)

//go:embed seed.yaml
var seed []byte

// Seed is the built-in scenario: two Azure regions and two VPCs in Tokyo, as
// deploy/examples/seed.yaml expects them.
func Seed() (Scenario, error) { return Parse("seed.yaml", seed) }

// The account, the subscription and the resource group of the generated
// scenarios.
const (
	ManySubscription  = "11111111-2222-3333-4444-555555555555"
	ManyResourceGroup = "rg-network"
	ManyAccount       = "123456789012"
	ManyRegion        = "ap-northeast-1"
	mostLinks         = 500
	roomyLinks        = 120 // as many pairs of hub prefixes fit in 192.168.0.0/16; the others have smaller VNets
)

// Networks are what exists beforehand for one link of a generated scenario:
// by name, id and address, so that a desired-state file can be written for it.
type Networks struct {
	HubPrefixes [2]netip.Prefix // free ones, for two hubs
	VNets       [2]VNet         // the first in japaneast, the second in eastus
	VMs         [2]VM
	VPCs        [2]VPC
}

// Many is a scenario with the networks of n links, at most 500, and what
// those are. Each link has two VNets and two VPCs, as in the seed.
func Many(n int) (Scenario, []Networks) {
	n = min(n, mostLinks)
	group := ResourceGroup{Name: ManyResourceGroup, Location: "japaneast"}
	region := Region{Name: ManyRegion}
	var all []Networks
	for link := range n {
		var networks Networks
		for side := range 2 {
			networks.HubPrefixes[side] = manyHub(link, side)
			networks.VNets[side], networks.VMs[side] = manyVNet(link, side)
			networks.VPCs[side] = manyVPC(link, side)
			group.VNets = append(group.VNets, networks.VNets[side])
			group.VMs = append(group.VMs, networks.VMs[side])
			region.VPCs = append(region.VPCs, networks.VPCs[side])
		}
		all = append(all, networks)
	}
	return Scenario{
		Behaviour: Defaults(),
		Azure:     Azure{Subscriptions: []Subscription{{ID: ManySubscription, ResourceGroups: []ResourceGroup{group}}}},
		AWS:       AWS{Account: ManyAccount, Regions: []Region{region}},
	}, all
}

// manyHub is the address prefix of a hub: in 192.168.0.0/16, and once that is
// full from 172.24.0.0 on.
func manyHub(link, side int) netip.Prefix {
	if link < roomyLinks {
		return prefix4(192, 168, byte(2*link+side), 24)
	}
	number := 2*(link-roomyLinks) + side
	return prefix4(172, byte(24+number/256), byte(number%256), 24)
}

// manySpace is the address space of a VNet: two halves of 10.x.0.0/16 for the
// first links, and from 10.128.0.0 on a /19 each.
func manySpace(link, side int) netip.Prefix {
	if link < roomyLinks {
		return prefix4(10, byte(link), byte(side*128), 17)
	}
	number := 2*(link-roomyLinks) + side
	return prefix4(10, byte(128+number/8), byte(number%8*32), 19)
}

func manyVNet(link, side int) (VNet, VM) {
	name := fmt.Sprintf("%s-%03d", [2]string{"vnet-jpe", "vnet-use"}[side], link)
	space := manySpace(link, side)
	first := netip.PrefixFrom(space.Addr(), 24)
	vnet := VNet{
		Name:     name,
		Location: [2]string{"japaneast", "eastus"}[side],
		Prefixes: []netip.Prefix{space},
		Subnets:  []VNetSubnet{{Name: "default", Prefix: first}},
	}
	vm := VM{Name: "vm-" + name, VNet: name, Subnet: "default", Address: space.Addr().Next().Next().Next().Next()}
	return vnet, vm
}

func manyVPC(link, side int) VPC {
	number := 2*link + side
	id := fmt.Sprintf("%017x", number+1)
	prefix := prefix4(172, byte(16+number/256), byte(number%256), 24)
	return VPC{
		ID:          "vpc-" + id,
		Name:        fmt.Sprintf("vpc-%c-%03d", 'a'+rune(side), link),
		Prefixes:    []netip.Prefix{prefix},
		Subnets:     []Subnet{{ID: "subnet-" + id, Zone: ManyRegion + [2]string{"a", "c"}[side], Prefix: prefix}},
		RouteTables: []VPCRouteTable{{ID: "rtb-" + id}},
		SecurityGroups: []SecurityGroup{{ID: "sg-" + id, Name: "machines", Ingress: []GroupRule{
			{Protocol: "icmp", Prefix: prefix4(10, 0, 0, 8)}, {Protocol: "icmp", Prefix: prefix4(172, 16, 0, 12)},
		}}},
		Instances: []Instance{{
			ID: "i-" + id, Name: fmt.Sprintf("ec2-%c-%03d", 'a'+rune(side), link), Subnet: "subnet-" + id,
			Address: prefix.Addr().Next().Next().Next().Next().Next(), SecurityGroups: []string{"sg-" + id},
		}},
	}
}

func prefix4(a, b, c byte, bits int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c, 0}), bits)
}
