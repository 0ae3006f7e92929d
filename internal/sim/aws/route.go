package aws

import (
	"net/netip"
	"slices"
	"strings"
)

// routeRequest is what the calls about one route of a VPC table have in common.
func (k *call) routeRequest() (routeTable, netip.Prefix, error) {
	id, err := k.need("RouteTableId")
	if err != nil {
		return routeTable{}, netip.Prefix{}, err
	}
	t, known := k.region.routeTables.get(id)
	if !known {
		return t, netip.Prefix{}, routeTableIDs.unknown(id)
	}
	prefix, err := k.destination()
	return t, prefix, err
}

// destination reads the destination of a route. EC2 clears the bits behind the
// prefix's length.
func (k *call) destination() (netip.Prefix, error) {
	text, err := k.need("DestinationCidrBlock")
	if err != nil {
		return netip.Prefix{}, err
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || !prefix.Addr().Is4() {
		return prefix, badValue("Value (%s) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.", text)
	}
	return prefix.Masked(), nil
}

// target reads the one target of a route. A transit gateway is unknown to a
// VPC until the VPC is attached to it, and that is what EC2 says.
func (k *call) target(vpcID string) (string, error) {
	var found []string
	for _, row := range targets {
		if value := k.text(row.parameter); strings.HasPrefix(value, row.prefix) {
			found = append(found, value)
		}
	}
	if len(found) != 1 {
		return "", refuse("InvalidParameterCombination", "The request must contain exactly one route target")
	}
	id := found[0]
	if strings.HasPrefix(id, "tgw-") && !slices.Contains(attachedGateways(k.region.attachments.allAt(k.lagging()))[vpcID], id) {
		return "", gatewayIDs.unknown(id)
	}
	return id, nil
}

func (t routeTable) position(prefix netip.Prefix) int {
	return slices.IndexFunc(t.routes, func(r route) bool { return r.prefix == prefix })
}

func (k *call) local(t routeTable, prefix netip.Prefix) bool {
	v, _ := k.region.vpcs.get(t.vpc)
	return slices.Contains(v.prefixes, prefix)
}

// createRoute succeeds when the same route is there already; a route with
// another target is refused. Sources disagree on the first.
func createRoute(k *call) (any, error) {
	t, prefix, err := k.routeRequest()
	if err != nil {
		return nil, err
	}
	target, err := k.target(t.vpc)
	if err != nil {
		return nil, err
	}
	i := t.position(prefix)
	if i >= 0 && t.routes[i].target == target {
		return answered{true}, nil
	}
	if i >= 0 || k.local(t, prefix) {
		return nil, refuse("RouteAlreadyExists", "The route identified by %s already exists.", prefix)
	}
	if err := k.quota("routes-per-table", len(t.routes)); err != nil {
		return nil, err
	}
	t.routes = append(slices.Clip(t.routes), route{prefix, target})
	k.region.routeTables.put(k.now, t.id, t)
	return answered{true}, nil
}

func replaceRoute(k *call) (any, error) {
	t, prefix, err := k.routeRequest()
	if err != nil {
		return nil, err
	}
	target, err := k.target(t.vpc)
	if err != nil {
		return nil, err
	}
	i := t.position(prefix)
	if i < 0 {
		return nil, badValue("There is no route defined for '%s' in the route table. Use CreateRoute instead.", prefix)
	}
	t.routes = slices.Clone(t.routes)
	t.routes[i].target = target
	k.region.routeTables.put(k.now, t.id, t)
	return answered{true}, nil
}

func deleteRoute(k *call) (any, error) {
	t, prefix, err := k.routeRequest()
	if err != nil {
		return nil, err
	}
	i := t.position(prefix)
	if i < 0 && k.local(t, prefix) {
		return nil, badValue("cannot remove local route %s in route table %s", prefix, t.id)
	}
	if i < 0 {
		return nil, refuse("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", prefix, t.id)
	}
	t.routes = slices.Delete(slices.Clone(t.routes), i, i+1)
	k.region.routeTables.put(k.now, t.id, t)
	return answered{true}, nil
}
