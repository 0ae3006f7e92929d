package aws

type authorizedAnswer struct {
	Return bool               `xml:"return"`
	Rules  set[groupRuleItem] `xml:"securityGroupRuleSet"`
}

type revokedAnswer struct {
	Return  bool             `xml:"return"`
	Revoked set[revokedItem] `xml:"revokedSecurityGroupRuleSet"`
}

type revokedItem struct {
	ID       string `xml:"securityGroupRuleId"`
	Group    string `xml:"groupId"`
	Egress   bool   `xml:"isEgress"`
	Protocol string `xml:"ipProtocol"`
	From     int    `xml:"fromPort"`
	To       int    `xml:"toPort"`
	Cidr4    string `xml:"cidrIpv4,omitempty"`
}

// same tells whether two rules allow the same.
func (r groupRule) same(other groupRule) bool {
	other.id, other.description = r.id, r.description
	return r == other
}

func (k *call) groupOfRequest() (group, error) {
	id, err := k.need("GroupId")
	if err != nil {
		return group{}, err
	}
	g, known := k.region.groups.get(id)
	if !known {
		return g, groupIDs.unknown(id)
	}
	return g, nil
}

// ruleLike finds the rule of a group that allows the same.
func (r *region) ruleLike(wanted groupRule) (groupRule, bool) {
	for _, rule := range r.groupRules.all() {
		if rule.same(wanted) {
			return rule, true
		}
	}
	return groupRule{}, false
}

func authorizeSecurityGroupIngress(k *call) (any, error) {
	g, err := k.groupOfRequest()
	if err != nil {
		return nil, err
	}
	rules, err := k.allowed(g.id)
	if err != nil {
		return nil, err
	}
	tags, err := k.specified("TagSpecification", "security-group-rule")
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		if _, there := k.region.ruleLike(rule); there {
			return nil, refuse("InvalidPermission.Duplicate", "the specified rule \"peer: %s, %s, ALLOW\" already exists", k.groupRuleItem(rule).Cidr4, rule.protocol)
		}
	}
	answer := authorizedAnswer{Return: true}
	for _, rule := range rules {
		rule.id = k.newID(groupRuleIDs)
		k.region.retag(k.now, rule.id, tags)
		k.region.groupRules.put(k.now, rule.id, rule)
		answer.Rules.Items = append(answer.Rules.Items, k.groupRuleItem(rule))
	}
	return answer, nil
}

// revokeSecurityGroupIngress takes rules out, by their ids or by what they
// allow. A rule that is not there is refused, as in a VPC other than the
// default one.
func revokeSecurityGroupIngress(k *call) (any, error) {
	g, err := k.groupOfRequest()
	if err != nil {
		return nil, err
	}
	found, err := k.revoked(g)
	if err != nil {
		return nil, err
	}
	answer := revokedAnswer{Return: true}
	for _, r := range found {
		k.region.groupRules.drop(k.now, r.id)
		answer.Revoked.Items = append(answer.Revoked.Items,
			revokedItem{r.id, r.group, r.egress, r.protocol, r.from, r.to, k.groupRuleItem(r).Cidr4})
	}
	return answer, nil
}

func (k *call) revoked(g group) ([]groupRule, error) {
	var found []groupRule
	if ids := k.list("SecurityGroupRuleId"); len(ids) > 0 {
		for _, id := range ids {
			rule, known := k.region.groupRules.get(id)
			if !known || rule.group != g.id || rule.egress {
				return nil, groupRuleIDs.unknown(id)
			}
			found = append(found, rule)
		}
		return found, nil
	}
	wanted, err := k.allowed(g.id)
	if err != nil {
		return nil, err
	}
	for _, rule := range wanted {
		have, there := k.region.ruleLike(rule)
		if !there {
			return nil, refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		found = append(found, have)
	}
	return found, nil
}
