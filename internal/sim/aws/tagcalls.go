package aws

import (
	"slices"
	"strings"
	"time"
)

type taggedItem struct {
	Resource string `xml:"resourceId"`
	Type     string `xml:"resourceType"`
	Key      string `xml:"key"`
	Value    string `xml:"value"`
}

type taggedAnswer struct {
	Tags set[taggedItem] `xml:"tagSet"`
	page
}

// taggable is a kind of object that carries tags: the beginning of its ids, its
// name as a resource type, and whether an id of it is known.
type taggable struct {
	ids   idKind
	name  string
	known func(*region, time.Time, string) bool
}

func there[T any](of func(*region) *store[T]) func(*region, time.Time, string) bool {
	return func(r *region, at time.Time, id string) bool {
		_, known := of(r).getAt(at, id)
		return known
	}
}

// taggables has longer beginnings before shorter ones.
func taggables() []taggable {
	return []taggable{
		{attachmentIDs, "transit-gateway-attachment", there(func(r *region) *store[attachment] { return r.attachments })},
		{gatewayTableIDs, "transit-gateway-route-table", there(func(r *region) *store[gatewayTable] { return r.tables })},
		{gatewayIDs, "transit-gateway", there(func(r *region) *store[gateway] { return r.gateways })},
		{customerGatewayIDs, "customer-gateway", there(func(r *region) *store[customerGateway] { return r.customerGateways })},
		{connectionIDs, "vpn-connection", there(func(r *region) *store[connection] { return r.connections })},
		{vpcIDs, "vpc", there(func(r *region) *store[vpc] { return r.vpcs })},
		{subnetIDs, "subnet", there(func(r *region) *store[subnet] { return r.subnets })},
		{routeTableIDs, "route-table", there(func(r *region) *store[routeTable] { return r.routeTables })},
		{groupRuleIDs, "security-group-rule", there(func(r *region) *store[groupRule] { return r.groupRules })},
		{groupIDs, "security-group", there(func(r *region) *store[group] { return r.groups })},
		{networkACLIDs, "network-acl", there(func(r *region) *store[networkACL] { return r.networkACLs })},
		{instanceIDs, "instance", there(func(r *region) *store[instance] { return r.instances })},
	}
}

// kindOf finds the kind of an id by how it begins.
func kindOf(id string) (taggable, bool) {
	for _, row := range taggables() {
		if strings.HasPrefix(id, row.ids.prefix) {
			return row, true
		}
	}
	return taggable{}, false
}

// tagged are the existing resources that a request names.
func (k *call) tagged() ([]string, error) {
	ids := k.list("ResourceId")
	if len(ids) == 0 {
		return nil, missing("ResourceId")
	}
	for _, id := range ids {
		kind, is := kindOf(id)
		if !is {
			return nil, refuse("InvalidID", "The ID '%s' is not valid", id)
		}
		if !kind.known(k.region, k.now, id) {
			return nil, kind.ids.unknown(id)
		}
	}
	return ids, nil
}

func createTags(k *call) (any, error) {
	ids, err := k.tagged()
	if err != nil {
		return nil, err
	}
	given, err := readTags(k.structures("Tag"))
	if err != nil {
		return nil, err
	}
	if len(given) == 0 {
		return nil, missing("Tag")
	}
	for _, id := range ids {
		have, _ := k.region.tags.get(id)
		if err := checkCount(merged(have, given)); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		have, _ := k.region.tags.get(id)
		k.region.tags.put(k.now, id, merged(have, given))
	}
	return answered{true}, nil
}

// deleteTags deletes by key, or by key and value when a value is given; without
// any tag it deletes all.
func deleteTags(k *call) (any, error) {
	ids, err := k.tagged()
	if err != nil {
		return nil, err
	}
	members := k.structures("Tag")
	for _, id := range ids {
		have, _ := k.region.tags.get(id)
		left := slices.DeleteFunc(slices.Clone(have), func(t tag) bool {
			return len(members) == 0 || slices.ContainsFunc(members, func(m form) bool {
				return m.text("Key") == t.Key && (!m.has("Value") || m.text("Value") == t.Value)
			})
		})
		k.region.tags.put(k.now, id, left)
	}
	return answered{true}, nil
}

func describeTags(k *call) (any, error) {
	var rows []taggedItem
	for _, r := range k.region.tags.records {
		tags, _ := r.at(k.seen)
		kind, _ := kindOf(r.id)
		for _, t := range tags {
			rows = append(rows, taggedItem{r.id, kind.name, t.Key, t.Value})
		}
	}
	rows, page, err := find(k, rows, listing[taggedItem]{
		id: func(t taggedItem) string { return t.Resource }, least: 5, most: 1000,
		filters: map[string]func(taggedItem) []string{
			"key":           one(func(t taggedItem) string { return t.Key }),
			"value":         one(func(t taggedItem) string { return t.Value }),
			"resource-id":   one(func(t taggedItem) string { return t.Resource }),
			"resource-type": one(func(t taggedItem) string { return t.Type }),
		},
	})
	if err != nil {
		return nil, err
	}
	return taggedAnswer{set[taggedItem]{rows}, page}, nil
}
