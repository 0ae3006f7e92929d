package aws

import (
	"net/netip"
	"slices"
	"strconv"
)

// networkACL is a network ACL of a VPC: the filter of subnets.
type networkACL struct {
	id, vpc   string
	isDefault bool
	subnets   []string
	entries   []aclEntry
}

// aclEntry is an entry of it; the final deny of everything is implied.
type aclEntry struct {
	number        int
	egress, allow bool
	protocol      string
	prefix        netip.Prefix
	icmpType      *int // of an entry about ICMP; nil: every type
}

type networkACLItem struct {
	ID           string                  `xml:"networkAclId"`
	VPC          string                  `xml:"vpcId"`
	Owner        string                  `xml:"ownerId"`
	Default      bool                    `xml:"default"`
	Entries      set[aclEntryItem]       `xml:"entrySet"`
	Associations set[aclAssociationItem] `xml:"associationSet"`
	Tags         set[tag]                `xml:"tagSet"`
}

type aclEntryItem struct {
	Number   int               `xml:"ruleNumber"`
	Protocol string            `xml:"protocol"`
	Action   string            `xml:"ruleAction"`
	Egress   bool              `xml:"egress"`
	Cidr     string            `xml:"cidrBlock"`
	ICMP     *icmpTypeCodeItem `xml:"icmpTypeCode"`
}

// icmpTypeCodeItem is what an entry about ICMP is about of it; -1 is any.
type icmpTypeCodeItem struct {
	Code int `xml:"code"`
	Type int `xml:"type"`
}

type aclAssociationItem struct {
	ID     string `xml:"networkAclAssociationId"`
	ACL    string `xml:"networkAclId"`
	Subnet string `xml:"subnetId"`
}

type networkACLsAnswer struct {
	ACLs set[networkACLItem] `xml:"networkAclSet"`
	page
}

func (e aclEntry) item() aclEntryItem {
	action := map[bool]string{true: "allow", false: "deny"}[e.allow]
	item := aclEntryItem{Number: e.number, Protocol: e.protocol, Action: action, Egress: e.egress, Cidr: e.prefix.String()}
	if e.protocol == "1" {
		item.ICMP = &icmpTypeCodeItem{Code: -1, Type: -1}
		if e.icmpType != nil {
			item.ICMP.Type = *e.icmpType
		}
	}
	return item
}

// lastEntry is the number of the entry that denies what no other allowed.
const lastEntry = 32767

func (k *call) networkACLItem(n networkACL) networkACLItem {
	entries := slices.Clone(n.entries)
	for _, egress := range []bool{false, true} {
		entries = append(entries, aclEntry{lastEntry, egress, false, "-1", netip.MustParsePrefix("0.0.0.0/0"), nil})
	}
	return networkACLItem{
		ID: n.id, VPC: n.vpc, Owner: k.account, Default: n.isDefault,
		Entries: listed(entries, aclEntry.item),
		Associations: listed(n.subnets, func(id string) aclAssociationItem {
			return aclAssociationItem{"aclassoc-0" + k.derive("acl", id)[:16], n.id, id}
		}),
		Tags: k.tagSet(n.id),
	}
}

func describeNetworkACLs(k *call) (any, error) {
	rows, page, err := find(k, k.region.networkACLs.allAt(k.seen), listing[networkACL]{
		parameter: "NetworkAclId", ids: networkACLIDs, id: func(n networkACL) string { return n.id }, least: 5, most: 1000,
		filters: map[string]func(networkACL) []string{
			"network-acl-id":             one(func(n networkACL) string { return n.id }),
			"vpc-id":                     one(func(n networkACL) string { return n.vpc }),
			"owner-id":                   one(func(networkACL) string { return k.account }),
			"default":                    one(func(n networkACL) string { return strconv.FormatBool(n.isDefault) }),
			"association.subnet-id":      func(n networkACL) []string { return n.subnets },
			"association.network-acl-id": one(func(n networkACL) string { return n.id }),
		},
	})
	if err != nil {
		return nil, err
	}
	return networkACLsAnswer{listed(rows, k.networkACLItem), page}, nil
}
