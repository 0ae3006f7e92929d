package path

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/failure"
	"linkd/internal/survey"
)

// filterOut takes the packet through the filters between the machine that
// sends it and the network; filterIn through those before the one that gets it.
func (w *walk) filterOut() bool { return w.from.target == nil || w.filters(w.from, false) }

func (w *walk) filterIn() bool { return w.filters(w.to, true) }

// filters judges all filters of a machine in the order in which the packet
// meets them. Security groups of an instance are one: any rule will do.
func (w *walk) filters(at *end, in bool) bool {
	if why := w.seen(at.machine.Seen); why != "" {
		kind := SecurityGroup
		if at.network.vnet {
			kind = NSG
		}
		return w.unknown(place{kind, "", ""}, nil, "the filters of %s: %s", at.name, why)
	}
	var groups, lists []survey.Filter
	for _, filter := range at.machine.Filters {
		if filter.Layer == survey.SecurityGroup {
			groups = append(groups, filter)
		} else {
			lists = append(lists, filter)
		}
	}
	steps := []func() bool{func() bool { return at.network.vnet || w.grouped(at, groups, in) }}
	for _, filter := range lists {
		if filter.Layer == survey.NetworkACL && w.sameSubnet() {
			continue
		}
		steps = append(steps, func() bool { return w.listedBy(at, filter, in) })
	}
	if in {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if !step() {
			return false
		}
	}
	return true
}

// match says whether a rule is about the packet: it may be that this is not
// known, of a service tag or a prefix list.
type match int

const (
	no match = iota
	perhaps
	yes
)

// grouped judges the security groups of an instance.
func (w *walk) grouped(at *end, groups []survey.Filter, in bool) bool {
	here := place{SecurityGroup, "", groupsOf(groups)}
	if w.answer {
		return w.pass(here, nil, "%s remembers the flow", at.name)
	}
	far := w.to.address
	if in {
		far = w.from.address
	}
	unsure := ""
	for _, group := range groups {
		if why := w.seen(group.Seen); why != "" {
			unsure = "the security group " + group.ID + ": " + why
			continue
		}
		for _, rule := range group.Rules {
			if rule.In != in || !rule.Allow || !w.carries(rule) {
				continue
			}
			peers := rule.Destinations
			if in {
				peers = rule.Sources
			}
			switch w.matches(at, peers, nil, far) {
			case yes:
				return w.pass(here, ruleEvidence(callRules, group, rule), "%s allows %s %s", group.ID, orAny(rule.Protocol), strings.Join(peers, ", "))
			case perhaps:
				unsure = "whether the rule " + rule.Name + " of " + group.ID + " covers " + far.String() + " is not known"
			}
		}
	}
	if unsure != "" {
		return w.unknown(here, nil, "%s", unsure)
	}
	return w.block(here, failure.ICMPBlocked, noRule(callRules, groups...), "no rule of the security groups of %s allows icmp %s", at.name, towards(in, far))
}

func groupsOf(groups []survey.Filter) string {
	names := make([]string, len(groups))
	for i, group := range groups {
		names[i] = group.ID
	}
	return strings.Join(names, ", ")
}

// listedBy judges a filter whose rules have an order: the first that is about
// the packet decides.
func (w *walk) listedBy(at *end, filter survey.Filter, in bool) bool {
	here, call := place{NSG, "", filter.ID}, callNSG
	if filter.Layer == survey.NetworkACL {
		here.kind, call = NetworkACL, callACL
	} else if w.answer {
		return w.pass(here, nil, "%s remembers the flow", lastPart(filter.ID))
	}
	if why := w.seen(filter.Seen); why != "" {
		return w.unknown(here, nil, "%s: %s", cmp.Or(lastPart(filter.ID), "the filters of "+at.name), why)
	}
	rules := slices.Clone(filter.Rules)
	if filter.Layer != survey.NetworkACL {
		rules = append(rules, azuresOwn...)
	}
	slices.SortStableFunc(rules, func(a, b survey.Rule) int { return a.Number - b.Number })
	var unsure []survey.Rule
	far := w.to.address
	if in {
		far = w.from.address
	}
	for _, rule := range rules {
		if rule.In != in || !w.carries(rule) {
			continue
		}
		found := min(w.matches(at, rule.Sources, rule.ExpandedSources, w.from.address), w.matches(at, rule.Destinations, rule.ExpandedDestinations, w.to.address))
		switch {
		case found == no:
			continue
		case found == perhaps:
			unsure = append(unsure, rule)
			continue
		case slices.ContainsFunc(unsure, func(earlier survey.Rule) bool { return earlier.Allow != rule.Allow }):
			return w.unknown(here, ruleEvidence(call, filter, unsure[0]), "whether the rule %s covers the packet is not known", ruleName(unsure[0]))
		case !rule.Allow:
			return w.block(here, failure.ICMPBlocked, ruleEvidence(call, filter, rule), "the rule %s of %s denies icmp %s", ruleName(rule), lastPart(filter.ID), towards(in, far))
		}
		return w.pass(here, ruleEvidence(call, filter, rule), "the rule %s of %s allows it", ruleName(rule), lastPart(filter.ID))
	}
	if len(unsure) > 0 {
		return w.unknown(here, ruleEvidence(call, filter, unsure[0]), "whether the rule %s covers the packet is not known", ruleName(unsure[0]))
	}
	return w.block(here, failure.ICMPBlocked, noRule(call, filter), "no rule of %s allows icmp %s", lastPart(filter.ID), towards(in, far))
}

// azuresOwn are the rules that every network security group has behind its own.
var azuresOwn = []survey.Rule{
	{Name: "AllowVnetInBound", Number: 65000, In: true, Allow: true, Protocol: "*", Sources: []string{"VirtualNetwork"}, Destinations: []string{"VirtualNetwork"}},
	{Name: "DenyAllInBound", Number: 65500, In: true, Protocol: "*"},
	{Name: "AllowVnetOutBound", Number: 65000, Allow: true, Protocol: "*", Sources: []string{"VirtualNetwork"}, Destinations: []string{"VirtualNetwork"}},
	{Name: "AllowInternetOutBound", Number: 65001, Allow: true, Protocol: "*", Destinations: []string{"Internet"}},
	{Name: "DenyAllOutBound", Number: 65500, Protocol: "*"},
}

// The types of ICMP messages, by RFC 792. Both have the code 0 only.
const (
	echoReply   = 0
	echoRequest = 8
)

// carries tells whether a rule is about the protocol and the type of the packet.
func (w *walk) carries(rule survey.Rule) bool {
	kind := echoRequest
	if w.answer {
		kind = echoReply
	}
	switch strings.ToLower(rule.Protocol) {
	case "*", "-1", "all", "any", "":
		return true
	case "icmp", "1":
		return rule.ICMP.Takes(kind, 0)
	}
	return false
}

func orAny(name string) string {
	if name == "" || name == "*" || name == "-1" {
		return "any"
	}
	return name
}

func towards(in bool, far netip.Addr) string {
	if in {
		return "in, from " + far.String()
	}
	return "out, to " + far.String()
}

// ruleName is a rule's own name with its number, or the number alone, as of a
// network ACL.
func ruleName(rule survey.Rule) string {
	switch {
	case rule.Name == "":
		return strconv.Itoa(rule.Number)
	case rule.Number == 0:
		return rule.Name
	}
	return rule.Name + " (" + strconv.Itoa(rule.Number) + ")"
}

// noRule is the evidence of filters in which no rule is about the packet.
func noRule(call string, filters ...survey.Filter) []Evidence {
	var facts []Evidence
	for _, filter := range filters {
		facts = append(facts, Evidence{Call: call, Field: "rules of " + lastPart(filter.ID), Value: strconv.Itoa(len(filter.Rules)) + ", none of which allows it", At: filter.At})
	}
	return facts
}

func ruleEvidence(call string, filter survey.Filter, rule survey.Rule) []Evidence {
	text := "deny"
	if rule.Allow {
		text = "allow"
	}
	text += " " + orAny(rule.Protocol) + " from " + peersText(rule.Sources) + " to " + peersText(rule.Destinations)
	return []Evidence{{Call: call, Field: "rule " + ruleName(rule), Value: text, At: filter.At}}
}

func peersText(peers []string) string {
	if len(peers) == 0 {
		return "any"
	}
	return strings.Join(peers, ", ")
}
