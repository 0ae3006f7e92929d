package aws

import (
	"math"
	"net/netip"
	"strconv"
)

// vpc is a VPC.
type vpc struct {
	id, state string
	prefixes  []netip.Prefix // the first is the primary one
}

// subnet is a subnet of a VPC.
type subnet struct {
	id, vpc, zone string
	prefix        netip.Prefix
}

type vpcItem struct {
	ID      string        `xml:"vpcId"`
	Owner   string        `xml:"ownerId"`
	State   string        `xml:"state"`
	Cidr    string        `xml:"cidrBlock"`
	Cidrs   set[cidrItem] `xml:"cidrBlockAssociationSet"`
	DHCP    string        `xml:"dhcpOptionsId"`
	Tenancy string        `xml:"instanceTenancy"`
	Default bool          `xml:"isDefault"`
	Tags    set[tag]      `xml:"tagSet"`
}

type cidrItem struct {
	ID    string `xml:"associationId"`
	Cidr  string `xml:"cidrBlock"`
	State string `xml:"cidrBlockState>state"`
}

type vpcsAnswer struct {
	VPCs set[vpcItem] `xml:"vpcSet"`
	page
}

type subnetItem struct {
	ID        string   `xml:"subnetId"`
	Arn       string   `xml:"subnetArn"`
	State     string   `xml:"state"`
	Owner     string   `xml:"ownerId"`
	VPC       string   `xml:"vpcId"`
	Cidr      string   `xml:"cidrBlock"`
	Free      int      `xml:"availableIpAddressCount"`
	Zone      string   `xml:"availabilityZone"`
	ZoneID    string   `xml:"availabilityZoneId"`
	Default   bool     `xml:"defaultForAz"`
	MapPublic bool     `xml:"mapPublicIpOnLaunch"`
	Tags      set[tag] `xml:"tagSet"`
}

type subnetsAnswer struct {
	Subnets set[subnetItem] `xml:"subnetSet"`
	page
}

func (k *call) vpcItem(v vpc) vpcItem {
	return vpcItem{
		ID: v.id, Owner: k.account, State: v.state, Cidr: v.prefixes[0].String(),
		Cidrs: listed(v.prefixes, func(p netip.Prefix) cidrItem {
			return cidrItem{"vpc-cidr-assoc-0" + k.derive("cidr", v.id, p.String())[:16], p.String(), "associated"}
		}),
		DHCP: "dopt-0" + k.derive("dhcp", k.region.name)[:16], Tenancy: "default", Tags: k.tagSet(v.id),
	}
}

func describeVPCs(k *call) (any, error) {
	rows, page, err := find(k, k.region.vpcs.allAt(k.seen), listing[vpc]{
		parameter: "VpcId", ids: vpcIDs, id: func(v vpc) string { return v.id }, least: 5, most: 1000,
		filters: map[string]func(vpc) []string{
			"vpc-id":     one(func(v vpc) string { return v.id }),
			"state":      one(func(v vpc) string { return v.state }),
			"owner-id":   one(func(vpc) string { return k.account }),
			"cidr":       one(func(v vpc) string { return v.prefixes[0].String() }),
			"is-default": one(func(vpc) string { return "false" }),
			"cidr-block-association.cidr-block": func(v vpc) []string {
				var all []string
				for _, p := range v.prefixes {
					all = append(all, p.String())
				}
				return all
			},
		},
	})
	if err != nil {
		return nil, err
	}
	return vpcsAnswer{listed(rows, k.vpcItem), page}, nil
}

func (k *call) subnetItem(s subnet) subnetItem {
	return subnetItem{
		ID: s.id, Arn: "arn:aws:ec2:" + k.region.name + ":" + k.account + ":subnet/" + s.id, State: "available", Owner: k.account,
		VPC: s.vpc, Cidr: s.prefix.String(), Free: int(math.Exp2(float64(32-s.prefix.Bits()))) - 5,
		Zone: s.zone, ZoneID: zoneID(s.zone), Tags: k.tagSet(s.id),
	}
}

func describeSubnets(k *call) (any, error) {
	rows, page, err := find(k, k.region.subnets.allAt(k.seen), listing[subnet]{
		parameter: "SubnetId", ids: subnetIDs, id: func(s subnet) string { return s.id }, least: 5, most: 1000,
		filters: map[string]func(subnet) []string{
			"subnet-id":            one(func(s subnet) string { return s.id }),
			"vpc-id":               one(func(s subnet) string { return s.vpc }),
			"state":                one(func(subnet) string { return "available" }),
			"availability-zone":    one(func(s subnet) string { return s.zone }),
			"availability-zone-id": one(func(s subnet) string { return zoneID(s.zone) }),
			"cidr-block":           one(func(s subnet) string { return s.prefix.String() }),
			"owner-id":             one(func(subnet) string { return k.account }),
		},
	})
	if err != nil {
		return nil, err
	}
	return subnetsAnswer{listed(rows, k.subnetItem), page}, nil
}

// zoneID is the id of a zone that means the same in every account. Here zone
// a is always the first.
func zoneID(zone string) string {
	if zone == "" {
		return ""
	}
	last := len(zone) - 1
	return shortRegion(zone[:last]) + "-az" + strconv.Itoa(int(zone[last]-'a')+1)
}
