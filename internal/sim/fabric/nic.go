package fabric

import (
	"cmp"
	"net/netip"
	"slices"
)

// Azure gives every network interface routes to nowhere for the private
// ranges; what is more specific or learned wins over them.
var nowhere = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
}

var anywhere = netip.MustParsePrefix("0.0.0.0/0")

// sourceRanks is who wins among routes of the same prefix.
var sourceRanks = map[string]int{"User": 0, "VirtualNetworkGateway": 1, "Default": 2}

// NICRoutes lists the effective routes of a network interface, in order of
// prefix and with the winner of each first.
func (f *Fabric) NICRoutes(nic string) []NICRoute {
	vm, stands := f.vmsByNIC[fold(nic)]
	if !stands {
		return nil
	}
	key := fold(vm.VNet + "|" + vm.Subnet)
	if routes, known := f.nicRoutes[key]; known {
		return routes
	}
	vnet := f.vnets[fold(vm.VNet)]
	subnet := vnet.subnet(vm.Subnet)
	routes := append(defaultRoutes(vnet), f.gatewayRoutes(vnet, subnet)...)
	for _, route := range subnet.Routes {
		routes = append(routes, NICRoute{Prefix: route.Prefix, Source: "User", NextHopType: route.NextHop, Table: route.Table, Name: route.Name, Address: route.Address})
	}
	slices.SortStableFunc(routes, func(a, b NICRoute) int {
		return cmp.Or(comparePrefixes(a.Prefix, b.Prefix), cmp.Compare(sourceRanks[a.Source], sourceRanks[b.Source]))
	})
	for i := range routes {
		routes[i].State, routes[i].Closed = "Active", subnet.NoGatewayRoute
		if i > 0 && routes[i].Prefix == routes[i-1].Prefix {
			routes[i].State = "Invalid"
		}
	}
	f.nicRoutes[key] = routes
	return routes
}

func defaultRoutes(vnet VNet) []NICRoute {
	var routes []NICRoute
	for _, prefix := range vnet.Prefixes {
		routes = append(routes, NICRoute{Prefix: prefix, Source: "Default", NextHopType: "VnetLocal"})
	}
	routes = append(routes, NICRoute{Prefix: anywhere, Source: "Default", NextHopType: "Internet"})
	for _, prefix := range nowhere {
		if !slices.Contains(vnet.Prefixes, prefix) {
			routes = append(routes, NICRoute{Prefix: prefix, Source: "Default", NextHopType: "None"})
		}
	}
	return routes
}

// gatewayRoutes are the hub's routes as the VNet learns them. A hub cannot
// tell a VNet a route to itself or to a part of itself.
func (f *Fabric) gatewayRoutes(vnet VNet, subnet AzureSubnet) []NICRoute {
	if !vnet.Connected || !vnet.Associated || subnet.NoGatewayRoute {
		return nil
	}
	var routes []NICRoute
	for _, route := range f.HubRoutes(vnet.Hub) {
		inside := slices.ContainsFunc(vnet.Prefixes, func(own netip.Prefix) bool {
			return own.Contains(route.Prefix.Addr()) && own.Bits() <= route.Prefix.Bits()
		})
		if !inside {
			routes = append(routes, NICRoute{Prefix: route.Prefix, Source: "VirtualNetworkGateway", NextHopType: "VirtualNetworkGateway"})
		}
	}
	return routes
}

// nicRoute is the effective route of a machine towards an address. The winner
// of a prefix is listed first, and longest takes the first of equals.
func (f *Fabric) nicRoute(vm VM, to netip.Addr) (NICRoute, bool) {
	return longest(f.NICRoutes(vm.NIC), func(route NICRoute) netip.Prefix { return route.Prefix }, to)
}
