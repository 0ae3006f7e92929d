package failures

import (
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// azureSet sets a field of a resource of Azure; its way back sets what was
// there, or takes away what was not.
func azureSet(kind, id, field string, value any) step {
	return func(v *view) (change, error) {
		m := ground.Mutation{Cloud: "azure", Kind: kind, Name: id, Op: "set", Field: field, Value: value}
		back := m
		path := strings.Split(field, ".")
		was, found := v.value(id, path)
		if found == len(path) {
			back.Value = was
		} else {
			back.Op, back.Field, back.Value = "unset", strings.Join(path[:found+1], "."), nil
		}
		return change{do: []ground.Mutation{m}, undo: []ground.Mutation{back}}, nil
	}
}

// azureListed adds a member to a list of a resource, by its name.
func azureListed(kind, id, field, name string, properties object) step {
	m := ground.Mutation{Cloud: "azure", Kind: kind, Name: id, Op: "add", Field: field, Value: object{"name": name, "properties": properties}}
	back := m
	back.Op, back.Value = "remove", name
	return both(m, back)
}

// azureMade makes a resource.
func azureMade(kind, id string, body object) step {
	return both(
		ground.Mutation{Cloud: "azure", Kind: kind, Name: id, Op: "create", Value: body},
		ground.Mutation{Cloud: "azure", Kind: kind, Name: id, Op: "delete"},
	)
}

// azureGone takes a resource away; its way back makes it as the dump shows it.
func azureGone(kind, id string) step {
	return func(v *view) (change, error) {
		body, _ := v.value(id, nil)
		return change{
			do:   []ground.Mutation{{Cloud: "azure", Kind: kind, Name: id, Op: "delete"}},
			undo: []ground.Mutation{{Cloud: "azure", Kind: kind, Name: id, Op: "create", Value: body}},
		}, nil
	}
}

// both is a change with its way back.
func both(do, undo ground.Mutation) step {
	return func(*view) (change, error) {
		return change{do: []ground.Mutation{do}, undo: []ground.Mutation{undo}}, nil
	}
}

// awsDo is a change in AWS with its way back.
func awsDo(kind, name, field string, op string, value any, backOp string, back any) step {
	return both(
		ground.Mutation{Cloud: "aws", Kind: kind, Name: name, Field: field, Op: op, Value: value},
		ground.Mutation{Cloud: "aws", Kind: kind, Name: name, Field: field, Op: backOp, Value: back},
	)
}

func awsSet(kind, name, field string, value, was any) step {
	return awsDo(kind, name, field, "set", value, "set", was)
}

// tunnelOption sets an option of an AWS tunnel; its way back sets what was
// set, or leaves it to AWS again.
func tunnelOption(v *view, pair fabric.Pair, name string, values ...any) step {
	m := ground.Mutation{Cloud: "aws", Kind: "vpn-tunnel", Name: pair.Outside.String(), Op: "set", Field: name, Value: values}
	back := m
	if was, set := v.options[pair.Outside.String()][name]; set {
		back.Value = was
	} else {
		back.Op, back.Value = "unset", nil
	}
	return both(m, back)
}

// awsMade makes something in the region of the link.
func awsMade(v *view, kind, id string, value object) step {
	return both(
		ground.Mutation{Cloud: "aws", Kind: kind, Name: v.transitGateway.Region, Op: "create", Value: value},
		ground.Mutation{Cloud: "aws", Kind: kind, Name: id, Op: "delete"},
	)
}

// when adds conditions.
func when(conditions ...fabric.Condition) step {
	return func(*view) (change, error) { return change{conditions: conditions}, nil }
}

// vpcRoutes are steps that take the routes to prefixes out of a VPC's table,
// or turn them to a target.
func vpcRoutes(subnet fabric.EC2Subnet, to []netip.Prefix, target string) []step {
	var steps []step
	for _, route := range subnet.Routes {
		if !slices.Contains(to, route.Prefix) {
			continue
		}
		was := object{"DestinationCidrBlock": route.Prefix.String(), "TransitGatewayId": route.Target}
		if target == "" {
			steps = append(steps, awsDo("route-table", subnet.Table, "Routes", "remove", route.Prefix.String(), "add", was))
			continue
		}
		now := object{"DestinationCidrBlock": route.Prefix.String(), "TransitGatewayId": target}
		steps = append(steps, awsDo("route-table", subnet.Table, "Routes", "set", now, "set", was))
	}
	return steps
}

// gatewayRoutes are steps that do the same to static routes of a transit
// gateway's table; a target of "blackhole" is a wanted one.
func gatewayRoutes(v *view, to []netip.Prefix, target string) []step {
	var steps []step
	for _, table := range v.transitGateway.Tables {
		if table.ID != v.table {
			continue
		}
		for _, route := range table.Static {
			if !slices.Contains(to, route.Prefix) {
				continue
			}
			was := object{"DestinationCidrBlock": route.Prefix.String(), "TransitGatewayAttachmentId": route.Attachment}
			now := object{"DestinationCidrBlock": route.Prefix.String(), "TransitGatewayAttachmentId": target}
			switch target {
			case "":
				steps = append(steps, awsDo("transit-gateway-route-table", table.ID, "Routes", "remove", route.Prefix.String(), "add", was))
				continue
			case "blackhole":
				delete(now, "TransitGatewayAttachmentId")
			}
			steps = append(steps, awsDo("transit-gateway-route-table", table.ID, "Routes", "set", now, "set", was))
		}
	}
	return steps
}

func texts(prefixes []netip.Prefix) []any {
	var all []any
	for _, prefix := range prefixes {
		all = append(all, prefix.String())
	}
	return all
}

// azureSpecial sets a field that the dump shows elsewhere than it is set.
func azureSpecial(kind, id, field string, value, was any) step {
	m := ground.Mutation{Cloud: "azure", Kind: kind, Name: id, Op: "set", Field: field, Value: value}
	back := m
	back.Value = was
	return both(m, back)
}
