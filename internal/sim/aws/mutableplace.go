package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/machine"
)

// made is a kind that can also be made behind the API's back though no call
// that makes one is simulated.
func made(by func(*call) error, kind mutable) mutable {
	kind.make = by
	return kind
}

// makeSubnet makes a subnet: SubnetId, VpcId, CidrBlock, AvailabilityZone. It
// has the VPC's main route table and its default network ACL.
func makeSubnet(k *call) error {
	id := cmp.Or(k.text("SubnetId"), k.newID(subnetIDs))
	prefix, err := netip.ParsePrefix(k.text("CidrBlock"))
	if err != nil {
		return fmt.Errorf("%q is no prefix", k.text("CidrBlock"))
	}
	v, there := k.region.vpcs.get(k.text("VpcId"))
	if !there {
		return fmt.Errorf("there is no VPC %q", k.text("VpcId"))
	}
	k.region.subnets.put(k.now, id, subnet{id, v.id, k.text("AvailabilityZone"), prefix})
	for _, n := range k.region.networkACLs.all() {
		if n.vpc == v.id && n.isDefault {
			n.subnets = append(slices.Clone(n.subnets), id)
			k.region.networkACLs.put(k.now, n.id, n)
		}
	}
	return nil
}

// makeInstance makes a running instance: InstanceId, SubnetId,
// PrivateIpAddress, Groups.
func makeInstance(k *call) error {
	id := cmp.Or(k.text("InstanceId"), k.newID(instanceIDs))
	address, err := netip.ParseAddr(k.text("PrivateIpAddress"))
	if err != nil {
		return fmt.Errorf("%q is no address", k.text("PrivateIpAddress"))
	}
	s, there := k.region.subnets.get(k.text("SubnetId"))
	if !there || !s.prefix.Contains(address) {
		return fmt.Errorf("no subnet %q has the address %s", k.text("SubnetId"), address)
	}
	k.region.instances.put(k.now, id, instance{
		id: id, subnet: s.id, state: "running", address: address, groups: k.list("Groups"), answers: true, launched: k.now,
	})
	return nil
}

func instanceEdits() edits[instance] {
	return edits[instance]{
		"State":   textual(func(i *instance) *string { return &i.state }),
		"Groups":  several(func(i *instance) *[]string { return &i.groups }),
		"Answers": boolean(func(i *instance) *bool { return &i.answers }),
		"Managed": func(_ *call, i *instance, m ground.Mutation) error { // by Systems Manager
			managed, err := strconv.ParseBool(word(m.Value))
			i.unmanaged = !managed
			return err
		},
		"Lost": boolean(func(i *instance) *bool { return &i.lost }), // by Systems Manager
		"Temper": func(_ *call, i *instance, m ground.Mutation) error { // {language, no_ping, hangs}
			f := member(m.Value)
			i.temper = machine.Temper{Language: f.text("language"), NoPing: f.text("no_ping") == "true", Hangs: f.text("hangs") == "true"}
			return only(m, "set")
		},
	}
}

// removeSubnet takes a subnet out of the network ACL too.
func removeSubnet(k *call, id string) {
	for _, n := range k.region.networkACLs.all() {
		if slices.Contains(n.subnets, id) {
			n.subnets = altered(n.subnets, []string{id}, "remove")
			k.region.networkACLs.put(k.now, n.id, n)
		}
	}
	k.region.subnets.drop(k.now, id)
	k.region.tags.drop(k.now, id)
}
