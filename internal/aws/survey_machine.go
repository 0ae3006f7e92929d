package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/survey"
)

// instanceOf finds the instance of a target: the one that the file names, or
// the one in its VPC that has its address. A terminated one is still listed
// for an hour.
func (w *ways) instanceOf(t target) (types.Instance, bool) {
	items, is := w.addressed.items, func(i types.Instance) bool {
		return awssdk.ToString(i.VpcId) == t.vpc.ID && awssdk.ToString(i.PrivateIpAddress) == t.Address.String()
	}
	if t.ID != "" {
		items, is = w.named.items, func(i types.Instance) bool { return awssdk.ToString(i.InstanceId) == t.ID }
	}
	i := slices.IndexFunc(items, is)
	if i < 0 {
		return types.Instance{}, false
	}
	return items[i], true
}

// machine is a test machine as the calls show it. Of one that could not be
// found, the file still tells the subnet, and that the routes and the ACL.
func (w *ways) machine(t target) survey.Machine {
	m := survey.Machine{Seen: w.seenNow(nil), Ref: t.ID, Network: t.vpc.ID, Subnet: t.Subnet, Zone: t.Zone}
	instance, found := w.machines[t.Name]
	if found {
		w.describe(&m, t, instance)
	} else {
		m.Why, m.Do = w.whyNoInstance(t)
		m.PowerWhy, m.HealthWhy = m.Why, m.Why
	}
	m.Routes = w.routesOf(m)
	m.Filters = append(w.groupFilters(t, m), w.aclOf(m))
	return m
}

// whyNoInstance says why the instance of a target was not found, and what to do
// about it: "" when the cloud did not tell.
func (w *ways) whyNoInstance(t target) (why, do string) {
	asked := w.named
	if t.ID == "" {
		asked = w.addressed
	}
	_, err := asked.list()
	switch {
	case err != nil:
		return err.Error(), ""
	case t.ID != "":
		return fmt.Sprintf("there is no instance %s in %s", t.ID, w.region.name), fmt.Sprintf("Mend the id of target %s in the file, or make the instance.", t.Name)
	}
	return fmt.Sprintf("no instance in %s has the address %s", t.vpc.Name, t.Address), fmt.Sprintf("Put the instance's id into the file as id of target %s, or mend its address.", t.Name)
}

// describe enters what an instance is.
func (w *ways) describe(m *survey.Machine, t target, instance types.Instance) {
	m.Ref, m.Network, m.Subnet = awssdk.ToString(instance.InstanceId), cmp.Or(awssdk.ToString(instance.VpcId), m.Network), awssdk.ToString(instance.SubnetId)
	if instance.Placement != nil {
		m.Zone = awssdk.ToString(instance.Placement.AvailabilityZone)
	}
	m.Power = survey.Stopped
	if instance.State != nil && instance.State.Name == types.InstanceStateNameRunning {
		m.Power = survey.Running
	}
	if card, found := cardOf(instance, t); found {
		m.Interface, m.Subnet = awssdk.ToString(card.NetworkInterfaceId), awssdk.ToString(card.SubnetId)
	}
	for _, card := range instance.NetworkInterfaces {
		m.Addresses = append(m.Addresses, addressesOf(card)...)
	}
	if address, err := netip.ParseAddr(awssdk.ToString(instance.PrivateIpAddress)); err == nil && !slices.Contains(m.Addresses, address) {
		m.Addresses = append(m.Addresses, address)
	}
	m.Health, m.HealthWhy = w.healthOf(m.Ref)
	if !slices.Contains(m.Addresses, t.Address) {
		m.Why = fmt.Sprintf("%s does not have the address %s", m.Ref, t.Address)
		m.Do = fmt.Sprintf("Mend address or id of target %s in the file.", t.Name)
	}
}

// cardOf is the network interface of an instance that has the target's address.
func cardOf(instance types.Instance, t target) (types.InstanceNetworkInterface, bool) {
	for _, card := range instance.NetworkInterfaces {
		if slices.Contains(addressesOf(card), t.Address) {
			return card, true
		}
	}
	return types.InstanceNetworkInterface{}, false
}

func addressesOf(card types.InstanceNetworkInterface) []netip.Addr {
	texts := []string{awssdk.ToString(card.PrivateIpAddress)}
	for _, more := range card.PrivateIpAddresses {
		texts = append(texts, awssdk.ToString(more.PrivateIpAddress))
	}
	var all []netip.Addr
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil && !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	return all
}

// healthOf is what the checks of EC2 say. Those that still run, or that a
// stopped instance does not have, say nothing.
func (w *ways) healthOf(id string) (survey.Health, string) {
	checks, err := w.checks.list()
	for _, check := range checks {
		if awssdk.ToString(check.InstanceId) != id {
			continue
		}
		both := []types.SummaryStatus{summary(check.SystemStatus), summary(check.InstanceStatus)}
		switch {
		case slices.Contains(both, types.SummaryStatusImpaired):
			return survey.Impaired, ""
		case both[0] == types.SummaryStatusOk && both[1] == types.SummaryStatusOk:
			return survey.Healthy, ""
		}
		return survey.HealthUnsaid, fmt.Sprintf("EC2's checks of %s say %s and %s", id, both[0], both[1])
	}
	return survey.HealthUnsaid, cmp.Or(whyNot(err), "EC2 tells of no checks of "+id)
}

func summary(s *types.InstanceStatusSummary) types.SummaryStatus {
	if s == nil {
		return "nothing"
	}
	return s.Status
}

// routesOf is the route table that a machine's subnet follows: its own, or the
// main one of its VPC.
func (w *ways) routesOf(m survey.Machine) survey.Table {
	tables, err := w.tables.list()
	table := survey.Table{Seen: w.seenNow(err)}
	if err != nil {
		return table
	}
	var main *types.RouteTable
	for i, t := range tables {
		for _, a := range t.Associations {
			switch {
			case m.Subnet != "" && awssdk.ToString(a.SubnetId) == m.Subnet:
				return w.vpcTable(t)
			case awssdk.ToBool(a.Main) && awssdk.ToString(t.VpcId) == m.Network:
				main = &tables[i]
			}
		}
	}
	switch {
	case m.Subnet == "":
		table.Why = "its subnet is not known: " + m.Why
	case main == nil:
		table.Why = fmt.Sprintf("no route table of %s is for %s", m.Network, m.Subnet)
	default:
		return w.vpcTable(*main)
	}
	return table
}

// vpcTable is a route table of a VPC.
func (w *ways) vpcTable(t types.RouteTable) survey.Table {
	table := survey.Table{Seen: w.seenNow(nil), ID: awssdk.ToString(t.RouteTableId)}
	for _, route := range t.Routes {
		next, via := hopOf(route)
		if list := awssdk.ToString(route.DestinationPrefixListId); list != "" && next != nextEndpoint {
			table.Why = fmt.Sprintf("%s has a route to the prefix list %s, whose prefixes are not read", table.ID, list)
		}
		prefix, err := netip.ParsePrefix(cmp.Or(awssdk.ToString(route.DestinationCidrBlock), awssdk.ToString(route.DestinationIpv6CidrBlock)))
		if err != nil {
			continue
		}
		r := survey.Route{Prefix: prefix.Masked(), Next: next, Source: origins[route.Origin], State: stateOf(string(route.State))}
		if via != "" {
			r.Via = []string{via}
		}
		table.Routes = append(table.Routes, r)
	}
	return table
}

// origins are the sources of routes as EC2 calls them.
var origins = map[types.RouteOrigin]survey.Source{
	types.RouteOriginCreateRouteTable: survey.Default, types.RouteOriginCreateRoute: survey.User,
	types.RouteOriginEnableVgwRoutePropagation: survey.Propagated, types.RouteOriginAdvertisement: survey.Propagated,
}

// nextEndpoint is a gateway endpoint: a way to a service of AWS, whose prefixes
// are none of the link's.
const nextEndpoint survey.Next = "vpc-endpoint"

// hopOf is the next hop of a route of a VPC.
func hopOf(route types.Route) (survey.Next, string) {
	gateway := awssdk.ToString(route.GatewayId)
	kind, _, _ := strings.Cut(gateway, "-")
	for _, hop := range []struct {
		next survey.Next
		via  string
		is   bool
	}{
		{survey.NextLocal, gateway, gateway == "local"},
		{survey.NextInternet, gateway, kind == "igw"},
		{survey.NextGateway, gateway, kind == "vgw"},
		{nextEndpoint, gateway, kind == "vpce"},
		{survey.NextTGW, awssdk.ToString(route.TransitGatewayId), true},
		{survey.NextPeering, awssdk.ToString(route.VpcPeeringConnectionId), true},
		{survey.NextAppliance, awssdk.ToString(route.InstanceId), true},
		{survey.NextAppliance, awssdk.ToString(route.NetworkInterfaceId), true},
		{survey.NextInternet, awssdk.ToString(route.NatGatewayId), true},
		{survey.NextInternet, awssdk.ToString(route.EgressOnlyInternetGatewayId), true},
	} {
		if hop.is && hop.via != "" {
			return hop.next, hop.via
		}
	}
	return survey.NextOther, cmp.Or(gateway, awssdk.ToString(route.LocalGatewayId), awssdk.ToString(route.CarrierGatewayId), awssdk.ToString(route.CoreNetworkArn))
}
