package aws

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
)

// group is a security group of a VPC.
type group struct{ id, name, vpc, description string }

// groupRule is a rule of a group: a protocol from or to either a prefix or
// another group. From and to are ports, or an ICMP type and code; -1 is all.
type groupRule struct {
	id, group   string
	egress      bool
	protocol    string
	from, to    int
	prefix      netip.Prefix // zero when peer is set
	peer        string
	description string
}

type groupItem struct {
	Owner       string              `xml:"ownerId"`
	ID          string              `xml:"groupId"`
	Arn         string              `xml:"securityGroupArn"`
	Name        string              `xml:"groupName"`
	Description string              `xml:"groupDescription"`
	VPC         string              `xml:"vpcId"`
	Ingress     set[permissionItem] `xml:"ipPermissions"`
	Egress      set[permissionItem] `xml:"ipPermissionsEgress"`
	Tags        set[tag]            `xml:"tagSet"`
}

type permissionItem struct {
	Protocol string         `xml:"ipProtocol"`
	From     *int           `xml:"fromPort"`
	To       *int           `xml:"toPort"`
	Groups   set[peerItem]  `xml:"groups"`
	Ranges   set[rangeItem] `xml:"ipRanges"`
	Ranges6  set[range6]    `xml:"ipv6Ranges"`
	Lists    set[struct{}]  `xml:"prefixListIds"`
}

type peerItem struct {
	User  string `xml:"userId"`
	Group string `xml:"groupId"`
}

type rangeItem struct {
	Cidr        string `xml:"cidrIp"`
	Description string `xml:"description,omitempty"`
}

type range6 struct {
	Cidr        string `xml:"cidrIpv6"`
	Description string `xml:"description,omitempty"`
}

type groupsAnswer struct {
	Groups set[groupItem] `xml:"securityGroupInfo"`
	page
}

type groupRuleItem struct {
	ID          string    `xml:"securityGroupRuleId"`
	Group       string    `xml:"groupId"`
	Owner       string    `xml:"groupOwnerId"`
	Egress      bool      `xml:"isEgress"`
	Protocol    string    `xml:"ipProtocol"`
	From        int       `xml:"fromPort"`
	To          int       `xml:"toPort"`
	Cidr4       string    `xml:"cidrIpv4,omitempty"`
	Cidr6       string    `xml:"cidrIpv6,omitempty"`
	Peer        *peerItem `xml:"referencedGroupInfo"`
	Description string    `xml:"description,omitempty"`
	Tags        set[tag]  `xml:"tagSet"`
}

type groupRulesAnswer struct {
	Rules set[groupRuleItem] `xml:"securityGroupRuleSet"`
	page
}

// rules is the rules of a group that the call sees, arranged once a call.
func (k *call) rules(groupID string) []groupRule {
	if k.allRules == nil {
		k.allRules = by(k.region.groupRules.allAt(k.seen), func(r groupRule) string { return r.group })
	}
	return k.allRules[groupID]
}

func (k *call) groupItem(g group) groupItem {
	item := groupItem{
		Owner: k.account, ID: g.id, Name: g.name, Description: g.description, VPC: g.vpc, Tags: k.tagSet(g.id),
		Arn: "arn:aws:ec2:" + k.region.name + ":" + k.account + ":security-group/" + g.id,
	}
	for _, r := range k.rules(g.id) {
		side := &item.Ingress
		if r.egress {
			side = &item.Egress
		}
		k.fold(side, r)
	}
	return item
}

// fold puts a rule among the permissions of a group: rules of one protocol and
// one range of ports share a permission.
func (k *call) fold(side *set[permissionItem], r groupRule) {
	i := slices.IndexFunc(side.Items, func(p permissionItem) bool {
		return p.Protocol == r.protocol && (p.From == nil || *p.From == r.from && *p.To == r.to)
	})
	if i < 0 {
		p := permissionItem{Protocol: r.protocol}
		if r.protocol != "-1" {
			p.From, p.To = &r.from, &r.to
		}
		side.Items = append(side.Items, p)
		i = len(side.Items) - 1
	}
	p := &side.Items[i]
	switch {
	case r.peer != "":
		p.Groups.Items = append(p.Groups.Items, peerItem{k.account, r.peer})
	case r.prefix.Addr().Is6():
		p.Ranges6.Items = append(p.Ranges6.Items, range6{r.prefix.String(), r.description})
	default:
		p.Ranges.Items = append(p.Ranges.Items, rangeItem{r.prefix.String(), r.description})
	}
}

func (k *call) groupRuleItem(r groupRule) groupRuleItem {
	item := groupRuleItem{
		ID: r.id, Group: r.group, Owner: k.account, Egress: r.egress, Protocol: r.protocol, From: r.from, To: r.to,
		Description: r.description, Tags: k.tagSet(r.id),
	}
	switch {
	case r.peer != "":
		item.Peer = &peerItem{k.account, r.peer}
	case r.prefix.Addr().Is6():
		item.Cidr6 = r.prefix.String()
	default:
		item.Cidr4 = r.prefix.String()
	}
	return item
}

func describeSecurityGroups(k *call) (any, error) {
	of := func(egress bool, field func(groupRule) string) func(group) []string {
		return func(g group) []string {
			return present(slices.DeleteFunc(slices.Clone(k.rules(g.id)), func(r groupRule) bool { return r.egress != egress }), field)
		}
	}
	cidr := func(r groupRule) string {
		if r.peer != "" {
			return ""
		}
		return r.prefix.String()
	}
	rows, page, err := find(k, k.region.groups.allAt(k.seen), listing[group]{
		parameter: "GroupId", ids: groupIDs, id: func(g group) string { return g.id }, least: 5, most: 1000,
		filters: map[string]func(group) []string{
			"group-id":                      one(func(g group) string { return g.id }),
			"group-name":                    one(func(g group) string { return g.name }),
			"vpc-id":                        one(func(g group) string { return g.vpc }),
			"description":                   one(func(g group) string { return g.description }),
			"owner-id":                      one(func(group) string { return k.account }),
			"ip-permission.cidr":            of(false, cidr),
			"ip-permission.protocol":        of(false, func(r groupRule) string { return r.protocol }),
			"ip-permission.group-id":        of(false, func(r groupRule) string { return r.peer }),
			"egress.ip-permission.cidr":     of(true, cidr),
			"egress.ip-permission.protocol": of(true, func(r groupRule) string { return r.protocol }),
		},
	})
	if err != nil {
		return nil, err
	}
	return groupsAnswer{listed(rows, k.groupItem), page}, nil
}

func describeSecurityGroupRules(k *call) (any, error) {
	rows, page, err := find(k, k.region.groupRules.allAt(k.seen), listing[groupRule]{
		parameter: "SecurityGroupRuleId", ids: groupRuleIDs, id: func(r groupRule) string { return r.id }, least: 5, most: 1000,
		filters: map[string]func(groupRule) []string{
			"group-id":               one(func(r groupRule) string { return r.group }),
			"security-group-rule-id": one(func(r groupRule) string { return r.id }),
		},
	})
	if err != nil {
		return nil, err
	}
	return groupRulesAnswer{listed(rows, k.groupRuleItem), page}, nil
}

// allowed are the rules that a request describes, in either of EC2's two
// forms: flat parameters, or a list of permissions.
func (k *call) allowed(groupID string) ([]groupRule, error) {
	permissions := k.structures("IpPermissions")
	if len(permissions) == 0 {
		permissions = []form{k.form}
	}
	var rules []groupRule
	for _, p := range permissions {
		rule, err := readPermission(p, groupID)
		if err != nil {
			return nil, err
		}
		peers, err := readPeers(p)
		if err != nil {
			return nil, err
		}
		for _, peer := range peers {
			rule.prefix, rule.peer, rule.description = peer.prefix, peer.peer, peer.description
			rules = append(rules, rule)
		}
	}
	return rules, nil
}

// protocols are the names that EC2 shows for the protocols' numbers.
var protocols = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}

func readPermission(p form, groupID string) (groupRule, error) {
	protocol, err := p.need("IpProtocol")
	if err != nil {
		return groupRule{}, err
	}
	rule := groupRule{group: groupID, protocol: cmp.Or(protocols[protocol], protocol)}
	if rule.from, err = p.number("FromPort", -1); err != nil {
		return rule, err
	}
	if rule.to, err = p.number("ToPort", -1); err != nil {
		return rule, err
	}
	if rule.protocol == "-1" {
		rule.from, rule.to = -1, -1
	}
	if (rule.protocol == "tcp" || rule.protocol == "udp") && (rule.from > rule.to || rule.to > 65535) {
		return rule, badValue("Invalid value for portRange: %s to %s", strconv.Itoa(rule.from), strconv.Itoa(rule.to))
	}
	return rule, nil
}

func readPeers(p form) ([]groupRule, error) {
	var peers []groupRule
	ranges := map[string]string{"IpRanges": "CidrIp", "Ipv6Ranges": "CidrIpv6"}
	for _, list := range []string{"IpRanges", "Ipv6Ranges"} {
		for _, member := range p.structures(list) {
			prefix, err := netip.ParsePrefix(member.text(ranges[list]))
			if err != nil {
				return nil, badValue("CIDR block %s is malformed", member.text(ranges[list]))
			}
			peers = append(peers, groupRule{prefix: prefix.Masked(), description: member.text("Description")})
		}
	}
	if cidr := p.text("CidrIp"); cidr != "" {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil, badValue("CIDR block %s is malformed", cidr)
		}
		peers = append(peers, groupRule{prefix: prefix.Masked()})
	}
	for _, member := range p.structures("Groups") {
		peers = append(peers, groupRule{peer: member.text("GroupId"), description: member.text("Description")})
	}
	if len(peers) == 0 {
		return nil, missing("CidrIp")
	}
	return peers, nil
}
