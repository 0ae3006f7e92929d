package aws

import "net/netip"

// covers tells whether a prefix contains another, or is the same.
func covers(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// related makes the filter that compares a route's destination with each of
// the wanted ones.
func related(test func(route, wanted netip.Prefix) bool) func([]string) (func(gatewayRouteItem) bool, error) {
	return func(values []string) (func(gatewayRouteItem) bool, error) {
		wanted, err := parsePrefixes(values)
		if err != nil {
			return nil, err
		}
		return func(r gatewayRouteItem) bool {
			destination := netip.MustParsePrefix(r.Destination)
			for _, w := range wanted {
				if test(destination, w) {
					return true
				}
			}
			return false
		}, nil
	}
}

// longest makes the filter that keeps the most specific route for a wanted
// destination.
func longest(all []gatewayRouteItem) func([]string) (func(gatewayRouteItem) bool, error) {
	return func(values []string) (func(gatewayRouteItem) bool, error) {
		wanted, err := parsePrefixes(values)
		if err != nil {
			return nil, err
		}
		winners := map[string]bool{}
		for _, w := range wanted {
			best, bits := "", -1
			for _, r := range all {
				destination := netip.MustParsePrefix(r.Destination)
				if covers(destination, w) && destination.Bits() > bits {
					best, bits = r.Destination, destination.Bits()
				}
			}
			winners[best] = true
		}
		return func(r gatewayRouteItem) bool { return winners[r.Destination] }, nil
	}
}

// parsePrefixes reads prefixes, or addresses as prefixes of one address.
func parsePrefixes(values []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, value := range values {
		if address, err := netip.ParseAddr(value); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(value)
		if err != nil {
			return nil, badValue("%s is not a valid CIDR block", value)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}
