package aws

import (
	"cmp"
	"fmt"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/survey"
)

// groupsOf are the security groups of the interface of a target that has its
// address, or of its instance.
func (w *ways) groupsOf(t target) []string {
	instance, found := w.machines[t.Name]
	if !found {
		return nil
	}
	groups := instance.SecurityGroups
	if card, found := cardOf(instance, t); found {
		groups = card.Groups
	}
	var ids []string
	for _, group := range groups {
		ids = append(ids, awssdk.ToString(group.GroupId))
	}
	return ids
}

// groupFilters are the security groups of a machine, each a filter of its own.
func (w *ways) groupFilters(t target, m survey.Machine) []survey.Filter {
	groups := w.groupsOf(t)
	rules, err := w.rules.list()
	if len(groups) == 0 {
		why := cmp.Or(m.Why, whyNot(err), "EC2 tells of no security group of "+m.Ref)
		return []survey.Filter{{Seen: survey.Seen{At: w.at, Why: why}, Layer: survey.SecurityGroup}}
	}
	var filters []survey.Filter
	for _, group := range groups {
		filter := survey.Filter{Seen: w.seenNow(err), ID: group, Layer: survey.SecurityGroup}
		for _, rule := range rules {
			if awssdk.ToString(rule.GroupId) == group {
				filter.Rules = append(filter.Rules, ruleOf(rule))
			}
		}
		filters = append(filters, filter)
	}
	return filters
}

// protocols are the words for the numbers of protocols that filters use.
var protocols = map[string]string{"-1": "*", "1": "icmp", "6": "tcp", "17": "udp"}

func protocolOf(text string) string { return cmp.Or(protocols[text], text) }

func ruleOf(rule types.SecurityGroupRule) survey.Rule {
	peer := cmp.Or(awssdk.ToString(rule.CidrIpv4), awssdk.ToString(rule.CidrIpv6), awssdk.ToString(rule.PrefixListId))
	if rule.ReferencedGroupInfo != nil {
		peer = cmp.Or(peer, awssdk.ToString(rule.ReferencedGroupInfo.GroupId))
	}
	r := survey.Rule{
		Name: awssdk.ToString(rule.SecurityGroupRuleId), In: !awssdk.ToBool(rule.IsEgress), Allow: true,
		Protocol: protocolOf(awssdk.ToString(rule.IpProtocol)),
	}
	if r.Protocol == "icmp" && rule.FromPort != nil { // the type stands in the place of the first port
		r.ICMP = &survey.ICMP{Type: int(*rule.FromPort), Code: int(awssdk.ToInt32(rule.ToPort))}
	}
	return towards(r, peer)
}

// aclOf is the network ACL of a machine's subnet.
func (w *ways) aclOf(m survey.Machine) survey.Filter {
	acls, err := w.acls.list()
	filter := survey.Filter{Seen: w.seenNow(err), Layer: survey.NetworkACL}
	if err != nil {
		return filter
	}
	i := slices.IndexFunc(acls, func(acl types.NetworkAcl) bool {
		return slices.ContainsFunc(acl.Associations, func(a types.NetworkAclAssociation) bool {
			return m.Subnet != "" && awssdk.ToString(a.SubnetId) == m.Subnet
		})
	})
	if i < 0 {
		filter.Why = fmt.Sprintf("no network ACL of %s is for its subnet %s", m.Network, m.Subnet)
		return filter
	}
	filter.ID = awssdk.ToString(acls[i].NetworkAclId)
	for _, entry := range acls[i].Entries {
		rule := survey.Rule{
			Number: int(awssdk.ToInt32(entry.RuleNumber)), In: !awssdk.ToBool(entry.Egress), Allow: entry.RuleAction == types.RuleActionAllow,
			Protocol: protocolOf(awssdk.ToString(entry.Protocol)),
		}
		if kind := entry.IcmpTypeCode; rule.Protocol == "icmp" && kind != nil {
			rule.ICMP = &survey.ICMP{Type: int(awssdk.ToInt32(kind.Type)), Code: int(awssdk.ToInt32(kind.Code))}
		}
		filter.Rules = append(filter.Rules, towards(rule, cmp.Or(awssdk.ToString(entry.CidrBlock), awssdk.ToString(entry.Ipv6CidrBlock))))
	}
	slices.SortStableFunc(filter.Rules, func(a, b survey.Rule) int { return cmp.Compare(a.Number, b.Number) })
	return filter
}

// towards enters the far end of a rule: where what comes in is from, or where
// what goes out is to.
func towards(r survey.Rule, peer string) survey.Rule {
	if r.In {
		r.Sources = []string{peer}
	} else {
		r.Destinations = []string{peer}
	}
	return r
}
