package desired

import (
	"net/netip"
	"slices"
	"strings"
)

// checkAttachments checks the subnets that a VPC is attached in.
func checkAttachments(c *checker) {
	for path, vpc := range c.vpcs() {
		if len(vpc.Subnets) == 0 {
			c.problem(path+".subnets", "give one subnet for each availability zone that shall reach the link", "the VPC %s has no subnets to attach in", vpc.Name)
		}
		zones := map[string]string{}
		for path, subnet := range each(path+".subnets", vpc.Subnets) {
			if first, taken := zones[subnet.Zone]; taken && subnet.Zone != "" {
				c.problem(path+".zone", "keep one of them", "an attachment takes one subnet of a zone, and %s stands here and in %s", subnet.Zone, c.line(first))
				continue
			}
			zones[subnet.Zone] = path
		}
	}
}

// checkTargets checks the test machines.
func checkTargets(c *checker) {
	var vnets, vpcs []string
	for _, vnet := range c.vnets() {
		vnets = append(vnets, vnet.Name)
	}
	for _, vpc := range c.vpcs() {
		vpcs = append(vpcs, vpc.Name)
	}
	for path, target := range c.targets() {
		vnet, vpc := c.VNetNamed(target.VNet), c.VPCNamed(target.VPC)
		switch {
		case target.VNet != "" && target.VPC != "":
			c.problem(path+".vpc", "keep one of the two", "the target %s is in a VNet and in a VPC", target.Name)
		case target.VNet == "" && target.VPC == "":
			c.problem(path, "add vnet: or vpc: with the name of its network", "the target %s is in no network", target.Name)
		case target.VNet != "" && vnet == nil:
			c.problem(path+".vnet", didYouMean(target.VNet, vnets), "there is no VNet %q", shorten(target.VNet))
		case target.VNet != "":
			c.within(path, target, "the VNet "+vnet.Name, vnet.Prefixes)
			c.noSubnet(path, target)
		case vpc == nil:
			c.problem(path+".vpc", didYouMean(target.VPC, vpcs), "there is no VPC %q", shorten(target.VPC))
		default:
			c.within(path, target, "the VPC "+vpc.Name, vpc.Prefixes)
			c.reached(path, target, vpc)
		}
	}
}

// within checks that a target's address is one of its network's, when those
// are given.
func (c *checker) within(path string, target *Target, network string, prefixes []netip.Prefix) {
	if !target.Address.IsValid() || len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return !p.IsValid() || p.Contains(target.Address) }) {
		return
	}
	var words []string
	for _, p := range prefixes {
		words = append(words, p.String())
	}
	c.problem(path+".address", network+" has "+strings.Join(words, ", "), "%s is not an address of %s", target.Address, network)
}

// noSubnet checks that an Azure target says nothing that only EC2 knows.
func (c *checker) noSubnet(path string, target *Target) {
	for _, row := range [][2]string{{".subnet", target.Subnet}, {".zone", target.Zone}} {
		if row[1] != "" {
			c.problem(path+row[0], "remove the key", "%s is of EC2 instances, and %s is in a VNet", last(row[0]), target.Name)
		}
	}
}

// reached checks that a VPC is attached in the zone of a target in it: the
// transit gateway delivers packets only in zones where it has a subnet.
func (c *checker) reached(path string, target *Target, vpc *VPC) {
	zone, at := target.Zone, path+".zone"
	if gateway := c.TransitGatewayOfVPC(vpc.Name); gateway == nil || !strings.HasPrefix(zone, gateway.Region) {
		return // its region is another check's matter
	}
	var attached []string
	for _, subnet := range vpc.Subnets {
		if subnet.Zone == "" {
			return
		}
		attached = append(attached, subnet.Zone)
		if subnet.ID == target.Subnet && zone != "" && zone != subnet.Zone {
			c.problem(at, "leave out the zone, or name the subnet of the machine", "the target %s is in %s, and its subnet %s is in %s", target.Name, zone, subnet.ID, subnet.Zone)
			return
		}
	}
	if zone == "" || len(attached) == 0 || slices.Contains(attached, zone) {
		return
	}
	for vpcPath, other := range c.vpcs() {
		if other == vpc {
			c.problem(at, "add a subnet of "+zone+" to subnets of the VPC", "the VPC %s is attached in %s only (%s), so nothing reaches %s in %s",
				vpc.Name, strings.Join(attached, ", "), c.line(vpcPath+".subnets"), target.Name, zone)
		}
	}
}
